//! One page: shown, waited for, taken down.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use pressmark_archive::ports::fetch::{
    Exchange, FetchPolicy, FetchRequest, FetchedPage, Purpose, Validators,
};
use pressmark_archive::ports::render::RenderFailure;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::link::{Event, Link, text};
use super::shelf::Shelf;
use super::supply::{Asked, Reply, Supply};
use crate::client::Fetcher;

/// A page that has asked for nothing and changed nothing for so long has come to rest.
const QUIET: Duration = Duration::from_millis(600);
/// How often it is looked whether a page has changed.
const LOOK: Duration = Duration::from_millis(150);

/// A page to be shown.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) page: &'a FetchedPage,
    pub(super) policy: &'a FetchPolicy,
    pub(super) fetcher: &'a Fetcher,
    pub(super) shelf: &'a Shelf,
    /// When what it shows is taken, at rest or not.
    pub(super) until: Instant,
}

/// How far a page has come.
#[derive(Debug, Clone, Copy)]
struct Progress {
    loaded: bool,
    /// Requests that are not answered yet.
    waiting: usize,
    /// When something was asked or answered last.
    stirred: Instant,
}

/// A browser context, with cookies and storage of its own. It is closed when this is dropped.
struct Context<'a> {
    link: &'a Link,
    id: String,
}

/// A page in its context.
struct Tab<'a> {
    link: &'a Link,
    session: String,
    /// Its main frame.
    frame: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paused {
    request_id: String,
    request: PausedRequest,
    #[serde(default)]
    frame_id: String,
    #[serde(default)]
    resource_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PausedRequest {
    url: String,
    method: String,
    #[serde(default)]
    headers: Map<String, Value>,
    post_data_entries: Option<Vec<Posted>>,
}

/// A part of what is posted; a file has no bytes here.
#[derive(Deserialize)]
struct Posted {
    bytes: Option<String>,
}

impl Order<'_> {
    /// Shows the page; gives the document as it stands at the end, and the data that it asked for.
    pub(super) async fn show(&self, link: &Link) -> Result<(Bytes, Vec<Exchange>), RenderFailure> {
        let request = FetchRequest {
            url: self.page.final_url.clone(),
            purpose: Purpose::Article,
            validators: Validators::default(),
            policy: self.policy.clone(),
            patience: Duration::ZERO,
        };
        let plan = self.fetcher.plan(&request, None);
        let plan = plan.map_err(|failure| failed(failure.to_string()))?;
        let supply = Supply::new(self.fetcher, self.shelf, &plan, self.page);

        let context = Context::open(link).await?;
        let tab = context.tab().await?;
        let mut events = link.listen(&tab.session);
        tab.set_up(self.page, self.policy, plan.user_agent).await?;
        let progress = watch::Sender::new(Progress {
            loaded: false,
            waiting: 0,
            stirred: Instant::now(),
        });
        let html = tokio::select! {
            html = self.watch(&tab, &progress) => html?,
            () = tab.serve(&supply, &mut events, &progress) => return Err(failed("it ended")),
        };
        if html.len() > plan.max_bytes {
            let limit = u64::try_from(plan.max_bytes).unwrap_or(u64::MAX);
            return Err(RenderFailure::TooLarge { limit });
        }
        Ok((html.into(), supply.exchanges()))
    }

    /// Waits until the page has come to rest, and takes down what it shows.
    async fn watch(
        &self,
        tab: &Tab<'_>,
        progress: &watch::Sender<Progress>,
    ) -> Result<String, RenderFailure> {
        let address = self.page.final_url.without_fragment();
        let moved = tab.call("Page.navigate", json!({ "url": address.as_str() }));
        let moved = moved.await?;
        if let Some(error) = moved.get("errorText").and_then(Value::as_str) {
            return Err(failed(error));
        }
        let rest = async {
            let mut seen = (0, Instant::now());
            loop {
                tokio::time::sleep(LOOK).await;
                let now = *progress.borrow();
                let nodes = tab.nodes().await?;
                if nodes != seen.0 {
                    seen = (nodes, Instant::now());
                }
                let is_still = seen.1.elapsed() >= QUIET && now.stirred.elapsed() >= QUIET;
                if now.loaded && now.waiting == 0 && is_still {
                    return Ok(());
                }
            }
        };
        // A page that never rests is taken as it is.
        tokio::time::timeout_at(self.until, rest)
            .await
            .unwrap_or(Ok(()))?;
        tab.document().await
    }
}

impl<'a> Context<'a> {
    /// A context that may neither download nor do anything that asks for leave.
    async fn open(link: &'a Link) -> Result<Self, RenderFailure> {
        let made = link.call(
            "Target.createBrowserContext",
            None,
            json!({ "disposeOnDetach": true }),
        );
        let id = text(&made.await?, "browserContextId").to_owned();
        let context = Self { link, id };
        let id = &context.id;
        let downloads = json!({ "behavior": "deny", "browserContextId": id });
        link.call("Browser.setDownloadBehavior", None, downloads)
            .await?;
        // What is not granted here is denied.
        let permissions = json!({ "permissions": [], "browserContextId": id });
        link.call("Browser.grantPermissions", None, permissions)
            .await?;
        Ok(context)
    }

    async fn tab(&self) -> Result<Tab<'a>, RenderFailure> {
        let target = json!({
            "url": "about:blank", "browserContextId": self.id, "width": 1280, "height": 2000,
        });
        let made = self.link.call("Target.createTarget", None, target).await?;
        let frame = text(&made, "targetId").to_owned();
        let attach = json!({ "targetId": frame, "flatten": true });
        let attached = self
            .link
            .call("Target.attachToTarget", None, attach)
            .await?;
        Ok(Tab {
            link: self.link,
            session: text(&attached, "sessionId").to_owned(),
            frame,
        })
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        let context = json!({ "browserContextId": self.id });
        self.link
            .tell("Target.disposeBrowserContext", None, context);
    }
}

impl Tab<'_> {
    async fn call(&self, method: &str, params: Value) -> Result<Value, RenderFailure> {
        self.link.call(method, Some(&self.session), params).await
    }

    async fn set_up(
        &self,
        page: &FetchedPage,
        policy: &FetchPolicy,
        user_agent: &str,
    ) -> Result<(), RenderFailure> {
        let language = policy
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("accept-language"));
        let mut agent = json!({ "userAgent": user_agent });
        if let (Some(agent), Some((_, language))) = (agent.as_object_mut(), language) {
            agent.insert("acceptLanguage".to_owned(), json!(language));
        }
        let cookies: Vec<Value> = policy
            .cookie
            .iter()
            .flat_map(|cookie| cookie.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .map(|(name, value)| json!({ "name": name, "value": value, "url": page.final_url.as_str() }))
            .collect();
        for (method, params) in [
            ("Page.enable", json!({})),
            ("Performance.enable", json!({})),
            ("Emulation.setUserAgentOverride", agent),
            ("Network.setBypassServiceWorker", json!({ "bypass": true })),
            ("Network.setCookies", json!({ "cookies": cookies })),
            (
                "Fetch.enable",
                json!({ "patterns": [{ "urlPattern": "*" }] }),
            ),
        ] {
            self.call(method, params).await?;
        }
        Ok(())
    }

    /// Answers what the page asks for, and closes what it opens, as long as the browser lives.
    async fn serve(
        &self,
        supply: &Supply<'_>,
        events: &mut mpsc::UnboundedReceiver<Event>,
        progress: &watch::Sender<Progress>,
    ) {
        let mut answers = FuturesUnordered::new();
        loop {
            let event = tokio::select! {
                Some(()) = answers.next(), if !answers.is_empty() => {
                    progress.send_modify(|progress| {
                        progress.waiting = progress.waiting.saturating_sub(1);
                        progress.stirred = Instant::now();
                    });
                    continue;
                }
                event = events.recv() => event,
            };
            let Some(Event { method, params }) = event else {
                return;
            };
            match method.as_str() {
                "Fetch.requestPaused" => {
                    progress.send_modify(|progress| {
                        progress.waiting += 1;
                        progress.stirred = Instant::now();
                    });
                    answers.push(self.answer(supply, params));
                }
                "Page.loadEventFired" => progress.send_modify(|progress| progress.loaded = true),
                "Page.javascriptDialogOpening" => {
                    let no = json!({ "accept": false });
                    self.tell("Page.handleJavaScriptDialog", no);
                }
                "Inspector.targetCrashed" => return,
                _ => {}
            }
        }
    }

    fn tell(&self, method: &str, params: Value) {
        self.link.tell(method, Some(&self.session), params);
    }

    async fn answer(&self, supply: &Supply<'_>, params: Value) {
        let Ok(paused) = serde_json::from_value::<Paused>(params) else {
            return;
        };
        let headers = paused.request.headers.into_iter();
        let asked = Asked {
            url: paused.request.url,
            method: paused.request.method,
            headers: headers
                .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
                .collect(),
            posted: paused.request.post_data_entries.as_deref().map(posted),
            main: paused.frame_id == self.frame,
            kind: paused.resource_type,
        };
        let id = paused.request_id;
        match supply.answer(&asked).await {
            Reply::Answer {
                status,
                headers,
                body,
            } => {
                let headers: Vec<Value> = headers
                    .iter()
                    .map(|(name, value)| json!({ "name": name, "value": value }))
                    .collect();
                let answer = json!({
                    "requestId": id, "responseCode": status, "responseHeaders": headers,
                    "body": BASE64.encode(&body),
                });
                self.tell("Fetch.fulfillRequest", answer);
            }
            Reply::Continue => self.tell("Fetch.continueRequest", json!({ "requestId": id })),
            Reply::None(reason) => {
                let failure = json!({ "requestId": id, "errorReason": reason });
                self.tell("Fetch.failRequest", failure);
            }
        }
    }

    /// How many nodes the page has: while that changes, its scripts are at work.
    async fn nodes(&self) -> Result<u64, RenderFailure> {
        let measured = self.call("Performance.getMetrics", json!({})).await?;
        let metrics = measured.get("metrics").and_then(Value::as_array);
        let nodes = metrics
            .into_iter()
            .flatten()
            .find(|metric| text(metric, "name") == "Nodes")
            .and_then(|metric| metric.get("value")?.as_f64());
        Ok(nodes.map_or(0, f64::to_bits))
    }

    /// The document, taken down by the browser itself: scripts have no say in it.
    async fn document(&self) -> Result<String, RenderFailure> {
        let document = self.call("DOM.getDocument", json!({ "depth": 0 })).await?;
        let node = document.pointer("/root/nodeId").cloned();
        let mut taken = self
            .call("DOM.getOuterHTML", json!({ "nodeId": node }))
            .await?;
        match taken.get_mut("outerHTML").map(Value::take) {
            Some(Value::String(html)) => Ok(html),
            _ => Err(failed("it gave no document")),
        }
    }
}

fn posted(parts: &[Posted]) -> Bytes {
    let bytes = |part: &Posted| BASE64.decode(part.bytes.as_deref()?).ok();
    parts.iter().filter_map(bytes).flatten().collect()
}

fn failed(detail: impl Into<String>) -> RenderFailure {
    RenderFailure::Browser {
        detail: detail.into(),
    }
}

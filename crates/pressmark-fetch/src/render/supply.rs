//! Answers to what a page asks for while it is shown, within a budget.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use pressmark_archive::ports::fetch::{Exchange, FetchFailure, FetchedPage};
use pressmark_model::WebUrl;
use tokio::sync::Semaphore;

use super::shelf::Shelf;
use crate::client::Fetcher;
use crate::exchange::{Answer, SizeLimit};
use crate::headers;
use crate::plan::Plan;

/// So many requests of a page are under way at a time, as in a browser.
const AT_A_TIME: usize = 6;
/// The most requests of one page.
const MOST_REQUESTS: usize = 300;
/// The most hosts that one page asks.
const MOST_HOSTS: usize = 40;
/// The most that one page receives, in bytes after decoding.
const MOST_BYTES: usize = 48 << 20;
/// The largest single answer, in bytes after decoding.
const LARGEST: usize = 12 << 20;
/// The most data of one page that is archived with it, in bytes.
const MOST_KEPT: usize = 4 << 20;

/// A picture of one transparent pixel (GIF89a): pictures are not needed to read a text, and one
/// that fails may be replaced by the page.
const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;";

/// Fields of an answer that describe how it was sent, or bind the browser to more than this page.
const NOT_PASSED: [&str; 10] = [
    "content-encoding",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "alt-svc",
    "strict-transport-security",
    "report-to",
    "reporting-endpoints",
    "nel",
];
/// Fields of the page's own answer that are passed: what decides how it is read and what it may do.
const PASSED_OF_PAGE: [&str; 5] = [
    "content-type",
    "content-language",
    "content-security-policy",
    "referrer-policy",
    "set-cookie",
];

/// What a page asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) url: String,
    pub(super) method: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) posted: Option<Bytes>,
    /// What it is to the browser, such as `Script`.
    pub(super) kind: String,
    /// Whether it is to be shown in the place of the page itself.
    pub(super) main: bool,
}

/// What the browser is told.
#[derive(Debug)]
pub(super) enum Reply {
    /// This is the answer.
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: Bytes,
    },
    /// It needs no network.
    Continue,
    /// There is none, for this reason of the protocol's.
    None(&'static str),
}

/// Answers the requests of one page.
#[derive(Debug)]
pub(super) struct Supply<'a> {
    fetcher: &'a Fetcher,
    shelf: &'a Shelf,
    plan: &'a Plan<'a>,
    page: &'a FetchedPage,
    under_way: Semaphore,
    spent: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    is_shown: bool,
    requests: usize,
    bytes: usize,
    hosts: HashSet<String>,
    kept: Vec<Exchange>,
    kept_bytes: usize,
}

impl<'a> Supply<'a> {
    pub(super) fn new(
        fetcher: &'a Fetcher,
        shelf: &'a Shelf,
        plan: &'a Plan<'a>,
        page: &'a FetchedPage,
    ) -> Self {
        Self {
            fetcher,
            shelf,
            plan,
            page,
            under_way: Semaphore::new(AT_A_TIME),
            spent: Mutex::default(),
        }
    }

    /// The data that was asked for.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.spent().kept)
    }

    /// Answers a request. Where the browser would go elsewhere, or show a frame, there is nothing.
    pub(super) async fn answer(&self, asked: &Asked) -> Reply {
        match (asked.kind.as_str(), asked.method.as_str()) {
            _ if asked.url.starts_with("data:") || asked.url.starts_with("blob:") => {
                Reply::Continue
            }
            ("Document", _) => self.document(asked),
            ("Image", _) => answer(200, "image/gif", PIXEL),
            ("Ping", _) => answer(204, "text/plain", b""),
            (_, "OPTIONS") => preflight(asked),
            (
                "Media" | "Font" | "TextTrack" | "Manifest" | "CSPViolationReport" | "Prefetch",
                _,
            ) => Reply::None("BlockedByClient"),
            (_, "GET" | "POST") if !asked.url.ends_with("/favicon.ico") => {
                self.fetched(asked).await
            }
            _ => Reply::None("BlockedByClient"),
        }
    }

    /// The page itself, once.
    fn document(&self, asked: &Asked) -> Reply {
        let is_page = asked.main && asked.url == self.page.final_url.without_fragment().as_str();
        if !is_page || std::mem::replace(&mut self.spent().is_shown, true) {
            return answer(204, "text/plain", b"");
        }
        let passed = |(name, _): &&(String, String)| {
            PASSED_OF_PAGE
                .iter()
                .any(|passed| name.eq_ignore_ascii_case(passed))
        };
        Reply::Answer {
            status: 200,
            headers: self.page.headers.iter().filter(passed).cloned().collect(),
            body: self.page.body.clone(),
        }
    }

    async fn fetched(&self, asked: &Asked) -> Reply {
        let Ok(url) = asked.url.parse::<WebUrl>() else {
            return Reply::None("BlockedByClient");
        };
        let origin = asked.headers.iter().find(|(name, _)| name == "Origin");
        let key = format!("{} {url}", origin.map_or("", |(_, origin)| origin.as_str()));
        let shared = matches!(asked.kind.as_str(), "Script" | "Stylesheet");
        if shared && let Some(kept) = self.shelf.take(&key) {
            return passed(kept.status, kept.headers, kept.body);
        }
        let Some(limit) = self.admit(&url) else {
            tracing::debug!(%url, page = %self.page.final_url, "over the budget of a page");
            return Reply::None("BlockedByClient");
        };
        match self.ask(&url, asked, limit).await {
            Ok(found) => {
                if shared {
                    self.shelf.keep(&key, &found);
                }
                self.note(asked, &found);
                passed(found.status, found.headers, found.body)
            }
            Err(failure) => {
                tracing::debug!(%url, %failure, "a page's request failed");
                Reply::None(reason(&failure))
            }
        }
    }

    async fn ask(&self, url: &WebUrl, asked: &Asked, limit: usize) -> Result<Answer, FetchFailure> {
        // The semaphore is never closed.
        let _turn = self.under_way.acquire().await.ok();
        let policy = &self.plan.request.policy;
        let home = url.origin() == self.page.final_url.origin();
        let own = home.then_some(policy);
        let headers = headers::for_page(url, self.plan.user_agent, own, &asked.headers)?;
        let posted = match asked.method.as_str() {
            "POST" => Some(asked.posted.clone().unwrap_or_default()),
            _ => None,
        };
        self.fetcher
            .exchange(self.plan, url, headers, posted, SizeLimit::Whole(limit))
            .await
    }

    /// Takes a request from the budget; how many bytes its answer may have.
    fn admit(&self, url: &WebUrl) -> Option<usize> {
        let mut spent = self.spent();
        spent.requests += 1;
        spent.hosts.insert(url.host().to_owned());
        let left = MOST_BYTES.saturating_sub(spent.bytes);
        let within = spent.requests <= MOST_REQUESTS && spent.hosts.len() <= MOST_HOSTS && left > 0;
        within.then_some(left.min(LARGEST))
    }

    fn note(&self, asked: &Asked, found: &Answer) {
        let mut spent = self.spent();
        spent.bytes += found.body.len();
        let size = found.exchange.response.len();
        let is_data = matches!(asked.kind.as_str(), "XHR" | "Fetch")
            && (200..300).contains(&found.status)
            && spent.kept_bytes + size <= MOST_KEPT;
        if is_data {
            spent.kept_bytes += size;
            spent.kept.push(found.exchange.clone());
        }
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was fetched, as the browser is to have it: decoded, and redirects as they are, so that
/// each step is judged anew.
fn passed(status: u16, mut headers: Vec<(String, String)>, body: Bytes) -> Reply {
    headers.retain(|(name, _)| {
        !NOT_PASSED
            .iter()
            .any(|other| name.eq_ignore_ascii_case(other))
    });
    Reply::Answer {
        status,
        headers,
        body,
    }
}

fn answer(status: u16, content_type: &str, body: &'static [u8]) -> Reply {
    Reply::Answer {
        status,
        headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
        body: Bytes::from_static(body),
    }
}

/// Whether a page may ask another origin (Fetch standard, 3.3) is not asked: there is nobody's
/// browser whose cookies could be abused. The answer itself is still judged by its own fields.
fn preflight(asked: &Asked) -> Reply {
    let of = |wanted: &str| {
        let field = asked
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        field.map_or(String::new(), |(_, value)| value.clone())
    };
    let fields = [
        ("Access-Control-Allow-Origin", of("origin")),
        ("Access-Control-Allow-Credentials", "true".to_owned()),
        (
            "Access-Control-Allow-Methods",
            of("access-control-request-method"),
        ),
        (
            "Access-Control-Allow-Headers",
            of("access-control-request-headers"),
        ),
    ];
    Reply::Answer {
        status: 204,
        headers: fields
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec(),
        body: Bytes::new(),
    }
}

/// What the protocol calls a failure (`Network.ErrorReason`).
fn reason(failure: &FetchFailure) -> &'static str {
    match failure {
        FetchFailure::Dns { .. } => "NameNotResolved",
        FetchFailure::Timeout { .. } => "TimedOut",
        FetchFailure::PrivateNetwork { .. } => "AddressUnreachable",
        FetchFailure::Connect { .. } => "ConnectionRefused",
        FetchFailure::Cut => "ConnectionClosed",
        _ => "Failed",
    }
}

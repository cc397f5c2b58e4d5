//! The browser that shows pages whose text is made by scripts.
//!
//! It has no network. Chromium is started so that every name is unknown to it and every
//! connection goes to a proxy that does not exist; what a page asks for is held up over the
//! `DevTools` protocol and answered by the one client, behind the same resolver, guard and proxy as
//! everything else. What escapes that (WebSocket, WebRTC, WebTransport, prefetching) finds nothing.
//! The page itself is the answer that was fetched and recorded before: it is not asked for again.

mod link;
mod page;
mod process;
mod shelf;
mod supply;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use pressmark_archive::ports::fetch::{FetchPolicy, FetchedPage};
use pressmark_archive::ports::render::{Render, RenderFailure, Rendered};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use self::link::Link;
use self::process::Process;
use self::shelf::Shelf;
use crate::client::Fetcher;

/// So many pages are shown at a time.
const PAGES_AT_A_TIME: usize = 2;
/// A browser that has shown so many pages is replaced: what leaks in it is given back.
const PAGES_OF_A_BROWSER: u32 = 100;
/// A browser that has had nothing to do for so long is ended.
const IDLE: Duration = Duration::from_mins(1);
/// How much longer than the time for the page's scripts it may take to set up and to take down.
const GRACE: Duration = Duration::from_secs(6);

/// The settings of a [`Renderer`].
#[derive(Debug, Clone)]
pub struct RenderConfig {
    /// The program: Chromium or Chrome.
    pub browser: PathBuf,
    /// Where the browser's throw-away profiles are made.
    pub profiles: PathBuf,
    /// Whether the browser keeps its sandbox. It does not start in it as root.
    pub sandbox: bool,
    /// How long a page may take until it has come to rest; then what it shows is taken.
    pub timeout: Duration,
}

/// The port [`Render`] over an installed Chromium, which is started when it is needed first.
#[derive(Debug)]
pub struct Renderer {
    config: RenderConfig,
    fetcher: Arc<Fetcher>,
    shelf: Shelf,
    slots: Semaphore,
    current: Arc<Mutex<Option<Arc<Browser>>>>,
}

/// A running browser. It ends when this is dropped.
#[derive(Debug)]
struct Browser {
    link: Arc<Link>,
    /// Its name and version.
    product: String,
    pages: AtomicU32,
    _process: Process,
}

impl Renderer {
    /// A renderer whose pages fetch through this client.
    pub fn new(config: RenderConfig, fetcher: Arc<Fetcher>) -> Self {
        Self {
            config,
            fetcher,
            shelf: Shelf::default(),
            slots: Semaphore::new(PAGES_AT_A_TIME),
            current: Arc::default(),
        }
    }

    /// The running browser, else a new one.
    async fn browser(&self) -> Result<Arc<Browser>, RenderFailure> {
        let mut current = self.current.lock().await;
        if let Some(browser) = &*current
            && browser.link.is_open()
            && browser.pages.fetch_add(1, Ordering::Relaxed) < PAGES_OF_A_BROWSER
        {
            return Ok(Arc::clone(browser));
        }
        let browser = Arc::new(Browser::start(&self.config).await?);
        tracing::debug!(browser = browser.product, "browser started");
        *current = Some(Arc::clone(&browser));
        Ok(browser)
    }

    /// Makes the next page have a new browser.
    async fn retire(&self, browser: &Arc<Browser>) {
        let mut current = self.current.lock().await;
        current.take_if(|current| Arc::ptr_eq(current, browser));
    }

    /// Ends the browser when it has had nothing to do for a while.
    fn end_when_idle(&self, browser: &Arc<Browser>) {
        let (current, browser) = (Arc::downgrade(&self.current), Arc::downgrade(browser));
        let seen = browser
            .upgrade()
            .map(|browser| browser.pages.load(Ordering::Relaxed));
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            if let (Some(current), Some(browser)) = (current.upgrade(), browser.upgrade())
                && seen == Some(browser.pages.load(Ordering::Relaxed))
            {
                let mut current = current.lock().await;
                current.take_if(|current| Arc::ptr_eq(current, &browser));
            }
        });
    }
}

#[async_trait]
impl Render for Renderer {
    async fn render(
        &self,
        page: &FetchedPage,
        policy: &FetchPolicy,
    ) -> Result<Rendered, RenderFailure> {
        let begun = Instant::now();
        // The semaphore is never closed.
        let _slot = self.slots.acquire().await.ok();
        let browser = self.browser().await?;
        let order = page::Order {
            page,
            policy,
            fetcher: &self.fetcher,
            shelf: &self.shelf,
            until: Instant::now() + self.config.timeout,
        };
        let shown = order.show(&browser.link);
        let shown = tokio::time::timeout(self.config.timeout + GRACE, shown).await;
        let shown = shown.unwrap_or(Err(RenderFailure::Timeout));
        match &shown {
            Err(RenderFailure::Timeout | RenderFailure::Browser { .. }) => {
                self.retire(&browser).await;
            }
            _ => self.end_when_idle(&browser),
        }
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let failure = shown.as_ref().err();
        tracing::debug!(url = %page.final_url, ?failure, millis, "rendered");
        let (html, exchanges) = shown?;
        Ok(Rendered {
            at: self.fetcher.clock.now(),
            html,
            browser: browser.product.clone(),
            exchanges,
        })
    }
}

impl Browser {
    async fn start(config: &RenderConfig) -> Result<Self, RenderFailure> {
        let (process, link) = Process::start(config)?;
        let version = tokio::time::timeout(GRACE, link.call("Browser.getVersion", None, ()));
        match version.await {
            Ok(Ok(version)) => Ok(Self {
                link: Arc::new(link),
                product: link::text(&version, "product").to_owned(),
                pages: AtomicU32::new(1),
                _process: process,
            }),
            Ok(Err(_)) | Err(_) => Err(RenderFailure::Start {
                detail: process.last_words(),
            }),
        }
    }
}

//! The port to a browser: what a page shows once its scripts have run.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use pressmark_model::Timestamp;
use serde::{Deserialize, Serialize};

use super::fetch::{Exchange, FetchPolicy, FetchedPage, Validators};

/// The type of a document as it stood after its scripts had run.
pub(crate) const RENDERED_TYPE: &str = "text/html; charset=utf-8";

/// Shows a page that was fetched as a browser does.
#[async_trait]
pub trait Render: Send + Sync + fmt::Debug {
    /// Shows the page. It is not fetched again; what its scripts ask for is fetched as the source
    /// wants it. Every fault of the world is a [`RenderFailure`]. Dropping the future ends it.
    async fn render(
        &self,
        page: &FetchedPage,
        policy: &FetchPolicy,
    ) -> Result<Rendered, RenderFailure>;
}

/// What a page showed.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// When it was taken down.
    pub at: Timestamp,
    /// The document as it stood then, in UTF-8.
    pub html: Bytes,
    /// The browser and its version, such as `Chrome/140.0.7339.80`.
    pub browser: String,
    /// The data that the page's scripts asked for.
    pub exchanges: Vec<Exchange>,
}

impl Rendered {
    /// The page that was rendered, with what it showed in the place of its body.
    #[must_use]
    pub fn page(&self, page: &FetchedPage) -> FetchedPage {
        let mut shown = page.clone();
        shown.body = self.html.clone();
        shown
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        let content_type = ("Content-Type".to_owned(), RENDERED_TYPE.to_owned());
        shown.headers.push(content_type);
        // That the page itself is the same says nothing of what its scripts make of it.
        shown.validators = Validators::default();
        shown
    }
}

/// Why a page was not rendered. Stored with its entry, and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RenderFailure {
    /// Rendering is not configured.
    Off,
    /// The browser could not be started.
    Start {
        /// What it said.
        detail: String,
    },
    /// The browser ended, or refused what it was asked.
    Browser {
        /// What it said.
        detail: String,
    },
    /// The page kept the browser busy beyond the time limit.
    Timeout,
    /// The document that the scripts made is over the limit.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
}

impl RenderFailure {
    /// What the person can do about it, in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Off => {
                "install Chromium and set `[render] enabled = true`, or `set SOURCE render=never`"
            }
            Self::Start { detail } if detail.contains("sandbox") => {
                "run Pressmark as another user than root, or, if the machine itself is a sandbox, set `[render] sandbox = false`"
            }
            Self::Start { .. } => {
                "check that `[render] browser` names a Chromium that starts on this machine"
            }
            Self::Browser { .. } => "it is tried again with a new browser",
            Self::Timeout => "raise `[render] timeout`, or `set SOURCE render=never`",
            Self::TooLarge { .. } => {
                "raise `max_page_bytes` for this source if the page is worth it"
            }
        }
    }
}

impl fmt::Display for RenderFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("the page needs a browser, and rendering is off"),
            Self::Start { detail } => write!(f, "the browser could not be started: {detail}"),
            Self::Browser { detail } => write!(f, "the browser failed: {detail}"),
            Self::Timeout => f.write_str("the page kept the browser busy for too long"),
            Self::TooLarge { limit } => {
                write!(f, "what the page shows is larger than {limit} bytes")
            }
        }
    }
}

//! Why a source or an entry gave nothing: kept with it, and shown.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ports::fetch::FetchFailure;
use crate::ports::render::RenderFailure;

/// What went wrong with a source or an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum Failure {
    /// It could not be fetched.
    Fetch {
        /// Why not.
        failure: FetchFailure,
    },
    /// The document is no feed.
    NotAFeed {
        /// What it is instead.
        found: String,
    },
    /// The answer is no page of text.
    NotAPage {
        /// What it is instead.
        found: String,
    },
    /// The page has no article in it.
    NoArticle {
        /// What was seen.
        reason: String,
    },
    /// The page asks to log in.
    LoginWall {
        /// What told.
        sign: String,
    },
    /// The page is made by scripts, and could not be rendered.
    Render {
        /// Why not.
        failure: Box<RenderFailure>,
    },
    /// The entry has no link.
    NoLink,
    /// The article was redacted: it is not archived again.
    Redacted,
}

impl Failure {
    /// Whether the same request may well succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Fetch { failure } => failure.is_transient(),
            Self::NotAFeed { .. } | Self::LoginWall { .. } | Self::Render { .. } => true,
            Self::NotAPage { .. } | Self::NoArticle { .. } | Self::NoLink | Self::Redacted => false,
        }
    }

    /// A stable name for programs, such as `dns` or `not-a-feed`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Fetch { failure } => failure.kind(),
            Self::NotAFeed { .. } => "not-a-feed",
            Self::NotAPage { .. } => "not-a-page",
            Self::NoArticle { .. } => "no-article",
            Self::LoginWall { .. } => "login-wall",
            Self::Render { .. } => "render",
            Self::NoLink => "no-link",
            Self::Redacted => "redacted",
        }
    }

    /// What the person can do about it, in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Fetch { failure } => failure.hint(),
            Self::NotAFeed { .. } => "give the address of a feed, or of a page that names its feed",
            Self::NotAPage { .. } => "only web pages are archived; the entry itself is kept",
            Self::NoArticle { .. } => {
                "look at the page in a browser; `pressmark extract URL` shows what is found in it"
            }
            Self::LoginWall { .. } => "log in with a browser and set its `cookie` for this source",
            Self::Render { failure } => failure.hint(),
            Self::NoLink => "the feed gives nothing to fetch for this entry",
            Self::Redacted => "nothing: that is what redacting an article means",
        }
    }
}

impl From<FetchFailure> for Failure {
    fn from(failure: FetchFailure) -> Self {
        Self::Fetch { failure }
    }
}

impl From<RenderFailure> for Failure {
    fn from(failure: RenderFailure) -> Self {
        Self::Render {
            failure: Box::new(failure),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch { failure } => failure.fmt(f),
            Self::Render { failure } => failure.fmt(f),
            Self::NotAFeed { found } => write!(f, "not a feed: {found}"),
            Self::NotAPage { found } => write!(f, "not a web page: {found}"),
            Self::NoArticle { reason } => write!(f, "no article found: {reason}"),
            Self::LoginWall { sign } => write!(f, "the page asks to log in: {sign}"),
            Self::NoLink => f.write_str("the entry has no link"),
            Self::Redacted => f.write_str("the article was redacted"),
        }
    }
}

//! The port to the network: one request in, one outcome out. A failure is data, kept and shown.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use pressmark_model::{Timestamp, WebUrl};
use serde::{Deserialize, Serialize};

use crate::referrer::Referrer;

/// Fetches one address, politely: one request at a time and a gap per host, robots.txt where the
/// purpose asks for it, redirects followed, private networks refused.
#[async_trait]
pub trait Fetch: Send + Sync + fmt::Debug {
    /// Fetches. Every fault of the world is a [`FetchOutcome::Failed`]; nothing is retried except
    /// a `Retry-After` within [`FetchRequest::patience`]. Dropping the future ends the request.
    async fn fetch(&self, request: FetchRequest) -> FetchOutcome;

    /// Posts a message to an address, and is otherwise as [`Fetch::fetch`]. Only redirects that
    /// keep the method are followed (307, 308). It is sent again where an answer has a
    /// `Retry-After`, and never because a connection broke.
    async fn post(&self, request: FetchRequest, message: Message) -> FetchOutcome;
}

/// What is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its `Content-Type`.
    pub content_type: String,
    /// Its bytes.
    pub body: Bytes,
}

/// What to fetch, and how.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// The address.
    pub url: WebUrl,
    /// What it is fetched for.
    pub purpose: Purpose,
    /// What the last answer said to send back.
    pub validators: Validators,
    /// How the source wants it fetched.
    pub policy: FetchPolicy,
    /// How long a `Retry-After` is waited out before it is given back as a failure.
    pub patience: Duration,
}

/// What a request is for: it decides the place in the host's queue, the size limit and whether
/// robots.txt is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A feed that the user named: first in its host's queue, robots.txt not asked.
    Feed,
    /// The first capture of an article.
    Article,
    /// A listing page or a sitemap.
    Listing,
    /// Another visit to an article: at most every fifth place in its host's queue while others wait.
    Revisit,
    /// An image of an archived article: last in its host's queue.
    Image,
}

/// `ETag` and `Last-Modified` as the server wrote them (RFC 9110, 8.8).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Validators {
    /// The entity tag, quotes and weakness mark included.
    pub etag: Option<String>,
    /// The date as written.
    pub last_modified: Option<String>,
}

/// How one source wants its requests made; unset fields follow the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FetchPolicy {
    /// `http://`, `socks5://` or `socks5h://` address of a proxy; `Some("direct")` for none.
    pub proxy: Option<String>,
    /// The `User-Agent`.
    pub user_agent: Option<String>,
    /// Further request headers.
    pub headers: Vec<(String, String)>,
    /// The `Cookie` header.
    pub cookie: Option<String>,
    /// The page that shows what is asked for: each address on the way is told what it lets be told.
    pub referrer: Option<Referrer>,
    /// Fetch what robots.txt disallows.
    pub ignore_robots: bool,
    /// The least time between two requests to one host.
    pub per_host_gap: Option<Duration>,
    /// The time limit of one request.
    pub timeout: Option<Duration>,
    /// The largest decoded body, in bytes.
    pub max_bytes: Option<u64>,
}

/// What became of a request.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and mostly it is a page"
)]
pub enum FetchOutcome {
    /// 304: what we have is current.
    NotModified(NotModified),
    /// A 2xx answer with its whole body.
    Page(FetchedPage),
    /// Anything else.
    Failed(Failed),
}

/// A 304 answer.
#[derive(Debug, Clone)]
pub struct NotModified {
    /// When it was answered.
    pub at: Timestamp,
    /// The validators to send next time (those of the answer, else those that were sent).
    pub validators: Validators,
    /// How long it is fresh: `Cache-Control: max-age` less `Age`, else `Expires` less `Date`.
    pub max_age: Option<Duration>,
    /// See [`FetchedPage::moved_to`].
    pub moved_to: Option<WebUrl>,
}

/// A failed request, with the exchanges that did take place.
#[derive(Debug, Clone)]
pub struct Failed {
    /// When it failed.
    pub at: Timestamp,
    /// Why.
    pub failure: FetchFailure,
    /// The whole exchanges up to there, in order.
    pub exchanges: Vec<Exchange>,
}

/// A page as it was answered: bytes, never a decoded string.
#[derive(Debug, Clone)]
pub struct FetchedPage {
    /// The address that was asked for.
    pub url: WebUrl,
    /// The address that answered, after redirects.
    pub final_url: WebUrl,
    /// When the answer was complete.
    pub at: Timestamp,
    /// The status of the last answer, 200 to 299.
    pub status: u16,
    /// The header fields of the last answer in their order.
    pub headers: Vec<(String, String)>,
    /// The body with its content coding removed.
    pub body: Bytes,
    /// Every exchange, redirects included, in order; the last one is this page's.
    pub exchanges: Vec<Exchange>,
    /// The validators to send next time.
    pub validators: Validators,
    /// How long it is fresh: `Cache-Control: max-age` less `Age`, else `Expires` less `Date`.
    pub max_age: Option<Duration>,
    /// Where the address has moved for good: the end of the leading permanent redirects (301, 308).
    pub moved_to: Option<WebUrl>,
}

impl FetchedPage {
    /// The first value of a header field, its name without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// The `Content-Type`.
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }
}

/// One request and its answer, as they went over the wire.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The address that was asked for.
    pub url: WebUrl,
    /// When the request was sent.
    pub at: Timestamp,
    /// The socket address that answered: the proxy's, where there was one.
    pub remote: Option<SocketAddr>,
    /// Request line, header fields and body. Secrets (credentials, cookies) are left out.
    pub request: Bytes,
    /// Status line, header fields and body, transfer and content coding as received.
    pub response: Bytes,
    /// Whether the body was longer than what is kept of it (`WARC-Truncated: length`); never for
    /// a page, but long redirects and refusals are cut.
    pub truncated: bool,
}

/// Why there is no page. Stored with its source or entry, and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FetchFailure {
    /// The host name has no address.
    Dns {
        /// The name.
        host: String,
    },
    /// No connection.
    Connect {
        /// What the system said.
        detail: String,
    },
    /// No secure connection.
    Tls {
        /// What is wrong with it.
        detail: String,
    },
    /// Over the time limit.
    Timeout {
        /// `connect`, `headers` or `body`.
        phase: String,
    },
    /// The connection ended before the answer did.
    Cut,
    /// The decoded body is over the limit.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The body's coding is unknown, nested or broken.
    Coding {
        /// What is wrong with it.
        detail: String,
    },
    /// The answer is no HTTP.
    Protocol {
        /// What is wrong with it.
        detail: String,
    },
    /// A status that is neither 2xx nor a redirect.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`, in seconds from the answer.
        retry_after: Option<u64>,
    },
    /// The host asked to be left alone a while ago: nothing was sent.
    HostPaused {
        /// The status that it asked with, 429 or 503.
        status: u16,
        /// How many seconds are left.
        seconds: u64,
    },
    /// Too many redirects, a loop, or one that leads nowhere.
    Redirect {
        /// What is wrong with it.
        detail: String,
    },
    /// robots.txt disallows the address.
    RobotsDenied {
        /// The rule that does.
        rule: String,
    },
    /// robots.txt could not be read: nothing is known yet.
    RobotsUnreachable {
        /// Why not.
        detail: String,
    },
    /// The address is not on the public internet.
    PrivateNetwork {
        /// The address or name.
        address: String,
    },
    /// The page is not for readers in this region.
    Regional {
        /// The status.
        status: u16,
    },
    /// A page that asks for a browser or a human.
    BotChallenge {
        /// Whose, such as `Cloudflare`.
        by: String,
    },
    /// The proxy refused or failed.
    Proxy {
        /// What it said.
        detail: String,
    },
}

impl FetchFailure {
    /// Whether the same request may well succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Dns { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::Cut
            | Self::HostPaused { .. }
            | Self::Protocol { .. }
            | Self::RobotsUnreachable { .. }
            | Self::BotChallenge { .. }
            | Self::Regional { .. }
            | Self::Proxy { .. } => true,
            Self::Status { status, .. } => {
                matches!(status, 401 | 403 | 408 | 425 | 429 | 500..=599)
            }
            Self::TooLarge { .. }
            | Self::Coding { .. }
            | Self::Redirect { .. }
            | Self::RobotsDenied { .. }
            | Self::PrivateNetwork { .. } => false,
        }
    }

    /// Whether the server says that the address is gone for good.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Status { status: 410, .. })
    }

    /// How long the server asked to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => retry_after.map(Duration::from_secs),
            Self::HostPaused { seconds, .. } => Some(Duration::from_secs(*seconds)),
            _ => None,
        }
    }

    /// A stable name for programs, such as `private-network`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Cut => "cut",
            Self::TooLarge { .. } => "too-large",
            Self::Coding { .. } => "coding",
            Self::Protocol { .. } => "protocol",
            Self::Status { .. } => "status",
            Self::HostPaused { .. } => "host-paused",
            Self::Redirect { .. } => "redirect",
            Self::RobotsDenied { .. } => "robots-denied",
            Self::RobotsUnreachable { .. } => "robots-unreachable",
            Self::PrivateNetwork { .. } => "private-network",
            Self::Regional { .. } => "regional",
            Self::BotChallenge { .. } => "bot-challenge",
            Self::Proxy { .. } => "proxy",
        }
    }

    /// What the person can do about it, in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Dns { .. } => "check the spelling of the address and the machine's network",
            Self::Connect { .. } => {
                "the site may be down or blocked here; it is tried again, or set a `proxy` for this source"
            }
            Self::Tls { .. } => {
                "if the site uses a private authority, name its certificate in `[fetch] ca_file`; else wait until the site mends it"
            }
            Self::Timeout { .. } => "it is tried again; a slow site needs a longer `timeout`",
            Self::Cut => "nothing of it was kept; it is tried again",
            Self::TooLarge { .. } => {
                "raise `max_page_bytes` for this source if the page is worth it"
            }
            Self::Coding { .. } => "the server's answer cannot be unpacked; report it to the site",
            Self::Protocol { .. } => "check that the address is a web server's",
            Self::Status { status, .. } => match status {
                401 | 407 => "the site wants a log-in: set `cookie` or `headers` for this source",
                403 => {
                    "the site refuses this machine: try a `proxy`, a `user_agent` or a `cookie` for this source"
                }
                404 => "check the address, or ask the site's home page for its feed",
                410 => {
                    "the site says it is gone for good; remove the source or give its new address"
                }
                429 => "the site asks for fewer requests: raise `per_host_gap`",
                500..=599 => "the site has a fault of its own; it is tried again",
                _ => "look at the address in a browser",
            },
            Self::HostPaused { .. } => "nothing was sent; it is asked again when the time is over",
            Self::Redirect { .. } => "look at the address in a browser and add the one it ends at",
            Self::RobotsDenied { .. } => {
                "the site asks robots not to; `set SOURCE robots=ignore` if you may read it all the same"
            }
            Self::RobotsUnreachable { .. } => "it is asked again before anything else is fetched",
            Self::PrivateNetwork { .. } => {
                "only the public internet is fetched; name a network of your own in `[fetch] allow_networks`"
            }
            Self::Regional { .. } => {
                "the site refuses this region: set a `proxy` in another one for this source"
            }
            Self::BotChallenge { .. } => {
                "the site wants a browser: set the `cookie` of one that passed, or another `proxy`"
            }
            Self::Proxy { .. } => "check `proxy`, and that it lets this address through",
        }
    }
}

impl fmt::Display for FetchFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns { host } => write!(f, "no address found for the host `{host}`"),
            Self::Connect { detail } => write!(f, "no connection: {detail}"),
            Self::Tls { detail } => write!(f, "no secure connection: {detail}"),
            Self::Timeout { phase } => write!(f, "no answer in time (waiting for: {phase})"),
            Self::Cut => f.write_str("the connection was cut before the whole answer had come"),
            Self::TooLarge { limit } => write!(f, "the answer is larger than {limit} bytes"),
            Self::Coding { detail } => write!(f, "the answer cannot be decoded: {detail}"),
            Self::Protocol { detail } => write!(f, "the answer is no HTTP: {detail}"),
            Self::Status { status, .. } => write!(f, "the server answered {status}"),
            Self::HostPaused { status, seconds } => write!(
                f,
                "the host answered {status} before, and asks to be left alone for {seconds} seconds more"
            ),
            Self::Redirect { detail } => write!(f, "the redirect leads nowhere: {detail}"),
            Self::RobotsDenied { rule } => write!(f, "robots.txt disallows it: `{rule}`"),
            Self::RobotsUnreachable { detail } => {
                write!(f, "robots.txt could not be read: {detail}")
            }
            Self::PrivateNetwork { address } => {
                write!(f, "`{address}` is not on the public internet")
            }
            Self::Regional { status } => {
                write!(
                    f,
                    "the server answered {status}: not available in this region"
                )
            }
            Self::BotChallenge { by } => write!(f, "{by} asks for a browser or a human"),
            Self::Proxy { detail } => write!(f, "the proxy failed: {detail}"),
        }
    }
}

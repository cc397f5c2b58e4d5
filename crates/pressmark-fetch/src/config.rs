//! What the client does unless a source asks for something else.

use std::fmt;
use std::time::Duration;

use ipnet::IpNet;

use crate::proxy::{ParseProxyError, Proxy};

/// The settings of a [`Fetcher`](crate::Fetcher).
#[derive(Clone)]
pub struct FetchConfig {
    /// `http://`, `socks5://` or `socks5h://` address of the proxy for every request. Proxies
    /// named in the environment are never used.
    pub proxy: Option<String>,
    /// Certificates of further authorities to trust, in PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// The `User-Agent`.
    pub user_agent: String,
    /// The least time between the end of a request to a host and the start of the next one.
    pub per_host_gap: Duration,
    /// How long to wait for name, connection and TLS.
    pub connect_timeout: Duration,
    /// How long to wait for the head of the answer, once the request is sent.
    pub headers_timeout: Duration,
    /// How long the body may take as a whole.
    pub body_timeout: Duration,
    /// The time limit of one request from connecting to the end of the body, instead of the three
    /// above.
    pub timeout: Option<Duration>,
    /// The largest decoded page or listing, in bytes.
    pub max_page_bytes: u64,
    /// The largest decoded feed, in bytes.
    pub max_feed_bytes: u64,
    /// Networks that may be fetched from though they are not on the public internet.
    pub allow_networks: Vec<IpNet>,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            proxy: None,
            ca_pem: None,
            user_agent: concat!("Pressmark/", env!("CARGO_PKG_VERSION")).to_owned(),
            per_host_gap: Duration::from_secs(2),
            connect_timeout: Duration::from_secs(15),
            headers_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_mins(1),
            timeout: None,
            max_page_bytes: 30 << 20,
            max_feed_bytes: 15 << 20,
            allow_networks: Vec::new(),
        }
    }
}

/// Hides the credentials that the proxy's address may hold.
impl fmt::Debug for FetchConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchConfig")
            .field("proxy", &self.proxy.as_deref().map(Proxy::parse))
            .field("user_agent", &self.user_agent)
            .field("per_host_gap", &self.per_host_gap)
            .field("timeout", &self.timeout)
            .field("allow_networks", &self.allow_networks)
            .finish_non_exhaustive()
    }
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A proxy address that cannot be read.
    #[error(transparent)]
    Proxy(#[from] ParseProxyError),
    /// Certificates that cannot be read.
    #[error("the authorities' certificates cannot be read: {detail}")]
    Authorities {
        /// What is wrong with them.
        detail: String,
    },
    /// A `User-Agent` that cannot be sent.
    #[error("`{0}` cannot be sent as a user agent")]
    UserAgent(String),
}

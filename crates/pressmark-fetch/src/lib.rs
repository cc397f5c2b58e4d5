//! One guarded, polite HTTP client for everything outbound.
//!
//! A [`Fetcher`] is the port `Fetch` over HTTP/1.1. On the way to every answer stand, in this
//! order: the host's gate (one request at a time and a gap), the resolver, the guard (the very
//! socket address about to be connected must be on the public internet), the proxy, TLS, and a
//! recorder that keeps the bytes as they passed. A redirect begins the way anew.
//!
//! ```
//! use std::sync::Arc;
//!
//! use pressmark_archive::ports::fetch::{
//!     Fetch as _, FetchFailure, FetchOutcome, FetchPolicy, FetchRequest, Purpose, Validators,
//! };
//! use pressmark_fetch::{FetchConfig, Fetcher, SystemResolver};
//! use pressmark_model::{Clock, Timestamp};
//!
//! #[derive(Debug)]
//! struct Noon;
//!
//! impl Clock for Noon {
//!     fn now(&self) -> Timestamp {
//!         Timestamp::from_seconds(1_800_000_000)
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let fetcher =
//!     Fetcher::new(FetchConfig::default(), Arc::new(Noon), Arc::new(SystemResolver)).unwrap();
//! let outcome = fetcher
//!     .fetch(FetchRequest {
//!         url: "http://169.254.169.254/latest/meta-data/".parse().unwrap(),
//!         purpose: Purpose::Feed,
//!         validators: Validators::default(),
//!         policy: FetchPolicy::default(),
//!         patience: std::time::Duration::ZERO,
//!     })
//!     .await;
//! let FetchOutcome::Failed(failed) = outcome else { panic!("a private address was fetched") };
//! assert!(matches!(failed.failure, FetchFailure::PrivateNetwork { .. }));
//! # });
//! ```

mod challenge;
mod client;
mod config;
mod connect;
mod exchange;
mod gate;
mod guard;
mod headers;
mod plan;
mod pool;
mod proxy;
mod redirect;
mod render;
mod resolve;
mod retry_after;
mod robots;
mod robots_cache;
mod tee;
mod tls;

pub use client::Fetcher;
pub use config::{ConfigError, FetchConfig};
pub use guard::{is_globally_reachable, is_local_name};
pub use ipnet::IpNet;
pub use proxy::ParseProxyError;
pub use render::{RenderConfig, Renderer};
pub use resolve::{Resolve, SystemResolver};

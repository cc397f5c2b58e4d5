//! The tiny internet, clocks and conformance suites that the tests share.
//!
//! [`Internet`] is one loopback listener that answers, over plain HTTP and TLS, for as many host
//! names as a test makes up; every page is scripted, and every request is kept.
//!
//! ```
//! use pressmark_testkit::{Internet, Page};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let net = Internet::start().await;
//! net.site("news.test")
//!     .page("/feed.xml", Page::xml("<rss/>").etag("\"1\""))
//!     .page("/a", Page::html("first text"))
//!     .visit("/a", 2, Page::html("edited text").gzip())
//!     .page("/b", Page::status(503).header("Retry-After", "3"));
//!
//! // What a client is given: where names lead, and which authority to trust.
//! assert_eq!(net.resolve("news.test", 443).unwrap(), [net.address()]);
//! assert!(net.resolve("nowhere.test", 443).is_err());
//! assert!(net.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
//!
//! // What a test asks afterwards.
//! assert!(net.requests_to("news.test").is_empty());
//! # });
//! ```

pub mod catalog;
mod clock;
mod hub;
mod internet;
mod keys;
pub mod postgres;
mod store;

pub use clock::{ManualClock, entropy};
pub use hub::{Hub, Said};
pub use internet::{Asked, Certificate, Coding, Internet, Item, Page, ProxyKind, Request, Site};
pub use keys::{MemoryKeys, Raising};
pub use store::{Faulty, Mode};

//! The use cases of Pressmark, and the ports they need.
//!
//! An [`Archive`] is put together from its [`Parts`]: a database behind
//! [`ports::catalog::Catalog`], a network behind [`ports::fetch::Fetch`], an object store, a clock
//! and chance. It watches sources, keeps every version of what they list, and checks itself.
//!
//! ```
//! use std::time::Duration;
//! use pressmark_archive::span;
//!
//! assert_eq!(span::parse("90s").unwrap(), Duration::from_secs(90));
//! assert_eq!(span::format(Duration::from_secs(120)), "2m");
//! ```

pub mod absence;
mod add;
pub mod alarm;
pub mod anchor;
mod archive;
pub mod capture;
pub mod change;
mod check;
mod classes;
mod clock_watch;
pub mod commit;
mod compare;
pub mod decide;
mod derive;
mod discover;
pub mod edit;
pub mod entropy;
pub mod entry;
pub mod events;
pub mod failure;
pub mod filter;
mod further;
mod gap;
mod gather;
pub mod identity;
mod import;
pub mod knowledge;
pub mod log;
pub mod media;
pub mod origin;
mod origins;
mod pages;
mod platforms;
pub mod ports;
pub mod prove;
mod quiet;
mod rank;
mod read;
mod recognise;
pub mod redact;
mod reextract;
pub mod referrer;
mod rendering;
mod reread;
pub mod revisit;
pub mod rhythm;
pub mod schedule;
mod seal;
pub mod segment;
pub mod setting;
mod sibling;
mod single;
pub mod site;
mod sitemaps;
mod slots;
pub mod source;
pub mod span;
mod stand_in;
mod subscriptions;
mod summary;
mod sweep;
pub mod sync;
pub mod version;
mod vigil;
mod visit;
pub mod wall;
mod watch;
pub mod websub;

pub use add::Wish;
pub use archive::{Archive, ArchiveError, Parts};
pub use check::{CheckReport, Finding, Progress};
pub use compare::Comparison;
pub use derive::is_page;
pub use discover::{Discovery, Found, FoundBy};
pub use gather::StoreError;
pub use import::{IMPORT, ImportSummary, ImportedRecord};
pub use pages::read_whole;
pub use reextract::{Derivation, Reextraction, StoredDerivation};
pub use seal::{SealError, Sealed};
pub use sitemaps::Estimate;
pub use subscriptions::{Listed, SiteRule, Subscribed, preview_subscriptions};
pub use summary::PollSummary;
pub use sweep::Leftovers;
pub use watch::{Observer, PollOptions};

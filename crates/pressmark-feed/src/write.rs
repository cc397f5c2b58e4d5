//! Feeds into documents. The same feed gives the same bytes, always; from XML, characters that it
//! forbids are left out.

mod atom;
mod json;
mod rss;
pub(crate) mod xml;

use pressmark_model::{Entry, Feed, OffsetTimestamp};

pub use atom::write_atom;
pub use json::write_json;
pub use rss::write_rss;

/// The name that feeds give of the program that wrote them.
const GENERATOR: &str = "Pressmark";

/// When the feed last changed, else its newest entry.
fn last_change(feed: &Feed) -> Option<OffsetTimestamp> {
    let newest = || {
        feed.entries
            .iter()
            .filter_map(entry_change)
            .max_by_key(|time| time.at())
    };
    feed.updated.or_else(newest)
}

/// When the entry last changed, else when it was published.
fn entry_change(entry: &Entry) -> Option<OffsetTimestamp> {
    entry.updated.or(entry.published)
}

//! Feeds into documents.

mod atom;
mod json;
mod rss;
mod xml;

use pressmark_model::{Enclosure, OffsetTimestamp, Timestamp, WebUrl};

pub use atom::write_atom;
pub use json::write_json;
pub use rss::write_rss;

/// A feed to be written. The same value gives the same bytes, always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutFeed {
    /// Plain text.
    pub title: String,
    /// The page that the feed is of.
    pub home: WebUrl,
    /// Where the feed itself will be found.
    pub self_url: Option<WebUrl>,
    /// What the feed is about; plain text.
    pub description: String,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// When anything in the feed last changed; without it the newest moment of the items counts.
    pub updated: Option<OffsetTimestamp>,
    /// `WebSub` hubs that tell of new items.
    pub hubs: Vec<WebUrl>,
    /// The items, in the order in which they are to stand.
    pub items: Vec<OutItem>,
}

/// An item of a feed to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutItem {
    /// What makes it the same item for ever: an address, or any other text that is unique in the
    /// feed.
    pub id: String,
    /// The page of the article.
    pub url: Option<WebUrl>,
    /// Plain text.
    pub title: String,
    /// Names.
    pub authors: Vec<String>,
    /// When it was published.
    pub published: Option<OffsetTimestamp>,
    /// When it last changed.
    pub updated: Option<OffsetTimestamp>,
    /// Plain text.
    pub summary: Option<String>,
    /// The whole text as HTML, addresses absolute.
    pub content_html: Option<String>,
    /// Plain text each.
    pub categories: Vec<String>,
    /// The lead image.
    pub image: Option<WebUrl>,
    /// Media files.
    pub enclosures: Vec<Enclosure>,
}

impl OutFeed {
    /// When the feed last changed, as far as it says; the epoch where nothing has a time.
    fn last_change(&self) -> OffsetTimestamp {
        let times = self.items.iter().filter_map(OutItem::last_change);
        let newest = times.max_by_key(|time| time.at());
        self.updated
            .or(newest)
            .unwrap_or_else(|| Timestamp::EPOCH.into())
    }
}

impl OutItem {
    fn last_change(&self) -> Option<OffsetTimestamp> {
        self.updated.or(self.published)
    }
}

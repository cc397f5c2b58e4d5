//! What a publisher says: a feed and its entries, in the words of RFC 4287.

use serde::{Deserialize, Serialize};

use crate::{Digest, OffsetTimestamp, Timestamp, WebUrl};

/// A value read from a document that may have flaws, with what was wrong in it. Reading never
/// fails: at worst the value is empty and the issues say why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What could be read.
    pub value: T,
    /// What was wrong, in the order of the document.
    pub issues: Vec<Issue>,
}

/// A flaw of a document that was read all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The line it stands on, from 1, where known.
    pub line: Option<u32>,
    /// What is wrong, in one clause without a full stop.
    pub message: String,
}

/// The format a feed was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedFormat {
    /// Not recognised as a feed.
    #[default]
    Unknown,
    /// RSS 0.9x and 2.0.
    Rss,
    /// RSS 0.90 and 1.0, in RDF.
    Rdf,
    /// Atom 0.3 and 1.0.
    Atom,
    /// JSON Feed 1.0 and 1.1.
    Json,
    /// A sitemap, or a news sitemap.
    Sitemap,
    /// A page that lists articles.
    Listing,
}

/// A feed as its publisher wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feed {
    /// The format it was read from.
    pub format: FeedFormat,
    /// The version of the format as written, such as `2.0`; empty where unknown.
    pub version: String,
    /// Atom `title`, RSS `channel/title`, JSON Feed `title`; plain text.
    pub title: String,
    /// The title as HTML, where it has markup.
    pub title_html: Option<String>,
    /// Atom `subtitle`, RSS `description`; plain text.
    pub subtitle: Option<String>,
    /// The subtitle as HTML, where it has markup.
    pub subtitle_html: Option<String>,
    /// Atom `link rel=alternate`, RSS `link`, JSON Feed `home_page_url`.
    pub home: Option<WebUrl>,
    /// Atom `link rel=self`, JSON Feed `feed_url`.
    pub self_url: Option<WebUrl>,
    /// `WebSub` hubs: `link rel=hub`.
    pub hubs: Vec<WebUrl>,
    /// Where its older entries stand (RFC 5005): `link rel=prev-archive`, else `link rel=next`;
    /// JSON Feed `next_url`.
    pub older: Option<WebUrl>,
    /// BCP 47 tag: `xml:lang`, RSS `language`.
    pub language: Option<String>,
    /// Atom `author`, RSS `managingEditor`, `dc:creator`.
    pub authors: Vec<Person>,
    /// Atom `logo` or `icon`, RSS `image/url`.
    pub image: Option<WebUrl>,
    /// Atom `updated`, RSS `lastBuildDate`.
    pub updated: Option<OffsetTimestamp>,
    /// RSS `ttl`, in minutes.
    pub ttl_minutes: Option<u32>,
    /// RSS `skipHours`, hours in UTC from 0 to 23.
    pub skip_hours: Vec<u8>,
    /// RSS `skipDays`, days in UTC from 0 (Monday) to 6.
    pub skip_days: Vec<u8>,
    /// `sy:updatePeriod` in minutes, divided by `sy:updateFrequency`.
    pub update_minutes: Option<u32>,
    /// The entries, in the order of the document.
    pub entries: Vec<Entry>,
}

/// One entry of a feed (RSS: item).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Entry {
    /// Atom `id`, RSS `guid`, JSON Feed `id`, as written.
    pub guid: Option<String>,
    /// Atom `link rel=alternate`, RSS `link` (else a permalink `guid`), JSON Feed `url`.
    pub link: Option<WebUrl>,
    /// Plain text, entities and markup resolved.
    pub title: String,
    /// The title as HTML, where it has markup.
    pub title_html: Option<String>,
    /// Atom `summary`, RSS `description`: HTML.
    pub summary: Option<String>,
    /// Atom `content`, RSS `content:encoded`, JSON Feed `content_html`: HTML.
    pub content: Option<String>,
    /// Atom `author`, RSS `author` and `dc:creator`.
    pub authors: Vec<Person>,
    /// Atom `published`, RSS `pubDate`, `dc:date`.
    pub published: Option<OffsetTimestamp>,
    /// Atom `updated`, `dcterms:modified`.
    pub updated: Option<OffsetTimestamp>,
    /// Atom `category`, RSS `category`, JSON Feed `tags`.
    pub categories: Vec<Category>,
    /// RSS `enclosure`, Atom `link rel=enclosure`, `media:content`, JSON Feed `attachments`.
    pub enclosures: Vec<Enclosure>,
    /// JSON Feed `image`, `media:thumbnail`.
    pub image: Option<WebUrl>,
    /// RSS `comments`, Atom `link rel=replies`.
    pub comments: Option<WebUrl>,
    /// BCP 47 tag.
    pub language: Option<String>,
}

/// A person (RFC 4287, 3.2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Person {
    /// The name; an e-mail address where no name was given.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Atom `uri`, JSON Feed `url`.
    pub uri: Option<String>,
}

/// A category (RFC 4287, 4.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Category {
    /// The term; RSS: the element's text.
    pub term: String,
    /// Atom `scheme`, RSS `domain`.
    pub scheme: Option<String>,
    /// Atom `label`.
    pub label: Option<String>,
}

/// A media file that goes with an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// Where it is.
    pub url: WebUrl,
    /// Its media type as written.
    pub media_type: Option<String>,
    /// Its length in bytes as written.
    pub length: Option<u64>,
    /// Its duration in seconds.
    pub duration_seconds: Option<u64>,
    /// Its title.
    pub title: Option<String>,
}

/// What makes an entry the same one at the next poll: its guid, else its link, else its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryKey(String);

impl EntryKey {
    /// The key of an entry. With `ignore_guid`, for feeds in which one guid stands twice, the
    /// link decides.
    pub fn of(entry: &Entry, ignore_guid: bool) -> Self {
        let guid = entry
            .guid
            .as_deref()
            .map(str::trim)
            .filter(|guid| !guid.is_empty());
        if let Some(guid) = guid.filter(|_| !ignore_guid) {
            return Self(format!("guid:{guid}"));
        }
        match &entry.link {
            Some(link) => Self(format!("link:{}", link.as_str())),
            None => Self(Self::content_digest(entry).to_string()),
        }
    }

    /// A key that was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn content_digest(entry: &Entry) -> Digest {
        let published = entry
            .published
            .map_or(Timestamp::EPOCH, OffsetTimestamp::at)
            .micros();
        Digest::of_pieces([
            entry.title.as_bytes(),
            &[0],
            entry.summary.as_deref().unwrap_or_default().as_bytes(),
            &[0],
            entry.content.as_deref().unwrap_or_default().as_bytes(),
            &published.to_be_bytes(),
        ])
    }
}

impl Entry {
    /// A digest of what the publisher said of the article in this entry: when it changes, the
    /// article is worth another visit.
    pub fn digest(&self) -> Digest {
        let moment =
            |at: Option<OffsetTimestamp>| at.map_or(i64::MIN, |at| at.at().micros()).to_be_bytes();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Digest::of_pieces([
            self.title.as_bytes(),
            &[0],
            self.link.as_ref().map_or("", WebUrl::as_str).as_bytes(),
            &[0],
            text(&self.summary).as_bytes(),
            &[0],
            text(&self.content).as_bytes(),
            &moment(self.published),
            &moment(self.updated),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guid_decides_then_the_link_then_the_content() {
        let mut entry = Entry {
            guid: Some(" 7 ".into()),
            link: Some("https://a.example/1".parse().unwrap()),
            title: "One".into(),
            ..Entry::default()
        };
        assert_eq!(EntryKey::of(&entry, false).as_str(), "guid:7");
        assert_eq!(
            EntryKey::of(&entry, true).as_str(),
            "link:https://a.example/1"
        );
        entry.guid = Some("  ".into());
        assert_eq!(
            EntryKey::of(&entry, false).as_str(),
            "link:https://a.example/1"
        );
        entry.link = None;
        assert!(EntryKey::of(&entry, false).as_str().starts_with("sha256:"));
    }

    #[test]
    fn a_new_title_or_time_changes_the_digest() {
        let entry = Entry {
            title: "One".into(),
            ..Entry::default()
        };
        let renamed = Entry {
            title: "Two".into(),
            ..entry.clone()
        };
        let dated = Entry {
            updated: Some(Timestamp::EPOCH.into()),
            ..entry.clone()
        };
        assert_ne!(entry.digest(), renamed.digest());
        assert_ne!(entry.digest(), dated.digest());
    }
}

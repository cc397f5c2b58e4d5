//! A feed and an entry while they are read: what counts when something is said twice.

use pressmark_model::{Category, Enclosure, Entry, Feed, Person, WebUrl};

/// The rank of what stands in a field; nothing yet has the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rank(u8);

impl Default for Rank {
    fn default() -> Self {
        Self(u8::MAX)
    }
}

impl Rank {
    /// Whether a value of this rank goes in front of what stands there; the first of equals stays.
    fn take(&mut self, rank: u8) -> bool {
        let better = rank < self.0;
        if better {
            self.0 = rank;
        }
        better
    }
}

/// Which values stand in the fields that feeds and entries share.
#[derive(Debug, Default)]
struct Ranks {
    title: Rank,
    summary: Rank,
    content: Rank,
    link: Rank,
    published: Rank,
    updated: Rank,
    image: Rank,
}

/// What an element can say of a feed or an entry.
#[derive(Debug)]
pub(super) enum Said {
    Title(String, Option<String>),
    Summary(String),
    Content(String),
    Link(WebUrl),
    Published(pressmark_model::OffsetTimestamp),
    Updated(pressmark_model::OffsetTimestamp),
    Image(WebUrl),
}

/// An entry that is being read.
#[derive(Debug, Default)]
pub(super) struct EntryDraft {
    pub(super) entry: Entry,
    ranks: Ranks,
    /// A guid that is an address, in case there is no other.
    pub(super) permalink: Option<WebUrl>,
    /// An author only when no other is named.
    pub(super) other_author: Option<Person>,
    pub(super) duration_seconds: Option<u64>,
}

impl EntryDraft {
    /// Takes a value with its rank: the lower one wins, and of equals the first.
    pub(super) fn say(&mut self, said: Said, rank: u8) {
        let (entry, ranks) = (&mut self.entry, &mut self.ranks);
        match said {
            Said::Title(title, html) if !title.is_empty() && ranks.title.take(rank) => {
                entry.title = title;
                entry.title_html = html;
            }
            Said::Summary(html) if !html.trim().is_empty() => {
                if ranks.summary.take(rank) {
                    entry.summary = Some(html);
                } else if rank == 0 && ranks.content.take(4) {
                    // A feed with `summary` and `description` means one of them as the content.
                    entry.content = Some(html);
                }
            }
            Said::Content(html) if !html.trim().is_empty() && ranks.content.take(rank) => {
                entry.content = Some(html);
            }
            Said::Link(link) if ranks.link.take(rank) => entry.link = Some(link),
            Said::Published(at) if ranks.published.take(rank) => entry.published = Some(at),
            Said::Updated(at) if ranks.updated.take(rank) => entry.updated = Some(at),
            Said::Image(url) if ranks.image.take(rank) => entry.image = Some(url),
            _ => {}
        }
    }

    /// Adds a category once.
    pub(super) fn add_category(&mut self, category: Category) {
        add_category(&mut self.entry.categories, category);
    }

    /// Adds an enclosure; of the same address the first, with what the others say besides.
    pub(super) fn add_enclosure(&mut self, enclosure: Enclosure) {
        const MOST: usize = 256;
        let known = &mut self.entry.enclosures;
        let is_full = known.len() >= MOST;
        match known.iter_mut().find(|known| known.url == enclosure.url) {
            Some(known) => {
                known.media_type = known.media_type.take().or(enclosure.media_type);
                known.length = known.length.or(enclosure.length);
                known.duration_seconds = known.duration_seconds.or(enclosure.duration_seconds);
            }
            None if !is_full => known.push(enclosure),
            None => {}
        }
    }

    /// The entry, with what stands in for what is missing.
    pub(super) fn finish(mut self) -> Entry {
        if self.entry.authors.is_empty() {
            self.entry.authors.extend(self.other_author);
        }
        if self.entry.link.is_none() {
            self.entry.link = self.permalink;
        }
        if let Some(first) = self.entry.enclosures.first_mut() {
            first.duration_seconds = first.duration_seconds.or(self.duration_seconds);
        }
        self.entry
    }
}

/// A feed that is being read.
#[derive(Debug, Default)]
pub(super) struct FeedDraft {
    pub(super) feed: Feed,
    /// `sy:updateFrequency`, which divides a period that may come later; 0 before it was read.
    pub(super) frequency: u32,
    ranks: Ranks,
    pub(super) other_author: Option<Person>,
}

impl FeedDraft {
    /// Takes a value with its rank: the lower one wins, and of equals the first.
    pub(super) fn say(&mut self, said: Said, rank: u8) {
        let (feed, ranks) = (&mut self.feed, &mut self.ranks);
        match said {
            Said::Title(title, html) if !title.is_empty() && ranks.title.take(rank) => {
                feed.title = title;
                feed.title_html = html;
            }
            Said::Link(link) if ranks.link.take(rank) => feed.home = Some(link),
            Said::Published(at) if ranks.updated.take(rank + 2) => feed.updated = Some(at),
            Said::Updated(at) if ranks.updated.take(rank) => feed.updated = Some(at),
            Said::Image(url) if ranks.image.take(rank) => feed.image = Some(url),
            _ => {}
        }
    }

    /// Takes what the feed is about.
    pub(super) fn say_subtitle(&mut self, subtitle: String, html: Option<String>, rank: u8) {
        if !subtitle.is_empty() && self.ranks.summary.take(rank) {
            self.feed.subtitle = Some(subtitle);
            self.feed.subtitle_html = html;
        }
    }

    /// The feed, with what stands in for what is missing.
    pub(super) fn finish(mut self) -> Feed {
        if self.feed.authors.is_empty() {
            self.feed.authors.extend(self.other_author);
        }
        self.feed
    }
}

/// More names than this nobody reads.
const MOST_NAMES: usize = 256;

/// Adds a person once, by name.
pub(super) fn add_person(people: &mut Vec<Person>, person: Person) {
    let is_full = people.len() >= MOST_NAMES;
    match people.iter_mut().find(|known| known.name == person.name) {
        Some(known) => {
            known.email = known.email.take().or(person.email);
            known.uri = known.uri.take().or(person.uri);
        }
        None if !is_full => people.push(person),
        None => {}
    }
}

fn add_category(categories: &mut Vec<Category>, category: Category) {
    if categories.len() < MOST_NAMES && !categories.contains(&category) {
        categories.push(category);
    }
}

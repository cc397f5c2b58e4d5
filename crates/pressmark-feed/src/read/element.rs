//! Which element means what, by where it stands.

use pressmark_model::FeedFormat;

use crate::xml::Space;

/// Where in a document an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the root element was found.
    Outside,
    /// What is said of the feed.
    Feed,
    /// What is said of an entry.
    Entry,
    /// A picture of the feed or the entry.
    Image,
    /// Somebody's name and addresses.
    Person,
    /// A media file, or several forms of one.
    Media,
    /// RSS `skipHours`.
    SkipHours,
    /// RSS `skipDays`.
    SkipDays,
    /// The newspaper that a news sitemap is of.
    Publication,
    /// What nobody asks for.
    Ignored,
}

/// An element's text that is kept. A number is its rank: the lower one wins, and of equals the
/// first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Title(u8),
    Link,
    Id,
    Summary(u8),
    Content(u8),
    Published(u8),
    Updated(u8),
    /// Dublin Core's date says neither when something was published nor when it was changed.
    Date,
    Creator,
    /// An author only when no other is named.
    OtherCreator,
    Name,
    Email,
    Uri,
    Category,
    Keywords,
    Comments,
    Language,
    Ttl,
    Hour,
    Day,
    /// `sy:updatePeriod`.
    Period,
    /// `sy:updateFrequency`.
    Frequency,
    Picture,
    Duration,
}

impl Field {
    /// Whether the text is HTML of any length, and no line of text.
    pub(super) fn is_body(self) -> bool {
        matches!(self, Self::Summary(_) | Self::Content(_))
    }
}

/// What to do with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Root(FeedFormat),
    /// A document that is one Atom entry begins without a root.
    Entry,
    /// A group of elements that stand elsewhere than the group itself.
    Group(Place),
    Text(Field),
    Author,
    Enclosure,
    MediaContent,
    Thumbnail,
    ItunesCategory,
    Unknown,
}

/// Classifies an element by its vocabulary, local name in lower case, and place.
pub(super) fn classify(space: Space, local: &str, place: Place, format: FeedFormat) -> Element {
    match place {
        Place::Outside => outside(space, local),
        Place::Feed => of_feed(space, local, format),
        Place::Entry => of_entry(space, local, format),
        Place::Image => match (space, local) {
            (Space::Core, "url") | (Space::Image, "loc") => Element::Text(Field::Picture),
            _ => Element::Unknown,
        },
        Place::Person => match local {
            "name" => Element::Text(Field::Name),
            "email" => Element::Text(Field::Email),
            "uri" | "url" | "homepage" => Element::Text(Field::Uri),
            _ => Element::Unknown,
        },
        Place::Media => media(space, local),
        Place::SkipHours => match local {
            "hour" => Element::Text(Field::Hour),
            _ => Element::Unknown,
        },
        Place::SkipDays => match local {
            "day" => Element::Text(Field::Day),
            _ => Element::Unknown,
        },
        Place::Publication => match (space, local) {
            (Space::News, "language") => Element::Text(Field::Language),
            _ => Element::Unknown,
        },
        // A wrapper that nobody knows may still hold entries.
        Place::Ignored => match (space, local) {
            (Space::Core, "item" | "entry") => Element::Entry,
            _ => Element::Unknown,
        },
    }
}

fn outside(space: Space, local: &str) -> Element {
    if space != Space::Core && space != Space::Other {
        return Element::Unknown;
    }
    match local {
        "rss" | "channel" => Element::Root(FeedFormat::Rss),
        "rdf" => Element::Root(FeedFormat::Rdf),
        "feed" => Element::Root(FeedFormat::Atom),
        "urlset" | "sitemapindex" => Element::Root(FeedFormat::Sitemap),
        "entry" if space == Space::Core => Element::Entry,
        _ => Element::Unknown,
    }
}

fn of_feed(space: Space, local: &str, format: FeedFormat) -> Element {
    match (space, local) {
        (Space::Core, "item" | "entry") => Element::Entry,
        (Space::Core, "url" | "sitemap") if format == FeedFormat::Sitemap => Element::Entry,
        (Space::Core, "channel") => Element::Group(Place::Feed),
        (Space::Core, "image") => Element::Group(Place::Image),
        (Space::Core, "skiphours") => Element::Group(Place::SkipHours),
        (Space::Core, "skipdays") => Element::Group(Place::SkipDays),
        (Space::Core, "title") => Element::Text(Field::Title(0)),
        (Space::DublinCore | Space::DublinCoreTerms, "title") => Element::Text(Field::Title(1)),
        (Space::Itunes | Space::Media, "title") => Element::Text(Field::Title(2)),
        (Space::Core, "description" | "subtitle" | "tagline") => Element::Text(Field::Summary(0)),
        (Space::DublinCore | Space::DublinCoreTerms, "description" | "abstract")
        | (Space::Core, "abstract" | "info") => Element::Text(Field::Summary(1)),
        (Space::Itunes, "summary" | "subtitle") => Element::Text(Field::Summary(2)),
        (Space::Core, "lastbuilddate" | "updated" | "modified")
        | (Space::DublinCoreTerms, "modified") => Element::Text(Field::Updated(0)),
        (Space::Core, "pubdate" | "published" | "issued") => Element::Text(Field::Published(0)),
        (Space::Core, "managingeditor") => Element::Text(Field::Creator),
        (Space::Core, "author") => Element::Author,
        (Space::Core, "ttl") => Element::Text(Field::Ttl),
        (Space::Syndication, "updateperiod") => Element::Text(Field::Period),
        (Space::Syndication, "updatefrequency") => Element::Text(Field::Frequency),
        (Space::Core, "logo" | "icon") => Element::Text(Field::Picture),
        (Space::Itunes, "image") | (Space::Media, "thumbnail") => Element::Thumbnail,
        _ => shared(space, local),
    }
}

fn of_entry(space: Space, local: &str, format: FeedFormat) -> Element {
    match (space, local) {
        (Space::Core, "item" | "entry") => Element::Entry,
        (Space::Core, "url" | "sitemap") if format == FeedFormat::Sitemap => Element::Entry,
        (Space::Core | Space::Image, "image") => Element::Group(Place::Image),
        (Space::Core | Space::News, "title") => Element::Text(Field::Title(0)),
        (Space::DublinCore | Space::DublinCoreTerms, "title") => Element::Text(Field::Title(1)),
        (Space::Itunes, "title") => Element::Text(Field::Title(2)),
        (Space::Core, "description" | "summary" | "abstract") => Element::Text(Field::Summary(0)),
        (Space::DublinCore | Space::DublinCoreTerms, "description" | "abstract") => {
            Element::Text(Field::Summary(1))
        }
        (Space::Itunes, "summary") => Element::Text(Field::Summary(2)),
        (Space::Itunes, "subtitle") => Element::Text(Field::Summary(3)),
        (Space::Content, "encoded") | (Space::Core, "content") => Element::Text(Field::Content(0)),
        (Space::Xhtml, "body" | "div") | (Space::Core, "body" | "fullitem") => {
            Element::Text(Field::Content(1))
        }
        (Space::Core, "fulltext" | "full-text") => Element::Text(Field::Content(2)),
        (Space::Core, "id" | "guid") => Element::Text(Field::Id),
        (Space::DublinCore, "identifier") => Element::Unknown,
        (Space::Core, "loc") => Element::Text(Field::Link),
        (Space::Core, "pubdate" | "published" | "issued") | (Space::News, "publication_date") => {
            Element::Text(Field::Published(0))
        }
        (Space::DublinCoreTerms, "issued") => Element::Text(Field::Published(0)),
        (Space::Core | Space::DublinCoreTerms, "created") => Element::Text(Field::Published(2)),
        (Space::Core, "updated" | "modified" | "lastmod" | "lastbuilddate") => {
            Element::Text(Field::Updated(0))
        }
        (Space::DublinCoreTerms, "modified") => Element::Text(Field::Updated(0)),
        (Space::Core, "author") => Element::Author,
        (Space::Core, "comments") => Element::Text(Field::Comments),
        (Space::Core, "enclosure") => Element::Enclosure,
        (Space::Itunes, "duration") => Element::Text(Field::Duration),
        (Space::News, "news") => Element::Group(Place::Entry),
        (Space::News, "publication") => Element::Group(Place::Publication),
        (Space::News, "keywords") => Element::Text(Field::Keywords),
        (Space::Itunes, "image") => Element::Thumbnail,
        (Space::Media, _) => media(space, local),
        _ => shared(space, local),
    }
}

/// What feeds and entries have in common.
fn shared(space: Space, local: &str) -> Element {
    match (space, local) {
        (Space::Core, "link") => Element::Text(Field::Link),
        (Space::DublinCore, "date") => Element::Text(Field::Date),
        (Space::DublinCore, "creator" | "author") | (Space::DublinCoreTerms, "creator") => {
            Element::Text(Field::Creator)
        }
        (Space::Itunes, "author") => Element::Text(Field::OtherCreator),
        (Space::Core, "category") | (Space::DublinCore, "subject") => {
            Element::Text(Field::Category)
        }
        (Space::DublinCoreTerms, "subject") => Element::Text(Field::Category),
        (Space::Itunes | Space::Media, "keywords") => Element::Text(Field::Keywords),
        (Space::Itunes, "category") => Element::ItunesCategory,
        (Space::Core | Space::DublinCore, "language") => Element::Text(Field::Language),
        _ => Element::Unknown,
    }
}

fn media(space: Space, local: &str) -> Element {
    if space != Space::Media {
        return Element::Unknown;
    }
    match local {
        "group" => Element::Group(Place::Media),
        "content" => Element::MediaContent,
        "thumbnail" => Element::Thumbnail,
        "title" => Element::Text(Field::Title(3)),
        "description" => Element::Text(Field::Summary(4)),
        "keywords" => Element::Text(Field::Keywords),
        "category" => Element::Text(Field::Category),
        _ => Element::Unknown,
    }
}

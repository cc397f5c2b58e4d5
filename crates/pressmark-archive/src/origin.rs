//! Where a source is read and how: its own address, and further ones whose entries are joined to
//! those of the first.

use std::fmt;
use std::str::FromStr;

use pressmark_extract::ListingRule;
use pressmark_model::{Digest, Feed, FeedFormat, Issue, Parsed, WebUrl};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::failure::Failure;
use crate::ports::fetch::{FetchedPage, Validators};
use crate::read::{LEAST_OF_A_LIST, as_page, parse};
use crate::wall;

/// How the document at an address becomes entries. As text: `feed`, `listing`, `sitemap`,
/// `css:SELECTOR`, `xpath:EXPRESSION` or `json:PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reader {
    /// RSS, RDF, Atom, JSON Feed or a sitemap, by what it is.
    Feed,
    /// A sitemap, or an index of sitemaps.
    Sitemap,
    /// A page whose links to articles are found by structure.
    Listing,
    /// A page whose entries a CSS selector names; see [`ListingRule`].
    Css(String),
    /// A page whose entries an `XPath` expression names; see [`ListingRule`].
    XPath(String),
    /// JSON with a list at a dotted path; see [`pressmark_feed::parse_json_list`].
    Json(String),
}

/// A text that names no way to read an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseOriginError {
    /// No such reader.
    #[error("`{0}` is no way to read an address")]
    Reader(String),
    /// A rule that cannot be used.
    #[error("the rule `{rule}` cannot be used: {reason}")]
    Rule {
        /// The rule.
        rule: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No address.
    #[error("`{0}` names no address")]
    Address(String),
}

impl FromStr for Reader {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (kind, rule) = text.split_once(':').unwrap_or((text, ""));
        let rule = rule.trim().to_owned();
        let wrong = |reason: String| ParseOriginError::Rule {
            rule: rule.clone(),
            reason,
        };
        match kind {
            "feed" => Ok(Self::Feed),
            "sitemap" => Ok(Self::Sitemap),
            "listing" => Ok(Self::Listing),
            "css" => match ListingRule::css(&rule) {
                Ok(_) => Ok(Self::Css(rule)),
                Err(error) => Err(wrong(error.to_string())),
            },
            "xpath" => match ListingRule::xpath(&rule) {
                Ok(_) => Ok(Self::XPath(rule)),
                Err(error) => Err(wrong(error.to_string())),
            },
            "json" => match pressmark_feed::check_json_rule(&rule) {
                Ok(()) => Ok(Self::Json(rule)),
                Err(reason) => Err(wrong(reason)),
            },
            _ => Err(ParseOriginError::Reader(text.to_owned())),
        }
    }
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feed => f.write_str("feed"),
            Self::Sitemap => f.write_str("sitemap"),
            Self::Listing => f.write_str("listing"),
            Self::Css(rule) => write!(f, "css:{rule}"),
            Self::XPath(rule) => write!(f, "xpath:{rule}"),
            Self::Json(rule) => write!(f, "json:{rule}"),
        }
    }
}

/// An address and how it is read. As text: the reader, a space, the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// How.
    pub reader: Reader,
    /// Where.
    pub url: WebUrl,
}

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no_address = || ParseOriginError::Address(text.to_owned());
        let (reader, url) = text.trim().rsplit_once(' ').ok_or_else(no_address)?;
        Ok(Self {
            reader: reader.parse()?,
            url: url.parse().map_err(|_| no_address())?,
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.reader, self.url.as_str())
    }
}

macro_rules! as_text {
    ($($type:ty),*) => { $(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )* };
}

as_text!(Reader, Origin);

/// How a further address went when it was last asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginState {
    /// The address.
    pub url: WebUrl,
    /// What to send back.
    pub validators: Validators,
    /// The payload digest of what was last read; `None` until something was.
    pub digest: Option<Digest>,
    /// Why it was not read the last time, if it was not.
    pub failure: Option<Failure>,
}

impl Reader {
    /// The entries of a document; none, with a failure, if it is not what the reader reads.
    pub(crate) fn read(&self, page: &FetchedPage) -> Result<Parsed<Feed>, Failure> {
        let rule = match self {
            Self::Feed | Self::Sitemap => return parse(page),
            Self::Json(rule) => {
                let read = pressmark_feed::parse_json_list(&page.body, Some(&page.final_url), rule);
                if let [issue, ..] = read.issues.as_slice()
                    && read.value.entries.is_empty()
                {
                    let found = issue.message.clone();
                    return Err(wall::of(page).unwrap_or(Failure::NotAFeed { found }));
                }
                return Ok(read);
            }
            Self::Listing => None,
            Self::Css(rule) => ListingRule::css(rule).ok(),
            Self::XPath(rule) => ListingRule::xpath(rule).ok(),
        };
        crate::derive::is_page(page.content_type(), &page.body)?;
        let feed = match &rule {
            Some(rule) => pressmark_extract::listing_by(&as_page(page), rule),
            None => pressmark_extract::listing(&as_page(page)),
        };
        if feed.entries.is_empty() {
            let found = match self {
                Self::Listing => "a page without links to articles".to_owned(),
                rule => format!("a page in which `{rule}` names no links"),
            };
            return Err(wall::of(page).unwrap_or(Failure::NotAFeed { found }));
        }
        Ok(Parsed {
            value: feed,
            issues: Vec::new(),
        })
    }

    /// Whether a document has a list of entries for this reader.
    pub(crate) fn lists(&self, page: &FetchedPage) -> bool {
        self.read(page)
            .is_ok_and(|read| read.value.entries.len() >= LEAST_OF_A_LIST)
    }
}

/// That an address among several brought nothing.
pub(crate) fn not_read(url: &WebUrl, failure: &Failure) -> Issue {
    Issue {
        line: None,
        message: format!("`{url}` was not read: {failure}"),
    }
}

/// Whether a document begins like an index of sitemaps.
pub(crate) fn is_index(body: &[u8]) -> bool {
    const GLANCE: usize = 4096;
    let start = String::from_utf8_lossy(body.get(..GLANCE).unwrap_or(body));
    start.contains("<sitemapindex") || start.contains(":sitemapindex")
}

/// The sitemaps that an index of sitemaps names, those of news and then the newest first; `None`
/// for any other document.
pub(crate) fn sitemaps_in(page: &FetchedPage, feed: &Feed) -> Option<Vec<WebUrl>> {
    if feed.format != FeedFormat::Sitemap || !is_index(&page.body) {
        return None;
    }
    let mut maps: Vec<_> = feed
        .entries
        .iter()
        .enumerate()
        .filter_map(|(place, entry)| {
            let url = entry.link.clone()?;
            let news = url.as_str().contains("news") || url.as_str().contains("latest");
            let at = entry.updated.or(entry.published);
            // Where no dates are given, the last is the newest.
            Some(((news, at, place), url))
        })
        .collect();
    maps.sort_by(|(one, _), (other, _)| other.cmp(one));
    Some(maps.into_iter().map(|(_, url)| url).collect())
}

/// The entries of a sitemap that may be articles: those that a news sitemap names, and else those
/// whose addresses look like it.
pub(crate) fn keep_articles(feed: &mut Feed) {
    if feed.format != FeedFormat::Sitemap {
        return;
    }
    feed.entries.retain(|entry| {
        !entry.title.is_empty()
            || entry
                .link
                .as_ref()
                .is_some_and(pressmark_extract::may_be_article)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_and_origins_are_read_back_as_written() {
        for text in [
            "feed",
            "sitemap",
            "listing",
            "css:ul.news > li",
            "xpath://ul/li[a]",
            "xpath://li[@a=';'] ; title=.//h2 ; link=.//a/@href",
            "json:data.items title=t",
        ] {
            assert_eq!(text.parse::<Reader>().unwrap().to_string(), text);
            let origin = format!("{text} https://news.example/a?b=c");
            assert_eq!(origin.parse::<Origin>().unwrap().to_string(), origin);
        }
        for wrong in [
            "",
            "rss",
            "css:>>",
            "xpath:1 + 1",
            "xpath:[",
            "json:data titel=t",
            "json:data items",
            "css:li ; x=y",
        ] {
            assert!(wrong.parse::<Reader>().is_err(), "{wrong}");
        }
        assert!("feed".parse::<Origin>().is_err());
        assert!("feed nowhere".parse::<Origin>().is_err());
    }
}

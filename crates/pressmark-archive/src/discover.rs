//! What can be watched at an address, whatever it is: a feed, a page that names feeds or lists
//! articles, an article, a sitemap, a page of a well-known service, a list of subscriptions.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use pressmark_extract::{FeedLink, Hints, Naming};
use pressmark_model::{Entry, FeedFormat, WebUrl};

use crate::archive::Archive;
use crate::derive::is_page;
use crate::failure::Failure;
use crate::origin::{Origin, Reader};
use crate::platforms;
use crate::ports::fetch::{
    FetchFailure, FetchOutcome, FetchRequest, FetchedPage, Purpose, Validators,
};
use crate::rank;
use crate::read::{self, LEAST_OF_A_LIST};
use crate::source::SourceSettings;
use crate::wall;

/// So many of the feeds that a page names are read …
const NAMED: usize = 3;
/// … and so many asked for, where some are not there.
const ASKED: usize = 8;

/// Where sites keep their feed without naming it, the likeliest first.
const FEEDS: [&str; 7] = [
    "/feed",
    "/rss",
    "/feed.xml",
    "/rss.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
];

/// Where parts of a site keep theirs, below their own address.
const FEEDS_OF_A_PART: [&str; 4] = ["feed", "feed.xml", "index.xml", "rss.xml"];

/// Where sites keep sitemaps of their news, and of all they have.
const SITEMAPS: [&str; 3] = ["/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml"];

/// How something that can be watched was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// It stands at the address itself.
    Address,
    /// The service's pages have their feeds there.
    Service,
    /// The page names it.
    Name,
    /// Sites often have it there.
    Custom,
    /// The page's links to articles are it.
    Links,
}

/// Something that can be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where, and how it is read.
    pub origin: Origin,
    /// What it calls itself; empty if it does not say.
    pub title: String,
    /// Its format.
    pub format: FeedFormat,
    /// What it lists now, in its order; of an index of sitemaps, what the first of them list.
    pub entries: Vec<Entry>,
    /// How many sitemaps were read for that, if it is an index of them.
    pub sitemaps: usize,
    /// The sitemaps of an index that were not read.
    pub unread: Vec<WebUrl>,
    /// How it was found.
    pub by: FoundBy,
}

/// What was found at an address.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// What can be watched, the best first.
    pub found: Vec<Found>,
    /// Feeds that the page names beyond those that were looked at.
    pub unread: Vec<FeedLink>,
    /// The address is an article's.
    pub is_article: bool,
    /// The address is that of a list of subscriptions in OPML: its bytes.
    pub subscriptions: Option<Bytes>,
    /// The addresses that were asked, in order.
    pub asked: Vec<WebUrl>,
    /// Why nothing was found, if nothing was.
    pub failure: Option<Failure>,
}

impl Archive {
    /// Looks what can be watched at an address: first what stands there, then what it names, and
    /// only if there is no feed, where its host may have one. If the settings say how the address
    /// is read, only that is tried.
    pub async fn discover(
        &self,
        url: &WebUrl,
        settings: &SourceSettings,
        patience: Duration,
    ) -> Discovery {
        let mut search = Search {
            archive: self,
            settings,
            patience,
            seen: Discovery::default(),
            barred: HashMap::new(),
            of_comments: HashSet::new(),
        };
        if let Some(reader) = &settings.read {
            let origin = Origin {
                reader: reader.clone(),
                url: url.clone(),
            };
            search.look(origin, FoundBy::Address).await;
            return search.seen;
        }
        for feed in platforms::feeds_of(url) {
            search.try_feed(feed, FoundBy::Service).await;
        }
        if search.seen.found.is_empty() {
            search.look_at(url).await;
        }
        if !search.seen.found.is_empty() || search.seen.is_article {
            search.seen.failure = None;
        }
        search.seen
    }

    /// Fetches a page without keeping it.
    pub async fn glance(
        &self,
        url: &WebUrl,
        settings: &SourceSettings,
        patience: Duration,
    ) -> Result<FetchedPage, Failure> {
        let request = FetchRequest {
            url: url.clone(),
            purpose: Purpose::Feed,
            validators: Validators::default(),
            policy: settings.fetch_policy(),
            patience,
        };
        match self.fetch.fetch(request).await {
            FetchOutcome::Page(page) => Ok(self.unpacked(page).await),
            FetchOutcome::Failed(failed) => Err(failed.failure.into()),
            FetchOutcome::NotModified(_) => Err(Failure::NotAPage {
                found: "304 to a request without validators".to_owned(),
            }),
        }
    }
}

struct Search<'a> {
    archive: &'a Archive,
    settings: &'a SourceSettings,
    patience: Duration,
    seen: Discovery,
    /// Hosts that want no more requests, or not ours, and how they said so.
    barred: HashMap<String, Failure>,
    /// Feeds that are named as those of comments, or are.
    of_comments: HashSet<WebUrl>,
}

impl Search<'_> {
    async fn fetch(&mut self, url: &WebUrl) -> Result<FetchedPage, Failure> {
        if let Some(failure) = self.barred.get(url.host()) {
            return Err(failure.clone());
        }
        self.seen.asked.push(url.clone());
        let page = self.archive.glance(url, self.settings, self.patience).await;
        if let Err(failure) = &page {
            self.seen.failure.get_or_insert_with(|| failure.clone());
            if is_barred(failure) {
                let host = url.host().to_owned();
                self.barred.insert(host, failure.clone());
            }
        }
        page
    }

    /// Looks at the address that was given.
    async fn look_at(&mut self, url: &WebUrl) {
        let Ok(page) = self.fetch(url).await else {
            return;
        };
        if is_opml(&page) {
            self.seen.subscriptions = Some(page.body.clone());
            return;
        }
        if read::parse(&page).is_ok() {
            let origin = Origin {
                reader: Reader::Feed,
                url: url.clone(),
            };
            self.add(origin, page, FoundBy::Address).await;
            return;
        }
        if let Err(failure) = is_page(page.content_type(), &page.body) {
            self.seen.failure = Some(failure);
            return;
        }
        self.seen.is_article = is_article(&page);
        self.named(&page).await;
        if !self.seen.is_article {
            self.page(url, page).await;
        } else if self.lacks_feed()
            && let Ok(home) = page.final_url.join("/")
            && let Ok(front) = self.fetch(&home).await
            && is_page(front.content_type(), &front.body).is_ok()
        {
            // The article's site may name a feed, or list its articles.
            self.named(&front).await;
            self.page(&home, front).await;
        }
    }

    /// Whether no feed of articles was found yet.
    fn lacks_feed(&self) -> bool {
        let mut found = self.seen.found.iter();
        found.all(|found| self.of_comments.contains(&found.origin.url))
    }

    /// Looks at a page that is no article, beyond what it names: where its site may have a feed,
    /// and what it lists.
    async fn page(&mut self, url: &WebUrl, page: FetchedPage) {
        let (at, day, wall) = (page.final_url.clone(), page.at, wall::of(&page));
        if self.lacks_feed() {
            self.customary(&usual_places(&at)).await;
        }
        self.listing(url, page).await;
        if self.seen.found.is_empty() {
            let named = self.sitemaps_of(&at).await;
            for map in named {
                self.try_feed(map, FoundBy::Name).await;
            }
        }
        if self.seen.found.is_empty() {
            let maps = SITEMAPS.iter().filter_map(|path| at.join(path).ok());
            self.customary(&maps.collect::<Vec<_>>()).await;
        }
        if self.seen.found.is_empty() {
            let found = "a page that names no feed and lists no articles".to_owned();
            self.seen.failure = Some(wall.unwrap_or(Failure::NotAFeed { found }));
        }
        rank::order(&mut self.seen.found, &self.of_comments, &at, day);
    }

    /// The page's own links to articles. A browser is asked for them only if there is nothing else.
    async fn listing(&mut self, url: &WebUrl, page: FetchedPage) {
        let origin = Origin {
            reader: Reader::Listing,
            url: url.clone(),
        };
        let is_wanted = self.seen.found.is_empty() || origin.reader.lists(&page);
        if is_wanted {
            self.add(origin, page, FoundBy::Links).await;
        }
    }

    /// The feeds that a page names: those that it is sure of first, those of comments last, if
    /// there are no others.
    async fn named(&mut self, page: &FetchedPage) {
        let mut feeds = pressmark_extract::feeds_in(&read::as_page(page));
        feeds.sort_by_key(|feed| (rank::is_of_comments(feed), feed.naming));
        let (mut asked, mut there) = (0, 0);
        for feed in feeds {
            let is_of_comments = rank::is_of_comments(&feed);
            if is_of_comments {
                self.of_comments.insert(feed.url.clone());
            }
            let is_sure = feed.naming == Naming::Declared && !is_of_comments;
            let is_wanted = is_sure || self.lacks_feed();
            if is_wanted && there < NAMED && asked < ASKED {
                asked += 1;
                there += usize::from(self.try_feed(feed.url, FoundBy::Name).await);
            } else if feed.naming != Naming::Linked && !self.seen.asked.contains(&feed.url) {
                self.seen.unread.push(feed);
            }
        }
    }

    /// Where there may be a feed, one after the other, up to the first that is there.
    async fn customary(&mut self, places: &[WebUrl]) {
        for url in places {
            if self.try_feed(url.clone(), FoundBy::Custom).await {
                break;
            }
        }
    }

    /// The sitemaps that robots.txt names, those of news first.
    async fn sitemaps_of(&mut self, page: &WebUrl) -> Vec<WebUrl> {
        let Ok(robots) = page.join("/robots.txt") else {
            return Vec::new();
        };
        let Ok(robots) = self.fetch(&robots).await else {
            return Vec::new();
        };
        let text = String::from_utf8_lossy(&robots.body);
        let mut maps: Vec<WebUrl> = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case("sitemap"))
            .filter_map(|(_, url)| page.join(url.trim()).ok())
            .collect();
        maps.sort_by_key(|url| !url.as_str().contains("news"));
        maps.truncate(NAMED);
        maps
    }

    /// Looks whether a feed is there; says whether it is.
    async fn try_feed(&mut self, url: WebUrl, by: FoundBy) -> bool {
        if self.seen.asked.contains(&url) {
            return false;
        }
        let Ok(page) = self.fetch(&url).await else {
            return false;
        };
        let origin = Origin {
            reader: Reader::Feed,
            url,
        };
        let before = self.seen.found.len();
        if read::parse(&page).is_ok() {
            self.add(origin, page, by).await;
        }
        let new = self.seen.found.get(before);
        if let Some(found) = new.filter(|found| rank::leads_to_comments(&found.entries)) {
            self.of_comments.insert(found.origin.url.clone());
        }
        new.is_some()
    }

    async fn look(&mut self, origin: Origin, by: FoundBy) {
        if let Ok(page) = self.fetch(&origin.url.clone()).await {
            self.add(origin, page, by).await;
        }
    }

    /// Adds what was read, unless it was found before or is nothing.
    async fn add(&mut self, origin: Origin, page: FetchedPage, by: FoundBy) {
        if self
            .seen
            .found
            .iter()
            .any(|found| found.origin.url == origin.url)
        {
            return;
        }
        let front = self
            .archive
            .front(Some(&origin.reader), self.settings, page);
        let page = match front.await {
            Ok((page, _)) => page,
            Err(failure) => {
                self.seen.failure.get_or_insert(failure.into());
                return;
            }
        };
        let head = origin
            .reader
            .read(&page)
            .map(|parsed| (parsed.value.title, parsed.value.format));
        let read = match head {
            Ok(head) => self
                .archive
                .entries_of(&origin, page, None, self.settings, self.patience)
                .await
                .map(|listed| (head, listed)),
            Err(failure) => Err(failure),
        };
        match read {
            Ok((_, listed)) if by == FoundBy::Links && listed.entries.len() < LEAST_OF_A_LIST => {}
            Ok(((title, format), listed)) => self.seen.found.push(Found {
                origin,
                title,
                format,
                entries: listed.entries,
                sitemaps: listed.sitemaps,
                unread: listed.unread,
                by,
            }),
            Err(failure) => {
                self.seen.failure.get_or_insert(failure);
            }
        }
    }
}

/// Whether a host is to be left alone after this.
fn is_barred(failure: &Failure) -> bool {
    matches!(failure, Failure::Fetch { failure }
        if failure.retry_after().is_some() || matches!(failure, FetchFailure::BotChallenge { .. }))
}

/// Where a page's part of its site may have a feed, and then where its host may.
fn usual_places(page: &WebUrl) -> Vec<WebUrl> {
    let path = page.as_url().path();
    let folder = match path.rsplit_once('/') {
        Some((before, last)) if last.contains('.') => [before, "/"].concat(),
        _ => [path.trim_end_matches('/'), "/"].concat(),
    };
    let of_a_part = FEEDS_OF_A_PART.iter().filter(|_| folder != "/");
    of_a_part
        .map(|name| [folder.as_str(), name].concat())
        .chain(FEEDS.map(str::to_owned))
        .filter_map(|path| page.join(&path).ok())
        .collect()
}

/// Whether a page is an article's, rather than a list of them: its address looks like it, or it
/// says so. No front page is one.
fn is_article(page: &FetchedPage) -> bool {
    let url = &page.final_url;
    let found = pressmark_extract::extract(&read::as_page(page), &Hints::default());
    let is_front = url.as_url().path() == "/";
    found.is_article && (pressmark_extract::may_be_article(url) || found.says_article && !is_front)
}

fn is_opml(page: &FetchedPage) -> bool {
    const GLANCE: usize = 1024;
    let start = page.body.get(..GLANCE).unwrap_or(&page.body);
    String::from_utf8_lossy(start).contains("<opml")
}

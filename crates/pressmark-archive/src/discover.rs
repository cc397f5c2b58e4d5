//! What can be watched at an address, whatever it is: a feed, a page that names feeds or lists
//! articles, an article, a sitemap, a page of a well-known service, a list of subscriptions.

use std::time::Duration;

use bytes::Bytes;
use pressmark_extract::{FeedLink, Hints};
use pressmark_model::{Entry, FeedFormat, WebUrl};

use crate::archive::Archive;
use crate::derive::is_page;
use crate::failure::Failure;
use crate::origin::{Origin, Reader};
use crate::platforms;
use crate::ports::fetch::{
    FetchFailure, FetchOutcome, FetchRequest, FetchedPage, Purpose, Validators,
};
use crate::read::{self, LEAST_OF_A_LIST};
use crate::source::SourceSettings;

/// So many of the feeds that a page names are looked at.
const NAMED: usize = 3;

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
}

impl Search<'_> {
    async fn fetch(&mut self, url: &WebUrl) -> Result<FetchedPage, Failure> {
        self.seen.asked.push(url.clone());
        let page = self.archive.glance(url, self.settings, self.patience).await;
        if let Err(failure) = &page {
            self.seen.failure.get_or_insert_with(|| failure.clone());
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
        let home = page.final_url.join("/").ok().filter(|home| home != url);
        self.named(&page).await;
        if self.seen.found.is_empty() && self.seen.is_article {
            // The article's site may name a feed, or list its articles.
            if let Some(home) = home
                && let Ok(front) = self.fetch(&home).await
                && is_page(front.content_type(), &front.body).is_ok()
            {
                self.page(&home, front).await;
            }
        } else if self.seen.found.is_empty() {
            self.page(url, page).await;
        }
    }

    /// Looks at a page that is no article: what it names, where its site may have a feed, and what
    /// it lists.
    async fn page(&mut self, url: &WebUrl, page: FetchedPage) {
        if self.seen.is_article {
            self.named(&page).await;
        }
        if self.seen.found.is_empty() {
            self.customary(&page.final_url, &FEEDS).await;
        }
        let origin = Origin {
            reader: Reader::Listing,
            url: url.clone(),
        };
        let at = page.final_url.clone();
        self.add(origin, page, FoundBy::Links).await;
        if self.seen.found.is_empty() {
            let named = self.sitemaps_of(&at).await;
            for map in named {
                self.try_feed(map, FoundBy::Name).await;
            }
        }
        if self.seen.found.is_empty() {
            self.customary(&at, &SITEMAPS).await;
        }
        if self.seen.found.is_empty() {
            let found = "a page that names no feed and lists no articles".to_owned();
            self.seen.failure = Some(Failure::NotAFeed { found });
        }
    }

    /// The feeds that a page names, those of comments last.
    async fn named(&mut self, page: &FetchedPage) {
        let mut feeds = pressmark_extract::feeds_in(&read::as_page(page));
        feeds.sort_by_key(is_of_comments);
        for feed in feeds.into_iter().take(NAMED) {
            if is_of_comments(&feed) && !self.seen.found.is_empty() {
                break;
            }
            self.try_feed(feed.url, FoundBy::Name).await;
        }
    }

    /// Where the host may have a feed, one after the other, up to the first that is there.
    async fn customary(&mut self, page: &WebUrl, paths: &[&str]) {
        for path in paths {
            let Ok(url) = page.join(path) else { continue };
            if self.try_feed(url, FoundBy::Custom).await {
                break;
            }
            let barred = matches!(
                &self.seen.failure,
                Some(Failure::Fetch { failure })
                    if failure.retry_after().is_some()
                        || matches!(failure, FetchFailure::BotChallenge { .. })
            );
            if barred {
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
        self.seen.found.len() > before
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

fn is_of_comments(feed: &FeedLink) -> bool {
    let title = feed.title.as_deref().unwrap_or_default().to_lowercase();
    let path = feed.url.as_url().path();
    path.contains("/comments/")
        || path.ends_with("/comments")
        || [
            "comment",
            "kommentar",
            "commentaire",
            "comentario",
            "评论",
            "留言",
            "コメント",
        ]
        .iter()
        .any(|word| title.contains(word))
}

/// Whether a page is an article's, rather than a list of them.
fn is_article(page: &FetchedPage) -> bool {
    let likely = pressmark_extract::may_be_article(&page.final_url);
    likely && pressmark_extract::extract(&read::as_page(page), &Hints::default()).is_article
}

fn is_opml(page: &FetchedPage) -> bool {
    const GLANCE: usize = 1024;
    let start = page.body.get(..GLANCE).unwrap_or(&page.body);
    String::from_utf8_lossy(start).contains("<opml")
}

//! Sitemaps: packed ones, indexes of them, and what the first visit of an index costs.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use pressmark_model::{Entry, Issue, WebUrl};
use pressmark_warc::coding::{self, Coding};

use crate::archive::Archive;
use crate::discover::Found;
use crate::failure::Failure;
use crate::origin;
use crate::ports::fetch::FetchedPage;
use crate::read::{self, limit};
use crate::source::SourceSettings;

/// So many sitemaps of an index are read at one poll, unless more entries were asked for.
const SITEMAPS: usize = 3;
/// More are never read at one visit …
const MOST_SITEMAPS: usize = 1_000;
/// … and none after so many entries.
const MOST_ENTRIES: usize = 100_000;
/// So many sitemaps of an index tell how much the others list.
const SAMPLE: usize = 5;
/// A sitemap has no more bytes when it is unpacked (sitemaps.org, "Sitemap file location").
const MOST_BYTES: usize = 50 << 20;
/// An index of which so many more sitemaps fail than are read is given up.
const MOST_FAILURES: usize = 3;
/// So many sitemaps and indexes in indexes are asked for at one poll.
const MOST_ASKED: usize = 12;
/// How a file begins that was packed by gzip (RFC 1952, section 2.3.1).
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// What a document lists.
pub(crate) struct Listed {
    pub(crate) entries: Vec<Entry>,
    /// How many sitemaps were read for that.
    pub(crate) sitemaps: usize,
    /// The sitemaps that were not read.
    pub(crate) unread: Vec<WebUrl>,
    /// Why some could not be read.
    pub(crate) issues: Vec<Issue>,
}

impl Listed {
    /// All that a document lists, which is no index.
    pub(crate) fn whole(entries: Vec<Entry>) -> Self {
        Self {
            entries,
            sitemaps: 0,
            unread: Vec::new(),
            issues: Vec::new(),
        }
    }
}

/// What stands in a sitemap of an index.
enum Sitemap {
    Entries(Vec<Entry>),
    /// An index in an index; sitemaps.org has none, sites have.
    Index(Vec<WebUrl>),
}

/// How many entries a first visit looks for in an index of sitemaps, if not only for the newest.
pub(crate) fn backfill(settings: &SourceSettings, first_visit: bool) -> Option<usize> {
    let asked = settings.backfill.filter(|_| first_visit);
    asked.map(|_| limit(settings))
}

/// What the first visit of a source will cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The entries that it takes …
    pub entries: u64,
    /// … of so many.
    pub listed: u64,
    /// The sitemaps that were read to tell …
    pub sitemaps_read: u64,
    /// … of so many. If they are as many, nothing is estimated.
    pub sitemaps: u64,
    /// All requests, images apart.
    pub requests: u64,
    /// Those of them that one host gets, the one that gets the most.
    pub to_one_host: u64,
}

impl Estimate {
    /// Whether everything was counted.
    pub fn is_exact(&self) -> bool {
        self.sitemaps_read >= self.sitemaps
    }

    /// How long it takes at least, with so long between two requests to one host.
    pub fn time(&self, gap: Duration) -> Duration {
        gap.saturating_mul(u32::try_from(self.to_one_host).unwrap_or(u32::MAX))
    }
}

/// How much something leads to.
struct Size {
    entries: u64,
    sitemaps: u64,
    /// Of the sitemaps, those that were read to tell.
    read: u64,
}

impl Size {
    /// The part of it that a first visit reads for so many entries.
    fn within(&self, wanted: u64) -> Self {
        let most = MOST_SITEMAPS as u64;
        let sitemaps = match self.entries {
            0 => self.sitemaps.min(most),
            all => (wanted.min(all) * self.sitemaps).div_ceil(all).min(most),
        };
        // The first few are read in any case.
        let sitemaps = sitemaps.max(self.sitemaps.min(SITEMAPS as u64));
        let entries = match self.sitemaps {
            0 => self.entries,
            all => self.entries * sitemaps / all,
        };
        Self {
            entries: entries.min(wanted),
            sitemaps,
            read: self.read,
        }
    }
}

impl Archive {
    /// What the first visit of these things costs as one source. Of an index of sitemaps a few
    /// that were not read yet are read, spread over all of them; the others are taken for alike.
    pub async fn estimate(
        &self,
        found: &[&Found],
        settings: &SourceSettings,
        patience: Duration,
    ) -> Estimate {
        let mut sum = Estimate {
            entries: 0,
            listed: 0,
            sitemaps_read: 0,
            sitemaps: 0,
            requests: 0,
            to_one_host: 0,
        };
        let wanted = limit(settings).min(MOST_ENTRIES) as u64;
        let mut hosts: HashMap<&str, u64> = HashMap::new();
        for found in found {
            let size = self.size_of(found, settings, patience).await;
            let reached = size.within(wanted);
            sum.entries = (sum.entries + reached.entries).min(wanted);
            sum.listed += size.entries;
            sum.sitemaps_read += size.read;
            sum.sitemaps += size.sitemaps;
            sum.requests += 1 + reached.sitemaps;
            for entry in &found.entries {
                let host = entry.link.as_ref().map_or("", WebUrl::host);
                *hosts.entry(host).or_default() += 1;
            }
        }
        sum.to_one_host = sum.requests;
        if settings.full_text != Some(false) {
            let (busiest, all) = (hosts.values().max(), hosts.values().sum::<u64>());
            sum.to_one_host += sum.entries * busiest.copied().unwrap_or(1) / all.max(1);
            sum.requests += sum.entries;
        }
        sum
    }

    /// How much something that was found leads to.
    async fn size_of(&self, found: &Found, settings: &SourceSettings, patience: Duration) -> Size {
        let mut size = Size {
            entries: found.entries.len() as u64,
            sitemaps: found.sitemaps as u64,
            read: found.sitemaps as u64,
        };
        let (mut sampled, mut entries, mut sitemaps) = (0, 0, 0);
        for url in spread(&found.unread, SAMPLE) {
            let (some, of) = self.size_behind(url, settings, patience).await;
            (sampled, entries, sitemaps) = (sampled + 1, entries + some, sitemaps + of);
        }
        let unread = found.unread.len() as u64;
        size.entries += entries * unread / sampled.max(1);
        size.sitemaps += sitemaps * unread / sampled.max(1);
        size.read += sampled;
        size
    }

    /// How many entries there are behind a sitemap of an index, and in how many sitemaps: of an
    /// index in its place, one of its sitemaps tells.
    async fn size_behind(
        &self,
        url: &WebUrl,
        settings: &SourceSettings,
        patience: Duration,
    ) -> (u64, u64) {
        match self.read_sitemap(url.clone(), settings, patience).await {
            Ok(Sitemap::Entries(entries)) => (entries.len() as u64, 1),
            Ok(Sitemap::Index(maps)) => {
                let all = maps.len() as u64;
                let middle = maps.into_iter().nth(usize::try_from(all / 2).unwrap_or(0));
                let Some(url) = middle else { return (0, 1) };
                match self.read_sitemap(url, settings, patience).await {
                    Ok(Sitemap::Entries(entries)) => (entries.len() as u64 * all, all),
                    Ok(Sitemap::Index(_)) | Err(_) => (0, all),
                }
            }
            Err(_) => (0, 1),
        }
    }

    /// What an index of sitemaps leads to: a few sitemaps, or as many as are needed for so many
    /// entries. What fails of them is told; that nothing could be read is a failure.
    pub(crate) async fn read_index(
        &self,
        maps: Vec<WebUrl>,
        backfill: Option<usize>,
        settings: &SourceSettings,
        patience: Duration,
    ) -> Result<Listed, Failure> {
        let most_asked = backfill.map_or(MOST_ASKED, |_| MOST_SITEMAPS);
        let mut first_failure = None;
        let mut listed = Listed::whole(Vec::new());
        let mut links = HashSet::new();
        let mut known: HashSet<WebUrl> = maps.iter().cloned().collect();
        let mut waiting = VecDeque::from(maps);
        let mut asked = 0;
        while let Some(url) = waiting.pop_front() {
            let enough = backfill.is_none_or(|most| listed.entries.len() >= most.min(MOST_ENTRIES));
            let failing = listed.issues.len() >= MOST_FAILURES + listed.sitemaps;
            if asked >= most_asked || failing || listed.sitemaps >= SITEMAPS && enough {
                waiting.push_front(url);
                break;
            }
            asked += 1;
            match self.read_sitemap(url.clone(), settings, patience).await {
                Ok(Sitemap::Index(maps)) => {
                    for url in maps.into_iter().rev() {
                        if known.insert(url.clone()) {
                            waiting.push_front(url);
                        }
                    }
                }
                Ok(Sitemap::Entries(found)) => {
                    listed.sitemaps += 1;
                    let new = |entry: &Entry| links.insert(entry.link.clone());
                    listed.entries.extend(found.into_iter().filter(new));
                }
                Err(failure) => {
                    listed.issues.push(origin::not_read(&url, &failure));
                    first_failure.get_or_insert(failure);
                }
            }
        }
        listed.unread = waiting.into();
        match first_failure {
            Some(failure) if listed.sitemaps == 0 => Err(failure),
            _ => Ok(listed),
        }
    }

    async fn read_sitemap(
        &self,
        url: WebUrl,
        settings: &SourceSettings,
        patience: Duration,
    ) -> Result<Sitemap, Failure> {
        let page = self.glance(&url, settings, patience).await?;
        let read = self.compute(move || {
            let mut feed = read::parse(&page)?.value;
            if let Some(maps) = origin::sitemaps_in(&page, &feed) {
                return Ok(Sitemap::Index(maps));
            }
            origin::keep_articles(&mut feed);
            Ok(Sitemap::Entries(feed.entries))
        });
        let found = "a document that the reader failed on".to_owned();
        read.await.unwrap_or(Err(Failure::NotAFeed { found }))
    }

    /// A document that is a packed file, as sitemaps are, unpacked; any other as it is.
    pub(crate) async fn unpacked(&self, mut page: FetchedPage) -> FetchedPage {
        if !page.body.starts_with(&GZIP) {
            return page;
        }
        let packed = page.body.clone();
        let unpacked = self.compute(move || coding::decode(Coding::Gzip, &packed, MOST_BYTES));
        match unpacked.await {
            Ok(Ok(decoded)) => page.body = decoded.bytes.into(),
            // It stays what no reader reads, and is told as that.
            Ok(Err(error)) => tracing::debug!(url = %page.url, %error, "not unpacked"),
            Err(error) => tracing::error!(url = %page.url, %error, "not unpacked"),
        }
        page
    }
}

/// So many of these, from all over.
fn spread<T>(all: &[T], most: usize) -> impl Iterator<Item = &T> {
    let taken = most.min(all.len());
    // Of equal parts the middles.
    (0..taken).filter_map(move |n| all.get((2 * n + 1) * all.len() / (2 * taken)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_from_all_over() {
        let all: Vec<usize> = (0..100).collect();
        let some = |n: usize| spread(&all[..n], 5).copied().collect::<Vec<_>>();
        assert_eq!(some(100), [10, 30, 50, 70, 90]);
        assert_eq!(some(5), [0, 1, 2, 3, 4]);
        assert_eq!(some(2), [0, 1]);
        assert!(some(0).is_empty());
    }
}

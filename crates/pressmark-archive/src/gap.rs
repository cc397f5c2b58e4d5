//! Gaps: a document that lists nothing of what was known has rolled over between two polls. What
//! came and went in between is looked for where else the source lists it; where nothing does,
//! polls come closer.

use std::collections::HashSet;
use std::time::Duration;

use pressmark_model::{Entry, EntryKey, Issue, SourceId, WebUrl};

use crate::archive::{Archive, ArchiveError};
use crate::entry::{EntryDelta, FeedRead, ListedEntry, PollResult};
use crate::gather::{Deposit, RawCapture};
use crate::read::{Answer, parse};
use crate::source::{Source, SourceSettings};
use crate::{identity, span, sync};

/// With fewer entries, that all are new says nothing.
pub(crate) const LEAST: usize = 2;
/// So many older pages of a feed are read at most to close a gap.
const MOST_PAGES: usize = 20;

/// What one address of a source lists.
pub(crate) struct Part {
    links: HashSet<WebUrl>,
    /// Whether there is a gap before it; else what it lists tells.
    gap: Option<bool>,
}

impl Part {
    pub(crate) fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>, gap: Option<bool>) -> Self {
        let links = entries.into_iter().filter_map(|entry| entry.link.clone());
        Self {
            links: links.collect(),
            gap,
        }
    }
}

/// Whether something may have been missed, given all that is listed: there is a gap before one of
/// the parts, and no other part reaches back to what was known and lists any of the same.
pub(crate) fn is_open(parts: &[Part], listed: &[ListedEntry]) -> bool {
    let known: HashSet<&WebUrl> = listed
        .iter()
        .filter(|listed| listed.delta != EntryDelta::New)
        .filter_map(|listed| listed.entry.link.as_ref())
        .collect();
    let reaches = |part: &Part| part.links.iter().any(|link| known.contains(link));
    let is_gap = |part: &Part| {
        part.gap
            .unwrap_or_else(|| part.links.len() >= LEAST && !reaches(part))
    };
    let closes =
        |other: &Part, part: &Part| reaches(other) && !other.links.is_disjoint(&part.links);
    parts
        .iter()
        .any(|part| is_gap(part) && !parts.iter().any(|other| closes(other, part)))
}

impl Archive {
    /// Reads the older pages of a feed (RFC 5005) until one lists what is known, and adds what
    /// stands before that; says whether one did. Pages of other sites are not asked: the source's
    /// cookies are not theirs.
    pub(crate) async fn read_older(
        &self,
        source: &Source,
        settings: &SourceSettings,
        patience: Duration,
        mut older: Option<WebUrl>,
        read: &mut FeedRead,
    ) -> Result<bool, ArchiveError> {
        let mut taken: HashSet<EntryKey> = read.entries.iter().map(|e| e.key.clone()).collect();
        let mut asked = HashSet::new();
        while let Some(url) = older.take() {
            let is_ours = identity::same_site(&url, &source.url);
            if !is_ours || asked.len() >= MOST_PAGES || !asked.insert(url.clone()) {
                break;
            }
            let Ok(page) = self.glance(&url, settings, patience).await else {
                break;
            };
            let raw = RawCapture::of_page(&page);
            let Ok(Ok(parsed)) = self.compute(move || parse(&page)).await else {
                break;
            };
            let mut feed = parsed.value;
            if !self.strip_redacted(&mut feed.entries) {
                let deposit = Deposit {
                    raw: Some(raw),
                    commit: None,
                };
                let capture = self.gatherer.store(deposit).await?.capture;
                read.captures.extend(capture);
            }
            let mut listed = sync::keyed(feed.entries);
            listed.retain(|(key, _)| taken.insert(key.clone()));
            let keys: Vec<EntryKey> = listed.iter().map(|(key, _)| key.clone()).collect();
            let known = self.catalog.known_entries(source.id, &keys).await?;
            let entries = listed.iter().map(|(_, entry)| entry);
            let links = self.known_links(source.id, entries).await?;
            let is_known = |(key, entry): &(EntryKey, Entry)| {
                known.iter().any(|known| known.key == *key)
                    || entry.link.as_ref().is_some_and(|link| links.contains(link))
            };
            let first_known = listed.iter().position(is_known);
            listed.truncate(first_known.unwrap_or(usize::MAX));
            read.entries.extend(sync::compare(listed, &[], None));
            if first_known.is_some() {
                return Ok(true);
            }
            older = feed.older;
        }
        Ok(false)
    }

    /// The links of these entries that the source has listed before, under whatever key: a
    /// publisher may give all entries other ones.
    pub(crate) async fn known_links<'e>(
        &self,
        source: SourceId,
        entries: impl Iterator<Item = &'e Entry>,
    ) -> Result<HashSet<WebUrl>, ArchiveError> {
        let links: Vec<WebUrl> = entries.filter_map(|entry| entry.link.clone()).collect();
        let known = self.catalog.linked_entries(source, &links).await?;
        Ok(known.into_iter().map(|known| known.link).collect())
    }

    /// Learns from a gap that nothing closes, and says so in the answer.
    pub(crate) fn learn_gap(
        &self,
        source: &Source,
        settings: &SourceSettings,
        answer: &mut Answer,
    ) {
        let PollResult::Read(read) = &mut answer.result else {
            return;
        };
        if let Some(before) = source.status.succeeded_at {
            read.rhythm.rolled_over(self.clock.now().since(before));
        }
        let within = read.rhythm.within();
        let within = within.map(|w| format!("it is polled every {} at least now", span::rough(w)));
        let then = match (settings.interval, within) {
            (Some(_), _) => "the `interval` that is set is too long for it".to_owned(),
            (None, Some(within)) => within,
            (None, None) => "it was not polled for long".to_owned(),
        };
        read.issues.push(Issue {
            line: None,
            message: format!(
                "none of the entries that were listed before is listed still, and some may be missed: {then}"
            ),
        });
        let hub = self.reliance(source, true);
        answer.wait = self.wait(settings, &read.rhythm, answer.max_age, hub);
    }
}

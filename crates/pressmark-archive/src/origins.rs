//! Further addresses of a source: each is asked with its own validators, and its entries are joined
//! to those of the first by their links.

use std::collections::{HashMap, HashSet};

use pressmark_model::{Digest, Entry, EntryKey, Issue, SourceId, WebUrl};

use crate::archive::{Archive, ArchiveError};
use crate::capture::NewCapture;
use crate::entry::{EntryDelta, FeedRead, LinkedEntry, ListedEntry, PollResult};
use crate::failure::Failure;
use crate::gap::{self, Part};
use crate::gather::{Deposit, RawCapture};
use crate::origin::{self, Origin, OriginState};
use crate::ports::fetch::{FetchOutcome, FetchRequest, FetchedPage, Purpose};
use crate::read::{Answer, limit};
use crate::sitemaps::{Listed, backfill};
use crate::source::{Source, SourceSettings};
use crate::sync;

/// What one further address brought.
struct Asked {
    state: OriginState,
    /// Its entries, if they are not those of the last time.
    entries: Option<Vec<Entry>>,
    capture: Option<NewCapture>,
    /// What could not be read of an index of sitemaps.
    issues: Vec<Issue>,
    /// Nothing was read of it before.
    first: bool,
}

impl Archive {
    /// Asks the further addresses of a source, and joins what they bring to the answer of the
    /// first.
    pub(crate) async fn join_further(
        &self,
        source: &Source,
        settings: &SourceSettings,
        mut answer: Answer,
        patience: std::time::Duration,
    ) -> Result<(Answer, Vec<OriginState>), ArchiveError> {
        if settings.also.is_empty() {
            return Ok((answer, Vec::new()));
        }
        let (mut states, mut brought) = (Vec::new(), Vec::new());
        let mut issues = Vec::new();
        for origin in &settings.also {
            let asked = self.ask_further(source, settings, origin, patience).await?;
            if let Some(failure) = &asked.state.failure {
                issues.push(origin::not_read(&asked.state.url, failure));
            }
            states.push(asked.state.clone());
            brought.push(asked);
        }
        let quiet = brought.iter().all(|asked| asked.entries.is_none());
        let main = match answer.result {
            PollResult::Read(read) => Some(*read),
            other if quiet => {
                answer.result = other;
                return Ok((answer, states));
            }
            _ => None,
        };
        let was_read = main.is_some();
        let mut read = main.unwrap_or_else(|| as_before(source));
        let mut parts = Vec::new();
        if was_read {
            let listed = read.entries.iter().map(|listed| &listed.entry);
            parts.push(Part::of(listed, Some(answer.gap)));
        }
        if let Some(failure) = answer.failure.take_if(|_| !quiet) {
            issues.push(origin::not_read(&source.url, &failure));
        }
        read.complete = was_read && brought.iter().all(|asked| asked.entries.is_some());
        read.issues.extend(issues);
        for asked in brought {
            read.issues.extend(asked.issues);
            read.captures.extend(asked.capture);
            let Some(entries) = asked.entries else {
                continue;
            };
            parts.push(Part::of(&entries, asked.first.then_some(false)));
            self.join(source.id, &mut read, entries, asked.first, settings)
                .await?;
        }
        self.adopt(source.id, &mut read).await?;
        answer.gap = gap::is_open(&parts, &read.entries);
        answer.result = PollResult::Read(Box::new(read));
        Ok((answer, states))
    }

    /// Adds the entries that the others do not have.
    async fn join(
        &self,
        source: SourceId,
        read: &mut FeedRead,
        entries: Vec<Entry>,
        first: bool,
        settings: &SourceSettings,
    ) -> Result<(), ArchiveError> {
        let (mut keys, mut links) = (HashSet::new(), HashSet::new());
        for listed in &read.entries {
            keys.insert(listed.key.clone());
            links.extend(listed.entry.link.clone());
        }
        let mut listed = sync::keyed(entries);
        listed.retain(|(key, entry)| {
            let known_link = entry.link.as_ref().is_some_and(|link| links.contains(link));
            !known_link && !keys.contains(key)
        });
        let asked: Vec<EntryKey> = listed.iter().map(|(key, _)| key.clone()).collect();
        let known = self.catalog.known_entries(source, &asked).await?;
        let mut added = sync::compare(listed, &known, first.then(|| limit(settings)));
        for listed in &mut added {
            // Two addresses may say of one article what they like: that is no change of it.
            if listed.delta == EntryDelta::Changed && listed.entry.guid.is_none() {
                listed.delta = EntryDelta::Unchanged;
            }
        }
        read.entries.extend(added);
        Ok(())
    }

    /// Gives entries that another address brought before, under another key, the key that they
    /// have. What is first seen in a feed then is told by it from now on.
    async fn adopt(&self, source: SourceId, read: &mut FeedRead) -> Result<(), ArchiveError> {
        let new = |listed: &&ListedEntry| listed.delta == EntryDelta::New;
        let links: Vec<WebUrl> = read
            .entries
            .iter()
            .filter(new)
            .filter_map(|listed| listed.entry.link.clone())
            .collect();
        let linked = self.catalog.linked_entries(source, &links).await?;
        let mut known: HashMap<WebUrl, LinkedEntry> = HashMap::new();
        for entry in linked {
            known.entry(entry.link.clone()).or_insert(entry);
        }
        let mut taken: HashSet<EntryKey> = read.entries.iter().map(|e| e.key.clone()).collect();
        read.entries.retain_mut(|listed| {
            let link = listed.entry.link.as_ref();
            let Some(before) = link.and_then(|link| known.get(link)) else {
                return true;
            };
            if listed.delta != EntryDelta::New || listed.key == before.entry.key {
                return true;
            }
            let same_guid = listed.entry.guid == before.guid;
            let same_text = listed.entry.digest() == before.entry.digest;
            listed.key = before.entry.key.clone();
            listed.delta = match listed.entry.guid {
                Some(_) if !same_text => EntryDelta::Changed,
                _ => EntryDelta::Unchanged,
            };
            listed.wanted = same_guid;
            taken.insert(listed.key.clone())
        });
        Ok(())
    }

    async fn ask_further(
        &self,
        source: &Source,
        settings: &SourceSettings,
        origin: &Origin,
        patience: std::time::Duration,
    ) -> Result<Asked, ArchiveError> {
        let before = source
            .status
            .origins
            .iter()
            .find(|state| state.url == origin.url);
        let validators = before.map(|state| state.validators.clone());
        let digest = before.and_then(|state| state.digest);
        let mut asked = Asked {
            state: OriginState {
                url: origin.url.clone(),
                validators: validators.clone().unwrap_or_default(),
                digest,
                failure: None,
            },
            entries: None,
            capture: None,
            issues: Vec::new(),
            first: digest.is_none(),
        };
        let request = FetchRequest {
            url: origin.url.clone(),
            purpose: Purpose::Feed,
            validators: validators.unwrap_or_default(),
            policy: settings.fetch_policy(),
            patience,
        };
        let page = match self.fetch.fetch(request).await {
            FetchOutcome::NotModified(answer) => {
                asked.state.validators = answer.validators;
                return Ok(asked);
            }
            FetchOutcome::Failed(failed) => {
                asked.state.failure = Some(failed.failure.into());
                return Ok(asked);
            }
            FetchOutcome::Page(page) => self.unpacked(page).await,
        };
        let raw = RawCapture::of_page(&page);
        let shown = self.front(Some(&origin.reader), settings, page).await;
        let (page, raw) = match shown {
            Ok((page, Some(rendered))) => (page, raw.shown(rendered)),
            Ok((page, None)) => (page, raw),
            Err(failure) => {
                asked.state.failure = Some(failure.into());
                return Ok(asked);
            }
        };
        let body = Digest::of(&page.body);
        if digest == Some(body) && !origin::is_index(&page.body) {
            asked.state.validators = page.validators;
            return Ok(asked);
        }
        let validators = page.validators.clone();
        let backfill = backfill(settings, asked.first);
        let read = self.entries_of(origin, page, backfill, settings, patience);
        match read.await {
            Ok(Listed {
                mut entries,
                issues,
                ..
            }) => {
                let has_redacted = self.strip_redacted(&mut entries);
                let deposit = Deposit {
                    raw: (digest != Some(body) && !has_redacted).then_some(raw),
                    commit: None,
                };
                asked.capture = self.gatherer.store(deposit).await?.capture;
                asked.state.validators = validators;
                asked.state.digest = Some(body);
                asked.entries = Some(entries);
                asked.issues = issues;
            }
            Err(failure) => asked.state.failure = Some(failure),
        }
        Ok(asked)
    }

    /// The entries of a document, those of a sitemap index from its sitemaps: as many as are
    /// needed for so many entries.
    pub(crate) async fn entries_of(
        &self,
        origin: &Origin,
        page: FetchedPage,
        backfill: Option<usize>,
        settings: &SourceSettings,
        patience: std::time::Duration,
    ) -> Result<Listed, Failure> {
        let reader = origin.reader.clone();
        let read = self.compute(move || {
            reader.read(&page).map(|parsed| {
                let mut feed = parsed.value;
                let maps = origin::sitemaps_in(&page, &feed);
                origin::keep_articles(&mut feed);
                (feed.entries, maps)
            })
        });
        let found = "a document that the reader failed on".to_owned();
        let (entries, maps) = read.await.unwrap_or(Err(Failure::NotAFeed { found }))?;
        match maps {
            Some(maps) => Box::pin(self.read_index(maps, backfill, settings, patience)).await,
            None => Ok(Listed::whole(entries)),
        }
    }
}

/// What was known of a source whose first address brought nothing new.
fn as_before(source: &Source) -> FeedRead {
    let status = &source.status;
    FeedRead {
        validators: status.validators.clone(),
        body_digest: status.body_digest.unwrap_or_else(|| Digest::of(&[])),
        format: status.format,
        title: status.title.clone(),
        home: status.home.clone(),
        language: status.language.clone(),
        issues: Vec::new(),
        rhythm: status.rhythm.clone(),
        hub: status.hub.clone(),
        captures: Vec::new(),
        complete: false,
        entries: Vec::new(),
    }
}

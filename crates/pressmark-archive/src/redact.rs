//! Redaction: what the law demands is taken out, everywhere, and that it was stays visible.
//!
//! First the catalog: one transaction adds the leaf, and erases the records and nonces of the
//! article's other leaves, its texts, its entries, and what names it. Then the segments that hold
//! its pages, its images, or documents that list it: each is copied without these, the rows follow,
//! and the old file is removed. Then the database writes its files anew. A redaction that was cut
//! off goes on where it was.

mod keys;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt as _;
use pressmark_model::{ArticleId, CaptureId, Digest, Entry, LeafIndex, Timestamp, WebUrl};
use pressmark_warc::{HttpResponse, Reader, Record, RecordType};
use serde::{Deserialize, Serialize};

use crate::archive::{Archive, ArchiveError};
use crate::capture::{CaptureRecord, StoredRecord};
use crate::entry::PendingEntry;
use crate::identity;

pub use self::keys::{RedactedKeys, letters, prints, said_by, title_print};

/// So many captures are looked at in a piece.
const PAGE: u32 = 500;
/// Shorter texts stand in too many documents to tell anything.
const SHORTEST_MARK: usize = 8;
/// So much of a document is looked at, in bytes after decoding.
const LARGEST: usize = 256 << 20;
/// So long until it is looked again whether others are done.
const WAIT: Duration = Duration::from_millis(500);

/// A redaction to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRedaction {
    /// The article.
    pub article: ArticleId,
    /// Why, in the words of whoever does it; shown for good.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Random bytes for the first redaction, which keep what is hashed from being guessed from
    /// outside.
    pub salt: [u8; 32],
}

/// An article that was taken out, or is being.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// The article.
    pub article: ArticleId,
    /// The leaf that says so.
    pub leaf: LeafIndex,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// Why.
    pub reason: String,
    /// What it still needs; none when it is done.
    pub work: Option<RedactionWork>,
    /// When every store had reported.
    pub done_at: Option<Timestamp>,
}

/// What a text is found by until it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RedactionWork {
    /// The keys of its addresses, see [`identity::key`].
    pub keys: BTreeSet<String>,
    /// The keys of the addresses of images that no other article has.
    #[serde(default)]
    pub media: BTreeSet<String>,
    /// Its addresses, guids and titles.
    pub marks: BTreeSet<String>,
    /// The captures that its versions, its doubted texts and its images were read from.
    pub captures: BTreeSet<i64>,
}

/// Where a WARC record is from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedRecord {
    /// Its id.
    pub id: String,
    /// The segment.
    pub segment: Digest,
    /// Where its gzip member begins.
    pub offset: u64,
}

/// What taking an article out came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Redacted {
    /// Captures that were taken out.
    pub captures: u64,
    /// Segments that were copied without them.
    pub segments: u64,
}

impl RedactionWork {
    /// Whether a capture was asked for at an address of the article.
    fn names(&self, capture: &CaptureRecord) -> bool {
        let capture = &capture.capture;
        self.has_address(&capture.url) || self.has_address(&capture.final_url)
    }

    /// Whether an address is one of the article or of its own images.
    fn has_address(&self, url: &WebUrl) -> bool {
        let key = identity::key(url);
        let is_of_it = self.keys.contains(&key) || self.media.contains(&key);
        is_of_it && identity::names_one_page(url)
    }

    /// Adds what an entry of the article says of it: its addresses, and what it is told by.
    pub fn add(&mut self, entry: &Entry) {
        self.marks.extend(entry.guid.clone());
        self.marks.insert(entry.title.clone());
        if let Some(link) = &entry.link {
            self.add_address(link);
        }
    }

    /// Adds an address of the article.
    pub fn add_address(&mut self, url: &WebUrl) {
        self.marks.insert(url.as_str().to_owned());
        if identity::names_one_page(url) {
            self.keys.insert(identity::key(url));
            // Pages link to it by its path.
            self.marks.insert(url.as_url().path().to_owned());
        }
    }

    /// What a document that lists the article has in it, as bytes.
    fn literal(&self) -> Vec<Vec<u8>> {
        let mut signs = BTreeSet::new();
        for mark in self.marks.iter().filter(|mark| mark.len() >= SHORTEST_MARK) {
            // In HTML and XML, and in JSON.
            signs.insert(mark.clone());
            signs.insert(mark.replace('&', "&amp;"));
            signs.insert(mark.replace('/', "\\/"));
            signs.insert(pressmark_html::escape(mark));
        }
        signs.into_iter().map(String::into_bytes).collect()
    }
}

impl Archive {
    /// Takes an article out, or goes on with that; `None` if there is no such article. When this
    /// returns the catalog and the segments have nothing of it any more; projections are the
    /// caller's, and [`Archive::end_redaction`] then.
    pub async fn redact(
        &self,
        article: ArticleId,
        reason: &str,
    ) -> Result<Option<Redacted>, ArchiveError> {
        let new = NewRedaction {
            article,
            reason: reason.to_owned(),
            at: self.clock.now(),
            salt: self.entropy.bytes(),
        };
        let nonce = self.entropy.bytes();
        let begun = self.catalog.begin_redaction(self.id, &new, nonce).await?;
        self.learn_redactions().await?;
        match begun {
            Some(redaction) => Ok(Some(self.take_out(&redaction).await?)),
            None => Ok(None),
        }
    }

    /// Takes what is left of an article out of the segments and of the database's files.
    pub async fn take_out(&self, redaction: &Redaction) -> Result<Redacted, ArchiveError> {
        let mut done = Redacted::default();
        let Some(work) = &redaction.work else {
            return Ok(done);
        };
        self.remove_old_segments(redaction.article).await?;
        let found = self.captures_of(redaction, work).await?;
        for (segment, captures) in found {
            done.captures += captures.len() as u64;
            done.segments += 1;
            self.copy_without(redaction.article, segment, &captures)
                .await?;
            self.remove_old_segments(redaction.article).await?;
        }
        self.remove_leftovers(redaction.article, work).await?;
        self.scrub().await?;
        Ok(done)
    }

    /// Removes the last traces, which are those of the work itself, and notes that every store has
    /// reported: the caller says so of the projections.
    pub async fn end_redaction(&self, article: ArticleId) -> Result<(), ArchiveError> {
        self.catalog.forget_redaction_work(article).await?;
        self.scrub().await?;
        let now = self.clock.now();
        Ok(self.catalog.end_redaction(article, now).await?)
    }

    /// Makes the database write its files anew; waits for those who read them as they were.
    async fn scrub(&self) -> Result<(), ArchiveError> {
        let mut told = false;
        while !self.catalog.scrub().await? {
            if !std::mem::replace(&mut told, true) {
                tracing::warn!(
                    "another process is reading the archive; a redaction waits for its end"
                );
            }
            tokio::time::sleep(WAIT).await;
        }
        Ok(())
    }

    /// Waits for the end of a backup: no file is deleted while one is made.
    async fn until_deletions_are_free(&self) -> Result<(), ArchiveError> {
        let mut told = false;
        while self.catalog.are_deletions_held(self.clock.now()).await? {
            if !std::mem::replace(&mut told, true) {
                tracing::warn!("a backup is being made; a redaction waits for its end");
            }
            tokio::time::sleep(WAIT).await;
        }
        Ok(())
    }

    /// Reads again what must not come back.
    pub(crate) async fn learn_redactions(&self) -> Result<(), ArchiveError> {
        let keys = self.catalog.redacted_keys().await?;
        *self
            .redacted
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Takes the entries of redacted articles out of a document; whether there were any.
    pub(crate) fn strip_redacted(&self, entries: &mut Vec<Entry>) -> bool {
        self.redacted
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .strip(entries)
    }

    /// The redacted article that an address key, or key of an entry, is one of.
    pub fn redacted_as(&self, key: &str) -> Option<ArticleId> {
        self.redacted
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .article(key)
    }

    /// The redacted article that at least half of a text is of.
    pub(crate) fn redacted_text(&self, text: &str) -> Option<ArticleId> {
        self.redacted
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .of_text(text)
    }

    /// The captures to take out, by their segments: the article's own, those of its addresses, and
    /// documents that list it or say what it says. What something else was read from stays.
    async fn captures_of(
        &self,
        redaction: &Redaction,
        work: &RedactionWork,
    ) -> Result<BTreeMap<Digest, BTreeSet<CaptureId>>, ArchiveError> {
        let signs = self.signs(redaction.article, work);
        let mut found: BTreeMap<Digest, BTreeSet<CaptureId>> = BTreeMap::new();
        let mut from = CaptureId(0);
        loop {
            let page = self.catalog.captures(from, PAGE).await?;
            let Some(last) = page.last() else { break };
            from = CaptureId(last.id.0.saturating_add(1));
            let ids: Vec<CaptureId> = page.iter().map(|capture| capture.id).collect();
            let free = self.catalog.free_captures(&ids).await?;
            for capture in page.iter().filter(|capture| free.contains(&capture.id)) {
                let is_of_it = work.captures.contains(&capture.id.0)
                    || work.names(capture)
                    || self.lists(capture, &signs).await?;
                if is_of_it {
                    for record in &capture.capture.records {
                        found.entry(record.segment).or_default().insert(capture.id);
                    }
                }
            }
        }
        Ok(found)
    }

    /// What a document that lists the article, or says what it says, is known by.
    fn signs(&self, article: ArticleId, work: &RedactionWork) -> Arc<Signs> {
        let known = self.redacted.read();
        let known = known.unwrap_or_else(std::sync::PoisonError::into_inner);
        let own = known.prints.iter().filter(|(_, of)| **of == article);
        Arc::new(Signs {
            literal: work.literal(),
            salt: known.salt.clone(),
            prints: own.map(|(print, _)| *print).collect(),
        })
    }

    /// Whether one of a capture's documents has one of these signs. What cannot be read any more
    /// has none.
    async fn lists(
        &self,
        capture: &CaptureRecord,
        signs: &Arc<Signs>,
    ) -> Result<bool, ArchiveError> {
        for place in &capture.capture.records {
            let Ok(stored) = self.segments.record(place).await else {
                continue;
            };
            let signs = Arc::clone(signs);
            if self.compute(move || signs.are_in(&stored.record)).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Copies a segment without the members of these captures, and without members that no capture
    /// has: what was fetched for nothing may be the article, too.
    async fn copy_without(
        &self,
        article: ArticleId,
        segment: Digest,
        captures: &BTreeSet<CaptureId>,
    ) -> Result<(), ArchiveError> {
        let mut stays: BTreeMap<u64, StoredRecord> = BTreeMap::new();
        for id in self.catalog.captures_in(&segment).await? {
            if captures.contains(&id) {
                continue;
            }
            if let Some(found) = self.catalog.capture(id).await? {
                let records = found.capture.records.into_iter();
                let here = records.filter(|record| record.segment == segment);
                stays.extend(here.map(|record| (record.offset, record)));
            }
        }
        let mut moved = Vec::with_capacity(stays.len());
        if !stays.is_empty() {
            let old = match self.segments.bytes(&segment).await {
                Ok(bytes) => bytes,
                Err(error) => return Err(crate::segment::SegmentError::from(error).into()),
            };
            let (new, places) = self.compute(move || without(&old, stays)).await?;
            let name = self.segments.put(new.into()).await?;
            moved.extend(places.into_iter().map(|(id, offset)| MovedRecord {
                id,
                segment: name,
                offset,
            }));
        }
        let gone: Vec<CaptureId> = captures.iter().copied().collect();
        self.catalog
            .leave_segment(article, &segment, &gone, &moved)
            .await?;
        Ok(())
    }

    async fn remove_old_segments(&self, article: ArticleId) -> Result<(), ArchiveError> {
        for segment in self.catalog.old_segments().await? {
            self.until_deletions_are_free().await?;
            self.segments.remove(&segment).await?;
            self.catalog.forget_segment(article, &segment).await?;
        }
        Ok(())
    }

    /// Removes the segments that nothing refers to and that have something of the article: left by
    /// a crash before their commit.
    async fn remove_leftovers(
        &self,
        article: ArticleId,
        work: &RedactionWork,
    ) -> Result<(), ArchiveError> {
        let signs = self.signs(article, work);
        let all: Vec<(Digest, u64)> = self.segments.list().try_collect().await?;
        for (segment, _) in all {
            if !self.catalog.captures_in(&segment).await?.is_empty() {
                continue;
            }
            let bytes = self
                .segments
                .bytes(&segment)
                .await
                .map_err(crate::segment::SegmentError::from)?;
            let (work, signs) = (work.clone(), Arc::clone(&signs));
            let is_of_it = move || {
                Reader::new(bytes.as_ref()).flatten().any(|stored| {
                    let target = stored.record.target.as_deref().unwrap_or_default();
                    let url = target.parse::<WebUrl>().ok();
                    url.is_some_and(|url| work.has_address(&url)) || signs.are_in(&stored.record)
                })
            };
            if self.compute(is_of_it).await? {
                self.until_deletions_are_free().await?;
                self.segments.remove(&segment).await?;
                self.catalog.forget_segment(article, &segment).await?;
            }
        }
        Ok(())
    }

    /// Takes out an entry that turned out to be of a redacted article. What came in with it is
    /// found and taken out by whoever goes on with redactions.
    pub(crate) async fn redact_entry(
        &self,
        article: ArticleId,
        entry: &PendingEntry,
    ) -> Result<(), ArchiveError> {
        tracing::warn!(
            %article,
            "it was redacted, and came in by another address: what came with it is taken out at \
             the next start"
        );
        self.catalog.redact_entry(article, entry.id).await?;
        self.learn_redactions().await
    }
}

/// What a document that lists an article, or says what it says, is known by.
struct Signs {
    literal: Vec<Vec<u8>>,
    salt: Vec<u8>,
    prints: BTreeSet<i64>,
}

impl Signs {
    /// Whether a record has one of them.
    fn are_in(&self, record: &Record) -> bool {
        let answer = HttpResponse::parse(&record.block).ok();
        let kind = match &answer {
            Some(answer) => answer.header("content-type").map(str::to_owned),
            None => record.content_type.clone(),
        };
        let body = answer.and_then(|answer| answer.decoded_body(LARGEST).ok());
        let text = body.as_ref().map_or(&record.block, |body| &body.bytes);
        if self.literal.iter().any(|sign| contains(text, sign)) {
            return true;
        }
        let is_text = kind.as_deref().is_none_or(|kind| {
            !["image/", "audio/", "video/"]
                .iter()
                .any(|media| kind.starts_with(media))
        });
        is_text && !self.prints.is_empty() && {
            let letters = keys::letters_of_document(text, kind.as_deref());
            !prints(&self.salt, &letters).is_disjoint(&self.prints)
        }
    }
}

/// The bytes of a segment with its first member, which tells what wrote it, and these; and where
/// they are now.
fn without(old: &[u8], stays: BTreeMap<u64, StoredRecord>) -> (Vec<u8>, Vec<(String, u64)>) {
    let part = |offset: u64, length: u64| {
        let start = usize::try_from(offset).ok()?;
        old.get(start..)?.get(..usize::try_from(length).ok()?)
    };
    let mut new = Vec::new();
    let first = Reader::new(old).next().and_then(Result::ok);
    if let Some(info) = first.filter(|first| first.record.record_type == RecordType::Warcinfo) {
        new.extend_from_slice(part(info.offset, info.length).unwrap_or_default());
    }
    let mut places = Vec::with_capacity(stays.len());
    for (offset, record) in stays {
        places.push((record.id, new.len() as u64));
        new.extend_from_slice(part(offset, record.length).unwrap_or_default());
    }
    (new, places)
}

fn contains(text: &[u8], sign: &[u8]) -> bool {
    !sign.is_empty() && memchr::memmem::find(text, sign).is_some()
}

//! A catalog in memory: what reading needs is there, writing does nothing.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use pressmark_archive::Derivation;
use pressmark_archive::absence::Deletion;
use pressmark_archive::alarm::{Alarm, AlarmCause, AlarmChange, AlarmKind, Outcome};
use pressmark_archive::anchor::Anchoring;
use pressmark_archive::capture::{CaptureRecord, StoredRecord};
use pressmark_archive::change::{Change, ChangeKind, ChangeQuery};
use pressmark_archive::commit::{Commit, Committed};
use pressmark_archive::entry::{
    EntryRow, KnownEntry, LinkedEntry, PendingEntry, PollRecord, PollRecorded,
};
use pressmark_archive::log::{Head, Log, NewLog, StoredTile};
use pressmark_archive::ports::anchors::Anchors;
use pressmark_archive::ports::catalog::{
    Catalog, CatalogError, Counts, DiskUse, Lease, QuietTurn, Result,
};
use pressmark_archive::ports::derived::Derived;
use pressmark_archive::ports::holds::Holds;
use pressmark_archive::ports::hubs::Hubs;
use pressmark_archive::ports::logs::Logs;
use pressmark_archive::ports::media::Media;
use pressmark_archive::ports::redactions::Redactions;
use pressmark_archive::ports::sites::Sites;
use pressmark_archive::source::{NewSource, Source, SourceChange};
use pressmark_archive::version::{
    ArticleCursor, ArticleHead, ArticleQuery, ArticleSummary, ArticleView, LedgerRow, Version,
    VersionHead,
};
use pressmark_model::{
    ArticleId, CaptureId, Clock, Digest, EntryId, EntryKey, LeafIndex, OffsetTimestamp, Slug,
    SourceId, Timestamp, VersionNumber, WebUrl,
};
use pressmark_proof::{ArchiveId, KeyRecord, NewTile, Nonce};

/// A clock that stands still.
#[derive(Debug)]
pub(crate) struct Still(pub(crate) Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The catalog.
#[derive(Debug, Default)]
pub(crate) struct Fake {
    pub(crate) sources: Vec<Source>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) anchoring: Vec<Anchoring>,
    pub(crate) entries: Vec<(SourceId, EntryRow)>,
    /// The versions of each article, the oldest first.
    pub(crate) articles: Vec<Vec<Version>>,
    /// What outlets did, the newest first.
    pub(crate) changes: Vec<Change>,
    /// What outlets took away.
    pub(crate) deleted: Vec<(ArticleId, Deletion)>,
    /// Whether every call fails.
    pub(crate) broken: AtomicBool,
}

impl Fake {
    fn check(&self) -> Result<()> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(CatalogError::Damaged("on purpose".to_owned()));
        }
        Ok(())
    }

    fn deletion(&self, id: ArticleId) -> Option<Deletion> {
        let found = self.deleted.iter().find(|(article, _)| *article == id);
        found.map(|(_, deletion)| *deletion)
    }

    fn of_article(&self, id: ArticleId) -> Vec<Change> {
        let changes = self.changes.iter().rev();
        changes
            .filter(|change| change.article == id)
            .cloned()
            .collect()
    }

    fn find(&self, id: ArticleId) -> Option<&Vec<Version>> {
        self.articles
            .iter()
            .find(|versions| versions[0].article_id == id)
    }
}

fn summary(versions: &[Version]) -> ArticleSummary {
    let (first, last) = (&versions[0], &versions[versions.len() - 1]);
    let published = last.article.published;
    let sort_at = published.map_or(first.captured_at, OffsetTimestamp::at);
    ArticleSummary {
        id: last.article_id,
        url: last.url.clone(),
        slug: last.slug.clone(),
        number_in_source: last.number_in_source,
        title: last.article.title.clone(),
        authors: last.article.authors.clone(),
        language: last.article.language.clone(),
        excerpt: last.article.text.chars().take(300).collect(),
        image: last.article.image.clone(),
        published,
        first_captured_at: first.captured_at,
        last_captured_at: last.captured_at,
        versions: i64::try_from(versions.len()).unwrap(),
        partial: last.partial,
        deleted: None,
        cursor: ArticleCursor {
            sort_at,
            id: last.article_id,
        },
    }
}

#[async_trait]
impl Catalog for Fake {
    async fn archive_id(&self, fresh: ArchiveId, _: Timestamp) -> Result<ArchiveId> {
        Ok(fresh)
    }

    async fn counts(&self) -> Result<Counts> {
        Ok(Counts::default())
    }

    async fn disk_use(&self, _: SourceId) -> Result<DiskUse> {
        Ok(DiskUse {
            captures: 1_590_000,
            texts: 2_000,
            images: 30_000,
        })
    }

    async fn add_source(&self, new: &NewSource) -> Result<(Source, bool)> {
        let known = self
            .sources
            .iter()
            .find(|source| source.url == new.url)
            .cloned();
        known
            .map(|source| (source, false))
            .ok_or(CatalogError::Conflict)
    }

    async fn sources(&self) -> Result<Vec<Source>> {
        self.check()?;
        Ok(self.sources.clone())
    }

    async fn source(&self, slug: &Slug) -> Result<Option<Source>> {
        self.check()?;
        Ok(self
            .sources
            .iter()
            .find(|source| source.slug == *slug)
            .cloned())
    }

    async fn change_source(&self, _: SourceId, _: &SourceChange) -> Result<()> {
        Ok(())
    }

    async fn claim_due_sources(&self, _: Timestamp, _: Lease, _: u32) -> Result<Vec<Source>> {
        Ok(Vec::new())
    }

    async fn claim_source(&self, _: SourceId, _: Timestamp, _: Lease) -> Result<Option<Source>> {
        Ok(None)
    }

    async fn renew_lease(&self, _: SourceId, _: Lease) -> Result<bool> {
        Ok(false)
    }

    async fn release_source(&self, _: SourceId, _: i64) -> Result<()> {
        Ok(())
    }

    async fn break_leases(&self) -> Result<()> {
        Ok(())
    }

    async fn plan_anew(&self, _: Timestamp, _: Timestamp) -> Result<()> {
        Ok(())
    }

    async fn known_entries(&self, _: SourceId, _: &[EntryKey]) -> Result<Vec<KnownEntry>> {
        Ok(Vec::new())
    }

    async fn linked_entries(&self, _: SourceId, _: &[WebUrl]) -> Result<Vec<LinkedEntry>> {
        Ok(Vec::new())
    }

    async fn record_poll(&self, _: &PollRecord) -> Result<PollRecorded> {
        Ok(PollRecorded::default())
    }

    async fn pending_entries(
        &self,
        _: SourceId,
        _: Option<Timestamp>,
        _: u32,
    ) -> Result<Vec<PendingEntry>> {
        Ok(Vec::new())
    }

    async fn leave_out(&self, _: &[EntryId]) -> Result<()> {
        Ok(())
    }

    async fn due_visits(&self, _: SourceId, _: Timestamp, _: u32) -> Result<Vec<PendingEntry>> {
        Ok(Vec::new())
    }

    async fn set_alarms(
        &self,
        _: SourceId,
        _: &[AlarmCause],
        _: &[AlarmKind],
        _: Timestamp,
    ) -> Result<AlarmChange> {
        Ok(AlarmChange::default())
    }
    async fn alarms(&self, _: bool, _: u32) -> Result<Vec<Alarm>> {
        Ok(self.alarms.clone())
    }
    async fn outcomes(&self, _: SourceId, _: u32) -> Result<Vec<Outcome>> {
        Ok(Vec::new())
    }
    async fn record_quiet(&self, _: &[QuietTurn]) -> Result<()> {
        Ok(())
    }
    async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.check()?;
        Ok(None)
    }

    async fn request_revisits(&self, _: SourceId, _: Timestamp) -> Result<u64> {
        Ok(0)
    }

    async fn entries(&self, source: SourceId, limit: u32) -> Result<Vec<EntryRow>> {
        let of_source = self.entries.iter().filter(|(id, _)| *id == source);
        Ok(of_source
            .map(|(_, row)| row.clone())
            .take(limit as usize)
            .collect())
    }

    async fn articles_by_alias(&self, _: &str, _: &[String]) -> Result<Vec<(String, ArticleId)>> {
        Ok(Vec::new())
    }

    async fn article_head(&self, _: ArticleId) -> Result<Option<ArticleHead>> {
        Ok(None)
    }

    async fn others_with_text(&self, _: ArticleId, _: &Digest) -> Result<u64> {
        Ok(0)
    }

    async fn commit(&self, _: ArchiveId, _: &[Commit]) -> Result<Vec<Committed>> {
        Ok(Vec::new())
    }

    async fn capture_with_payload(&self, _: &WebUrl, _: &Digest) -> Result<Option<StoredRecord>> {
        Ok(None)
    }

    async fn articles(&self, query: &ArticleQuery) -> Result<Vec<ArticleSummary>> {
        self.check()?;
        let key = |cursor: ArticleCursor| (cursor.sort_at, cursor.id);
        let mut found: Vec<_> = self
            .articles
            .iter()
            .filter(|versions| query.source.is_none_or(|source| versions[0].home == source))
            .map(|versions| summary(versions))
            .filter(|article| {
                query
                    .after
                    .is_none_or(|after| key(article.cursor) < key(after))
            })
            .collect();
        found.sort_by_key(|article| std::cmp::Reverse(key(article.cursor)));
        found.truncate(query.limit as usize);
        Ok(found)
    }

    async fn article(&self, id: ArticleId) -> Result<Option<ArticleView>> {
        self.check()?;
        let head = |version: &Version| VersionHead {
            clock_doubtful: false,
            number: version.number,
            kind: version.kind,
            partial: version.partial,
            title: version.article.title.clone(),
            captured_at: version.captured_at,
            digest: version.digest,
            leaf: version.leaf,
        };
        Ok(self.find(id).map(|versions| ArticleView {
            summary: ArticleSummary {
                deleted: self.deletion(id),
                ..summary(versions)
            },
            entries: vec![(versions[0].slug.clone(), None)],
            aliases: Vec::new(),
            versions: versions.iter().map(head).collect(),
            changes: self.of_article(id),
            last_seen_at: versions[versions.len() - 1].captured_at,
        }))
    }

    async fn changes(&self, query: &ChangeQuery) -> Result<Vec<Change>> {
        self.check()?;
        let wanted = |change: &&Change| match change.kind {
            ChangeKind::Deleted | ChangeKind::Returned => query.deletions,
            ChangeKind::Edit | ChangeKind::Reverted => {
                change.classes.bits() & query.classes.bits() != 0 && change.size >= query.min_size
            }
        };
        Ok(self.changes.iter().filter(wanted).cloned().collect())
    }

    async fn unread_versions(
        &self,
        _: &str,
        _: Option<SourceId>,
        _: (ArticleId, VersionNumber),
        _: u32,
    ) -> Result<Vec<Version>> {
        Ok(Vec::new())
    }

    async fn store_derivations(&self, _: &[Derivation]) -> Result<()> {
        Ok(())
    }

    async fn end_reextraction(
        &self,
        _: ArchiveId,
        _: &str,
        _: Timestamp,
        _: Nonce,
    ) -> Result<Option<LeafIndex>> {
        Ok(None)
    }

    async fn derivation(
        &self,
        _: ArticleId,
        _: VersionNumber,
        _: &str,
    ) -> Result<Option<Derivation>> {
        Ok(None)
    }

    async fn article_by_number(&self, slug: &Slug, number: i64) -> Result<Option<ArticleId>> {
        let found = self
            .articles
            .iter()
            .find(|versions| versions[0].slug == *slug && versions[0].number_in_source == number);
        Ok(found.map(|versions| versions[0].article_id))
    }

    async fn version(&self, article: ArticleId, number: VersionNumber) -> Result<Option<Version>> {
        self.check()?;
        let mut versions = self.find(article).into_iter().flatten();
        Ok(versions.find(|version| version.number == number).cloned())
    }

    async fn ledger(&self, _: LeafIndex, _: u32) -> Result<Vec<LedgerRow>> {
        Ok(Vec::new())
    }

    async fn versions(&self, _: LeafIndex, _: u32) -> Result<Vec<Version>> {
        Ok(Vec::new())
    }

    async fn captures(&self, _: CaptureId, _: u32) -> Result<Vec<CaptureRecord>> {
        Ok(Vec::new())
    }

    async fn capture(&self, _: CaptureId) -> Result<Option<CaptureRecord>> {
        Ok(None)
    }

    async fn integrity(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Anchors for Fake {
    async fn anchoring(&self) -> Result<Vec<Anchoring>> {
        Ok(self.anchoring.clone())
    }
}
impl Media for Fake {}
impl Sites for Fake {}

impl Redactions for Fake {}
impl Derived for Fake {}
impl Holds for Fake {}

#[async_trait]
impl Logs for Fake {
    async fn logs(&self) -> Result<Vec<Log>> {
        Ok(Vec::new())
    }
    async fn open_log(&self, _: &NewLog) -> Result<Log> {
        Err(CatalogError::Conflict)
    }
    async fn add_key(
        &self,
        _: ArchiveId,
        _: i64,
        _: &KeyRecord,
        _: Nonce,
    ) -> Result<Option<LeafIndex>> {
        Ok(None)
    }
    async fn seal(&self, _: i64, _: Option<&Head>, _: &Head, _: &[NewTile]) -> Result<bool> {
        Ok(false)
    }
    async fn tiles(&self, _: i64, _: &[(u8, u64)]) -> Result<Vec<StoredTile>> {
        Ok(Vec::new())
    }
}

impl Hubs for Fake {}

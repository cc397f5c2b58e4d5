//! A catalog that has versions and nothing else.

use async_trait::async_trait;
use pressmark_archive::Derivation;
use pressmark_archive::alarm::{Alarm, AlarmCause, AlarmChange, AlarmKind, Outcome};
use pressmark_archive::capture::{CaptureRecord, StoredRecord};
use pressmark_archive::change::{Change, ChangeQuery};
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
    ArticleHead, ArticleQuery, ArticleSummary, ArticleView, LedgerRow, Version,
};
use pressmark_model::{
    ArticleId, CaptureId, Digest, EntryId, EntryKey, LeafIndex, Slug, SourceId, Timestamp,
    VersionNumber, WebUrl,
};
use pressmark_proof::{ArchiveId, KeyRecord, NewTile, Nonce};

#[derive(Debug)]
pub(crate) struct Ledger(pub(crate) Vec<Version>);

fn absent<T>() -> Result<T> {
    Err(CatalogError::Damaged(
        "this catalog has only versions".into(),
    ))
}

#[async_trait]
impl Catalog for Ledger {
    async fn versions(&self, from: LeafIndex, limit: u32) -> Result<Vec<Version>> {
        let later = self.0.iter().filter(|version| version.leaf >= from);
        Ok(later.take(limit as usize).cloned().collect())
    }

    async fn archive_id(&self, _: ArchiveId, _: Timestamp) -> Result<ArchiveId> {
        absent()
    }
    async fn counts(&self) -> Result<Counts> {
        absent()
    }
    async fn disk_use(&self, _: SourceId) -> Result<DiskUse> {
        absent()
    }
    async fn add_source(&self, _: &NewSource) -> Result<(Source, bool)> {
        absent()
    }
    async fn sources(&self) -> Result<Vec<Source>> {
        absent()
    }
    async fn source(&self, _: &Slug) -> Result<Option<Source>> {
        absent()
    }
    async fn change_source(&self, _: SourceId, _: &SourceChange) -> Result<()> {
        absent()
    }
    async fn claim_due_sources(&self, _: Timestamp, _: Lease, _: u32) -> Result<Vec<Source>> {
        absent()
    }
    async fn claim_source(&self, _: SourceId, _: Timestamp, _: Lease) -> Result<Option<Source>> {
        absent()
    }
    async fn renew_lease(&self, _: SourceId, _: Lease) -> Result<bool> {
        absent()
    }
    async fn release_source(&self, _: SourceId, _: i64) -> Result<()> {
        absent()
    }
    async fn break_leases(&self) -> Result<()> {
        absent()
    }
    async fn plan_anew(&self, _: Timestamp, _: Timestamp) -> Result<()> {
        absent()
    }
    async fn known_entries(&self, _: SourceId, _: &[EntryKey]) -> Result<Vec<KnownEntry>> {
        absent()
    }
    async fn linked_entries(&self, _: SourceId, _: &[WebUrl]) -> Result<Vec<LinkedEntry>> {
        absent()
    }

    async fn record_poll(&self, _: &PollRecord) -> Result<PollRecorded> {
        absent()
    }
    async fn pending_entries(
        &self,
        _: SourceId,
        _: Option<Timestamp>,
        _: u32,
    ) -> Result<Vec<PendingEntry>> {
        absent()
    }
    async fn leave_out(&self, _: &[EntryId]) -> Result<()> {
        absent()
    }
    async fn due_visits(&self, _: SourceId, _: Timestamp, _: u32) -> Result<Vec<PendingEntry>> {
        absent()
    }
    async fn set_alarms(
        &self,
        _: SourceId,
        _: &[AlarmCause],
        _: &[AlarmKind],
        _: Timestamp,
    ) -> Result<AlarmChange> {
        absent()
    }
    async fn alarms(&self, _: bool, _: u32) -> Result<Vec<Alarm>> {
        absent()
    }
    async fn outcomes(&self, _: SourceId, _: u32) -> Result<Vec<Outcome>> {
        absent()
    }
    async fn record_quiet(&self, _: &[QuietTurn]) -> Result<()> {
        absent()
    }
    async fn next_due(&self) -> Result<Option<Timestamp>> {
        absent()
    }
    async fn request_revisits(&self, _: SourceId, _: Timestamp) -> Result<u64> {
        absent()
    }
    async fn entries(&self, _: SourceId, _: u32) -> Result<Vec<EntryRow>> {
        absent()
    }
    async fn articles_by_alias(&self, _: &str, _: &[String]) -> Result<Vec<(String, ArticleId)>> {
        absent()
    }
    async fn article_head(&self, _: ArticleId) -> Result<Option<ArticleHead>> {
        absent()
    }
    async fn others_with_text(&self, _: ArticleId, _: &Digest) -> Result<u64> {
        absent()
    }
    async fn commit(&self, _: ArchiveId, _: &[Commit]) -> Result<Vec<Committed>> {
        absent()
    }
    async fn capture_with_payload(&self, _: &WebUrl, _: &Digest) -> Result<Option<StoredRecord>> {
        absent()
    }
    async fn articles(&self, _: &ArticleQuery) -> Result<Vec<ArticleSummary>> {
        absent()
    }
    async fn article(&self, _: ArticleId) -> Result<Option<ArticleView>> {
        absent()
    }
    async fn changes(&self, _: &ChangeQuery) -> Result<Vec<Change>> {
        absent()
    }
    async fn unread_versions(
        &self,
        _: &str,
        _: Option<SourceId>,
        _: (ArticleId, VersionNumber),
        _: u32,
    ) -> Result<Vec<Version>> {
        absent()
    }
    async fn store_derivations(&self, _: &[Derivation]) -> Result<()> {
        absent()
    }
    async fn end_reextraction(
        &self,
        _: ArchiveId,
        _: &str,
        _: Timestamp,
        _: Nonce,
    ) -> Result<Option<LeafIndex>> {
        absent()
    }
    async fn derivation(
        &self,
        _: ArticleId,
        _: VersionNumber,
        _: &str,
    ) -> Result<Option<Derivation>> {
        absent()
    }
    async fn article_by_number(&self, _: &Slug, _: i64) -> Result<Option<ArticleId>> {
        absent()
    }
    async fn version(&self, _: ArticleId, _: VersionNumber) -> Result<Option<Version>> {
        absent()
    }
    async fn ledger(&self, _: LeafIndex, _: u32) -> Result<Vec<LedgerRow>> {
        absent()
    }
    async fn captures(&self, _: CaptureId, _: u32) -> Result<Vec<CaptureRecord>> {
        absent()
    }
    async fn capture(&self, _: CaptureId) -> Result<Option<CaptureRecord>> {
        absent()
    }
    async fn integrity(&self) -> Result<Vec<String>> {
        absent()
    }
}

impl Anchors for Ledger {}

impl Derived for Ledger {}
impl Holds for Ledger {}
impl Hubs for Ledger {}
impl Media for Ledger {}
impl Sites for Ledger {}

impl Redactions for Ledger {}

#[async_trait]
impl Logs for Ledger {
    async fn logs(&self) -> Result<Vec<Log>> {
        absent()
    }
    async fn open_log(&self, _: &NewLog) -> Result<Log> {
        absent()
    }
    async fn add_key(
        &self,
        _: ArchiveId,
        _: i64,
        _: &KeyRecord,
        _: Nonce,
    ) -> Result<Option<LeafIndex>> {
        absent()
    }
    async fn seal(&self, _: i64, _: Option<&Head>, _: &Head, _: &[NewTile]) -> Result<bool> {
        absent()
    }
    async fn tiles(&self, _: i64, _: &[(u8, u64)]) -> Result<Vec<StoredTile>> {
        absent()
    }
}

//! The port to the database. One method is one transaction: it has happened whole when the call
//! returns, or not at all.

use std::fmt;

use async_trait::async_trait;
use pressmark_model::{
    ArticleId, CaptureId, Digest, EntryId, EntryKey, LeafIndex, Slug, SourceId, Timestamp,
    VersionNumber, WebUrl,
};
use pressmark_proof::{ArchiveId, Nonce};

use crate::alarm::{Alarm, AlarmCause, AlarmChange, AlarmKind, Outcome};
use crate::capture::{CaptureRecord, StoredRecord};
use crate::change::{Change, ChangeQuery};
use crate::commit::{Commit, Committed};
use crate::entry::{EntryRow, KnownEntry, LinkedEntry, PendingEntry, PollRecord, PollRecorded};
use crate::ports::anchors::Anchors;
use crate::ports::derived::Derived;
use crate::ports::fetch::Validators;
use crate::ports::holds::Holds;
use crate::ports::hubs::Hubs;
use crate::ports::logs::Logs;
use crate::ports::media::Media;
use crate::ports::redactions::Redactions;
use crate::ports::sites::Sites;
use crate::reextract::Derivation;
use crate::source::{Folder, NewSource, Source, SourceChange};
use crate::version::{ArticleHead, ArticleQuery, ArticleSummary, ArticleView, LedgerRow, Version};

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The database said no: disk full, connection lost, file damaged.
    #[error("the catalog could not {action}")]
    Database {
        /// What was being done, as in "could not …".
        action: &'static str,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The operating system could not bring what was written to the disk. What it says of it from
    /// now on cannot be believed: nothing more may be acknowledged.
    #[error("the catalog could not {action}: the disk did not take what was written")]
    Unsynced {
        /// What was being done, as in "could not …".
        action: &'static str,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Two transactions met; the same call may succeed when it is made again.
    #[error("the catalog was changed by someone else meanwhile")]
    Conflict,
    /// A stored value is not what this program writes.
    #[error("the catalog holds a damaged value: {0}")]
    Damaged(String),
    /// The database was written by a newer program.
    #[error("the catalog has schema {found}, this program knows schemas up to {known}")]
    NewerSchema {
        /// The schema found.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// A slug that another source has.
    #[error("the slug `{0}` is taken by another source")]
    SlugTaken(Slug),
}

/// The result of a catalog method.
pub type Result<T> = std::result::Result<T, CatalogError>;

/// A claim on a source: who works on it, and until when it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// A random number of the process.
    pub owner: i64,
    /// When others may take it.
    pub until: Timestamp,
}

/// A turn of a claimed source that brought nothing new: 304, or the document as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietTurn {
    /// The source.
    pub source: SourceId,
    /// Who has claimed it.
    pub owner: i64,
    /// When it was polled.
    pub at: Timestamp,
    /// When it is due again.
    pub next_poll_at: Timestamp,
    /// The validators to send next time.
    pub validators: Validators,
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Sources that are not removed.
    pub sources: u64,
    /// Articles.
    pub articles: u64,
    /// Versions.
    pub versions: u64,
    /// Captures.
    pub captures: u64,
    /// Leaves of the ledger: also the index of the next one.
    pub leaves: u64,
}

/// What a source's articles take on the disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiskUse {
    /// The WARC records that their versions were read from, compressed as they are.
    pub captures: u64,
    /// The texts of their versions, compressed as they are.
    pub texts: u64,
    /// The WARC records of the images that a version of theirs was the first to show.
    pub images: u64,
}

/// The database behind the archive.
#[async_trait]
pub trait Catalog:
    Logs + Anchors + Derived + Holds + Hubs + Media + Sites + Redactions + Send + Sync + fmt::Debug
{
    /// The archive's random name; the first call fixes it to `fresh`, and later ones return that.
    async fn archive_id(&self, fresh: ArchiveId, now: Timestamp) -> Result<ArchiveId>;

    /// How much there is.
    async fn counts(&self) -> Result<Counts>;

    /// What the articles take that have this source as their home.
    async fn disk_use(&self, source: SourceId) -> Result<DiskUse>;

    // Sources.

    /// Adds a source, or returns the one that watches this address already (bringing a removed one
    /// back, and one that an import made to be watched; else its state and slug stay). The flag
    /// says whether it is new. [`CatalogError::SlugTaken`] if the slug was chosen
    /// by the user and another source has it; a derived slug takes the first free candidate.
    async fn add_source(&self, new: &NewSource) -> Result<(Source, bool)>;

    /// All sources that are not removed, by slug.
    async fn sources(&self) -> Result<Vec<Source>>;

    /// One source, removed ones included.
    async fn source(&self, slug: &Slug) -> Result<Option<Source>>;

    /// Changes what the user may change of a source. Other settings, and becoming active, may help
    /// entries whose capture failed for good and those that were filtered: the former, if the
    /// source still lists them, and all of the latter become pending again, due at once, with no
    /// attempts counted.
    async fn change_source(&self, id: SourceId, change: &SourceChange) -> Result<()>;

    /// The folders of lists of subscriptions, in the order in which they were kept. A store that
    /// keeps none has none.
    async fn folders(&self) -> Result<Vec<Folder>> {
        Ok(Vec::new())
    }

    /// Keeps folders; one that is known stays as it is.
    async fn keep_folders(&self, _folders: &[Folder]) -> Result<()> {
        Ok(())
    }

    // Polls.

    /// Claims at most `limit` active sources that are due at `now` and not claimed, the longest
    /// due first. A source is due when it is to be polled ([`SourceStatus::next_poll_at`]), when
    /// one of its entries is to be captured, or when an article of its own is to be looked at again. Concurrent callers never get the same source. A
    /// claimed source's entries need not be counted: the counts of them in its status may be 0.
    ///
    /// [`SourceStatus::next_poll_at`]: crate::source::SourceStatus::next_poll_at
    async fn claim_due_sources(
        &self,
        now: Timestamp,
        lease: Lease,
        limit: u32,
    ) -> Result<Vec<Source>>;

    /// Claims one source, due or not, active or not; `None` if another owner's lease stands at
    /// `now`, or there is no such source. Its entries need not be counted, as with
    /// [`Catalog::claim_due_sources`].
    async fn claim_source(
        &self,
        id: SourceId,
        now: Timestamp,
        lease: Lease,
    ) -> Result<Option<Source>>;

    /// Prolongs a claim; false if it was lost to another owner meanwhile, or given back.
    async fn renew_lease(&self, id: SourceId, lease: Lease) -> Result<bool>;

    /// Gives a source back. Nothing happens if the claim was lost.
    async fn release_source(&self, id: SourceId, owner: i64) -> Result<()>;

    /// Drops every claim: only for a process that knows it is the only one.
    async fn break_leases(&self) -> Result<()>;

    /// Plans anew what was planned by a clock that was ahead, now that it says `now`: a source that
    /// was polled in the future is due after the same span from now on, what is to be tried or
    /// looked at again comes within a day, and claims end by `claimed_until`. What was planned by
    /// a clock that went well stays.
    async fn plan_anew(&self, now: Timestamp, claimed_until: Timestamp) -> Result<()>;

    /// What is known of these entries of a source; unknown keys are left out.
    async fn known_entries(&self, source: SourceId, keys: &[EntryKey]) -> Result<Vec<KnownEntry>>;

    /// What is known of the entries of a source that have one of these links; unknown links are left
    /// out.
    async fn linked_entries(&self, source: SourceId, links: &[WebUrl]) -> Result<Vec<LinkedEntry>>;

    /// Stores what a poll brought: the source's state, its new and changed entries, its capture.
    async fn record_poll(&self, poll: &PollRecord) -> Result<PollRecorded>;

    /// Stores turns that brought nothing new, as [`Catalog::record_poll`] would, and gives their
    /// sources back. A turn whose claim was lost leaves its source as it is.
    async fn record_quiet(&self, turns: &[QuietTurn]) -> Result<()>;

    /// The entries of a source that wait for a capture, oldest first: those whose next attempt
    /// is due at `now`, or all of them without `now`.
    async fn pending_entries(
        &self,
        source: SourceId,
        now: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<PendingEntry>>;

    /// Leaves out entries that wait for a capture: they become `filtered`.
    async fn leave_out(&self, entries: &[EntryId]) -> Result<()>;

    /// The articles of a source, which is their home, whose pages are to be looked at again at `now`
    /// ([`Commit::next_visit_at`]), the longest due first, each by its latest entry. One whose entry
    /// waits for a capture anyway is left out.
    async fn due_visits(
        &self,
        source: SourceId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<PendingEntry>>;

    /// When the next active source is due, as [`Catalog::claim_due_sources`] has it; a claimed one
    /// not before its claim ends. `None` if there is no active source.
    async fn next_due(&self) -> Result<Option<Timestamp>>;

    /// Makes the archived entries that a source still lists wait for another capture, and those
    /// whose capture failed for good or that were filtered, with no attempts counted; returns how
    /// many.
    async fn request_revisits(&self, source: SourceId, now: Timestamp) -> Result<u64>;

    /// The latest entries of a source, with what became of them, newest first.
    async fn entries(&self, source: SourceId, limit: u32) -> Result<Vec<EntryRow>>;

    // Alarms.

    /// Makes exactly the alarms of these causes stand for a source, beside those of the kinds that
    /// are `kept` if they stand: one that stands already keeps its cause, others of the source are
    /// cleared.
    async fn set_alarms(
        &self,
        source: SourceId,
        causes: &[AlarmCause],
        kept: &[AlarmKind],
        now: Timestamp,
    ) -> Result<AlarmChange>;

    /// The latest alarms, newest first; only those that stand, of sources that are watched or are
    /// gone, if `standing`.
    async fn alarms(&self, standing: bool, limit: u32) -> Result<Vec<Alarm>>;

    /// What became of the latest entries of a source that were looked at, newest first: those with
    /// an article by its first version, and those whose page has none.
    async fn outcomes(&self, source: SourceId, limit: u32) -> Result<Vec<Outcome>>;

    // Articles.

    /// The articles that these address keys name in this scope.
    async fn articles_by_alias(
        &self,
        scope: &str,
        keys: &[String],
    ) -> Result<Vec<(String, ArticleId)>>;

    /// What deciding on a new text of an article needs.
    async fn article_head(&self, article: ArticleId) -> Result<Option<ArticleHead>>;

    /// How many other articles of the same site (the sources that share an entry with this article)
    /// have a version with this text digest, or a text that is doubted.
    async fn others_with_text(&self, article: ArticleId, text_digest: &Digest) -> Result<u64>;

    /// Stores a batch of decisions, all or none, each as if those before it were stored; an item
    /// whose article has moved on since it was decided comes back as [`Committed::Stale`] and
    /// stores nothing. When the call returns the versions are acknowledged: they survive power
    /// loss. A capture is known by the id of its first record, and stored once however often it is
    /// handed in, so that a batch whose outcome is unknown may be handed in again.
    async fn commit(&self, archive: ArchiveId, batch: &[Commit]) -> Result<Vec<Committed>>;

    /// The page record of the last committed capture of an address (asked for, or answering) with
    /// this payload, for a WARC revisit record to refer to: never a revisit itself.
    async fn capture_with_payload(
        &self,
        url: &WebUrl,
        payload: &Digest,
    ) -> Result<Option<StoredRecord>>;

    // Reading.

    /// A page of articles, newest first.
    async fn articles(&self, query: &ArticleQuery) -> Result<Vec<ArticleSummary>>;

    /// An article with its versions.
    async fn article(&self, id: ArticleId) -> Result<Option<ArticleView>>;

    /// What outlets did to articles, newest first.
    async fn changes(&self, query: &ChangeQuery) -> Result<Vec<Change>>;

    /// Versions from this one on (without it), in order, that were read by another extractor and
    /// not by this one since: of articles that a source listed, or of all. Imported ones have
    /// nothing to read.
    async fn unread_versions(
        &self,
        extractor: &str,
        source: Option<SourceId>,
        after: (ArticleId, VersionNumber),
        limit: u32,
    ) -> Result<Vec<Version>>;

    /// Stores what an extractor made of captures; what is stored already stays.
    async fn store_derivations(&self, derivations: &[Derivation]) -> Result<()>;

    /// Commits to an extractor's derivations that no leaf commits to yet: makes the leaf of
    /// their manifest ([`pressmark_proof::ReextractionRecord`]). `None` if there are none.
    async fn end_reextraction(
        &self,
        archive: ArchiveId,
        extractor: &str,
        at: Timestamp,
        nonce: Nonce,
    ) -> Result<Option<LeafIndex>>;

    /// What an extractor made of a version's capture later on.
    async fn derivation(
        &self,
        article: ArticleId,
        number: VersionNumber,
        extractor: &str,
    ) -> Result<Option<Derivation>>;

    /// The article with this number in this source.
    async fn article_by_number(&self, slug: &Slug, number: i64) -> Result<Option<ArticleId>>;

    /// One version whole.
    async fn version(&self, article: ArticleId, number: VersionNumber) -> Result<Option<Version>>;

    /// These versions whole, in the order asked for; unknown ones are left out.
    async fn versions_of(&self, wanted: &[(ArticleId, VersionNumber)]) -> Result<Vec<Version>> {
        let mut found = Vec::with_capacity(wanted.len());
        for (article, number) in wanted {
            found.extend(self.version(*article, *number).await?);
        }
        Ok(found)
    }

    /// The ledger from a leaf on, in its order.
    async fn ledger(&self, from: LeafIndex, limit: u32) -> Result<Vec<LedgerRow>>;

    /// The versions from a leaf on, in the ledger's order, with texts.
    async fn versions(&self, from: LeafIndex, limit: u32) -> Result<Vec<Version>>;

    /// The captures from an id on, in order.
    async fn captures(&self, from: CaptureId, limit: u32) -> Result<Vec<CaptureRecord>>;

    /// The response (or resource) record that a capture's text was derived from.
    async fn capture(&self, id: CaptureId) -> Result<Option<CaptureRecord>>;

    /// The page records (see [`NewCapture::page_record`]) of these captures, in no order; captures
    /// that are unknown or have none are left out.
    ///
    /// [`NewCapture::page_record`]: crate::capture::NewCapture::page_record
    async fn page_records(&self, captures: &[CaptureId]) -> Result<Vec<(CaptureId, StoredRecord)>> {
        let mut found = Vec::with_capacity(captures.len());
        for id in captures {
            let capture = self.capture(*id).await?;
            let page = capture.and_then(|found| found.capture.page_record().cloned());
            found.extend(page.map(|page| (*id, page)));
        }
        Ok(found)
    }

    /// The damage that the database itself finds in its files, one line each. PostgreSQL knows
    /// only what its page checksums have found in passing.
    async fn integrity(&self) -> Result<Vec<String>>;
}

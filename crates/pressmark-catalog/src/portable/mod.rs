//! The catalog in SQL that SQLite and PostgreSQL both read. Compiled once for each driver, which
//! sets `dialect`.

#[macro_use]
mod transact;

mod alarms;
mod anchors;
mod captures;
mod changes;
mod claims;
mod commit;
mod decide;
mod derivations;
mod derived;
mod entries;
mod ground;
mod holds;
mod hubs;
mod insert;
mod logs;
mod media;
mod migrate;
mod plan;
mod poll;
mod read;
mod redact;
mod redacted;
mod row;
mod script;
mod settle;
mod settle_media;
mod sites;
mod sources;
mod sums;
mod versions;

use async_trait::async_trait;
use pressmark_archive::Derivation;
use pressmark_archive::alarm::{Alarm, AlarmCause, AlarmChange, AlarmKind, Outcome};
use pressmark_archive::capture::{CaptureRecord, StoredRecord};
use pressmark_archive::change::{Change, ChangeQuery};
use pressmark_archive::commit::{Commit, Committed};
use pressmark_archive::entry::{
    EntryRow, KnownEntry, LinkedEntry, PendingEntry, PollRecord, PollRecorded,
};
use pressmark_archive::ports::catalog::{Catalog, Counts, DiskUse, Lease, QuietTurn, Result};
use pressmark_archive::source::{Folder, NewSource, Source, SourceChange};
use pressmark_archive::version::{
    ArticleHead, ArticleQuery, ArticleSummary, ArticleView, LedgerRow, Version,
};
use pressmark_model::{
    ArticleId, CaptureId, Digest, EntryId, EntryKey, LeafIndex, Slug, SourceId, Timestamp,
    VersionNumber, WebUrl,
};
use pressmark_proof::{ArchiveId, Nonce};
use sqlx::{Connection as _, Database, Pool};

use self::row::Fields;
use super::dialect::{BEGIN_READ, BEGIN_WRITE, Db};
use crate::codec;

type Conn = <Db as Database>::Connection;
type Row = <Db as Database>::Row;

/// The catalog in a database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    writer: Pool<Db>,
    reader: Pool<Db>,
}

impl Store {
    /// The catalog over these connections, its schema brought up to date.
    pub(super) async fn over(writer: Pool<Db>, reader: Pool<Db>) -> Result<Self> {
        let store = Self { writer, reader };
        write!(store, "bring its schema up to date", |conn| {
            migrate::to_newest(conn)
        })?;
        Ok(store)
    }

    /// Closes every connection; an SQLite file is then whole without its log beside it. Calls
    /// that are made later fail.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Catalog for Store {
    async fn archive_id(&self, fresh: ArchiveId, now: Timestamp) -> Result<ArchiveId> {
        let stored = look!(self, "read the archive's name", |conn| {
            read::archive_id(conn)
        })?;
        if let Some(id) = stored {
            return Ok(id);
        }
        write!(self, "name the archive", |conn| {
            read::name_archive(conn, fresh, now)
        })
    }

    async fn counts(&self) -> Result<Counts> {
        look!(self, "count what it holds", |conn| read::counts(conn))
    }

    async fn disk_use(&self, source: SourceId) -> Result<DiskUse> {
        read!(self, "measure a source", |conn| {
            sources::disk_use(conn, source)
        })
    }

    async fn add_source(&self, new: &NewSource) -> Result<(Source, bool)> {
        write!(self, "add a source", |conn| sources::add(conn, new))
    }

    async fn sources(&self) -> Result<Vec<Source>> {
        look!(self, "list the sources", |conn| sources::all(conn))
    }

    async fn source(&self, slug: &Slug) -> Result<Option<Source>> {
        look!(self, "read a source", |conn| sources::by_slug(conn, slug))
    }

    async fn change_source(&self, id: SourceId, change: &SourceChange) -> Result<()> {
        write!(self, "change a source", |conn| sources::change(
            conn, id, change
        ))
    }

    async fn folders(&self) -> Result<Vec<Folder>> {
        look!(self, "list the folders", |conn| sources::folders(conn))
    }

    async fn keep_folders(&self, folders: &[Folder]) -> Result<()> {
        write!(self, "keep folders", |conn| sources::keep_folders(
            conn, folders
        ))
    }

    async fn claim_due_sources(
        &self,
        now: Timestamp,
        lease: Lease,
        limit: u32,
    ) -> Result<Vec<Source>> {
        write!(self, "claim the sources that are due", |conn| {
            claims::claim_due(conn, now, lease, limit)
        })
    }

    async fn claim_source(
        &self,
        id: SourceId,
        now: Timestamp,
        lease: Lease,
    ) -> Result<Option<Source>> {
        write!(self, "claim a source", |conn| claims::claim(
            conn, id, now, lease
        ))
    }

    async fn renew_lease(&self, id: SourceId, lease: Lease) -> Result<bool> {
        write!(self, "renew the claim on a source", |conn| claims::renew(
            conn, id, lease
        ))
    }

    async fn release_source(&self, id: SourceId, owner: i64) -> Result<()> {
        write!(self, "give a source back", |conn| claims::release(
            conn, id, owner
        ))
    }

    async fn break_leases(&self) -> Result<()> {
        write!(self, "drop the claims on sources", |conn| {
            claims::break_all(conn)
        })
    }

    async fn plan_anew(&self, now: Timestamp, claimed_until: Timestamp) -> Result<()> {
        write!(self, "plan anew by a clock that went back", |conn| {
            claims::plan_anew(conn, now, claimed_until)
        })
    }

    async fn known_entries(&self, source: SourceId, keys: &[EntryKey]) -> Result<Vec<KnownEntry>> {
        read!(self, "look entries up", |conn| entries::known(
            conn, source, keys
        ))
    }

    async fn linked_entries(&self, source: SourceId, links: &[WebUrl]) -> Result<Vec<LinkedEntry>> {
        read!(self, "look entries up", |conn| entries::linked(
            conn, source, links
        ))
    }

    async fn record_poll(&self, poll: &PollRecord) -> Result<PollRecorded> {
        write!(self, "store a poll", |conn| poll::record(conn, poll))
    }

    async fn record_quiet(&self, turns: &[QuietTurn]) -> Result<()> {
        write!(self, "store quiet turns", |conn| poll::record_quiet(
            conn, turns
        ))
    }

    async fn pending_entries(
        &self,
        source: SourceId,
        now: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<PendingEntry>> {
        look!(self, "list the entries that wait", |conn| {
            entries::pending(conn, source, now, limit)
        })
    }

    async fn leave_out(&self, entries: &[EntryId]) -> Result<()> {
        write!(self, "leave entries out", |conn| entries::leave_out(
            conn, entries
        ))
    }

    async fn due_visits(
        &self,
        source: SourceId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<PendingEntry>> {
        look!(self, "list the articles to look at again", |conn| {
            entries::due_visits(conn, source, now, limit)
        })
    }

    async fn next_due(&self) -> Result<Option<Timestamp>> {
        look!(self, "see when the next source is due", |conn| {
            claims::next_due(conn)
        })
    }

    async fn request_revisits(&self, source: SourceId, now: Timestamp) -> Result<u64> {
        write!(self, "ask for another visit", |conn| {
            entries::request_revisits(conn, source, now)
        })
    }

    async fn entries(&self, source: SourceId, limit: u32) -> Result<Vec<EntryRow>> {
        look!(
            self,
            "list the entries of a source",
            |conn| entries::latest(conn, source, limit)
        )
    }

    async fn set_alarms(
        &self,
        source: SourceId,
        causes: &[AlarmCause],
        kept: &[AlarmKind],
        now: Timestamp,
    ) -> Result<AlarmChange> {
        write!(self, "set the alarms of a source", |conn| alarms::set(
            conn, source, causes, kept, now
        ))
    }

    async fn alarms(&self, standing: bool, limit: u32) -> Result<Vec<Alarm>> {
        look!(self, "list the alarms", |conn| alarms::latest(
            conn, standing, limit
        ))
    }

    async fn outcomes(&self, source: SourceId, limit: u32) -> Result<Vec<Outcome>> {
        look!(self, "see what became of entries", |conn| alarms::outcomes(
            conn, source, limit
        ))
    }

    async fn articles_by_alias(
        &self,
        scope: &str,
        keys: &[String],
    ) -> Result<Vec<(String, ArticleId)>> {
        read!(self, "look addresses up", |conn| decide::by_alias(
            conn, scope, keys
        ))
    }

    async fn article_head(&self, article: ArticleId) -> Result<Option<ArticleHead>> {
        read!(self, "read the last version of an article", |conn| {
            decide::head(conn, article)
        })
    }

    async fn others_with_text(&self, article: ArticleId, text_digest: &Digest) -> Result<u64> {
        look!(self, "look a text up in other articles", |conn| {
            decide::others_with_text(conn, article, text_digest)
        })
    }

    async fn commit(&self, archive: ArchiveId, batch: &[Commit]) -> Result<Vec<Committed>> {
        let packed = codec::pack(batch)?;
        write!(self, "store what was captured", |conn| commit::commit(
            conn, archive, batch, packed
        ))
    }

    async fn capture_with_payload(
        &self,
        url: &WebUrl,
        payload: &Digest,
    ) -> Result<Option<StoredRecord>> {
        look!(self, "look a payload up", |conn| captures::with_payload(
            conn, url, payload
        ))
    }

    async fn articles(&self, query: &ArticleQuery) -> Result<Vec<ArticleSummary>> {
        look!(self, "list articles", |conn| read::articles(conn, query))
    }

    async fn article(&self, id: ArticleId) -> Result<Option<ArticleView>> {
        read!(self, "read an article", |conn| read::article(conn, id))
    }

    async fn changes(&self, query: &ChangeQuery) -> Result<Vec<Change>> {
        look!(self, "list changes", |conn| changes::list(conn, query))
    }

    async fn unread_versions(
        &self,
        extractor: &str,
        source: Option<SourceId>,
        after: (ArticleId, VersionNumber),
        limit: u32,
    ) -> Result<Vec<Version>> {
        read!(self, "list versions to read again", |conn| {
            derivations::unread(conn, extractor, source, after, limit)
        })
    }

    async fn store_derivations(&self, derivations: &[Derivation]) -> Result<()> {
        write!(self, "store what was read again", |conn| {
            derivations::store(conn, derivations)
        })
    }

    async fn end_reextraction(
        &self,
        archive: ArchiveId,
        extractor: &str,
        at: Timestamp,
        nonce: Nonce,
    ) -> Result<Option<LeafIndex>> {
        write!(self, "end a re-extraction", |conn| derivations::end(
            conn, archive, extractor, at, nonce
        ))
    }

    async fn derivation(
        &self,
        article: ArticleId,
        number: VersionNumber,
        extractor: &str,
    ) -> Result<Option<Derivation>> {
        look!(self, "read what was read again", |conn| derivations::one(
            conn, article, number, extractor
        ))
    }

    async fn article_by_number(&self, slug: &Slug, number: i64) -> Result<Option<ArticleId>> {
        look!(self, "look an article up", |conn| read::by_number(
            conn, slug, number
        ))
    }

    async fn version(&self, article: ArticleId, number: VersionNumber) -> Result<Option<Version>> {
        look!(self, "read a version", |conn| versions::one(
            conn, article, number
        ))
    }

    async fn versions_of(&self, wanted: &[(ArticleId, VersionNumber)]) -> Result<Vec<Version>> {
        read!(self, "read versions", |conn| versions::these(conn, wanted))
    }

    async fn ledger(&self, from: LeafIndex, limit: u32) -> Result<Vec<LedgerRow>> {
        look!(self, "read the ledger", |conn| versions::ledger(
            conn, from, limit
        ))
    }

    async fn versions(&self, from: LeafIndex, limit: u32) -> Result<Vec<Version>> {
        look!(self, "read versions", |conn| versions::from_leaf(
            conn, from, limit
        ))
    }

    async fn captures(&self, from: CaptureId, limit: u32) -> Result<Vec<CaptureRecord>> {
        read!(self, "read captures", |conn| captures::from_id(
            conn, from, limit
        ))
    }

    async fn capture(&self, id: CaptureId) -> Result<Option<CaptureRecord>> {
        read!(self, "read a capture", |conn| captures::one(conn, id))
    }

    async fn page_records(&self, captures: &[CaptureId]) -> Result<Vec<(CaptureId, StoredRecord)>> {
        read!(self, "read WARC records", |conn| captures::page_records(
            conn, captures
        ))
    }

    async fn integrity(&self) -> Result<Vec<String>> {
        look!(self, "check its files", |conn| read::integrity(conn))
    }
}

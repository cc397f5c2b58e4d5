//! SQLite: one file in WAL mode, one connection that writes, a few that read.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use pressmark_archive::ports::catalog::{CatalogError, Result};
use pressmark_proof::ArchiveId;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::fault::Fault;

pub use portable::Store as SqliteCatalog;

/// How SQLite differs.
mod dialect {
    pub(super) type Db = sqlx::Sqlite;

    /// A transaction that will write takes the lock at once: one that reads first and writes
    /// later could find that another has written in between.
    pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
    /// A transaction that sees one state of the database in all its statements.
    pub(super) const BEGIN_READ: &str = "BEGIN";
    /// So many bytes of statements may be sent together: what is left of them is copied for each.
    pub(super) const SENT_TOGETHER: usize = 32 << 10;
    /// What is sent and shorter is kept prepared. The longer it is, the seldomer it comes again.
    pub(super) const KEPT_PREPARED: usize = 3 << 10;
    /// Keeps other processes from migrating at the same time; here the transaction itself does.
    pub(super) const LOCK_SCHEMA: &str = "SELECT 1";
    /// The schema's versions, oldest first.
    pub(super) const MIGRATIONS: &[&str] = &[
        include_str!("../migrations/sqlite/0001_archive.sql"),
        include_str!("../migrations/sqlite/0002_origins.sql"),
        include_str!("../migrations/sqlite/0003_watching.sql"),
        include_str!("../migrations/sqlite/0004_logs.sql"),
        include_str!("../migrations/sqlite/0005_versions.sql"),
        include_str!("../migrations/sqlite/0008_sums.sql"),
        include_str!("../migrations/sqlite/0009_anchors.sql"),
        include_str!("../migrations/sqlite/0010_hubs.sql"),
        include_str!("../migrations/sqlite/0014_clock_and_holds.sql"),
        include_str!("../migrations/sqlite/0007_media.sql"),
        include_str!("../migrations/sqlite/0006_profiles.sql"),
        include_str!("../migrations/sqlite/0013_redaction.sql"),
        include_str!("../migrations/sqlite/0012_folders.sql"),
        include_str!("../migrations/sqlite/0015_classifier.sql"),
        include_str!("../migrations/sqlite/0016_redacted_prints.sql"),
        include_str!("../migrations/sqlite/0017_authorities.sql"),
        include_str!("../migrations/sqlite/0018_confidence.sql"),
        include_str!("../migrations/sqlite/0019_referrer.sql"),
        include_str!("../migrations/sqlite/0020_suspect_texts.sql"),
    ];

    /// The sources that are due at `$1`, the longest due first, at most `$2`.
    pub(super) const DUE_SOURCES: &str = "
        SELECT d.id FROM (
            SELECT u.id, min(u.due_at) AS due_at FROM (
                SELECT * FROM (
                    SELECT p.id, p.next_poll_at AS due_at FROM source p
                    WHERE p.state = 'active' AND p.next_poll_at <= $1
                        AND (p.lease_until IS NULL OR p.lease_until <= $1)
                    ORDER BY p.next_poll_at, p.id LIMIT $2) polls
                UNION ALL
                SELECT * FROM (
                    SELECT e.source_id AS id, min(e.next_attempt_at) AS due_at
                    FROM entry e JOIN source p ON p.id = e.source_id
                    WHERE e.state = 'pending' AND e.next_attempt_at <= $1 AND p.state = 'active'
                        AND (p.lease_until IS NULL OR p.lease_until <= $1)
                    GROUP BY e.source_id ORDER BY 2, 1 LIMIT $2) attempts
                UNION ALL
                SELECT * FROM (
                    SELECT a.home_id AS id, min(a.next_visit_at) AS due_at
                    FROM article a JOIN source p ON p.id = a.home_id
                    WHERE a.next_visit_at <= $1 AND p.state = 'active'
                        AND (p.lease_until IS NULL OR p.lease_until <= $1)
                        AND EXISTS (SELECT 1 FROM entry v WHERE v.article_id = a.id
                            AND v.source_id = a.home_id AND v.state = 'archived')
                    GROUP BY a.home_id ORDER BY 2, 1 LIMIT $2) visits) u
            GROUP BY u.id) d
        ORDER BY d.due_at, d.id LIMIT $2";

    /// Writes the file anew, and empties the log beside it.
    pub(super) const SCRUB: &[&str] = &["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"];
    /// What the database finds wrong with its own files.
    pub(super) const INTEGRITY: &str = r#"
        SELECT integrity_check AS line FROM pragma_integrity_check WHERE integrity_check <> 'ok'
        UNION ALL
        SELECT 'a row of `' || "table" || '` names a row of `' || parent || '` that is not there'
        FROM pragma_foreign_key_check"#;
    /// `SQLITE_CORRUPT` and `SQLITE_NOTADB`.
    pub(super) const DAMAGE_CODES: &[&str] = &["11", "26", "267", "523", "779"];
}

#[path = "portable/mod.rs"]
mod portable;

/// How long another process's write is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
/// After how many pages of the log they are brought into the file. The pages of indices come again
/// with almost every commit, and are written there once.
const CHECKPOINT_PAGES: &str = "4000";
/// How large the write-ahead log may stay between checkpoints, in bytes.
const WAL_BYTES: &str = "67108864";

impl SqliteCatalog {
    /// Opens the catalog in this file, and makes it if it is not there. The schema is brought up
    /// to date.
    pub async fn open(path: &Path) -> Result<Self> {
        // Made here and not by the driver: a connection that is opened later must not put an empty
        // database in the place of one that was taken away.
        let made = File::options().create(true).append(true).open(path);
        made.map_err(|error| Fault::from(sqlx::Error::Io(error)).during("open its file"))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("journal_size_limit", WAL_BYTES)
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let pool = |most: u32| {
            SqlitePoolOptions::new()
                .max_connections(most)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        let opening = |error: sqlx::Error| Fault::from(error).during("open its file");
        let writer = pool(1)
            .connect_with(options.clone())
            .await
            .map_err(opening)?;
        settle(&writer).await?;
        let reader = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
        Self::over(writer, reader).await
    }
}

/// Brings what the log still holds into the file. After a process has died at a failed `fsync`, its
/// last commits may be in memory only, under the name of being written: they are written once more
/// before anything follows them. Elsewhere, such as on a full disk, it may as well come later.
async fn settle(writer: &sqlx::SqlitePool) -> Result<()> {
    let settled = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(writer);
    match settled
        .await
        .map_err(|error| Fault::from(error).during("settle its log"))
    {
        Err(error @ CatalogError::Unsynced { .. }) => Err(error),
        _ => Ok(()),
    }
}

/// Copies the catalog in this file, as it is at one moment, into a file that is not there yet; it
/// may be written to meanwhile. The copy is not synced.
pub async fn snapshot(file: &Path, to: &Path) -> Result<()> {
    let copied = async {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(false)
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let mut connection = options.connect().await?;
        sqlx::query("VACUUM INTO $1")
            .bind(to.to_string_lossy())
            .execute(&mut connection)
            .await?;
        connection.close().await
    };
    let copied: std::result::Result<(), sqlx::Error> = copied.await;
    copied.map_err(|error| Fault::from(error).during("copy itself"))
}

/// The name of the archive whose catalog is in this file, which is read as it is; `None` if it has
/// none.
pub async fn archive_in(file: &Path) -> Result<Option<ArchiveId>> {
    let read = async {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .read_only(true)
            .disable_statement_logging();
        let mut connection = options.connect().await?;
        let id: Option<Vec<u8>> = sqlx::query_scalar("SELECT id FROM archive")
            .fetch_optional(&mut connection)
            .await?;
        connection.close().await?;
        Ok(id)
    };
    let id: std::result::Result<_, sqlx::Error> = read.await;
    let id = id.map_err(|error| Fault::from(error).during("tell its name"))?;
    Ok(id.and_then(|id| id.try_into().ok()).map(ArchiveId))
}

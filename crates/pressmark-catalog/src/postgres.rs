//! PostgreSQL, 15 or later.

use std::str::FromStr as _;
use std::time::Duration;

use pressmark_archive::ports::catalog::Result;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::fault::Fault;

pub use portable::Store as PostgresCatalog;

/// How PostgreSQL differs.
mod dialect {
    pub(super) type Db = sqlx::Postgres;

    /// A transaction that writes. What it has read and another has changed since, it notices by
    /// the unique keys and the numbers of versions.
    pub(super) const BEGIN_WRITE: &str = "BEGIN";
    /// A transaction that sees one state of the database in all its statements.
    pub(super) const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    /// So many bytes of statements may be sent together: with values, one statement at a time.
    pub(super) const SENT_TOGETHER: usize = 1;
    /// What is sent and shorter is kept prepared. The longer it is, the seldomer it comes again.
    pub(super) const KEPT_PREPARED: usize = 512;
    /// Keeps other processes from migrating at the same time, until the transaction ends. The
    /// number is an arbitrary one.
    pub(super) const LOCK_SCHEMA: &str = "SELECT pg_advisory_xact_lock(5786243180713)";
    /// The schema's versions, oldest first.
    pub(super) const MIGRATIONS: &[&str] = &[
        include_str!("../migrations/postgres/0001_archive.sql"),
        include_str!("../migrations/postgres/0002_origins.sql"),
        include_str!("../migrations/postgres/0003_watching.sql"),
        include_str!("../migrations/postgres/0004_logs.sql"),
        include_str!("../migrations/postgres/0005_versions.sql"),
        include_str!("../migrations/postgres/0008_sums.sql"),
        include_str!("../migrations/postgres/0009_anchors.sql"),
        include_str!("../migrations/postgres/0010_hubs.sql"),
        include_str!("../migrations/postgres/0014_clock_and_holds.sql"),
        include_str!("../migrations/postgres/0007_media.sql"),
        include_str!("../migrations/postgres/0006_profiles.sql"),
        include_str!("../migrations/postgres/0013_redaction.sql"),
        include_str!("../migrations/postgres/0012_folders.sql"),
        include_str!("../migrations/postgres/0015_classifier.sql"),
        include_str!("../migrations/postgres/0016_redacted_prints.sql"),
        include_str!("../migrations/postgres/0017_authorities.sql"),
        include_str!("../migrations/postgres/0018_confidence.sql"),
        include_str!("../migrations/postgres/0019_referrer.sql"),
        include_str!("../migrations/postgres/0020_suspect_texts.sql"),
    ];

    /// The sources that are due at `$1`, the longest due first, at most `$2`; those that another
    /// transaction is claiming are left out.
    pub(super) const DUE_SOURCES: &str = "
        SELECT s.id FROM source s JOIN (
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
            GROUP BY u.id) d ON d.id = s.id
        WHERE s.state = 'active' AND (s.lease_until IS NULL OR s.lease_until <= $1)
        ORDER BY d.due_at, d.id LIMIT $2
        FOR NO KEY UPDATE OF s SKIP LOCKED";

    /// Writes the tables anew that text is deleted from.
    pub(super) const SCRUB: &[&str] = &["VACUUM FULL leaf, version, derivation, change, suspect, \
        sighting, media, media_set, media_item, entry, entry_content, alias, article, \
        source_article, capture, record, row_sum, redaction, redacted_key, redacted_print, old_segment"];
    /// What the database finds wrong with its own files: here only what its page checksums, if
    /// they are on, have found in passing.
    pub(super) const INTEGRITY: &str = "
        SELECT checksum_failures || ' pages with a wrong checksum' AS line
        FROM pg_stat_database
        WHERE datname = current_database() AND checksum_failures > 0";
    /// `data_corrupted` and `index_corrupted`.
    pub(super) const DAMAGE_CODES: &[&str] = &["XX001", "XX002"];
}

#[path = "portable/mod.rs"]
mod portable;

const CONNECTIONS: u32 = 8;
/// How long a free connection is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

impl PostgresCatalog {
    /// Connects to the database at this address, `postgres://user:password@host/database`. The
    /// schema is brought up to date.
    pub async fn connect(url: &str) -> Result<Self> {
        let connecting = |error: sqlx::Error| Fault::from(error).during("connect to its database");
        let options = PgConnectOptions::from_str(url)
            .map_err(connecting)?
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .map_err(connecting)?;
        Self::over(pool.clone(), pool).await
    }
}

//! Redactions: what is deleted, and what is kept of it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use pressmark_archive::identity;
use pressmark_archive::ports::catalog::{CatalogError, Result};
use pressmark_archive::ports::redactions::Redactions;
use pressmark_archive::redact::{
    MovedRecord, NewRedaction, RedactedKeys, Redaction, RedactionWork,
};
use pressmark_model::{ArticleId, CaptureId, Digest, EntryId, LeafIndex, Timestamp};
use pressmark_proof::{ArchiveId, LeafKind, Nonce, RedactionRecord};
use sqlx::{Connection as _, QueryBuilder, Row as _};

use super::super::dialect::{BEGIN_READ, BEGIN_WRITE, SCRUB};
use super::entries::LISTED_AT_ONCE;
use super::row::listed;
use super::{Conn, Db, Fields, Row, Store, logs, redacted};
use crate::codec::json;
use crate::fault::{Fault, Outcome as Done};

#[async_trait]
impl Redactions for Store {
    async fn begin_redaction(
        &self,
        archive: ArchiveId,
        new: &NewRedaction,
        nonce: Nonce,
    ) -> Result<Option<Redaction>> {
        write!(self, "take an article out", |conn| begin(
            conn, archive, new, nonce
        ))
    }

    async fn redactions(&self, open: bool) -> Result<Vec<Redaction>> {
        look!(self, "list the redactions", |conn| all(conn, open))
    }

    async fn redaction(&self, article: ArticleId) -> Result<Option<Redaction>> {
        look!(self, "read a redaction", |conn| one(conn, article))
    }

    async fn redacted_keys(&self) -> Result<RedactedKeys> {
        read!(self, "read what was redacted", |conn| redacted::keys(conn))
    }

    async fn free_captures(&self, captures: &[CaptureId]) -> Result<Vec<CaptureId>> {
        read!(self, "see what captures are for", |conn| free(
            conn, captures
        ))
    }

    async fn redacted_captures(&self) -> Result<Vec<CaptureId>> {
        look!(self, "list redacted captures", |conn| captures(
            conn,
            "SELECT capture_id FROM redacted_capture ORDER BY capture_id",
            None
        ))
    }

    async fn leave_segment(
        &self,
        article: ArticleId,
        segment: &Digest,
        captures: &[CaptureId],
        moved: &[MovedRecord],
    ) -> Result<()> {
        write!(self, "take captures out", |conn| leave(
            conn, article, segment, captures, moved
        ))
    }

    async fn captures_in(&self, segment: &Digest) -> Result<Vec<CaptureId>> {
        look!(self, "list the captures of a segment", |conn| captures(
            conn,
            "SELECT DISTINCT capture_id FROM record WHERE segment = $1 ORDER BY capture_id",
            Some(segment)
        ))
    }

    async fn old_segments(&self) -> Result<Vec<Digest>> {
        look!(self, "list segments to remove", |conn| old(conn, false))
    }

    async fn forget_segment(&self, article: ArticleId, segment: &Digest) -> Result<()> {
        write!(self, "forget a segment", |conn| forget(
            conn, article, segment
        ))
    }

    async fn removed_segments(&self) -> Result<Vec<Digest>> {
        look!(self, "list removed segments", |conn| old(conn, true))
    }

    async fn redact_entry(&self, article: ArticleId, entry: EntryId) -> Result<()> {
        write!(self, "take an entry out", |conn| redacted::take_entry(
            conn, article, entry
        ))
    }

    async fn scrub(&self) -> Result<bool> {
        let scrubbed: Done<bool> = async {
            let mut connection = self.writer.acquire().await?;
            let mut all = true;
            for statement in SCRUB {
                // A checkpoint says in its first column whether somebody kept it from its end.
                let said = sqlx::query(*statement).fetch_optional(&mut *connection);
                let kept = said.await?.and_then(|row| row.try_get::<i32, _>(0).ok());
                all &= kept.unwrap_or_default() == 0;
            }
            Ok(all)
        }
        .await;
        scrubbed.map_err(|fault: Fault| fault.during("write its files anew"))
    }

    async fn forget_redaction_work(&self, article: ArticleId) -> Result<()> {
        write!(self, "forget what a redaction looked for", |conn| {
            forget_work(conn, article)
        })
    }

    async fn end_redaction(&self, article: ArticleId, at: Timestamp) -> Result<()> {
        write!(self, "end a redaction", |conn| end(conn, article, at))
    }
}

const REDACTION: &str = "SELECT article_id, leaf, begun_at, reason, work, done_at FROM redaction
    WHERE article_id = $1";

async fn one(conn: &mut Conn, article: ArticleId) -> Done<Option<Redaction>> {
    let row = sqlx::query(REDACTION)
        .bind(article.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.as_ref().map(redaction).transpose()?)
}

async fn all(conn: &mut Conn, open: bool) -> Done<Vec<Redaction>> {
    let rows = sqlx::query(
        "SELECT article_id, leaf, begun_at, reason, work, done_at FROM redaction
        WHERE done_at IS NULL OR NOT $1 ORDER BY leaf",
    )
    .bind(open)
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(redaction).collect::<Result<_>>()?)
}

fn redaction(row: &Row) -> Result<Redaction> {
    let fields = Fields::of("redaction", row);
    Ok(Redaction {
        article: ArticleId(fields.int("article_id")?),
        leaf: LeafIndex(fields.int("leaf")?),
        begun_at: fields.time("begun_at")?,
        reason: fields.text("reason")?,
        work: fields.json_opt("work")?,
        done_at: fields.time_opt("done_at")?,
    })
}

async fn begin(
    conn: &mut Conn,
    archive: ArchiveId,
    new: &NewRedaction,
    nonce: Nonce,
) -> Done<Option<Redaction>> {
    let article = new.article;
    if let Some(begun) = one(conn, article).await? {
        return Ok(Some(begun));
    }
    let Some(mut work) = work_of(conn, article).await? else {
        return Ok(None);
    };
    let entries = entry_keys(conn, article).await?;
    let leaves = sqlx::query("SELECT idx FROM leaf WHERE article_id = $1 ORDER BY idx")
        .bind(article.0)
        .fetch_all(&mut *conn)
        .await?;
    let index = |row: &Row| Fields::of("leaf", row).int("idx").map(LeafIndex);
    let leaves: Vec<LeafIndex> = leaves.iter().map(index).collect::<Result<_>>()?;
    let record = RedactionRecord {
        article,
        at: new.at.into(),
        leaves,
        reason: new.reason.clone(),
    };
    let record = record.to_bytes().map_err(|error| CatalogError::Database {
        action: "write the record of a redaction",
        source: error.into(),
    })?;
    let kind = LeafKind::Redaction;
    let leaf = logs::append_leaf(conn, archive, kind, Some(article), &nonce, &record).await?;
    sqlx::query(
        "INSERT INTO redaction (article_id, leaf, begun_at, reason) VALUES ($1, $2, $3, $4)",
    )
    .bind(article.0)
    .bind(leaf.0)
    .bind(new.at.micros())
    .bind(new.reason.as_str())
    .execute(&mut *conn)
    .await?;
    sqlx::query("INSERT INTO redaction_salt (one, salt) VALUES (1, $1) ON CONFLICT DO NOTHING")
        .bind(new.salt.as_slice())
        .execute(&mut *conn)
        .await?;
    let salt = redacted::keys(conn).await?.salt;
    let keys: BTreeSet<String> = work.keys.iter().cloned().chain(entries).collect();
    redacted::add_keys(conn, article, &salt, &keys).await?;
    redacted::add_prints(conn, article, &salt).await?;
    redacted::take_entries(conn, article, &mut work).await?;
    sqlx::query("UPDATE redaction SET work = $2 WHERE article_id = $1")
        .bind(article.0)
        .bind(json(&work)?)
        .execute(&mut *conn)
        .await?;
    erase(conn, article, leaf).await?;
    one(conn, article).await
}

/// The addresses of images that no other article has.
const OWN_IMAGES: &str = "SELECT DISTINCT i.fetch_url FROM media_item i
    WHERE i.article_id = $1 AND NOT EXISTS (
        SELECT 1 FROM media_item o WHERE o.fetch_url = i.fetch_url AND o.article_id <> $1)";

/// What the article is found by; `None` if there is none.
async fn work_of(conn: &mut Conn, article: ArticleId) -> Done<Option<RedactionWork>> {
    let row = sqlx::query("SELECT id, url FROM article WHERE id = $1")
        .bind(article.0)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut work = RedactionWork::default();
    let mut urls: BTreeSet<String> = BTreeSet::new();
    urls.insert(Fields::of("article", &row).text("url")?);
    let rows = sqlx::query(OWN_IMAGES)
        .bind(article.0)
        .fetch_all(&mut *conn)
        .await?;
    for row in &rows {
        let url = Fields::of("media_item", row).text("fetch_url")?;
        work.media
            .extend(url.parse().ok().map(|url| identity::key(&url)));
    }
    let rows = sqlx::query("SELECT key FROM alias WHERE article_id = $1")
        .bind(article.0)
        .fetch_all(&mut *conn)
        .await?;
    for row in &rows {
        work.keys.insert(Fields::of("alias", row).text("key")?);
    }
    let rows = sqlx::query(
        "SELECT COALESCE(guid, '') AS guid, title, COALESCE(link, '') AS link FROM entry
        WHERE article_id = $1
        UNION SELECT '', title, '' FROM version WHERE article_id = $1",
    )
    .bind(article.0)
    .fetch_all(&mut *conn)
    .await?;
    for row in &rows {
        let fields = Fields::of("entry", row);
        work.marks.insert(fields.text("guid")?);
        work.marks.insert(fields.text("title")?);
        urls.insert(fields.text("link")?);
    }
    for url in urls.iter().filter_map(|url| url.parse().ok()) {
        work.add_address(&url);
    }
    work.marks.extend(urls);
    work.marks.remove("");
    let rows = sqlx::query(
        "SELECT capture_id FROM version WHERE article_id = $1
        UNION SELECT capture_id FROM suspect WHERE article_id = $1 AND capture_id IS NOT NULL
        UNION SELECT m.capture_id FROM media_item i JOIN media m ON m.digest = i.digest
            WHERE i.article_id = $1",
    )
    .bind(article.0)
    .fetch_all(conn)
    .await?;
    for row in &rows {
        work.captures
            .insert(Fields::of("version", row).int("capture_id")?);
    }
    Ok(Some(work))
}

async fn entry_keys(conn: &mut Conn, article: ArticleId) -> Done<Vec<String>> {
    let rows = sqlx::query("SELECT key FROM entry WHERE article_id = $1")
        .bind(article.0)
        .fetch_all(conn)
        .await?;
    let key = |row: &Row| Fields::of("entry", row).text("key");
    Ok(rows.iter().map(key).collect::<Result<_>>()?)
}

/// Everything that holds, names or digests the text, in an order that the references allow.
const ERASE: [&str; 16] = [
    "DELETE FROM row_sum WHERE name IN ('version', 'change') AND id IN (
        SELECT idx FROM leaf WHERE article_id = $1)",
    "UPDATE leaf SET record = NULL, nonce = NULL WHERE article_id = $1 AND idx <> $2",
    "DELETE FROM change WHERE article_id = $1",
    "DELETE FROM derivation WHERE article_id = $1",
    "DELETE FROM suspect WHERE article_id = $1",
    "DELETE FROM sighting WHERE article_id = $1",
    "DELETE FROM media_item WHERE article_id = $1",
    "DELETE FROM media_set WHERE article_id = $1",
    "DELETE FROM media WHERE NOT EXISTS (
        SELECT 1 FROM media_item i WHERE i.digest = media.digest)",
    "DELETE FROM entry_content WHERE entry_id IN (SELECT id FROM entry WHERE article_id = $1)",
    "DELETE FROM entry WHERE article_id = $1",
    "DELETE FROM alias WHERE article_id = $1",
    "DELETE FROM version WHERE article_id = $1",
    "DELETE FROM source_article WHERE article_id = $1",
    "UPDATE article SET guid = NULL, etag = NULL, last_modified = NULL, next_visit_at = NULL,
        missing_since = NULL, missing_as = NULL, tombstone = NULL WHERE id = $1",
    "UPDATE article SET url = 'https://redacted.invalid/' || id WHERE id = $1",
];

async fn erase(conn: &mut Conn, article: ArticleId, leaf: LeafIndex) -> Done<()> {
    for statement in ERASE {
        let mut query = sqlx::query(statement);
        if statement.contains("$1") {
            query = query.bind(article.0);
        }
        if statement.contains("$2") {
            query = query.bind(leaf.0);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

async fn free(conn: &mut Conn, captures: &[CaptureId]) -> Done<Vec<CaptureId>> {
    let mut found = Vec::new();
    for chunk in captures.chunks(LISTED_AT_ONCE) {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT c.id FROM capture c
            WHERE NOT EXISTS (SELECT 1 FROM version v WHERE v.capture_id = c.id)
                AND NOT EXISTS (SELECT 1 FROM suspect s WHERE s.capture_id = c.id)
                AND NOT EXISTS (SELECT 1 FROM media m WHERE m.capture_id = c.id)
                AND c.id IN (",
        );
        let mut list = query.separated(", ");
        for id in chunk {
            list.push_bind(id.0);
        }
        query.push(")");
        for row in &listed(&mut query, conn).await? {
            found.push(CaptureId(Fields::of("capture", row).int("id")?));
        }
    }
    Ok(found)
}

async fn captures(
    conn: &mut Conn,
    statement: &'static str,
    segment: Option<&Digest>,
) -> Done<Vec<CaptureId>> {
    let mut query = sqlx::query(statement);
    if let Some(segment) = segment {
        query = query.bind(segment.as_bytes().to_vec());
    }
    let rows = query.fetch_all(conn).await?;
    let id = |row: &Row| Fields::of("record", row).int("capture_id").map(CaptureId);
    Ok(rows.iter().map(id).collect::<Result<_>>()?)
}

async fn leave(
    conn: &mut Conn,
    article: ArticleId,
    segment: &Digest,
    captures: &[CaptureId],
    moved: &[MovedRecord],
) -> Done<()> {
    for id in captures {
        for statement in [
            "DELETE FROM record WHERE capture_id = $1",
            "DELETE FROM row_sum WHERE name = 'capture' AND id = $1",
            "DELETE FROM capture WHERE id = $1",
        ] {
            sqlx::query(statement)
                .bind(id.0)
                .execute(&mut *conn)
                .await?;
        }
        sqlx::query(
            "INSERT INTO redacted_capture (capture_id, article_id) VALUES ($1, $2)
            ON CONFLICT DO NOTHING",
        )
        .bind(id.0)
        .bind(article.0)
        .execute(&mut *conn)
        .await?;
    }
    for record in moved {
        sqlx::query("UPDATE record SET segment = $2, begins_at = $3 WHERE id = $1")
            .bind(record.id.as_str())
            .bind(record.segment.as_bytes().to_vec())
            .bind(i64::try_from(record.offset).unwrap_or(i64::MAX))
            .execute(&mut *conn)
            .await?;
    }
    sqlx::query(
        "INSERT INTO old_segment (segment, article_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(segment.as_bytes().to_vec())
    .bind(article.0)
    .execute(conn)
    .await?;
    Ok(())
}

async fn old(conn: &mut Conn, removed: bool) -> Done<Vec<Digest>> {
    let rows = sqlx::query("SELECT segment FROM old_segment WHERE removed = $1")
        .bind(i64::from(removed))
        .fetch_all(conn)
        .await?;
    let segment = |row: &Row| Fields::of("old_segment", row).digest("segment");
    Ok(rows.iter().map(segment).collect::<Result<_>>()?)
}

async fn forget(conn: &mut Conn, article: ArticleId, segment: &Digest) -> Done<()> {
    sqlx::query(
        "INSERT INTO old_segment (segment, article_id, removed) VALUES ($1, $2, 1)
        ON CONFLICT (segment) DO UPDATE SET removed = 1",
    )
    .bind(segment.as_bytes().to_vec())
    .bind(article.0)
    .execute(conn)
    .await?;
    Ok(())
}

async fn forget_work(conn: &mut Conn, article: ArticleId) -> Done<()> {
    sqlx::query("UPDATE redaction SET work = NULL WHERE article_id = $1")
        .bind(article.0)
        .execute(conn)
        .await?;
    Ok(())
}

async fn end(conn: &mut Conn, article: ArticleId, at: Timestamp) -> Done<()> {
    sqlx::query("UPDATE redaction SET done_at = $2 WHERE article_id = $1 AND done_at IS NULL")
        .bind(article.0)
        .bind(at.micros())
        .execute(conn)
        .await?;
    Ok(())
}

//! Entries: looked up, listed, made to wait again.

use pressmark_archive::entry::{EntryRow, EntryState, KnownEntry, LinkedEntry, PendingEntry};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_model::{ArticleId, EntryId, EntryKey, SourceId, Timestamp, WebUrl};
use sqlx::QueryBuilder;

use super::row::listed;
use super::{Conn, Db, Fields, Row};
use crate::codec::stored_key;
use crate::fault::Outcome;

/// How many values one statement lists; SQLite takes 32 766 at most.
pub(super) const LISTED_AT_ONCE: usize = 500;

pub(super) async fn known(
    conn: &mut Conn,
    source: SourceId,
    keys: &[EntryKey],
) -> Outcome<Vec<KnownEntry>> {
    let mut known = Vec::new();
    for chunk in keys.chunks(LISTED_AT_ONCE) {
        let mut query =
            QueryBuilder::<Db>::new("SELECT id, key, digest FROM entry WHERE source_id = ");
        query.push_bind(source.0).push(" AND key IN (");
        let mut list = query.separated(", ");
        for key in chunk {
            list.push_bind(stored_key(key.as_str()).into_owned());
        }
        query.push(")");
        let rows = listed(&mut query, conn).await?;
        for row in &rows {
            let fields = Fields::of("entry", row);
            let stored = fields.text("key")?;
            // A long key is stored by its digest: the caller gets its own back.
            let key = chunk
                .iter()
                .find(|key| stored_key(key.as_str()) == stored.as_str());
            known.push(KnownEntry {
                id: EntryId(fields.int("id")?),
                key: key
                    .cloned()
                    .unwrap_or_else(|| EntryKey::from_stored(stored)),
                digest: fields.digest("digest")?,
            });
        }
    }
    Ok(known)
}

pub(super) async fn linked(
    conn: &mut Conn,
    source: SourceId,
    links: &[WebUrl],
) -> Outcome<Vec<LinkedEntry>> {
    let mut linked = Vec::new();
    for chunk in links.chunks(LISTED_AT_ONCE) {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT id, key, digest, guid, link FROM entry WHERE source_id = ",
        );
        query.push_bind(source.0).push(" AND link IN (");
        let mut list = query.separated(", ");
        for link in chunk {
            list.push_bind(link.as_str());
        }
        query.push(") ORDER BY id");
        let rows = listed(&mut query, conn).await?;
        for row in &rows {
            let fields = Fields::of("entry", row);
            linked.push(LinkedEntry {
                link: fields.parsed("link")?,
                guid: fields.text_opt("guid")?,
                entry: KnownEntry {
                    id: EntryId(fields.int("id")?),
                    key: EntryKey::from_stored(fields.text("key")?),
                    digest: fields.digest("digest")?,
                },
            });
        }
    }
    Ok(linked)
}

pub(super) async fn pending(
    conn: &mut Conn,
    source: SourceId,
    now: Option<Timestamp>,
    limit: u32,
) -> Outcome<Vec<PendingEntry>> {
    let rows = sqlx::query(
        "SELECT e.id, e.key, e.article_id, e.attempts, c.entry, a.sort_at
        FROM entry e JOIN entry_content c ON c.entry_id = e.id
        LEFT JOIN article a ON a.id = e.article_id
        WHERE e.source_id = $1 AND e.state = 'pending' AND e.next_attempt_at <= $2
        ORDER BY e.id LIMIT $3",
    )
    .bind(source.0)
    .bind(now.map_or(i64::MAX, Timestamp::micros))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let waits = rows.iter().map(|row| pending_entry(row, false));
    Ok(waits.collect::<Result<_, _>>()?)
}

pub(super) async fn due_visits(
    conn: &mut Conn,
    source: SourceId,
    now: Timestamp,
    limit: u32,
) -> Outcome<Vec<PendingEntry>> {
    let rows = sqlx::query(
        "SELECT e.id, e.key, e.article_id, e.attempts, c.entry, a.sort_at
        FROM article a
        JOIN entry e ON e.id = (
            SELECT max(l.id) FROM entry l
            WHERE l.article_id = a.id AND l.source_id = a.home_id AND l.state = 'archived')
        JOIN entry_content c ON c.entry_id = e.id
        WHERE a.home_id = $1 AND a.next_visit_at <= $2
        ORDER BY a.next_visit_at, a.id LIMIT $3",
    )
    .bind(source.0)
    .bind(now.micros())
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let visits = rows.iter().map(|row| pending_entry(row, true));
    Ok(visits.collect::<Result<_, _>>()?)
}

fn pending_entry(row: &Row, by_age: bool) -> Result<PendingEntry, CatalogError> {
    let fields = Fields::of("entry", row);
    Ok(PendingEntry {
        id: EntryId(fields.int("id")?),
        key: EntryKey::from_stored(fields.text("key")?),
        entry: fields.json("entry")?,
        article: fields.int_opt("article_id")?.map(ArticleId),
        dated: fields.time_opt("sort_at")?,
        attempts: fields.count("attempts")?,
        by_age,
    })
}

/// Makes the failed entries that a source still lists, and the filtered ones, wait for another
/// first attempt. They are due since they were first seen: at once, whatever the time is.
pub(super) async fn try_again(conn: &mut Conn, source: SourceId) -> Outcome<()> {
    sqlx::query(
        "UPDATE entry SET state = 'pending', attempts = 0, next_attempt_at = first_seen_at
        WHERE source_id = $1 AND ((listed AND state = 'failed') OR state = 'filtered')",
    )
    .bind(source.0)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn leave_out(conn: &mut Conn, entries: &[EntryId]) -> Outcome<()> {
    for chunk in entries.chunks(LISTED_AT_ONCE) {
        let mut update = QueryBuilder::<Db>::new(
            "UPDATE entry SET state = 'filtered', attempts = 0, next_attempt_at = NULL,
                failure = NULL
            WHERE state = 'pending' AND id IN (",
        );
        let mut list = update.separated(", ");
        for id in chunk {
            list.push_bind(id.0);
        }
        update.push(")");
        update.build().persistent(false).execute(&mut *conn).await?;
    }
    Ok(())
}

pub(super) async fn request_revisits(
    conn: &mut Conn,
    source: SourceId,
    now: Timestamp,
) -> Outcome<u64> {
    let asked = sqlx::query(
        "UPDATE entry SET state = 'pending', attempts = 0, next_attempt_at = $2
        WHERE source_id = $1 AND listed AND state IN ('archived', 'failed', 'filtered')",
    )
    .bind(source.0)
    .bind(now.micros())
    .execute(conn)
    .await?;
    Ok(asked.rows_affected())
}

pub(super) async fn latest(
    conn: &mut Conn,
    source: SourceId,
    limit: u32,
) -> Outcome<Vec<EntryRow>> {
    let rows = sqlx::query(
        "SELECT id, title, link, state, article_id, failure, attempts, next_attempt_at,
            first_seen_at
        FROM entry WHERE source_id = $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(source.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(entry_row).collect::<Result<_, _>>()?)
}

fn entry_row(row: &Row) -> Result<EntryRow, CatalogError> {
    let fields = Fields::of("entry", row);
    Ok(EntryRow {
        id: EntryId(fields.int("id")?),
        title: fields.text("title")?,
        link: fields.parsed_opt("link")?,
        state: fields.named("state", EntryState::from_name)?,
        article: fields.int_opt("article_id")?.map(ArticleId),
        failure: fields.json_opt("failure")?,
        attempts: fields.count("attempts")?,
        next_attempt_at: fields.time_opt("next_attempt_at")?,
        first_seen_at: fields.time("first_seen_at")?,
    })
}

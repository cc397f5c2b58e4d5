//! Captures and their WARC records.

use std::collections::HashMap;

use pressmark_archive::capture::{CaptureRecord, NewCapture, RecordKind, StoredRecord};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_model::{CaptureId, Digest, WebUrl};
use sqlx::QueryBuilder;

use super::entries::LISTED_AT_ONCE;
use super::row::listed;
use super::script::Script;
use super::{Conn, Db, Fields, Row, insert};
use crate::fault::Outcome;

const CAPTURES: &str = "
    SELECT id, url, final_url, captured_at, status, content_type, payload_digest,
        clock_doubtful
    FROM capture WHERE id >= $1 ORDER BY id LIMIT $2";
const RECORDS: &str = "
    SELECT capture_id, id, kind, url, recorded_at, block_digest, segment, begins_at, bytes
    FROM record WHERE capture_id >= $1 AND capture_id <= $2 ORDER BY capture_id, position";

/// The captures that are stored already, by the id of their first record: a capture whose storing
/// was reported lost may be handed in again.
pub(super) async fn stored<'c>(
    conn: &mut Conn,
    captures: impl Iterator<Item = &'c NewCapture>,
) -> Outcome<HashMap<String, CaptureId>> {
    let ids: Vec<_> = captures.filter_map(first_record).collect();
    let mut stored = HashMap::new();
    for chunk in ids.chunks(LISTED_AT_ONCE) {
        let mut query = QueryBuilder::<Db>::new("SELECT id, capture_id FROM record WHERE id IN (");
        let mut list = query.separated(", ");
        for id in chunk {
            list.push_bind(*id);
        }
        query.push(")");
        let rows = listed(&mut query, conn).await?;
        for row in &rows {
            let fields = Fields::of("record", row);
            stored.insert(fields.text("id")?, CaptureId(fields.int("capture_id")?));
        }
    }
    Ok(stored)
}

/// The id of a capture's first record.
pub(super) fn first_record(capture: &NewCapture) -> Option<&str> {
    Some(capture.records.first()?.id.as_str())
}

/// Stores a capture that belongs to no version; returns its id.
pub(super) async fn store_one(conn: &mut Conn, capture: &NewCapture) -> Outcome<CaptureId> {
    let known = stored(conn, std::iter::once(capture)).await?;
    if let Some(id) = known.into_values().next() {
        return Ok(id);
    }
    let row = sqlx::query(
        "UPDATE counter SET next_capture = next_capture + 1 RETURNING next_capture - 1 AS id",
    )
    .fetch_one(&mut *conn)
    .await?;
    let id = CaptureId(Fields::of("counter", &row).int("id")?);
    let mut script = Script::new(conn);
    insert::captures(&mut script, &[(id, capture)]).await?;
    script.send().await?;
    Ok(id)
}

pub(super) async fn with_payload(
    conn: &mut Conn,
    url: &WebUrl,
    payload: &Digest,
) -> Outcome<Option<StoredRecord>> {
    let row = sqlx::query(
        "SELECT r.capture_id, r.id, r.kind, r.url, r.recorded_at, r.block_digest, r.segment,
            r.begins_at, r.bytes
        FROM capture c JOIN record r ON r.capture_id = c.id
        WHERE c.payload_digest = $1 AND (c.url = $2 OR c.final_url = $2)
            AND r.kind IN ('response', 'resource')
            AND r.position = (
                SELECT max(p.position) FROM record p
                WHERE p.capture_id = c.id AND p.kind <> 'request')
        ORDER BY c.id DESC LIMIT 1",
    )
    .bind(payload.as_bytes().as_slice())
    .bind(url.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.as_ref().map(record).transpose()?)
}

pub(super) async fn one(conn: &mut Conn, id: CaptureId) -> Outcome<Option<CaptureRecord>> {
    let found = from_id(conn, id, 1).await?;
    Ok(found.into_iter().find(|capture| capture.id == id))
}

pub(super) async fn from_id(
    conn: &mut Conn,
    from: CaptureId,
    limit: u32,
) -> Outcome<Vec<CaptureRecord>> {
    let rows = sqlx::query(CAPTURES)
        .bind(from.0)
        .bind(i64::from(limit))
        .fetch_all(&mut *conn)
        .await?;
    let mut captures = rows.iter().map(capture).collect::<Result<Vec<_>, _>>()?;
    let Some(last) = captures.last() else {
        return Ok(captures);
    };
    let rows = sqlx::query(RECORDS)
        .bind(from.0)
        .bind(last.id.0)
        .fetch_all(conn)
        .await?;
    let mut captures_left = captures.iter_mut();
    let mut current = captures_left.next();
    for row in &rows {
        let of = CaptureId(Fields::of("record", row).int("capture_id")?);
        while current.as_ref().is_some_and(|capture| capture.id < of) {
            current = captures_left.next();
        }
        if let Some(capture) = current.as_mut().filter(|capture| capture.id == of) {
            capture.capture.records.push(record(row)?);
        }
    }
    Ok(captures)
}

pub(super) async fn page_records(
    conn: &mut Conn,
    captures: &[CaptureId],
) -> Outcome<Vec<(CaptureId, StoredRecord)>> {
    let mut found = Vec::with_capacity(captures.len());
    for chunk in captures.chunks(LISTED_AT_ONCE) {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT r.capture_id, r.id, r.kind, r.url, r.recorded_at, r.block_digest, r.segment,
                r.begins_at, r.bytes
            FROM record r
            WHERE r.position = (
                SELECT max(p.position) FROM record p
                WHERE p.capture_id = r.capture_id AND p.kind <> 'request')
                AND r.capture_id IN (",
        );
        let mut list = query.separated(", ");
        for id in chunk {
            list.push_bind(id.0);
        }
        query.push(")");
        let rows = listed(&mut query, conn).await?;
        for row in &rows {
            let of = CaptureId(Fields::of("record", row).int("capture_id")?);
            found.push((of, record(row)?));
        }
    }
    Ok(found)
}

fn capture(row: &Row) -> Result<CaptureRecord, CatalogError> {
    let fields = Fields::of("capture", row);
    Ok(CaptureRecord {
        id: CaptureId(fields.int("id")?),
        capture: NewCapture {
            url: fields.parsed("url")?,
            final_url: fields.parsed("final_url")?,
            at: fields.time("captured_at")?,
            status: fields.count("status")?,
            content_type: fields.text_opt("content_type")?,
            payload_digest: fields.digest("payload_digest")?,
            clock_doubtful: fields.flag("clock_doubtful")?,
            records: Vec::new(),
        },
    })
}

fn record(row: &Row) -> Result<StoredRecord, CatalogError> {
    let fields = Fields::of("record", row);
    Ok(StoredRecord {
        id: fields.text("id")?,
        kind: fields.named("kind", RecordKind::from_name)?,
        url: fields.parsed("url")?,
        at: fields.time("recorded_at")?,
        block_digest: fields.digest("block_digest")?,
        segment: fields.digest("segment")?,
        offset: fields.count("begins_at")?,
        length: fields.count("bytes")?,
    })
}

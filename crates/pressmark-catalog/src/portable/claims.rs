//! Claims on sources: who polls what, and when the next one is due.

use pressmark_archive::ports::catalog::Lease;
use pressmark_archive::source::Source;
use pressmark_model::{SourceId, Timestamp};

use super::super::dialect::DUE_SOURCES;
use super::{Conn, Fields, sources};
use crate::fault::Outcome;

pub(super) async fn claim_due(
    conn: &mut Conn,
    now: Timestamp,
    lease: Lease,
    limit: u32,
) -> Outcome<Vec<Source>> {
    let rows = sqlx::query(DUE_SOURCES)
        .bind(now.micros())
        .bind(i64::from(limit))
        .fetch_all(&mut *conn)
        .await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = SourceId(Fields::of("source", row).int("id")?);
        claimed.extend(claim(conn, id, now, lease).await?);
    }
    Ok(claimed)
}

pub(super) async fn claim(
    conn: &mut Conn,
    id: SourceId,
    now: Timestamp,
    lease: Lease,
) -> Outcome<Option<Source>> {
    // The entries are not counted: claims are many, and who claims shows nothing.
    let claimed = sqlx::query(
        "UPDATE source SET lease_owner = $2, lease_until = $3
        WHERE id = $1 AND (lease_owner IS NULL OR lease_owner = $2 OR lease_until <= $4)
        RETURNING *, CAST(0 AS BIGINT) AS entries, CAST(0 AS BIGINT) AS pending,
            CAST(0 AS BIGINT) AS failed, CAST(0 AS BIGINT) AS filtered",
    )
    .bind(id.0)
    .bind(lease.owner)
    .bind(lease.until.micros())
    .bind(now.micros())
    .fetch_optional(conn)
    .await?;
    Ok(claimed.as_ref().map(sources::source).transpose()?)
}

pub(super) async fn renew(conn: &mut Conn, id: SourceId, lease: Lease) -> Outcome<bool> {
    let renewed =
        sqlx::query("UPDATE source SET lease_until = $3 WHERE id = $1 AND lease_owner = $2")
            .bind(id.0)
            .bind(lease.owner)
            .bind(lease.until.micros())
            .execute(conn)
            .await?
            .rows_affected();
    Ok(renewed == 1)
}

pub(super) async fn release(conn: &mut Conn, id: SourceId, owner: i64) -> Outcome<()> {
    sqlx::query(
        "UPDATE source SET lease_owner = NULL, lease_until = NULL
        WHERE id = $1 AND lease_owner = $2",
    )
    .bind(id.0)
    .bind(owner)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn break_all(conn: &mut Conn) -> Outcome<()> {
    sqlx::query(
        "UPDATE source SET lease_owner = NULL, lease_until = NULL WHERE lease_owner IS NOT NULL",
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn next_due(conn: &mut Conn) -> Outcome<Option<Timestamp>> {
    // A claimed source is due when its claim ends, if it is not given back before.
    let row = sqlx::query(
        "SELECT min(CASE WHEN d.lease_until > d.due_at THEN d.lease_until ELSE d.due_at END)
            AS due_at
        FROM (
            SELECT p.lease_until, CASE
                WHEN p.attempt_at < p.next_poll_at
                    AND (p.visit_at IS NULL OR p.attempt_at <= p.visit_at) THEN p.attempt_at
                WHEN p.visit_at < p.next_poll_at THEN p.visit_at
                ELSE p.next_poll_at END AS due_at
            FROM (
                SELECT s.lease_until, s.next_poll_at, (
                    SELECT a.next_visit_at FROM article a
                    WHERE a.home_id = s.id AND a.next_visit_at IS NOT NULL AND EXISTS (
                        SELECT 1 FROM entry v
                        WHERE v.article_id = a.id AND v.source_id = s.id AND v.state = 'archived')
                    ORDER BY a.next_visit_at LIMIT 1) AS visit_at, (
                    SELECT min(e.next_attempt_at) FROM entry e
                    WHERE e.source_id = s.id AND e.state = 'pending') AS attempt_at
                FROM source s
                WHERE s.state = 'active') p) d",
    )
    .fetch_one(conn)
    .await?;
    Ok(Fields::of("source", &row).time_opt("due_at")?)
}

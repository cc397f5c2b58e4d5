//! Claims on sources: who polls what, and when the next one is due.

use std::time::Duration;

use pressmark_archive::ports::catalog::Lease;
use pressmark_archive::source::Source;
use pressmark_model::{SourceId, Timestamp};

use super::super::dialect::DUE_SOURCES;
use super::{Conn, Fields, hubs, sources};
use crate::fault::Outcome;

/// What a clock has planned that was ahead is not waited for longer.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

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
            CAST(0 AS BIGINT) AS failed, CAST(0 AS BIGINT) AS filtered, (
                SELECT min(e.next_attempt_at) FROM entry e
                WHERE e.source_id = source.id AND e.state = 'pending') AS next_attempt_at, (
                SELECT a.next_visit_at FROM article a
                WHERE a.home_id = source.id AND a.next_visit_at IS NOT NULL
                ORDER BY a.next_visit_at LIMIT 1) AS next_visit_at",
    )
    .bind(id.0)
    .bind(lease.owner)
    .bind(lease.until.micros())
    .bind(now.micros())
    .fetch_optional(&mut *conn)
    .await?;
    let mut source = claimed.as_ref().map(sources::source).transpose()?;
    hubs::attach(conn, source.as_mut_slice()).await?;
    Ok(source)
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
    sqlx::query("UPDATE media_item SET claimed_until = NULL WHERE claimed_until IS NOT NULL")
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "UPDATE source SET lease_owner = NULL, lease_until = NULL WHERE lease_owner IS NOT NULL",
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn plan_anew(
    conn: &mut Conn,
    now: Timestamp,
    claimed_until: Timestamp,
) -> Outcome<()> {
    let latest = now.plus(LONGEST_WAIT).micros();
    sqlx::query("UPDATE source SET lease_until = $1 WHERE lease_until > $1")
        .bind(claimed_until.micros())
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "UPDATE source SET next_poll_at = $1 + (next_poll_at - polled_at), polled_at = $1
        WHERE polled_at > $1 AND next_poll_at > polled_at",
    )
    .bind(now.micros())
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE entry SET next_attempt_at = $1 WHERE state = 'pending' AND next_attempt_at > $1",
    )
    .bind(latest)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE article SET next_visit_at = $2 WHERE next_visit_at > $2 AND last_seen_at > $1",
    )
    .bind(now.micros())
    .bind(latest)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn next_due(conn: &mut Conn) -> Outcome<Option<Timestamp>> {
    // A claimed source is due when its claim ends, if it is not given back before. The articles
    // of those that are claimed are looked at apart: the others are found by the index.
    let row = sqlx::query(
        "SELECT min(d.due_at) AS due_at FROM (
            SELECT min(CASE WHEN s.lease_until > s.next_poll_at
                THEN s.lease_until ELSE s.next_poll_at END) AS due_at
            FROM source s WHERE s.state = 'active'
            UNION ALL
            SELECT min(CASE WHEN s.lease_until > e.next_attempt_at
                THEN s.lease_until ELSE e.next_attempt_at END)
            FROM entry e JOIN source s ON s.id = e.source_id
            WHERE e.state = 'pending' AND s.state = 'active'
            UNION ALL
            SELECT * FROM (
                SELECT a.next_visit_at FROM article a JOIN source s ON s.id = a.home_id
                WHERE a.next_visit_at IS NOT NULL AND s.state = 'active'
                    AND (s.lease_until IS NULL OR s.lease_until <= a.next_visit_at)
                    AND EXISTS (SELECT 1 FROM entry v WHERE v.article_id = a.id
                        AND v.source_id = a.home_id AND v.state = 'archived')
                ORDER BY a.next_visit_at LIMIT 1) f
            UNION ALL
            SELECT min(s.lease_until) FROM source s
            WHERE s.state = 'active' AND s.lease_until IS NOT NULL AND EXISTS (
                SELECT 1 FROM article a
                WHERE a.home_id = s.id AND a.next_visit_at < s.lease_until AND EXISTS (
                    SELECT 1 FROM entry v WHERE v.article_id = a.id
                        AND v.source_id = a.home_id AND v.state = 'archived'))) d",
    )
    .fetch_one(conn)
    .await?;
    Ok(Fields::of("source", &row).time_opt("due_at")?)
}

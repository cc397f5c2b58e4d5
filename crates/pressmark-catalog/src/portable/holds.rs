//! Deleting files, and waiting with it.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use pressmark_archive::ports::catalog::Result as Stored;
use pressmark_archive::ports::holds::Holds;
use pressmark_model::{Digest, Timestamp};
use sqlx::Connection as _;

use super::super::dialect::BEGIN_WRITE;
use super::{Conn, Fields, Store};
use crate::fault::Outcome;

/// No hold is longer.
const LONGEST: Duration = Duration::from_hours(24);

#[async_trait]
impl Holds for Store {
    async fn hold_deletions(&self, owner: i64, until: Timestamp) -> Stored<()> {
        write!(self, "hold deletions", |conn| hold(conn, owner, until))
    }

    async fn release_deletions(&self, owner: i64) -> Stored<()> {
        write!(self, "release deletions", |conn| release(conn, owner))
    }

    async fn release_all_deletions(&self) -> Stored<()> {
        write!(self, "release deletions", |conn| release_all(conn))
    }

    async fn are_deletions_held(&self, now: Timestamp) -> Stored<bool> {
        look!(self, "see whether deletions are held", |conn| are_held(
            conn, now
        ))
    }

    async fn segments_in_use(&self) -> Stored<HashSet<Digest>> {
        look!(self, "list the segments in use", |conn| in_use(conn))
    }
}

async fn hold(conn: &mut Conn, owner: i64, until: Timestamp) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO deletion_hold (owner, until) VALUES ($1, $2)
        ON CONFLICT (owner) DO UPDATE SET until = excluded.until",
    )
    .bind(owner)
    .bind(until.micros())
    .execute(conn)
    .await?;
    Ok(())
}

async fn release(conn: &mut Conn, owner: i64) -> Outcome<()> {
    sqlx::query("DELETE FROM deletion_hold WHERE owner = $1")
        .bind(owner)
        .execute(conn)
        .await?;
    Ok(())
}

async fn release_all(conn: &mut Conn) -> Outcome<()> {
    sqlx::query("DELETE FROM deletion_hold")
        .execute(conn)
        .await?;
    Ok(())
}

async fn are_held(conn: &mut Conn, now: Timestamp) -> Outcome<bool> {
    let held: i64 =
        sqlx::query_scalar("SELECT count(*) FROM deletion_hold WHERE until > $1 AND until <= $2")
            .bind(now.micros())
            .bind(now.plus(LONGEST).micros())
            .fetch_one(conn)
            .await?;
    Ok(held > 0)
}

async fn in_use(conn: &mut Conn) -> Outcome<HashSet<Digest>> {
    let rows = sqlx::query("SELECT DISTINCT segment FROM record")
        .fetch_all(conn)
        .await?;
    let mut segments = HashSet::with_capacity(rows.len());
    for row in &rows {
        segments.insert(Fields::of("record", row).digest("segment")?);
    }
    Ok(segments)
}

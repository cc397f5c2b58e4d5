//! Time stamps over checkpoints, and how it goes with the authorities.

use async_trait::async_trait;
use pressmark_archive::anchor::{Anchor, Anchored, Anchoring};
use pressmark_archive::ports::anchors::Anchors;
use pressmark_archive::ports::catalog::{CatalogError, Result as Stored};
use pressmark_model::Timestamp;
use sqlx::Connection as _;

use super::super::dialect::BEGIN_WRITE;
use super::logs::count;
use super::{Conn, Fields, Row, Store};
use crate::codec::json;
use crate::fault::Outcome;

#[async_trait]
impl Anchors for Store {
    async fn anchors(&self, log: i64, from: u64, limit: u32) -> Stored<Vec<Anchor>> {
        look!(self, "list time stamps", |conn| list(
            conn, log, from, limit
        ))
    }

    async fn anchored(&self, log: i64, size: u64) -> Stored<Vec<Anchored>> {
        look!(self, "read time stamps", |conn| whole(conn, log, size))
    }

    async fn anchoring(&self) -> Stored<Vec<Anchoring>> {
        look!(self, "see how time stamping goes", |conn| states(conn))
    }

    async fn record_anchoring(&self, now: &Anchoring, made: Option<&Anchored>) -> Stored<()> {
        write!(self, "store a time stamp", |conn| record(conn, now, made))
    }
}

async fn list(conn: &mut Conn, log: i64, from: u64, limit: u32) -> Outcome<Vec<Anchor>> {
    let rows = sqlx::query(
        "SELECT log, size, tsa, stamped_at FROM anchor
        WHERE log = $1 AND size >= $2 AND size <= (
            SELECT max(s.size) FROM (
                SELECT DISTINCT size FROM anchor WHERE log = $1 AND size >= $2
                ORDER BY size LIMIT $3) s)
        ORDER BY size, tsa",
    )
    .bind(log)
    .bind(count(from)?)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(anchor).collect::<Result<_, _>>()?)
}

async fn whole(conn: &mut Conn, log: i64, size: u64) -> Outcome<Vec<Anchored>> {
    let rows = sqlx::query("SELECT * FROM anchor WHERE log = $1 AND size = $2 ORDER BY tsa")
        .bind(log)
        .bind(count(size)?)
        .fetch_all(conn)
        .await?;
    let anchored = |row: &Row| {
        let fields = Fields::of("anchor", row);
        Ok::<_, CatalogError>(Anchored {
            anchor: anchor(row)?,
            checkpoint: fields.text("checkpoint")?,
            token: fields.bytes("token")?,
            sum: fields.digest_opt("sum")?,
        })
    };
    Ok(rows.iter().map(anchored).collect::<Result<_, _>>()?)
}

fn anchor(row: &Row) -> Result<Anchor, CatalogError> {
    let fields = Fields::of("anchor", row);
    Ok(Anchor {
        log: fields.int("log")?,
        size: fields.count("size")?,
        tsa: fields.text("tsa")?,
        stamped_at: fields.time("stamped_at")?,
    })
}

async fn states(conn: &mut Conn) -> Outcome<Vec<Anchoring>> {
    let rows = sqlx::query("SELECT * FROM anchoring ORDER BY tsa")
        .fetch_all(conn)
        .await?;
    let state = |row: &Row| {
        let fields = Fields::of("anchoring", row);
        Ok::<_, CatalogError>(Anchoring {
            tsa: fields.text("tsa")?,
            log: fields.int("log")?,
            size: fields.count("size")?,
            next_at: fields.time("next_at")?,
            failures: fields.count("failures")?,
            failed_at: fields.time_opt("failed_at")?,
            failure: fields.text_opt("failure")?,
            failing_since: fields.time_opt("failing_since")?,
            alarm: fields.json_opt("alarm")?,
        })
    };
    Ok(rows.iter().map(state).collect::<Result<_, _>>()?)
}

async fn record(conn: &mut Conn, now: &Anchoring, made: Option<&Anchored>) -> Outcome<()> {
    if let Some(made) = made {
        sqlx::query(
            "INSERT INTO anchor (log, size, tsa, checkpoint, token, stamped_at, sum)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (log, size, tsa) DO NOTHING",
        )
        .bind(made.anchor.log)
        .bind(count(made.anchor.size)?)
        .bind(made.anchor.tsa.as_str())
        .bind(made.checkpoint.as_str())
        .bind(made.token.as_slice())
        .bind(made.anchor.stamped_at.micros())
        .bind(made.sum.map(|sum| sum.as_bytes().to_vec()))
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query(
        "INSERT INTO anchoring (tsa, log, size, next_at, failures, failed_at, failure,
            failing_since, alarm)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (tsa) DO UPDATE SET log = excluded.log, size = excluded.size,
            next_at = excluded.next_at, failures = excluded.failures,
            failed_at = excluded.failed_at, failure = excluded.failure,
            failing_since = excluded.failing_since, alarm = excluded.alarm",
    )
    .bind(now.tsa.as_str())
    .bind(now.log)
    .bind(count(now.size)?)
    .bind(now.next_at.micros())
    .bind(i64::from(now.failures))
    .bind(now.failed_at.map(Timestamp::micros))
    .bind(now.failure.as_deref())
    .bind(now.failing_since.map(Timestamp::micros))
    .bind(now.alarm.as_ref().map(json).transpose()?)
    .execute(conn)
    .await?;
    Ok(())
}

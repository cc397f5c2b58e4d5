//! Subscriptions at hubs.

use async_trait::async_trait;
use pressmark_archive::ports::catalog::Result;
use pressmark_archive::ports::hubs::Hubs;
use pressmark_archive::source::Source;
use pressmark_archive::websub::{
    HubOffer, HubWork, Offered, Subscription, SubscriptionState, TOLD_WITHIN,
};
use pressmark_model::{SourceId, Timestamp};
use sqlx::Connection as _;

use super::super::dialect::BEGIN_WRITE;
use super::{Conn, Fields, Row, Store};
use crate::codec::json;
use crate::fault::Outcome as Done;

/// After a poll, a push makes a source due so many microseconds later at the soonest.
const LEAST_GAP: i64 = 60_000_000;

#[async_trait]
impl Hubs for Store {
    async fn hub_work(&self, now: Timestamp, limit: u32) -> Result<HubWork> {
        write!(self, "look for work on hubs", |conn| work(conn, now, limit))
    }

    async fn add_subscription(&self, subscription: &Subscription) -> Result<()> {
        write!(self, "add a subscription", |conn| add(conn, subscription))
    }

    async fn leave_hub(&self, source: SourceId, now: Timestamp) -> Result<()> {
        write!(self, "leave a hub", |conn| leave(conn, source, now))
    }

    async fn subscription(&self, token: &str) -> Result<Option<Subscription>> {
        look!(self, "read a subscription", |conn| by_token(conn, token))
    }

    async fn put_subscription(&self, subscription: &Subscription) -> Result<bool> {
        write!(self, "store a subscription", |conn| put(conn, subscription))
    }

    async fn drop_subscription(&self, token: &str) -> Result<()> {
        write!(self, "forget a subscription", |conn| forget(conn, token))
    }

    async fn note_push(&self, token: &str, now: Timestamp) -> Result<()> {
        write!(self, "note a push", |conn| pushed(conn, token, now))
    }

    async fn note_poll(
        &self,
        source: SourceId,
        began: Timestamp,
        ended: Timestamp,
        brought: bool,
    ) -> Result<()> {
        write!(self, "note a poll", |conn| polled(
            conn, source, began, ended, brought
        ))
    }

    async fn hasten_pushed(&self, now: Timestamp) -> Result<()> {
        write!(self, "hasten polls", |conn| hasten(conn, now))
    }
}

async fn work(conn: &mut Conn, now: Timestamp, limit: u32) -> Done<HubWork> {
    sqlx::query(
        "UPDATE subscription
        SET state = 'leaving', asked_at = NULL, failures = 0, trouble = NULL, next_at = $1,
            revision = revision + 1
        WHERE state <> 'leaving' AND NOT EXISTS (
            SELECT 1 FROM source s
            WHERE s.id = subscription.source_id AND s.state = 'active'
                AND s.hub = subscription.hub AND s.topic = subscription.topic)",
    )
    .bind(now.micros())
    .execute(&mut *conn)
    .await?;
    let offered = sqlx::query(
        "SELECT s.id, s.slug, s.url, s.settings, s.hub, s.topic FROM source s
        WHERE s.hub IS NOT NULL AND s.state = 'active' AND NOT EXISTS (
            SELECT 1 FROM subscription b WHERE b.source_id = s.id AND b.state <> 'leaving')
        ORDER BY s.id",
    )
    .fetch_all(&mut *conn)
    .await?;
    let held = sqlx::query(
        "SELECT s.id, s.slug, s.url, s.settings, b.hub, b.topic
        FROM subscription b JOIN source s ON s.id = b.source_id WHERE b.state <> 'leaving'",
    )
    .fetch_all(&mut *conn)
    .await?;
    let due =
        sqlx::query("SELECT * FROM subscription WHERE next_at <= $1 ORDER BY next_at LIMIT $2")
            .bind(now.micros())
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await?;
    Ok(HubWork {
        offered: offered.iter().map(offer_of).collect::<Result<_>>()?,
        held: held.iter().map(offer_of).collect::<Result<_>>()?,
        due: due.iter().map(read).collect::<Result<_>>()?,
    })
}

fn offer_of(row: &Row) -> Result<Offered> {
    let fields = Fields::of("source", row);
    Ok(Offered {
        source: SourceId(fields.int("id")?),
        slug: fields.parsed("slug")?,
        url: fields.parsed("url")?,
        settings: fields.json("settings")?,
        offer: offer(&fields)?,
    })
}

fn offer(fields: &Fields<'_>) -> Result<HubOffer> {
    Ok(HubOffer {
        hub: fields.parsed("hub")?,
        topic: fields.parsed("topic")?,
    })
}

/// What a source's document offers.
pub(super) fn offer_opt(fields: &Fields<'_>) -> Result<Option<HubOffer>> {
    match fields.text_opt("hub")? {
        Some(_) => offer(fields).map(Some),
        None => Ok(None),
    }
}

fn read(row: &Row) -> Result<Subscription> {
    let fields = Fields::of("subscription", row);
    Ok(Subscription {
        token: fields.text("token")?,
        source: SourceId(fields.int("source_id")?),
        offer: offer(&fields)?,
        secret: fields.text("secret")?,
        state: fields.named("state", SubscriptionState::from_name)?,
        asked_at: fields.time_opt("asked_at")?,
        lease_until: fields.time_opt("lease_until")?,
        failures: fields.count("failures")?,
        trouble: fields.json_opt("trouble")?,
        next_at: fields.time("next_at")?,
        pushed_at: fields.time_opt("pushed_at")?,
        missed_at: fields.time_opt("missed_at")?,
        answered_at: fields.time_opt("answered_at")?,
        revision: fields.int("revision")?,
    })
}

/// Gives each of these sources the subscription at the hub that it offers.
pub(super) async fn attach(conn: &mut Conn, sources: &mut [Source]) -> Done<()> {
    for source in sources {
        if source.status.hub.is_none() {
            continue;
        }
        let row = sqlx::query(
            "SELECT * FROM subscription WHERE source_id = $1 AND state <> 'leaving' LIMIT 1",
        )
        .bind(source.id.0)
        .fetch_optional(&mut *conn)
        .await?;
        source.status.subscription = row.as_ref().map(read).transpose()?;
    }
    Ok(())
}

async fn add(conn: &mut Conn, new: &Subscription) -> Done<()> {
    sqlx::query(
        "INSERT INTO subscription (token, source_id, hub, topic, secret, state, asked_at,
            lease_until, failures, trouble, next_at, revision)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&new.token)
    .bind(new.source.0)
    .bind(new.offer.hub.as_str())
    .bind(new.offer.topic.as_str())
    .bind(&new.secret)
    .bind(new.state.as_str())
    .bind(new.asked_at.map(Timestamp::micros))
    .bind(new.lease_until.map(Timestamp::micros))
    .bind(i64::from(new.failures))
    .bind(new.trouble.as_ref().map(json).transpose()?)
    .bind(new.next_at.micros())
    .bind(new.revision)
    .execute(conn)
    .await?;
    Ok(())
}

async fn leave(conn: &mut Conn, source: SourceId, now: Timestamp) -> Done<()> {
    sqlx::query(
        "UPDATE subscription
        SET state = 'leaving', asked_at = NULL, failures = 0, trouble = NULL, next_at = $2,
            revision = revision + 1
        WHERE source_id = $1 AND state <> 'leaving'",
    )
    .bind(source.0)
    .bind(now.micros())
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE source SET next_poll_at = $2 WHERE id = $1 AND next_poll_at > $2")
        .bind(source.0)
        .bind(now.micros())
        .execute(conn)
        .await?;
    Ok(())
}

async fn by_token(conn: &mut Conn, token: &str) -> Done<Option<Subscription>> {
    let row = sqlx::query("SELECT * FROM subscription WHERE token = $1")
        .bind(token)
        .fetch_optional(conn)
        .await?;
    Ok(row.as_ref().map(read).transpose()?)
}

async fn put(conn: &mut Conn, new: &Subscription) -> Done<bool> {
    let stored = sqlx::query(
        "UPDATE subscription
        SET state = $3, asked_at = $4, lease_until = $5, failures = $6, trouble = $7, next_at = $8,
            revision = revision + 1
        WHERE token = $1 AND revision = $2",
    )
    .bind(&new.token)
    .bind(new.revision)
    .bind(new.state.as_str())
    .bind(new.asked_at.map(Timestamp::micros))
    .bind(new.lease_until.map(Timestamp::micros))
    .bind(i64::from(new.failures))
    .bind(new.trouble.as_ref().map(json).transpose()?)
    .bind(new.next_at.micros())
    .execute(conn)
    .await?;
    Ok(stored.rows_affected() == 1)
}

async fn forget(conn: &mut Conn, token: &str) -> Done<()> {
    sqlx::query("DELETE FROM subscription WHERE token = $1")
        .bind(token)
        .execute(conn)
        .await?;
    Ok(())
}

async fn pushed(conn: &mut Conn, token: &str, now: Timestamp) -> Done<()> {
    let row =
        sqlx::query("UPDATE subscription SET pushed_at = $2 WHERE token = $1 RETURNING source_id")
            .bind(token)
            .bind(now.micros())
            .fetch_optional(&mut *conn)
            .await?;
    let Some(row) = row else { return Ok(()) };
    let source = Fields::of("subscription", &row).int("source_id")?;
    sqlx::query(
        "UPDATE source
        SET next_poll_at = CASE WHEN polled_at + $3 > $2 THEN polled_at + $3 ELSE $2 END
        WHERE id = $1 AND next_poll_at >
            CASE WHEN polled_at + $3 > $2 THEN polled_at + $3 ELSE $2 END",
    )
    .bind(source)
    .bind(now.micros())
    .bind(LEAST_GAP)
    .execute(conn)
    .await?;
    Ok(())
}

async fn polled(
    conn: &mut Conn,
    source: SourceId,
    began: Timestamp,
    ended: Timestamp,
    brought: bool,
) -> Done<()> {
    if brought {
        let told = i64::try_from(TOLD_WITHIN.as_micros()).unwrap_or(i64::MAX);
        sqlx::query(
            "UPDATE subscription
            SET answered_at = $2,
                missed_at = CASE WHEN lease_until > $2
                        AND (pushed_at IS NULL OR pushed_at < $3) THEN $2 ELSE missed_at END
            WHERE source_id = $1 AND state = 'wanted'",
        )
        .bind(source.0)
        .bind(ended.micros())
        .bind(ended.micros().saturating_sub(told))
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query(
        "UPDATE source SET next_poll_at = $3
        WHERE id = $1 AND next_poll_at > $3 AND EXISTS (
            SELECT 1 FROM subscription b WHERE b.source_id = $1 AND b.pushed_at > $2)",
    )
    .bind(source.0)
    .bind(began.micros())
    .bind(ended.micros().saturating_add(LEAST_GAP))
    .execute(conn)
    .await?;
    Ok(())
}

async fn hasten(conn: &mut Conn, now: Timestamp) -> Done<()> {
    sqlx::query(
        "UPDATE source SET next_poll_at = $1
        WHERE state = 'active' AND next_poll_at > $1 AND id IN (
            SELECT b.source_id FROM subscription b
            WHERE b.state = 'wanted' AND b.pushed_at IS NOT NULL AND b.lease_until > $1)",
    )
    .bind(now.micros())
    .execute(conn)
    .await?;
    Ok(())
}

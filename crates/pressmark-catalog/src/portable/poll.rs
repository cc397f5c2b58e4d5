//! What a poll brought, stored.

use pressmark_archive::entry::{
    EntryDelta, EntryState, FeedRead, ListedEntry, PollRecord, PollRecorded, PollResult,
};
use pressmark_archive::failure::Failure;
use pressmark_archive::ports::catalog::QuietTurn;
use pressmark_archive::ports::fetch::Validators;
use pressmark_model::{SourceId, Timestamp, WebUrl};
use sqlx::QueryBuilder;

use super::captures;
use super::entries::LISTED_AT_ONCE;
use super::{Conn, Db, Fields};
use crate::codec::{json, shown, stored_key};
use crate::fault::Outcome;

/// How many rows one statement inserts.
pub(super) const INSERTED_AT_ONCE: usize = 100;

pub(super) async fn record(conn: &mut Conn, poll: &PollRecord) -> Outcome<PollRecorded> {
    schedule(conn, poll).await?;
    match &poll.result {
        PollResult::Failed { failure, gone } => {
            failed(conn, poll.source, failure, *gone).await?;
            Ok(PollRecorded::default())
        }
        PollResult::NotModified { validators } => {
            not_modified(conn, poll, validators).await?;
            Ok(PollRecorded::default())
        }
        PollResult::Read(read) => {
            let seen = Sight {
                source: poll.source,
                at: poll.at,
                number: read_document(conn, poll, read).await?,
            };
            let recorded = seen.entries(conn, read).await?;
            for capture in &read.captures {
                captures::store_one(conn, capture).await?;
            }
            Ok(recorded)
        }
    }
}

async fn schedule(conn: &mut Conn, poll: &PollRecord) -> Outcome<()> {
    let moved_to = match poll.new_url {
        Some(_) => None,
        None => poll.moved_to.as_ref(),
    };
    // An address that another source watches already stays with that source.
    sqlx::query(
        "UPDATE source
        SET polled_at = $2, next_poll_at = $3, moved_to = $4, moved_times = $5,
            url = CASE WHEN $6 IS NULL OR EXISTS (SELECT 1 FROM source o WHERE o.url = $6)
                THEN url ELSE $6 END,
            origins = $7
        WHERE id = $1",
    )
    .bind(poll.source.0)
    .bind(poll.at.micros())
    .bind(poll.next_poll_at.micros())
    .bind(moved_to.map(|(url, _)| url.as_str()))
    .bind(moved_to.map_or(0, |(_, times)| i64::from(*times)))
    .bind(poll.new_url.as_ref().map(WebUrl::as_str))
    .bind(json(&poll.origins)?)
    .execute(conn)
    .await?;
    Ok(())
}

async fn failed(conn: &mut Conn, source: SourceId, failure: &Failure, gone: bool) -> Outcome<()> {
    sqlx::query(
        "UPDATE source
        SET failure = $2, failures = failures + 1, state = CASE WHEN $3 THEN 'gone' ELSE state END
        WHERE id = $1",
    )
    .bind(source.0)
    .bind(json(failure)?)
    .bind(gone)
    .execute(conn)
    .await?;
    Ok(())
}

async fn not_modified(conn: &mut Conn, poll: &PollRecord, validators: &Validators) -> Outcome<()> {
    sqlx::query(
        "UPDATE source
        SET succeeded_at = $2, failure = NULL, failures = 0, etag = $3, last_modified = $4
        WHERE id = $1",
    )
    .bind(poll.source.0)
    .bind(poll.at.micros())
    .bind(validators.etag.as_deref().map(shown))
    .bind(validators.last_modified.as_deref().map(shown))
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores turns that brought nothing new, and gives their sources back.
pub(super) async fn record_quiet(conn: &mut Conn, turns: &[QuietTurn]) -> Outcome<()> {
    for turn in turns {
        sqlx::query(
            "UPDATE source
            SET polled_at = $2, succeeded_at = $2, next_poll_at = $3, etag = $4,
                last_modified = $5, failure = NULL, failures = 0, moved_to = NULL,
                moved_times = 0, lease_owner = NULL, lease_until = NULL
            WHERE id = $1 AND lease_owner = $6",
        )
        .bind(turn.source.0)
        .bind(turn.at.micros())
        .bind(turn.next_poll_at.micros())
        .bind(turn.validators.etag.as_deref().map(shown))
        .bind(turn.validators.last_modified.as_deref().map(shown))
        .bind(turn.owner)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Stores what the document says of itself; returns its number among those read of this source.
async fn read_document(conn: &mut Conn, poll: &PollRecord, read: &FeedRead) -> Outcome<i64> {
    let row = sqlx::query(
        "UPDATE source
        SET succeeded_at = $2, failure = NULL, failures = 0, etag = $3, last_modified = $4,
            body_digest = $5, format = $6, title = $7, home = $8, language = $9, issues = $10,
            rhythm = $11, hub = $12, topic = $13, reads = reads + 1
        WHERE id = $1
        RETURNING reads",
    )
    .bind(poll.source.0)
    .bind(poll.at.micros())
    .bind(read.validators.etag.as_deref().map(shown))
    .bind(read.validators.last_modified.as_deref().map(shown))
    .bind(read.body_digest.as_bytes().as_slice())
    .bind(json(&read.format)?)
    .bind(read.title.as_deref().map(shown))
    .bind(read.home.as_ref().map(WebUrl::as_str))
    .bind(read.language.as_deref().map(shown))
    .bind(json(&read.issues)?)
    .bind(json(&read.rhythm)?)
    .bind(read.hub.as_ref().map(|offer| offer.hub.as_str()))
    .bind(read.hub.as_ref().map(|offer| offer.topic.as_str()))
    .fetch_one(conn)
    .await?;
    Ok(Fields::of("source", &row).int("reads")?)
}

/// One look at a source's list of entries.
struct Sight {
    source: SourceId,
    at: Timestamp,
    /// The number of the document.
    number: i64,
}

impl Sight {
    async fn entries(&self, conn: &mut Conn, read: &FeedRead) -> Outcome<PollRecorded> {
        let entries = &read.entries;
        let of = |delta| entries.iter().filter(move |listed| listed.delta == delta);
        // The last entry of the document is the oldest: in this order, ids rise with newness.
        let new: Vec<_> = of(EntryDelta::New).rev().collect();
        let mut recorded = PollRecorded::default();
        for chunk in new.chunks(INSERTED_AT_ONCE) {
            recorded.new += self.insert(conn, chunk).await?;
        }
        let listed: Vec<_> = entries.iter().collect();
        for chunk in listed.chunks(LISTED_AT_ONCE) {
            self.mark_listed(conn, chunk).await?;
        }
        for changed in of(EntryDelta::Changed) {
            recorded.changed += self.change(conn, changed).await?;
        }
        if read.complete {
            recorded.dropped = self.drop_others(conn).await?;
        }
        Ok(recorded)
    }

    /// Inserts the entries that are not there yet; returns how many.
    async fn insert(&self, conn: &mut Conn, entries: &[&ListedEntry]) -> Outcome<u64> {
        let mut insert = QueryBuilder::<Db>::new(
            "INSERT INTO entry (source_id, key, digest, guid, title, link, listed, seen_in, state,
                attempts, next_attempt_at, first_seen_at, last_seen_at) ",
        );
        insert.push_values(entries, |mut row, listed| {
            let state = if listed.wanted {
                EntryState::Pending
            } else {
                EntryState::Skipped
            };
            row.push_bind(self.source.0)
                .push_bind(stored_key(listed.key.as_str()).into_owned())
                .push_bind(listed.entry.digest().as_bytes().to_vec())
                .push_bind(listed.entry.guid.as_deref().map(shown))
                .push_bind(shown(&listed.entry.title))
                .push_bind(listed.entry.link.as_ref().map(WebUrl::as_str))
                .push("TRUE")
                .push_bind(self.number)
                .push_bind(state.as_str())
                .push("0")
                .push_bind(listed.wanted.then_some(self.at.micros()))
                .push_bind(self.at.micros())
                .push_bind(self.at.micros());
        });
        insert.push(" ON CONFLICT (source_id, key) DO NOTHING RETURNING id, key");
        let rows = insert
            .build()
            .persistent(false)
            .fetch_all(&mut *conn)
            .await?;
        let mut contents = Vec::with_capacity(rows.len());
        for row in &rows {
            let fields = Fields::of("entry", row);
            let key = fields.text("key")?;
            let listed = entries
                .iter()
                .find(|listed| stored_key(listed.key.as_str()) == key.as_str());
            if let Some(listed) = listed {
                contents.push((fields.int("id")?, json(&listed.entry)?));
            }
        }
        if !contents.is_empty() {
            let mut insert =
                QueryBuilder::<Db>::new("INSERT INTO entry_content (entry_id, entry) ");
            insert.push_values(contents, |mut row, (id, entry)| {
                row.push_bind(id).push_bind(entry);
            });
            insert.build().persistent(false).execute(conn).await?;
        }
        Ok(rows.len().try_into().unwrap_or(u64::MAX))
    }

    async fn mark_listed(&self, conn: &mut Conn, entries: &[&ListedEntry]) -> Outcome<()> {
        let mut update = QueryBuilder::<Db>::new("UPDATE entry SET listed = TRUE, seen_in = ");
        update.push_bind(self.number).push(", last_seen_at = ");
        update
            .push_bind(self.at.micros())
            .push(" WHERE source_id = ");
        update.push_bind(self.source.0).push(" AND key IN (");
        let mut list = update.separated(", ");
        for listed in entries {
            list.push_bind(stored_key(listed.key.as_str()).into_owned());
        }
        update.push(")");
        update.build().persistent(false).execute(conn).await?;
        Ok(())
    }

    /// Replaces what an entry says; a wanted one waits for another capture, from the first attempt.
    async fn change(&self, conn: &mut Conn, listed: &ListedEntry) -> Outcome<u64> {
        let row = sqlx::query(
            "UPDATE entry
            SET digest = $3, guid = $4, title = $5, link = $6,
                state = CASE WHEN $7 THEN 'pending' ELSE state END,
                attempts = CASE WHEN $7 THEN 0 ELSE attempts END,
                failure = CASE WHEN $7 THEN NULL ELSE failure END,
                next_attempt_at = CASE WHEN $7 THEN $8 ELSE next_attempt_at END
            WHERE source_id = $1 AND key = $2
            RETURNING id",
        )
        .bind(self.source.0)
        .bind(stored_key(listed.key.as_str()).into_owned())
        .bind(listed.entry.digest().as_bytes().to_vec())
        .bind(listed.entry.guid.as_deref().map(shown))
        .bind(shown(&listed.entry.title))
        .bind(listed.entry.link.as_ref().map(WebUrl::as_str))
        .bind(listed.wanted)
        .bind(self.at.micros())
        .fetch_optional(&mut *conn)
        .await?;
        let Some(row) = row else { return Ok(0) };
        sqlx::query("UPDATE entry_content SET entry = $2 WHERE entry_id = $1")
            .bind(Fields::of("entry", &row).int("id")?)
            .bind(json(&listed.entry)?)
            .execute(conn)
            .await?;
        Ok(1)
    }

    /// Notes that the entries that were listed before are no longer; returns how many.
    async fn drop_others(&self, conn: &mut Conn) -> Outcome<u64> {
        let dropped = sqlx::query(
            "UPDATE entry SET listed = FALSE WHERE source_id = $1 AND listed AND seen_in <> $2",
        )
        .bind(self.source.0)
        .bind(self.number)
        .execute(conn)
        .await?;
        Ok(dropped.rows_affected())
    }
}

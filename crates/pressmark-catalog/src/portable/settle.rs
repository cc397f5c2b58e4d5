//! What an item of a batch changes in rows that are there: its article, its suspects, its entry.

use pressmark_archive::absence::Absence;
use pressmark_archive::commit::Committed;
use pressmark_archive::commit::{Commit, Decision};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::ports::fetch::Validators;
use pressmark_model::{ArticleId, EntryId, LeafIndex, Timestamp, VersionNumber};

use super::Conn;
use super::commit::Planned;
use super::plan::seen_at;
use crate::codec::{json, shown};
use crate::fault::Outcome;

pub(super) async fn settle(conn: &mut Conn, commit: &Commit, planned: &Planned) -> Outcome<()> {
    match &commit.decision {
        Decision::Next {
            article,
            after,
            version,
            validators,
            ..
        } => {
            if let Committed::Version { leaf, .. } = planned.committed {
                advance(conn, *article, *after, leaf, version.captured_at).await?;
            }
            see(conn, *article, commit, validators).await?;
            drop_suspects(conn, *article).await?;
        }
        Decision::Unchanged {
            article,
            payload_digest,
            validators,
            ..
        } => {
            see(conn, *article, commit, validators).await?;
            drop_suspects(conn, *article).await?;
            sqlx::query(
                "INSERT INTO sighting (article_id, seen_at, payload_digest) VALUES ($1, $2, $3)
                ON CONFLICT DO NOTHING",
            )
            .bind(article.0)
            .bind(seen_at(commit).micros())
            .bind(payload_digest.map(|digest| digest.as_bytes().to_vec()))
            .execute(&mut *conn)
            .await?;
        }
        Decision::Suspect {
            article,
            reason,
            draft,
            ..
        } => {
            sqlx::query(
                "INSERT INTO suspect (article_id, digest, reason, first_seen_at, capture_id)
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            )
            .bind(article.0)
            .bind(draft.digest.0.as_bytes().to_vec())
            .bind(reason.as_str())
            .bind(draft.captured_at.micros())
            .bind(planned.capture.map(|capture| capture.0))
            .execute(&mut *conn)
            .await?;
        }
        Decision::Absent {
            article, reason, ..
        } => miss(conn, *article, commit, *reason, planned.notice).await?,
        Decision::First { .. } | Decision::Failed { .. } => {}
    }
    if let Some(entry) = commit.entry {
        settle_entry(conn, entry, &commit.decision, planned.article).await?;
    }
    match commit.decision {
        Decision::Suspect { .. } | Decision::Failed { .. } => {
            schedule(conn, commit, planned.article).await
        }
        Decision::First { .. }
        | Decision::Next { .. }
        | Decision::Unchanged { .. }
        | Decision::Absent { .. } => Ok(()),
    }
}

/// Notes when the page of an article is looked at again. What failed is about the article of its
/// entry.
async fn schedule(conn: &mut Conn, commit: &Commit, article: Option<ArticleId>) -> Outcome<()> {
    sqlx::query(
        "UPDATE article SET next_visit_at = $3
        WHERE id = COALESCE($1, (SELECT article_id FROM entry WHERE id = $2))",
    )
    .bind(article.map(|article| article.0))
    .bind(commit.entry.map(|entry| entry.0))
    .bind(commit.next_visit_at.map(Timestamp::micros))
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes a version an article's last, unless another one has become that.
async fn advance(
    conn: &mut Conn,
    article: ArticleId,
    after: VersionNumber,
    leaf: LeafIndex,
    captured_at: Timestamp,
) -> Outcome<()> {
    let advanced = sqlx::query(
        "UPDATE article SET versions = versions + 1, last_leaf = $3, last_captured_at = $4
        WHERE id = $1 AND versions = $2",
    )
    .bind(article.0)
    .bind(after.0)
    .bind(leaf.0)
    .bind(captured_at.micros())
    .execute(conn)
    .await?;
    match advanced.rows_affected() {
        1 => Ok(()),
        _ => Err(CatalogError::Conflict.into()),
    }
}

/// Notes that an article's page was looked at and is there, what to send back next time, and when
/// that is.
async fn see(
    conn: &mut Conn,
    article: ArticleId,
    commit: &Commit,
    validators: &Validators,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE article
        SET etag = $2, last_modified = $3, next_visit_at = $5, missing_since = NULL,
            missing_as = NULL, tombstone = NULL,
            last_seen_at = CASE WHEN last_seen_at < $4 THEN $4 ELSE last_seen_at END
        WHERE id = $1",
    )
    .bind(article.0)
    .bind(validators.etag.as_deref().map(shown))
    .bind(validators.last_modified.as_deref().map(shown))
    .bind(seen_at(commit).micros())
    .bind(commit.next_visit_at.map(Timestamp::micros))
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that an article's page is gone, and its tombstone if it has one now.
async fn miss(
    conn: &mut Conn,
    article: ArticleId,
    commit: &Commit,
    reason: Absence,
    tombstone: Option<LeafIndex>,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE article
        SET missing_since = COALESCE(missing_since, $2), missing_as = $3, next_visit_at = $4,
            tombstone = COALESCE(tombstone, $5)
        WHERE id = $1",
    )
    .bind(article.0)
    .bind(seen_at(commit).micros())
    .bind(reason.as_str())
    .bind(commit.next_visit_at.map(Timestamp::micros))
    .bind(tombstone.map(|leaf| leaf.0))
    .execute(conn)
    .await?;
    Ok(())
}

async fn drop_suspects(conn: &mut Conn, article: ArticleId) -> Outcome<()> {
    sqlx::query("DELETE FROM suspect WHERE article_id = $1")
        .bind(article.0)
        .execute(conn)
        .await?;
    Ok(())
}

async fn settle_entry(
    conn: &mut Conn,
    entry: EntryId,
    decision: &Decision,
    article: Option<ArticleId>,
) -> Outcome<()> {
    let article = article.map(|article| article.0);
    let query = match decision {
        Decision::First { .. } | Decision::Next { .. } | Decision::Unchanged { .. } => sqlx::query(
            "UPDATE entry
            SET state = 'archived', article_id = $2, attempts = 0, failure = NULL,
                next_attempt_at = NULL, confidence = COALESCE($3, confidence)
            WHERE id = $1",
        )
        .bind(entry.0)
        .bind(article)
        .bind(match decision {
            Decision::First { version, .. } => version.confidence.map(i64::from),
            _ => None,
        }),
        Decision::Suspect { again_at, .. } | Decision::Absent { again_at, .. } => sqlx::query(
            "UPDATE entry
            SET state = CASE WHEN $3 IS NULL THEN 'archived' ELSE 'pending' END,
                article_id = $2,
                attempts = CASE WHEN $3 IS NULL THEN 0 ELSE attempts + 1 END,
                failure = NULL, next_attempt_at = $3
            WHERE id = $1",
        )
        .bind(entry.0)
        .bind(article)
        .bind(again_at.map(Timestamp::micros)),
        Decision::Failed { failure, retry_at } => sqlx::query(
            "UPDATE entry
            SET attempts = attempts + 1, failure = $2, next_attempt_at = $3,
                state = CASE WHEN $3 IS NOT NULL THEN 'pending'
                    WHEN article_id IS NOT NULL THEN 'archived' ELSE 'failed' END
            WHERE id = $1",
        )
        .bind(entry.0)
        .bind(json(failure)?)
        .bind(retry_at.map(Timestamp::micros)),
    };
    query.execute(conn).await?;
    Ok(())
}

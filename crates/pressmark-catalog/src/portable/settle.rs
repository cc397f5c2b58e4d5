//! What an item of a batch changes in rows that are there: its article, its suspects, its entry.

use pressmark_archive::absence::Absence;
use pressmark_archive::commit::Committed;
use pressmark_archive::commit::{Commit, Decision};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::ports::fetch::Validators;
use pressmark_model::{ArticleId, EntryId, LeafIndex, Timestamp};

use super::Conn;
use super::commit::Planned;
use super::plan::seen_at;
use super::script::Script;
use crate::codec::{json, shown};
use crate::fault::Outcome;

/// Makes a further version its article's last, unless another one has become that.
pub(super) async fn advance(conn: &mut Conn, commit: &Commit, planned: &Planned) -> Outcome<()> {
    let Decision::Next {
        article,
        after,
        version,
        ..
    } = &commit.decision
    else {
        return Ok(());
    };
    let Committed::Version { leaf, .. } = planned.committed else {
        return Ok(());
    };
    let advanced = sqlx::query(
        "UPDATE article SET versions = versions + 1, last_leaf = $3, last_captured_at = $4
        WHERE id = $1 AND versions = $2",
    )
    .bind(article.0)
    .bind(after.0)
    .bind(leaf.0)
    .bind(version.captured_at.micros())
    .execute(conn)
    .await?;
    match advanced.rows_affected() {
        1 => Ok(()),
        _ => Err(CatalogError::Conflict.into()),
    }
}

/// Notes the rest of what an item changes.
pub(super) async fn settle(
    script: &mut Script<'_>,
    commit: &Commit,
    planned: &Planned,
) -> Outcome<()> {
    match &commit.decision {
        Decision::Next {
            article,
            validators,
            ..
        } => {
            see(script, *article, commit, validators).await?;
            drop_suspects(script, *article).await?;
        }
        Decision::Unchanged {
            article,
            payload_digest,
            validators,
            ..
        } => {
            see(script, *article, commit, validators).await?;
            drop_suspects(script, *article).await?;
            let sighting = [(*article, seen_at(commit), payload_digest)];
            script
                .begin("INSERT INTO sighting (article_id, seen_at, payload_digest) ")
                .await?
                .push_values(sighting, |mut row, (article, seen_at, payload)| {
                    row.push_bind(article.0)
                        .push_bind(seen_at.micros())
                        .push_bind(payload.map(|digest| digest.as_bytes().to_vec()));
                })
                .push(" ON CONFLICT DO NOTHING");
        }
        Decision::Suspect {
            article,
            reason,
            draft,
            ..
        } => {
            script
                .begin(
                    "INSERT INTO suspect
                        (article_id, digest, reason, first_seen_at, capture_id, text_digest) ",
                )
                .await?
                .push_values([*article], |mut row, article| {
                    row.push_bind(article.0)
                        .push_bind(draft.digest.0.as_bytes().as_slice())
                        .push_bind(reason.as_str())
                        .push_bind(draft.captured_at.micros())
                        .push_bind(planned.capture.map(|capture| capture.0))
                        .push_bind(draft.text_digest.as_bytes().as_slice());
                })
                .push(" ON CONFLICT DO NOTHING");
        }
        Decision::Absent {
            article, reason, ..
        } => miss(script, *article, commit, *reason, planned.notice).await?,
        Decision::First { .. } | Decision::Failed { .. } => {}
    }
    if let Some(entry) = commit.entry {
        settle_entry(script, entry, &commit.decision, planned.article).await?;
    }
    match commit.decision {
        Decision::Suspect { .. } | Decision::Failed { .. } => {
            schedule(script, commit, planned.article).await
        }
        Decision::First { .. }
        | Decision::Next { .. }
        | Decision::Unchanged { .. }
        | Decision::Absent { .. } => Ok(()),
    }
}

/// Notes when the page of an article is looked at again. What failed is about the article of its
/// entry.
async fn schedule(
    script: &mut Script<'_>,
    commit: &Commit,
    article: Option<ArticleId>,
) -> Outcome<()> {
    script
        .begin("UPDATE article SET next_visit_at = ")
        .await?
        .push_bind(commit.next_visit_at.map(Timestamp::micros))
        .push(" WHERE id = COALESCE(")
        .push_bind(article.map(|article| article.0))
        .push(", (SELECT article_id FROM entry WHERE id = ")
        .push_bind(commit.entry.map(|entry| entry.0))
        .push("))");
    Ok(())
}

/// Notes that an article's page was looked at and is there, what to send back next time, and when
/// that is.
async fn see(
    script: &mut Script<'_>,
    article: ArticleId,
    commit: &Commit,
    validators: &Validators,
) -> Outcome<()> {
    let seen_at = seen_at(commit).micros();
    script
        .begin("UPDATE article SET etag = ")
        .await?
        .push_bind(validators.etag.as_deref().map(shown))
        .push(", last_modified = ")
        .push_bind(validators.last_modified.as_deref().map(shown))
        .push(", next_visit_at = ")
        .push_bind(commit.next_visit_at.map(Timestamp::micros))
        .push(
            ", missing_since = NULL, missing_as = NULL, tombstone = NULL,
            last_seen_at = CASE WHEN last_seen_at < ",
        )
        .push_bind(seen_at)
        .push(" THEN ")
        .push_bind(seen_at)
        .push(" ELSE last_seen_at END WHERE id = ")
        .push_bind(article.0);
    Ok(())
}

/// Notes that an article's page is gone, and its tombstone if it has one now.
async fn miss(
    script: &mut Script<'_>,
    article: ArticleId,
    commit: &Commit,
    reason: Absence,
    tombstone: Option<LeafIndex>,
) -> Outcome<()> {
    script
        .begin("UPDATE article SET missing_since = COALESCE(missing_since, ")
        .await?
        .push_bind(seen_at(commit).micros())
        .push("), missing_as = ")
        .push_bind(reason.as_str())
        .push(", next_visit_at = ")
        .push_bind(commit.next_visit_at.map(Timestamp::micros))
        .push(", tombstone = COALESCE(tombstone, ")
        .push_bind(tombstone.map(|leaf| leaf.0))
        .push(") WHERE id = ")
        .push_bind(article.0);
    Ok(())
}

async fn drop_suspects(script: &mut Script<'_>, article: ArticleId) -> Outcome<()> {
    script
        .begin("DELETE FROM suspect WHERE article_id = ")
        .await?
        .push_bind(article.0);
    Ok(())
}

async fn settle_entry(
    script: &mut Script<'_>,
    entry: EntryId,
    decision: &Decision,
    article: Option<ArticleId>,
) -> Outcome<()> {
    let article = article.map(|article| article.0);
    let update = script.begin("UPDATE entry SET ").await?;
    match decision {
        Decision::First { .. } | Decision::Next { .. } | Decision::Unchanged { .. } => {
            update
                .push(
                    "state = 'archived', attempts = 0, failure = NULL, next_attempt_at = NULL,
                    article_id = ",
                )
                .push_bind(article)
                .push(", confidence = COALESCE(")
                .push_bind(match decision {
                    Decision::First { version, .. } => version.confidence.map(i64::from),
                    _ => None,
                })
                .push(", confidence)");
        }
        Decision::Suspect { again_at, .. } | Decision::Absent { again_at, .. } => {
            update.push(match again_at {
                Some(_) => "state = 'pending', attempts = attempts + 1, failure = NULL",
                None => "state = 'archived', attempts = 0, failure = NULL",
            });
            update
                .push(", next_attempt_at = ")
                .push_bind(again_at.map(Timestamp::micros))
                .push(", article_id = ")
                .push_bind(article);
        }
        Decision::Failed { failure, retry_at } => {
            update.push(match retry_at {
                Some(_) => "state = 'pending'",
                None => "state = CASE WHEN article_id IS NULL THEN 'failed' ELSE 'archived' END",
            });
            update
                .push(", attempts = attempts + 1, failure = ")
                .push_bind(json(failure)?)
                .push(", next_attempt_at = ")
                .push_bind(retry_at.map(Timestamp::micros));
        }
    }
    update.push(" WHERE id = ").push_bind(entry.0);
    Ok(())
}

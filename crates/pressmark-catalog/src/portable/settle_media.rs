//! What came of an image, and the leaf of the manifest when it was the last one.

use pressmark_archive::media::{Attempt, MediumOutcome, MediumPlace, MediumRow, Picture};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_model::{CaptureId, Digest, LeafIndex, Timestamp};
use pressmark_proof::{ArchiveId, LeafKind, MediaItem, MediaRecord, Nonce};

use super::media::of_versions;
use super::{Conn, captures, logs};
use crate::codec::shown;
use crate::fault::Outcome as Done;

pub(super) async fn settle(
    conn: &mut Conn,
    archive: ArchiveId,
    attempt: &Attempt,
    nonce: Nonce,
) -> Done<Option<LeafIndex>> {
    let place = attempt.place;
    // Whoever settles the last image must see what others made of those before: one at a time.
    let open = sqlx::query(
        "UPDATE media_set SET version = version
        WHERE article_id = $1 AND version = $2 AND leaf IS NULL",
    )
    .bind(place.article.0)
    .bind(place.version.0)
    .execute(&mut *conn)
    .await?;
    if open.rows_affected() == 0 {
        return Ok(None);
    }
    match &attempt.outcome {
        MediumOutcome::Again {
            reason,
            at,
            is_attempt,
        } => {
            again(conn, place, reason, *at, *is_attempt).await?;
            return Ok(None);
        }
        MediumOutcome::Missing { reason } => end(conn, place, None, Some(reason), None).await?,
        MediumOutcome::Known { digest } => end(conn, place, Some(digest), None, None).await?,
        MediumOutcome::Fetched {
            digest,
            picture,
            bytes,
            capture,
        } => {
            let id = captures::store_one(conn, capture).await?;
            insert(conn, digest, *picture, *bytes, id).await?;
            end(conn, place, Some(digest), None, Some(attempt.at)).await?;
        }
    }
    seal(conn, archive, attempt, nonce).await
}

async fn again(
    conn: &mut Conn,
    place: MediumPlace,
    reason: &str,
    at: Timestamp,
    is_attempt: bool,
) -> Done<()> {
    sqlx::query(
        "UPDATE media_item SET reason = $4, attempts = attempts + $5, next_attempt_at = $6,
            claimed_until = NULL
        WHERE article_id = $1 AND version = $2 AND position = $3 AND next_attempt_at IS NOT NULL",
    )
    .bind(place.article.0)
    .bind(place.version.0)
    .bind(place.position)
    .bind(shown(reason))
    .bind(i64::from(is_attempt))
    .bind(at.micros())
    .execute(conn)
    .await?;
    Ok(())
}

async fn end(
    conn: &mut Conn,
    place: MediumPlace,
    digest: Option<&Digest>,
    reason: Option<&String>,
    fetched_at: Option<Timestamp>,
) -> Done<()> {
    sqlx::query(
        "UPDATE media_item SET digest = $4, reason = $5, fetched_at = $6,
            attempts = attempts + 1, next_attempt_at = NULL, claimed_until = NULL
        WHERE article_id = $1 AND version = $2 AND position = $3 AND next_attempt_at IS NOT NULL",
    )
    .bind(place.article.0)
    .bind(place.version.0)
    .bind(place.position)
    .bind(digest.map(|digest| digest.as_bytes().to_vec()))
    .bind(reason.map(|reason| shown(reason)))
    .bind(fetched_at.map(Timestamp::micros))
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert(
    conn: &mut Conn,
    digest: &Digest,
    picture: Picture,
    bytes: u64,
    capture: CaptureId,
) -> Done<()> {
    sqlx::query(
        "INSERT INTO media (digest, capture_id, media_type, bytes, width, height)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING",
    )
    .bind(digest.as_bytes().to_vec())
    .bind(capture.0)
    .bind(picture.media_type.as_str())
    .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
    .bind(i64::from(picture.width))
    .bind(i64::from(picture.height))
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes the leaf of a version's manifest, if nothing of it is waited for any more.
async fn seal(
    conn: &mut Conn,
    archive: ArchiveId,
    attempt: &Attempt,
    nonce: Nonce,
) -> Done<Option<LeafIndex>> {
    let (article, version) = (attempt.place.article, attempt.place.version);
    let rows = of_versions(conn, &[(article, version)]).await?;
    if rows.iter().any(|row| row.waits) {
        return Ok(None);
    }
    let item = |row: MediumRow| MediaItem {
        digest: row.kept.map(|(digest, _)| digest),
        reason: row.reason,
        url: row.url,
    };
    let record = MediaRecord {
        article,
        at: attempt.at.into(),
        items: rows.into_iter().map(item).collect(),
        version,
    };
    let record = record.to_bytes().map_err(|error| CatalogError::Database {
        action: "write the manifest of images",
        source: error.into(),
    })?;
    let of = Some(article);
    let index = logs::append_leaf(conn, archive, LeafKind::Media, of, &nonce, &record).await?;
    sqlx::query("UPDATE media_set SET leaf = $3 WHERE article_id = $1 AND version = $2")
        .bind(article.0)
        .bind(version.0)
        .bind(index.0)
        .execute(conn)
        .await?;
    Ok(Some(index))
}

//! Images: what versions want, what came of it, and the leaf of their manifest.

use async_trait::async_trait;
use pressmark_archive::media::{
    Attempt, Kept, MediaType, MediumPlace, MediumRow, Picture, WaitingMedium, WantedMedia,
};
use pressmark_archive::ports::catalog::Result;
use pressmark_archive::ports::media::Media;
use pressmark_archive::referrer::{Referrer, ReferrerPolicy};
use pressmark_model::{ArticleId, CaptureId, Digest, LeafIndex, Timestamp, VersionNumber, WebUrl};
use pressmark_proof::{ArchiveId, Nonce};
use sqlx::{Connection as _, QueryBuilder};

use super::super::dialect::{BEGIN_READ, BEGIN_WRITE};
use super::entries::LISTED_AT_ONCE;
use super::poll::INSERTED_AT_ONCE;
use super::row::listed;
use super::settle_media::settle;
use super::{Conn, Db, Fields, Row, Store, captures};
use crate::fault::Outcome as Done;

#[async_trait]
impl Media for Store {
    async fn media_cursor(&self) -> Result<LeafIndex> {
        look!(self, "see how far images were looked for", |conn| cursor(
            conn
        ))
    }

    async fn want_media(
        &self,
        wanted: &[WantedMedia],
        from: LeafIndex,
        next: LeafIndex,
        now: Timestamp,
    ) -> Result<()> {
        write!(self, "note the images of versions", |conn| want(
            conn, wanted, from, next, now
        ))
    }

    async fn rewind_media(&self) -> Result<()> {
        write!(self, "look for images again", |conn| rewind(conn))
    }

    async fn claim_media(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<WaitingMedium>> {
        write!(self, "claim images", |conn| claim(conn, now, until, limit))
    }

    async fn next_medium_due(&self) -> Result<Option<Timestamp>> {
        look!(self, "see when an image is due", |conn| next_due(conn))
    }

    async fn medium_at(&self, url: &WebUrl, since: Timestamp) -> Result<Option<Digest>> {
        look!(self, "look an image up", |conn| at(conn, url, since))
    }

    async fn settle_medium(
        &self,
        archive: ArchiveId,
        attempt: &Attempt,
        nonce: Nonce,
    ) -> Result<Option<LeafIndex>> {
        write!(self, "store what came of an image", |conn| settle(
            conn, archive, attempt, nonce
        ))
    }

    async fn medium(&self, digest: &Digest) -> Result<Option<Kept>> {
        read!(self, "read an image", |conn| one(conn, digest))
    }

    async fn kept_media(&self, after: Option<&Digest>, limit: u32) -> Result<Vec<Kept>> {
        read!(self, "list images", |conn| list(conn, after, limit))
    }

    async fn media_of(&self, versions: &[(ArticleId, VersionNumber)]) -> Result<Vec<MediumRow>> {
        read!(self, "list the images of versions", |conn| of_versions(
            conn, versions
        ))
    }

    async fn settled_media(
        &self,
        from: LeafIndex,
        limit: u32,
    ) -> Result<Vec<(LeafIndex, ArticleId, VersionNumber)>> {
        look!(self, "list settled images", |conn| settled(
            conn, from, limit
        ))
    }
}

async fn cursor(conn: &mut Conn) -> Done<LeafIndex> {
    let row = sqlx::query("SELECT next_leaf FROM media_cursor")
        .fetch_one(conn)
        .await?;
    Ok(LeafIndex(
        Fields::of("media_cursor", &row).int("next_leaf")?,
    ))
}

async fn want(
    conn: &mut Conn,
    wanted: &[WantedMedia],
    from: LeafIndex,
    next: LeafIndex,
    now: Timestamp,
) -> Done<()> {
    let moved = sqlx::query("UPDATE media_cursor SET next_leaf = $2 WHERE next_leaf = $1")
        .bind(from.0)
        .bind(next.0)
        .execute(&mut *conn)
        .await?;
    if moved.rows_affected() == 0 {
        return Ok(());
    }
    for set in wanted {
        let new = sqlx::query(
            "INSERT INTO media_set (article_id, version, referrer) VALUES ($1, $2, $3)
            ON CONFLICT DO NOTHING",
        )
        .bind(set.article.0)
        .bind(set.version.0)
        .bind(set.referrer.as_str())
        .execute(&mut *conn)
        .await?;
        if new.rows_affected() == 0 {
            continue;
        }
        let items: Vec<_> = (0_i64..).zip(&set.items).collect();
        for chunk in items.chunks(INSERTED_AT_ONCE) {
            let mut insert = QueryBuilder::<Db>::new(
                "INSERT INTO media_item (article_id, version, position, url, fetch_url, attempts,
                    next_attempt_at) ",
            );
            insert.push_values(chunk, |mut row, (position, item)| {
                row.push_bind(set.article.0)
                    .push_bind(set.version.0)
                    .push_bind(*position)
                    .push_bind(item.url.as_str())
                    .push_bind(item.fetch_url.as_str())
                    .push_bind(0_i64)
                    .push_bind(now.micros());
            });
            insert.build().persistent(false).execute(&mut *conn).await?;
        }
    }
    Ok(())
}

async fn rewind(conn: &mut Conn) -> Done<()> {
    sqlx::query("UPDATE media_cursor SET next_leaf = 0")
        .execute(conn)
        .await?;
    Ok(())
}

async fn claim(
    conn: &mut Conn,
    now: Timestamp,
    until: Timestamp,
    limit: u32,
) -> Done<Vec<WaitingMedium>> {
    let rows = sqlx::query(
        "UPDATE media_item SET claimed_until = $2
        WHERE next_attempt_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)
            AND (article_id, version, position) IN (
                SELECT article_id, version, position FROM media_item
                WHERE next_attempt_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)
                ORDER BY next_attempt_at, article_id, version, position LIMIT $3)
        RETURNING article_id, version, position, fetch_url, attempts, (
            SELECT a.url FROM article a WHERE a.id = media_item.article_id) AS page, (
            SELECT s.referrer FROM media_set s WHERE s.article_id = media_item.article_id
                AND s.version = media_item.version) AS referrer, (
            SELECT s.slug FROM article a JOIN source s ON s.id = a.home_id
            WHERE a.id = media_item.article_id) AS slug, (
            SELECT CAST(COALESCE(sum(m.bytes), 0) AS BIGINT)
            FROM media_item o JOIN media m ON m.digest = o.digest
            WHERE o.article_id = media_item.article_id
                AND o.version = media_item.version) AS kept_bytes",
    )
    .bind(now.micros())
    .bind(until.micros())
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let waiting = |row: &Row| {
        let fields = Fields::of("media_item", row);
        Ok(WaitingMedium {
            place: place(&fields)?,
            fetch_url: fields.parsed("fetch_url")?,
            attempts: fields.count("attempts")?,
            page: Referrer {
                page: fields.parsed("page")?,
                policy: fields
                    .text_opt("referrer")?
                    .and_then(|name| ReferrerPolicy::from_name(&name))
                    .unwrap_or_default(),
            },
            source: fields.parsed("slug")?,
            kept_bytes: fields.count("kept_bytes")?,
        })
    };
    let mut claimed = rows
        .iter()
        .map(waiting)
        .collect::<Result<Vec<WaitingMedium>>>()?;
    claimed.sort_unstable_by_key(|waiting| waiting.place);
    Ok(claimed)
}

fn place(fields: &Fields<'_>) -> Result<MediumPlace> {
    Ok(MediumPlace {
        article: ArticleId(fields.int("article_id")?),
        version: VersionNumber(fields.int("version")?),
        position: fields.int("position")?,
    })
}

async fn next_due(conn: &mut Conn) -> Done<Option<Timestamp>> {
    let row = sqlx::query(
        "SELECT min(CASE WHEN claimed_until > next_attempt_at
            THEN claimed_until ELSE next_attempt_at END) AS due_at
        FROM media_item WHERE next_attempt_at IS NOT NULL",
    )
    .fetch_one(conn)
    .await?;
    Ok(Fields::of("media_item", &row).time_opt("due_at")?)
}

async fn at(conn: &mut Conn, url: &WebUrl, since: Timestamp) -> Done<Option<Digest>> {
    let row = sqlx::query(
        "SELECT article_id, digest FROM media_item
        WHERE fetch_url = $1 AND fetched_at >= $2 AND digest IS NOT NULL
        ORDER BY fetched_at DESC LIMIT 1",
    )
    .bind(url.as_str())
    .bind(since.micros())
    .fetch_optional(conn)
    .await?;
    let digest = row.map(|row| Fields::of("media_item", &row).digest("digest"));
    Ok(digest.transpose()?)
}

async fn one(conn: &mut Conn, digest: &Digest) -> Done<Option<Kept>> {
    let row = sqlx::query(
        "SELECT digest, capture_id, media_type, bytes, width, height FROM media WHERE digest = $1",
    )
    .bind(digest.as_bytes().to_vec())
    .fetch_optional(&mut *conn)
    .await?;
    let kept = row.as_ref().map(kept).transpose()?;
    let with_record = with_records(conn, kept.into_iter().collect()).await?;
    Ok(with_record.into_iter().next())
}

async fn list(conn: &mut Conn, after: Option<&Digest>, limit: u32) -> Done<Vec<Kept>> {
    let rows = sqlx::query(
        "SELECT digest, capture_id, media_type, bytes, width, height FROM media
        WHERE digest > $1 ORDER BY digest LIMIT $2",
    )
    .bind(after.map_or_else(Vec::new, |digest| digest.as_bytes().to_vec()))
    .bind(i64::from(limit))
    .fetch_all(&mut *conn)
    .await?;
    let kept = rows.iter().map(kept).collect::<Result<_>>()?;
    with_records(conn, kept).await
}

fn kept(row: &Row) -> Result<Kept> {
    let fields = Fields::of("media", row);
    Ok(Kept {
        digest: fields.digest("digest")?,
        picture: picture(&fields)?,
        bytes: fields.count("bytes")?,
        capture: CaptureId(fields.int("capture_id")?),
        record: None,
    })
}

fn picture(fields: &Fields<'_>) -> Result<Picture> {
    Ok(Picture {
        media_type: fields.named("media_type", MediaType::from_name)?,
        width: fields.count("width")?,
        height: fields.count("height")?,
    })
}

async fn with_records(conn: &mut Conn, mut kept: Vec<Kept>) -> Done<Vec<Kept>> {
    let ids: Vec<_> = kept.iter().map(|kept| kept.capture).collect();
    let records = captures::page_records(conn, &ids).await?;
    for kept in &mut kept {
        let mut records = records.iter();
        let found = records.find(|(id, _)| *id == kept.capture);
        kept.record = found.map(|(_, record)| record.clone());
    }
    Ok(kept)
}

pub(super) async fn of_versions(
    conn: &mut Conn,
    versions: &[(ArticleId, VersionNumber)],
) -> Done<Vec<MediumRow>> {
    let mut found = Vec::new();
    for chunk in versions.chunks(LISTED_AT_ONCE / 2) {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT i.article_id, i.version, i.position, i.url, i.digest, i.reason,
                i.next_attempt_at, m.media_type, m.width, m.height
            FROM media_item i LEFT JOIN media m ON m.digest = i.digest
            WHERE (i.article_id, i.version) IN (",
        );
        let mut first = true;
        for (article, version) in chunk {
            query.push(if first { "(" } else { ", (" });
            first = false;
            query.push_bind(article.0);
            query.push(", ");
            query.push_bind(version.0);
            query.push(")");
        }
        query.push(") ORDER BY i.article_id, i.version, i.position");
        for row in &listed(&mut query, conn).await? {
            found.push(medium_row(row)?);
        }
    }
    Ok(found)
}

fn medium_row(row: &Row) -> Result<MediumRow> {
    let fields = Fields::of("media_item", row);
    let digest = fields.digest_opt("digest")?;
    let kept = match digest {
        Some(digest) => Some((digest, picture(&fields)?)),
        None => None,
    };
    Ok(MediumRow {
        place: place(&fields)?,
        url: fields.parsed("url")?,
        kept,
        reason: fields.text_opt("reason")?,
        waits: fields.time_opt("next_attempt_at")?.is_some(),
    })
}

async fn settled(
    conn: &mut Conn,
    from: LeafIndex,
    limit: u32,
) -> Done<Vec<(LeafIndex, ArticleId, VersionNumber)>> {
    let rows = sqlx::query(
        "SELECT leaf, article_id, version FROM media_set
        WHERE leaf >= $1 ORDER BY leaf LIMIT $2",
    )
    .bind(from.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let place = |row: &Row| {
        let fields = Fields::of("media_set", row);
        Ok((
            LeafIndex(fields.int("leaf")?),
            ArticleId(fields.int("article_id")?),
            VersionNumber(fields.int("version")?),
        ))
    };
    Ok(rows.iter().map(place).collect::<Result<_>>()?)
}

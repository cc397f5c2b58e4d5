//! What deciding on a capture needs to know.

use pressmark_archive::absence::{Absence, Missing};
use pressmark_archive::commit::{Alias, AliasEvidence};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::ports::fetch::Validators;
use pressmark_archive::version::{ArticleHead, Suspect, SuspectReason};
use pressmark_model::{ArticleId, ContentDigest, Digest, LeafIndex, VersionNumber};
use sqlx::QueryBuilder;

use super::entries::LISTED_AT_ONCE;
use super::row::listed;
use super::{Conn, Db, Fields, Row, versions};
use crate::codec::stored_key;
use crate::fault::Outcome;

pub(super) async fn by_alias(
    conn: &mut Conn,
    scope: &str,
    keys: &[String],
) -> Outcome<Vec<(String, ArticleId)>> {
    let asked: Vec<_> = keys.iter().map(String::as_str).collect();
    let found = taken_keys(conn, scope, &asked).await?;
    // A long key is stored by its digest: the caller gets its own back.
    let own = |stored: String| match keys.iter().find(|key| stored_key(key) == stored.as_str()) {
        Some(key) => key.clone(),
        None => stored,
    };
    Ok(found
        .into_iter()
        .map(|(key, article)| (own(key), article))
        .collect())
}

/// Those of the keys that name an article, as they are stored.
pub(super) async fn taken_keys(
    conn: &mut Conn,
    scope: &str,
    keys: &[&str],
) -> Outcome<Vec<(String, ArticleId)>> {
    let mut found = Vec::new();
    for chunk in keys.chunks(LISTED_AT_ONCE) {
        let mut query = QueryBuilder::<Db>::new("SELECT key, article_id FROM alias WHERE scope = ");
        query.push_bind(scope).push(" AND key IN (");
        let mut list = query.separated(", ");
        for key in chunk {
            list.push_bind(stored_key(key).into_owned());
        }
        query.push(")");
        for row in &listed(&mut query, conn).await? {
            let fields = Fields::of("alias", row);
            found.push((fields.text("key")?, ArticleId(fields.int("article_id")?)));
        }
    }
    Ok(found)
}

pub(super) async fn head(conn: &mut Conn, article: ArticleId) -> Outcome<Option<ArticleHead>> {
    let row = sqlx::query(
        "SELECT id, scope, url, etag, last_modified, versions, missing_since, missing_as, tombstone,
            (SELECT count(*) FROM version v WHERE v.article_id = article.id
                AND v.kind = 'reverted') AS returns,
            (SELECT count(*) FROM sighting s WHERE s.article_id = article.id
                AND s.seen_at > (SELECT v.captured_at FROM version v
                    WHERE v.article_id = article.id AND v.number = article.versions)) AS sightings
        FROM article WHERE id = $1",
    )
    .bind(article.0)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields::of("article", &row);
    let number = VersionNumber(fields.int("versions")?);
    let last = versions::one(conn, article, number)
        .await?
        .ok_or_else(|| fields.damaged("versions", "names a version that is not there"))?;
    Ok(Some(ArticleHead {
        id: article,
        scope: fields.text("scope")?,
        url: fields.parsed("url")?,
        aliases: aliases(conn, article).await?,
        validators: Validators {
            etag: fields.text_opt("etag")?,
            last_modified: fields.text_opt("last_modified")?,
        },
        last,
        digests: digests(conn, article).await?,
        suspects: suspects(conn, article).await?,
        returns: fields.count("returns")?,
        sightings: fields.count("sightings")?,
        missing: missing(&fields)?,
        deleted: fields.int_opt("tombstone")?.map(LeafIndex),
    }))
}

fn missing(fields: &Fields<'_>) -> Result<Option<Missing>, CatalogError> {
    let Some(since) = fields.time_opt("missing_since")? else {
        return Ok(None);
    };
    Ok(Some(Missing {
        since,
        reason: fields.named("missing_as", Absence::from_name)?,
    }))
}

pub(super) async fn aliases(conn: &mut Conn, article: ArticleId) -> Outcome<Vec<Alias>> {
    let rows = sqlx::query(
        "SELECT article_id, key, evidence FROM alias WHERE article_id = $1 ORDER BY key",
    )
    .bind(article.0)
    .fetch_all(conn)
    .await?;
    let alias = |row: &Row| {
        let fields = Fields::of("alias", row);
        Ok(Alias {
            key: fields.text("key")?,
            evidence: fields.named("evidence", AliasEvidence::from_name)?,
        })
    };
    Ok(rows
        .iter()
        .map(alias)
        .collect::<Result<_, CatalogError>>()?)
}

async fn digests(conn: &mut Conn, article: ArticleId) -> Outcome<Vec<ContentDigest>> {
    let rows =
        sqlx::query("SELECT article_id, digest FROM version WHERE article_id = $1 ORDER BY number")
            .bind(article.0)
            .fetch_all(conn)
            .await?;
    let digest = |row: &Row| {
        Fields::of("version", row)
            .digest("digest")
            .map(ContentDigest)
    };
    Ok(rows
        .iter()
        .map(digest)
        .collect::<Result<_, CatalogError>>()?)
}

async fn suspects(conn: &mut Conn, article: ArticleId) -> Outcome<Vec<Suspect>> {
    let rows = sqlx::query(
        "SELECT article_id, digest, reason, first_seen_at FROM suspect
        WHERE article_id = $1 ORDER BY first_seen_at, digest",
    )
    .bind(article.0)
    .fetch_all(conn)
    .await?;
    let suspect = |row: &Row| {
        let fields = Fields::of("suspect", row);
        Ok(Suspect {
            digest: ContentDigest(fields.digest("digest")?),
            reason: fields.named("reason", SuspectReason::from_name)?,
            first_seen_at: fields.time("first_seen_at")?,
        })
    };
    Ok(rows
        .iter()
        .map(suspect)
        .collect::<Result<_, CatalogError>>()?)
}

pub(super) async fn others_with_text(
    conn: &mut Conn,
    article: ArticleId,
    text_digest: &Digest,
) -> Outcome<u64> {
    let row = sqlx::query(
        "SELECT count(*) AS others FROM (
            SELECT article_id FROM version WHERE text_digest = $2
            UNION SELECT article_id FROM suspect WHERE text_digest = $2) seen
        WHERE seen.article_id <> $1 AND EXISTS (
            SELECT 1 FROM source_article mine
            JOIN source_article theirs ON theirs.source_id = mine.source_id
            WHERE mine.article_id = $1 AND theirs.article_id = seen.article_id)",
    )
    .bind(article.0)
    .bind(text_digest.as_bytes().as_slice())
    .fetch_one(conn)
    .await?;
    Ok(Fields::of("version", &row).count("others")?)
}

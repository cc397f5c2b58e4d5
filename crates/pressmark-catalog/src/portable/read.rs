//! What the pages show: the archive, lists of articles, an article with its versions.

use pressmark_archive::absence::{Absence, Deletion};
use pressmark_archive::ports::catalog::{CatalogError, Counts};
use pressmark_archive::version::{
    ArticleCursor, ArticleQuery, ArticleSummary, ArticleView, VersionHead, VersionKind,
};
use pressmark_model::{ArticleId, ContentDigest, LeafIndex, Slug, Timestamp, VersionNumber};
use pressmark_proof::ArchiveId;

use super::super::dialect::{DAMAGE_CODES, INTEGRITY};
use super::{Conn, Fields, Row, changes, decide};
use crate::fault::{Fault, Outcome};

/// What a list shows of the articles whose ids and places in the order the inner statement gives.
macro_rules! select_summary {
    ($page:literal) => {
        concat!(
            "SELECT a.id, a.url, a.number_in_source, a.sort_at, a.first_captured_at,
                a.last_captured_at, a.last_seen_at, a.versions, s.slug, v.title, v.authors,
                v.language, v.excerpt, v.image, v.published_at, v.published_offset, v.partial,
                a.missing_since, a.missing_as, a.tombstone
            FROM (",
            $page,
            ") page
            JOIN article a ON a.id = page.id
            JOIN source s ON s.id = a.home_id
            JOIN version v ON v.article_id = a.id AND v.number = a.versions
            ORDER BY a.sort_at DESC, a.id DESC"
        )
    };
}

pub(super) async fn archive_id(conn: &mut Conn) -> Outcome<Option<ArchiveId>> {
    let row = sqlx::query("SELECT id FROM archive")
        .fetch_optional(conn)
        .await?;
    let id = row.map(|row| Fields::of("archive", &row).array("id").map(ArchiveId));
    Ok(id.transpose()?)
}

/// Names the archive, unless it has a name by now; returns its name.
pub(super) async fn name_archive(
    conn: &mut Conn,
    fresh: ArchiveId,
    now: Timestamp,
) -> Outcome<ArchiveId> {
    sqlx::query(
        "INSERT INTO archive (one, id, created_at) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING",
    )
    .bind(fresh.0.as_slice())
    .bind(now.micros())
    .execute(&mut *conn)
    .await?;
    let stored = archive_id(conn).await?;
    Ok(stored.ok_or(CatalogError::Conflict)?)
}

pub(super) async fn counts(conn: &mut Conn) -> Outcome<Counts> {
    let row = sqlx::query(
        "SELECT next_leaf AS leaves, next_article - 1 AS articles, next_capture - 1 AS captures,
            versions, (SELECT count(*) FROM source WHERE state <> 'removed') AS sources
        FROM counter",
    )
    .fetch_one(conn)
    .await?;
    let fields = Fields::of("counter", &row);
    Ok(Counts {
        sources: fields.count("sources")?,
        articles: fields.count("articles")?,
        versions: fields.count("versions")?,
        captures: fields.count("captures")?,
        leaves: fields.count("leaves")?,
    })
}

pub(super) async fn articles(
    conn: &mut Conn,
    query: &ArticleQuery,
) -> Outcome<Vec<ArticleSummary>> {
    let (sort_at, id) = match query.after {
        Some(cursor) => (cursor.sort_at.micros(), cursor.id.0),
        None => (i64::MAX, i64::MAX),
    };
    let statement = match query.source {
        None => sqlx::query(select_summary!(
            "SELECT id FROM article WHERE (sort_at, id) < ($1, $2)
            ORDER BY sort_at DESC, id DESC LIMIT $3"
        )),
        Some(_) => sqlx::query(select_summary!(
            "SELECT article_id AS id FROM source_article
            WHERE source_id = $4 AND (sort_at, article_id) < ($1, $2)
            ORDER BY sort_at DESC, article_id DESC LIMIT $3"
        )),
    };
    let statement = statement
        .bind(sort_at)
        .bind(id)
        .bind(i64::from(query.limit));
    let statement = match query.source {
        Some(source) => statement.bind(source.0),
        None => statement,
    };
    let rows = statement.fetch_all(conn).await?;
    Ok(rows.iter().map(summary).collect::<Result<_, _>>()?)
}

fn summary(row: &Row) -> Result<ArticleSummary, CatalogError> {
    let fields = Fields::of("article", row);
    let id = ArticleId(fields.int("id")?);
    Ok(ArticleSummary {
        id,
        url: fields.parsed("url")?,
        slug: fields.parsed("slug")?,
        number_in_source: fields.int("number_in_source")?,
        title: fields.text("title")?,
        authors: fields.json("authors")?,
        language: fields.text_opt("language")?,
        excerpt: fields.text("excerpt")?,
        image: fields.parsed_opt("image")?,
        published: fields.offset_time("published_at", "published_offset")?,
        first_captured_at: fields.time("first_captured_at")?,
        last_captured_at: fields.time("last_captured_at")?,
        versions: fields.int("versions")?,
        partial: fields.flag("partial")?,
        deleted: deletion(&fields)?,
        cursor: ArticleCursor {
            sort_at: fields.time("sort_at")?,
            id,
        },
    })
}

fn deletion(fields: &Fields<'_>) -> Result<Option<Deletion>, CatalogError> {
    let Some(leaf) = fields.int_opt("tombstone")? else {
        return Ok(None);
    };
    Ok(Some(Deletion {
        since: fields.time("missing_since")?,
        reason: fields.named("missing_as", Absence::from_name)?,
        leaf: LeafIndex(leaf),
    }))
}

pub(super) async fn article(conn: &mut Conn, id: ArticleId) -> Outcome<Option<ArticleView>> {
    let row = sqlx::query(select_summary!("SELECT id FROM article WHERE id = $1"))
        .bind(id.0)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ArticleView {
        summary: summary(&row)?,
        entries: listed_by(conn, id).await?,
        aliases: decide::aliases(conn, id).await?,
        versions: heads(conn, id).await?,
        changes: changes::of_article(conn, id).await?,
        last_seen_at: Fields::of("article", &row).time("last_seen_at")?,
    }))
}

async fn listed_by(conn: &mut Conn, id: ArticleId) -> Outcome<Vec<(Slug, Option<String>)>> {
    let rows = sqlx::query(
        "SELECT a.article_id, s.slug, e.guid
        FROM source_article a
        JOIN source s ON s.id = a.source_id
        LEFT JOIN entry e ON e.article_id = a.article_id AND e.source_id = a.source_id
        WHERE a.article_id = $1
        ORDER BY s.slug, e.id",
    )
    .bind(id.0)
    .fetch_all(conn)
    .await?;
    let entry = |row: &Row| {
        let fields = Fields::of("source_article", row);
        Ok((fields.parsed("slug")?, fields.text_opt("guid")?))
    };
    Ok(rows
        .iter()
        .map(entry)
        .collect::<Result<_, CatalogError>>()?)
}

async fn heads(conn: &mut Conn, id: ArticleId) -> Outcome<Vec<VersionHead>> {
    let rows = sqlx::query(
        "SELECT v.article_id, v.number, v.kind, v.partial, v.title, v.captured_at, v.digest,
            v.leaf, c.clock_doubtful
        FROM version v LEFT JOIN capture c ON c.id = v.capture_id
        WHERE v.article_id = $1 ORDER BY v.number",
    )
    .bind(id.0)
    .fetch_all(conn)
    .await?;
    let head = |row: &Row| {
        let fields = Fields::of("version", row);
        Ok(VersionHead {
            number: VersionNumber(fields.int("number")?),
            kind: fields.named("kind", VersionKind::from_name)?,
            partial: fields.flag("partial")?,
            title: fields.text("title")?,
            captured_at: fields.time("captured_at")?,
            clock_doubtful: fields.flag_opt("clock_doubtful")?.unwrap_or(false),
            digest: ContentDigest(fields.digest("digest")?),
            leaf: LeafIndex(fields.int("leaf")?),
        })
    };
    Ok(rows.iter().map(head).collect::<Result<_, CatalogError>>()?)
}

pub(super) async fn by_number(
    conn: &mut Conn,
    slug: &Slug,
    number: i64,
) -> Outcome<Option<ArticleId>> {
    let row = sqlx::query(
        "SELECT a.id FROM source s JOIN article a ON a.home_id = s.id
        WHERE s.slug = $1 AND a.number_in_source = $2",
    )
    .bind(slug.as_str())
    .bind(number)
    .fetch_optional(conn)
    .await?;
    let id = row.map(|row| Fields::of("article", &row).int("id").map(ArticleId));
    Ok(id.transpose()?)
}

pub(super) async fn integrity(conn: &mut Conn) -> Outcome<Vec<String>> {
    let found = sqlx::query(INTEGRITY).fetch_all(conn).await;
    match found.map_err(Fault::from) {
        Ok(rows) => {
            let line = |row: &Row| Fields::of("integrity", row).text("line");
            Ok(rows.iter().map(line).collect::<Result<_, _>>()?)
        }
        // Damage that keeps the check itself from running.
        Err(Fault::Database(error)) if is_damage(&error) => Ok(vec![error.to_string()]),
        Err(fault) => Err(fault),
    }
}

fn is_damage(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| DAMAGE_CODES.contains(&code.as_ref()))
}

//! Versions whole, and the ledger.

use std::collections::HashMap;

use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::version::{LedgerRow, Version, VersionKind};
use pressmark_model::{
    Article, ArticleId, CaptureId, ContentDigest, LeafIndex, SourceId, VersionNumber,
};
use sqlx::QueryBuilder;

use super::entries::LISTED_AT_ONCE;
use super::row::listed;
use super::{Conn, Db, Fields, Row};
use crate::fault::Outcome;

/// Versions with what their articles say, and the end of the statement.
macro_rules! select_version {
    ($rest:literal) => {
        concat!(
            "SELECT v.*, a.url, a.home_id, a.number_in_source, a.guid, s.slug
            FROM version v
            JOIN article a ON a.id = v.article_id
            JOIN source s ON s.id = a.home_id ",
            $rest
        )
    };
}

pub(super) async fn one(
    conn: &mut Conn,
    article: ArticleId,
    number: VersionNumber,
) -> Outcome<Option<Version>> {
    let row = sqlx::query(select_version!("WHERE v.article_id = $1 AND v.number = $2"))
        .bind(article.0)
        .bind(number.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.as_ref().map(version).transpose()?)
}

/// These versions, in the order asked for.
pub(super) async fn these(
    conn: &mut Conn,
    wanted: &[(ArticleId, VersionNumber)],
) -> Outcome<Vec<Version>> {
    let mut found = HashMap::with_capacity(wanted.len());
    for chunk in wanted.chunks(LISTED_AT_ONCE) {
        let mut query =
            QueryBuilder::<Db>::new(select_version!("WHERE (v.article_id, v.number) IN ("));
        query.push_values(chunk, |mut row, (article, number)| {
            row.push_bind(article.0).push_bind(number.0);
        });
        query.push(")");
        for row in &listed(&mut query, conn).await? {
            let version = version(row)?;
            found.insert((version.article_id, version.number), version);
        }
    }
    Ok(wanted.iter().filter_map(|key| found.remove(key)).collect())
}

pub(super) async fn from_leaf(
    conn: &mut Conn,
    from: LeafIndex,
    limit: u32,
) -> Outcome<Vec<Version>> {
    let rows = sqlx::query(select_version!(
        "WHERE v.leaf >= $1 ORDER BY v.leaf LIMIT $2"
    ))
    .bind(from.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(version).collect::<Result<_, _>>()?)
}

pub(super) async fn ledger(
    conn: &mut Conn,
    from: LeafIndex,
    limit: u32,
) -> Outcome<Vec<LedgerRow>> {
    let rows = sqlx::query(
        "SELECT idx, leaf, record, nonce, article_id, version FROM leaf
        WHERE idx >= $1 ORDER BY idx LIMIT $2",
    )
    .bind(from.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let row = |row: &Row| {
        let fields = Fields::of("leaf", row);
        Ok(LedgerRow {
            index: LeafIndex(fields.int("idx")?),
            leaf: fields.bytes("leaf")?,
            record: fields.bytes_opt("record")?,
            nonce: fields.array_opt("nonce")?,
            about: match (fields.int_opt("article_id")?, fields.int_opt("version")?) {
                (Some(article), Some(number)) => Some((ArticleId(article), VersionNumber(number))),
                (_, None) => None,
                (None, Some(_)) => {
                    return Err(fields.damaged("version", "does not go with its article"));
                }
            },
        })
    };
    Ok(rows.iter().map(row).collect::<Result<_, CatalogError>>()?)
}

fn version(row: &Row) -> Result<Version, CatalogError> {
    let fields = Fields::of("version", row);
    Ok(Version {
        article_id: ArticleId(fields.int("article_id")?),
        number: VersionNumber(fields.int("number")?),
        kind: fields.named("kind", VersionKind::from_name)?,
        partial: fields.flag("partial")?,
        url: fields.parsed("url")?,
        home: SourceId(fields.int("home_id")?),
        slug: fields.parsed("slug")?,
        number_in_source: fields.int("number_in_source")?,
        guid: fields.text_opt("guid")?,
        article: article(&fields)?,
        digest: ContentDigest(fields.digest("digest")?),
        text_digest: fields.digest("text_digest")?,
        derivation: fields.text("derivation")?,
        captured_at: fields.time("captured_at")?,
        capture: CaptureId(fields.int("capture_id")?),
        leaf: LeafIndex(fields.int("leaf")?),
    })
}

fn article(fields: &Fields<'_>) -> Result<Article, CatalogError> {
    Ok(Article {
        title: fields.text("title")?,
        authors: fields.json("authors")?,
        published: fields.offset_time("published_at", "published_offset")?,
        updated: fields.offset_time("updated_at", "updated_offset")?,
        language: fields.text_opt("language")?,
        lead: fields.text_opt("lead")?,
        html: fields.unpacked("html_zstd")?,
        text: fields.unpacked("text_zstd")?,
        image: fields.parsed_opt("image")?,
        site_name: fields.text_opt("site_name")?,
        section: fields.text_opt("section")?,
        tags: fields.json("tags")?,
    })
}

//! What later extractors made of captures.

use pressmark_archive::Derivation;
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::version::Version;
use pressmark_model::{
    Article, ArticleId, ContentDigest, Digest, LeafIndex, SourceId, Timestamp, VersionNumber,
};
use pressmark_proof::{ArchiveId, LeafKind, Nonce, ReextractionRecord, manifest_line};

use super::{Conn, Fields, logs, versions};
use crate::codec;
use crate::fault::Outcome;

pub(super) async fn unread(
    conn: &mut Conn,
    extractor: &str,
    source: Option<SourceId>,
    (article, number): (ArticleId, VersionNumber),
    limit: u32,
) -> Outcome<Vec<Version>> {
    let rows = sqlx::query(
        "SELECT v.article_id, v.number FROM version v
        WHERE (v.article_id, v.number) > ($1, $2) AND v.derivation <> $3 AND v.kind <> 'imported'
            AND ($4 < 0 OR EXISTS (
                SELECT 1 FROM source_article l
                WHERE l.source_id = $4 AND l.article_id = v.article_id))
            AND NOT EXISTS (
                SELECT 1 FROM derivation d
                WHERE d.article_id = v.article_id AND d.version = v.number AND d.extractor = $3)
        ORDER BY v.article_id, v.number LIMIT $5",
    )
    .bind(article.0)
    .bind(number.0)
    .bind(extractor)
    .bind(source.map_or(-1, |source| source.0))
    .bind(i64::from(limit))
    .fetch_all(&mut *conn)
    .await?;
    let mut wanted = Vec::with_capacity(rows.len());
    for row in &rows {
        let fields = Fields::of("version", row);
        let article = ArticleId(fields.int("article_id")?);
        wanted.push((article, VersionNumber(fields.int("number")?)));
    }
    versions::these(conn, &wanted).await
}

pub(super) async fn store(conn: &mut Conn, derivations: &[Derivation]) -> Outcome<()> {
    for derivation in derivations {
        let article = &derivation.article;
        let (text, html) = codec::pack_one(article)?;
        sqlx::query(
            "INSERT INTO derivation (article_id, version, extractor, digest, title, text_zstd,
                html_zstd)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(derivation.article_id.0)
        .bind(derivation.number.0)
        .bind(derivation.extractor.as_str())
        .bind(article.digest().0.as_bytes().to_vec())
        .bind(article.title.as_str())
        .bind(text)
        .bind(html)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Makes the leaf of the derivations that no leaf commits to yet.
pub(super) async fn end(
    conn: &mut Conn,
    archive: ArchiveId,
    extractor: &str,
    at: Timestamp,
    nonce: Nonce,
) -> Outcome<Option<LeafIndex>> {
    let rows = sqlx::query(
        "SELECT article_id, version, digest FROM derivation
        WHERE extractor = $1 AND leaf IS NULL ORDER BY article_id, version",
    )
    .bind(extractor)
    .fetch_all(&mut *conn)
    .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut manifest = String::new();
    for row in &rows {
        let fields = Fields::of("derivation", row);
        let article = ArticleId(fields.int("article_id")?);
        let number = VersionNumber(fields.int("version")?);
        let digest = ContentDigest(fields.digest("digest")?);
        manifest.push_str(&manifest_line(article, number, &digest));
    }
    let record = ReextractionRecord {
        at: at.into(),
        extractor: extractor.to_owned(),
        manifest: Digest::of(manifest.as_bytes()),
        versions: rows.len() as u64,
    };
    let record = record.to_bytes().map_err(|error| CatalogError::Database {
        action: "write the record of a re-extraction",
        source: error.into(),
    })?;
    let kind = LeafKind::Reextraction;
    let index = logs::append_leaf(conn, archive, kind, None, &nonce, &record).await?;
    sqlx::query("UPDATE derivation SET leaf = $2 WHERE extractor = $1 AND leaf IS NULL")
        .bind(extractor)
        .bind(index.0)
        .execute(conn)
        .await?;
    Ok(Some(index))
}

pub(super) async fn one(
    conn: &mut Conn,
    article: ArticleId,
    number: VersionNumber,
    extractor: &str,
) -> Outcome<Option<Derivation>> {
    let row = sqlx::query(
        "SELECT article_id, title, text_zstd, html_zstd FROM derivation
        WHERE article_id = $1 AND version = $2 AND extractor = $3",
    )
    .bind(article.0)
    .bind(number.0)
    .bind(extractor)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields::of("derivation", &row);
    Ok(Some(Derivation {
        article_id: article,
        number,
        extractor: extractor.to_owned(),
        article: Article {
            title: fields.text("title")?,
            text: fields.unpacked("text_zstd")?,
            html: fields.unpacked("html_zstd")?,
            ..Article::default()
        },
    }))
}

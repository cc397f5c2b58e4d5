//! What later extractors made of captures.

use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::ports::derived::DerivationKey;
use pressmark_archive::version::Version;
use pressmark_archive::{Derivation, StoredDerivation};
use pressmark_model::{
    Article, ArticleId, ContentDigest, Digest, LeafIndex, SourceId, Timestamp, VersionNumber,
};
use pressmark_proof::{ArchiveId, LeafKind, Nonce, ReextractionRecord, manifest_line};

use super::{Conn, Fields, Row, logs, versions};
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
        let packed = codec::pack_one(article)?;
        sqlx::query(
            "INSERT INTO derivation (article_id, version, extractor, digest, title, text_zstd,
                html_zstd, sum)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(derivation.article_id.0)
        .bind(derivation.number.0)
        .bind(derivation.extractor.as_str())
        .bind(article.digest().0.as_bytes().to_vec())
        .bind(article.title.as_str())
        .bind(packed.text)
        .bind(packed.html)
        .bind(derivation.sum().as_bytes().to_vec())
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
        "SELECT article_id, version, extractor, title, text_zstd, html_zstd FROM derivation
        WHERE article_id = $1 AND version = $2 AND extractor = $3",
    )
    .bind(article.0)
    .bind(number.0)
    .bind(extractor)
    .fetch_optional(conn)
    .await?;
    Ok(row.as_ref().map(derivation).transpose()?)
}

/// The derivations after this one, with what is kept of them.
pub(super) async fn list(
    conn: &mut Conn,
    after: Option<&DerivationKey>,
    limit: u32,
) -> Outcome<Vec<StoredDerivation>> {
    let (article, number, extractor) = after.map_or((0, 0, ""), |(article, number, extractor)| {
        (article.0, number.0, extractor.as_str())
    });
    let rows = sqlx::query(
        "SELECT article_id, version, extractor, digest, title, text_zstd, html_zstd, leaf, sum
        FROM derivation WHERE (article_id, version, extractor) > ($1, $2, $3)
        ORDER BY article_id, version, extractor LIMIT $4",
    )
    .bind(article)
    .bind(number)
    .bind(extractor)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let stored = |row: &Row| {
        let fields = Fields::of("derivation", row);
        Ok(StoredDerivation {
            derivation: derivation(row)?,
            digest: ContentDigest(fields.digest("digest")?),
            leaf: fields.int_opt("leaf")?.map(LeafIndex),
            sum: fields.array_opt("sum")?.map(Digest::from_bytes),
        })
    };
    Ok(rows
        .iter()
        .map(stored)
        .collect::<Result<_, CatalogError>>()?)
}

fn derivation(row: &Row) -> Result<Derivation, CatalogError> {
    let fields = Fields::of("derivation", row);
    Ok(Derivation {
        article_id: ArticleId(fields.int("article_id")?),
        number: VersionNumber(fields.int("version")?),
        extractor: fields.text("extractor")?,
        article: Article {
            title: fields.text("title")?,
            text: fields.unpacked("text_zstd")?,
            html: fields.unpacked("html_zstd")?,
            ..Article::default()
        },
    })
}

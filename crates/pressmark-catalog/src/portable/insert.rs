//! Rows inserted table by table, many in one statement. What changes in rows that are there
//! (`settle`) is up to four statements an item besides.

use std::sync::Arc;

use pressmark_archive::capture::NewCapture;
use pressmark_archive::commit::{Alias, Draft, SealedRecord};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::ports::fetch::Validators;
use pressmark_model::{
    ArticleId, CaptureId, EntryId, LeafIndex, OffsetTimestamp, SourceId, Timestamp, VersionNumber,
    WebUrl,
};

use super::script::{Script, pieces};
use crate::codec::{Packed, excerpt, json, shown, stored_key};
use crate::fault::Outcome;

/// A new article.
pub(super) struct NewArticle<'c> {
    pub(super) id: ArticleId,
    pub(super) scope: &'c str,
    pub(super) url: &'c WebUrl,
    pub(super) home: SourceId,
    pub(super) number_in_source: i64,
    /// The entry that brought it: its guid is the article's.
    pub(super) entry: Option<EntryId>,
    pub(super) validators: &'c Validators,
    pub(super) sort_at: Timestamp,
    pub(super) captured_at: Timestamp,
    pub(super) seen_at: Timestamp,
    pub(super) leaf: LeafIndex,
    pub(super) next_visit_at: Option<Timestamp>,
}

/// A new version and its leaf.
pub(super) struct NewVersion<'c> {
    pub(super) article: ArticleId,
    pub(super) number: VersionNumber,
    pub(super) leaf: LeafIndex,
    pub(super) capture: CaptureId,
    pub(super) draft: &'c Draft,
    pub(super) packed: Packed,
    pub(super) sealed: SealedRecord,
}

/// An address that names an article in a scope.
pub(super) struct NewAlias<'c> {
    pub(super) scope: Arc<str>,
    pub(super) article: ArticleId,
    pub(super) alias: &'c Alias,
}

/// An article that a source lists.
pub(super) struct Listing {
    pub(super) source: SourceId,
    pub(super) article: ArticleId,
    pub(super) sort_at: Timestamp,
}

pub(super) async fn captures(
    script: &mut Script<'_>,
    captures: &[(CaptureId, &NewCapture)],
) -> Outcome<()> {
    for piece in pieces(captures) {
        let insert = script
            .insert(
                "INSERT INTO capture (id, url, final_url, captured_at, status, content_type,
                payload_digest, clock_doubtful) ",
                piece.len(),
            )
            .await?;
        insert.push_values(piece, |mut row, (id, capture)| {
            row.push_bind(id.0)
                .push_bind(capture.url.as_str())
                .push_bind(capture.final_url.as_str())
                .push_bind(capture.at.micros())
                .push_bind(i64::from(capture.status))
                .push_bind(capture.content_type.as_deref().map(shown))
                .push_bind(capture.payload_digest.as_bytes().as_slice())
                .push_bind(capture.clock_doubtful);
        });
    }
    let records: Vec<_> = captures
        .iter()
        .flat_map(|(id, capture)| (0_i64..).zip(&capture.records).map(move |r| (*id, r)))
        .collect();
    for piece in pieces(&records) {
        let insert = script.insert("INSERT INTO record (capture_id, position, id, kind, url, recorded_at, block_digest,
                segment, begins_at, bytes) ", piece.len()).await?;
        insert.push_values(piece, |mut row, (capture, (position, record))| {
            row.push_bind(capture.0)
                .push_bind(position)
                .push_bind(record.id.as_str())
                .push_bind(record.kind.as_str())
                .push_bind(record.url.as_str())
                .push_bind(record.at.micros())
                .push_bind(record.block_digest.as_bytes().as_slice())
                .push_bind(record.segment.as_bytes().as_slice())
                .push_bind(i64::try_from(record.offset).unwrap_or(i64::MAX))
                .push_bind(i64::try_from(record.length).unwrap_or(i64::MAX));
        });
    }
    Ok(())
}

pub(super) async fn articles(script: &mut Script<'_>, articles: &[NewArticle<'_>]) -> Outcome<()> {
    for piece in pieces(articles) {
        let insert = script
            .insert(
                "INSERT INTO article (id, scope, url, home_id, number_in_source, guid, etag,
                last_modified, sort_at, first_captured_at, last_captured_at, last_seen_at,
                versions, last_leaf, next_visit_at) ",
                piece.len(),
            )
            .await?;
        insert.push_values(piece, |mut row, new| {
            row.push_bind(new.id.0)
                .push_bind(new.scope)
                .push_bind(new.url.as_str())
                .push_bind(new.home.0)
                .push_bind(new.number_in_source)
                .push("(SELECT guid FROM entry WHERE id = ")
                .push_bind_unseparated(new.entry.map(|entry| entry.0))
                .push_unseparated(")")
                .push_bind(new.validators.etag.as_deref().map(shown))
                .push_bind(new.validators.last_modified.as_deref().map(shown))
                .push_bind(new.sort_at.micros())
                .push_bind(new.captured_at.micros())
                .push_bind(new.captured_at.micros())
                .push_bind(new.seen_at.micros())
                .push("1")
                .push_bind(new.leaf.0)
                .push_bind(new.next_visit_at.map(Timestamp::micros));
        });
    }
    Ok(())
}

pub(super) async fn leaves(script: &mut Script<'_>, versions: &[NewVersion<'_>]) -> Outcome<()> {
    for piece in pieces(versions) {
        let insert = script
            .insert(
                "INSERT INTO leaf (idx, leaf, record, nonce, article_id, version) ",
                piece.len(),
            )
            .await?;
        insert.push_values(piece, |mut row, new| {
            row.push_bind(new.leaf.0)
                .push_bind(new.sealed.leaf.as_slice())
                .push_bind(new.sealed.record.as_slice())
                .push_bind(new.draft.nonce.as_slice())
                .push_bind(new.article.0)
                .push_bind(new.number.0);
        });
    }
    Ok(())
}

pub(super) async fn versions(script: &mut Script<'_>, versions: &[NewVersion<'_>]) -> Outcome<()> {
    let mut rows = Vec::with_capacity(versions.len());
    for new in versions {
        let article = &new.draft.article;
        rows.push((new, list(&article.authors)?, list(&article.tags)?));
    }
    for piece in pieces(&rows) {
        let insert = script
            .insert(
                "INSERT INTO version (article_id, number, leaf, capture_id, kind, partial, digest,
                text_digest, derivation, captured_at, title, authors, published_at,
                published_offset, updated_at, updated_offset, language, image, excerpt, lead,
                site_name, section, tags, text_zstd, html_zstd) ",
                piece.len(),
            )
            .await?;
        insert.push_values(piece, |mut row, (new, authors, tags)| {
            let draft = new.draft;
            let article = &draft.article;
            let (published_at, published_offset) = parts(article.published);
            let (updated_at, updated_offset) = parts(article.updated);
            row.push_bind(new.article.0)
                .push_bind(new.number.0)
                .push_bind(new.leaf.0)
                .push_bind(new.capture.0)
                .push_bind(draft.kind.as_str())
                .push_bind(draft.partial)
                .push_bind(draft.digest.0.as_bytes().as_slice())
                .push_bind(draft.text_digest.as_bytes().as_slice())
                .push_bind(draft.derivation.as_str())
                .push_bind(draft.captured_at.micros())
                .push_bind(article.title.as_str())
                .push_bind(authors.as_str())
                .push_bind(published_at)
                .push_bind(published_offset)
                .push_bind(updated_at)
                .push_bind(updated_offset)
                .push_bind(article.language.as_deref().map(shown))
                .push_bind(article.image.as_ref().map(WebUrl::as_str))
                .push_bind(shown(excerpt(&article.text)))
                .push_bind(article.lead.as_deref().map(shown))
                .push_bind(article.site_name.as_deref().map(shown))
                .push_bind(article.section.as_deref().map(shown))
                .push_bind(tags.as_str())
                .push_bind(new.packed.text.as_slice())
                .push_bind(new.packed.html.as_slice());
        });
    }
    Ok(())
}

fn list(texts: &[String]) -> Result<String, CatalogError> {
    let texts: Vec<_> = texts.iter().map(|text| shown(text)).collect();
    json(&texts)
}

fn parts(moment: Option<OffsetTimestamp>) -> (Option<i64>, Option<i64>) {
    (
        moment.map(|moment| moment.at().micros()),
        moment.map(|moment| i64::from(moment.offset_seconds())),
    )
}

/// Inserts the addresses of articles. One that is there already is a conflict for a new article,
/// and nothing for a known one.
pub(super) async fn aliases(
    script: &mut Script<'_>,
    aliases: &[NewAlias<'_>],
    of_new_articles: bool,
) -> Outcome<()> {
    for piece in pieces(aliases) {
        let insert = script
            .insert(
                "INSERT INTO alias (scope, key, article_id, evidence) ",
                piece.len(),
            )
            .await?;
        insert.push_values(piece, |mut row, new| {
            row.push_bind(new.scope.to_string())
                .push_bind(stored_key(&new.alias.key).into_owned())
                .push_bind(new.article.0)
                .push_bind(new.alias.evidence.as_str());
        });
        if !of_new_articles {
            insert.push(" ON CONFLICT (scope, key) DO NOTHING");
        }
    }
    Ok(())
}

pub(super) async fn listings(script: &mut Script<'_>, listings: &[Listing]) -> Outcome<()> {
    for piece in pieces(listings) {
        let insert = script
            .insert(
                "INSERT INTO source_article (source_id, sort_at, article_id) ",
                piece.len(),
            )
            .await?;
        insert.push_values(piece, |mut row, listing| {
            row.push_bind(listing.source.0)
                .push_bind(listing.sort_at.micros())
                .push_bind(listing.article.0);
        });
        insert.push(" ON CONFLICT DO NOTHING");
    }
    Ok(())
}

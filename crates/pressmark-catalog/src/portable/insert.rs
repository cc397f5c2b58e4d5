//! Rows inserted table by table, a hundred in one statement: what is new in a batch costs a handful
//! of round trips, however many articles are in it. What changes in rows that are there (`settle`)
//! is up to four statements an item besides.

use std::sync::Arc;

use pressmark_archive::capture::NewCapture;
use pressmark_archive::commit::{Alias, Draft, SealedRecord};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::ports::fetch::Validators;
use pressmark_model::{
    ArticleId, CaptureId, EntryId, LeafIndex, OffsetTimestamp, SourceId, Timestamp, VersionNumber,
    WebUrl,
};
use sqlx::QueryBuilder;

use super::{Conn, Db};
use crate::codec::{Packed, excerpt, json, shown, stored_key};
use crate::fault::Outcome;

/// How many rows one statement inserts: a version takes 25 values, and SQLite 32 766 at most.
pub(super) const AT_ONCE: usize = 100;

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
    conn: &mut Conn,
    captures: &[(CaptureId, &NewCapture)],
) -> Outcome<()> {
    for chunk in captures.chunks(AT_ONCE) {
        let mut insert = QueryBuilder::<Db>::new(
            "INSERT INTO capture (id, url, final_url, captured_at, status, content_type,
                payload_digest, clock_doubtful) ",
        );
        insert.push_values(chunk, |mut row, (id, capture)| {
            row.push_bind(id.0)
                .push_bind(capture.url.as_str())
                .push_bind(capture.final_url.as_str())
                .push_bind(capture.at.micros())
                .push_bind(i64::from(capture.status))
                .push_bind(capture.content_type.as_deref().map(shown))
                .push_bind(capture.payload_digest.as_bytes().as_slice())
                .push_bind(capture.clock_doubtful);
        });
        insert.build().persistent(false).execute(&mut *conn).await?;
    }
    let records: Vec<_> = captures
        .iter()
        .flat_map(|(id, capture)| (0_i64..).zip(&capture.records).map(move |r| (*id, r)))
        .collect();
    for chunk in records.chunks(AT_ONCE) {
        let mut insert = QueryBuilder::<Db>::new(
            "INSERT INTO record (capture_id, position, id, kind, url, recorded_at, block_digest,
                segment, begins_at, bytes) ",
        );
        insert.push_values(chunk, |mut row, (capture, (position, record))| {
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
        insert.build().persistent(false).execute(&mut *conn).await?;
    }
    Ok(())
}

pub(super) async fn articles(conn: &mut Conn, articles: &[NewArticle<'_>]) -> Outcome<()> {
    for chunk in articles.chunks(AT_ONCE) {
        let mut insert = QueryBuilder::<Db>::new(
            "INSERT INTO article (id, scope, url, home_id, number_in_source, guid, etag,
                last_modified, sort_at, first_captured_at, last_captured_at, last_seen_at,
                versions, last_leaf, next_visit_at) ",
        );
        insert.push_values(chunk, |mut row, new| {
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
        insert.build().persistent(false).execute(&mut *conn).await?;
    }
    Ok(())
}

pub(super) async fn leaves(conn: &mut Conn, versions: &[NewVersion<'_>]) -> Outcome<()> {
    for chunk in versions.chunks(AT_ONCE) {
        let mut insert = QueryBuilder::<Db>::new(
            "INSERT INTO leaf (idx, leaf, record, nonce, article_id, version) ",
        );
        insert.push_values(chunk, |mut row, new| {
            row.push_bind(new.leaf.0)
                .push_bind(new.sealed.leaf.as_slice())
                .push_bind(new.sealed.record.as_slice())
                .push_bind(new.draft.nonce.as_slice())
                .push_bind(new.article.0)
                .push_bind(new.number.0);
        });
        insert.build().persistent(false).execute(&mut *conn).await?;
    }
    Ok(())
}

pub(super) async fn versions(conn: &mut Conn, versions: &[NewVersion<'_>]) -> Outcome<()> {
    for chunk in versions.chunks(AT_ONCE) {
        let mut rows = Vec::with_capacity(chunk.len());
        for new in chunk {
            let article = &new.draft.article;
            rows.push((new, list(&article.authors)?, list(&article.tags)?));
        }
        let mut insert = QueryBuilder::<Db>::new(
            "INSERT INTO version (article_id, number, leaf, capture_id, kind, partial, digest,
                text_digest, derivation, captured_at, title, authors, published_at,
                published_offset, updated_at, updated_offset, language, image, excerpt, lead,
                site_name, section, tags, text_zstd, html_zstd) ",
        );
        insert.push_values(rows, |mut row, (new, authors, tags)| {
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
                .push_bind(authors)
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
                .push_bind(tags)
                .push_bind(new.packed.text.as_slice())
                .push_bind(new.packed.html.as_slice());
        });
        insert.build().persistent(false).execute(&mut *conn).await?;
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
    conn: &mut Conn,
    aliases: &[NewAlias<'_>],
    of_new_articles: bool,
) -> Outcome<()> {
    for chunk in aliases.chunks(AT_ONCE) {
        let mut insert =
            QueryBuilder::<Db>::new("INSERT INTO alias (scope, key, article_id, evidence) ");
        insert.push_values(chunk, |mut row, new| {
            row.push_bind(new.scope.to_string())
                .push_bind(stored_key(&new.alias.key).into_owned())
                .push_bind(new.article.0)
                .push_bind(new.alias.evidence.as_str());
        });
        if !of_new_articles {
            insert.push(" ON CONFLICT (scope, key) DO NOTHING");
        }
        insert.build().persistent(false).execute(&mut *conn).await?;
    }
    Ok(())
}

pub(super) async fn listings(conn: &mut Conn, listings: &[Listing]) -> Outcome<()> {
    for chunk in listings.chunks(AT_ONCE) {
        let mut insert =
            QueryBuilder::<Db>::new("INSERT INTO source_article (source_id, sort_at, article_id) ");
        insert.push_values(chunk, |mut row, listing| {
            row.push_bind(listing.source.0)
                .push_bind(listing.sort_at.micros())
                .push_bind(listing.article.0);
        });
        insert.push(" ON CONFLICT DO NOTHING");
        insert.build().persistent(false).execute(&mut *conn).await?;
    }
    Ok(())
}

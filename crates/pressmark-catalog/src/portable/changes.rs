//! What outlets did to articles: stored beside versions and notices, and listed.

use std::ops::RangeInclusive;

use pressmark_archive::absence::{Absence, Notice};
use pressmark_archive::change::{Change, ChangeKind, ChangeQuery, ChangeRow};
use pressmark_archive::commit::{Draft, SealedRecord};
use pressmark_archive::edit::{Edit, EditClasses};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_model::{ArticleId, LeafIndex, VersionNumber};

use super::script::{Script, pieces};
use super::{Conn, Fields, Row};
use crate::codec::shown;
use crate::fault::Outcome;

/// A notice with its leaf.
pub(super) struct NewNotice<'c> {
    pub(super) article: ArticleId,
    pub(super) version: VersionNumber,
    pub(super) leaf: LeafIndex,
    pub(super) notice: &'c Notice,
    pub(super) sealed: SealedRecord,
}

/// The change that a version makes, if it makes one.
pub(super) fn of_version(
    place: (ArticleId, VersionNumber, LeafIndex),
    draft: &Draft,
) -> Option<ChangeRow> {
    let edit = draft.edit.clone()?;
    ChangeRow::of_version(place, draft.kind, draft.captured_at, edit)
}

/// The change that a notice tells.
pub(super) fn of_notice(new: &NewNotice<'_>) -> ChangeRow {
    ChangeRow::of_notice((new.article, new.version, new.leaf), new.notice)
}

pub(super) async fn insert_notices(
    script: &mut Script<'_>,
    notices: &[NewNotice<'_>],
) -> Outcome<()> {
    for piece in pieces(notices) {
        let insert = script
            .insert(
                "INSERT INTO leaf (idx, leaf, record, nonce, article_id) ",
                piece.len(),
            )
            .await?;
        insert.push_values(piece, |mut row, new| {
            row.push_bind(new.leaf.0)
                .push_bind(new.sealed.leaf.as_slice())
                .push_bind(new.sealed.record.as_slice())
                .push_bind(new.notice.nonce.as_slice())
                .push_bind(new.article.0);
        });
    }
    Ok(())
}

pub(super) async fn insert(script: &mut Script<'_>, changes: &[ChangeRow]) -> Outcome<()> {
    for piece in pieces(changes) {
        let insert = script
            .insert(
                "INSERT INTO change (leaf, article_id, version, kind, changed_at, classes, size,
                silent, reason, removed, classifier) ",
                piece.len(),
            )
            .await?;
        insert.push_values(piece, |mut row, new| {
            row.push_bind(new.leaf.0)
                .push_bind(new.article.0)
                .push_bind(new.version.0)
                .push_bind(new.kind.as_str())
                .push_bind(new.at.micros())
                .push_bind(i64::from(new.edit.classes.bits()))
                .push_bind(i64::from(new.edit.size))
                .push_bind(new.edit.silent)
                .push_bind(new.reason.map(Absence::as_str))
                .push_bind(shown(&new.edit.removed))
                .push_bind(i64::from(new.classifier));
        });
    }
    Ok(())
}

/// Makes these the changes of the leaves in a range, and forgets the sums over all changes.
pub(super) async fn replace(
    conn: &mut Conn,
    leaves: &RangeInclusive<LeafIndex>,
    changes: &[ChangeRow],
) -> Outcome<()> {
    sqlx::query("DELETE FROM row_sum WHERE name = 'change'")
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM change WHERE leaf >= $1 AND leaf <= $2")
        .bind(leaves.start().0)
        .bind(leaves.end().0)
        .execute(&mut *conn)
        .await?;
    let mut script = Script::new(conn);
    insert(&mut script, changes).await?;
    script.send().await
}

/// The rows from a leaf on.
pub(super) async fn from_leaf(
    conn: &mut Conn,
    from: LeafIndex,
    limit: u32,
) -> Outcome<Vec<ChangeRow>> {
    let rows = sqlx::query(
        "SELECT leaf, article_id, version, kind, changed_at, classes, size, silent, reason, removed,
            classifier
        FROM change WHERE leaf >= $1 ORDER BY leaf LIMIT $2",
    )
    .bind(from.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(stored).collect::<Result<_, _>>()?)
}

fn stored(row: &Row) -> Result<ChangeRow, CatalogError> {
    let fields = Fields::of("change", row);
    Ok(ChangeRow {
        leaf: LeafIndex(fields.int("leaf")?),
        kind: fields.named("kind", ChangeKind::from_name)?,
        article: ArticleId(fields.int("article_id")?),
        version: VersionNumber(fields.int("version")?),
        at: fields.time("changed_at")?,
        edit: Edit {
            classes: EditClasses::from_bits(fields.count("classes")?),
            size: fields.count("size")?,
            silent: fields.flag("silent")?,
            removed: fields.text("removed")?,
        },
        reason: fields.named_opt("reason", Absence::from_name)?,
        classifier: fields.count("classifier")?,
    })
}

/// Changes with what their articles are called, and the end of the statement.
macro_rules! select_change {
    ($rest:literal) => {
        concat!(
            "SELECT c.leaf, c.article_id, c.version, c.kind, c.changed_at, c.classes, c.size,
                c.silent, c.reason, a.url, s.slug, v.title
            FROM change c
            JOIN article a ON a.id = c.article_id
            JOIN source s ON s.id = a.home_id
            JOIN version v ON v.article_id = a.id AND v.number = a.versions ",
            $rest
        )
    };
}

pub(super) async fn list(conn: &mut Conn, query: &ChangeQuery) -> Outcome<Vec<Change>> {
    let removed = query.removed.as_deref().map_or_else(
        || "%".to_owned(),
        |text| {
            let plain = text.to_lowercase().replace('\0', "");
            let escaped = plain
                .replace('!', "!!")
                .replace('%', "!%")
                .replace('_', "!_");
            format!("%{escaped}%")
        },
    );
    let rows = sqlx::query(select_change!(
        "WHERE c.leaf < $1 AND c.size >= $2
            AND ((c.classes & $3) <> 0 OR ($4 AND c.kind IN ('deleted', 'returned')))
            AND (c.silent OR NOT $5)
            AND c.removed LIKE $6 ESCAPE '!'
            AND ($7 < 0 OR EXISTS (
                SELECT 1 FROM source_article l
                WHERE l.source_id = $7 AND l.article_id = c.article_id))
        ORDER BY c.leaf DESC LIMIT $8"
    ))
    .bind(query.before.map_or(i64::MAX, |leaf| leaf.0))
    .bind(i64::from(query.min_size))
    .bind(i64::from(query.classes.bits()))
    .bind(query.deletions)
    .bind(query.silent)
    .bind(removed)
    .bind(query.source.map_or(-1, |source| source.0))
    .bind(i64::from(query.limit))
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(change).collect::<Result<_, _>>()?)
}

pub(super) async fn of_article(conn: &mut Conn, article: ArticleId) -> Outcome<Vec<Change>> {
    let rows = sqlx::query(select_change!("WHERE c.article_id = $1 ORDER BY c.leaf"))
        .bind(article.0)
        .fetch_all(conn)
        .await?;
    Ok(rows.iter().map(change).collect::<Result<_, _>>()?)
}

fn change(row: &Row) -> Result<Change, CatalogError> {
    let fields = Fields::of("change", row);
    Ok(Change {
        leaf: LeafIndex(fields.int("leaf")?),
        kind: fields.named("kind", ChangeKind::from_name)?,
        article: ArticleId(fields.int("article_id")?),
        version: VersionNumber(fields.int("version")?),
        at: fields.time("changed_at")?,
        classes: EditClasses::from_bits(fields.count("classes")?),
        size: fields.count("size")?,
        silent: fields.flag("silent")?,
        reason: fields.named_opt("reason", Absence::from_name)?,
        title: fields.text("title")?,
        url: fields.parsed("url")?,
        slug: fields.parsed("slug")?,
    })
}

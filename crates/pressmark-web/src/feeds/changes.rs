//! The feed of changes: one item an edit, a deletion or a return, with what was changed.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::response::{IntoResponse, Response};
use maud::html;
use pressmark_archive::change::{Change, ChangeKind};
use pressmark_archive::edit::EditClass;
use pressmark_archive::version::Version;
use pressmark_html::diff::{self, Block, Diff, Piece, Side};
use pressmark_model::{ArticleId, Category, Digest, Entry, Feed, Slug, VersionNumber, WebUrl};
use pressmark_proof::ArchiveId;

use super::{CACHED, LENGTH, base, id_of};
use crate::filters;
use crate::pages::{read_alike, source_name};
use crate::respond::{Fault, aside};
use crate::site::Site;
use crate::ui::Ui;

/// Raised with every change of what the feed says of the same changes.
const PROFILE: &str = "changes 2";
/// Unchanged paragraphs that stay on either side of a change.
const CONTEXT: usize = 1;

/// Answers `/feeds/changes.xml`; see [`filters::changes`] for its parameters.
pub(crate) async fn of_all(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    ui: Ui,
) -> Result<Response, Fault> {
    answer(&site, &headers, &ui, None).await
}

/// Answers `/feeds/{slug}/changes.xml`, with the same parameters.
pub(crate) async fn of_source(
    State(site): State<Arc<Site>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    ui: Ui,
) -> Result<Response, Fault> {
    let slug: Slug = slug.parse().map_err(|_| Fault::Missing)?;
    answer(&site, &headers, &ui, Some(slug)).await
}

async fn answer(
    site: &Site,
    headers: &HeaderMap,
    ui: &Ui,
    slug: Option<Slug>,
) -> Result<Response, Fault> {
    let mut query = filters::changes(ui, LENGTH).ok_or(Fault::Missing)?;
    let base = base(site, headers);
    let mut title = format!("{}: edits and deletions", site.title);
    if let Some(slug) = slug {
        let source = site.catalog.source(&slug).await?.ok_or(Fault::Missing)?;
        title = format!("{}: edits and deletions", source_name(&source));
        query.source = Some(source.id);
    }
    let changes = site.catalog.changes(&query).await?;

    let leaves: Vec<String> = changes
        .iter()
        .map(|change| change.leaf.to_string())
        .collect();
    let said = format!("{PROFILE}\n{title}\n{base:?}\n{}", leaves.join(" "));
    let tag = format!("\"{}\"", Digest::of(said.as_bytes()).hex());
    let stamp = [(ETAG, tag.clone()), (CACHE_CONTROL, CACHED.to_owned())];
    let held = headers.get_all(IF_NONE_MATCH).iter();
    if held
        .filter_map(|v| v.to_str().ok())
        .any(|tags| tags.contains(&tag))
    {
        return Ok((StatusCode::NOT_MODIFIED, stamp).into_response());
    }

    let wanted: Vec<_> = changes.iter().flat_map(compared).collect();
    let versions = site.catalog.versions_of(&wanted).await?;
    let versions: HashMap<_, _> = versions
        .into_iter()
        .map(|version| ((version.article_id, version.number), version))
        .collect();
    let mut alike = HashMap::new();
    for (new, version) in &versions {
        let before = (new.0, VersionNumber(new.1.0 - 1));
        if let Some(old) = versions.get(&before) {
            alike.insert(before, read_alike(site, old.clone(), version).await?);
        }
    }
    let archive = site.archive;
    let xml = aside(move || {
        let read = Read { versions, alike };
        let entries = changes
            .into_iter()
            .map(|change| item(archive, base.as_ref(), change, &read))
            .collect();
        pressmark_feed::write_rss(&Feed {
            title,
            home: base.clone(),
            entries,
            ..Feed::default()
        })
    })
    .await?;
    let kind = [(CONTENT_TYPE, "application/rss+xml; charset=utf-8")];
    Ok((stamp, kind, xml).into_response())
}

/// The versions of the items, by article and number.
struct Read {
    versions: HashMap<(ArticleId, VersionNumber), Version>,
    /// Each as the extractor of the next one read it.
    alike: HashMap<(ArticleId, VersionNumber), Version>,
}

/// The versions that an item shows.
fn compared(change: &Change) -> Vec<(ArticleId, VersionNumber)> {
    let before = VersionNumber(change.version.0 - 1);
    match change.kind {
        ChangeKind::Edit | ChangeKind::Reverted => {
            vec![(change.article, before), (change.article, change.version)]
        }
        ChangeKind::Deleted => vec![(change.article, change.version)],
        ChangeKind::Returned => Vec::new(),
    }
}

fn item(archive: ArchiveId, base: Option<&WebUrl>, change: Change, read: &Read) -> Entry {
    let classes: Vec<&str> = change.classes.iter().map(EditClass::as_str).collect();
    let before = VersionNumber(change.version.0 - 1);
    let was = read.alike.get(&(change.article, before));
    let is = read.versions.get(&(change.article, change.version));
    let (name, content) = match change.kind {
        ChangeKind::Edit | ChangeKind::Reverted => {
            let name = if change.kind == ChangeKind::Edit {
                "Edited"
            } else {
                "Reverted"
            };
            let marks = if change.silent { ", silently" } else { "" };
            let name = format!("{name} ({}{marks})", classes.join(", "));
            (name, was.zip(is).map(|(was, is)| comparison(was, is)))
        }
        ChangeKind::Deleted => {
            let reason = change.reason.map_or("", |reason| reason.as_str());
            let text = is.map(|is| pressmark_html::sanitise(&is.article.html, Some(&is.url)));
            (format!("Deleted ({reason})"), text)
        }
        ChangeKind::Returned => ("Returned".to_owned(), None),
    };
    let page = match change.kind {
        ChangeKind::Edit | ChangeKind::Reverted => {
            format!(
                "a/{}/diff?from={before}&to={}",
                change.article, change.version
            )
        }
        ChangeKind::Deleted | ChangeKind::Returned => format!("a/{}", change.article),
    };
    let here = base.and_then(|base| base.join(&page).ok());
    let category = |term: &str| Category {
        term: term.to_owned(),
        ..Category::default()
    };
    Entry {
        guid: Some(id_of(archive, b"change", change.leaf.0)),
        title: format!("{name}: {}", change.title),
        link: Some(here.unwrap_or(change.url)),
        content,
        published: Some(change.at.into()),
        categories: std::iter::once(change.kind.as_str())
            .chain(classes)
            .map(category)
            .collect(),
        ..Entry::default()
    }
}

/// What was changed, as HTML that any reader shows.
fn comparison(was: &Version, is: &Version) -> String {
    let (was, is) = (&was.article, &is.article);
    let pieces = |pieces: &[Piece]| {
        html! {
            @for piece in pieces {
                @match piece.side {
                    Side::Both => (piece.text),
                    Side::Old => del { (piece.text) },
                    Side::New => ins { (piece.text) },
                }
            }
        }
    };
    html! {
        @if was.title != is.title { h2 { (pieces(&diff::line(&was.title, &is.title))) } }
        @for block in Diff::of(&was.text, &is.text).inline(CONTEXT) {
            @match block {
                Block::Same(text) => p { (text) },
                Block::Changed(changed) => p { (pieces(&changed)) },
                Block::Skipped(_) => p { "…" },
            }
        }
    }
    .into_string()
}

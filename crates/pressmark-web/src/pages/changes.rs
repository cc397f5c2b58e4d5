//! What outlets changed and took away, over all sources or in one.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};
use pressmark_archive::absence::Absence;
use pressmark_archive::change::{Change, ChangeKind};
use pressmark_archive::edit::EditClass;
use pressmark_model::{Slug, VersionNumber};

use super::article::{diff_path, title};
use super::layout::Head;
use super::parts::{moment, source_name};
use crate::filters::{self, DELETED};
use crate::i18n::{Words, fill};
use crate::respond::{Fault, Html, Page};
use crate::site::Site;
use crate::ui::Ui;

/// Changes on one page.
const LENGTH: usize = 50;

/// Answers `/changes`; see [`filters::changes`] for its parameters, `source` is a slug.
pub(crate) async fn changes(State(site): State<Arc<Site>>, ui: Ui) -> Page {
    let limit = u32::try_from(LENGTH + 1).unwrap_or(u32::MAX);
    let mut query = filters::changes(&ui, limit).ok_or(Fault::Missing)?;
    let sources = site.catalog.sources().await?;
    let chosen = ui.parameter("source").filter(|slug| !slug.is_empty());
    if let Some(slug) = chosen {
        let slug: Slug = slug.parse().map_err(|_| Fault::Missing)?;
        let source = site.catalog.source(&slug).await?.ok_or(Fault::Missing)?;
        query.source = Some(source.id);
    }
    let mut changes = site.catalog.changes(&query).await?;
    let more = changes.len() > LENGTH;
    changes.truncate(LENGTH);
    let older = changes
        .last()
        .filter(|_| more)
        .map(|last| last.leaf.to_string());

    let words = ui.words();
    let name = |slug: &Slug| {
        let found = sources.iter().find(|source| source.slug == *slug);
        found.map_or_else(|| slug.to_string(), |source| source_name(source).to_owned())
    };
    let feed = feed_address(&ui, chosen);
    let main = html! {
        header.head {
            h1 { (words.changes) }
            p.deck { a.feed href=(feed) { (words.feed_of_changes) } }
            (form(&ui, chosen))
        }
        @if changes.is_empty() { p.note { (words.no_changes) } }
        ol.versions {
            @for change in &changes {
                li {
                    p {
                        span.kind { (name(&change.slug)) }
                        " " (moment(&ui, change.at.with_offset(site.offset_seconds)))
                    }
                    p { a href=(target(&ui, change)) dir="auto" { (title(&change.title, words)) } }
                    p.kind { (described(&ui, change)) }
                }
            }
        }
        @if let Some(leaf) = older {
            nav.pager { a href=(ui.with("before", &leaf)) rel="next" { (words.older_changes) } }
        }
    };
    let head = Head {
        title: words.changes,
        feed: Some((feed, words.feed_of_changes)),
        canonical: None,
    };
    Ok(Html(head.page(&site, &ui, &main)))
}

/// Where a change is to be seen: an edit as a comparison, else the article.
fn target(ui: &Ui, change: &Change) -> String {
    match change.kind {
        ChangeKind::Edit | ChangeKind::Reverted => {
            let before = VersionNumber(change.version.0.saturating_sub(1));
            diff_path(ui, change.article, before, change.version)
        }
        ChangeKind::Deleted | ChangeKind::Returned => ui.href(&format!("/a/{}", change.article)),
    }
}

/// The feed with the filters of this page.
fn feed_address(ui: &Ui, source: Option<&str>) -> String {
    let path = match source {
        Some(slug) => format!("/feeds/{slug}/changes.xml"),
        None => "/feeds/changes.xml".to_owned(),
    };
    ui.filtered(&path, &["class", "size", "removed", "silent"])
}

fn form(ui: &Ui, source: Option<&str>) -> Markup {
    let words = ui.words();
    let chosen: Vec<&str> = ui
        .parameters("class")
        .flat_map(|value| value.split(','))
        .collect();
    let box_of = |name: &'static str, label: &str| {
        html! {
            label { input type="checkbox" name="class" value=(name) checked[chosen.contains(&name)]; " " (label) }
        }
    };
    html! {
        form.filters action="/changes" method="get" {
            @if let Some(slug) = source { input type="hidden" name="source" value=(slug); }
            @if let Some(lang) = ui.parameter("lang") { input type="hidden" name="lang" value=(lang); }
            fieldset {
                legend { (words.filter_classes) }
                @for class in EditClass::ALL.into_iter().filter(|class| *class != EditClass::Boilerplate) {
                    (box_of(class.as_str(), class_name(class, words)))
                }
                (box_of(DELETED, words.deletions))
            }
            p {
                label { (words.filter_size) " " input type="number" name="size" min="0" value=[ui.parameter("size")]; }
                " "
                label { (words.filter_removed) " " input type="search" name="removed" value=[ui.parameter("removed")]; }
                " "
                label { input type="checkbox" name="silent" value="1" checked[ui.parameter("silent") == Some("1")]; " " (words.filter_silent) }
                " "
                button { (words.filter) }
            }
        }
    }
}

/// What was changed, in words.
pub(super) fn described(ui: &Ui, change: &Change) -> Markup {
    let words = ui.words();
    match change.kind {
        ChangeKind::Deleted => html! {
            (words.change_deleted)
            @if let Some(reason) = change.reason { ": " (absence(reason, words)) }
        },
        ChangeKind::Returned => html! { (words.change_returned) },
        ChangeKind::Edit | ChangeKind::Reverted => {
            let classes: Vec<&str> = change
                .classes
                .iter()
                .map(|class| class_name(class, words))
                .collect();
            html! {
                @if change.kind == ChangeKind::Reverted { (words.kind_reverted) " · " }
                (classes.join(words.and))
                " · " (fill(words.change_size, [&ui.language.number(u64::from(change.size))]))
                @if change.silent { " · " strong title=(words.silent_hint) { (words.silent) } }
            }
        }
    }
}

fn class_name(class: EditClass, words: &Words) -> &'static str {
    match class {
        EditClass::Headline => words.class_headline,
        EditClass::Number => words.class_number,
        EditClass::Name => words.class_name,
        EditClass::Quote => words.class_quote,
        EditClass::ParagraphAdded => words.class_added,
        EditClass::ParagraphRemoved => words.class_removed,
        EditClass::Typo => words.class_typo,
        EditClass::Wording => words.class_wording,
        EditClass::Boilerplate => words.class_boilerplate,
    }
}

/// How a page is gone, in words.
pub(super) fn absence(reason: Absence, words: &Words) -> &'static str {
    match reason {
        Absence::NotFound => words.absence_not_found,
        Absence::Gone => words.absence_gone,
        Absence::FrontPage => words.absence_front_page,
        Absence::Elsewhere => words.absence_elsewhere,
        Absence::SoftNotFound => words.absence_soft,
        Absence::Removed => words.absence_removed,
        Absence::Withheld => words.absence_withheld,
    }
}

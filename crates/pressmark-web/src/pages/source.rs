//! The page of one source: how it goes, its articles, and the entries that have none.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Redirect;
use maud::{Markup, html};
use pressmark_archive::alarm::Alarm;
use pressmark_archive::entry::{EntryRow, EntryState};
use pressmark_archive::source::{Source, SourceState};
use pressmark_archive::span;
use pressmark_model::{FeedFormat, Slug};

use super::layout::Head;
use super::list::List;
use super::parts::{distance, failure, figures, notes, source_name, standing_alarms, state};
use crate::respond::{Fault, Html, Page};
use crate::room::taken as taken_by;
use crate::site::Site;
use crate::tongue::Tongue;
use crate::ui::Ui;

/// How many of the latest entries are looked through for failures.
const ENTRIES: u32 = 300;

/// Answers `/s/{slug}`.
pub(crate) async fn source(
    State(site): State<Arc<Site>>,
    Path(slug): Path<String>,
    ui: Ui,
) -> Page {
    let slug: Slug = slug.parse().map_err(|_| Fault::Missing)?;
    let source = site.catalog.source(&slug).await?.ok_or(Fault::Missing)?;
    let alarms = standing_alarms(&site).await?;
    let list = List::read(&site, &ui, Some(source.id)).await?;
    let mut entries = Vec::new();
    if !list.is_later() {
        entries = site.catalog.entries(source.id, ENTRIES).await?;
        entries.retain(|entry| entry.failure.is_some() || entry.state == EntryState::Failed);
    }
    let taken = site.catalog.disk_use(source.id).await?;
    let words = ui.words();
    let main = html! {
        (header(&site, &ui, &source, &alarms))
        dl.figures { (taken_by(ui.language, taken)) }
        @if !entries.is_empty() { (troubled(&site, &ui, &entries)) }
        @if list.is_empty() && list.is_later() {
            div.plain { p { (words.no_more) " " a href=(ui.href(ui.path())) { (words.newest) } } }
        } @else if list.is_empty() {
            div.plain { p { (words.nothing_yet) } }
        }
        (list.show(&site, &ui, None))
    };
    let name = source_name(&source);
    let head = Head {
        title: name,
        feed: Some((feed_path(&source), name)),
        canonical: Some(format!("/s/{slug}")),
    };
    Ok(Html(head.page(&site, &ui, &main)))
}

/// Answers `/s/{slug}/{n}`: the article with that number has one address, its own.
pub(crate) async fn numbered(
    State(site): State<Arc<Site>>,
    Path((slug, number)): Path<(String, String)>,
    ui: Ui,
) -> Result<Redirect, Fault> {
    let slug: Slug = slug.parse().map_err(|_| Fault::Missing)?;
    let number = number.parse().map_err(|_| Fault::Missing)?;
    let article = site
        .catalog
        .article_by_number(&slug, number)
        .await?
        .ok_or(Fault::Missing)?;
    let version = ui.parameter("version").map(|version| ("version", version));
    let path = ui.href_with(&format!("/a/{article}"), version.as_slice());
    Ok(Redirect::permanent(&path))
}

fn feed_path(source: &Source) -> String {
    format!("/feeds/{}.xml", source.slug)
}

fn header(site: &Site, ui: &Ui, source: &Source, alarms: &[Alarm]) -> Markup {
    let words = ui.words();
    let status = &source.status;
    let tongue = Tongue::of(status.language.as_deref());
    html! {
        header.head {
            h1 lang=(tongue.tag) dir=(tongue.direction) { (source_name(source)) }
            p.deck {
                (state(ui, source)) " "
                a href=(status.home.as_ref().unwrap_or(&source.url)) rel="external noreferrer" {
                    (status.home.as_ref().unwrap_or(&source.url).host())
                }
                " " a.feed href=(feed_path(source)) { (words.feed_of_this) }
            }
            (notes(site, ui, source, alarms))
            (figures(site, ui, source))
            @if source.state != SourceState::Imported {
                details {
                    summary { (words.watched_address) }
                    p.address { (source.url) }
                    @if status.format != FeedFormat::Unknown {
                        p { (words.format) " " (format_name(status.format)) }
                    }
                    @if let Some(within) = status.rhythm.within() {
                        p { (crate::i18n::fill(words.rolls_over, [&span::rough(within)])) }
                    }
                    @if !status.issues.is_empty() {
                        h2 { (words.flaws) }
                        ul {
                            @for issue in &status.issues {
                                li {
                                    @if let Some(line) = issue.line {
                                        (crate::i18n::fill(words.line_n, [&line])) " "
                                    }
                                    (issue.message)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn format_name(format: FeedFormat) -> &'static str {
    match format {
        FeedFormat::Unknown => "",
        FeedFormat::Rss => "RSS",
        FeedFormat::Rdf => "RSS 1.0 (RDF)",
        FeedFormat::Atom => "Atom",
        FeedFormat::Json => "JSON Feed",
        FeedFormat::Sitemap => "Sitemap",
        FeedFormat::Listing => "HTML",
    }
}

fn troubled(site: &Site, ui: &Ui, entries: &[EntryRow]) -> Markup {
    let words = ui.words();
    html! {
        section.troubled {
            details open[entries.len() <= 5] {
                summary {
                    h2 { (words.troubled_entries) " " span.count { (entries.len()) } }
                }
                ul {
                    @for entry in entries { li { (troubled_entry(site, ui, entry)) } }
                }
            }
        }
    }
}

fn troubled_entry(site: &Site, ui: &Ui, entry: &EntryRow) -> Markup {
    let words = ui.words();
    let title = match (entry.title.trim(), &entry.link) {
        ("", Some(link)) => link.to_string(),
        ("", None) => words.untitled.to_owned(),
        (title, _) => title.to_owned(),
    };
    html! {
        p.title dir="auto" {
            @match &entry.link {
                Some(link) => a href=(link) rel="external noreferrer" { (title) },
                None => (title),
            }
        }
        p {
            @if let Some(reason) = &entry.failure { (failure(ui, reason)) " " }
            span.count {
                @if entry.attempts > 0 {
                    (ui.language.count(
                        u64::from(entry.attempts),
                        words.attempts_one,
                        words.attempts_many,
                    ))
                    ", "
                }
                @match (entry.state, entry.next_attempt_at) {
                    (EntryState::Pending, Some(at)) => {
                        (words.next_attempt) " " (distance(site, ui, at.max(site.clock.now())))
                    }
                    (EntryState::Archived, _) => (words.visit_kept),
                    _ => (words.gave_up),
                }
            }
        }
    }
}

//! The page of an article: one of its versions whole, and what is known of all of them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, PreEscaped, html};
use pressmark_archive::change::{Change, ChangeKind};
use pressmark_archive::version::{ArticleView, Version, VersionHead, VersionKind};
use pressmark_html::{ShownImage, add_to_links, replace_images};
use pressmark_model::{ArticleId, VersionNumber};

use super::changes::{absence, described};
use super::layout::Head;
use super::parts::{distance, moment, source_name};
use super::redacted::tombstone;
use crate::i18n::{Words, fill};
use crate::media::Copies;
use crate::respond::{Fault, Html};
use crate::site::Site;
use crate::tongue::Tongue;
use crate::ui::Ui;

/// Answers `/a/{id}`, and `/a/{id}?version=2` with that version.
pub(crate) async fn article(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    ui: Ui,
) -> Result<Response, Fault> {
    let article: ArticleId = id.parse().map_err(|_| Fault::Missing)?;
    if let Some(redaction) = site.catalog.redaction(article).await? {
        return Ok(tombstone(&site, &ui, &redaction));
    }
    let view = read_view(&site, &id).await?;
    let newest = view.versions.last().ok_or(Fault::Missing)?.number;
    let number = match ui.parameter("version") {
        Some(number) => number.parse().map_err(|_| Fault::Missing)?,
        None => newest,
    };
    let id = view.summary.id;
    let version = site
        .catalog
        .version(id, number)
        .await?
        .ok_or(Fault::Missing)?;
    let home = site.catalog.source(&version.slug).await?;
    let logs = site.catalog.logs().await?;
    let name = home.as_ref().map_or(version.slug.as_str(), source_name);

    let title = title(&version.article.title, ui.words());
    let main = Reading {
        site: &site,
        ui: &ui,
        view: &view,
        version: &version,
        name,
        copies: Copies::of(site.catalog.media_of(&[(id, number)]).await?),
        is_sealed: logs.iter().any(|log| log.position(version.leaf).is_some()),
    }
    .show();
    let canonical = if number == newest {
        format!("/a/{id}")
    } else {
        format!("/a/{id}?version={number}")
    };
    let head = Head {
        title,
        feed: None,
        canonical: Some(canonical),
    };
    Ok(Html(head.page(&site, &ui, &main)).into_response())
}

/// The article that a path names.
pub(super) async fn read_view(site: &Site, id: &str) -> Result<ArticleView, Fault> {
    let id: ArticleId = id.parse().map_err(|_| Fault::Missing)?;
    site.catalog.article(id).await?.ok_or(Fault::Missing)
}

/// A title to show.
pub(super) fn title<'a>(title: &'a str, words: &'static Words) -> &'a str {
    match title.trim() {
        "" => words.untitled,
        title => title,
    }
}

/// The address of a version's page.
pub(super) fn version_path(ui: &Ui, article: ArticleId, number: VersionNumber) -> String {
    ui.href_with(
        &format!("/a/{article}"),
        &[("version", &number.to_string())],
    )
}

/// The address of a comparison of two versions.
pub(super) fn diff_path(
    ui: &Ui,
    article: ArticleId,
    from: VersionNumber,
    to: VersionNumber,
) -> String {
    let parameters = [("from", &*from.to_string()), ("to", &*to.to_string())];
    ui.href_with(&format!("/a/{article}/diff"), &parameters)
}

/// One version being read.
struct Reading<'a> {
    site: &'a Site,
    ui: &'a Ui,
    view: &'a ArticleView,
    version: &'a Version,
    name: &'a str,
    copies: Copies,
    /// Whether the version is in a signed log, so that it can be proven.
    is_sealed: bool,
}

impl Reading<'_> {
    fn show(&self) -> Markup {
        let words = self.ui.words();
        let tongue = Tongue::of(self.version.article.language.as_deref());
        html! {
            article.reading {
                (self.header(tongue))
                (self.notes())
                div.body lang=(tongue.tag) dir=(tongue.direction) { (self.body()) }
                footer.colophon {
                    p.onward {
                        a href=(self.version.url) rel="external noreferrer" { (words.original) }
                    }
                    (self.versions())
                    (self.record())
                }
            }
        }
    }

    fn header(&self, tongue: Tongue<'_>) -> Markup {
        let (ui, words, article) = (self.ui, self.ui.words(), &self.version.article);
        html! {
            header {
                p.kicker dir="auto" {
                    a href=(ui.href(&format!("/s/{}", self.version.slug))) { (self.name) }
                    @if let Some(section) = &article.section { span { (section) } }
                }
                h1 lang=(tongue.tag) dir=(tongue.direction) { (title(&article.title, words)) }
                @if !article.authors.is_empty() {
                    p.byline dir="auto" { (fill(words.by, [&article.authors.join(words.and)])) }
                }
                dl.times {
                    @if let Some(published) = article.published {
                        div { dt { (words.published) } dd { (moment(ui, published)) } }
                    }
                    @if let Some(updated) = article.updated.filter(|at| Some(*at) != article.published) {
                        div { dt { (words.changed) } dd { (moment(ui, updated)) } }
                    }
                    div {
                        dt { (words.captured) }
                        dd { (moment(ui, self.version.captured_at.with_offset(self.site.offset_seconds))) }
                    }
                    @if self.view.versions.len() > 1 {
                        div {
                            dt { (fill(words.version_n, [&self.version.number])) }
                            dd { a href="#versions" {
                                (ui.language.count(
                                    self.view.versions.len() as u64,
                                    words.versions_one,
                                    words.versions_many,
                                ))
                            } }
                        }
                    }
                }
            }
        }
    }

    fn notes(&self) -> Markup {
        let (ui, words, version) = (self.ui, self.ui.words(), self.version);
        let newest = self
            .view
            .versions
            .last()
            .map_or(version.number, |newest| newest.number);
        html! {
            @if version.number != newest {
                p.note {
                    (fill(words.superseded_note, [&version.number, &newest])) " "
                    a href=(ui.href(&format!("/a/{}", version.article_id))) { (words.to_newest) }
                }
            }
            @if version.partial { p.note { (words.partial_note) } }
            @if let Some(deletion) = self.view.summary.deleted {
                p.note.bad {
                    (words.deleted_note) " "
                    (moment(ui, deletion.since.with_offset(self.site.offset_seconds)))
                    " · " (absence(deletion.reason, words))
                }
            }
        }
    }

    fn body(&self) -> Markup {
        let article = &self.version.article;
        let clean = pressmark_html::sanitise(&article.html, Some(&self.version.url));
        let pictured = clean.contains("<img ");
        let shown = |image: &ShownImage<'_>| {
            let hot_link = self.site.media.hot_link;
            self.copies.shown(image, hot_link, self.ui.words())
        };
        let clean = replace_images(&clean, &mut |image| Some(shown(image)));
        let clean = add_to_links(&clean, &mut |href| self.copies.player(href));
        html! {
            @if let Some(image) = article.image.as_ref().filter(|_| !pictured) {
                @let lead = ShownImage { src: image.as_str(), alt: "", tag: "", in_link: false };
                figure { (PreEscaped(shown(&lead))) }
            }
            @if clean.is_empty() { p { (self.ui.words().no_text) } }
            (PreEscaped(clean))
        }
    }

    fn versions(&self) -> Markup {
        let words = self.ui.words();
        html! {
            section #versions aria-labelledby="versions-title" {
                h2 #versions-title { (words.versions) }
                ol.versions reversed {
                    @for (at, version) in self.view.versions.iter().enumerate().rev() {
                        @let before = at.checked_sub(1).and_then(|at| self.view.versions.get(at));
                        @for notice in self.notices(version.number) { (notice) }
                        (self.version_row(version, before))
                    }
                }
                p.seen { (words.last_seen) " " (distance(self.site, self.ui, self.view.last_seen_at)) }
            }
        }
    }

    /// The deletions and returns after a version, the latest first.
    fn notices(&self, after: VersionNumber) -> Vec<Markup> {
        let is_notice =
            |change: &&Change| matches!(change.kind, ChangeKind::Deleted | ChangeKind::Returned);
        let changes = self.view.changes.iter().rev().filter(is_notice);
        changes
            .filter(|change| change.version == after)
            .map(|change| {
                html! {
                    li.notice {
                        p { (moment(self.ui, change.at.with_offset(self.site.offset_seconds))) }
                        p.kind { (described(self.ui, change)) }
                    }
                }
            })
            .collect()
    }

    fn version_row(&self, version: &VersionHead, before: Option<&VersionHead>) -> Markup {
        let (ui, words, id) = (self.ui, self.ui.words(), self.version.article_id);
        let here = version.number == self.version.number;
        let edit = self
            .view
            .changes
            .iter()
            .find(|change| change.leaf == version.leaf);
        let name = fill(words.version_n, [&version.number]);
        let at = version.captured_at.with_offset(self.site.offset_seconds);
        html! {
            li value=(version.number) {
                p {
                    @if here { strong aria-current="true" { (name) } }
                    @else { a href=(version_path(ui, id, version.number)) { (name) } }
                    " " (moment(ui, at))
                }
                p.kind {
                    @match edit {
                        Some(edit) if version.kind == VersionKind::Edit => (described(ui, edit)),
                        _ => (kind(version.kind, words)),
                    }
                    @if version.partial { " · " (words.partial) }
                    @if version.clock_doubtful { " · " (words.clock_doubtful) }
                    @if here { " · " (words.this_one) }
                    @if let Some(before) = before {
                        " · " a href=(diff_path(ui, id, before.number, version.number)) {
                            (words.compare)
                        }
                    }
                }
            }
        }
    }

    fn record(&self) -> Markup {
        let (words, version) = (self.ui.words(), self.version);
        html! {
            details.record {
                summary { (words.record) }
                dl {
                    dt { (words.original_address) }
                    dd { a href=(version.url) rel="external noreferrer" { (version.url) } }
                    dt { (words.article_number) }
                    dd { (version.article_id) " · " (version.slug) "/" (version.number_in_source) }
                    dt { (words.digest) }
                    dd { code { (version.digest) } }
                    dt { (words.leaf) }
                    dd { (version.leaf) }
                    dt { (words.proof) }
                    dd {
                        @if self.is_sealed {
                            a href=(proof_path(version)) download { (words.proof_file) }
                        } @else { (words.unsealed) }
                    }
                }
            }
        }
    }
}

fn proof_path(version: &Version) -> String {
    format!("/a/{}/proof?version={}", version.article_id, version.number)
}

fn kind(kind: VersionKind, words: &Words) -> &'static str {
    match kind {
        VersionKind::First => words.kind_first,
        VersionKind::Edit => words.kind_edit,
        VersionKind::Reverted => words.kind_reverted,
        VersionKind::Completed => words.kind_completed,
        VersionKind::Imported => words.kind_imported,
        VersionKind::Observed => words.kind_observed,
    }
}

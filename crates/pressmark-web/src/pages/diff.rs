//! What changed between two versions of an article.

use std::sync::Arc;

use axum::extract::{Path, State};
use maud::{Markup, html};
use pressmark_archive::version::Version;
use pressmark_html::diff::{Block, Diff, Piece, Side, line};
use pressmark_model::VersionNumber;

use super::article::{read_view, title, version_path};
use super::layout::Head;
use super::parts::moment;
use crate::i18n::fill;
use crate::respond::{Fault, Html, Page, aside};
use crate::site::Site;
use crate::tongue::Tongue;
use crate::ui::Ui;

/// Unchanged paragraphs that stay on either side of a change.
const CONTEXT: usize = 1;

/// Answers `/a/{id}/diff?from=1&to=2`; without them, the newest version and the one before it.
pub(crate) async fn diff(State(site): State<Arc<Site>>, Path(id): Path<String>, ui: Ui) -> Page {
    let view = read_view(&site, &id).await?;
    let newest = view.versions.last().ok_or(Fault::Missing)?.number;
    let number = |name: &str| -> Result<Option<VersionNumber>, Fault> {
        ui.parameter(name)
            .map(str::parse)
            .transpose()
            .map_err(|_| Fault::Missing)
    };
    let to = number("to")?.unwrap_or(newest);
    let from = number("from")?.unwrap_or(VersionNumber(to.0.saturating_sub(1)));
    let wanted = [(view.summary.id, from), (view.summary.id, to)];
    let versions = site.catalog.versions_of(&wanted).await?;
    let Ok([old, new]) = <[Version; 2]>::try_from(versions) else {
        return Err(Fault::Missing);
    };
    let old = read_alike(&site, old, &new).await?;
    let split = ui.parameter("view") == Some("split");
    let (was, is) = (legend(&site, &ui, &old), legend(&site, &ui, &new));
    let headline = title(&new.article.title, ui.words()).to_owned();
    let compared = {
        let ui = ui.clone();
        aside(move || comparison(&ui, &old, &new, split)).await?
    };

    let words = ui.words();
    let heading = fill(words.diff_title, [&from, &to]);
    let main = html! {
        article.reading.split[split] {
            header {
                p.kicker { a href=(ui.href(&format!("/a/{}", view.summary.id))) { (words.back_to_article) } }
                h1 { (words.compare) }
                ul.legend {
                    li.old { (was) }
                    li.new { (is) }
                    li {
                        @if split { a href=(ui.with("view", "inline")) { (words.diff_inline) } }
                        @else { a href=(ui.with("view", "split")) { (words.diff_split) } }
                    }
                }
            }
            (compared)
        }
    };
    let title = format!("{heading}: {headline}");
    Ok(Html(Head::new(&title).page(&site, &ui, &main)))
}

/// A version with the text that the extractor of a later one made of its capture, where that is stored:
/// what is extracted better is not shown as an edit.
pub(crate) async fn read_alike(
    site: &Site,
    mut old: Version,
    new: &Version,
) -> Result<Version, Fault> {
    if old.derivation == new.derivation {
        return Ok(old);
    }
    let (article, number) = (old.article_id, old.number);
    let stored = site.catalog.derivation(article, number, &new.derivation);
    if let Some(alike) = stored.await? {
        old.article.title = alike.article.title;
        old.article.text = alike.article.text;
    }
    Ok(old)
}

fn legend(site: &Site, ui: &Ui, version: &Version) -> Markup {
    let name = fill(ui.words().diff_legend, [&version.number]);
    let at = version.captured_at.with_offset(site.offset_seconds);
    html! {
        a href=(version_path(ui, version.article_id, version.number)) { (name) } " " (moment(ui, at))
    }
}

fn comparison(ui: &Ui, old: &Version, new: &Version, split: bool) -> Markup {
    let words = ui.words();
    let (was, is) = (&old.article, &new.article);
    if was.title == is.title && was.text == is.text {
        return html! { p.note { (words.diff_same) } };
    }
    let tongue = Tongue::of(is.language.as_deref());
    let headline = line(&was.title, &is.title);
    let diff = Diff::of(&was.text, &is.text);
    if split {
        return html! {
            div.body lang=(tongue.tag) dir=(tongue.direction) {
                h2.headline { (pieces(ui, &headline)) }
                div.columns {
                    @for block in diff.side_by_side(CONTEXT) {
                        @match block {
                            Block::Same(text) => { p { (text) } p { (text) } },
                            Block::Changed(pair) => {
                                p { (pieces(ui, &pair.old)) }
                                p { (pieces(ui, &pair.new)) }
                            },
                            Block::Skipped(n) => (skipped(ui, n)),
                        }
                    }
                }
            }
        };
    }
    html! {
        div.body lang=(tongue.tag) dir=(tongue.direction) {
            h2.headline { (pieces(ui, &headline)) }
            @for block in diff.inline(CONTEXT) {
                @match block {
                    Block::Same(text) => p { (text) },
                    Block::Changed(changed) => p { (pieces(ui, &changed)) },
                    Block::Skipped(n) => (skipped(ui, n)),
                }
            }
        }
    }
}

/// So many paragraphs were left out.
fn skipped(ui: &Ui, n: usize) -> Markup {
    let words = ui.words();
    let counted = ui
        .language
        .count(n as u64, words.diff_skipped_one, words.diff_skipped_many);
    html! { p.gap lang=(ui.language.tag()) dir="ltr" { (counted) } }
}

/// The words of both versions; what colours say is also said to those who listen.
fn pieces(ui: &Ui, pieces: &[Piece]) -> Markup {
    let words = ui.words();
    let said = |word: &str| html! { span.unseen lang=(ui.language.tag()) { "[" (word) "] " } };
    html! {
        @for piece in pieces {
            @match piece.side {
                Side::Both => (piece.text),
                Side::Old => del { (said(words.diff_removed)) (piece.text) },
                Side::New => ins { (said(words.diff_added)) (piece.text) },
            }
        }
    }
}

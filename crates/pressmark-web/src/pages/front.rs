//! The front page: the newest articles of all sources.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use maud::html;
use pressmark_model::Slug;

use super::layout::Head;
use super::list::List;
use super::parts::{needs_care, source_name, stamping};
use crate::respond::{Html, Page};
use crate::site::Site;
use crate::ui::Ui;

/// Answers `/`.
pub(crate) async fn front(State(site): State<Arc<Site>>, ui: Ui) -> Page {
    let words = ui.words();
    let list = List::read(&site, &ui, None).await?;
    let sources = site.catalog.sources().await?;
    let names: HashMap<&Slug, &str> = sources
        .iter()
        .map(|source| (&source.slug, source_name(source)))
        .collect();
    let name = |slug: &Slug| -> String {
        names
            .get(slug)
            .map_or_else(|| slug.to_string(), |name| (*name).to_owned())
    };
    let troubled = sources.iter().filter(|source| needs_care(source)).count() as u64;
    let stamping = stamping(&site, &ui).await?;
    let main = html! {
        h1.unseen { (words.latest) }
        (stamping)
        @if troubled > 0 && !list.is_later() {
            p.notice {
                a href=(ui.href("/sources")) {
                    (ui.language.count(troubled, words.need_care_one, words.need_care_many))
                }
            }
        }
        @if sources.is_empty() && list.is_empty() {
            div.plain { p { (words.add_first) } pre { code { "pressmark add https://…" } } }
        } @else if list.is_empty() && list.is_later() {
            div.plain { p { (words.no_more) " " a href=(ui.href("/")) { (words.newest) } } }
        } @else if list.is_empty() {
            div.plain { p { (words.nothing_yet) " " (words.nothing_hint) } }
        }
        (list.show(&site, &ui, Some(&name)))
    };
    let head = Head {
        canonical: Some("/".to_owned()),
        ..Head::new("")
    };
    Ok(Html(head.page(&site, &ui, &main)))
}

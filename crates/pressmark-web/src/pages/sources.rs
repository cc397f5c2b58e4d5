//! The page of all sources: how each goes.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};
use pressmark_archive::alarm::Alarm;
use pressmark_archive::source::Source;

use super::layout::Head;
use super::parts::{figures, needs_care, notes, source_name, stamping, standing_alarms, state};
use crate::respond::{Html, Page};
use crate::site::Site;
use crate::tongue::Tongue;
use crate::ui::Ui;

/// Answers `/sources`.
pub(crate) async fn sources(State(site): State<Arc<Site>>, ui: Ui) -> Page {
    let words = ui.words();
    let mut sources = site.catalog.sources().await?;
    let alarms = standing_alarms(&site).await?;
    // Those in trouble first; among themselves they stay by slug.
    sources.sort_by_key(|source| !needs_care(source));
    let troubled = sources.iter().filter(|source| needs_care(source)).count() as u64;
    let stamping = stamping(&site, &ui).await?;
    let main = html! {
        (stamping)
        header.head {
            h1 { (words.sources) }
            @if sources.is_empty() {
                p { (words.add_first) }
                pre { code { "pressmark add https://…" } }
            } @else if troubled == 0 {
                p.deck { (words.all_well) }
            } @else {
                p.deck { (ui.language.count(troubled, words.need_care_one, words.need_care_many)) }
            }
        }
        @if !sources.is_empty() {
            p.deck { a.feed href=(ui.href("/feeds/alarms.xml")) { (words.alarms) } }
        }
        @if site.writer.is_some() {
            p.deck { a href=(ui.href("/add")) { (words.add_source) } }
        }
        ul.sources {
            @for source in &sources { li { (row(&site, &ui, source, &alarms)) } }
        }
    };
    Ok(Html(Head::new(words.sources).page(&site, &ui, &main)))
}

fn row(site: &Site, ui: &Ui, source: &Source, alarms: &[Alarm]) -> Markup {
    let tongue = Tongue::of(source.status.language.as_deref());
    html! {
        h2 {
            a href=(ui.href(&format!("/s/{}", source.slug))) lang=(tongue.tag) dir=(tongue.direction) {
                (source_name(source))
            }
            " " (state(ui, source))
        }
        p.address { (source.url) }
        (notes(site, ui, source, alarms))
        (figures(site, ui, source))
    }
}

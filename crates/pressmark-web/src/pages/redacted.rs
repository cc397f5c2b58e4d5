//! What stands in the place of an article that was taken out.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::html;
use pressmark_archive::redact::Redaction;

use super::layout::Head;
use super::parts::moment;
use crate::respond::Html;
use crate::site::Site;
use crate::ui::Ui;

/// The tombstone: that something stood here, when it was taken out, and why.
pub(super) fn tombstone(site: &Site, ui: &Ui, redaction: &Redaction) -> Response {
    let words = ui.words();
    let main = html! {
        div.plain {
            h1 { (words.redacted_title) }
            p { (words.redacted_text) }
            dl {
                dt { (words.redacted_at) }
                dd { (moment(ui, redaction.begun_at.with_offset(site.offset_seconds))) }
                dt { (words.redacted_reason) }
                dd dir="auto" { (redaction.reason) }
                dt { (words.article_number) }
                dd { (redaction.article) }
                dt { (words.leaf) }
                dd { (redaction.leaf) }
            }
            p { a href=(ui.href("/")) { (words.newest) } }
        }
    };
    let page = Html(Head::new(words.redacted_title).page(site, ui, &main));
    (StatusCode::GONE, page).into_response()
}

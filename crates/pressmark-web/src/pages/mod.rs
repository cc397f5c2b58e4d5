//! The pages. Each module reads what its page needs from the catalog, then writes it.

pub(crate) mod add;
pub(crate) mod article;
pub(crate) mod changes;
pub(crate) mod diff;
pub(crate) mod front;
mod layout;
mod list;
mod parts;
pub(crate) use diff::read_alike;
pub(crate) use parts::source_name;
mod redacted;
pub(crate) mod source;
pub(crate) mod sources;

use maud::{Markup, html};

use crate::respond::Fault;
use crate::site::Site;
use crate::ui::Ui;

/// The page that says why there is none.
pub(crate) fn fault(site: &Site, ui: &Ui, fault: Fault) -> Markup {
    let words = ui.words();
    let (title, text) = match fault {
        Fault::Missing => (words.missing_title, words.missing_text),
        Fault::Broken => (words.broken_title, words.broken_text),
    };
    let main = html! {
        div.plain {
            h1 { (title) }
            p { (text) }
            p { a href=(ui.href("/")) { (words.newest) } }
        }
    };
    layout::Head::new(title).page(site, ui, &main)
}

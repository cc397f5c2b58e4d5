//! Looking for bodies in the values of a page's state: long texts, and lists of blocks.

use pressmark_html::plain_text;
use serde_json::{Map, Value};

use super::blocks::{self, Blocks};
use super::state::State;
use crate::measure::weigh;
use crate::words::key_of;

/// What is under these names, or names that begin so, is no article's body.
const ELSEWHERE: [&str; 16] = [
    "ad",
    "ads",
    "comment",
    "config",
    "consent",
    "cookie",
    "footer",
    "i18n",
    "locale",
    "messages",
    "nav",
    "related",
    "settings",
    "styles",
    "translation",
    "css",
];
/// Names of bodies.
const BODIES: [&str; 10] = [
    "articlebody",
    "blocks",
    "body",
    "bodyhtml",
    "content",
    "content_elements",
    "contenthtml",
    "html",
    "paragraphs",
    "text",
];
/// For how many levels below an object with the page's title things are taken for the article's.
const TITLED: u8 = 4;

/// A text that may be the article's body.
pub(super) struct Candidate {
    pub(super) html: String,
    pub(super) weight: u32,
    pub(super) score: u32,
    /// It stands in an object with the title of the page.
    pub(super) titled: bool,
    pub(super) source: String,
}

pub(super) struct Search {
    /// The key of the page's title.
    title: String,
    pub(super) found: Vec<Candidate>,
}

impl Search {
    pub(super) const fn new(title: String) -> Self {
        Self {
            title,
            found: Vec::new(),
        }
    }

    pub(super) fn look_through(&mut self, state: &State) {
        for value in &state.values {
            self.value(state, value, "", 0);
        }
    }

    fn value(&mut self, state: &State, value: &Value, name: &str, titled: u8) {
        match value {
            Value::String(text) => {
                let text = state.text(text);
                if text.len() >= 300 {
                    self.offer(state, name, titled, html_of(text));
                }
            }
            Value::Array(list) => {
                if let Some(html) = Blocks::of(state, list) {
                    self.offer(state, name, titled, html);
                    return;
                }
                for item in list {
                    self.value(state, item, name, titled);
                }
            }
            Value::Object(members) => {
                let titled = if self.is_titled(members) {
                    TITLED
                } else {
                    titled.saturating_sub(1)
                };
                for (name, member) in members {
                    if !is_elsewhere(name) {
                        self.value(state, member, name, titled);
                    }
                }
            }
            _ => {}
        }
    }

    fn is_titled(&self, members: &Map<String, Value>) -> bool {
        let names = ["title", "headline", "name", "heading"];
        let mut titles = names.iter().filter_map(|name| members.get(*name)?.as_str());
        !self.title.is_empty() && titles.any(|title| key_of(title) == self.title)
    }

    fn offer(&mut self, state: &State, name: &str, titled: u8, html: String) {
        let (weight, reads) = reading(&html);
        if weight < super::LEAST || !reads {
            return;
        }
        let named = BODIES.iter().any(|body| name.eq_ignore_ascii_case(body));
        self.found.push(Candidate {
            html,
            weight,
            score: weight * if named { 3 } else { 2 } * if titled > 0 { 2 } else { 1 },
            titled: titled > 0,
            source: state.source.clone(),
        });
    }
}

fn is_elsewhere(name: &str) -> bool {
    ELSEWHERE.iter().any(|other| {
        name.get(..other.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(other))
            && (name.len() == other.len() || other.len() > 3)
    })
}

/// A string as HTML: it may be that, or that once more escaped, or plain.
fn html_of(text: &str) -> String {
    if blocks::has_markup(text) {
        text.to_owned()
    } else if text.contains("&lt;/") {
        plain_text(text)
    } else {
        blocks::paragraphs(text)
    }
}

/// The weight of the text outside of tags, and whether it reads like sentences and not like code.
fn reading(html: &str) -> (u32, bool) {
    let (mut weight, mut points, mut spaces, mut signs, mut ascii) = (0, 0, 0, 0, 0);
    for piece in html.split('<') {
        let text = piece.split_once('>').map_or(piece, |(_, text)| text);
        let weighed = weigh(text);
        weight += weighed.0;
        points += weighed.1;
        for byte in text.bytes() {
            match byte {
                b' ' | b'\n' => spaces += 1,
                b'{' | b'}' | b'=' | b'|' => signs += 1,
                _ => ascii += u32::from(byte.is_ascii_alphanumeric()),
            }
        }
    }
    let reads = points * 250 >= weight && signs * 60 <= weight && spaces * 18 >= ascii;
    (weight, reads)
}

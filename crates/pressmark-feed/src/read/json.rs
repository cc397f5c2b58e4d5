//! JSON Feed 1.0 and 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use pressmark_model::{
    Category, Enclosure, Entry, Feed, FeedFormat, OffsetTimestamp, Person, WebUrl,
};
use serde_json::Value;

use super::value;
use crate::address::{Base, absolute, resolve};
use crate::date;
use crate::issues::{Issues, brief};
use crate::text::{collapse, escape, language_tag};

/// Reads a JSON document that starts at a byte of the text. The format is unknown where it is no feed.
pub(super) fn read(
    text: &str,
    start: usize,
    document: &Base,
    mut issues: Issues,
) -> (Feed, Issues) {
    let document_value = value::read(text, start, &mut issues);
    let version = string(&document_value, "version").unwrap_or_default();
    let items = document_value.get("items").and_then(Value::as_array);
    if items.is_none() && !version.contains("jsonfeed.org") {
        return (Feed::default(), issues);
    }
    let mut reader = Reader {
        base: document,
        issues,
    };
    let mut feed = reader.feed(&document_value);
    version
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .clone_into(&mut feed.version);
    let items = items.map(Vec::as_slice).unwrap_or_default();
    let kept = items
        .iter()
        .filter(|item| item.is_object())
        .take(super::reader::MOST_ENTRIES);
    feed.entries = kept.map(|item| reader.entry(item)).collect();
    (feed, reader.issues)
}

struct Reader<'b> {
    base: &'b Base,
    issues: Issues,
}

impl Reader<'_> {
    fn feed(&mut self, value: &Value) -> Feed {
        Feed {
            format: FeedFormat::Json,
            title: string(value, "title")
                .map(|title| collapse(&title))
                .unwrap_or_default(),
            subtitle: string(value, "description").map(|text| collapse(&text)),
            home: self.address(value, "home_page_url"),
            self_url: self.address(value, "feed_url"),
            older: self.address(value, "next_url"),
            hubs: list(value, "hubs")
                .filter(|hub| is_websub(hub))
                .filter_map(|hub| self.address(hub, "url"))
                .collect(),
            language: string(value, "language").and_then(|tag| language_tag(&tag)),
            authors: authors(value),
            image: self
                .address(value, "icon")
                .or_else(|| self.address(value, "favicon")),
            ..Feed::default()
        }
    }

    fn entry(&mut self, item: &Value) -> Entry {
        let html = string(item, "content_html").map(|html| absolute(html, self.base));
        let plain = || string(item, "content_text").map(|text| escape(&text));
        let link = self
            .address(item, "url")
            .or_else(|| self.address(item, "external_url"));
        let guid = string(item, "id");
        let permalink = guid
            .as_deref()
            .filter(|id| id.contains("://"))
            .and_then(|id| resolve(&None, id));
        Entry {
            link: link.or(permalink),
            guid,
            title: string(item, "title")
                .map(|title| collapse(&title))
                .unwrap_or_default(),
            title_html: None,
            summary: string(item, "summary").map(|text| escape(&text)),
            content: html.or_else(plain),
            authors: authors(item),
            published: self.moment(item, "date_published"),
            updated: self.moment(item, "date_modified"),
            categories: list(item, "tags").filter_map(category).collect(),
            enclosures: list(item, "attachments")
                .filter_map(|value| self.enclosure(value))
                .collect(),
            image: self
                .address(item, "image")
                .or_else(|| self.address(item, "banner_image")),
            comments: None,
            language: string(item, "language").and_then(|tag| language_tag(&tag)),
        }
    }

    fn address(&mut self, value: &Value, name: &str) -> Option<WebUrl> {
        let text = string(value, name)?;
        let found = resolve(self.base, &text);
        if found.is_none() {
            self.issues
                .note_whole(format!("no web address: `{}`", brief(&text)));
        }
        found
    }

    fn moment(&mut self, value: &Value, name: &str) -> Option<OffsetTimestamp> {
        let text = string(value, name)?;
        let found = date::parse(&text);
        if found.is_none() {
            self.issues
                .note_whole(format!("no date: `{}`", brief(&text)));
        }
        found
    }

    fn enclosure(&mut self, value: &Value) -> Option<Enclosure> {
        Some(Enclosure {
            url: self.address(value, "url")?,
            media_type: string(value, "mime_type"),
            length: number(value, "size_in_bytes"),
            duration_seconds: number(value, "duration_in_seconds"),
            title: string(value, "title"),
        })
    }
}

/// A member that is a text or a number, as a text that is not empty.
fn string(value: &Value, name: &str) -> Option<String> {
    let text = match value.get(name)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// A member that is a number, or a text of one; fractions are cut off.
fn number(value: &Value, name: &str) -> Option<u64> {
    string(value, name)?.split('.').next()?.trim().parse().ok()
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    const MOST: usize = 256;
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(MOST)
}

/// Whether a hub speaks `WebSub`; one that does not say is taken to.
fn is_websub(hub: &Value) -> bool {
    string(hub, "type").is_none_or(|kind| kind.trim().eq_ignore_ascii_case("websub"))
}

fn category(value: &Value) -> Option<Category> {
    let term = value
        .as_str()
        .map(collapse)
        .filter(|term| !term.is_empty())?;
    Some(Category {
        term,
        ..Category::default()
    })
}

/// `authors`, or `author` as in version 1.0.
fn authors(value: &Value) -> Vec<Person> {
    let person = |value: &Value| {
        let uri = string(value, "url");
        let name = string(value, "name").or_else(|| uri.clone())?;
        Some(Person {
            name,
            email: None,
            uri,
        })
    };
    let several: Vec<Person> = list(value, "authors").filter_map(person).collect();
    if several.is_empty() {
        value.get("author").and_then(person).into_iter().collect()
    } else {
        several
    }
}

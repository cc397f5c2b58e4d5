//! JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use pressmark_model::{Enclosure, Entry, Feed, Person, WebUrl};
use serde_json::{Map, Value, json};

use crate::text::plain;

/// Writes a feed as JSON Feed 1.1.
pub fn write_json(feed: &Feed) -> String {
    let hub = |hub: &WebUrl| json!({"type": "WebSub", "url": hub.as_str()});
    let document = object([
        ("version", Some(json!("https://jsonfeed.org/version/1.1"))),
        ("title", Some(json!(feed.title))),
        ("home_page_url", address(feed.home.as_ref())),
        ("feed_url", address(feed.self_url.as_ref())),
        ("description", text(feed.subtitle.as_deref())),
        ("icon", address(feed.image.as_ref())),
        ("language", text(feed.language.as_deref())),
        ("authors", list(feed.authors.iter().map(author))),
        ("hubs", list(feed.hubs.iter().map(hub))),
        ("items", Some(feed.entries.iter().map(item).collect())),
    ]);
    document.to_string()
}

fn item(entry: &Entry) -> Value {
    // One of the two forms of the content must be there.
    let html = entry.content.as_ref().or(entry.summary.as_ref());
    let link = entry.link.as_ref().map(WebUrl::as_str);
    let id = entry.guid.as_deref().or(link).unwrap_or(&entry.title);
    let summary = entry.summary.as_deref().map(plain);
    object([
        ("id", Some(json!(id))),
        ("url", address(entry.link.as_ref())),
        ("title", text(Some(&entry.title))),
        ("content_html", text(html.map(String::as_str))),
        ("content_text", html.is_none().then(|| json!(entry.title))),
        ("summary", text(summary.as_deref())),
        ("image", address(entry.image.as_ref())),
        (
            "date_published",
            entry.published.map(|at| json!(at.to_string())),
        ),
        (
            "date_modified",
            entry.updated.map(|at| json!(at.to_string())),
        ),
        ("authors", list(entry.authors.iter().map(author))),
        (
            "tags",
            list(entry.categories.iter().map(|category| json!(category.term))),
        ),
        ("language", text(entry.language.as_deref())),
        ("attachments", list(entry.enclosures.iter().map(attachment))),
    ])
}

fn author(person: &Person) -> Value {
    object([
        ("name", text(Some(&person.name))),
        ("url", text(person.uri.as_deref())),
    ])
}

fn attachment(enclosure: &Enclosure) -> Value {
    let kind = enclosure
        .media_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    object([
        ("url", address(Some(&enclosure.url))),
        ("mime_type", text(Some(kind))),
        ("title", text(enclosure.title.as_deref())),
        (
            "size_in_bytes",
            enclosure.length.map(|length| json!(length)),
        ),
        (
            "duration_in_seconds",
            enclosure.duration_seconds.map(|seconds| json!(seconds)),
        ),
    ])
}

fn text(text: Option<&str>) -> Option<Value> {
    text.filter(|text| !text.is_empty()).map(|text| json!(text))
}

fn address(url: Option<&WebUrl>) -> Option<Value> {
    url.map(|url| json!(url.as_str()))
}

fn list(values: impl Iterator<Item = Value>) -> Option<Value> {
    let values: Vec<Value> = values.collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

/// An object of the members that have a value.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let present = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

//! JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use pressmark_model::{Enclosure, WebUrl};
use serde_json::{Map, Value, json};

use super::{OutFeed, OutItem};

/// Writes a feed as JSON Feed 1.1.
pub fn write_json(feed: &OutFeed) -> String {
    let hub = |hub: &WebUrl| json!({"type": "WebSub", "url": hub.as_str()});
    let document = object([
        ("version", Some(json!("https://jsonfeed.org/version/1.1"))),
        ("title", Some(json!(feed.title))),
        ("home_page_url", Some(json!(feed.home.as_str()))),
        (
            "feed_url",
            feed.self_url.as_ref().map(|url| json!(url.as_str())),
        ),
        (
            "description",
            Some(&feed.description)
                .filter(|text| !text.is_empty())
                .map(|text| json!(text)),
        ),
        ("language", feed.language.as_ref().map(|tag| json!(tag))),
        ("hubs", some_list(feed.hubs.iter().map(hub))),
        ("items", Some(feed.items.iter().map(item).collect())),
    ]);
    document.to_string()
}

fn item(item: &OutItem) -> Value {
    // One of the two contents must be there.
    let text = item
        .content_html
        .is_none()
        .then(|| item.summary.as_deref().unwrap_or(&item.title));
    object([
        ("id", Some(json!(item.id))),
        ("url", item.url.as_ref().map(|url| json!(url.as_str()))),
        ("title", Some(json!(item.title))),
        (
            "content_html",
            item.content_html.as_ref().map(|html| json!(html)),
        ),
        ("content_text", text.map(|text| json!(text))),
        ("summary", item.summary.as_ref().map(|text| json!(text))),
        ("image", item.image.as_ref().map(|url| json!(url.as_str()))),
        (
            "date_published",
            item.published.map(|at| json!(at.to_string())),
        ),
        (
            "date_modified",
            item.updated.map(|at| json!(at.to_string())),
        ),
        (
            "authors",
            some_list(item.authors.iter().map(|name| json!({"name": name}))),
        ),
        (
            "tags",
            some_list(item.categories.iter().map(|tag| json!(tag))),
        ),
        (
            "attachments",
            some_list(item.enclosures.iter().map(attachment)),
        ),
    ])
}

fn attachment(enclosure: &Enclosure) -> Value {
    let kind = enclosure
        .media_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    object([
        ("url", Some(json!(enclosure.url.as_str()))),
        ("mime_type", Some(json!(kind))),
        ("title", enclosure.title.as_ref().map(|title| json!(title))),
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

/// An object of the members that have a value.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let present = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

fn some_list(values: impl Iterator<Item = Value>) -> Option<Value> {
    let values: Vec<Value> = values.collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

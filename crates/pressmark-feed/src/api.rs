//! Lists of articles in JSON that is no feed: the answer of a site's own interface, by a dotted
//! path.

use pressmark_model::{Entry, Feed, FeedFormat, Issue, Parsed, Timestamp, WebUrl};
use serde_json::Value;

/// Names under which such lists keep an entry's address, title, day, teaser and picture, the
/// likeliest first.
const NAMES: [(&str, &[&str]); 5] = [
    (
        "link",
        &[
            "url",
            "link",
            "href",
            "permalink",
            "share_url",
            "article_url",
            "web_url",
            "canonical_url",
            "path",
            "linkurl",
        ],
    ),
    (
        "title",
        &["title", "headline", "name", "subject", "newstitle"],
    ),
    (
        "date",
        &[
            "published",
            "published_at",
            "publishedat",
            "publish_time",
            "pubdate",
            "pub_date",
            "date",
            "datetime",
            "created_at",
            "time",
            "ctime",
            "publishdate",
        ],
    ),
    (
        "teaser",
        &[
            "summary",
            "description",
            "excerpt",
            "intro",
            "abstract",
            "digest",
            "lead",
        ],
    ),
    (
        "image",
        &["image", "image_url", "thumbnail", "cover", "pic", "img"],
    ),
];

/// More entries are left out.
const MOST: usize = 10_000;

/// Reads a list of articles from JSON. The rule is the path of the list, names and numbers with dots
/// between them (`data.items`, empty for the whole document), and may name fields of an entry behind
/// it: `data.items link=web.url title=head date=ts`. Fields that are not named are found by their
/// usual names. A `link` with braces is a template: `link=/story/{id}`.
pub fn parse_json_list(bytes: &[u8], base: Option<&WebUrl>, rule: &str) -> Parsed<Feed> {
    let mut feed = Feed {
        format: FeedFormat::Json,
        home: base.cloned(),
        ..Feed::default()
    };
    let issue = |message: String| Issue {
        line: None,
        message,
    };
    let document: Value = match serde_json::from_slice(bytes) {
        Ok(document) => document,
        Err(error) => {
            let line = u32::try_from(error.line()).ok();
            let message = format!("this is no JSON: {error}");
            return Parsed {
                value: feed,
                issues: vec![Issue { line, message }],
            };
        }
    };
    let mut words = rule.split_whitespace().peekable();
    let path = words
        .next_if(|word| !word.contains('='))
        .unwrap_or_default();
    let fields: Vec<(&str, &str)> = words.filter_map(|word| word.split_once('=')).collect();
    let mut issues = Vec::new();
    match at(&document, path) {
        Some(Value::Array(items)) => {
            let entries = items
                .iter()
                .take(MOST)
                .filter_map(|item| entry(item, base, &fields));
            feed.entries = entries.collect();
            if feed.entries.len() < items.len() {
                let lost = items.len() - feed.entries.len();
                issues.push(issue(format!("{lost} items without a link or title")));
            }
        }
        Some(_) => issues.push(issue(format!("`{path}` is no list"))),
        None => issues.push(issue(format!("nothing stands at `{path}`"))),
    }
    Parsed {
        value: feed,
        issues,
    }
}

/// Whether [`parse_json_list`] understands a rule; else what it does not.
///
/// # Errors
///
/// The word that is neither the path nor one of its fields, in a sentence.
pub fn check_json_rule(rule: &str) -> Result<(), String> {
    for (place, word) in rule.split_whitespace().enumerate() {
        match word.split_once('=') {
            Some((field, _)) if NAMES.iter().any(|(name, _)| *name == field) => {}
            Some((field, _)) => {
                let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
                return Err(format!(
                    "an entry has no field `{field}`, but `{}`",
                    names.join("`, `")
                ));
            }
            None if place == 0 => {}
            None => {
                return Err(format!(
                    "`{word}` stands behind the path and names no field"
                ));
            }
        }
    }
    Ok(())
}

/// What stands at a dotted path.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.')
        .filter(|part| !part.is_empty())
        .try_fold(value, |value, part| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            other => other.get(part),
        })
}

fn entry(item: &Value, base: Option<&WebUrl>, fields: &[(&str, &str)]) -> Option<Entry> {
    let text = |name: &str| -> Option<String> {
        let named = fields.iter().find(|(field, _)| *field == name);
        if let Some((_, path)) = named {
            return if path.contains('{') {
                fill(path, item)
            } else {
                at(item, path).and_then(written)
            };
        }
        let (_, usual) = NAMES.iter().find(|(field, _)| *field == name)?;
        let object = item.as_object()?;
        usual.iter().find_map(|usual| {
            object
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(usual))
                .and_then(|(_, value)| written(value))
        })
    };
    let address = |text: String| match base {
        Some(base) => base.join(&text).ok(),
        None => text.parse().ok(),
    };
    let link = text("link").and_then(address)?;
    Some(Entry {
        link: Some(link),
        title: crate::text::plain(&text("title").unwrap_or_default()),
        summary: text("teaser"),
        published: text("date").and_then(|text| moment(&text)),
        image: text("image").and_then(address),
        ..Entry::default()
    })
}

/// A text or a number, as text; of an object or a list its first text.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => items.first().and_then(written),
        Value::Object(fields) => ["url", "src", "rendered", "text"]
            .iter()
            .find_map(|name| fields.get(*name).and_then(written)),
        Value::Null | Value::Bool(_) => None,
    }
}

/// A template with the item's fields in its braces.
fn fill(template: &str, item: &Value) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        out.push_str(before);
        out.push_str(&at(item, name).and_then(written)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// A date as feeds write them, or seconds or milliseconds since 1970.
fn moment(text: &str) -> Option<pressmark_model::OffsetTimestamp> {
    if let Ok(number) = text.parse::<i64>() {
        let micros = match number {
            1_000_000_000..10_000_000_000 => number.checked_mul(1_000_000),
            1_000_000_000_000..10_000_000_000_000 => number.checked_mul(1_000),
            _ => None,
        };
        return micros.map(|micros| Timestamp::from_micros(micros).into());
    }
    crate::date::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_found_by_their_path() {
        let json = br#"{"data": {"list": [
            {"Title": "One &amp; only", "url": "/1", "ctime": 1750000000, "cover": {"url": "i.png"}},
            {"title": "No link"},
            {"name": "Three", "href": "https://b.example/3", "date": "2025-06-30T10:00:00Z", "summary": "s"}]}}"#;
        let base = "https://a.example/api".parse().unwrap();
        let read = parse_json_list(json, Some(&base), "data.list");
        let entries = &read.value.entries;
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].title, "One & only");
        assert_eq!(
            entries[0].link.as_ref().unwrap().as_str(),
            "https://a.example/1"
        );
        assert_eq!(
            entries[0].published.unwrap().at().micros(),
            1_750_000_000_000_000
        );
        assert_eq!(
            entries[1].published.unwrap().to_string(),
            "2025-06-30T10:00:00Z"
        );
        assert_eq!(read.issues[0].message, "1 items without a link or title");
    }

    #[test]
    fn fields_may_be_named_and_addresses_made() {
        let json = br#"[{"id": 7, "t": {"text": "Seven"}, "url": "no"}]"#;
        let base = "https://a.example/".parse().unwrap();
        let read = parse_json_list(json, Some(&base), "link=/story/{id} title=t");
        assert_eq!(read.value.entries[0].title, "Seven");
        let link = read.value.entries[0].link.as_ref().unwrap();
        assert_eq!(link.as_str(), "https://a.example/story/7");
        for (rule, says) in [("x.y", "nothing stands at `x.y`"), ("0", "`0` is no list")] {
            assert_eq!(parse_json_list(json, None, rule).issues[0].message, says);
        }
        assert!(
            parse_json_list(b"<", None, "").issues[0]
                .message
                .starts_with("this is no JSON")
        );
    }
}

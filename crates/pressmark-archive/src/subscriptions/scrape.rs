//! How other programs read pages that have no feed, and where in a page its article stands: their
//! attributes as a reader and as rules for the site.

use pressmark_html::Css;
use pressmark_model::WebUrl;

use super::dialect::{Attributes, value};
use crate::origin::Reader;

/// `FreshRSS`'s names of what an expression finds, and ours.
const PARTS: [(&str, &str); 6] = [
    ("ItemTitle", "title"),
    ("ItemUri", "link"),
    ("ItemTimestamp", "date"),
    ("ItemContent", "teaser"),
    ("ItemAuthor", "author"),
    ("ItemThumbnail", "image"),
];
const HTML: &str = "HTML+XPath";
const JSON: &str = "JSON+DotNotation";
/// Kinds of sources that are read by selectors, and by nothing that is here.
const UNREAD: [&str; 2] = ["XML+XPath", "HTML+XPath+JSON+DotNotation"];
/// The attributes that [`reader`] reads.
pub(super) const READER: &[&str] = &[
    "type",
    "frss:xPathItem",
    "frss:xPathItemTitle",
    "frss:xPathItemUri",
    "frss:xPathItemTimestamp",
    "frss:xPathItemContent",
    "frss:xPathItemAuthor",
    "frss:xPathItemThumbnail",
    "frss:jsonItem",
    "frss:jsonItemTitle",
    "frss:jsonItemUri",
    "frss:jsonItemTimestamp",
    "frss:jsonItemContent",
    "frss:jsonItemAuthor",
    "frss:jsonItemThumbnail",
];

/// How a source is read, as its attributes say.
pub(super) fn reader(attributes: &Attributes, notes: &mut Vec<String>) -> Option<Reader> {
    let kind = value(attributes, "type").unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case(HTML) {
        return by_paths(attributes, notes);
    }
    if kind.eq_ignore_ascii_case(JSON) {
        return by_dots(attributes, notes);
    }
    if UNREAD
        .iter()
        .any(|unread| kind.eq_ignore_ascii_case(unread))
    {
        notes.push(format!("a source of the type `{kind}` is not read so"));
    }
    None
}

/// The part that follows a prefix, where an attribute says it.
fn parts<'a>(
    attributes: &'a Attributes,
    prefix: &str,
) -> impl Iterator<Item = (&'static str, &'static str, &'a str)> {
    let prefix = format!("frss:{prefix}");
    PARTS.iter().filter_map(move |(theirs, ours)| {
        let text = value(attributes, &format!("{prefix}{theirs}"))?.trim();
        (!text.is_empty()).then_some((*theirs, *ours, text))
    })
}

fn by_paths(attributes: &Attributes, notes: &mut Vec<String>) -> Option<Reader> {
    let items = value(attributes, "frss:xPathItem").unwrap_or_default();
    let mut rule = format!("xpath:{}", items.trim());
    let mut reader = match rule.parse::<Reader>() {
        Ok(reader) => reader,
        Err(error) => {
            notes.push(format!("`xPathItem`: {error}"));
            return None;
        }
    };
    for (theirs, ours, path) in parts(attributes, "xPath") {
        let longer = format!("{rule} ; {ours}={path}");
        match longer.parse() {
            Ok(better) => (rule, reader) = (longer, better),
            Err(_) => notes.push(format!("`xPath{theirs}`: `{path}` is not used")),
        }
    }
    Some(reader)
}

fn by_dots(attributes: &Attributes, notes: &mut Vec<String>) -> Option<Reader> {
    let items = value(attributes, "frss:jsonItem").unwrap_or_default();
    let Some(path) = dotted(items) else {
        notes.push(format!("`jsonItem`: `{items}` is no path of names"));
        return None;
    };
    let mut rule = path;
    for (theirs, ours, path) in parts(attributes, "json") {
        match dotted(path) {
            Some(path) if ours != "author" => {
                rule.extend([" ", ours, "=", &path]);
            }
            Some(_) => notes.push(format!("`json{theirs}` is not used")),
            None => notes.push(format!("`json{theirs}`: `{path}` is no path of names")),
        }
    }
    Some(Reader::Json(rule.trim().to_owned()))
}

/// A path with numbers in brackets as one with dots alone.
fn dotted(path: &str) -> Option<String> {
    let path = path.trim().trim_start_matches("$.").trim_start_matches('$');
    let path = path.replace('[', ".").replace(']', "");
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '@');
    path.chars()
        .all(plain)
        .then(|| path.trim_matches('.').to_owned())
}

/// The attributes that say how a source is read. What `FreshRSS` has no words for is left to our
/// own attribute.
pub(super) fn attributes(reader: Option<&Reader>) -> Vec<(&'static str, String)> {
    let (kind, prefix, mut pieces) = match reader {
        Some(Reader::XPath(rule)) => (HTML, "frss:xPath", rule.split(" ; ").collect::<Vec<_>>()),
        Some(Reader::Json(rule)) => (JSON, "frss:json", rule.split(' ').collect()),
        _ => return Vec::new(),
    };
    let is_part = |piece: &str| {
        let name = piece.split_once('=').map(|(name, _)| name);
        PARTS.iter().any(|(_, ours)| Some(*ours) == name)
    };
    let items = match pieces.first() {
        Some(first) if !is_part(first) => pieces.remove(0),
        _ => "",
    };
    let named = |name: String| READER.iter().find(|known| **known == name).copied();
    let mut all = vec![("type", kind.to_owned())];
    all.extend(named(format!("{prefix}Item")).map(|name| (name, items.to_owned())));
    for piece in pieces {
        let Some((ours, path)) = piece.split_once('=') else {
            continue;
        };
        let theirs = PARTS.iter().find(|(_, known)| *known == ours.trim());
        let name = theirs.and_then(|(theirs, _)| named(format!("{prefix}{theirs}")));
        all.extend(name.map(|name| (name, path.trim().to_owned())));
    }
    all
}

/// Rules for a site, as the attributes of one of its subscriptions say them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRule {
    /// The host.
    pub host: String,
    /// The lines of its rule file.
    pub lines: Vec<String>,
}

/// Where the article stands in the pages of a site: the selectors of `FreshRSS` and Miniflux.
pub(super) fn rules(
    attributes: &Attributes,
    home: Option<&WebUrl>,
    notes: &mut Vec<String>,
) -> Option<SiteRule> {
    let mut lines = Vec::new();
    let mut add = |directive: &str, name: &str, selector: &str| {
        if selector.trim().is_empty() {
            return;
        }
        match Css::new(selector).ok().and_then(|css| css.as_xpath()) {
            Some(path) => lines.push(format!("{directive}: {path}")),
            None => notes.push(format!("`{name}`: the selector `{selector}` is not used")),
        }
    };
    for name in ["frss:cssFullContent", "miniflux:scraperRules"] {
        add("body", name, value(attributes, name).unwrap_or_default());
    }
    for name in ["frss:cssContentFilter", "frss:cssFullContentFilter"] {
        add("strip", name, value(attributes, name).unwrap_or_default());
    }
    let rewrites = value(attributes, "miniflux:rewriteRules").unwrap_or_default();
    for selector in removed(rewrites) {
        add("strip", "miniflux:rewriteRules", selector);
    }
    if rewrites.contains("replace") || rewrites.contains("base64") {
        notes.push("`miniflux:rewriteRules`: only `remove` is used".to_owned());
    }
    if value(attributes, "miniflux:urlRewriteRules").is_some_and(|text| !text.trim().is_empty()) {
        notes.push("`miniflux:urlRewriteRules` is kept and not used".to_owned());
    }
    let host = home?.host().trim_start_matches("www.").to_owned();
    lines.dedup();
    (!lines.is_empty()).then_some(SiteRule { host, lines })
}

/// The selectors in `remove("…")`.
fn removed(rules: &str) -> impl Iterator<Item = &str> {
    rules.split("remove(\"").skip(1).filter_map(|rest| {
        let (selector, _) = rest.split_once("\")")?;
        Some(selector)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes_of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn expressions_become_readers_and_go_back() {
        let mut notes = Vec::new();
        let given = attributes_of(&[
            ("type", "HTML+XPath"),
            ("frss:xPathItem", "//div[@class='a;b']"),
            ("frss:xPathItemTitle", "descendant::h2"),
            ("frss:xPathItemUri", "descendant::a/@href"),
            ("frss:xPathItemTimestamp", "count("),
        ]);
        let read = reader(&given, &mut notes).unwrap();
        let text = "xpath://div[@class='a;b'] ; title=descendant::h2 ; link=descendant::a/@href";
        assert_eq!(read.to_string(), text);
        assert_eq!(notes, ["`xPathItemTimestamp`: `count(` is not used"]);
        let back: Vec<_> = attributes(Some(&read))
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        assert_eq!(back, given[..4]);

        notes.clear();
        let json = attributes_of(&[
            ("type", "JSON+DotNotation"),
            ("frss:jsonItem", "data.items[0].list"),
            ("frss:jsonItemTitle", "head"),
            ("frss:jsonItemUri", "\"https://x/\" & id"),
        ]);
        let read = reader(&json, &mut notes).unwrap();
        assert_eq!(read.to_string(), "json:data.items.0.list title=head");
        assert_eq!(notes.len(), 1);
        assert_eq!(attributes(Some(&read))[1].1, "data.items.0.list");
        let unread = attributes_of(&[("type", "XML+XPath")]);
        assert_eq!((reader(&unread, &mut notes), notes.len()), (None, 2));
        let wrong = attributes_of(&[("type", "HTML+XPath"), ("frss:xPathItem", "1 + 1")]);
        assert_eq!((reader(&wrong, &mut notes), notes.len()), (None, 3));
    }

    #[test]
    fn selectors_become_rules() {
        let mut notes = Vec::new();
        let home: WebUrl = "https://www.news.example/feed".parse().unwrap();
        let given = attributes_of(&[
            ("frss:cssFullContent", "article > p, .b"),
            ("frss:cssContentFilter", ".ad"),
            (
                "miniflux:rewriteRules",
                "remove(\".x\"),add_image_title,remove(\"p:has(b)\")",
            ),
        ]);
        let found = rules(&given, Some(&home), &mut notes).unwrap();
        assert_eq!(found.host, "news.example");
        assert_eq!(found.lines.len(), 3, "{:?}", found.lines);
        assert!(found.lines[0].starts_with("body: //article/p | //*["));
        assert!(found.lines[2].starts_with("strip: //*[contains("));
        assert!(notes[0].contains("p:has(b)"), "{notes:?}");
    }
}

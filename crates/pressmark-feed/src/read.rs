//! Documents into feeds.

mod capture;
mod draft;
mod element;
mod field;
mod json;
mod reader;
mod value;

use std::rc::Rc;

use pressmark_model::{Feed, FeedFormat, Parsed, WebUrl};

use crate::address::{Base, inner_base};
use crate::charset;
use crate::issues::Issues;
use crate::text::attribute;
use crate::xml::rest;

/// Reads a feed: RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed, or a sitemap.
///
/// `content_type` is the HTTP header, for its charset; `base` is the address that the document was
/// fetched from, for relative addresses in it. Reading never fails: what is broken is repaired or
/// left out, and the issues say so. A document that is no feed has [`FeedFormat::Unknown`].
pub fn parse(bytes: &[u8], content_type: Option<&str>, base: Option<&WebUrl>) -> Parsed<Feed> {
    let mut issues = Issues::default();
    let decoded = charset::decode(bytes, content_type, &mut issues);
    let text = crate::control::without(decoded, &mut issues);
    let base = base.map(|base| Rc::new(base.as_url().clone()));
    let is_blank = |next: char| next.is_whitespace() || next == '\u{feff}';
    let start = text.len() - text.trim_start_matches(is_blank).len();
    let (feed, mut issues) = if rest(&text, start).starts_with(['{', '[']) {
        json::read(&text, start, &base, issues)
    } else {
        reader::read(&text, base, issues)
    };
    if feed.format == FeedFormat::Unknown {
        issues.note_whole("this is no feed");
    }
    Parsed {
        value: feed,
        issues: issues.finish(&text),
    }
}

/// The base inside an element with these attributes (XML Base).
fn base_of(attributes: &str, outer: &Base) -> Base {
    if memchr::memmem::find(attributes.as_bytes(), b"xml:base").is_none() {
        return outer.clone();
    }
    match attribute(attributes, "xml:base") {
        Some(reference) => inner_base(outer, &reference),
        None => outer.clone(),
    }
}

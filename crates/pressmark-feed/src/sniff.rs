//! Whether a document is a feed, at a glance.

use pressmark_model::FeedFormat;

use crate::xml::{part, rest};

/// How much of a document is looked at, in bytes.
const GLANCE: usize = 4096;

/// The format that a document seems to have, from its first bytes and its HTTP content type. A
/// feed may still be found by [`parse`](crate::parse) where nothing is seen here.
pub fn looks_like_feed(bytes: &[u8], content_type: Option<&str>) -> Option<FeedFormat> {
    let start = bytes.get(..GLANCE).unwrap_or(bytes);
    // The zeros of UTF-16 and UTF-32 are left out: what is looked for is ASCII.
    let ascii: String = start
        .iter()
        .filter(|byte| **byte != 0)
        .map(|byte| char::from(*byte))
        .collect();
    let kind = content_type.unwrap_or_default().to_ascii_lowercase();
    let text = ascii.trim_start_matches(|next: char| !matches!(next, '<' | '{'));
    if text.starts_with('{') {
        let named =
            ascii.contains("jsonfeed.org/version") || kind.contains("application/feed+json");
        let shaped = text.contains("\"items\"") && text.contains("\"version\"");
        return (named || shaped).then_some(FeedFormat::Json);
    }
    let mut at = 0;
    while let Some(found) = rest(text, at).find('<') {
        at += found + 1;
        let behind = rest(text, at);
        if behind.starts_with("!--") {
            at += behind.find("-->")?;
            continue;
        }
        let end = behind.find(|next: char| next.is_whitespace() || matches!(next, '>' | '/'))?;
        let name = part(behind, 0, end).to_ascii_lowercase();
        match name.rsplit(':').next().unwrap_or_default() {
            "rss" | "channel" => return Some(FeedFormat::Rss),
            "rdf" if text.contains("rss") || text.contains("netscape") => {
                return Some(FeedFormat::Rdf);
            }
            "feed" | "entry" => return Some(FeedFormat::Atom),
            "urlset" | "sitemapindex" => return Some(FeedFormat::Sitemap),
            "html" | "svg" | "opml" => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_is_enough() {
        for (text, format) in [
            (
                "<?xml version='1.0'?><!-- <feed> --><rss version='2.0'>",
                Some(FeedFormat::Rss),
            ),
            (
                "\u{feff}\n<feed xmlns='http://www.w3.org/2005/Atom'>",
                Some(FeedFormat::Atom),
            ),
            (
                "<a:feed xmlns:a='http://www.w3.org/2005/Atom'>",
                Some(FeedFormat::Atom),
            ),
            (
                "<rdf:RDF xmlns='http://purl.org/rss/1.0/'>",
                Some(FeedFormat::Rdf),
            ),
            (
                "<?xml-stylesheet href='x'?><urlset>",
                Some(FeedFormat::Sitemap),
            ),
            (
                "{\"version\": \"https://jsonfeed.org/version/1.1\"",
                Some(FeedFormat::Json),
            ),
            ("{\"error\": 404}", None),
            ("<!doctype html><html><title>rss</title>", None),
            ("no feed", None),
        ] {
            assert_eq!(looks_like_feed(text.as_bytes(), None), format, "{text}");
        }
        assert_eq!(
            looks_like_feed(b"<\0r\0s\0s\0>\0", None),
            Some(FeedFormat::Rss)
        );
    }
}

//! RSS 2.0 (<https://www.rssboard.org/rss-specification>), with the elements that its best practices
//! profile recommends.

use pressmark_model::{OffsetTimestamp, WebUrl};
use time::format_description::well_known::Rfc2822;

use super::xml::Xml;
use super::{OutFeed, OutItem};
use crate::text::escape;

/// Writes a feed as RSS 2.0: the summary in `description`, the whole text in `content:encoded`.
pub fn write_rss(feed: &OutFeed) -> String {
    let mut xml = Xml::new();
    xml.open(
        "rss",
        &[
            ("version", "2.0"),
            ("xmlns:atom", "http://www.w3.org/2005/Atom"),
            ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            ("xmlns:media", "http://search.yahoo.com/mrss/"),
        ],
    );
    xml.open("channel", &[]);
    xml.text("title", &[], &feed.title);
    xml.text("link", &[], feed.home.as_str());
    xml.text("description", &[], &feed.description);
    if let Some(url) = &feed.self_url {
        let kind = ("type", "application/rss+xml");
        xml.empty(
            "atom:link",
            &[("rel", "self"), kind, ("href", url.as_str())],
        );
    }
    for hub in &feed.hubs {
        xml.empty("atom:link", &[("rel", "hub"), ("href", hub.as_str())]);
    }
    if let Some(language) = &feed.language {
        xml.text("language", &[], language);
    }
    if let Some(date) = rfc_822(feed.last_change()) {
        xml.text("lastBuildDate", &[], &date);
    }
    xml.text("generator", &[], "Pressmark");
    for item in &feed.items {
        write_item(&mut xml, item);
    }
    xml.close("channel");
    xml.close("rss");
    xml.finish()
}

fn write_item(xml: &mut Xml, item: &OutItem) {
    xml.open("item", &[]);
    xml.text("title", &[], &item.title);
    if let Some(url) = &item.url {
        xml.text("link", &[], url.as_str());
    }
    xml.text("guid", &[("isPermaLink", "false")], &item.id);
    if let Some(date) = item.published.and_then(rfc_822) {
        xml.text("pubDate", &[], &date);
    }
    if let Some(updated) = item.updated {
        xml.text("atom:updated", &[], &updated.to_string());
    }
    for author in &item.authors {
        xml.text("dc:creator", &[], author);
    }
    for category in &item.categories {
        xml.text("category", &[], category);
    }
    if let Some(summary) = &item.summary {
        // The element holds HTML.
        xml.text("description", &[], &escape(summary));
    }
    if let Some(html) = &item.content_html {
        xml.cdata("content:encoded", html);
    }
    for enclosure in &item.enclosures {
        let length = enclosure.length.unwrap_or(0).to_string();
        let kind = enclosure
            .media_type
            .as_deref()
            .unwrap_or("application/octet-stream");
        let url = ("url", enclosure.url.as_str());
        xml.empty("enclosure", &[url, ("length", &length), ("type", kind)]);
    }
    if let Some(image) = item.image.as_ref().map(WebUrl::as_str) {
        xml.empty("media:content", &[("url", image), ("medium", "image")]);
    }
    xml.close("item");
}

/// The date as RFC 822 has it, with four digits of the year; years before 1900 it cannot say.
fn rfc_822(at: OffsetTimestamp) -> Option<String> {
    at.to_local().format(&Rfc2822).ok()
}

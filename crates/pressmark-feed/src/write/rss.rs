//! RSS 2.0 (<https://www.rssboard.org/rss-specification>), with the elements of other vocabularies
//! that its best practices profile recommends.

use pressmark_model::{Entry, Feed, OffsetTimestamp, WebUrl};
use time::format_description::well_known::Rfc2822;

use super::xml::Xml;
use super::{GENERATOR, last_change};

/// Writes a feed as RSS 2.0: the summary in `description`, the content in `content:encoded`. A
/// valid document needs a title and a home.
pub fn write_rss(feed: &Feed) -> String {
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
    xml.text_of(
        "link",
        feed.home
            .as_ref()
            .or(feed.self_url.as_ref())
            .map(WebUrl::as_str),
    );
    xml.text(
        "description",
        &[],
        feed.subtitle.as_ref().unwrap_or(&feed.title),
    );
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
    xml.text_of("language", feed.language.as_deref());
    for author in &feed.authors {
        xml.text("dc:creator", &[], &author.name);
    }
    xml.text_of(
        "lastBuildDate",
        last_change(feed).and_then(rfc_822).as_deref(),
    );
    xml.text("generator", &[], GENERATOR);
    xml.text_of(
        "ttl",
        feed.ttl_minutes
            .map(|minutes| minutes.to_string())
            .as_deref(),
    );
    if !feed.skip_hours.is_empty() {
        xml.open("skipHours", &[]);
        for hour in &feed.skip_hours {
            xml.text("hour", &[], &hour.to_string());
        }
        xml.close("skipHours");
    }
    if let (Some(image), Some(home)) = (&feed.image, &feed.home) {
        xml.open("image", &[]);
        xml.text("url", &[], image.as_str());
        xml.text("title", &[], &feed.title);
        xml.text("link", &[], home.as_str());
        xml.close("image");
    }
    for entry in &feed.entries {
        write_item(&mut xml, entry);
    }
    xml.close("channel");
    xml.close("rss");
    xml.finish()
}

fn write_item(xml: &mut Xml, entry: &Entry) {
    xml.open("item", &[]);
    xml.text("title", &[], &entry.title);
    xml.text_of("link", entry.link.as_ref().map(WebUrl::as_str));
    match (&entry.guid, &entry.link) {
        (Some(guid), _) => xml.text("guid", &[("isPermaLink", "false")], guid),
        (None, Some(link)) => xml.text("guid", &[], link.as_str()),
        (None, None) => {}
    }
    xml.text_of("pubDate", entry.published.and_then(rfc_822).as_deref());
    xml.text_of(
        "atom:updated",
        entry.updated.map(|at| at.to_string()).as_deref(),
    );
    for author in &entry.authors {
        xml.text("dc:creator", &[], &author.name);
    }
    xml.text_of("dc:language", entry.language.as_deref());
    for category in &entry.categories {
        let domain: Vec<_> = category
            .scheme
            .iter()
            .map(|scheme| ("domain", scheme.as_str()))
            .collect();
        xml.text("category", &domain, &category.term);
    }
    xml.text_of("comments", entry.comments.as_ref().map(WebUrl::as_str));
    xml.text_of("description", entry.summary.as_deref());
    if let Some(html) = &entry.content {
        xml.cdata("content:encoded", html);
    }
    for enclosure in &entry.enclosures {
        let length = enclosure.length.unwrap_or(0).to_string();
        let kind = enclosure
            .media_type
            .as_deref()
            .unwrap_or("application/octet-stream");
        let url = ("url", enclosure.url.as_str());
        xml.empty("enclosure", &[url, ("length", &length), ("type", kind)]);
    }
    if let Some(image) = &entry.image {
        xml.empty("media:thumbnail", &[("url", image.as_str())]);
    }
    xml.close("item");
}

/// The date as RFC 822 has it, with four digits of the year; years before 1900 it cannot say.
fn rfc_822(at: OffsetTimestamp) -> Option<String> {
    at.to_local().format(&Rfc2822).ok()
}

//! Atom 1.0 (RFC 4287).

use std::borrow::Cow;

use pressmark_model::WebUrl;
use url::Url;

use super::xml::Xml;
use super::{OutFeed, OutItem};

/// Writes a feed as Atom 1.0.
pub fn write_atom(feed: &OutFeed) -> String {
    let mut xml = Xml::new();
    let mut attributes = vec![("xmlns", "http://www.w3.org/2005/Atom")];
    if let Some(language) = &feed.language {
        attributes.push(("xml:lang", language));
    }
    xml.open("feed", &attributes);
    xml.text("title", &[], &feed.title);
    if !feed.description.is_empty() {
        xml.text("subtitle", &[], &feed.description);
    }
    let id = feed.self_url.as_ref().unwrap_or(&feed.home);
    xml.text("id", &[], id.as_str());
    let html = ("type", "text/html");
    xml.empty(
        "link",
        &[("rel", "alternate"), html, ("href", feed.home.as_str())],
    );
    if let Some(url) = &feed.self_url {
        let kind = ("type", "application/atom+xml");
        xml.empty("link", &[("rel", "self"), kind, ("href", url.as_str())]);
    }
    for hub in &feed.hubs {
        xml.empty("link", &[("rel", "hub"), ("href", hub.as_str())]);
    }
    xml.text("updated", &[], &feed.last_change().to_string());
    xml.text("generator", &[], "Pressmark");
    // An entry without an author needs a feed with one (RFC 4287, 4.1.1).
    xml.open("author", &[]);
    xml.text("name", &[], &feed.title);
    xml.close("author");
    for item in &feed.items {
        write_entry(&mut xml, feed, item);
    }
    xml.close("feed");
    xml.finish()
}

fn write_entry(xml: &mut Xml, feed: &OutFeed, item: &OutItem) {
    xml.open("entry", &[]);
    xml.text("title", &[], &item.title);
    xml.text("id", &[], &iri(&item.id, &feed.home));
    if let Some(url) = &item.url {
        xml.empty(
            "link",
            &[
                ("rel", "alternate"),
                ("type", "text/html"),
                ("href", url.as_str()),
            ],
        );
    }
    if let Some(published) = item.published {
        xml.text("published", &[], &published.to_string());
    }
    let updated = item.last_change().unwrap_or_else(|| feed.last_change());
    xml.text("updated", &[], &updated.to_string());
    for author in &item.authors {
        xml.open("author", &[]);
        xml.text("name", &[], author);
        xml.close("author");
    }
    for category in &item.categories {
        xml.empty("category", &[("term", category)]);
    }
    for enclosure in &item.enclosures {
        let length = enclosure.length.map(|length| length.to_string());
        let mut attributes = vec![("rel", "enclosure"), ("href", enclosure.url.as_str())];
        attributes.extend(enclosure.media_type.as_deref().map(|kind| ("type", kind)));
        attributes.extend(length.as_deref().map(|length| ("length", length)));
        xml.empty("link", &attributes);
    }
    if let Some(summary) = &item.summary {
        xml.text("summary", &[], summary);
    }
    if let Some(html) = &item.content_html {
        xml.text("content", &[("type", "html")], html);
    }
    xml.close("entry");
}

/// The id as the IRI that Atom wants: itself, or a fragment of the feed's page.
fn iri<'i>(id: &'i str, home: &WebUrl) -> Cow<'i, str> {
    if Url::parse(id).is_ok() {
        return Cow::Borrowed(id);
    }
    let mut url = home.as_url().clone();
    url.set_fragment(Some(id));
    Cow::Owned(url.into())
}

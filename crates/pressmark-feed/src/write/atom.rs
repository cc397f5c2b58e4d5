//! Atom 1.0 (RFC 4287).

use std::borrow::Cow;

use pressmark_model::{Entry, Feed, OffsetTimestamp, Person, Timestamp, WebUrl};
use url::Url;

use super::xml::Xml;
use super::{GENERATOR, entry_change, last_change};

/// Writes a feed as Atom 1.0. A valid document needs a title and a home or an address of its own.
pub fn write_atom(feed: &Feed) -> String {
    let mut xml = Xml::new();
    let mut attributes = vec![("xmlns", "http://www.w3.org/2005/Atom")];
    attributes.extend(
        feed.language
            .as_deref()
            .map(|language| ("xml:lang", language)),
    );
    xml.open("feed", &attributes);
    write_text(&mut xml, "title", &feed.title, feed.title_html.as_deref());
    if let Some(subtitle) = &feed.subtitle {
        write_text(
            &mut xml,
            "subtitle",
            subtitle,
            feed.subtitle_html.as_deref(),
        );
    }
    let own = feed.self_url.as_ref().or(feed.home.as_ref());
    xml.text(
        "id",
        &[],
        own.map_or(
            "urn:uuid:00000000-0000-0000-0000-000000000000",
            WebUrl::as_str,
        ),
    );
    if let Some(home) = &feed.home {
        xml.empty(
            "link",
            &[
                ("rel", "alternate"),
                ("type", "text/html"),
                ("href", home.as_str()),
            ],
        );
    }
    if let Some(url) = &feed.self_url {
        let kind = ("type", "application/atom+xml");
        xml.empty("link", &[("rel", "self"), kind, ("href", url.as_str())]);
    }
    for hub in &feed.hubs {
        xml.empty("link", &[("rel", "hub"), ("href", hub.as_str())]);
    }
    xml.text_of("logo", feed.image.as_ref().map(WebUrl::as_str));
    // Every Atom feed and entry has a time (RFC 4287, 4.1.1 and 4.1.2), if only a nominal one.
    let updated = last_change(feed).unwrap_or_else(|| Timestamp::EPOCH.into());
    xml.text("updated", &[], &updated.to_string());
    xml.text("generator", &[], GENERATOR);
    feed.authors
        .iter()
        .for_each(|author| write_author(&mut xml, author));
    if feed.authors.is_empty() && feed.entries.iter().any(|entry| entry.authors.is_empty()) {
        // An entry without an author needs a feed with one (RFC 4287, 4.1.1).
        write_author(
            &mut xml,
            &Person {
                name: feed.title.clone(),
                ..Person::default()
            },
        );
    }
    for entry in &feed.entries {
        write_entry(&mut xml, feed, entry, updated);
    }
    xml.close("feed");
    xml.finish()
}

/// A text construct (RFC 4287, 3.1): HTML where there is markup.
fn write_text(xml: &mut Xml, name: &str, plain: &str, html: Option<&str>) {
    match html {
        Some(html) => xml.text(name, &[("type", "html")], html),
        None => xml.text(name, &[], plain),
    }
}

fn write_author(xml: &mut Xml, author: &Person) {
    xml.open("author", &[]);
    xml.text("name", &[], &author.name);
    xml.text_of("uri", author.uri.as_deref());
    xml.text_of("email", author.email.as_deref());
    xml.close("author");
}

fn write_entry(xml: &mut Xml, feed: &Feed, entry: &Entry, nominal: OffsetTimestamp) {
    let language: Vec<_> = entry
        .language
        .iter()
        .map(|tag| ("xml:lang", tag.as_str()))
        .collect();
    xml.open("entry", &language);
    write_text(xml, "title", &entry.title, entry.title_html.as_deref());
    xml.text("id", &[], &id(feed, entry));
    if let Some(url) = &entry.link {
        xml.empty(
            "link",
            &[
                ("rel", "alternate"),
                ("type", "text/html"),
                ("href", url.as_str()),
            ],
        );
    }
    if let Some(url) = &entry.comments {
        xml.empty(
            "link",
            &[
                ("rel", "replies"),
                ("type", "text/html"),
                ("href", url.as_str()),
            ],
        );
    }
    xml.text_of(
        "published",
        entry.published.map(|at| at.to_string()).as_deref(),
    );
    let updated = entry_change(entry).unwrap_or(nominal);
    xml.text("updated", &[], &updated.to_string());
    entry
        .authors
        .iter()
        .for_each(|author| write_author(xml, author));
    for category in &entry.categories {
        let mut attributes = vec![("term", category.term.as_str())];
        attributes.extend(category.scheme.as_deref().map(|scheme| ("scheme", scheme)));
        attributes.extend(category.label.as_deref().map(|label| ("label", label)));
        xml.empty("category", &attributes);
    }
    for enclosure in &entry.enclosures {
        let length = enclosure.length.map(|length| length.to_string());
        let mut attributes = vec![("rel", "enclosure"), ("href", enclosure.url.as_str())];
        attributes.extend(enclosure.media_type.as_deref().map(|kind| ("type", kind)));
        attributes.extend(length.as_deref().map(|length| ("length", length)));
        attributes.extend(enclosure.title.as_deref().map(|title| ("title", title)));
        xml.empty("link", &attributes);
    }
    if let Some(html) = &entry.summary {
        xml.text("summary", &[("type", "html")], html);
    }
    if let Some(html) = &entry.content {
        xml.text("content", &[("type", "html")], html);
    }
    xml.close("entry");
}

/// The id as the IRI that Atom wants: the guid where it is one, else a part of the feed.
fn id<'e>(feed: &Feed, entry: &'e Entry) -> Cow<'e, str> {
    let link = entry.link.as_ref().map(WebUrl::as_str);
    let guid = entry.guid.as_deref().or(link).unwrap_or(&entry.title);
    if Url::parse(guid).is_ok() {
        return Cow::Borrowed(guid);
    }
    match feed.home.as_ref().or(feed.self_url.as_ref()) {
        Some(whole) => {
            let mut url = whole.as_url().clone();
            url.set_fragment(Some(guid));
            Cow::Owned(url.into())
        }
        None => Cow::Borrowed(guid),
    }
}

//! Where a document has no flaw, another reader finds the same in it.

use feed_rs::model as theirs;
use feed_rs::parser::Builder;
use pressmark_feed::parse;
use pressmark_model::{Entry, WebUrl};

use crate::golden::documents;

/// What feed-rs 3.0 reads otherwise.
const OTHERWISE: [(&str, &str); 2] = [("atom-0.3.xml", "entries"), ("rss-1.0.xml", "id")];

#[test]
fn feed_rs_finds_the_same_in_documents_without_flaws() {
    let base = "https://fetched.example/dir/feed";
    let mut differences = Vec::new();
    let mut compared = 0;
    for (name, bytes) in documents() {
        let ours = parse(&bytes, None, base.parse().ok().as_ref());
        let theirs = Builder::new()
            .base_uri(Some(base))
            .build()
            .parse(bytes.as_slice());
        let (Ok(theirs), []) = (theirs, ours.issues.as_slice()) else {
            continue;
        };
        compared += 1;
        let mut found = Vec::new();
        if ours.value.entries.len() != theirs.entries.len() {
            found.push("entries");
        }
        for (ours, theirs) in ours.value.entries.iter().zip(&theirs.entries) {
            found.extend(differing(ours, theirs));
        }
        differences.extend(found.into_iter().map(|field| (name.clone(), field)));
    }
    let otherwise: Vec<_> = OTHERWISE
        .iter()
        .map(|(name, field)| ((*name).to_owned(), *field))
        .collect();
    assert_eq!(differences, otherwise);
    assert!(compared >= 8, "{compared} documents were compared");
}

/// The fields in which two readings of an entry differ.
fn differing(ours: &Entry, theirs: &theirs::Entry) -> Vec<&'static str> {
    let id = ours.guid.as_ref().is_none_or(|guid| *guid == theirs.id);
    let links: Vec<&str> = theirs.links.iter().map(|link| link.href.as_str()).collect();
    let is_theirs = |link: &WebUrl| links.contains(&link.as_str());
    // In an entry without links the id is one.
    let link = links.is_empty() || ours.link.as_ref().is_some_and(is_theirs);
    let seconds = ours.published.map(|at| at.at().seconds());
    let published = theirs
        .published
        .is_none_or(|at| seconds == Some(at.timestamp()));
    let plain = theirs
        .title
        .as_ref()
        .filter(|title| !title.content.contains('<'));
    let title = plain.is_none_or(|title| title.content == ours.title);
    let media = theirs.media.iter().flat_map(|media| &media.content);
    let mut media =
        media.filter_map(|content| content.url.as_ref()?.as_str().parse::<WebUrl>().ok());
    let enclosures = media.all(|url| ours.enclosures.iter().any(|enclosure| enclosure.url == url));
    let same = [
        ("id", id),
        ("link", link),
        ("published", published),
        ("title", title),
        ("enclosures", enclosures),
    ];
    same.into_iter()
        .filter(|(_, same)| !same)
        .map(|(field, _)| field)
        .collect()
}

//! The feeds that a page names.

use pressmark_html::{Attr, NodeId, Tag, Tree};
use pressmark_model::WebUrl;

use crate::Page;

/// A feed that a page names: `link rel=alternate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedLink {
    /// Where it is.
    pub url: WebUrl,
    /// What the page calls it.
    pub title: Option<String>,
    /// Its media type as written, such as `application/rss+xml`.
    pub media_type: String,
}

/// No page has more feeds to name.
const MOST_FEEDS: usize = 200;

/// The feeds that a page names, in its order, each once; 200 at most.
pub fn feeds_in(page: &Page<'_>) -> Vec<FeedLink> {
    let decoded = pressmark_html::decode(page.bytes, page.content_type);
    let tree = Tree::parse(&decoded.text);
    let base = base_of(&tree, page.url);
    let mut feeds = Vec::new();
    for id in tree
        .subtree(NodeId::ROOT)
        .filter(|id| tree.tag(*id) == Tag::Link)
    {
        add(&tree, id, base.as_ref(), &mut feeds);
    }
    feeds
}

/// No base is longer, in bytes: every relative address costs its length.
const LONGEST_BASE: usize = 2_000;

/// The address that relative ones are read against: the page's own, or its `base` element's.
pub(crate) fn base_of(tree: &Tree<'_>, url: Option<&WebUrl>) -> Option<WebUrl> {
    let base = tree
        .subtree(NodeId::ROOT)
        .find(|id| tree.tag(*id) == Tag::Base);
    let href = base
        .and_then(|id| tree.attr(id, Attr::Href))
        .filter(|href| !href.trim().is_empty() && href.len() <= LONGEST_BASE);
    match (href, url) {
        (Some(href), Some(url)) => Some(url.join(href).unwrap_or_else(|_| url.clone())),
        (Some(href), None) => href.parse().ok(),
        (None, url) => url.cloned(),
    }
}

/// Adds the feed that a `link` element names, if it does.
pub(crate) fn add(tree: &Tree<'_>, id: NodeId, base: Option<&WebUrl>, feeds: &mut Vec<FeedLink>) {
    let rel = tree.attr(id, Attr::Rel).unwrap_or_default();
    let is_alternate = rel
        .split_ascii_whitespace()
        .any(|word| word.eq_ignore_ascii_case("alternate") || word.eq_ignore_ascii_case("feed"));
    let kind = tree
        .attr(id, Attr::Type)
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_feed = matches!(
        kind.as_str(),
        "application/rss+xml"
            | "application/atom+xml"
            | "application/feed+json"
            | "application/rdf+xml"
            | "application/x-rss+xml"
            | "text/rss+xml"
    );
    if !is_alternate || !is_feed {
        return;
    }
    let href = tree.attr(id, Attr::Href).unwrap_or_default();
    let url = match base {
        Some(base) => base.join(href).ok(),
        None => href.parse().ok(),
    };
    let Some(url) = url else { return };
    if feeds.len() >= MOST_FEEDS || feeds.iter().any(|feed| feed.url == url) {
        return;
    }
    let title = tree
        .attr(id, Attr::Title)
        .map(pressmark_html::fold)
        .filter(|t| !t.is_empty());
    feeds.push(FeedLink {
        url,
        title,
        media_type: kind,
    });
}

//! The feeds that a page names.

use pressmark_html::{Attr, NodeId, Tag, Tree, fold};
use pressmark_model::WebUrl;

use crate::Page;

/// A feed that a page names, or something that may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedLink {
    /// Where it is.
    pub url: WebUrl,
    /// What the page calls it.
    pub title: Option<String>,
    /// Its media type without parameters, in lower case, such as `application/rss+xml`.
    pub media_type: String,
    /// How the page names it.
    pub naming: Naming,
}

/// How a page names a feed, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    /// A `link` of a media type that feeds alone have.
    Declared,
    /// A `link` of a general type, or of none and called a feed.
    Hinted,
    /// A link of the page's text that reads like one to a feed.
    Linked,
}

/// No page has more feeds to name.
const MOST_FEEDS: usize = 200;

/// The feeds that a page names, in its order, each once; 200 at most. Whether those that are not
/// [`Naming::Declared`] are feeds is to be seen.
pub fn feeds_in(page: &Page<'_>) -> Vec<FeedLink> {
    let decoded = pressmark_html::decode(page.bytes, page.content_type);
    let tree = Tree::parse(&decoded.text);
    let base = base_of(&tree, page.url);
    let mut feeds = Vec::new();
    for id in tree.subtree(NodeId::ROOT) {
        match tree.tag(id) {
            Tag::Link => add(&tree, id, base.as_ref(), &mut feeds),
            Tag::A => add_linked(&tree, id, base.as_ref(), &mut feeds),
            Tag::Noscript => {
                // In the head its content is text.
                let inner = Tree::parse(tree.raw_text(id));
                let links = inner.subtree(NodeId::ROOT);
                for id in links.filter(|id| inner.tag(*id) == Tag::Link) {
                    add(&inner, id, base.as_ref(), &mut feeds);
                }
            }
            _ => {}
        }
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
    let attr = |attr| tree.attr(id, attr).unwrap_or_default();
    let has_rel = |wanted: &str| {
        let mut words = attr(Attr::Rel).split_ascii_whitespace();
        words.any(|word| word.eq_ignore_ascii_case(wanted))
    };
    let (is_alternate, is_feed) = (has_rel("alternate"), has_rel("feed"));
    if !is_alternate && !is_feed {
        return;
    }
    let kind = attr(Attr::Type).split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    let href = attr(Attr::Href).trim();
    let naming = match kind.as_str() {
        "application/rss+xml"
        | "application/atom+xml"
        | "application/feed+json"
        | "application/rdf+xml"
        | "application/x-rss+xml"
        | "application/rss"
        | "application/atom"
        | "text/rss+xml"
        | "text/rss" => Naming::Declared,
        // WordPress names the page itself in JSON so.
        "application/json" if href.contains("/wp-json/") => return,
        "text/xml" | "application/xml" | "application/json" => Naming::Hinted,
        "" if is_feed || is_called_feed(attr(Attr::Title)) || has_feed_scheme(href) => {
            Naming::Hinted
        }
        _ => return,
    };
    push(href, base, attr(Attr::Title), (kind, naming), feeds);
}

/// Adds the feed that a link in the page's text may lead to.
fn add_linked(tree: &Tree<'_>, id: NodeId, base: Option<&WebUrl>, feeds: &mut Vec<FeedLink>) {
    let href = tree.attr(id, Attr::Href).unwrap_or_default().trim();
    if href.is_empty() || href.starts_with('#') {
        return;
    }
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/').to_ascii_lowercase();
    let last = path.rsplit('/').next().unwrap_or_default();
    let named = matches!(
        last,
        "feed" | "rss" | "atom" | "feed.xml" | "rss.xml" | "atom.xml" | "index.xml" | "feed.json"
    );
    let kind = last.rsplit_once('.').map_or("", |(_, kind)| kind);
    let ends = matches!(kind, "rss" | "atom" | "rdf");
    let says = || {
        let (title, text) = (tree.attr(id, Attr::Title), tree.text_start(id, SHORT_NAME));
        is_called_feed(&text) || title.is_some_and(is_called_feed)
    };
    let is_xml = || kind == "xml" && says();
    if named || ends || has_feed_scheme(href) || is_xml() {
        let text = tree.text_start(id, SHORT_NAME);
        let naming = (String::new(), Naming::Linked);
        push(href, base, &text, naming, feeds);
    }
}

/// What a feed is called is not longer, in bytes.
const SHORT_NAME: usize = 60;

/// Whether a name is one of a feed: `RSS`, `Atom feed`, `订阅`.
fn is_called_feed(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    name.contains("订阅")
        || words.any(|word| {
            ["rss", "rss2", "atom", "feed", "xml"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known))
        })
}

fn has_feed_scheme(href: &str) -> bool {
    href.get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("feed:"))
}

/// The address behind the scheme that some pages give feeds: `feed:https://…` is it already, in
/// `feed://…` the scheme stands for http.
fn push(
    href: &str,
    base: Option<&WebUrl>,
    title: &str,
    (media_type, naming): (String, Naming),
    feeds: &mut Vec<FeedLink>,
) {
    let plain;
    let href = match href.get(5..).filter(|_| has_feed_scheme(href)) {
        Some(behind) if behind.starts_with("//") => {
            // As the page itself was fetched, where that is known.
            let scheme = base.map_or("http", |base| base.as_url().scheme());
            plain = [scheme, ":", behind].concat();
            plain.as_str()
        }
        Some(behind) => behind,
        None => href,
    };
    let url = match base {
        Some(base) => base.join(href).ok(),
        None => href.parse().ok(),
    };
    let Some(url) = url else { return };
    if feeds.len() >= MOST_FEEDS || feeds.iter().any(|feed| feed.url == url) {
        return;
    }
    feeds.push(FeedLink {
        url,
        title: Some(fold(title)).filter(|title| !title.is_empty()),
        media_type,
        naming,
    });
}

#[cfg(test)]
mod tests {
    use pressmark_model::Timestamp;

    use super::*;

    fn named(html: &str) -> Vec<(String, Naming)> {
        let url = "https://quay.example/sub/page".parse().unwrap();
        let page = Page {
            bytes: html.as_bytes(),
            content_type: None,
            url: Some(&url),
            captured_at: Timestamp::from_micros(0),
        };
        feeds_in(&page)
            .into_iter()
            .map(|feed| (feed.url.as_str().to_owned(), feed.naming))
            .collect()
    }

    #[test]
    fn feeds_are_named_in_many_ways() {
        use Naming::{Declared, Hinted, Linked};
        for (html, wanted) in [
            (
                "<link rel=alternate type='application/rss+xml; charset=utf-8' href=/f>",
                Declared,
            ),
            (
                "<link rel=alternate type=' Application/Atom+XML ' href=/f>",
                Declared,
            ),
            (
                "<link rel='alternate home' type=application/feed+json href=/f>",
                Declared,
            ),
            (
                "<head><noscript><link rel=alternate type=application/rss+xml href=/f></noscript>",
                Declared,
            ),
            (
                "<link rel=alternate type=application/rss+xml href=feed:https://quay.example/f>",
                Declared,
            ),
            (
                "<link rel=alternate type=application/rss+xml href=feed://quay.example/f>",
                Declared,
            ),
            ("<link rel=alternate type=text/xml href=/f>", Hinted),
            ("<link rel=alternate type=application/xml href=/f>", Hinted),
            (
                "<link rel=alternate type=application/json title='JSON Feed' href=/f>",
                Hinted,
            ),
            ("<link rel=feed href=/f>", Hinted),
            (
                "<link rel=alternate title='News (RSS 2.0)' href=/f>",
                Hinted,
            ),
            ("<link rel=alternate title=订阅 href=/f>", Hinted),
            ("<link rel=alternate href=FEED:/f>", Hinted),
            ("<p><a href=/f/rss.xml>all</a>", Linked),
            ("<p><a href=/f.xml>RSS</a>", Linked),
            (
                "<p><a href=/f.xml title='RSS feed'><img src=i.png></a>",
                Linked,
            ),
            ("<p><a href=/news.rss?a=b>all</a>", Linked),
        ] {
            let found = named(html);
            let kinds: Vec<_> = found.iter().map(|(_, naming)| *naming).collect();
            assert_eq!(kinds, [wanted], "{html}");
            assert!(
                found
                    .iter()
                    .all(|(url, _)| url.starts_with("https://quay.example/")),
                "{found:?}"
            );
        }
        let twice = "<link rel=feed href=/f><a href=/f.rss>RSS</a><a href=/f.rss>again</a>";
        assert_eq!(named(twice).len(), 2);
    }

    #[test]
    fn other_links_are_no_feeds() {
        for html in [
            "<link rel=alternate hreflang=de href=/de>",
            "<link rel=alternate type=text/html title=Feed href=/f>",
            "<link rel=alternate type=application/json+oembed href=/f>",
            "<link rel=alternate type=application/json href=/wp-json/wp/v2/pages/1>",
            "<link rel=stylesheet type=text/xml href=/f>",
            "<link rel=alternate type=application/rss+xml href=mailto:a@b>",
            "<a href=/map.xml>All pages</a><a href='#rss'>RSS</a><a href=/rss-explained>RSS</a>",
        ] {
            assert_eq!(named(html), [], "{html}");
        }
    }
}

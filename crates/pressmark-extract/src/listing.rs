//! A page that lists articles, read as a feed: blocks of links that are built alike are its
//! entries, by structure. No rule for the site is needed.
//!
//! What speaks for an entry: an address like that of an article (a day, a long number, many words),
//! a title of some length, in a heading or named so; a date, a teaser or a picture beside it; and
//! others in the same place of the same box. What speaks against one: the page's frame, sections,
//! tags, authors, pages of service, ways to share.

mod address;
mod choose;
mod item;
mod link;
mod place;
mod rule;

use pressmark_html::{NodeId, Tag, Tree};
use pressmark_model::{Entry, Feed, FeedFormat, OffsetTimestamp, WebUrl};

use crate::Page;
use crate::date::Reading;
use crate::facts::Facts;
use crate::measure::Measures;
use item::Item;
use link::Link;

pub use rule::{ListingRule, ListingRuleError};

/// The entries of a page that lists articles, in its order, as a feed. A page that lists nothing
/// gives one without entries.
pub fn listing(page: &Page<'_>) -> Feed {
    read(page, None, |tree, links, _| {
        choose::entries(tree, links)
            .into_iter()
            .map(|target| (target.best, target.item))
            .collect()
    })
}

/// The entries of a page that a rule names: elements that are links or hold some. What the rule does
/// not say of them is found by structure.
pub fn listing_by(page: &Page<'_>, rule: &ListingRule) -> Feed {
    read(page, Some(rule), |tree, links, base| {
        let mut found: Vec<(Link, Item)> = Vec::new();
        for node in rule.named(tree) {
            let inside = || links.iter().filter(|link| tree.contains(node, link.node));
            let best = if rule.names_links() {
                rule.link(tree, node, base).map(|url| {
                    let same = inside().find(|link| link.url == url.without_fragment());
                    same.cloned().unwrap_or_else(|| Link::bare(node, &url))
                })
            } else {
                inside().rev().max_by_key(|link| link.title_points).cloned()
            };
            if let Some(link) = best
                && found.iter().all(|(known, _)| known.url != link.url)
            {
                found.push((link, Item::of(tree, node)));
            }
        }
        found
    })
}

fn read(
    page: &Page<'_>,
    rule: Option<&ListingRule>,
    choose: impl FnOnce(&Tree<'_>, Vec<Link>, Option<&WebUrl>) -> Vec<(Link, Item)>,
) -> Feed {
    let decoded = pressmark_html::decode(page.bytes, page.content_type);
    let tree = Tree::parse(&decoded.text);
    let measures = Measures::of(&tree);
    let facts = Facts::gather(&tree, page.url);
    let places = place::of(&tree, &measures);
    let base = facts.base.as_ref();
    let links = link::all(&tree, &measures, &places, base, page.url);
    let targets = choose(&tree, links, base.or(page.url));
    let language = crate::title::language(&facts, &crate::Hints::default());
    let reading = crate::title::reading(page, language.as_deref());
    let heads = heads(&tree, &measures, &reading, &targets);
    let mut entries: Vec<Entry> = targets
        .iter()
        .zip(&heads)
        .map(|((link, item), head)| {
            let reading = head.reading(&reading);
            let mut entry = entry(&tree, &measures, &reading, base, link, *item);
            entry.published = entry.published.or(head.day);
            entry
        })
        .collect();
    if let Some(rule) = rule {
        for (((_, item), head), entry) in targets.iter().zip(&heads).zip(&mut entries) {
            let reading = head.reading(&reading);
            rule.fill(entry, &tree, item.from, (&reading, base.or(page.url)));
        }
    }
    Feed {
        format: FeedFormat::Listing,
        title: facts
            .meta_of(&["og:site_name"])
            .map(str::to_owned)
            .or_else(|| facts.title_element.clone())
            .unwrap_or_default(),
        home: page.url.cloned(),
        language,
        entries,
        ..Feed::default()
    }
}

fn entry(
    tree: &Tree<'_>,
    measures: &Measures,
    reading: &Reading,
    base: Option<&WebUrl>,
    link: &Link,
    item: Item,
) -> Entry {
    let published = item
        .date(tree, measures, reading)
        .or_else(|| {
            Item::of_table(tree, link.node).and_then(|row| row.date(tree, measures, reading))
        })
        .or_else(|| crate::title::day_in_path(link.url.as_url().path(), reading));
    Entry {
        link: Some(link.url.clone()),
        title: link.title.clone(),
        summary: item
            .teaser(tree, measures, link.node, &link.title)
            .map(|text| escaped(&text)),
        published,
        image: item.image(tree, base),
        ..Entry::default()
    }
}

/// Whether an article is likely to stand at an address, by how it is built.
pub fn may_be_article(url: &WebUrl) -> bool {
    const LIKELY: i32 = 10;
    address::read(url, Some(url)).points >= LIKELY
}

/// What stands above entries: their day, or their year.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    day: Option<OffsetTimestamp>,
    /// The year, and the heading that says so: another of its kind ends it.
    year: Option<(u64, Tag)>,
}

impl Head {
    fn reading(&self, reading: &Reading) -> Reading {
        Reading {
            year: self.year.map(|(year, _)| year),
            ..*reading
        }
    }
}

/// What stands above each of the entries.
fn heads(
    tree: &Tree<'_>,
    measures: &Measures,
    reading: &Reading,
    targets: &[(Link, Item)],
) -> Vec<Head> {
    let mut head = Head::default();
    let mut at = NodeId::ROOT;
    let mut heads = Vec::with_capacity(targets.len());
    for (link, item) in targets {
        while at < link.node {
            let tag = tree.tag(at);
            let measure = measures.get(at);
            let heading = tag.is_heading() || matches!(tag, Tag::Dt | Tag::Th | Tag::Caption);
            let named = tag != Tag::Text && measure.marks.has(crate::marks::Marks::DATE);
            let outside = measure.link == 0 && !tree.contains(at, link.node);
            if (heading || named) && outside && measure.all > 0 {
                let text = tree.text_of(at);
                if let Some(year) = reading.year_of(&text) {
                    head.year = Some((year, tag));
                } else if head.year.is_some_and(|(_, of)| of == tag && heading) {
                    head.year = None;
                }
                let found = item::short_day(&text, &head.reading(reading));
                if heading || found.is_some() {
                    head.day = found.map(|found| found.at);
                }
            }
            at = NodeId::from_index(at.index() + 1);
        }
        at = at.max(item.end);
        heads.push(head);
    }
    heads
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use pressmark_model::Timestamp;

    use super::*;

    #[test]
    fn a_rule_names_the_entries() {
        let html =
            "<div class=r><b>1</b> <a href=/a>One</a><i>2025-06-30</i></div><p><a href=/x>Other</a>
            <div class=r><a href=/b>Two</a></div>";
        let url = "https://news.example/".parse().unwrap();
        let page = Page {
            bytes: html.as_bytes(),
            content_type: None,
            url: Some(&url),
            captured_at: Timestamp::from_micros(1_760_000_000_000_000),
        };
        for rule in [
            ListingRule::css("div.r").unwrap(),
            ListingRule::css("div.r > a").unwrap(),
            ListingRule::xpath("//div[@class='r']").unwrap(),
        ] {
            let entries = listing_by(&page, &rule).entries;
            let titles: Vec<&str> = entries.iter().map(|e| e.title.as_str()).collect();
            assert_eq!(titles, ["One", "Two"], "{rule:?}");
        }
        let rule = "div.r ; title=b ; link='/c;d' ; date=i ; author=descendant::a";
        let named = listing_by(&page, &ListingRule::css(rule).unwrap()).entries;
        assert_eq!(named.len(), 1, "both lead to the same page");
        let entry = &named[0];
        assert_eq!((&*entry.title, &*entry.authors[0].name), ("1", "One"));
        assert_eq!(entry.link.as_ref().unwrap().as_url().path(), "/c;d");
        assert!(entry.published.is_some());
        for wrong in ["div ; colour=b", "div ; title", "div ; title=[", ""] {
            assert!(ListingRule::css(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_frame_is_no_entry() {
        let html = "<nav><a href=/world>World</a> <a href=/long-read-of-the-day>Long read of the day</a></nav>
            <main><ul><li><h3><a href=/rain-stops-play>Rain stops play at Lord’s</a></h3><p>It rained.</p>
            </ul></main><footer><a href=/about>About this newspaper of ours</a></footer>";
        let url = "https://news.example/".parse().unwrap();
        let feed = listing(&Page {
            bytes: html.as_bytes(),
            content_type: None,
            url: Some(&url),
            captured_at: Timestamp::from_micros(1_750_000_000_000_000),
        });
        let titles: Vec<&str> = feed.entries.iter().map(|e| e.title.as_str()).collect();
        assert_eq!(titles, ["Rain stops play at Lord’s"]);
    }
}

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

use pressmark_html::{NodeId, Tag, Tree};
use pressmark_model::{Entry, Feed, FeedFormat, OffsetTimestamp};

use crate::Page;
use crate::date::Reading;
use crate::facts::Facts;
use crate::measure::Measures;
use choose::Target;
use item::Item;

/// The entries of a page that lists articles, in its order, as a feed. A page that lists nothing
/// gives one without entries.
pub fn listing(page: &Page<'_>) -> Feed {
    let decoded = pressmark_html::decode(page.bytes, page.content_type);
    let tree = Tree::parse(&decoded.text);
    let measures = Measures::of(&tree);
    let facts = Facts::gather(&tree, page.url);
    let places = place::of(&tree, &measures);
    let base = facts.base.as_ref();
    let links = link::all(&tree, &measures, &places, base, page.url);
    let targets = choose::entries(&tree, links);
    let language = crate::title::language(&facts, &crate::Hints::default());
    let reading = crate::title::reading(page, language.as_deref());
    let mut entries: Vec<Entry> = targets
        .iter()
        .map(|target| entry(&tree, &measures, &reading, base, target))
        .collect();
    headed_days(&tree, &measures, &reading, &targets, &mut entries);
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
    base: Option<&pressmark_model::WebUrl>,
    target: &Target,
) -> Entry {
    let item = target.item;
    let published = item
        .date(tree, measures, reading)
        .or_else(|| {
            Item::of_table(tree, target.best.node).and_then(|row| row.date(tree, measures, reading))
        })
        .or_else(|| crate::title::day_in_path(target.best.url.as_url().path(), reading));
    Entry {
        link: Some(target.best.url.clone()),
        title: target.best.title.clone(),
        summary: item
            .teaser(tree, measures, target.best.node, &target.best.title)
            .map(|text| escaped(&text)),
        published,
        image: item.image(tree, base),
        ..Entry::default()
    }
}

/// Where entries stand under days, they are of the day above them.
fn headed_days(
    tree: &Tree<'_>,
    measures: &Measures,
    reading: &Reading,
    targets: &[Target],
    entries: &mut [Entry],
) {
    let mut day: Option<OffsetTimestamp> = None;
    let mut at = NodeId::ROOT;
    for (target, entry) in targets.iter().zip(entries) {
        while at < target.best.node {
            let tag = tree.tag(at);
            let measure = measures.get(at);
            let heads = tag.is_heading() || matches!(tag, Tag::Dt | Tag::Th | Tag::Caption);
            let named = tag != Tag::Text && measure.marks.has(crate::marks::Marks::DATE);
            let outside = measure.link == 0 && !tree.contains(at, target.best.node);
            if (heads || named) && outside && measure.all > 0 {
                let text = tree.text_of(at);
                let found = item::short_day(&text, reading);
                if heads || found.is_some() {
                    day = found.map(|found| found.at);
                }
            }
            at = NodeId::from_index(at.index() + 1);
        }
        at = at.max(target.item.end);
        if entry.published.is_none() {
            entry.published = day;
        }
    }
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

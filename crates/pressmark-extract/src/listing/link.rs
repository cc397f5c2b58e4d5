//! The links of a page: where they lead, and what they call it.

use pressmark_html::{Attr, NodeId, Tag, Tree, fold};
use pressmark_model::WebUrl;

use super::address::{self, Address};
use super::place::{Around, Place};
use crate::marks::Marks;
use crate::measure::{Measures, weigh};
use crate::phrases::{self, Phrase};

/// Longer texts are no titles.
const LONGEST_TITLE: usize = 300;
/// A title of this weight is more than the name of a section,
const SPEAKING: u32 = 18;
/// and of this weight surely one.
const TITLE: u32 = 24;
/// An address with these points is surely one of an article, in tenths of a point.
const LIKELY: i32 = 30;
/// So many links of one page are looked at.
const MOST_LINKS: usize = 20_000;

/// A link.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) node: NodeId,
    pub(super) url: WebUrl,
    pub(super) address: Address,
    pub(super) title: String,
    /// What speaks for the title, in tenths of a point.
    pub(super) title_points: i32,
    /// In a heading, or named a title.
    pub(super) headed: bool,
    pub(super) cost: i32,
}

impl Link {
    /// A link of which nothing but the address is known.
    pub(super) fn bare(node: NodeId, url: &WebUrl) -> Self {
        Self {
            node,
            url: url.without_fragment(),
            address: address::read(url, None),
            title: String::new(),
            title_points: 0,
            headed: false,
            cost: 0,
        }
    }
}

/// The links of a page in its order, those to the page itself left out.
pub(super) fn all(
    tree: &Tree<'_>,
    measures: &Measures,
    places: &[Place],
    base: Option<&WebUrl>,
    page: Option<&WebUrl>,
) -> Vec<Link> {
    let here = page.map(|url| address::read(url, None).key);
    let mut links = Vec::new();
    for id in tree.subtree(NodeId::ROOT) {
        let place = places.get(id.index()).copied().unwrap_or_default();
        if place.hidden || tree.tag(id) == Tag::Text {
            continue;
        }
        let Some(url) = target(tree, id, base) else {
            continue;
        };
        let address = address::read(&url, page);
        if here.as_ref() == Some(&address.key) {
            continue;
        }
        let mut title = title(tree, measures, id);
        let mut named = is_named(tree, measures, id);
        let mut prose = prose(tree, measures, id);
        if (title.is_empty() || is_generic(&title))
            && let Some(heading) = heading_beside(tree, id)
        {
            title = heading;
            named.heading = true;
            prose = 0;
        }
        let mut cost = place.cost.max(prose);
        let speaks = address.points >= LIKELY && weigh(&title).0 >= TITLE;
        cost = match place.around {
            Some(Around::Header) if !named.heading && !named.by_name => cost.max(50),
            Some(Around::Authors) if !speaks => cost.max(40),
            _ => cost,
        };
        let rel = tree.attr(id, Attr::Rel).unwrap_or_default();
        if rel.split_ascii_whitespace().any(|word| {
            matches!(
                word,
                "sponsored" | "author" | "tag" | "category" | "next" | "prev" | "license"
            )
        }) {
            cost = cost.max(60);
        }
        links.push(Link {
            node: id,
            title_points: title_points(&title, named, address.points >= LIKELY),
            headed: named.heading || named.by_name,
            url: url.without_fragment(),
            address,
            title,
            cost,
        });
        if links.len() >= MOST_LINKS {
            break;
        }
    }
    links
}

/// What it costs a link to stand in a sentence: behind words, or in a paragraph of an article that
/// has its own title.
fn prose(tree: &Tree<'_>, measures: &Measures, id: NodeId) -> i32 {
    const SENTENCE: u32 = 30;
    const CLAUSE: u32 = 12;
    let Some(block) = tree.ancestors(id).find(|above| tree.tag(*above).is_block()) else {
        return 0;
    };
    let own = measures.get(block);
    let beside = own.own.saturating_sub(own.own_link);
    let (tag, inner) = (tree.tag(block), tree.tag(id));
    let paragraph = tag == Tag::P;
    if inner.is_block() || tag.is_heading() || beside < CLAUSE {
        return 0;
    }
    if paragraph && is_titled(tree, block) {
        return 50;
    }
    let mut before = 0;
    let (mut at, end) = (NodeId::from_index(block.index() + 1), id);
    while at < end {
        let tag = tree.tag(at);
        if tag == Tag::A || tag.is_block() && !tree.contains(at, id) {
            at = tree.end(at);
            continue;
        }
        before += weigh(tree.text(at)).0;
        at = NodeId::from_index(at.index() + 1);
    }
    match before >= SENTENCE {
        true if paragraph || beside > before => 50,
        true => 30,
        false => 0,
    }
}

/// Whether a block stands under a heading that is a link with the words of a title.
fn is_titled(tree: &Tree<'_>, block: NodeId) -> bool {
    const LEVELS: usize = 3;
    const NEAR: usize = 300;
    let around = tree.ancestors(block).take(LEVELS);
    let outside = |above: &NodeId| matches!(tree.tag(*above), Tag::Body | Tag::Main);
    let Some(around) = around.take_while(|above| !outside(above)).last() else {
        return false;
    };
    let above = (around.index()..block.index()).rev().take(NEAR);
    above
        .map(NodeId::from_index)
        .find(|id| tree.tag(*id).is_heading())
        .is_some_and(|heading| {
            let linked = tree.subtree(heading).any(|id| tree.tag(id) == Tag::A);
            linked && weigh(&tree.text_of(heading)).0 >= SPEAKING
        })
}

/// The only heading near a link that itself says nothing, if no link is in it: a link that covers
/// a card, or `read more`.
fn heading_beside(tree: &Tree<'_>, id: NodeId) -> Option<String> {
    const NEAR: usize = 3;
    for above in tree.ancestors(id).take(NEAR) {
        if matches!(tree.tag(above), Tag::Body | Tag::Main | Tag::Ul | Tag::Ol) {
            return None;
        }
        let mut headings = tree
            .subtree(above)
            .filter(|inner| tree.tag(*inner).is_heading());
        let (Some(heading), None) = (headings.next(), headings.next()) else {
            continue;
        };
        let linked = |node: NodeId| tree.tag(node) == Tag::A;
        let free = !tree.subtree(heading).any(linked) && !tree.ancestors(heading).any(linked);
        let text = tree.text_of(heading);
        return (free && !text.is_empty()).then_some(text);
    }
    None
}

/// Where an element leads: a link, or an element that a script follows.
fn target(tree: &Tree<'_>, id: NodeId, base: Option<&WebUrl>) -> Option<WebUrl> {
    let followed = || {
        ["data-href", "data-link"]
            .into_iter()
            .find_map(|name| tree.attr_named(id, name))
            .or_else(|| tree.attr(id, Attr::DataUrl))
    };
    let href = match tree.tag(id) {
        Tag::A => tree
            .attr(id, Attr::Href)
            .filter(|href| !matches!(href.trim(), "" | "#") && !href.starts_with("javascript:"))
            .or_else(followed),
        tag if tag.is_block() || matches!(tag, Tag::Span | Tag::Tr | Tag::Td) => followed(),
        _ => None,
    }?;
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    match base {
        Some(base) => base.join(href).ok(),
        None => href.parse().ok(),
    }
}

/// What a link calls its target; empty if it says nothing.
fn title(tree: &Tree<'_>, measures: &Measures, id: NodeId) -> String {
    let headed = |id: &NodeId| tree.tag(*id).is_heading();
    let named = |id: &NodeId| {
        *id != NodeId::ROOT
            && !matches!(tree.tag(*id), Tag::Text | Tag::Img)
            && measures.get(*id).marks.has(Marks::TITLE)
    };
    let inside = || tree.subtree(id).skip(1);
    let speaking = |found: &NodeId| !tree.text_of(*found).is_empty();
    let shown = inside()
        .filter(speaking)
        .find(headed)
        .or_else(|| inside().filter(speaking).find(named))
        .map_or_else(|| own_text(tree, measures, id), |found| tree.text_of(found));
    let hint = tree.attr(id, Attr::Title).map(fold).unwrap_or_default();
    let cut = shown.trim_end_matches(['…', '.', ' ']);
    if hint.len() > shown.len() && !cut.is_empty() && hint.starts_with(cut) {
        return hint;
    }
    if !shown.is_empty() {
        return shown;
    }
    let label = tree.attr(id, Attr::AriaLabel).map(fold).unwrap_or_default();
    if !hint.is_empty() || !label.is_empty() {
        return if hint.is_empty() { label } else { hint };
    }
    inside()
        .filter(|id| tree.tag(*id) == Tag::Img)
        .find_map(|id| tree.attr(id, Attr::Alt).map(fold))
        .unwrap_or_default()
}

/// The text of a link without heading: its first line that is no date, label or name.
fn own_text(tree: &Tree<'_>, measures: &Measures, id: NodeId) -> String {
    const BESIDE: Marks = Marks(
        Marks::DATE.0
            | Marks::BYLINE.0
            | Marks::TAGS.0
            | Marks::META.0
            | Marks::LEAD.0
            | Marks::COMMENT.0
            | Marks::SOURCE.0,
    );
    let whole = tree.text_of(id);
    let (mut at, end) = (NodeId::from_index(id.index() + 1), tree.end(id));
    let mut lines: Vec<(NodeId, String)> = Vec::new();
    while at < end {
        let tag = tree.tag(at);
        let beside = tag != Tag::Text && measures.get(at).marks.has(BESIDE);
        if tag == Tag::Time || tag.is_hidden() || beside || tag == Tag::Figcaption {
            at = tree.end(at);
            continue;
        }
        if tag == Tag::Text {
            let block = tree
                .ancestors(at)
                .find(|above| tree.tag(*above).is_block() || *above == id)
                .unwrap_or(id);
            match lines.last_mut() {
                Some((last, text)) if *last == block => text.push_str(tree.text(at)),
                _ => lines.push((block, tree.text(at).to_owned())),
            }
        }
        at = NodeId::from_index(at.index() + 1);
    }
    let mut lines = lines.into_iter().map(|(_, text)| fold(&text));
    lines.find(|text| weigh(text).0 >= 10).unwrap_or(whole)
}

/// Whether a heading or a name says that this is a title.
fn is_named(tree: &Tree<'_>, measures: &Measures, id: NodeId) -> Named {
    let near = std::iter::once(id).chain(tree.ancestors(id).take(3));
    let inside = tree.subtree(id).skip(1);
    let mut named = Named::default();
    for at in near.chain(inside) {
        let tag = tree.tag(at);
        if tag == Tag::Text {
            continue;
        }
        named.heading |= tag.is_heading();
        named.by_name |= measures.get(at).marks.has(Marks::TITLE);
    }
    named.by_name |= tree
        .attr(id, Attr::Rel)
        .is_some_and(|rel| rel.contains("bookmark"));
    named
}

#[derive(Debug, Clone, Copy, Default)]
struct Named {
    heading: bool,
    by_name: bool,
}

fn title_points(title: &str, named: Named, likely: bool) -> i32 {
    let letters = title.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 2 || is_generic(title) {
        return -50;
    }
    let (weight, _) = weigh(title);
    let words = title.split_whitespace().count();
    // Four ideographs are a headline, if not in a menu.
    let terse = likely && letters >= 4 && !title.is_ascii() && weight >= 12;
    let length = match weight {
        0..6 => -30,
        6..13 if terse => -5,
        6..13 => -15,
        13..SPEAKING => {
            if words >= 3 {
                5
            } else {
                -5
            }
        }
        SPEAKING..TITLE => 8,
        TITLE..300 => 15,
        300..600 => 0,
        _ => -20,
    };
    length + if named.heading { 20 } else { 0 } + if named.by_name { 10 } else { 0 }
}

/// Whether a text names no article: a call to read on, a count, a day.
pub(super) fn is_generic(text: &str) -> bool {
    if text.len() > LONGEST_TITLE {
        return false;
    }
    let short = weigh(text).0 < 60;
    if short
        && matches!(
            phrases::of(text),
            Some(Phrase::More | Phrase::Service | Phrase::Section)
        )
        && weigh(text).0 < 30
    {
        return true;
    }
    let lower = text.trim().to_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
    let begins = [
        "continue reading",
        "full story",
        "full article",
        "read more",
        "read full",
        "leave a comment",
        "view all",
        "see all",
        "show more",
        "load more",
        "older posts",
        "newer posts",
        "阅读全文",
        "閱讀全文",
        "继续阅读",
        "查看更多",
        "查看全文",
        "更多",
        "続きを読む",
        "もっと見る",
        "더보기",
    ];
    let more = [
        "more from",
        "more in",
        "more on",
        "more about",
        "mehr aus",
        "mehr von",
    ]
    .iter()
    .any(|begin| bare.starts_with(begin))
        || bare.starts_with("more ")
            && ["articles", "stories", "news", "posts", "videos"]
                .iter()
                .any(|end| bare.ends_with(end));
    begins.iter().any(|begin| bare.starts_with(begin))
        || short && more
        || is_host(bare)
        || weigh(text).0 < 25 && bare.contains("comments")
        || is_day(bare)
}

/// The name of a site: `news.example`.
fn is_host(text: &str) -> bool {
    text.len() < 40
        && text.contains('.')
        && !text.ends_with('.')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'/'))
}

/// A day or a month and nothing else.
pub(super) fn is_day(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let month = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .all(|word| crate::clock::month(word).is_some() || matches!(word, "年" | "月" | "日"));
    (1..=8).contains(&digits) && month && text.len() < 30
}

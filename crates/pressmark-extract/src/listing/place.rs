//! Where on the page a link stands: in its frame, beside the list, or in it.

use pressmark_html::{Attr, NodeId, Tag, Tree};

use crate::measure::Measures;

/// What is held against all links of an element, in tenths of a point.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) cost: i32,
    /// Inside of an element that stands for one thing: what is called header there is its own.
    in_item: bool,
    pub(super) around: Option<Around>,
    /// Its text is never shown as text.
    pub(super) hidden: bool,
}

/// What is around a link that may be either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Names of authors, where columns stand beside their writers.
    Authors,
    /// The header of the page: what is in no heading there is a menu.
    Header,
}

/// The places of all nodes.
pub(super) fn of(tree: &Tree<'_>, measures: &Measures) -> Vec<Place> {
    let whole = measures.get(NodeId::ROOT);
    let foot = foot(tree, measures);
    let mut places: Vec<Place> = Vec::with_capacity(tree.len());
    for id in tree.subtree(NodeId::ROOT) {
        let above = places
            .get(tree.parent(id).index())
            .copied()
            .unwrap_or_default();
        let tag = tree.tag(id);
        let mut place = above;
        if tag != Tag::Text && tag != Tag::Document {
            place.hidden |= tag.is_hidden() && tag != Tag::Noscript;
            let mut cost = by_tag(tag, above.in_item);
            // What holds most of the page, its links and its text, is not what its names say.
            let measure = measures.get(id);
            if measure.link * 5 < whole.link * 2 || measure.all * 5 < whole.all * 2 {
                let named = by_names(tree, id, above.in_item);
                cost = cost.max(named.cost);
                place.around = place.around.or(named.around);
            }
            if tag == Tag::Header && !above.in_item {
                place.around = Some(Around::Header);
            }
            if foot == Some(id) {
                cost = cost.max(40);
            }
            place.cost = place.cost.max(cost);
            place.in_item |= matches!(tag, Tag::Article | Tag::Li | Tag::Main | Tag::Tr);
        }
        places.push(place);
    }
    places
}

fn by_tag(tag: Tag, in_item: bool) -> i32 {
    match tag {
        Tag::Nav => 50,
        Tag::Footer if !in_item => 50,
        Tag::Header if !in_item => 20,
        Tag::Form | Tag::Dialog | Tag::Menu | Tag::Select => 30,
        Tag::Aside => 10,
        _ => 0,
    }
}

/// What the names of an element say.
#[derive(Debug, Clone, Copy, Default)]
struct Named {
    cost: i32,
    around: Option<Around>,
}

fn by_names(tree: &Tree<'_>, id: NodeId, in_item: bool) -> Named {
    let mut named = Named::default();
    match tree.attr(id, Attr::Role) {
        Some("navigation" | "contentinfo" | "menu" | "menubar" | "search" | "dialog") => {
            named.cost = 50;
        }
        Some("banner") if !in_item => named.around = Some(Around::Header),
        Some("complementary") => named.cost = 10,
        _ => {}
    }
    for attr in [Attr::Class, Attr::Id, Attr::DataTestid] {
        for name in tree
            .attr(id, attr)
            .unwrap_or_default()
            .split_ascii_whitespace()
        {
            by_name(name, in_item, &mut named);
        }
    }
    if named.around == Some(Around::Header) {
        named.cost = named.cost.max(20);
    }
    named
}

/// What one class or id says: the words of it are judged one by one.
fn by_name(name: &str, in_item: bool, named: &mut Named) {
    let words = words_of_name(name);
    // `category-sport` and `tag-rain` say what an article is about.
    if let [first, second, ..] = words.as_slice()
        && matches!(
            first.as_str(),
            "tag" | "tags" | "category" | "author" | "topic" | "topics" | "post" | "keyword"
        )
        && !matches!(
            second.as_str(),
            "list"
                | "lists"
                | "cloud"
                | "links"
                | "link"
                | "item"
                | "items"
                | "name"
                | "label"
                | "box"
                | "wrap"
                | "wrapper"
                | "container"
                | "nav"
                | "menu"
                | "meta"
                | "info"
                | "bio"
                | "tags"
                | "widget"
                | "page"
                | "pagination"
                | "author"
        )
    {
        return;
    }
    let mut previous = "";
    for word in &words {
        named.cost = named.cost.max(by_word(word, previous, in_item));
        // `card-header` is an item's.
        let whole = matches!(previous, "" | "site" | "page" | "main" | "global" | "top");
        match word.as_str() {
            "header" | "masthead" if !in_item && whole => named.around = Some(Around::Header),
            "author" | "authors" | "byline" | "bylines" => {
                named.around = named.around.or(Some(Around::Authors));
            }
            _ => {}
        }
        previous = word;
    }
}

fn words_of_name(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous_lower = false;
    for c in name.chars().chain(std::iter::once('-')) {
        let parts = !c.is_ascii_alphabetic() || (c.is_ascii_uppercase() && previous_lower);
        if parts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphabetic() {
            word.push(c.to_ascii_lowercase());
        }
        previous_lower = c.is_ascii_lowercase();
    }
    words
}

/// Words of names that an element of the page's frame has, and of advertisements.
const FRAME: &str = " nav navi navbar navigation topnav subnav mainnav navlist menu submenu \
    mainmenu megamenu dropdown breadcrumb breadcrumbs crumb crumbs pagination pager paging \
    pagenav pagelist pagebar toolbar topbar skiplink sitemap daohang mianbaoxie friendlink \
    friendlinks youqing blogroll copyright ad ads adv advert adverts advertisement advertising \
    adslot sponsor sponsored sponsors promoted outbrain taboola guanggao werbung anzeige \
    publicidad affiliate ";

/// The same where it is not a part of one item.
const FOOT: &str = " footer foot footnav colophon ";

/// Words of names that an element beside articles has: labels, lists of what is read most.
const BESIDE: &str = " comment comments share sharing social login \
    signin newsletter subscribe kicker eyebrow popular trending mostread mostviewed rank ranking \
    rankings ranklist hotlist toplist paihang phb meistgelesen tag tags tagcloud taglist topics \
    keywords category categories biaoqian ";

/// What a word costs; `previous` is the one before it.
fn by_word(word: &str, previous: &str, in_item: bool) -> i32 {
    let is_in = |words: &str| words.split(' ').any(|known| known == word);
    let most = previous == "most" && matches!(word, "read" | "viewed" | "shared" | "commented");
    match () {
        // `js-tags` is what a script calls anything.
        () if previous == "js" => 0,
        () if is_in(FRAME) || !in_item && is_in(FOOT) => 50,
        () if is_in(BESIDE) || most => 40,
        () if !in_item && matches!(word, "masthead" | "header") => 20,
        () if matches!(word, "sidebar" | "rail" | "related" | "recommended") => 10,
        () => 0,
    }
}

/// The frame's lower end, by what it says: the rights that are claimed, the licence to publish.
/// Nothing if what stands around is more than a small part of the page.
fn foot(tree: &Tree<'_>, measures: &Measures) -> Option<NodeId> {
    let whole = measures.get(NodeId::ROOT).all;
    let text = tree
        .subtree(NodeId::ROOT)
        .rev()
        .filter(|id| tree.tag(*id) == Tag::Text)
        .find(|id| {
            let text = tree.text(*id);
            text.contains('©')
                || [
                    "版权所有",
                    "版權所有",
                    "ICP备",
                    "ICP证",
                    "Copyright",
                    "All rights reserved",
                    "無断転載",
                    "무단",
                ]
                .iter()
                .any(|sign| text.contains(sign))
        })?;
    let last = tree.len().saturating_sub(tree.len() / 3);
    if text.index() < last {
        return None;
    }
    let small = |id: &NodeId| measures.get(*id).all * 5 < whole && tree.tag(*id) != Tag::Body;
    tree.ancestors(text).take_while(small).last()
}

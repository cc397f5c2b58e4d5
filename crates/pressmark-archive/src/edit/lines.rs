//! The lines of an article, and where each of them stands.

use std::collections::HashMap;

use pressmark_html::{NodeId, Tag, Tree, fold};

/// The most lines of a box whose heading says what it is.
const LONGEST_BOX: usize = 10;

/// What a box of other stories is headed with.
const BOXES: &[&str] = &[
    "trending",
    "trending now",
    "most read",
    "most popular",
    "popular",
    "latest news",
    "top stories",
    "more stories",
    "related",
    "related stories",
    "related articles",
    "related news",
    "read also",
    "read more",
    "also read",
    "recommended",
    "recommended for you",
    "you may also like",
    "meistgelesen",
    "meistgelesene artikel",
    "mehr zum thema",
    "lesen sie auch",
    "à lire aussi",
    "lire aussi",
    "les plus lus",
    "lo más leído",
    "lea también",
    "читайте также",
    "热门",
    "热门文章",
    "热门新闻",
    "热点新闻",
    "相关阅读",
    "相关新闻",
    "相关文章",
    "推荐阅读",
    "延伸阅读",
    "熱門新聞",
    "相關新聞",
    "相關閱讀",
    "延伸閱讀",
    "推薦閱讀",
    "関連記事",
    "人気記事",
    "관련 기사",
];

/// A line of an article's HTML.
#[derive(Debug, Default)]
pub(super) struct Line {
    text: String,
    /// How many of its letters are links.
    linked: usize,
    /// Of a table or a list of definitions.
    in_cell: bool,
    list: Option<NodeId>,
    is_heading: bool,
}

/// Where a line stands, and what can be said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// In a box of other stories.
    Box,
    /// By itself, and a link from end to end.
    Link,
    /// Anywhere else.
    Free,
    /// In a table or a list of facts.
    Fixed,
}

/// The lines of a piece of HTML, in its order.
pub(super) fn of(html: &str) -> Vec<Line> {
    let tree = Tree::parse(html);
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut ends: Vec<NodeId> = Vec::new();
    let mut hidden_until = NodeId::ROOT;
    for at in tree.subtree(NodeId::ROOT) {
        while ends.last().is_some_and(|end| *end <= at) {
            ends.pop();
            finish(&mut lines, &mut line);
        }
        if at < hidden_until {
            continue;
        }
        let tag = tree.tag(at);
        if tag == Tag::Text {
            add(&mut line, &tree, at);
        } else if tag.is_hidden() {
            hidden_until = tree.end(at);
        } else if matches!(tag, Tag::Td | Tag::Th) {
            line.text.push(' ');
        } else if tag.is_block() || tag == Tag::Br {
            finish(&mut lines, &mut line);
            ends.push(tree.end(at));
        }
    }
    finish(&mut lines, &mut line);
    lines
}

fn add(line: &mut Line, tree: &Tree<'_>, at: NodeId) {
    let text = tree.text(at);
    if letters(text) == 0 {
        line.text.push_str(text);
        return;
    }
    for outer in tree.ancestors(at) {
        match tree.tag(outer) {
            Tag::A => line.linked += letters(text),
            Tag::Ul | Tag::Ol => line.list = line.list.or(Some(outer)),
            Tag::Table | Tag::Dl => line.in_cell = true,
            tag => line.is_heading |= tag.is_heading(),
        }
    }
    line.text.push_str(text);
}

fn finish(lines: &mut Vec<Line>, line: &mut Line) {
    let mut finished = std::mem::take(line);
    finished.text = fold(&finished.text);
    if !finished.text.is_empty() {
        lines.push(finished);
    }
}

impl Line {
    fn is_linked(&self) -> bool {
        self.linked > 0 && self.linked * 10 >= letters(&self.text) * 9
    }

    /// Whether it is headed as a box is, and all the rest of it is a link.
    fn is_linked_box(&self) -> bool {
        self.text
            .split_once([':', '：'])
            .is_some_and(|(label, rest)| {
                is_label(label) && self.linked > 0 && self.linked * 10 >= letters(rest) * 9
            })
    }

    fn is_sentence(&self) -> bool {
        let end = |c: char| matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '…');
        let marks = |c: char| matches!(c, '"' | '”' | '’' | '」' | ')');
        self.text.trim_end_matches(marks).ends_with(end)
    }
}

fn is_label(text: &str) -> bool {
    let lower = text.to_lowercase();
    BOXES.contains(&lower.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// Where each line stands; of a text that stands in several places, where it is most likely to be
/// what the article says. `counts` tells the lines that are counters.
pub(super) fn places(lines: &[Line], counts: impl Fn(&str) -> bool) -> HashMap<&str, Place> {
    let mut counters: HashMap<NodeId, bool> = HashMap::new();
    for line in lines {
        if let Some(list) = line.list {
            *counters.entry(list).or_insert(true) &= line.is_linked() || counts(&line.text);
        }
    }
    let linked = |at: Option<usize>| {
        let line = at.and_then(|at| lines.get(at));
        line.is_some_and(|line| line.is_linked() && !line.in_cell)
    };
    let mut places: HashMap<&str, Place> = HashMap::new();
    let mut boxed = 0;
    for (at, line) in lines.iter().enumerate() {
        let in_facts = line
            .list
            .is_some_and(|list| counters.get(&list) == Some(&false));
        let next = lines.get(at + 1);
        if is_label(&line.text) && next.is_some_and(|next| !next.is_heading && !next.is_sentence())
        {
            boxed = LONGEST_BOX + 1;
        } else if line.is_heading || line.is_sentence() {
            boxed = 0;
        }
        let in_box = boxed > 0;
        boxed = boxed.saturating_sub(1);
        let place = if line.in_cell {
            Place::Fixed
        } else if in_box || line.is_linked_box() {
            Place::Box
        } else if line.is_linked() {
            if linked(at.checked_sub(1)) || linked(Some(at + 1)) {
                Place::Box
            } else {
                Place::Link
            }
        } else if in_facts {
            Place::Fixed
        } else {
            Place::Free
        };
        let known = places.entry(&line.text).or_insert(place);
        *known = place.max(*known);
    }
    places
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

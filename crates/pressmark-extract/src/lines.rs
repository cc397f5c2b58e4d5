//! The lines of the chosen element, and which of them are not of the article.

use pressmark_html::{NodeId, Tag, Tree, fold};

use crate::blocks::{Mode, Setting};
use crate::marks::Marks;
use crate::measure::{Measures, share, weigh};
use crate::phrases::{self, Phrase};
use crate::words::{is_key_of, key_of};

/// A line of text: a whole block, or what stands between two line breaks of one.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// The nodes that make it up.
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) text: String,
    /// The block it stands in.
    pub(crate) block: NodeId,
    pub(crate) tag: Tag,
    pub(crate) weight: u32,
    pub(crate) links: f32,
    pub(crate) points: u32,
    /// The list, table or quotation that its block stands in.
    list: Option<NodeId>,
}

impl Line {
    /// Whether it stands in a list, a table or a quotation that is not around this element. In a
    /// part of a page, an item that holds its text itself may as well be a link or a button.
    pub(crate) fn in_list(&self, root: NodeId) -> bool {
        self.list.is_some_and(|list| list >= root) || root == NodeId::ROOT && is_list(self.tag)
    }

    pub(crate) fn is_prose(&self) -> bool {
        self.weight >= 90 && self.points > 0 && self.links < 0.5 && !self.tag.is_heading()
    }

    /// Whether it reads like a sentence, be it short.
    pub(crate) fn is_sentence(&self) -> bool {
        let short = self.weight >= 40 && self.links < 0.5 && !self.tag.is_heading();
        self.is_prose() || short && self.ends_sentence()
    }

    /// Whether it is nothing but a date and a time in figures.
    fn is_date(&self) -> bool {
        let digits = self.text.chars().filter(char::is_ascii_digit).count();
        self.weight < 40
            && digits >= 6
            && self
                .text
                .chars()
                .all(|c| !c.is_alphabetic() || "年月日时時分秒TZUhrh".contains(c))
    }

    pub(crate) fn ends_sentence(&self) -> bool {
        let end = self.text.trim_end_matches([
            '"', '”', '“', '»', '«', '\'', '’', ')', '）', '」', '』', ']', '⚪', '●', '■', '□',
            '◆', '▲', '∎', '\u{FE0F}', ' ',
        ]);
        // A note in parentheses is a sentence of its own.
        let is_note = self.text.starts_with(['(', '（']) && self.weight >= 40 && self.points > 0;
        is_note && self.text.ends_with([')', '）'])
            || end.ends_with(['.', '!', '?', '…', '。', '！', '？', '।', '؟', ':', '：'])
    }
}

/// All lines of a tree, by the block that they stand in. Whatever is decided on a page is decided on
/// some of these.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    list: Vec<Line>,
}

impl Lines {
    pub(crate) fn of(tree: &Tree<'_>, measures: &Measures) -> Self {
        let mut list = Vec::new();
        for id in tree.subtree(NodeId::ROOT) {
            if tree.tag(id).is_block() && measures.get(id).own > 0 {
                add_lines(tree, measures, id, &mut list);
            }
        }
        Self { list }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Line] {
        &self.list
    }

    /// The lines of a block.
    pub(crate) fn of_block(&self, block: NodeId) -> &[Line] {
        let from = self.list.partition_point(|line| line.block < block);
        let lines = self.list.get(from..).unwrap_or_default();
        let count = lines.iter().take_while(|line| line.block == block).count();
        lines.get(..count).unwrap_or_default()
    }

    /// The lines of these blocks, which are in order, in the order of the page.
    pub(crate) fn of_leaves(&self, leaves: &[NodeId]) -> Vec<&Line> {
        let mut lines = Vec::with_capacity(leaves.len());
        let mut leaves = leaves.iter().peekable();
        for line in &self.list {
            while leaves.next_if(|leaf| **leaf < line.block).is_some() {}
            if leaves.peek() == Some(&&line.block) {
                lines.push(line);
            }
        }
        lines.sort_by_key(|line| line.nodes.first().copied());
        lines
    }
}

const fn is_list(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Li | Tag::Table | Tag::Blockquote | Tag::Dl | Tag::Pre
    )
}

/// The text of nodes that stand beside each other.
fn text_of(tree: &Tree<'_>, nodes: &[NodeId]) -> String {
    if let [only] = nodes
        && tree.tag(*only) == Tag::Text
    {
        return fold(tree.text(*only));
    }
    let mut all = String::with_capacity(256);
    for id in nodes {
        if tree.tag(*id) == Tag::Text {
            all.push_str(tree.text(*id));
        } else {
            all.push_str(&tree.text_of(*id));
        }
    }
    fold(&all)
}

fn add_lines(tree: &Tree<'_>, measures: &Measures, block: NodeId, lines: &mut Vec<Line>) {
    let tag = tree.tag(block);
    let list = tree.ancestors(block).find(|id| is_list(tree.tag(*id)));
    let mut nodes: Vec<NodeId> = Vec::new();
    let mut cut = false;
    let mut flush = |nodes: &mut Vec<NodeId>, whole: bool| {
        let text = text_of(tree, nodes);
        let nodes = std::mem::take(nodes);
        if text.is_empty() {
            return;
        }
        let (weight, points) = weigh(&text);
        let link = nodes.iter().map(|id| measures.get(*id).link).sum();
        let nodes = if whole { vec![block] } else { nodes };
        lines.push(Line {
            nodes,
            text,
            block,
            tag,
            weight,
            links: share(link, weight),
            points,
            list,
        });
    };
    for child in tree.children(block) {
        let child_tag = tree.tag(child);
        let holds_block = child_tag.is_block()
            || child_tag != Tag::Text && tree.subtree(child).any(|id| tree.tag(id).is_block());
        if matches!(child_tag, Tag::Button | Tag::Label) {
            continue;
        }
        if child_tag == Tag::Br || holds_block {
            cut = true;
            flush(&mut nodes, false);
        } else {
            nodes.push(child);
        }
    }
    flush(&mut nodes, !cut);
}

/// The lines that are not of the article: each with the step that decided, and why.
pub(crate) fn unwanted<'l>(
    setting: &Setting<'_, '_>,
    lines: &[&'l Line],
    leads: &[usize],
) -> Vec<(&'l Line, &'static str, String)> {
    let known = Known::of(setting);
    let mut out = Vec::new();
    let is_prose = |line: &&Line| line.is_prose();
    let first = lines.iter().position(is_prose).unwrap_or(lines.len());
    let last = last_of_article(setting, &known, lines);
    let titles = lines
        .iter()
        .skip(last)
        .filter(|l| l.tag.is_heading() && l.weight >= 30)
        .count();
    let total: u32 = lines.iter().map(|line| line.weight).sum();
    let above = |h: NodeId| {
        lines
            .iter()
            .filter(|l| l.block < h)
            .map(|l| l.weight)
            .sum::<u32>()
    };
    // A heading with much of the text above it is not where the article begins.
    let heading = setting
        .heading
        .filter(|h| setting.tree.contains(setting.root, *h) && above(*h) * 7 < total);
    let mut in_section = false;
    let mut so_far = 0;
    for (index, &line) in lines.iter().enumerate() {
        if leads.contains(&index) {
            continue;
        }
        let place = if setting.mode == Mode::Given {
            if index < 2 {
                Place::First
            } else {
                Place::Within
            }
        } else if heading.is_some_and(|h| line.block < h) {
            Place::Above
        } else if index < first {
            Place::Head
        } else if index > last {
            Place::Tail
        } else {
            Place::Within
        };
        so_far += line.weight;
        let phrase = if line.weight < 700 {
            phrases::of(&line.text)
        } else {
            None
        };
        if let Some((step, reason)) = judge(setting, &known, line, place, phrase, in_section)
            .filter(|(step, _)| {
                // A list of headings, each with a picture below it, is content; so is a heading
                // with a sentence below it.
                !(*step == "tail heading"
                    && (titles >= 3 || is_heading_of(lines.get(index + 1).copied())))
            })
        {
            // What follows the editor's name in Chinese pages is the site's, not the article's.
            let signed = line.text.contains("编辑")
                || line.text.contains("責編")
                || line.text.contains("责编");
            in_section |= phrase == Some(Phrase::Section) && place == Place::Tail
                || phrase == Some(Phrase::Byline) && signed && so_far * 3 > total * 2;
            out.push((line, step, reason));
        }
    }
    out
}

/// Whether the line below a heading is its text.
fn is_heading_of(below: Option<&Line>) -> bool {
    below.is_some_and(|below| below.is_sentence() && phrases::of(&below.text).is_none())
}

/// The last line of prose that is not about the author or the site.
fn last_of_article(setting: &Setting<'_, '_>, known: &Known<'_>, lines: &[&Line]) -> usize {
    let is_prose = |line: &&Line| {
        line.is_prose() && !is_biography(setting, known, line) && phrases::of(&line.text).is_none()
    };
    let whole = lines.iter().rposition(|line| line.is_prose()).unwrap_or(0);
    let inner = lines.iter().rposition(is_prose).unwrap_or(whole);
    if whole - inner <= 5 { inner } else { whole }
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Above the title.
    Above,
    /// Between the title and the first sentence.
    Head,
    /// The first lines of what is not an article's page.
    First,
    Within,
    /// Behind the last sentence.
    Tail,
}

fn judge(
    setting: &Setting<'_, '_>,
    known: &Known<'_>,
    line: &Line,
    place: Place,
    phrase: Option<Phrase>,
    in_section: bool,
) -> Option<(&'static str, String)> {
    if !line.text.chars().any(char::is_alphanumeric) {
        return Some(("line", "has no word".to_owned()));
    }
    if place == Place::Above {
        return Some(("place", "stands above the title".to_owned()));
    }
    if in_section {
        return Some((
            "place",
            "stands below the heading of other things".to_owned(),
        ));
    }
    let in_list = line.in_list(setting.root);
    if let Some(reason) = by_phrase(line, in_list, place, phrase) {
        return Some(("phrase", reason.to_owned()));
    }
    if matches!(place, Place::Head) && is_key_of(setting.title_key, [line.text.as_str()]) {
        return Some(("title", "repeats the title".to_owned()));
    }
    if matches!(place, Place::Head) && line.weight < 120 && {
        setting.title_key.chars().count() > 12 && key_of(&line.text).ends_with(setting.title_key)
    } {
        return Some(("title", "repeats the title".to_owned()));
    }
    if line.is_date() && !in_list && matches!(place, Place::Head | Place::First) {
        return Some(("place", "is a date".to_owned()));
    }
    if is_name(known, line) {
        return Some(("place", "is the name of an author".to_owned()));
    }
    // Without a frame, what is short or a link is of the text as well.
    if setting.is_bare() && setting.mode != Mode::Given {
        return None;
    }
    if line.links > 0.85 && !in_list && line.weight < 300 && !line.ends_sentence() {
        return Some(("links", "is nothing but a link".to_owned()));
    }
    let short = line.weight < 70 && !line.ends_sentence();
    let plain = !in_list && !line.tag.is_heading();
    let framed = setting
        .heading
        .is_some_and(|h| setting.tree.contains(setting.root, h));
    match place {
        Place::Head if short && plain && framed => {
            Some(("place", "is a short line below the title".to_owned()))
        }
        Place::Tail if is_biography(setting, known, line) => {
            Some(("place", "tells of the author".to_owned()))
        }
        Place::Tail if line.tag.is_heading() => Some((
            "tail heading",
            "is a heading with nothing below it".to_owned(),
        )),
        Place::Tail if short && plain && (framed || !line.text.ends_with([',', '，', '、'])) => {
            Some(("place", "is a short line at the end".to_owned()))
        }
        _ => None,
    }
}

fn by_phrase(
    line: &Line,
    in_list: bool,
    place: Place,
    phrase: Option<Phrase>,
) -> Option<&'static str> {
    let edge = matches!(place, Place::Head | Place::Tail);
    match phrase? {
        Phrase::More if line.weight < 60 || line.links > 0.25 && line.weight < 400 => {
            Some("names another article")
        }
        Phrase::Section if !in_list && line.links < 0.99 => Some("is the heading of other things"),
        Phrase::Service if line.weight < if edge { 500 } else { 250 } => {
            Some("is a service of the site")
        }
        Phrase::Credit if line.weight < 120 => Some("names the source of a picture"),
        Phrase::Byline
            if line.weight < if edge { 120 } else { 60 }
                && !line.tag.is_heading()
                && (edge || !line.ends_sentence()) =>
        {
            Some("names the author or the source")
        }
        Phrase::When if line.weight < 90 && edge => Some("is a date"),
        _ => None,
    }
}

/// What every line is compared with.
struct Known<'t> {
    /// The authors' names, and their keys.
    names: Vec<(&'t str, String)>,
}

impl<'t> Known<'t> {
    fn of(setting: &Setting<'t, '_>) -> Self {
        let names = names(setting).take(MOST_NAMES);
        Self {
            names: names.map(|name| (name, key_of(name))).collect(),
        }
    }
}

/// No article has more authors.
const MOST_NAMES: usize = 50;

/// The authors' names, as the page tells them.
fn names<'t>(setting: &Setting<'t, '_>) -> impl Iterator<Item = &'t str> {
    let meta = setting
        .facts
        .meta_of(&["author", "article:author", "dc.creator"]);
    let told = setting
        .facts
        .json_ld
        .authors
        .iter()
        .map(String::as_str)
        .chain(meta);
    told.flat_map(|names| names.split([',', ';', '&']))
        .flat_map(|names| names.split(" and "))
        .map(str::trim)
        .filter(|name| name.chars().count() > 5 && name.chars().count() < 60)
}

/// Whether a line is nothing but an author's name.
fn is_name(known: &Known<'_>, line: &Line) -> bool {
    line.weight < 60 && !line.tag.is_heading() && !known.names.is_empty() && {
        let text = line.text.as_str();
        known.names.iter().any(|(_, name)| is_key_of(name, [text]))
    }
}

/// Whether a line at the end tells who the author is.
fn is_biography(setting: &Setting<'_, '_>, known: &Known<'_>, line: &Line) -> bool {
    let marks = setting.measures.get(line.block);
    if marks.marks.and(marks.around).has(Marks::BYLINE) && line.weight < 700 {
        return true;
    }
    // A person's name, early in the line.
    line.weight < 700
        && known
            .names
            .iter()
            .any(|(name, _)| name.contains(' ') && line.text.find(name).is_some_and(|at| at < 100))
}

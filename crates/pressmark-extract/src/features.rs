//! What a line of a page is like, in numbers: what the learned table of [`crate::forest`] decides
//! from on pages that are not articles.

use pressmark_html::{Attr, NodeId, Tag, Tree};

use crate::blocks::Setting;
use crate::lines::Line;
use crate::marks::Marks;
use crate::measure::{Measures, count, pieces, share};

/// What is known of a page beside its lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'k> {
    /// The element that holds the body, if the page is an article.
    pub(crate) chosen: NodeId,
    /// The blocks that are kept if it is one, sorted.
    pub(crate) kept: &'k [NodeId],
}

/// Hands on the numbers of every line, in the order of the lines. The table knows them by their
/// place only: whoever adds, takes or moves one trains it anew.
pub(crate) fn of_lines(
    setting: &Setting<'_, '_>,
    lines: &[&Line],
    reading: &Reading<'_>,
    mut take: impl FnMut(&[f32]),
) {
    let page = Page::of(setting, lines);
    let mut numbers = Numbers::default();
    for (at, line) in lines.iter().enumerate() {
        numbers.row.clear();
        of_text(line, at, &page, &mut numbers);
        of_place(lines, at, &page, &mut numbers);
        of_element(setting, line, &page, &mut numbers);
        numbers.flag(setting.tree.contains(reading.chosen, line.block));
        numbers.flag(reading.kept.binary_search(&line.block).is_ok());
        numbers.row.extend_from_slice(&page.numbers);
        take(&numbers.row);
    }
}

/// Collects the numbers of a line.
#[derive(Default)]
struct Numbers {
    row: Vec<f32>,
}

impl Numbers {
    fn add(&mut self, value: f32) {
        self.row.push(value);
    }

    fn flag(&mut self, value: bool) {
        self.row.push(f32::from(u8::from(value)));
    }

    fn count(&mut self, value: u32) {
        self.row.push(float(value));
    }
}

/// What is the same for all lines, and what is looked up for each.
struct Page {
    numbers: Vec<f32>,
    /// For each node, how many of its siblings have its tag and class, itself among them.
    twins: Vec<u32>,
    /// The digest of each line's text.
    digests: Vec<u64>,
    /// The digests of all texts, sorted.
    texts: Vec<u64>,
    /// The line that the heading stands before.
    heading: usize,
    /// The lines of prose.
    prose: Vec<usize>,
    /// Sums over the lines before each, and over all.
    sums: Vec<Sums>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    weight: u32,
    links: f32,
    prose: u32,
}

impl Page {
    fn of(setting: &Setting<'_, '_>, lines: &[&Line]) -> Self {
        let whole = setting.measures.get(NodeId::ROOT);
        let mut sums = vec![Sums::default()];
        let mut sum = Sums::default();
        let mut prose = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            if line.is_prose() {
                prose.push(at);
                sum.prose += 1;
            }
            sum.weight += line.weight;
            sum.links += line.links;
            sums.push(sum);
        }
        let digests: Vec<u64> = lines.iter().map(|line| digest(&line.text)).collect();
        let mut texts = digests.clone();
        texts.sort_unstable();
        let twins = twins(setting.tree, setting.measures);
        let part = |test: &dyn Fn(&Line) -> bool| {
            let found = lines.iter().filter(|line| test(line)).count();
            share(number(found), number(lines.len()))
        };
        let facts = setting.facts;
        let mut numbers = Numbers::default();
        numbers.count(number(lines.len()));
        numbers.count(sum.weight);
        numbers.add(share(whole.prose, whole.all * 2));
        numbers.add(whole.link_share());
        numbers.add(part(&|line| has_price(&line.text)));
        numbers.add(part(&|line| has_year(&line.text)));
        numbers.add(share(sum.prose, number(lines.len())));
        numbers.add(part(&|line| line.tag.is_heading()));
        numbers.add(part(&|line| {
            twins.get(line.block.index()).copied().unwrap_or(0) > 3
        }));
        numbers.flag(facts.json_ld.is_article);
        numbers.flag(facts.json_ld.is_product);
        let kind = facts.meta_of(&["og:type"]).unwrap_or_default();
        numbers.flag(kind.starts_with("article"));
        numbers.flag(kind.contains("product"));
        Self {
            numbers: numbers.row,
            twins,
            digests,
            texts,
            heading: setting
                .heading
                .map_or(0, |h| lines.partition_point(|line| line.block < h)),
            prose,
            sums,
        }
    }

    fn sums(&self, at: usize) -> Sums {
        let last = self.sums.len().saturating_sub(1);
        self.sums.get(at.min(last)).copied().unwrap_or_default()
    }
}

fn of_text(line: &Line, at: usize, page: &Page, numbers: &mut Numbers) {
    let (mut capitals, mut letters) = (0, 0);
    for piece in pieces(&line.text) {
        if piece.is_ascii() {
            capitals += count(piece.as_bytes(), |byte| byte.is_ascii_uppercase());
            letters += count(piece.as_bytes(), |byte| byte.is_ascii_alphabetic());
            continue;
        }
        for c in piece.chars() {
            capitals += u32::from(c.is_uppercase());
            letters += u32::from(c.is_alphabetic());
        }
    }
    let digest = page.digests.get(at).copied().unwrap_or_default();
    // Both ends are looked for: a page may say the same on each of its lines.
    let first = page.texts.partition_point(|text| *text < digest);
    let behind = page.texts.partition_point(|text| *text <= digest);
    numbers.count(line.weight);
    numbers.add(line.links);
    numbers.count(line.points);
    numbers.add(share(line.points * 10, line.weight));
    numbers.add(share(capitals, letters));
    numbers.flag(line.ends_sentence());
    numbers.count(number(behind - first));
    numbers.count(match line.tag {
        Tag::Div => 0,
        Tag::P => 1,
        Tag::Li => 2,
        Tag::Td | Tag::Th => 3,
        Tag::Dd | Tag::Dt => 4,
        Tag::H1 => 5,
        Tag::H2 => 6,
        tag if tag.is_heading() => 7,
        Tag::Pre | Tag::Blockquote => 8,
        Tag::Figcaption | Tag::Caption => 9,
        _ => 10,
    });
}

fn of_place(lines: &[&Line], at: usize, page: &Page, numbers: &mut Numbers) {
    let count = lines.len();
    numbers.count(number(at));
    numbers.count(number(count - at));
    numbers.add(share(number(at), number(count)));
    numbers.add(share(page.sums(at).weight, page.sums(count).weight));
    numbers.add(distance(page.heading, at));
    let first = page.prose.first().copied().unwrap_or(0);
    let last = page.prose.last().copied().unwrap_or(count);
    numbers.add(distance(first, at));
    numbers.add(distance(last, at));
    let next = page.prose.partition_point(|prose| *prose < at);
    for near in [next, next.wrapping_sub(1)] {
        let far = page.prose.get(near).map_or(99, |prose| prose.abs_diff(at));
        numbers.count(number(far));
    }
    for step in [-1_isize, 1] {
        let other = at.checked_add_signed(step).and_then(|at| lines.get(at));
        numbers.count(other.map_or(0, |line| line.weight));
        numbers.add(other.map_or(-1.0, |line| line.links));
        numbers.flag(other.is_some_and(|line| line.tag.is_heading()));
    }
    for reach in [4, 12] {
        let (from, to) = (at.saturating_sub(reach), (at + reach + 1).min(count));
        let (before, after, lines) = (page.sums(from), page.sums(to), number(to - from).max(1));
        numbers.count((after.weight - before.weight) / lines);
        numbers.add((after.links - before.links) / float(lines));
        numbers.add(share(after.prose - before.prose, lines));
    }
}

/// What stands around a line: the elements it is in, their names and their shapes.
fn of_element(setting: &Setting<'_, '_>, line: &Line, page: &Page, numbers: &mut Numbers) {
    const TAGS: [&[Tag]; 8] = [
        &[Tag::Nav],
        &[Tag::Footer],
        &[Tag::Header],
        &[Tag::Aside],
        &[Tag::Form],
        &[Tag::Main],
        &[Tag::Article],
        &[Tag::Ul, Tag::Ol],
    ];
    const NAMES: [Marks; 11] = [
        Marks::BODY,
        Marks::CHROME,
        Marks::RELATED,
        Marks::COMMENT,
        Marks::PROMO,
        Marks::BYLINE,
        Marks::HIDDEN,
        Marks::MEDIA,
        Marks::CONTENT,
        Marks::QUOTE,
        Marks::REVIEWS,
    ];
    /// The smallest elements around a line that weigh so much tell what kind of place it is.
    const SCALES: [u32; 3] = [150, 700, 3_000];
    let (tree, measures) = (setting.tree, setting.measures);
    let whole = measures.get(NodeId::ROOT).all;
    let own = measures.get(line.block);
    let mut inside = [false; TAGS.len()];
    let mut near = Marks::default();
    let mut scale = 0;
    let mut shapes = [NodeId::ROOT; SCALES.len()];
    let (mut most, mut repeated) = (1, line.block);
    let mut depth = 0_u32;
    for id in [line.block].into_iter().chain(tree.ancestors(line.block)) {
        let measure = measures.get(id);
        let tag = tree.tag(id);
        for (flag, tags) in inside.iter_mut().zip(TAGS) {
            *flag |= tags.contains(&tag);
        }
        if depth < 3 {
            near = near.and(measure.marks);
        }
        let twins = page.twins.get(id.index()).copied().unwrap_or(1);
        if twins > most && measure.all * 3 < whole {
            (most, repeated) = (twins, id);
        }
        while SCALES.get(scale).is_some_and(|least| measure.all >= *least) {
            if let Some(shape) = shapes.get_mut(scale) {
                *shape = id;
            }
            scale += 1;
        }
        depth += 1;
    }
    numbers.count(depth);
    for flag in inside {
        numbers.flag(flag);
    }
    for name in NAMES {
        let around = u32::from(own.around.has(name));
        numbers.count(if near.has(name) { 2 } else { around });
    }
    numbers.flag(own.veiled);
    for id in shapes {
        let shape = measures.get(id);
        numbers.count(shape.all);
        numbers.add(shape.link_share());
        numbers.add(share(shape.prose, shape.all * 2));
        numbers.add(share(shape.all, whole));
    }
    let item = measures.get(repeated);
    numbers.count(most);
    numbers.count(item.all);
    numbers.add(item.link_share());
    numbers.add(share(item.prose, item.all * 2));
    numbers.count(number(line.block.index() - repeated.index()));
}

/// How far a line stands from a place: below 0 before it.
fn distance(from: usize, at: usize) -> f32 {
    let far = float(number(from.abs_diff(at)));
    if at < from { -far } else { far }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts are compared, not added up"
)]
fn float(count: u32) -> f32 {
    count as f32
}

/// To compare texts by: FNV-1a, of eight bytes at a time.
fn digest(text: &str) -> u64 {
    let mixed = |hash: u64, word: u64| {
        let mixed = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed ^ mixed >> 32
    };
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let hash = words.iter().fold(text.len() as u64, |hash, word| {
        mixed(hash, u64::from_le_bytes(*word))
    });
    rest.iter()
        .fold(hash, |hash, byte| mixed(hash, u64::from(*byte)))
}

fn has_price(text: &str) -> bool {
    const SIGNS: [char; 9] = ['€', '£', '¥', '￥', '₹', '₩', '元', '円', '원'];
    has_digit(text) && (text.contains('$') || !text.is_ascii() && text.contains(SIGNS))
}

fn has_digit(text: &str) -> bool {
    pieces(text).any(|piece| count(piece.as_bytes(), |byte| byte.is_ascii_digit()) > 0)
}

/// Whether a number of a year of our time stands in it.
fn has_year(text: &str) -> bool {
    let is_year = |bytes: &[u8]| match bytes {
        [b'1', b'9', decade, year, rest @ ..] | [b'2', b'0', decade, year, rest @ ..] => {
            decade.is_ascii_digit()
                && year.is_ascii_digit()
                && !rest.first().is_some_and(u8::is_ascii_digit)
        }
        _ => false,
    };
    let mut rest = text.as_bytes();
    let mut in_number = false;
    while let [byte, behind @ ..] = rest {
        if matches!(byte, b'1' | b'2') && !in_number && is_year(rest) {
            return true;
        }
        in_number = byte.is_ascii_digit();
        rest = behind;
    }
    false
}

/// What tells the lines that have the same part in things that repeat: the tags and first classes of
/// the elements around them.
pub(crate) fn role_of(tree: &Tree<'_>, line: &Line) -> u64 {
    let around = tree.ancestors(line.block).take(3);
    let path = [line.block].into_iter().chain(around);
    path.fold(0, |role: u64, id| role.rotate_left(9) ^ shape_of(tree, id))
}

/// An element's tag and first class.
fn shape_of(tree: &Tree<'_>, id: NodeId) -> u64 {
    let classes = tree.attr(id, Attr::Class).unwrap_or_default();
    let class = classes.split_ascii_whitespace().next().unwrap_or_default();
    digest(class) ^ ((tree.tag(id) as u64) << 56)
}

/// For each element with text, how many of its siblings have its tag and its first class.
fn twins(tree: &Tree<'_>, measures: &Measures) -> Vec<u32> {
    let mut twins = vec![1; tree.len()];
    let mut shapes: Vec<(u64, NodeId)> = Vec::new();
    for parent in tree.subtree(NodeId::ROOT) {
        let children = tree.children(parent);
        let shown = children.filter(|id| tree.tag(*id) != Tag::Text && measures.get(*id).all > 0);
        shapes.clear();
        shapes.extend(shown.map(|id| (shape_of(tree, id), id)));
        shapes.sort_unstable();
        for alike in shapes.chunk_by(|one, other| one.0 == other.0) {
            for (_, id) in alike {
                if let Some(slot) = twins.get_mut(id.index()) {
                    *slot = number(alike.len());
                }
            }
        }
    }
    twins
}

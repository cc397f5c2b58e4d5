//! A page among the pages of its site: what of it repeats on others, what is left out for that, and
//! what it teaches itself.

use std::collections::HashSet;

use pressmark_html::{Attr, NodeId, Tag, Treat, Tree};
use pressmark_model::WebUrl;

use super::template::Template;
use super::{BASIS, KEY_BITS, Lesson, Profile, Text, fed, mixed, page_key};
use crate::Page;
use crate::blocks::{Kept, Setting};
use crate::lines::{Line, Lines};
use crate::trace::Removal;

/// Boxes of more nodes than this are not looked through.
const LARGEST_BOX: usize = 400;
/// A box is looked for so many elements above a line.
const HIGHEST_BOX: usize = 6;

/// A page among the pages that its site's profile knows.
pub(crate) struct Site<'p> {
    template: &'p Template,
    /// The other pages: those that are not the same article.
    others: u32,
    /// Blocks of prose that stand on enough of them, in order.
    repeated: Vec<NodeId>,
}

impl<'p> Site<'p> {
    /// The page among those that the profile knows; `None` if these say nothing.
    pub(crate) fn of(
        profile: Option<&'p Profile>,
        lines: &Lines,
        url: Option<&WebUrl>,
    ) -> Option<Self> {
        let template = &profile?.compiled().template;
        if template.is_void() {
            return None;
        }
        let mut total = 0;
        let mut bodies = Vec::new();
        let mut prose = Vec::new();
        for line in lines.all().iter().filter(|line| is_prose(line)) {
            let weight = u32::from(sixteenths(line.weight));
            let pages = template.pages_of(key_of(&line.text));
            total += weight;
            bodies.push((weight, pages.body));
            prose.push((line.block, pages.all));
        }
        let same = template.page_at(url.map(page_key)) | template.same_as(&bodies, total);
        let mut site = Self {
            template,
            others: template.without(same),
            repeated: Vec::new(),
        };
        for lines in prose.chunk_by(|(one, _), (other, _)| one == other) {
            let repeats = lines.iter().all(|(_, pages)| site.is_on(*pages, 1, 3));
            site.repeated
                .extend(lines.first().filter(|_| repeats).map(|(block, _)| *block));
        }
        (site.others.count_ones() >= 2).then_some(site)
    }

    /// Whether a block of prose stands on other pages, too.
    pub(crate) fn repeats(&self, id: NodeId) -> bool {
        self.repeated.binary_search(&id).is_ok()
    }

    /// The element around the chosen one that holds the body on most of the other pages, if there
    /// is one: the chosen one is a part of it.
    pub(crate) fn widen(&self, tree: &Tree<'_>, chosen: NodeId) -> NodeId {
        let Some(usual) = self.template.root else {
            return chosen;
        };
        if root_of(tree, chosen) == usual {
            return chosen;
        }
        let mut around = tree.ancestors(chosen).take(HIGHEST_BOX);
        around
            .find(|id| root_of(tree, *id) == usual)
            .unwrap_or(chosen)
    }

    /// Leaves out of the body what repeats and looks like no body text; nothing, if that were most
    /// of it.
    pub(crate) fn leave_out(&self, setting: &Setting<'_, '_>, kept: &mut Kept) {
        let seen: Vec<Seen<'_>> = kept_lines(setting, kept)
            .map(|line| self.see(setting, kept, line))
            .collect();
        let whole: u32 = seen.iter().map(|seen| seen.line.weight).sum();
        let varied: HashSet<u16> = seen
            .iter()
            .filter(|seen| !seen.repeats)
            .map(|seen| seen.place)
            .collect();
        let boxes = Boxes::new(setting.tree, &seen);
        let mut out = Vec::new();
        let (mut weight, mut done) = (0, NodeId::ROOT);
        for seen in &seen {
            let first = seen.line.nodes.first().copied().unwrap_or(NodeId::ROOT);
            if first < done || !self.is_template(seen, &varied) {
                continue;
            }
            let around = boxes.around(setting, kept, seen.line.block);
            weight += around.map_or(seen.line.weight, |id| boxes.weight(id));
            done = around.map_or(first, |id| setting.tree.end(id));
            let nodes = around.map_or_else(|| seen.line.nodes.clone(), |id| vec![id]);
            out.push((nodes, self.removal(seen)));
        }
        if weight * 2 <= whole {
            for (nodes, removal) in out {
                kept.leave_out(&nodes, removal);
            }
            kept.sort();
        }
    }

    fn see<'l>(&self, setting: &Setting<'_, '_>, kept: &Kept, line: &'l Line) -> Seen<'l> {
        let pages = self.template.pages_of(key_of(&line.text)).all & self.others;
        Seen {
            line,
            place: place_of(setting.tree, line.block),
            pages: pages.count_ones(),
            repeats: self.is_on(pages, 1, 5),
            is_lead: kept.lead.as_deref() == Some(line.text.as_str()),
            in_list: line.in_list(setting.root),
        }
    }

    /// Whether these are two other pages at least, and this part of them.
    const fn is_on(&self, pages: u32, part: u32, of: u32) -> bool {
        let pages = (pages & self.others).count_ones();
        pages >= 2 && pages * of >= self.others.count_ones() * part
    }

    /// Whether a line is of the site's template by more than that it repeats.
    fn is_template(&self, seen: &Seen<'_>, varied: &HashSet<u16>) -> bool {
        let line = seen.line;
        if !seen.repeats
            || seen.is_lead
            || seen.in_list
            || line.tag.is_heading()
            || line.weight < 12
        {
            return false;
        }
        let (pages, others) = (seen.pages, self.others.count_ones());
        let place = self.template.place(seen.place);
        let is_place_of_its_own =
            !place.is_varied && !varied.contains(&seen.place) && self.is_on(place.pages, 1, 3);
        line.links >= 0.5
            || line.weight >= 40 && is_place_of_its_own && pages * 3 >= others
            || line.links > 0.0 && pages >= 4 && pages * 4 >= others * 3
    }

    fn removal(&self, seen: &Seen<'_>) -> Removal {
        Removal {
            step: "site",
            reason: format!(
                "repeats on {} of {} other pages of its site",
                seen.pages,
                self.others.count_ones()
            ),
            text: seen.line.text.chars().take(80).collect(),
        }
    }
}

/// A line of the body among the pages of its site.
struct Seen<'l> {
    line: &'l Line,
    place: u16,
    /// On how many other pages it is.
    pages: u32,
    repeats: bool,
    is_lead: bool,
    in_list: bool,
}

/// The elements all of whose lines repeat.
struct Boxes<'t, 's> {
    tree: &'t Tree<'s>,
    /// Where each line begins, and how many lines before it do not repeat, and the weight of
    /// all lines before it.
    sums: Vec<(NodeId, u32, u32)>,
}

impl<'t, 's> Boxes<'t, 's> {
    fn new(tree: &'t Tree<'s>, seen: &[Seen<'_>]) -> Self {
        let mut sums = Vec::with_capacity(seen.len() + 1);
        let (mut single, mut weight) = (0, 0);
        for seen in seen {
            let first = seen.line.nodes.first().copied().unwrap_or(NodeId::ROOT);
            sums.push((first, single, weight));
            single += u32::from(!seen.repeats || seen.is_lead);
            weight += seen.line.weight;
        }
        sums.push((tree.end(NodeId::ROOT), single, weight));
        Self { tree, sums }
    }

    /// How many lines of an element do not repeat, and the weight of all.
    fn sum(&self, id: NodeId) -> (u32, u32) {
        let at = |node: NodeId| {
            let place = self.sums.partition_point(|(first, ..)| *first < node);
            let sum = self.sums.get(place).or(self.sums.last());
            sum.map_or((0, 0), |(_, single, weight)| (*single, *weight))
        };
        let (from, to) = (at(id), at(self.tree.end(id)));
        (to.0 - from.0, to.1 - from.1)
    }

    fn weight(&self, id: NodeId) -> u32 {
        self.sum(id).1
    }

    /// The largest element around a block that holds nothing but what repeats.
    fn around(&self, setting: &Setting<'_, '_>, kept: &Kept, block: NodeId) -> Option<NodeId> {
        let is_box = |id: &NodeId| {
            let nodes = self.tree.end(*id).index() - id.index();
            *id > setting.root
                && nodes <= LARGEST_BOX
                && setting.heading.is_none_or(|h| !self.tree.contains(*id, h))
                && self.sum(*id).0 == 0
                && !self
                    .tree
                    .subtree(*id)
                    .any(|inner| holds_more(self.tree, kept, inner))
        };
        let chain = std::iter::once(block).chain(self.tree.ancestors(block));
        chain.take(HIGHEST_BOX).take_while(is_box).last()
    }
}

/// Whether it may be content that no line tells of.
fn holds_more(tree: &Tree<'_>, kept: &Kept, id: NodeId) -> bool {
    matches!(
        tree.tag(id),
        Tag::Figure | Tag::Video | Tag::Audio | Tag::Iframe | Tag::Embed | Tag::Table | Tag::Pre
    ) || matches!(kept.treat(id), Treat::As(_) | Treat::Quiet)
}

/// What a page teaches, that was read so by the general rules.
pub(crate) fn lesson(setting: &Setting<'_, '_>, kept: &Kept, page: &Page<'_>) -> Lesson {
    let tree = setting.tree;
    let text = |line: &Line, in_body| Text {
        key: key_of(&line.text),
        place: place_of(tree, line.block),
        weight: sixteenths(line.weight),
        in_body,
    };
    let body = kept_lines(setting, kept).map(|line| text(line, true));
    let is_outside = |line: &&Line| !tree.contains(setting.root, line.block) && is_prose(line);
    let outside = setting.lines.all().iter().filter(is_outside);
    let texts = body.chain(outside.map(|line| text(line, false)));
    Lesson::new(page, root_of(tree, setting.root), texts.collect())
}

/// The lines of the body that are kept.
fn kept_lines<'t>(setting: &Setting<'t, '_>, kept: &Kept) -> impl Iterator<Item = &'t Line> {
    let lines = setting.lines.of_leaves(&kept.blocks);
    lines.into_iter().filter(|line| {
        let first = line.nodes.first();
        first.is_some_and(|first| kept.treat(*first) != Treat::Skip)
    })
}

/// Whether it reads like sentences, wherever it stands.
fn is_prose(line: &Line) -> bool {
    line.weight >= 40 && line.points > 0 && line.links <= 0.4 && !line.tag.is_heading()
}

fn sixteenths(weight: u32) -> u8 {
    u8::try_from((weight / 16).clamp(1, 127)).unwrap_or(127)
}

/// The digest of a text, eight bytes at a time: every line of a page has one.
fn key_of(text: &str) -> u64 {
    let mut words = text.as_bytes().chunks_exact(8);
    let mut hash = text.len() as u64;
    for word in &mut words {
        let word = word
            .first_chunk()
            .map_or(0, |word| u64::from_le_bytes(*word));
        hash = mixed(hash ^ word);
    }
    let rest = words.remainder().iter().rev();
    let last = rest.fold(0, |last, byte| last << 8 | u64::from(*byte));
    mixed(hash ^ last) >> (64 - KEY_BITS)
}

/// The digest of a block's tag and names and of those of the element around it.
fn place_of(tree: &Tree<'_>, block: NodeId) -> u16 {
    let names = named(tree, tree.parent(block), named(tree, block, BASIS));
    u16::try_from(mixed(names) >> 48).unwrap_or(u16::MAX)
}

/// The digest of an element's names; 0 if it has none.
fn root_of(tree: &Tree<'_>, id: NodeId) -> u32 {
    let own = [Attr::Class, Attr::Id]
        .into_iter()
        .any(|attr| tree.attr(id, attr).is_some());
    if own && !matches!(tree.tag(id), Tag::Body | Tag::Html) {
        u32::try_from(mixed(named(tree, id, BASIS)) >> 32).unwrap_or(u32::MAX)
    } else {
        0
    }
}

/// Feeds an element's tag, class and id, without the figures that number it.
fn named(tree: &Tree<'_>, id: NodeId, hash: u64) -> u64 {
    let attrs = [Attr::Class, Attr::Id]
        .into_iter()
        .filter_map(|attr| tree.attr(id, attr));
    std::iter::once(tree.name(id))
        .chain(attrs)
        .fold(hash, |hash, names| {
            let bytes = names.bytes().filter(|byte| !byte.is_ascii_digit());
            bytes
                .chain([b'|'])
                .fold(hash, |hash, byte| fed(hash, u32::from(byte)))
        })
}

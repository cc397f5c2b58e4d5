//! The block around one entry's title: its date, its teaser, its picture.

use pressmark_html::{Attr, NodeId, Tag, Tree, image_address};
use pressmark_model::{OffsetTimestamp, WebUrl};

use super::choose::{is_free_for, is_outside};
use super::link::{is_day, is_generic};
use crate::date::Reading;
use crate::marks::Marks;
use crate::measure::{Measures, weigh};
use crate::words::key_of;

/// Text of less weight is no teaser.
const SHORTEST_TEASER: u32 = 40;
/// Longer texts are no dates.
const LONGEST_DATE: u32 = 60;
/// So many nodes behind an item may be its own.
const SIBLINGS: usize = 3;

/// The nodes of an item, from the first to before the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) from: NodeId,
    pub(super) end: NodeId,
}

impl Default for Item {
    fn default() -> Self {
        Self {
            from: NodeId::ROOT,
            end: NodeId::ROOT,
        }
    }
}

impl Item {
    /// One element.
    pub(super) fn of(tree: &Tree<'_>, node: NodeId) -> Self {
        Self {
            from: node,
            end: tree.end(node),
        }
    }

    /// The item of a target by its link: the largest element that holds no other, and what stands
    /// behind a title without a box of its own.
    pub(super) fn around(tree: &Tree<'_>, owners: &[u32], number: u32, link: NodeId) -> Self {
        let mut from = link;
        for above in tree.ancestors(link) {
            if is_outside(tree.tag(above)) || !is_free_for(owners, above, number) {
                break;
            }
            from = above;
        }
        let mut end = tree.end(from);
        let tag = tree.tag(from);
        if tag == Tag::Dt || tag == Tag::Tr || tag.is_heading() || tag == Tag::A {
            let limit = tree.end(tree.parent(from));
            for _ in 0..SIBLINGS * 2 {
                if end >= limit || !is_free_for(owners, end, number) || tree.tag(end).is_heading() {
                    break;
                }
                end = tree.end(end);
            }
        }
        Self { from, end }
    }

    /// The row of a list that holds this link and no other.
    pub(super) fn of_row(tree: &Tree<'_>, link: NodeId) -> Option<Self> {
        let row = tree
            .ancestors(link)
            .take(3)
            .find(|above| matches!(tree.tag(*above), Tag::Li | Tag::Tr | Tag::Dt))?;
        let links = tree.subtree(row).filter(|id| tree.tag(*id) == Tag::A);
        (links.count() <= 1).then(|| Self::of(tree, row))
    }

    /// The row of a table that holds this link, whatever else it links to.
    pub(super) fn of_table(tree: &Tree<'_>, link: NodeId) -> Option<Self> {
        let row = tree
            .ancestors(link)
            .take(3)
            .find(|above| tree.tag(*above) == Tag::Tr)?;
        Some(Self::of(tree, row))
    }

    fn nodes(self) -> impl Iterator<Item = NodeId> {
        (self.from.index()..self.end.index()).map(NodeId::from_index)
    }

    /// What speaks for an entry beside its title, in tenths of a point.
    pub(super) fn points(self, tree: &Tree<'_>) -> i32 {
        let (mut date, mut prose, mut image) = (0, 0, 0);
        for id in self.nodes() {
            match tree.tag(id) {
                Tag::Time => date = 10,
                Tag::Img | Tag::Picture => image = 5,
                Tag::P if weigh(&tree.text_of(id)).0 >= SHORTEST_TEASER => prose = 10,
                Tag::Text => {
                    let digits = tree.text(id).chars().filter(char::is_ascii_digit).count();
                    let short = tree.text(id).trim().len() < 40;
                    if short
                        && digits >= 4
                        && tree.text(id).contains(['-', '/', '.', ':', '月', '월'])
                    {
                        date = 10;
                    }
                }
                _ => {}
            }
        }
        date + prose + image
    }

    /// Whether a day stands in the item, outside of its title.
    pub(super) fn is_dated(self, tree: &Tree<'_>, title: &str) -> bool {
        self.nodes().any(|id| match tree.tag(id) {
            Tag::Time => true,
            Tag::Text => {
                let text = tree.text(id).trim();
                let digits = text.chars().filter(char::is_ascii_digit).count();
                let shaped = digits >= 6 && text.contains(['-', '/', '.', '年'])
                    || digits >= 3 && text.contains(['月', '월']);
                shaped && text.len() < 40 && !title.contains(text)
            }
            _ => false,
        })
    }

    /// When the entry says that it was published. Only days of the calendar count: `3 hours ago`
    /// would say something else at every visit.
    pub(super) fn date(
        self,
        tree: &Tree<'_>,
        measures: &Measures,
        reading: &Reading,
    ) -> Option<OffsetTimestamp> {
        let mut day = None;
        for id in self.nodes() {
            let tag = tree.tag(id);
            let found = if tag == Tag::Time {
                tree.attr(id, Attr::Datetime)
                    .and_then(|text| reading.day(text))
                    .or_else(|| reading.day(&tree.text_of(id)))
            } else if tag == Tag::Text {
                let text = tree.text(id).trim();
                short_day(text, reading)
            } else if measures.get(id).marks.has(Marks::DATE)
                && (4..LONGEST_DATE).contains(&measures.get(id).all)
            {
                short_day(&tree.text_of(id), reading)
            } else {
                None
            };
            match found {
                Some(found) if found.has_time => return Some(found.at),
                Some(found) => day = day.or(Some(found.at)),
                None => {}
            }
        }
        day
    }

    /// The words that follow the title, as a line of text.
    pub(super) fn teaser(
        self,
        tree: &Tree<'_>,
        measures: &Measures,
        link: NodeId,
        title: &str,
    ) -> Option<String> {
        let title = key_of(title);
        let mut best: Option<(u32, String)> = None;
        let mut inside = self.from;
        for id in self.nodes() {
            let (tag, measure) = (tree.tag(id), measures.get(id));
            if tag == Tag::Text || id < link || id < inside || measure.hidden {
                continue;
            }
            let named = measure.marks.has(Marks::LEAD);
            let least = if named { 15 } else { SHORTEST_TEASER };
            let own = if named { measure.all } else { measure.own };
            let candidate = named || tag == Tag::P || tag.is_block() && !tag.is_heading();
            if !candidate || own < least || tag.is_heading() || own * 2 < measure.all {
                continue;
            }
            let text = tree.text_of(id);
            let key = key_of(&text);
            if is_generic(&text) || title.contains(&key) || key.starts_with(&title) {
                continue;
            }
            let rank = u32::from(named) * 2 + u32::from(tag == Tag::P);
            if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                best = Some((rank, text));
            }
            inside = tree.end(id);
        }
        best.map(|(_, text)| text)
    }

    /// The first picture.
    pub(super) fn image(self, tree: &Tree<'_>, base: Option<&WebUrl>) -> Option<WebUrl> {
        self.nodes()
            .filter(|id| tree.tag(*id) == Tag::Img)
            .filter_map(|id| image_address(tree, id))
            .find_map(|address| match base {
                Some(base) => base.join(&address).ok(),
                None => address.parse().ok(),
            })
    }
}

/// A date in a short text: whole, or month and day as lists of headlines write them.
pub(super) fn short_day(text: &str, reading: &Reading) -> Option<crate::date::Found> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    // `3 Sep` is a day, `Take 3 Mar` in a title may be none.
    let least = if is_day(text) { 1 } else { 2 };
    if digits < least || weigh(text).0 > LONGEST_DATE {
        return None;
    }
    reading.day(text).or_else(|| reading.month_and_day(text))
}

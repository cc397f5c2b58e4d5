//! Which element holds the body: the lowest one with most of the page's prose.

use pressmark_html::{Attr, NodeId, Tag, Tree};

use crate::facts::Facts;
use crate::marks::Marks;
use crate::measure::{Measures, share};
use crate::profile::Site;
use crate::words::key_of;

/// What names an element, or one around it, that no prose of the article stands in.
pub(crate) const ELSEWHERE: Marks = Marks(
    Marks::CHROME.0
        | Marks::SHARE.0
        | Marks::RELATED.0
        | Marks::COMMENT.0
        | Marks::AD.0
        | Marks::PROMO.0,
);

/// The element that holds the body: the whole page, if it has no prose. Prose that stands on other
/// pages of the site, too, is none of it.
pub(crate) fn choose(
    tree: &Tree<'_>,
    measures: &Measures,
    facts: &Facts,
    heading: Option<NodeId>,
    site: Option<&Site<'_>>,
) -> NodeId {
    let told = facts.json_ld.body.as_deref().map(key_of);
    let mut told = Told::new(told.unwrap_or_default());
    let mut prose = vec![0_u32; tree.len()];
    let mut total = 0;
    for id in tree.subtree(NodeId::ROOT) {
        let measure = measures.get(id);
        if measure.hidden || tree.tag(id) == Tag::Text {
            continue;
        }
        let mut weight = crate::measure::prose(tree.tag(id), measure);
        if weight == 0 || site.is_some_and(|site| site.repeats(id)) {
            continue;
        }
        if measure.around.and(measure.marks).has(ELSEWHERE) || is_outside(tree, id) {
            weight /= 8;
        }
        if told.is_open() && measure.own > 60 {
            let start: String = key_of(&tree.text_start(id, 400)).chars().take(40).collect();
            if start.chars().count() > 12 && told.has(&start) {
                weight *= 4;
            }
        }
        if let Some(slot) = prose.get_mut(id.index()) {
            *slot = weight;
        }
        total += weight;
    }
    for index in (1..tree.len()).rev() {
        let weight = prose.get(index).copied().unwrap_or(0);
        if let Some(slot) = prose.get_mut(tree.parent(NodeId::from_index(index)).index()) {
            *slot += weight;
        }
    }
    if total == 0 {
        return match site {
            Some(_) => choose(tree, measures, facts, heading, None),
            None => NodeId::ROOT,
        };
    }
    let of = |id: NodeId| prose.get(id.index()).copied().unwrap_or(0);
    let mut node = NodeId::ROOT;
    loop {
        let here = of(node);
        let heaviest = tree
            .children(node)
            .filter(|id| tree.tag(*id) != Tag::Text)
            .max_by_key(|id| (of(*id), std::cmp::Reverse(*id)));
        let Some(child) = heaviest else { break };
        let needed = if heading
            .is_some_and(|h| tree.contains(node, h) && !tree.contains(child, h) && h > child)
        {
            0.9
        } else {
            0.7
        };
        let beside = tree.children(node).any(|other| {
            let measure = measures.get(other);
            let prose = tree.tag(other) == Tag::P && measure.own >= 120 && of(other) >= 200;
            other != child
                && (prose || of(other) >= 200 && is_alike(tree, child, other))
                && heading.is_none_or(|h| other > h)
        });
        if beside
            || share(of(child), here) < needed
            || matches!(
                tree.tag(child),
                Tag::P | Tag::Blockquote | Tag::Pre | Tag::Li
            )
        {
            break;
        }
        node = child;
    }
    site.map_or(node, |site| site.widen(tree, node))
}

/// The body that JSON-LD tells. The texts of a page are found in it in their order, so the next is
/// looked for behind the last; what is not there is looked for in all of it, and not without end.
struct Told {
    key: String,
    from: usize,
    misses: u32,
}

impl Told {
    /// How many texts may be looked for in vain.
    const MOST_MISSES: u32 = 200;

    fn new(key: String) -> Self {
        Self {
            key,
            from: 0,
            misses: 0,
        }
    }

    fn is_open(&self) -> bool {
        !self.key.is_empty() && self.misses < Self::MOST_MISSES
    }

    fn has(&mut self, start: &str) -> bool {
        let behind = self.key.get(self.from..).unwrap_or_default();
        let found = if let Some(at) = behind.find(start) {
            Some(self.from + at)
        } else {
            self.misses += 1;
            self.key.find(start)
        };
        self.from = found.map_or(self.from, |at| at + start.len());
        found.is_some()
    }
}

/// Whether two elements are parts of one thing by their names: the same tag and a class in common.
fn is_alike(tree: &Tree<'_>, one: NodeId, other: NodeId) -> bool {
    let classes = |id| {
        tree.attr(id, Attr::Class)
            .unwrap_or_default()
            .split_ascii_whitespace()
    };
    tree.tag(one) == tree.tag(other)
        && tree.tag(one) != Tag::Article
        && classes(one).any(|class| {
            crate::marks::of_names(class).has(Marks(Marks::BODY.0 | Marks::CONTENT.0))
                && classes(other).any(|c| c == class)
        })
}

/// Whether an element stands in what is never an article's body.
pub(crate) fn is_outside(tree: &Tree<'_>, id: NodeId) -> bool {
    tree.ancestors(id).any(|above| {
        matches!(
            tree.tag(above),
            Tag::Aside | Tag::Footer | Tag::Nav | Tag::Form | Tag::Figure
        )
    })
}

//! Which parts of the chosen element belong to the article: first whole elements are judged
//! ([`crate::elements`]), then, one after the other, the lines of what is left
//! ([`crate::lines`]).

use pressmark_html::{NodeId, Tag, Treat, Tree};

use pressmark_model::Timestamp;

use crate::Hints;
use crate::elements::{self, Verdict};
use crate::facts::Facts;
use crate::lead;
use crate::lines::{self, Line, Lines};
use crate::measure::Measures;
use crate::trace::Removal;

/// How strict the decisions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A page with an article.
    Article,
    /// An article that is made of parts which look like teasers of others.
    Parts,
    /// A body that is given as a whole: nothing is taken out for its place in a page.
    Given,
    /// A body that the user's rules name: it is believed, and nothing but the title is taken out.
    Ruled,
}

/// What the decisions are made from.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'t, 's> {
    pub(crate) tree: &'t Tree<'s>,
    pub(crate) measures: &'t Measures,
    pub(crate) lines: &'t Lines,
    pub(crate) facts: &'t Facts,
    pub(crate) hints: &'t Hints,
    pub(crate) title: &'t str,
    /// The key of the title.
    pub(crate) title_key: &'t str,
    pub(crate) heading: Option<NodeId>,
    pub(crate) root: NodeId,
    pub(crate) mode: Mode,
    pub(crate) captured_at: Timestamp,
}

impl Setting<'_, '_> {
    /// Whether the page is no more than a body: it has no title and tells nothing of itself, and so
    /// it has no frame either.
    pub(crate) fn is_bare(&self) -> bool {
        self.heading.is_none() && self.facts.title_element.is_none() && self.facts.metas.is_empty()
    }
}

/// The parts that are kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// The parts of the tree, in order.
    pub(crate) parts: Vec<NodeId>,
    /// What is done to nodes of them other than keeping them, by node.
    treats: Vec<(NodeId, Treat)>,
    pub(crate) lead: Option<String>,
    pub(crate) trace: Vec<(NodeId, Removal)>,
    /// Weight of the lines that are kept, and of what was taken for a teaser or out for its names.
    pub(crate) weights: (u32, u32),
    /// Weight of the kept lines that read like sentences.
    pub(crate) prose: u32,
    /// The blocks of the lines that are kept, in order.
    pub(crate) blocks: Vec<NodeId>,
}

impl Kept {
    pub(crate) fn treat(&self, id: NodeId) -> Treat {
        match self.treats.binary_search_by_key(&id, |(node, _)| *node) {
            Ok(at) => self.treats.get(at).map_or(Treat::Keep, |(_, treat)| *treat),
            Err(_) => Treat::Keep,
        }
    }

    /// Whether nothing is done to what is inside of an element.
    pub(crate) fn is_whole(&self, tree: &Tree<'_>, id: NodeId) -> bool {
        let behind = self.treats.partition_point(|(node, _)| *node <= id);
        let next = self.treats.get(behind);
        next.is_none_or(|(node, _)| *node >= tree.end(id))
    }

    /// The whole of an element, with what is done to nodes of it.
    pub(crate) fn whole(root: NodeId, treats: Vec<(NodeId, Treat)>) -> Self {
        Self {
            parts: vec![root],
            treats,
            ..Self::default()
        }
    }

    /// Counts a line that is kept.
    pub(crate) fn count(&mut self, line: &Line) {
        self.weights.0 += line.weight;
        self.prose += if line.is_sentence() { line.weight } else { 0 };
        self.blocks.push(line.block);
    }

    pub(crate) fn leave_out(&mut self, nodes: &[NodeId], removal: Removal) {
        self.treats
            .extend(nodes.iter().map(|node| (*node, Treat::Skip)));
        if let Some(node) = nodes.first() {
            self.trace.push((*node, removal));
        }
    }

    /// Puts everything into the order of the page, as it is looked up.
    pub(crate) fn sort(&mut self) {
        self.treats.sort_by_key(|(node, _)| *node);
        self.treats.dedup_by_key(|(node, _)| *node);
        self.trace.sort_by_key(|(node, _)| *node);
        self.blocks.sort_unstable();
    }

    fn remove(&mut self, tree: &Tree<'_>, id: NodeId, step: &'static str, reason: String) {
        self.treats.push((id, Treat::Skip));
        let text = tree.text_start(id, 80);
        if !text.is_empty() {
            self.trace.push((id, Removal { step, reason, text }));
        }
    }
}

pub(crate) fn keep(setting: &Setting<'_, '_>) -> Kept {
    let mut kept = Kept::default();
    let tree = setting.tree;
    kept.parts.push(setting.root);
    let mut quiet_until = setting.root;
    let mut leaves = Vec::new();
    let (mut at, end) = (setting.root, tree.end(setting.root));
    while at < end {
        if tree.tag(at) == Tag::Text {
            at = next(at);
            continue;
        }
        let verdict = if at == setting.root {
            Verdict::Keep
        } else {
            elements::judge(setting, at)
        };
        match verdict {
            Verdict::Remove(step, reason) => {
                if matches!(step, "names" | "card") {
                    let measure = setting.measures.get(at);
                    kept.weights.1 += measure.all - measure.link;
                }
                if tree.tag(at).is_hidden() {
                    kept.treats.push((at, Treat::Skip));
                } else {
                    kept.remove(tree, at, step, reason);
                }
                at = tree.end(at);
                continue;
            }
            Verdict::Figure => {
                kept.treats.push((at, Treat::As(Tag::Figure)));
                quiet_until = quiet_until.max(tree.end(at));
            }
            Verdict::Quiet => {
                kept.treats.push((at, Treat::Quiet));
                quiet_until = quiet_until.max(tree.end(at));
            }
            Verdict::Keep => {}
        }
        if at >= quiet_until && tree.tag(at).is_block() && setting.measures.get(at).own > 0 {
            leaves.push(at);
        }
        at = next(at);
    }
    let lines = setting.lines.of_leaves(&leaves);
    let leads = lead::find(setting, &lines, &mut kept);
    if setting.mode != Mode::Ruled {
        for (line, step, reason) in lines::unwanted(setting, &lines, &leads) {
            for &node in &line.nodes {
                kept.remove(tree, node, step, reason.clone());
            }
        }
    }
    kept.sort();
    for line in lines {
        let node = line.nodes.first();
        if node.is_some_and(|node| kept.treat(*node) != Treat::Skip) {
            kept.count(line);
        }
    }
    kept.blocks.sort_unstable();
    kept
}

fn next(id: NodeId) -> NodeId {
    NodeId::from_index(id.index() + 1)
}

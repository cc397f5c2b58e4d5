//! The trace: what became of every block of the page, which step decided, and why.

use pressmark_html::{Attr, NodeId, Tag, Treat, Tree, is_pixel};

use crate::blocks::{Kept, Mode, Setting};
use crate::measure::share;
use crate::words::beginning;

/// How much of a text is shown, in characters.
const SHOWN: usize = 80;

/// What became of a block of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is of the article.
    pub kept: bool,
    /// The step that decided.
    pub step: &'static str,
    /// Why, in words that go on from "it".
    pub reason: String,
    /// The element, such as `div.share`.
    pub element: String,
    /// How its text begins: at most 80 characters; empty if it has none.
    pub text: String,
}

/// A part of the article's place that was left out, by the step that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) step: &'static str,
    pub(crate) reason: String,
    pub(crate) text: String,
}

impl Removal {
    /// The decision, where it is not known which element it is on.
    pub(crate) fn placeless(self) -> (Option<NodeId>, Decision) {
        let decision = Decision {
            kept: false,
            step: self.step,
            reason: self.reason,
            element: String::new(),
            text: self.text,
        };
        (None, decision)
    }
}

/// The decisions on a page in its order, each with the node that it is on.
pub(crate) fn of(
    setting: &Setting<'_, '_>,
    kept: &Kept,
    removed: Vec<(NodeId, Removal)>,
) -> Vec<(Option<NodeId>, Decision)> {
    let mut trace = Trace {
        setting,
        kept,
        out: Vec::with_capacity(removed.len() + 64),
    };
    for (id, removal) in removed {
        trace.out.push((
            id,
            Decision {
                kept: false,
                step: removal.step,
                reason: removal.reason,
                element: element(setting.tree, id),
                text: removal.text,
            },
        ));
    }
    for &part in &kept.parts {
        trace.inside(part);
    }
    if matches!(setting.mode, Mode::Article | Mode::Parts) {
        trace.outside();
    }
    trace.out.sort_by_key(|(id, _)| *id);
    let placed = |(id, decision)| (Some(id), decision);
    trace.out.into_iter().map(placed).collect()
}

struct Trace<'t, 's, 'k> {
    setting: &'t Setting<'t, 's>,
    kept: &'k Kept,
    out: Vec<(NodeId, Decision)>,
}

impl Trace<'_, '_, '_> {
    fn push(&mut self, id: NodeId, kept: bool, step: &'static str, reason: &str) {
        let text = self.start_of(id);
        self.push_with(id, kept, (step, reason), text);
    }

    fn push_with(
        &mut self,
        id: NodeId,
        kept: bool,
        (step, reason): (&'static str, &str),
        text: String,
    ) {
        let decision = Decision {
            kept,
            step,
            reason: reason.to_owned(),
            element: element(self.setting.tree, id),
            text,
        };
        self.out.push((id, decision));
    }

    /// The blocks of a part of the article that were not removed.
    fn inside(&mut self, part: NodeId) {
        let (tree, measures) = (self.setting.tree, self.setting.measures);
        let mut at = part;
        let mut picture = part;
        while at < tree.end(part) {
            let tag = tree.tag(at);
            let skips = match self.kept.treat(at) {
                _ if tag == Tag::Text => false,
                Treat::Skip => true,
                Treat::As(_) => {
                    self.push(at, true, "figure", "is a picture with its caption");
                    true
                }
                Treat::Quiet => {
                    let reason = "is a post or a caption: in the HTML, not in the text";
                    self.push(at, true, "quiet", reason);
                    true
                }
                Treat::Keep if tag == Tag::Img && !is_pixel(tree, at) => {
                    self.push(at, true, "picture", "is a picture");
                    true
                }
                Treat::Keep if !tag.is_block() || tag == Tag::Hr => false,
                Treat::Keep if measures.get(at).all == 0 => {
                    if picture < at {
                        picture = next_picture(tree, at);
                    }
                    let bare = at != part && picture >= tree.end(at) && !is_cell(tag);
                    if bare {
                        self.push(at, false, "empty", "has neither text nor pictures");
                    }
                    bare
                }
                Treat::Keep => {
                    let shown = measures.get(at).own > 0;
                    let text = if shown {
                        self.start_of(at)
                    } else {
                        String::new()
                    };
                    if !text.is_empty() {
                        self.push_with(at, true, self.why_kept(at, &text), text);
                    }
                    false
                }
            };
            at = if skips { tree.end(at) } else { next(at) };
        }
    }

    fn why_kept(&self, id: NodeId, text: &str) -> (&'static str, &'static str) {
        let tree = self.setting.tree;
        let measure = self.setting.measures.get(id);
        if let Some(lead) = &self.kept.lead
            && lead.starts_with(text)
        {
            return ("lead", "is the lead");
        }
        let whole = self.setting.root == NodeId::ROOT;
        if whole && matches!(self.setting.mode, Mode::Article | Mode::Parts) {
            return ("learned", "is likely to be what the page is about");
        }
        let tag = tree.tag(id);
        if tag.is_heading() {
            return ("heading", "is a heading of the body");
        }
        if measure.own >= 90 && measure.points > 0 && measure.own_link_share() < 0.5 {
            return ("prose", "reads like sentences");
        }
        let holds = |id| {
            matches!(
                tree.tag(id),
                Tag::Li | Tag::Table | Tag::Blockquote | Tag::Dl | Tag::Pre
            )
        };
        if holds(id) || tree.ancestors(id).take(6).any(holds) {
            return ("list", "stands in a list, a table, a quotation or code");
        }
        ("place", "stands among the sentences of the body")
    }

    /// What stands beside the element that holds the body: whole elements, as large as they go.
    fn outside(&mut self) {
        let (tree, measures) = (self.setting.tree, self.setting.measures);
        let root = self.setting.root;
        let within = |id: NodeId| {
            let parts = self.kept.parts.iter().copied();
            parts
                .chain(self.setting.heading)
                .chain([root])
                .any(|inner| tree.contains(id, inner))
        };
        let whole = measures.get(NodeId::ROOT).all;
        let mut at = NodeId::ROOT;
        while at < tree.end(NodeId::ROOT) {
            if at == root {
                let part = share(measures.get(root).all, whole) * 100.0;
                let reason = format!("holds the body, and {part:.0} % of the page's text");
                self.push(at, true, "candidate", &reason);
                at = tree.end(at);
            } else if self.kept.parts.contains(&at) {
                at = tree.end(at);
            } else if Some(at) == self.setting.heading {
                self.push(at, false, "title", "is the title");
                at = tree.end(at);
            } else if within(at) {
                at = next(at);
            } else {
                let measure = measures.get(at);
                if tree.tag(at) != Tag::Text && measure.all > 0 && !measure.hidden {
                    let reason = "stands outside of the element that holds the body";
                    self.push(at, false, "candidate", reason);
                }
                at = tree.end(at);
            }
        }
    }

    /// How the text of an element begins that is not of blocks inside of it, if it has such.
    fn start_of(&self, id: NodeId) -> String {
        let tree = self.setting.tree;
        let own = self.setting.measures.get(id).own > 0;
        if let [line] = self.setting.lines.of_block(id)
            && line.nodes == [id]
            && self.kept.is_whole(tree, id)
        {
            return beginning(&line.text, SHOWN).to_owned();
        }
        let skips = |at| own && tree.tag(at).is_block() || self.kept.treat(at) == Treat::Skip;
        tree.text_start_without(id, SHOWN, skips)
    }
}

/// The first picture or player from a node on.
fn next_picture(tree: &Tree<'_>, from: NodeId) -> NodeId {
    let end = tree.end(NodeId::ROOT);
    let is_picture = |id: &NodeId| {
        matches!(
            tree.tag(*id),
            Tag::Img | Tag::Iframe | Tag::Video | Tag::Audio | Tag::Embed | Tag::Noscript
        )
    };
    (from.index()..end.index())
        .map(NodeId::from_index)
        .find(is_picture)
        .unwrap_or(end)
}

const fn is_cell(tag: Tag) -> bool {
    matches!(tag, Tag::Td | Tag::Th | Tag::Tr)
}

/// An element by its name and its first class, else its id, else its first attribute of data.
pub(crate) fn element(tree: &Tree<'_>, id: NodeId) -> String {
    let first = |attr| {
        let names = tree.attr(id, attr).unwrap_or_default();
        names.split_ascii_whitespace().next()
    };
    let mut name = match tree.tag(id) {
        Tag::Text => "text".to_owned(),
        _ => tree.name(id).to_owned(),
    };
    if let Some(class) = first(Attr::Class) {
        name.push('.');
        name.push_str(class);
    } else if let Some(own) = first(Attr::Id) {
        name.push('#');
        name.push_str(own);
    } else if let Some((data, _)) = tree.attrs(id).find(|(name, _)| name.starts_with("data-")) {
        name.push('[');
        name.push_str(data);
        name.push(']');
    }
    let length = beginning(&name, SHOWN).len();
    name.truncate(length);
    name
}

fn next(id: NodeId) -> NodeId {
    NodeId::from_index(id.index() + 1)
}

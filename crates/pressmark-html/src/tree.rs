//! The compact tree: one array of nodes in document order.
//!
//! A node's subtree is the run of nodes behind it, up to its `end`, so that walking it is walking
//! an array, and no walk needs a stack.

mod edit;

pub use edit::Edits;

use crate::attr::Attr;
use crate::parse::Builder;
use crate::parse::tokenizer::{AttrSpan, Pool, Span};
use crate::tag::Tag;

/// A node of a [`Tree`], by its place in document order. The document itself is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The document.
    pub const ROOT: Self = Self(0);

    /// The place in document order, from 0.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The node at this place.
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

#[derive(Debug, Clone, Copy)]
struct Node {
    tag: Tag,
    foreign: bool,
    parent: u32,
    /// The node behind the last of the subtree.
    end: u32,
    text: Span,
    attrs: (u32, u32),
}

const NOTHING: Node = Node {
    tag: Tag::Text,
    foreign: false,
    parent: 0,
    end: 0,
    text: Span { start: 0, len: 0 },
    attrs: (0, 0),
};

/// A parsed document.
#[derive(Debug, Clone)]
pub struct Tree<'a> {
    pool: Pool<'a>,
    nodes: Vec<Node>,
    attrs: Vec<AttrSpan>,
}

impl<'a> Tree<'a> {
    /// Parses a document, or any piece of HTML as the body of one. Parsing never fails.
    pub fn parse(html: &'a str) -> Self {
        // Offsets are 32-bit, and decoded texts come behind the source.
        let mut limit = html.len().min(u32::MAX as usize / 4);
        while !html.is_char_boundary(limit) {
            limit -= 1;
        }
        let builder = Builder::build(html.get(..limit).unwrap_or_default());
        let nodes = in_document_order(&builder);
        Self {
            pool: builder.tokens.pool,
            nodes,
            attrs: builder.tokens.attrs,
        }
    }

    fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id.index()).unwrap_or(&NOTHING)
    }

    /// How many nodes there are, the document among them.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the document.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 1
    }

    /// What the node is.
    pub fn tag(&self, id: NodeId) -> Tag {
        self.node(id).tag
    }

    /// Whether the element belongs to SVG or `MathML`.
    pub fn is_foreign(&self, id: NodeId) -> bool {
        self.node(id).foreign
    }

    /// The element's name as it is written; empty for texts.
    pub fn name(&self, id: NodeId) -> &str {
        match self.node(id).tag {
            Tag::Text | Tag::Document => "",
            Tag::Other => self.pool.get(self.node(id).text),
            tag => tag.name(),
        }
    }

    /// The text of a text node; empty for elements.
    pub fn text(&self, id: NodeId) -> &str {
        let node = self.node(id);
        if node.tag == Tag::Text {
            self.pool.get(node.text)
        } else {
            ""
        }
    }

    /// The parent; the document's is itself.
    pub fn parent(&self, id: NodeId) -> NodeId {
        NodeId(self.node(id).parent)
    }

    /// The node behind the last one of the subtree, in document order.
    pub fn end(&self, id: NodeId) -> NodeId {
        NodeId(self.node(id).end)
    }

    /// Whether `inner` is `outer` or inside it.
    pub fn contains(&self, outer: NodeId, inner: NodeId) -> bool {
        outer <= inner && inner < self.end(outer)
    }

    /// The children, in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.end(id);
        let first = NodeId(id.0 + 1);
        let within = move |id: &NodeId| *id < end;
        std::iter::successors(Some(first).filter(within), move |id| {
            Some(self.end(*id)).filter(|next| next > id).filter(within)
        })
    }

    /// The node and all below it, in document order.
    pub fn subtree(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (id.0..self.node(id).end).map(NodeId)
    }

    /// The node's ancestors, the nearest first, the document last.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(id), move |id| {
            (*id != NodeId::ROOT).then(|| self.parent(*id))
        })
        .skip(1)
    }

    /// The value of an attribute; empty if it has none.
    pub fn attr(&self, id: NodeId, attr: Attr) -> Option<&str> {
        let found = self.attr_spans(id).iter().find(|span| span.attr == attr)?;
        Some(self.pool.get(found.value))
    }

    /// The value of the attribute of this name, in any case.
    pub fn attr_named(&self, id: NodeId, name: &str) -> Option<&str> {
        match Attr::from_name(name) {
            Attr::Other => self
                .attrs(id)
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value),
            attr => self.attr(id, attr),
        }
    }

    /// All attributes of an element, names as written.
    pub fn attrs(&self, id: NodeId) -> impl Iterator<Item = (&str, &str)> + '_ {
        self.attr_spans(id)
            .iter()
            .map(|span| (self.pool.get(span.name), self.pool.get(span.value)))
    }

    fn attr_spans(&self, id: NodeId) -> &[AttrSpan] {
        let node = self.node(id);
        let (from, count) = (node.attrs.0 as usize, node.attrs.1 as usize);
        self.attrs.get(from..from + count).unwrap_or_default()
    }

    /// The texts below a node joined, white space folded, hidden elements left out.
    pub fn text_of(&self, id: NodeId) -> String {
        self.text_until(id, usize::MAX, |_| false)
    }

    /// The texts below a node as they stand, in order, hidden elements left out.
    pub fn texts(&self, id: NodeId) -> impl Iterator<Item = &str> + '_ {
        let (mut at, end) = (id, self.end(id));
        std::iter::from_fn(move || {
            while at < end {
                let (node, tag) = (at, self.tag(at));
                let hidden = tag.is_hidden() && at != id;
                at = if hidden {
                    self.end(at)
                } else {
                    NodeId(at.0 + 1)
                };
                if tag == Tag::Text {
                    return Some(self.text(node));
                }
            }
            None
        })
    }

    /// The first characters of [`Self::text_of`], without reading what is behind them.
    pub fn text_start(&self, id: NodeId, characters: usize) -> String {
        self.text_start_without(id, characters, |_| false)
    }

    /// [`Self::text_start`], with what is inside of the node and to be skipped left out, too.
    pub fn text_start_without(
        &self,
        id: NodeId,
        characters: usize,
        skips: impl Fn(NodeId) -> bool,
    ) -> String {
        let mut text = self.text_until(id, characters.saturating_mul(4), skips);
        if let Some((at, _)) = text.char_indices().nth(characters) {
            text.truncate(at);
        }
        text
    }

    /// The text of a node up to about where it reaches this many bytes.
    fn text_until(&self, id: NodeId, enough: usize, skips: impl Fn(NodeId) -> bool) -> String {
        let mut out = String::new();
        let mut space = false;
        let (mut at, end) = (id, self.end(id));
        while at < end && out.len() < enough {
            let tag = self.tag(at);
            if tag == Tag::Text {
                let mut rest = self.text(at);
                while !rest.is_empty() && out.len() < enough {
                    let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
                    crate::text::fold_into(&mut out, piece, &mut space);
                    rest = after;
                }
            } else if at != id && (tag.is_hidden() || skips(at)) {
                at = self.end(at);
                continue;
            } else if tag.is_block() || tag == Tag::Br {
                space = true;
            }
            at = NodeId(at.0 + 1);
        }
        out
    }

    /// The text of a raw text element such as `script` or `title`, as it stands.
    pub fn raw_text(&self, id: NodeId) -> &str {
        self.children(id)
            .next()
            .map_or("", |child| self.text(child))
    }
}

/// In pieces of this many bytes a long text is read of which only the beginning may be asked for.
const PIECE: usize = 1_024;

/// The linked nodes of the builder as one array in document order.
fn in_document_order(builder: &Builder<'_>) -> Vec<Node> {
    let none = u32::MAX;
    let mut nodes: Vec<Node> = Vec::with_capacity(builder.nodes.len());
    // Open ancestors: the linked node, and its place in the array.
    let mut open: Vec<(u32, u32)> = Vec::with_capacity(64);
    let mut next = 0;
    while let Some(link) = builder.nodes.get(next as usize) {
        let place = u32::try_from(nodes.len()).unwrap_or(none);
        let parent = open.last().map_or(0, |(_, place)| *place);
        nodes.push(Node {
            tag: link.tag,
            foreign: link.foreign,
            parent,
            end: place + 1,
            text: link.text,
            attrs: link.attrs,
        });
        if link.first != none {
            open.push((next, place));
            next = link.first;
            continue;
        }
        let mut sibling = link.next;
        while sibling == none {
            let Some((parent, place)) = open.pop() else {
                break;
            };
            let end = u32::try_from(nodes.len()).unwrap_or(none);
            if let Some(node) = nodes.get_mut(place as usize) {
                node.end = end;
            }
            sibling = builder
                .nodes
                .get(parent as usize)
                .map_or(none, |link| link.next);
        }
        if sibling == none {
            break;
        }
        next = sibling;
    }
    nodes
}

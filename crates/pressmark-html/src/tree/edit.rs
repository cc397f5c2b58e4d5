//! A tree with changes made to it: a new tree, because nodes stand in document order.

use std::collections::HashMap;

use super::{Node, NodeId, Tree};
use crate::attr::Attr;
use crate::parse::tokenizer::AttrSpan;
use crate::tag::Tag;

/// Changes to a [`Tree`], collected and then made at once by [`Tree::edited`].
#[derive(Debug, Clone, Default)]
pub struct Edits {
    nodes: HashMap<NodeId, Change>,
    attributes: HashMap<(NodeId, usize), Option<Attr>>,
    /// What goes to the end of these nodes.
    moved: HashMap<NodeId, Vec<NodeId>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Remove,
    Unwrap,
    Wrap(Tag),
    Move,
}

impl Edits {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.attributes.is_empty()
    }

    /// Takes a node out, with all below it.
    pub fn remove(&mut self, id: NodeId) {
        self.nodes.insert(id, Change::Remove);
    }

    /// Whether it, or a node around it, is taken out.
    pub fn removes(&self, tree: &Tree<'_>, id: NodeId) -> bool {
        std::iter::once(id)
            .chain(tree.ancestors(id))
            .any(|id| self.nodes.get(&id) == Some(&Change::Remove))
    }

    /// Puts what is below an element in its place.
    pub fn unwrap(&mut self, id: NodeId) {
        self.nodes.entry(id).or_insert(Change::Unwrap);
    }

    /// Puts a node into a new element.
    pub fn wrap(&mut self, id: NodeId, tag: Tag) {
        self.nodes.entry(id).or_insert(Change::Wrap(tag));
    }

    /// Makes a node the last one below another. Nothing happens if that is part of the node,
    /// moves itself, or is taken out.
    pub fn move_into(&mut self, tree: &Tree<'_>, id: NodeId, into: NodeId) {
        let moves = |above: NodeId| self.nodes.get(&above) == Some(&Change::Move);
        let target_moves = moves(into) || tree.ancestors(into).any(moves);
        let is_target = self.moved.keys().any(|target| tree.contains(id, *target));
        let lost = self.removes(tree, into) || self.nodes.contains_key(&id);
        if !tree.contains(id, into) && !target_moves && !is_target && !lost {
            self.nodes.insert(id, Change::Move);
            self.moved.entry(into).or_default().push(id);
        }
    }

    /// Takes the attribute at this place away.
    pub fn remove_attribute(&mut self, id: NodeId, nth: usize) {
        self.attributes.insert((id, nth), None);
    }

    /// Reads the attribute at this place as if it had another name.
    pub fn rename_attribute(&mut self, id: NodeId, nth: usize, attr: Attr) {
        self.attributes.insert((id, nth), Some(attr));
    }
}

impl Tree<'_> {
    /// The tree with these changes.
    #[must_use]
    pub fn edited(&self, edits: &Edits) -> Self {
        self.copied(&[NodeId::ROOT], edits)
    }

    /// A document of these parts alone.
    #[must_use]
    pub fn of_parts(&self, parts: &[NodeId]) -> Self {
        self.copied(parts, &Edits::default())
    }

    fn copied(&self, parts: &[NodeId], edits: &Edits) -> Self {
        let mut copy = Copy {
            from: self,
            edits,
            nodes: Vec::with_capacity(self.nodes.len()),
            attrs: Vec::with_capacity(self.attrs.len()),
        };
        copy.open(
            Node {
                tag: Tag::Document,
                ..super::NOTHING
            },
            0,
        );
        for part in parts {
            if *part == NodeId::ROOT {
                copy.below(*part, 0);
            } else {
                copy.node(*part, 0);
            }
        }
        copy.close(0);
        Self {
            pool: self.pool.clone(),
            nodes: copy.nodes,
            attrs: copy.attrs,
        }
    }
}

struct Copy<'t, 's> {
    from: &'t Tree<'s>,
    edits: &'t Edits,
    nodes: Vec<Node>,
    attrs: Vec<AttrSpan>,
}

impl Copy<'_, '_> {
    fn open(&mut self, mut node: Node, parent: u32) -> u32 {
        let place = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        node.parent = parent;
        node.end = place.saturating_add(1);
        self.nodes.push(node);
        place
    }

    fn close(&mut self, place: u32) {
        let end = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.nodes.get_mut(place as usize) {
            node.end = end;
        }
    }

    /// A node and what is below it, as changed. Trees are at most 512 elements deep, and so is
    /// this recursion, but for what is wrapped and moved.
    fn node(&mut self, id: NodeId, parent: u32) {
        match self.edits.nodes.get(&id) {
            Some(Change::Remove | Change::Move) => {}
            Some(Change::Unwrap) => self.below(id, parent),
            Some(Change::Wrap(tag)) => {
                let wrapper = Node {
                    tag: *tag,
                    ..super::NOTHING
                };
                let place = self.open(wrapper, parent);
                self.itself(id, place);
                self.close(place);
            }
            None => self.itself(id, parent),
        }
    }

    fn itself(&mut self, id: NodeId, parent: u32) {
        let mut node = *self.from.node(id);
        let first = u32::try_from(self.attrs.len()).unwrap_or(u32::MAX);
        for (nth, span) in self.from.attr_spans(id).iter().enumerate() {
            let mut span = *span;
            match self.edits.attributes.get(&(id, nth)) {
                Some(None) => continue,
                Some(Some(attr)) => span.attr = *attr,
                None => {}
            }
            self.attrs.push(span);
        }
        let count = self.attrs.len() - first as usize;
        node.attrs = (first, u32::try_from(count).unwrap_or(0));
        let place = self.open(node, parent);
        self.below(id, place);
        self.close(place);
    }

    fn below(&mut self, id: NodeId, place: u32) {
        let from = self.from;
        for child in from.children(id) {
            self.node(child, place);
        }
        for moved in self.edits.moved.get(&id).into_iter().flatten() {
            self.itself(*moved, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Treat, clean};

    fn find(tree: &Tree<'_>, tag: Tag) -> NodeId {
        let mut all = tree.subtree(NodeId::ROOT);
        all.find(|id| tree.tag(*id) == tag).unwrap_or(NodeId::ROOT)
    }

    fn html(tree: &Tree<'_>) -> String {
        clean(tree, &[NodeId::ROOT], None, &|_| Treat::Keep).html
    }

    #[test]
    fn nodes_are_removed_unwrapped_wrapped_and_moved() {
        let tree = Tree::parse("<p>a<b>b</b><i>c</i></p><ul><li>d</ul><h2 lang=de>e</h2>");
        let mut edits = Edits::default();
        edits.remove(find(&tree, Tag::I));
        edits.unwrap(find(&tree, Tag::B));
        edits.wrap(find(&tree, Tag::Ul), Tag::Blockquote);
        edits.move_into(&tree, find(&tree, Tag::H2), find(&tree, Tag::Li));
        edits.remove_attribute(find(&tree, Tag::H2), 0);
        let edited = tree.edited(&edits);
        let expected = "<p>ab</p><blockquote><ul><li>d<h2>e</h2></li></ul></blockquote>";
        assert_eq!(html(&edited), expected);
        assert!(edits.removes(&tree, find(&tree, Tag::I)));
        assert_eq!(edited.end(NodeId::ROOT).index(), edited.len());
    }

    #[test]
    fn what_would_move_into_itself_stays() {
        let tree = Tree::parse("<div><p>a<b>b</b></p></div><section>c</section>");
        let (div, p) = (find(&tree, Tag::Div), find(&tree, Tag::P));
        let section = find(&tree, Tag::Section);
        let mut edits = Edits::default();
        edits.move_into(&tree, div, p);
        edits.move_into(&tree, section, p);
        edits.move_into(&tree, p, section);
        edits.move_into(&tree, div, section);
        assert_eq!(html(&tree.edited(&edits)), "<p>a<b>b</b></p><p>c</p>");
    }

    #[test]
    fn parts_become_a_document() {
        let tree = Tree::parse("<div><p>a</p><p>b</p></div><p>c</p>");
        let paragraphs: Vec<NodeId> = tree
            .subtree(NodeId::ROOT)
            .filter(|id| tree.tag(*id) == Tag::P)
            .skip(1)
            .collect();
        let parts = tree.of_parts(&paragraphs);
        assert_eq!(html(&parts), "<p>b</p><p>c</p>");
        assert_eq!(parts.parent(NodeId::from_index(1)), NodeId::ROOT);
    }
}

//! Axes and node tests: XPath 1.0, sections 2.2 and 2.3.

use super::Found;
use super::expr::{Axis, NodeTest};
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Appends the nodes of an axis that pass the test, in the axis' order. Gives how many nodes were
/// looked at.
pub(super) fn walk(
    tree: &Tree<'_>,
    from: Found,
    axis: Axis,
    test: &NodeTest,
    out: &mut Vec<Found>,
) -> usize {
    if from.attribute.is_some() {
        return walk_from_attribute(tree, from, axis, test, out);
    }
    let node = from.node;
    let mut seen = 1;
    let mut add = |id: NodeId| {
        seen += 1;
        if passes(tree, id, test) {
            out.push(Found::of(id));
        }
    };
    match axis {
        Axis::Namespace => {}
        Axis::Itself => add(node),
        Axis::Parent => {
            if node != NodeId::ROOT {
                add(tree.parent(node));
            }
        }
        Axis::Ancestor => tree.ancestors(node).for_each(add),
        Axis::AncestorOrSelf => {
            add(node);
            tree.ancestors(node).for_each(add);
        }
        Axis::Child => tree.children(node).for_each(add),
        Axis::Descendant => run(tree, node.index() + 1, tree.end(node).index(), add),
        Axis::DescendantOrSelf => run(tree, node.index(), tree.end(node).index(), add),
        Axis::Following => run(tree, tree.end(node).index(), tree.len(), add),
        Axis::Preceding => {
            for index in (1..node.index()).rev() {
                let id = NodeId::from_index(index);
                if !tree.contains(id, node) {
                    add(id);
                }
            }
        }
        Axis::FollowingSibling => {
            let parent = tree.parent(node);
            let mut next = tree.end(node);
            while node != NodeId::ROOT && next < tree.end(parent) {
                add(next);
                next = tree.end(next);
            }
        }
        Axis::PrecedingSibling => {
            if node != NodeId::ROOT {
                let before: Vec<NodeId> = tree
                    .children(tree.parent(node))
                    .take_while(|id| *id < node)
                    .collect();
                before.into_iter().rev().for_each(add);
            }
        }
        Axis::Attribute => {
            for (nth, (name, _)) in tree.attrs(node).enumerate() {
                seen += 1;
                if is_attribute_of(name, test) {
                    let attribute = Some(nth);
                    out.push(Found { node, attribute });
                }
            }
        }
    }
    seen
}

/// The same for an attribute: above it is its element, below and beside it is nothing.
fn walk_from_attribute(
    tree: &Tree<'_>,
    from: Found,
    axis: Axis,
    test: &NodeTest,
    out: &mut Vec<Found>,
) -> usize {
    let element = Found::of(from.node);
    let itself = matches!(
        axis,
        Axis::Itself | Axis::AncestorOrSelf | Axis::DescendantOrSelf
    );
    // The principal node type of these axes is the element.
    if itself && *test == NodeTest::Any {
        out.push(from);
    }
    match axis {
        Axis::Parent => walk(tree, element, Axis::Itself, test, out),
        Axis::Ancestor | Axis::AncestorOrSelf => {
            walk(tree, element, Axis::AncestorOrSelf, test, out)
        }
        Axis::Following => {
            walk(tree, element, Axis::Descendant, test, out)
                + walk(tree, element, Axis::Following, test, out)
        }
        Axis::Preceding => walk(tree, element, Axis::Preceding, test, out),
        _ => 1,
    }
}

fn run(tree: &Tree<'_>, from: usize, to: usize, add: impl FnMut(NodeId)) {
    (from..to.min(tree.len()))
        .map(NodeId::from_index)
        .for_each(add);
}

fn passes(tree: &Tree<'_>, id: NodeId, test: &NodeTest) -> bool {
    let tag = tree.tag(id);
    match test {
        NodeTest::Any => true,
        NodeTest::Text => tag == Tag::Text,
        NodeTest::Nothing => false,
        NodeTest::Star => !matches!(tag, Tag::Text | Tag::Document),
        NodeTest::Prefix(prefix) => starts_with(tree.name(id), prefix),
        NodeTest::Name(Tag::Other, name) => {
            tag == Tag::Other && tree.name(id).eq_ignore_ascii_case(name)
        }
        NodeTest::Name(wanted, _) => tag == *wanted,
    }
}

fn is_attribute_of(name: &str, test: &NodeTest) -> bool {
    match test {
        NodeTest::Any | NodeTest::Star => true,
        NodeTest::Text | NodeTest::Nothing => false,
        NodeTest::Prefix(prefix) => starts_with(name, prefix),
        NodeTest::Name(_, wanted) => name.eq_ignore_ascii_case(wanted),
    }
}

fn starts_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

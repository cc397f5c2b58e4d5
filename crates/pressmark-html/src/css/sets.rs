//! Matching: for each part of a selector, the set of elements that it matches.

use std::collections::HashMap;

use super::{Combinator, Complex, Compound, Condition, Test};
use crate::attr::Attr;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// For each node, whether it is in the set.
type Set = Vec<bool>;

fn has(set: &Set, id: NodeId) -> bool {
    set.get(id.index()).copied().unwrap_or(false)
}

fn put(set: &mut Set, id: NodeId, value: bool) {
    if let Some(slot) = set.get_mut(id.index()) {
        *slot |= value;
    }
}

fn is_element(tree: &Tree<'_>, id: NodeId) -> bool {
    !matches!(tree.tag(id), Tag::Text | Tag::Document)
}

fn set(tree: &Tree<'_>, mut test: impl FnMut(NodeId) -> bool) -> Set {
    tree.subtree(NodeId::ROOT)
        .map(|id| is_element(tree, id) && test(id))
        .collect()
}

pub(super) fn of_list(tree: &Tree<'_>, list: &[Complex]) -> Set {
    let mut any = vec![false; tree.len()];
    for complex in list {
        for (slot, matches) in any.iter_mut().zip(of_complex(tree, complex)) {
            *slot |= matches;
        }
    }
    any
}

fn of_complex(tree: &Tree<'_>, complex: &Complex) -> Set {
    let mut matching = of_compound(tree, &complex.first);
    for (combinator, compound) in &complex.rest {
        let reached = forward(tree, &matching, *combinator);
        matching = both(of_compound(tree, compound), &reached);
    }
    matching
}

fn both(mut one: Set, other: &Set) -> Set {
    for (slot, other) in one.iter_mut().zip(other) {
        *slot &= other;
    }
    one
}

fn of_compound(tree: &Tree<'_>, compound: &Compound) -> Set {
    let mut matching = set(tree, |id| {
        let named = compound.tag.as_ref().is_none_or(|(tag, name)| {
            tree.tag(id) == *tag && (*tag != Tag::Other || tree.name(id).eq_ignore_ascii_case(name))
        });
        named
            && compound
                .conditions
                .iter()
                .all(|condition| holds(tree, id, condition))
    });
    for condition in &compound.conditions {
        let among = match condition {
            Condition::Is(list) => of_list(tree, list),
            Condition::Not(list) => of_list(tree, list).into_iter().map(|is| !is).collect(),
            Condition::Has(list) => of_relatives(tree, list),
            Condition::Nth {
                step,
                start,
                from_end,
                of_type,
            } => {
                let places = places(tree, *from_end, *of_type);
                places
                    .iter()
                    .map(|place| is_nth(*place, *step, *start))
                    .collect()
            }
            Condition::Contains(text) => containing(tree, text),
            _ => continue,
        };
        matching = both(matching, &among);
    }
    matching
}

/// The conditions on an element alone; those that need others are met here.
fn holds(tree: &Tree<'_>, id: NodeId, condition: &Condition) -> bool {
    match condition {
        Condition::Id(wanted) => tree.attr(id, Attr::Id) == Some(wanted),
        Condition::Class(wanted) => tree.attr(id, Attr::Class).is_some_and(|list| {
            list.split_ascii_whitespace()
                .any(|class| class == &**wanted)
        }),
        Condition::Attribute {
            name,
            test,
            value,
            any_case,
        } => {
            let found = tree.attr_named(id, name);
            if *any_case {
                let lower = found.map(str::to_lowercase);
                compare(lower.as_deref(), *test, &value.to_lowercase())
            } else {
                compare(found, *test, value)
            }
        }
        Condition::Empty => tree.end(id).index() == id.index() + 1,
        Condition::Root => tree.parent(id) == NodeId::ROOT,
        Condition::Is(_)
        | Condition::Not(_)
        | Condition::Has(_)
        | Condition::Nth { .. }
        | Condition::Contains(_) => true,
    }
}

fn compare(found: Option<&str>, test: Test, wanted: &str) -> bool {
    let Some(found) = found else {
        return test == Test::Differs;
    };
    match test {
        Test::Present => true,
        Test::Equals => found == wanted,
        Test::Differs => found != wanted,
        Test::HasWord => found.split_ascii_whitespace().any(|word| word == wanted),
        Test::HasPrefixWord => found
            .strip_prefix(wanted)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
        Test::StartsWith => !wanted.is_empty() && found.starts_with(wanted),
        Test::EndsWith => !wanted.is_empty() && found.ends_with(wanted),
        Test::Contains => !wanted.is_empty() && found.contains(wanted),
    }
}

/// The elements that stand so to one of the set: its descendants, children, later siblings.
fn forward(tree: &Tree<'_>, from: &Set, combinator: Combinator) -> Set {
    let mut reached = vec![false; tree.len()];
    // For each parent: whether the last child, or any so far, is in the set.
    let mut before = vec![false; tree.len()];
    for id in tree.subtree(NodeId::ROOT).skip(1) {
        let parent = tree.parent(id);
        let is = match combinator {
            Combinator::Descendant => has(from, parent) || has(&reached, parent),
            Combinator::Child => has(from, parent),
            Combinator::Next | Combinator::Later => has(&before, parent),
        };
        put(&mut reached, id, is);
        note(tree, &mut before, from, id, combinator);
    }
    reached
}

/// The elements to which one of the set stands so.
fn backward(tree: &Tree<'_>, from: &Set, combinator: Combinator) -> Set {
    let mut reached = vec![false; tree.len()];
    let mut behind = vec![false; tree.len()];
    for id in tree.subtree(NodeId::ROOT).rev() {
        let parent = tree.parent(id);
        match combinator {
            Combinator::Descendant => {
                let below = has(from, id) || has(&reached, id);
                put(&mut reached, parent, below);
            }
            Combinator::Child => put(&mut reached, parent, has(from, id)),
            Combinator::Next | Combinator::Later => {
                let is = has(&behind, parent);
                put(&mut reached, id, is);
            }
        }
        note(tree, &mut behind, from, id, combinator);
    }
    reached
}

fn note(tree: &Tree<'_>, seen: &mut Set, from: &Set, id: NodeId, combinator: Combinator) {
    if let Some(slot) = seen.get_mut(tree.parent(id).index())
        && is_element(tree, id)
    {
        *slot = has(from, id) || *slot && combinator == Combinator::Later;
    }
}

/// `:has()`: read from its end, so that it takes no more passes than it has parts.
fn of_relatives(tree: &Tree<'_>, list: &[(Combinator, Complex)]) -> Set {
    let mut any = vec![false; tree.len()];
    for (lead, complex) in list {
        let mut compounds = std::iter::once(&complex.first)
            .chain(complex.rest.iter().map(|(_, compound)| compound))
            .rev();
        let combinators = std::iter::once(lead)
            .chain(complex.rest.iter().map(|(combinator, _)| combinator))
            .rev();
        let mut reached = vec![true; tree.len()];
        for combinator in combinators {
            if let Some(compound) = compounds.next() {
                let matching = both(of_compound(tree, compound), &reached);
                reached = backward(tree, &matching, *combinator);
            }
        }
        for (slot, is) in any.iter_mut().zip(reached) {
            *slot |= is;
        }
    }
    any
}

/// Each element's place among its siblings (of its name), from 1.
fn places(tree: &Tree<'_>, from_end: bool, of_type: bool) -> Vec<i64> {
    let mut places = vec![0; tree.len()];
    let mut counts: HashMap<(NodeId, Tag, String), i64> = HashMap::new();
    let mut count = |id: NodeId| {
        if !is_element(tree, id) {
            return;
        }
        let (tag, name) = match tree.tag(id) {
            _ if !of_type => (Tag::Document, String::new()),
            Tag::Other => (Tag::Other, tree.name(id).to_ascii_lowercase()),
            tag => (tag, String::new()),
        };
        let so_far = counts.entry((tree.parent(id), tag, name)).or_default();
        *so_far += 1;
        if let Some(place) = places.get_mut(id.index()) {
            *place = *so_far;
        }
    };
    let elements = tree.subtree(NodeId::ROOT);
    if from_end {
        elements.rev().for_each(&mut count);
    } else {
        elements.for_each(&mut count);
    }
    places
}

fn is_nth(place: i64, step: i64, start: i64) -> bool {
    let offset = place - start;
    if step == 0 {
        return offset == 0;
    }
    offset % step == 0 && offset / step >= 0
}

/// The elements whose text has this part, as it stands in the page.
fn containing(tree: &Tree<'_>, part: &str) -> Set {
    let mut all = String::new();
    let mut starts = Vec::with_capacity(tree.len() + 1);
    for id in tree.subtree(NodeId::ROOT) {
        starts.push(all.len());
        all.push_str(tree.text(id));
    }
    starts.push(all.len());
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = all.get(from..).and_then(|rest| rest.find(part)) {
        let Some(first) = all.get(from + at..).and_then(|rest| rest.chars().next()) else {
            break;
        };
        found.push(from + at);
        from += at + first.len_utf8();
    }
    let start = |index: usize| starts.get(index).copied().unwrap_or(all.len());
    set(tree, |id| {
        let (from, to) = (start(id.index()), start(tree.end(id).index()));
        let next = found.partition_point(|at| *at < from);
        part.is_empty() || found.get(next).is_some_and(|at| at + part.len() <= to)
    })
}

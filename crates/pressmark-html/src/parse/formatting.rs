//! The list of active formatting elements and the adoption agency: HTML standard, 13.2.4.3 and
//! 13.2.6.4.7.

use super::builder::{Builder, NONE, Open, Scope};
use super::tokenizer::Name;
use crate::tag::Tag;

/// How many formatting elements are kept active at once. The standard has no limit, and pages
/// that never close a tag would take more than linear time without one.
const MAX_ACTIVE: usize = 32;

impl Builder<'_> {
    pub(super) fn insert_open(&mut self, name: Name) -> Open {
        let node = self.insert(name);
        Open {
            node,
            name,
            foreign: false,
            math: false,
            integration: false,
        }
    }

    pub(super) fn start_formatting(&mut self, name: Name) {
        self.reconstruct_formatting();
        let open = self.insert_open(name);
        self.push_formatting(open);
    }

    /// Adds an entry; of more than three alike (the "Noah's Ark clause") the earliest goes. An
    /// element that is not on the stack is no entry: every text behind it would open it once more.
    pub(super) fn push_formatting(&mut self, open: Open) {
        if !self.is_open(open.node) {
            return;
        }
        let mut alike = 0;
        let mut earliest = None;
        for (index, entry) in self.formatting.iter().enumerate().rev() {
            let Some(other) = entry else { break };
            if other.name == open.name && self.same_attributes(other.node, open.node) {
                alike += 1;
                earliest = Some(index);
            }
        }
        if let Some(index) = earliest
            && alike >= 3
        {
            self.formatting.remove(index);
        }
        if self.formatting.len() >= MAX_ACTIVE {
            self.formatting.remove(0);
        }
        self.formatting.push(Some(open));
    }

    fn same_attributes(&self, one: u32, other: u32) -> bool {
        let (Some(one), Some(other)) = (self.link(one), self.link(other)) else {
            return false;
        };
        let list = |(from, count): (u32, u32)| {
            self.tokens
                .attrs
                .get(from as usize..(from + count) as usize)
                .unwrap_or_default()
        };
        let (one, other) = (list(one.attrs), list(other.attrs));
        let pool = &self.tokens.pool;
        one.len() == other.len()
            && one.iter().zip(other).all(|(a, b)| {
                pool.get(a.value) == pool.get(b.value)
                    && pool.get(a.name).eq_ignore_ascii_case(pool.get(b.name))
            })
    }

    pub(super) fn clear_formatting_to_marker(&mut self) {
        while let Some(entry) = self.formatting.pop() {
            if entry.is_none() {
                break;
            }
        }
    }

    fn is_open(&self, node: u32) -> bool {
        self.link(node).is_some_and(|link| link.open)
    }

    pub(super) fn reconstruct_formatting(&mut self) {
        if self.is_full() {
            return;
        }
        let settled = |builder: &Self, index: usize| {
            builder
                .formatting
                .get(index)
                .copied()
                .flatten()
                .is_none_or(|open| builder.is_open(open.node))
        };
        let mut from = self.formatting.len();
        while from > 0 && !settled(self, from - 1) {
            from -= 1;
        }
        for index in from..self.formatting.len() {
            let Some(Some(open)) = self.formatting.get(index).copied() else {
                continue;
            };
            let node = self.clone_of(open);
            self.place(self.current_node(), node);
            let new = Open { node, ..open };
            self.push(new);
            if let Some(entry) = self.formatting.get_mut(index) {
                *entry = Some(new);
            }
        }
    }

    /// A link inside a link closes the outer one.
    pub(super) fn close_open_link(&mut self) {
        let open = self
            .formatting
            .iter()
            .rev()
            .take_while(|entry| entry.is_some())
            .flatten();
        let Some(link) = open
            .into_iter()
            .find(|open| open.name.tag == Tag::A)
            .copied()
        else {
            return;
        };
        self.adoption_agency(Name::of(Tag::A));
        self.formatting
            .retain(|entry| entry.is_none_or(|open| open.node != link.node));
        self.stack.retain(|open| open.node != link.node);
        self.set_open(link.node, false);
    }

    pub(super) fn adoption_agency(&mut self, subject: Name) {
        if let Some(open) = self.stack.last()
            && open.name == subject
            && !open.foreign
            && !self
                .formatting
                .iter()
                .flatten()
                .any(|entry| entry.node == open.node)
        {
            self.pop();
            return;
        }
        for _ in 0..8 {
            if !self.adopt_once(subject) {
                return;
            }
        }
    }

    /// One turn of the outer loop; whether to go on.
    fn adopt_once(&mut self, subject: Name) -> bool {
        let position = self
            .formatting
            .iter()
            .enumerate()
            .rev()
            .take_while(|(_, entry)| entry.is_some())
            .find(|(_, entry)| entry.is_some_and(|open| open.name == subject));
        let Some((formatting_index, Some(formatting))) = position.map(|(i, entry)| (i, *entry))
        else {
            self.any_other_end_tag(subject);
            return false;
        };
        let Some(stack_index) = self
            .stack
            .iter()
            .rposition(|open| open.node == formatting.node)
        else {
            self.formatting.remove(formatting_index);
            return false;
        };
        if !self.node_in_scope(formatting.node) {
            return false;
        }
        let furthest = self
            .stack
            .iter()
            .enumerate()
            .skip(stack_index + 1)
            .find(|(_, open)| open.name.tag.is_special() && !open.foreign)
            .map(|(index, open)| (index, *open));
        let Some((furthest_index, furthest)) = furthest else {
            while self.stack.len() > stack_index {
                self.pop();
            }
            self.formatting.remove(formatting_index);
            return false;
        };
        self.move_into_block(
            formatting,
            (stack_index, formatting_index),
            furthest,
            furthest_index,
        );
        true
    }

    fn node_in_scope(&self, node: u32) -> bool {
        let found = std::cell::Cell::new(false);
        let mut above = self.stack.iter().rev();
        let Some(open) = above.by_ref().find(|open| open.node == node) else {
            return false;
        };
        let tag = open.name.tag;
        // The nearest element of this name decides; an outer one of the same name counts as well.
        found.set(self.has_in_scope(Scope::Default, |other| other == tag));
        found.get()
    }

    fn move_into_block(
        &mut self,
        formatting: Open,
        (stack_index, formatting_index): (usize, usize),
        furthest: Open,
        furthest_index: usize,
    ) {
        let ancestor = self
            .stack
            .get(stack_index.wrapping_sub(1))
            .map_or(0, |open| open.node);
        let mut bookmark = formatting_index + 1;
        let mut last = furthest.node;
        let mut index = furthest_index;
        let mut turn = 0;
        loop {
            turn += 1;
            index -= 1;
            if index <= stack_index {
                break;
            }
            let Some(open) = self.stack.get(index).copied() else {
                break;
            };
            let entry = self
                .formatting
                .iter()
                .position(|entry| entry.is_some_and(|other| other.node == open.node));
            let Some(entry) = entry.filter(|_| turn <= 3) else {
                if let Some(entry) = entry {
                    self.formatting.remove(entry);
                    bookmark -= usize::from(entry < bookmark);
                }
                self.remove_from_stack(index);
                continue;
            };
            let node = self.clone_of(open);
            let new = Open { node, ..open };
            if let Some(slot) = self.stack.get_mut(index) {
                *slot = new;
            }
            self.set_open(open.node, false);
            self.set_open(node, true);
            if let Some(slot) = self.formatting.get_mut(entry) {
                *slot = Some(new);
            }
            if last == furthest.node {
                bookmark = entry + 1;
            }
            self.detach(last);
            self.append(node, last);
            last = node;
        }
        self.detach(last);
        self.foster = true;
        self.place(ancestor, last);
        self.foster = false;
        let node = self.clone_of(formatting);
        self.move_children(furthest.node, node);
        self.append(furthest.node, node);
        let new = Open { node, ..formatting };
        if let Some(old) = self
            .formatting
            .iter()
            .position(|entry| entry.is_some_and(|open| open.node == formatting.node))
        {
            self.formatting.remove(old);
            bookmark -= usize::from(old < bookmark);
        }
        self.formatting
            .insert(bookmark.min(self.formatting.len()), Some(new));
        self.stack.retain(|open| open.node != formatting.node);
        self.set_open(formatting.node, false);
        self.set_open(node, true);
        let below = self
            .stack
            .iter()
            .position(|open| open.node == furthest.node);
        self.stack
            .insert(below.map_or(self.stack.len(), |at| at + 1), new);
    }

    fn remove_from_stack(&mut self, index: usize) {
        if index < self.stack.len() {
            let open = self.stack.remove(index);
            self.set_open(open.node, false);
            self.open_p = self
                .open_p
                .saturating_sub(u32::from(open.name.tag == Tag::P));
        }
    }

    fn move_children(&mut self, from: u32, to: u32) {
        let mut child = self.link(from).map_or(NONE, |link| link.first);
        while child != NONE {
            let next = self.link(child).map_or(NONE, |link| link.next);
            self.detach(child);
            self.append(to, child);
            child = next;
        }
    }
}

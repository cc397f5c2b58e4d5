//! Moving nodes about in the tree while it is built.

use super::builder::{Builder, Link, NONE};
use crate::tag::Tag;

impl Builder<'_> {
    pub(super) fn append(&mut self, parent: u32, child: u32) {
        let last = self.link(parent).map_or(NONE, |link| link.last);
        if let Some(link) = self.link_mut(child) {
            link.parent = parent;
            link.previous = last;
            link.next = NONE;
        }
        match self.link_mut(last) {
            Some(link) => link.next = child,
            None => {
                if let Some(link) = self.link_mut(parent) {
                    link.first = child;
                }
            }
        }
        if let Some(link) = self.link_mut(parent) {
            link.last = child;
        }
    }

    fn insert_before(&mut self, sibling: u32, child: u32) {
        let Some(&Link {
            parent, previous, ..
        }) = self.link(sibling)
        else {
            return;
        };
        if let Some(link) = self.link_mut(child) {
            link.parent = parent;
            link.previous = previous;
            link.next = sibling;
        }
        if let Some(link) = self.link_mut(sibling) {
            link.previous = child;
        }
        match self.link_mut(previous) {
            Some(link) => link.next = child,
            None => {
                if let Some(link) = self.link_mut(parent) {
                    link.first = child;
                }
            }
        }
    }

    pub(super) fn detach(&mut self, node: u32) {
        let Some(&Link {
            parent,
            previous,
            next,
            ..
        }) = self.link(node)
        else {
            return;
        };
        if parent == NONE {
            return;
        }
        match self.link_mut(previous) {
            Some(link) => link.next = next,
            None => {
                if let Some(link) = self.link_mut(parent) {
                    link.first = next;
                }
            }
        }
        match self.link_mut(next) {
            Some(link) => link.previous = previous,
            None => {
                if let Some(link) = self.link_mut(parent) {
                    link.last = previous;
                }
            }
        }
        if let Some(link) = self.link_mut(node) {
            (link.parent, link.previous, link.next) = (NONE, NONE, NONE);
        }
    }

    /// Puts a node at the appropriate place for inserting, given the intended parent.
    pub(super) fn place(&mut self, target: u32, node: u32) {
        let into_table = self.link(target).is_some_and(|link| {
            matches!(
                link.tag,
                Tag::Table | Tag::Tbody | Tag::Tfoot | Tag::Thead | Tag::Tr
            )
        });
        if !(self.foster && into_table) {
            self.append(target, node);
            return;
        }
        let table = self
            .stack
            .iter()
            .rposition(|open| open.name.tag == Tag::Table);
        let template = self
            .stack
            .iter()
            .rposition(|open| open.name.tag == Tag::Template);
        let at = |index: usize| self.stack.get(index).map_or(0, |open| open.node);
        match (table, template) {
            (table, Some(template)) if table.is_none_or(|table| template > table) => {
                let template = at(template);
                self.append(template, node);
            }
            (Some(table), _) => {
                let (node_of_table, above) = (at(table), at(table.saturating_sub(1)));
                if self.parent_of(node_of_table) == NONE {
                    self.append(above, node);
                } else {
                    self.insert_before(node_of_table, node);
                }
            }
            _ => {
                let html = at(0);
                self.append(html, node);
            }
        }
    }
}

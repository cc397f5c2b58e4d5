//! Evaluation. Each expression's type is known, so that it is asked for what is needed of it.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;

use super::Found;
use super::axis::walk;
use super::expr::{Axis, Comparison, Expr, Function, Kind, Step};
use super::value::{calculate, compare, cost_of_text, number_of, text_of, text_of_number};
use crate::lookup::{TooMuchWork, is_space};
use crate::tree::{NodeId, Tree};

/// How many nodes an evaluation may look at: about a tenth of a second.
const MAX_STEPS: usize = 5_000_000;
/// How many characters of text weigh as much as a node.
pub(super) const CHARACTERS: usize = 32;

/// The node that an expression is seen from, and its place among those that were found with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) node: Found,
    pub(super) position: usize,
    pub(super) size: usize,
}

impl Context {
    pub(super) fn of(node: NodeId) -> Self {
        Self {
            node: Found::of(node),
            position: 1,
            size: 1,
        }
    }
}

pub(super) struct Evaluation<'t, 's> {
    pub(super) tree: &'t Tree<'s>,
    left: Cell<usize>,
}

type Done<T> = Result<T, TooMuchWork>;

impl<'t, 's> Evaluation<'t, 's> {
    pub(super) fn new(tree: &'t Tree<'s>) -> Self {
        Self {
            tree,
            left: Cell::new(MAX_STEPS),
        }
    }

    pub(super) fn spend(&self, steps: usize) -> Done<()> {
        let left = self.left.get().checked_sub(steps).ok_or(TooMuchWork)?;
        self.left.set(left);
        Ok(())
    }

    pub(super) fn text_of(&self, found: Found) -> Done<Cow<'t, str>> {
        if found.attribute.is_none() {
            self.spend(cost_of_text(self.tree, found.node))?;
        }
        let text = text_of(self.tree, found);
        self.spend(1 + text.len() / CHARACTERS)?;
        Ok(text)
    }

    fn attribute(&self, name: &str, context: Context) -> Option<&'t str> {
        if context.node.attribute.is_some() {
            return None;
        }
        self.tree.attr_named(context.node.node, name)
    }

    /// The nodes in document order, each once; none of an expression that gives a value.
    pub(super) fn nodes(&self, expr: &Expr, context: Context) -> Done<Vec<Found>> {
        self.spend(1)?;
        match expr {
            Expr::Path { absolute, steps } => {
                let from = if *absolute {
                    Found::of(NodeId::ROOT)
                } else {
                    context.node
                };
                self.follow(vec![from], steps)
            }
            Expr::Filter {
                base,
                predicates,
                steps,
            } => {
                let mut nodes = self.nodes(base, context)?;
                self.filter(&mut nodes, 0, predicates)?;
                self.follow(nodes, steps)
            }
            Expr::Union(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.append(&mut self.nodes(part, context)?);
                }
                in_order(&mut all);
                Ok(all)
            }
            Expr::Attribute(name) => {
                let mut nodes = Vec::new();
                let test = super::expr::NodeTest::Name(crate::tag::Tag::Other, name.clone());
                self.spend(walk(
                    self.tree,
                    context.node,
                    Axis::Attribute,
                    &test,
                    &mut nodes,
                ))?;
                Ok(nodes)
            }
            Expr::Call(Function::Id, arguments) => self.by_id(arguments, context),
            _ => Ok(Vec::new()),
        }
    }

    fn follow(&self, mut nodes: Vec<Found>, steps: &[Step]) -> Done<Vec<Found>> {
        for step in steps {
            let downward = matches!(step.axis, Axis::Descendant | Axis::DescendantOrSelf);
            let nested = downward && !step.counts();
            let mut found = Vec::new();
            let mut covered = NodeId::ROOT;
            for node in &nodes {
                // What is below a node is below the one around it, too.
                if nested && node.attribute.is_none() {
                    if node.node < covered {
                        continue;
                    }
                    covered = self.tree.end(node.node);
                }
                let from = found.len();
                self.spend(walk(self.tree, *node, step.axis, &step.test, &mut found))?;
                self.filter(&mut found, from, &step.predicates)?;
                if step.axis.is_reverse()
                    && let Some(new) = found.get_mut(from..)
                {
                    new.reverse();
                }
            }
            if nodes.len() > 1 {
                in_order(&mut found);
            }
            nodes = found;
        }
        Ok(nodes)
    }

    /// Keeps of the nodes from this place on those that meet all conditions.
    fn filter(&self, nodes: &mut Vec<Found>, from: usize, predicates: &[Expr]) -> Done<()> {
        for predicate in predicates {
            let size = nodes.len() - from;
            let mut kept = from;
            for at in from..nodes.len() {
                let Some(node) = nodes.get(at).copied() else {
                    break;
                };
                let position = at - from + 1;
                let context = Context {
                    node,
                    position,
                    size,
                };
                let keep = if predicate.kind() == Kind::Number {
                    let wanted = self.number(predicate, context)?;
                    compare(Comparison::Equal, wanted, as_number(position))
                } else {
                    self.truth(predicate, context)?
                };
                if keep && let Some(slot) = nodes.get_mut(kept) {
                    *slot = node;
                    kept += 1;
                }
            }
            nodes.truncate(kept);
        }
        Ok(())
    }

    pub(super) fn text<'e>(&self, expr: &'e Expr, context: Context) -> Done<Cow<'e, str>>
    where
        't: 'e,
    {
        Ok(match expr {
            Expr::Text(text) => Cow::Borrowed(text),
            Expr::Attribute(name) => {
                Cow::Borrowed(self.attribute(name, context).unwrap_or_default())
            }
            Expr::Call(function, arguments) if expr.kind() == Kind::Text => {
                self.spend(1)?;
                self.call_text(*function, arguments, context)?
            }
            _ => match expr.kind() {
                Kind::Number => Cow::Owned(text_of_number(self.number(expr, context)?)),
                Kind::Boolean => Cow::Borrowed(if self.truth(expr, context)? {
                    "true"
                } else {
                    "false"
                }),
                _ => match self.nodes(expr, context)?.first() {
                    Some(first) => self.text_of(*first)?,
                    None => Cow::Borrowed(""),
                },
            },
        })
    }

    pub(super) fn number(&self, expr: &Expr, context: Context) -> Done<f64> {
        Ok(match expr {
            Expr::Number(number) => *number,
            Expr::Negate(inner) => -self.number(inner, context)?,
            Expr::Arithmetic(operation, left, right) => {
                let left = self.number(left, context)?;
                calculate(*operation, left, self.number(right, context)?)
            }
            Expr::Call(function, arguments) if expr.kind() == Kind::Number => {
                self.spend(1)?;
                self.call_number(*function, arguments, context)?
            }
            _ if expr.kind() == Kind::Boolean => f64::from(u8::from(self.truth(expr, context)?)),
            _ => number_of(&self.text(expr, context)?),
        })
    }

    pub(super) fn truth(&self, expr: &Expr, context: Context) -> Done<bool> {
        self.spend(1)?;
        Ok(match expr {
            Expr::Or(left, right) => self.truth(left, context)? || self.truth(right, context)?,
            Expr::And(left, right) => self.truth(left, context)? && self.truth(right, context)?,
            Expr::Compare(comparison, left, right) => {
                self.compare(*comparison, left, right, context)?
            }
            Expr::Attribute(name) => self.attribute(name, context).is_some(),
            Expr::HasToken { attribute, token } => {
                let list = self.attribute(attribute, context).unwrap_or_default();
                self.spend(list.len() / CHARACTERS)?;
                list.split(is_space).any(|word| word == &**token)
            }
            Expr::Call(function, arguments) if expr.kind() == Kind::Boolean => {
                self.call_truth(*function, arguments, context)?
            }
            _ => match expr.kind() {
                Kind::Number => {
                    let number = self.number(expr, context)?;
                    number != 0.0 && !number.is_nan()
                }
                Kind::Nodes => !self.nodes(expr, context)?.is_empty(),
                _ => !self.text(expr, context)?.is_empty(),
            },
        })
    }

    /// Section 3.4: a set of nodes compares as one of its nodes does.
    fn compare(
        &self,
        comparison: Comparison,
        left: &Expr,
        right: &Expr,
        context: Context,
    ) -> Done<bool> {
        let kinds = (left.kind(), right.kind());
        let boolean = kinds.0 == Kind::Boolean || kinds.1 == Kind::Boolean;
        let number = kinds.0 == Kind::Number || kinds.1 == Kind::Number;
        match kinds {
            _ if boolean => {
                // Against a truth value, nodes are one. Order is between numbers.
                let value = |expr: &Expr| -> Done<f64> {
                    if comparison.is_about_order() && expr.kind() != Kind::Nodes {
                        return self.number(expr, context);
                    }
                    Ok(f64::from(u8::from(self.truth(expr, context)?)))
                };
                Ok(compare(comparison, value(left)?, value(right)?))
            }
            (Kind::Nodes, Kind::Nodes) => self.compare_sets(comparison, left, right, context),
            (Kind::Nodes, _) => {
                let right = self.text(right, context)?;
                self.any(left, context, |text| {
                    alike(comparison, number, text, &right)
                })
            }
            (_, Kind::Nodes) => {
                let left = self.text(left, context)?;
                self.any(right, context, |text| {
                    alike(comparison, number, &left, text)
                })
            }
            _ if number => {
                let left = self.number(left, context)?;
                Ok(compare(comparison, left, self.number(right, context)?))
            }
            _ => {
                let left = self.text(left, context)?;
                Ok(alike(comparison, false, &left, &self.text(right, context)?))
            }
        }
    }

    /// Whether the text of any of the nodes passes.
    fn any(&self, expr: &Expr, context: Context, passes: impl Fn(&str) -> bool) -> Done<bool> {
        if let Expr::Attribute(name) = expr {
            return Ok(self.attribute(name, context).is_some_and(passes));
        }
        for node in self.nodes(expr, context)? {
            if passes(&self.text_of(node)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn compare_sets(
        &self,
        comparison: Comparison,
        left: &Expr,
        right: &Expr,
        context: Context,
    ) -> Done<bool> {
        let mut texts = [Vec::new(), Vec::new()];
        for (expr, texts) in [left, right].into_iter().zip(&mut texts) {
            for node in self.nodes(expr, context)? {
                texts.push(self.text_of(node)?);
            }
        }
        let [left, right] = texts;
        if comparison == Comparison::Equal {
            let right: HashSet<&str> = right.iter().map(AsRef::as_ref).collect();
            return Ok(left.iter().any(|text| right.contains(text.as_ref())));
        }
        for text in &left {
            self.spend(right.len())?;
            if right
                .iter()
                .any(|other| alike(comparison, false, text, other))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn alike(comparison: Comparison, number: bool, left: &str, right: &str) -> bool {
    if number || comparison.is_about_order() {
        return compare(comparison, number_of(left), number_of(right));
    }
    (left == right) == (comparison == Comparison::Equal)
}

fn in_order(nodes: &mut Vec<Found>) {
    if !nodes.is_sorted() {
        nodes.sort_unstable();
    }
    nodes.dedup();
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(super) fn as_number(count: usize) -> f64 {
    count as f64
}

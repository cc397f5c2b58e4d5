//! The core function library: XPath 1.0, section 4.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Found;
use super::eval::{CHARACTERS, Context, Evaluation, as_number};
use super::expr::{Expr, Function, Kind};
use super::value::{normalise, number_of, round};
use crate::attr::Attr;
use crate::lookup::{TooMuchWork, is_space};
use crate::tag::Tag;
use crate::tree::NodeId;

type Done<T> = Result<T, TooMuchWork>;

impl<'t> Evaluation<'t, '_> {
    /// The argument as a text; if it is left out, the context node's.
    fn text_or_context<'e>(
        &self,
        argument: Option<&'e Expr>,
        context: Context,
    ) -> Done<Cow<'e, str>>
    where
        't: 'e,
    {
        let text = match argument {
            Some(argument) => self.text(argument, context)?,
            None => self.text_of(context.node)?,
        };
        self.spend(text.len() / CHARACTERS)?;
        Ok(text)
    }

    fn two_texts<'e>(
        &self,
        arguments: &'e [Expr],
        context: Context,
    ) -> Done<(Cow<'e, str>, Cow<'e, str>)>
    where
        't: 'e,
    {
        let mut texts = arguments.iter();
        let first = self.text_or_context(texts.next(), context)?;
        let second = self.text_or_context(texts.next(), context)?;
        Ok((first, second))
    }

    pub(super) fn call_text<'e>(
        &self,
        function: Function,
        arguments: &'e [Expr],
        context: Context,
    ) -> Done<Cow<'e, str>>
    where
        't: 'e,
    {
        Ok(match function {
            Function::Concat => {
                let mut joined = String::new();
                for argument in arguments {
                    joined.push_str(&self.text_or_context(Some(argument), context)?);
                }
                Cow::Owned(joined)
            }
            Function::NormalizeSpace => {
                normalise(self.text_or_context(arguments.first(), context)?)
            }
            Function::Substring => {
                let text = self.text_or_context(arguments.first(), context)?;
                let mut bounds = [1.0, f64::INFINITY];
                for (bound, argument) in bounds.iter_mut().zip(arguments.iter().skip(1)) {
                    *bound = self.number(argument, context)?;
                }
                let [from, length] = bounds.map(round);
                let end = from + length;
                let part = text.chars().zip(1..).filter_map(|(c, at)| {
                    let at = as_number(at);
                    (at >= from && at < end).then_some(c)
                });
                Cow::Owned(part.collect())
            }
            Function::SubstringAfter => {
                let (text, mark) = self.two_texts(arguments, context)?;
                let at = text.find(&*mark).map_or(text.len(), |at| at + mark.len());
                part(text, |text| text.get(at..))
            }
            Function::SubstringBefore => {
                let (text, mark) = self.two_texts(arguments, context)?;
                let at = text.find(&*mark).unwrap_or(0);
                part(text, |text| text.get(..at))
            }
            Function::Translate => {
                let (text, from) = self.two_texts(arguments, context)?;
                let to = self.text_or_context(arguments.get(2), context)?;
                let mut map: HashMap<char, Option<char>> = HashMap::new();
                let mut to = to.chars();
                for c in from.chars() {
                    let other = to.next();
                    map.entry(c).or_insert(other);
                }
                let mapped = text
                    .chars()
                    .filter_map(|c| map.get(&c).copied().unwrap_or(Some(c)));
                Cow::Owned(mapped.collect())
            }
            Function::Name | Function::LocalName => {
                let named = match arguments.first() {
                    Some(argument) => self.nodes(argument, context)?.first().copied(),
                    None => Some(context.node),
                };
                let name = named.map(|found| self.name(found)).unwrap_or_default();
                let local = name
                    .split_once(':')
                    .map_or(name.as_str(), |(_, local)| local);
                Cow::Owned(if function == Function::Name {
                    name
                } else {
                    local.to_owned()
                })
            }
            Function::NamespaceUri => Cow::Borrowed(""),
            _ => self.text_or_context(arguments.first(), context)?,
        })
    }

    fn name(&self, found: Found) -> String {
        let name = match found.attribute {
            Some(nth) => self
                .tree
                .attrs(found.node)
                .nth(nth)
                .map_or("", |(name, _)| name),
            None => self.tree.name(found.node),
        };
        name.to_ascii_lowercase()
    }

    pub(super) fn call_number(
        &self,
        function: Function,
        arguments: &[Expr],
        context: Context,
    ) -> Done<f64> {
        let first = arguments.first();
        let first_number = || match first {
            Some(argument) => self.number(argument, context),
            None => Ok(number_of(&self.text_of(context.node)?)),
        };
        Ok(match function {
            Function::Last => as_number(context.size),
            Function::Position => as_number(context.position),
            Function::Ceiling => first_number()?.ceil(),
            Function::Floor => first_number()?.floor(),
            Function::Round => round(first_number()?),
            Function::StringLength => {
                as_number(self.text_or_context(first, context)?.chars().count())
            }
            Function::Count | Function::Sum => {
                let nodes = match first {
                    Some(argument) => self.nodes(argument, context)?,
                    None => Vec::new(),
                };
                if function == Function::Count {
                    return Ok(as_number(nodes.len()));
                }
                let mut sum = 0.0;
                for node in nodes {
                    sum += number_of(&self.text_of(node)?);
                }
                sum
            }
            _ => first_number()?,
        })
    }

    pub(super) fn call_truth(
        &self,
        function: Function,
        arguments: &[Expr],
        context: Context,
    ) -> Done<bool> {
        let first_truth = || match arguments.first() {
            Some(argument) => self.truth(argument, context),
            None => Ok(false),
        };
        Ok(match function {
            Function::True => true,
            Function::False => false,
            Function::Not => !first_truth()?,
            Function::Contains => {
                let (text, part) = self.two_texts(arguments, context)?;
                text.contains(&*part)
            }
            Function::StartsWith => {
                let (text, start) = self.two_texts(arguments, context)?;
                text.starts_with(&*start)
            }
            Function::Lang => {
                let wanted = self.text_or_context(arguments.first(), context)?;
                self.is_in_language(context.node.node, &wanted)?
            }
            _ => first_truth()?,
        })
    }

    /// Whether the nearest language is the wanted one or a part of it: `lang('en')` for `en-GB`.
    fn is_in_language(&self, node: NodeId, wanted: &str) -> Done<bool> {
        let mut around = std::iter::once(node).chain(self.tree.ancestors(node));
        let told = around.find_map(|id| {
            self.tree
                .attr(id, Attr::Lang)
                .or_else(|| self.tree.attr_named(id, "xml:lang"))
        });
        self.spend(8)?;
        let told = told.unwrap_or_default();
        let start = told.get(..wanted.len());
        let rest = told.get(wanted.len()..).unwrap_or_default();
        Ok(!wanted.is_empty()
            && start.is_some_and(|start| start.eq_ignore_ascii_case(wanted))
            && (rest.is_empty() || rest.starts_with('-')))
    }

    /// `id()`: the first element of each id in the list, or in the texts of the nodes.
    pub(super) fn by_id(&self, arguments: &[Expr], context: Context) -> Done<Vec<Found>> {
        let Some(argument) = arguments.first() else {
            return Ok(Vec::new());
        };
        let mut wanted = String::new();
        if argument.kind() == Kind::Nodes {
            for node in self.nodes(argument, context)? {
                wanted.push_str(&self.text_of(node)?);
                wanted.push(' ');
            }
        } else {
            wanted.push_str(&self.text(argument, context)?);
        }
        let mut wanted: Vec<&str> = wanted.split(is_space).filter(|id| !id.is_empty()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        self.spend(self.tree.len())?;
        let mut found = Vec::new();
        for node in self.tree.subtree(NodeId::ROOT) {
            if wanted.is_empty() {
                break;
            }
            if self.tree.tag(node) != Tag::Text
                && let Some(id) = self.tree.attr(node, Attr::Id)
                && let Ok(at) = wanted.binary_search(&id)
            {
                wanted.remove(at);
                found.push(Found::of(node));
            }
        }
        Ok(found)
    }
}

/// A part of a text, borrowed where the whole is.
fn part(text: Cow<'_, str>, of: impl Fn(&str) -> Option<&str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(of(text).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(of(&text).unwrap_or_default().to_owned()),
    }
}

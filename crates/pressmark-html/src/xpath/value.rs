//! Values and their conversions: XPath 1.0, sections 3.4 and 4.

use std::borrow::Cow;

use super::Found;
use super::expr::{Arithmetic, Comparison};
use crate::lookup::is_space;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// The string-value of a node.
pub(super) fn text_of<'t>(tree: &'t Tree<'_>, found: Found) -> Cow<'t, str> {
    if let Some(nth) = found.attribute {
        let value = tree.attrs(found.node).nth(nth).map(|(_, value)| value);
        return Cow::Borrowed(value.unwrap_or_default());
    }
    if tree.tag(found.node) == Tag::Text {
        return Cow::Borrowed(tree.text(found.node));
    }
    let mut texts = tree
        .subtree(found.node)
        .filter(|id| tree.tag(*id) == Tag::Text)
        .map(|id| tree.text(id));
    match (texts.next(), texts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => {
            let mut joined = format!("{first}{second}");
            texts.for_each(|text| joined.push_str(text));
            Cow::Owned(joined)
        }
    }
}

/// How many steps it takes to read a node's text.
pub(super) fn cost_of_text(tree: &Tree<'_>, node: NodeId) -> usize {
    tree.end(node).index().saturating_sub(node.index())
}

pub(super) fn number_of(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().filter(|b| *b == b'.').count() <= 1;
    if is_number {
        text.parse().unwrap_or(f64::NAN)
    } else {
        f64::NAN
    }
}

pub(super) fn text_of_number(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned()
    } else if number == 0.0 {
        "0".to_owned()
    } else {
        number.to_string()
    }
}

pub(super) fn calculate(operation: Arithmetic, left: f64, right: f64) -> f64 {
    match operation {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => left % right,
    }
}

/// `floor(n + 0.5)`, which keeps what has no fraction, and rounds halves up.
pub(super) fn round(number: f64) -> f64 {
    if number.fract() == 0.0 || !number.is_finite() {
        number
    } else {
        (number + 0.5).floor()
    }
}

#[expect(clippy::float_cmp, reason = "XPath compares numbers as they are")]
pub(super) fn compare(comparison: Comparison, left: f64, right: f64) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::Unequal => left != right,
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
    }
}

impl Comparison {
    pub(super) fn is_about_order(self) -> bool {
        !matches!(self, Self::Equal | Self::Unequal)
    }
}

/// White space folded to single spaces, the ends trimmed.
pub(super) fn normalise(text: Cow<'_, str>) -> Cow<'_, str> {
    let folded = !text.starts_with(is_space)
        && !text.ends_with(is_space)
        && !text.contains(['\t', '\n', '\r'])
        && !text.contains("  ");
    if folded {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

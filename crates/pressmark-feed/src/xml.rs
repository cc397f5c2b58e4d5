//! A tolerant reading of XML: every document has a sequence of tokens, however broken it is.

mod attribute;
mod entity;
mod latin;
mod name;
mod token;

pub(crate) use attribute::{Attribute, Attributes};
pub(crate) use entity::{Entities, decode_html, has_reference};
pub(crate) use name::{Names, Space};
pub(crate) use token::{Tag, Token, Tokens};

/// The part of `text` between two byte positions; empty where they are no such part.
pub(crate) fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// The text from a byte position on.
pub(crate) fn rest(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

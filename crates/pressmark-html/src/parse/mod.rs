//! The parser: a tokenizer and a tree builder after the HTML standard, 13.2, writing into one
//! arena. It differs from the standard where no reader of articles could tell, or where the
//! standard asks for more than linear time:
//!
//! - comments and processing instructions are left out;
//! - elements nested deeper than [`MAX_DEPTH`] become siblings (browsers do the same);
//! - `noscript` is read as if scripts did not run, except in the head;
//! - framesets are read as ordinary content, and `select` as the standard has it since 2025.

mod body;
mod builder;
mod foreign;
mod formatting;
mod links;
mod modes;
mod table;
pub(crate) mod tokenizer;

pub(crate) use builder::Builder;

/// How many elements may be open at once.
pub(crate) const MAX_DEPTH: usize = 512;

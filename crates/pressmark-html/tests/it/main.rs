//! The parser beside html5ever, decoding in every combination, and properties of the sanitiser.

mod decoding;
mod parsing;
mod sanitising;

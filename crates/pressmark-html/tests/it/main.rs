//! The parser beside html5ever, decoding in every combination, look-ups
//! beside their own oracles, and properties of the sanitiser.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod decoding;
mod lookups;
mod markdown;
mod parsing;
mod sanitising;

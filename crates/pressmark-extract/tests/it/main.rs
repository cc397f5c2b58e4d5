//! Pages and what is read from them, and properties of the extraction.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod listing;
mod pages;
mod profiles;
mod properties;
mod rules;

//! The crate's outputs and inputs on a real file system, with the real git.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod export;
mod git;
mod import;
mod ledger;
mod made;

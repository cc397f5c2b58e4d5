//! The crate's outputs and inputs on a real file system, with the real git.

mod export;
mod git;
mod import;
mod ledger;
mod made;

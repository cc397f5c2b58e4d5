//! The crate's outputs and inputs on a real file system, with the real git.

mod git;
mod import;
mod made;

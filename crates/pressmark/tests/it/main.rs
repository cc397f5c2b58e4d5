//! The program itself, as a user runs it, against the tiny internet.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests fail by panicking and say aloud what they skip"
)]

mod anchors;
mod bad_input;
mod chaos;
mod commands;
mod disk;
mod foreign;
mod images;
mod pages;
mod profiles;
mod program;
mod proofs;
mod redactions;
mod rendering;
mod rules;
mod scripts;
mod serving;
mod sweeping;
mod traces;
mod upgrades;
mod walk;

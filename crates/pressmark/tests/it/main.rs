//! The program itself, as a user runs it, against the tiny internet.

mod bad_input;
mod kill;
mod program;
mod walk;

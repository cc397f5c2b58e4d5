//! The log against recorded facts of other implementations, and against every flipped bit.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod log;
mod note;
mod proof;
mod stamp;
mod tree;

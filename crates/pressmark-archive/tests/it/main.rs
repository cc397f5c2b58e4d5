//! The use cases against the tiny internet, with a clock that the test turns.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod alarms;
mod changes;
mod choosing;
mod clocks;
mod damage;
mod deletions;
mod faults;
mod finding;
mod flips;
mod gaps;
mod histories;
mod images;
mod imports;
mod options;
mod profiles;
mod redactions;
mod reextractions;
mod rendering;
mod returns;
mod revisits;
mod rules;
mod scale;
mod sealing;
mod sitemaps;
mod sweeping;
mod versions;
mod watching;
mod world;

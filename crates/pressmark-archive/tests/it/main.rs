//! The use cases against the tiny internet, with a clock that the test turns.

mod damage;
mod faults;
mod versions;
mod watching;
mod world;

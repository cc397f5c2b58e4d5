//! The use cases of Pressmark, and the ports they need.

pub mod ports;

//! The use cases of Pressmark, and the ports they need.

pub mod capture;
pub mod commit;
pub mod entry;
pub mod failure;
pub mod ports;
pub mod source;
pub mod span;
pub mod version;

//! The use cases of Pressmark, and the ports they need.

//! The seams of the house: what the use cases need from the outside, in their own words.

pub mod anchors;
pub mod catalog;
pub mod derived;
pub mod fetch;
pub mod holds;
pub mod hubs;
pub mod keys;
pub mod logs;
pub mod media;
pub mod redactions;
pub mod render;
pub mod sites;

//! Reads and writes feeds: RSS, Atom, RDF, JSON Feed, sitemaps, OPML.
//!
//! [`parse`] never fails: what publishers write is repaired or left out, and the issues say so.
//!
//! ```
//! use pressmark_feed::parse;
//!
//! let document = b"<rss version='2.0'><channel><title>News</title>
//!   <item><title>Tom & Ann</title><link>/1</link></item>
//!   <item><title>Cut o";
//! let base = "https://news.example/feed.xml".parse().ok();
//! let read = parse(document, Some("text/xml"), base.as_ref());
//! assert_eq!(read.value.entries[0].title, "Tom & Ann");
//! assert_eq!(read.value.entries[0].link.as_ref().unwrap().as_str(), "https://news.example/1");
//! assert_eq!(read.issues[0].line, Some(2));
//! assert_eq!(read.issues[0].message, "`&` that begins no reference");
//! ```
//!
//! [`write_rss`], [`write_atom`] and [`write_json`] write a [`Feed`](pressmark_model::Feed);
//! [`parse_opml`] and [`write_opml`] are for lists of subscriptions.

mod address;
mod api;
mod charset;
mod control;
mod date;
mod issues;
mod opml;
mod person;
mod read;
mod sniff;
mod text;
mod write;
mod xml;

pub use api::{check_json_rule, parse_json_list};
pub use opml::{Opml, Outline, parse_opml, write_opml};
pub use read::parse;
pub use sniff::looks_like_feed;
pub use write::{write_atom, write_json, write_rss};

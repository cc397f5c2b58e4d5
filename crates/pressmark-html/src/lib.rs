//! Decoding, the tree, look-ups, sanitising, Markdown, plain text and text diff for HTML.
//!
//! Bytes become text with [`decode()`], text becomes a [`Tree`], a tree (or any HTML) becomes clean
//! HTML with [`clean`] or [`sanitise()`]. Nothing here fails: every input has some reading. What
//! stands where in a tree is asked with [`XPath`] and [`Css`], both compiled once.
//!
//! ```
//! use pressmark_html::{Tag, Tree, decode, plain_text, sanitise};
//!
//! let page = decode("<p>Süß &amp; salzig<p>Ende".as_bytes(), Some("text/html; charset=utf-8"));
//! let tree = Tree::parse(&page.text);
//! let paragraphs = tree.subtree(pressmark_html::NodeId::ROOT).filter(|id| tree.tag(*id) == Tag::P);
//! assert_eq!(paragraphs.count(), 2);
//! assert_eq!(sanitise(&page.text, None), "<p>Süß &amp; salzig</p><p>Ende</p>");
//! assert_eq!(plain_text(&page.text), "Süß & salzig\nEnde");
//! ```

mod attr;
mod content;
mod css;
mod decode;
pub mod diff;
mod embed;
mod entity;
mod lookup;
mod markdown;
mod parse;
mod picture;
mod sanitise;
mod tag;
mod text;
mod tree;
mod write;
mod xpath;

pub use attr::Attr;
pub use content::{Written, attribute, escape};
pub use css::Css;
pub use decode::{Decoded, ToldBy, decode};
pub use lookup::{LookupError, TooMuchWork};
pub use markdown::to_markdown;
pub use picture::{
    ImageSet, ShownImage, add_to_links, image_address, image_sets, is_pixel, replace_images,
};
pub use sanitise::{Treat, clean, sanitise};
pub use tag::Tag;
pub use text::{fold, plain_text};
pub use tree::{Edits, NodeId, Tree};
pub use write::{Depth, Writer};
pub use xpath::{Found, Value, XPath};

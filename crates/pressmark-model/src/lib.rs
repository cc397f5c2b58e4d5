//! The nouns of Pressmark: ids, addresses, digests, time, and what the other crates hand each other.
//!
//! Nothing here reads a clock, a file or a socket.
//!
//! ```
//! use pressmark_model::{ContentDigest, WebUrl};
//!
//! let url: WebUrl = "https://user:secret@News.Example/a b".parse().unwrap();
//! assert_eq!(url.as_str(), "https://user:secret@news.example/a%20b");
//! assert_eq!(url.to_string(), "https://***@news.example/a%20b");
//!
//! let one = ContentDigest::of("Title", "A line.\nAnother.");
//! assert_ne!(one, ContentDigest::of("Title", "A line."));
//! ```

mod article;
mod digest;
mod feed;
mod id;
mod moment;
mod slug;
mod url;

pub use article::Article;
pub use digest::{ContentDigest, Digest, Hashing, ParseDigestError};
pub use feed::{Category, Enclosure, Entry, EntryKey, Feed, FeedFormat, Issue, Parsed, Person};
pub use id::{ArticleId, CaptureId, EntryId, LeafIndex, SourceId, VersionNumber};
pub use moment::{Clock, OffsetTimestamp, ParseTimeError, Timestamp};
pub use slug::{ParseSlugError, Slug};
pub use url::{ParseUrlError, WebUrl};

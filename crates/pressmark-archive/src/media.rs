//! Images: they are fetched after the text, and kept once however many articles show them.
//!
//! A version is committed without waiting for its images. They are looked for in the ledger's
//! order, fetched under the politeness of their hosts, and tried again when that fails; when the
//! last one of a version has settled, one leaf commits to their manifest. Their bytes are WARC
//! records like those of pages: what was fetched, from where, and when.

mod choose;
mod fetch;
mod keep;
mod sniff;
mod turns;

use pressmark_model::{ArticleId, CaptureId, Digest, Slug, Timestamp, VersionNumber, WebUrl};

use crate::capture::{NewCapture, StoredRecord};
use crate::referrer::{Referrer, ReferrerPolicy};

pub use choose::{Shown, shown_images};
pub use keep::{MediaFileError, MediaFiles};
pub use sniff::{MediaType, Picture};
pub(crate) use turns::Turns;

/// `[media]` of the configuration: what is kept of articles beside their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRules {
    /// Whether images are kept; a source may say otherwise.
    pub images: bool,
    /// Of an image that comes in several sizes the largest one is kept that is no wider, in
    /// pixels.
    pub max_width: u32,
    /// The largest image, in bytes.
    pub max_bytes: u64,
    /// So many bytes are kept of a version's images.
    pub max_article_bytes: u64,
    /// So many images are kept of a version.
    pub max_count: usize,
    /// Recordings that a text links to are kept up to this size, in bytes; 0: none are.
    pub max_audio_bytes: u64,
}

impl Default for MediaRules {
    fn default() -> Self {
        Self {
            images: true,
            max_width: 2048,
            max_bytes: 10 << 20,
            max_article_bytes: 50 << 20,
            max_count: 60,
            max_audio_bytes: 0,
        }
    }
}

/// The images that a version wants, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedMedia {
    /// The article.
    pub article: ArticleId,
    /// The version.
    pub version: VersionNumber,
    /// What its page lets be told of itself to whom these are fetched from.
    pub referrer: ReferrerPolicy,
    /// What to fetch.
    pub items: Vec<WantedMedium>,
}

/// An image to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedMedium {
    /// The address in the text.
    pub url: WebUrl,
    /// The address of the size that is kept.
    pub fetch_url: WebUrl,
}

/// An image that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMedium {
    /// Where it stands.
    pub place: MediumPlace,
    /// The address to fetch.
    pub fetch_url: WebUrl,
    /// How often that was tried.
    pub attempts: u32,
    /// The article's address, and what its page lets be told of it.
    pub page: Referrer,
    /// The source that brought the article.
    pub source: Slug,
    /// How many bytes the other images of the version have.
    pub kept_bytes: u64,
}

/// Where an image stands: in which version, and the how-manieth of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MediumPlace {
    /// The article.
    pub article: ArticleId,
    /// The version.
    pub version: VersionNumber,
    /// From 0.
    pub position: i64,
}

/// What came of an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Which.
    pub place: MediumPlace,
    /// When.
    pub at: Timestamp,
    /// What.
    pub outcome: MediumOutcome,
}

/// What came of an image.
#[derive(Debug, Clone, PartialEq)]
pub enum MediumOutcome {
    /// It is kept. The capture is durable already.
    Fetched {
        /// The digest of its bytes.
        digest: Digest,
        /// What it is.
        picture: Picture,
        /// How many bytes it has.
        bytes: u64,
        /// The capture of the answer.
        capture: Box<NewCapture>,
    },
    /// It is one that is kept.
    Known {
        /// The digest of its bytes.
        digest: Digest,
    },
    /// It could not be had for now.
    Again {
        /// Why.
        reason: String,
        /// When to try again.
        at: Timestamp,
        /// Whether anything was asked.
        is_attempt: bool,
    },
    /// It cannot be had, or is not to be kept.
    Missing {
        /// Why.
        reason: String,
    },
}

/// An image that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The digest of its bytes.
    pub digest: Digest,
    /// What it is.
    pub picture: Picture,
    /// How many bytes it has.
    pub bytes: u64,
    /// The capture that holds them.
    pub capture: CaptureId,
    /// The record of that capture that does.
    pub record: Option<StoredRecord>,
}

/// What is known of an image of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediumRow {
    /// Where it stands.
    pub place: MediumPlace,
    /// The address in the text.
    pub url: WebUrl,
    /// What is kept of it.
    pub kept: Option<(Digest, Picture)>,
    /// Why it could not be had, so far or for good.
    pub reason: Option<String>,
    /// Whether it is still tried for.
    pub waits: bool,
}

impl Picture {
    /// Whether these bytes are this.
    pub(crate) fn is_of(&self, bytes: &[u8]) -> bool {
        sniff::sniff(bytes).as_ref() == Some(self)
    }

    /// The name of an image's file: its digest and what it is.
    pub fn file_name(&self, digest: &Digest) -> String {
        format!("{}.{}", digest.hex(), self.media_type.extension())
    }
}

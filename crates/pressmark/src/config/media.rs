//! `[media]`: what is kept of articles beside their text.

use pressmark_archive::media::MediaRules;
use serde::Deserialize;

/// `[media]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MediaSection {
    /// Whether images are kept.
    pub(crate) images: Option<bool>,
    /// Of an image in several sizes, the largest that is kept, in pixels.
    pub(crate) max_width: Option<u32>,
    /// The largest image.
    pub(crate) max_bytes: Option<u64>,
    /// So many bytes of images are kept of a version.
    pub(crate) max_article_bytes: Option<u64>,
    /// So many images are kept of a version.
    pub(crate) max_count: Option<usize>,
    /// The largest recording that is kept; 0: none is.
    pub(crate) max_audio_bytes: Option<u64>,
    /// Whether the reader shows an image from its outlet where it has no copy.
    pub(crate) hot_link: Option<bool>,
    /// Whether feeds show the copies, where the reader's address is known.
    pub(crate) feeds: Option<bool>,
}

impl MediaSection {
    /// What is in force.
    pub(crate) fn rules(&self) -> MediaRules {
        let defaults = MediaRules::default();
        MediaRules {
            images: self.images.unwrap_or(defaults.images),
            max_width: self.max_width.unwrap_or(defaults.max_width),
            max_bytes: self.max_bytes.unwrap_or(defaults.max_bytes),
            max_article_bytes: self.max_article_bytes.unwrap_or(defaults.max_article_bytes),
            max_count: self.max_count.unwrap_or(defaults.max_count),
            max_audio_bytes: self.max_audio_bytes.unwrap_or(defaults.max_audio_bytes),
        }
    }
}

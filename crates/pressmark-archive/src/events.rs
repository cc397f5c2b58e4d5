//! What happens while sources are watched, for progress bars, logs and programs.

use pressmark_model::{ArticleId, Slug, VersionNumber, WebUrl};

use crate::absence::Absence;
use crate::alarm::{AlarmCause, AlarmKind};
use crate::failure::Failure;
use crate::version::VersionKind;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A source was asked, and how many entries wait for a capture now.
    Read {
        /// The source.
        source: Slug,
        /// New entries.
        new: u64,
        /// Changed entries.
        changed: u64,
        /// Entries that are captured in this poll.
        pending: u64,
    },
    /// None of the entries that a source listed before is listed still: some that came between may
    /// have been missed.
    Gap {
        /// The source.
        source: Slug,
    },
    /// A version is stored for good.
    Archived {
        /// The source it came through.
        source: Slug,
        /// The article.
        article: ArticleId,
        /// The version.
        version: VersionNumber,
        /// How it came to be.
        kind: VersionKind,
        /// The address.
        url: WebUrl,
        /// The headline.
        title: String,
    },
    /// A page was looked at, and no version came of it.
    Unchanged {
        /// The source.
        source: Slug,
        /// The address.
        url: WebUrl,
    },
    /// The page of an archived article is gone, and another visit has confirmed it.
    Deleted {
        /// The source.
        source: Slug,
        /// The article.
        article: ArticleId,
        /// The address.
        url: WebUrl,
        /// How it is gone.
        reason: Absence,
    },
    /// The page of an article that was gone is there again.
    Returned {
        /// The source.
        source: Slug,
        /// The article.
        article: ArticleId,
        /// The address.
        url: WebUrl,
    },
    /// The images of a version have settled.
    Media {
        /// The source that brought its article.
        source: Slug,
        /// The article.
        article: ArticleId,
        /// The version.
        version: VersionNumber,
        /// How many are kept.
        kept: u64,
        /// How many could not be had.
        missing: u64,
    },
    /// An entry could not be captured.
    EntryFailed {
        /// The source.
        source: Slug,
        /// The address, if it has one.
        url: Option<WebUrl>,
        /// Why.
        failure: Failure,
        /// Whether it is tried again.
        again: bool,
    },
    /// Something about a source needs the user.
    AlarmRaised {
        /// The source.
        source: Slug,
        /// Why.
        cause: AlarmCause,
    },
    /// What needed the user is mended.
    AlarmCleared {
        /// The source.
        source: Slug,
        /// What it was.
        kind: AlarmKind,
    },
    /// A source is done.
    Finished {
        /// The source.
        source: Slug,
        /// Why it could not be read, if it could not.
        failure: Option<Failure>,
    },
}

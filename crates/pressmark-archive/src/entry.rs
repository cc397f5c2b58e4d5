//! Entries: what a publisher's feed listed, and what became of each.

use pressmark_model::{
    ArticleId, Digest, Entry, EntryId, EntryKey, FeedFormat, Issue, SourceId, Timestamp, WebUrl,
};

use crate::capture::NewCapture;
use crate::failure::Failure;
use crate::origin::OriginState;
use crate::ports::fetch::Validators;
use crate::rhythm::Rhythm;
use crate::websub::HubOffer;

/// An entry that the catalog knows already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownEntry {
    /// Its row.
    pub id: EntryId,
    /// What makes it the same.
    pub key: EntryKey,
    /// [`Entry::digest`] when it was last seen.
    pub digest: Digest,
}

/// A known entry that was found by its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedEntry {
    /// The link.
    pub link: WebUrl,
    /// The guid that its feed gave it when it was last seen in one.
    pub guid: Option<String>,
    /// What is known of it.
    pub entry: KnownEntry,
}

/// What one poll of a source brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollRecord {
    /// The source.
    pub source: SourceId,
    /// When.
    pub at: Timestamp,
    /// When it is due again.
    pub next_poll_at: Timestamp,
    /// The address that permanent redirects have named lately, and how often in a row.
    pub moved_to: Option<(WebUrl, u32)>,
    /// The source's new address, once the redirects agree; it becomes what is polled, unless
    /// another source watches it already, and `moved_to` is cleared.
    pub new_url: Option<WebUrl>,
    /// How the source's further addresses went, in the place of what was known of them.
    pub origins: Vec<OriginState>,
    /// What happened.
    pub result: PollResult,
}

/// How a poll ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollResult {
    /// It brought nothing: the failure is kept and counted.
    Failed {
        /// Why.
        failure: Failure,
        /// The publisher says that the source is gone for good: its state becomes `gone`.
        gone: bool,
    },
    /// Nothing new: the failure is cleared.
    NotModified {
        /// The validators to send next time.
        validators: Validators,
    },
    /// A document was read: the failure is cleared.
    Read(Box<FeedRead>),
}

/// A feed document that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRead {
    /// The validators to send next time.
    pub validators: Validators,
    /// The digest of its body.
    pub body_digest: Digest,
    /// The format.
    pub format: FeedFormat,
    /// The publisher's title.
    pub title: Option<String>,
    /// The publisher's page.
    pub home: Option<WebUrl>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// The document's flaws.
    pub issues: Vec<Issue>,
    /// What is known of the source's rhythm now.
    pub rhythm: Rhythm,
    /// The hub that the document offers.
    pub hub: Option<HubOffer>,
    /// The raw documents that differ from the last, durable already.
    pub captures: Vec<NewCapture>,
    /// Whether these are all entries that the source lists; else those that are not among them are
    /// listed still: one of its addresses brought nothing new.
    pub complete: bool,
    /// Every entry of the documents, each key once, in their order.
    pub entries: Vec<ListedEntry>,
}

/// An entry as a poll found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEntry {
    /// What makes it the same.
    pub key: EntryKey,
    /// What it says.
    pub entry: Entry,
    /// How it differs from what was known. Unchanged entries only have their time of last sight
    /// moved.
    pub delta: EntryDelta,
    /// Whether it is to be captured. New entries beyond a long source's first hundred are not;
    /// they are kept as `skipped`.
    pub wanted: bool,
}

/// How a listed entry differs from what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryDelta {
    /// Not seen before.
    New,
    /// Known, and its [`Entry::digest`] has changed: its article is captured again.
    Changed,
    /// Known, and the same.
    Unchanged,
}

/// What a poll changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PollRecorded {
    /// New entries.
    pub new: u64,
    /// Changed entries.
    pub changed: u64,
    /// Entries that the source listed at its last poll and does not list now.
    pub dropped: u64,
}

/// An entry that waits for a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEntry {
    /// Its row.
    pub id: EntryId,
    /// What makes it the same.
    pub key: EntryKey,
    /// What the publisher said.
    pub entry: Entry,
    /// Its article, when this is another visit.
    pub article: Option<ArticleId>,
    /// What that article's age counts from: when it was published or first captured, whichever was
    /// earlier.
    pub dated: Option<Timestamp>,
    /// How many attempts in a row have failed, or given a text that is doubted.
    pub attempts: u32,
    /// The visit is due by the article's age alone: its entry is as it was.
    pub by_age: bool,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryState {
    /// It waits for a capture.
    Pending,
    /// It has an article.
    Archived,
    /// Its capture failed for good.
    Failed,
    /// It was not asked for.
    Skipped,
    /// The source's filters leave it out: nothing of it was fetched.
    Filtered,
}

impl EntryState {
    /// The stored and shown name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Archived => "archived",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Filtered => "filtered",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Archived,
            Self::Failed,
            Self::Skipped,
            Self::Filtered,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
    }
}

/// An entry as the source's page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its row.
    pub id: EntryId,
    /// Its title.
    pub title: String,
    /// Its address.
    pub link: Option<WebUrl>,
    /// What became of it.
    pub state: EntryState,
    /// Its article.
    pub article: Option<ArticleId>,
    /// Why its last attempt failed.
    pub failure: Option<Failure>,
    /// How many attempts in a row have failed, or given a text that is doubted.
    pub attempts: u32,
    /// When the next attempt is due.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was first listed.
    pub first_seen_at: Timestamp,
}

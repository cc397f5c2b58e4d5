//! Articles and their versions, as they are read.

use pressmark_model::{
    Article, ArticleId, CaptureId, ContentDigest, Digest, LeafIndex, OffsetTimestamp, Slug,
    SourceId, Timestamp, VersionNumber, WebUrl,
};
use pressmark_proof::Nonce;

use crate::absence::{Deletion, Missing};
use crate::change::Change;
use crate::commit::Alias;
use crate::ports::fetch::Validators;

/// How a version came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionKind {
    /// The first one.
    First,
    /// The outlet changed the text.
    Edit,
    /// The outlet went back to an earlier text.
    Reverted,
    /// A whole text in the place of a partial one.
    Completed,
    /// Read from another archive, not seen by this one.
    Imported,
    /// The first text that this archive saw itself, after an import: whether the outlet changed
    /// it in between cannot be told.
    Observed,
}

impl VersionKind {
    /// The stored and shown name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Edit => "edit",
            Self::Reverted => "reverted",
            Self::Completed => "completed",
            Self::Imported => "imported",
            Self::Observed => "observed",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::First,
            Self::Edit,
            Self::Reverted,
            Self::Completed,
            Self::Imported,
            Self::Observed,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }
}

/// Why a text is not believed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SuspectReason {
    /// Drastically shorter than the last version.
    Shorter,
    /// It reads like an error page.
    ErrorPage,
    /// It stands behind a wall.
    Wall,
    /// It is an earlier text of the article.
    EarlierText,
    /// Next to nothing of the last version is left in it.
    Replaced,
}

impl SuspectReason {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shorter => "shorter",
            Self::ErrorPage => "error-page",
            Self::Wall => "wall",
            Self::EarlierText => "earlier-text",
            Self::Replaced => "replaced",
        }
    }

    /// The reason with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Shorter,
            Self::ErrorPage,
            Self::Wall,
            Self::EarlierText,
            Self::Replaced,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == name)
    }
}

/// What deciding on a new text of an article needs.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleHead {
    /// The article.
    pub id: ArticleId,
    /// Its address.
    pub url: WebUrl,
    /// Whose credentials it was fetched with, if any: see [`crate::identity::PUBLIC`].
    pub scope: String,
    /// Its aliases.
    pub aliases: Vec<Alias>,
    /// What to send back.
    pub validators: Validators,
    /// Its last version.
    pub last: Version,
    /// The digests of all its versions, the oldest first.
    pub digests: Vec<ContentDigest>,
    /// The texts that wait for a second sight.
    pub suspects: Vec<Suspect>,
    /// At how many visits since its last version it was found as it was.
    pub sightings: u32,
    /// How many of its versions are returns to earlier ones.
    pub returns: u32,
    /// Its page was gone when it was last looked at.
    pub missing: Option<Missing>,
    /// The leaf that says that it is gone, since it is.
    pub deleted: Option<LeafIndex>,
}

impl ArticleHead {
    /// Since when the article may be gone: its page was not found, or showed another text.
    pub fn doubted_since(&self) -> Option<Timestamp> {
        let replaced = |suspect: &&Suspect| suspect.reason == SuspectReason::Replaced;
        let suspects = self.suspects.iter().filter(replaced);
        let missing = self.missing.map(|missing| missing.since);
        suspects
            .map(|suspect| suspect.first_seen_at)
            .chain(missing)
            .min()
    }
}

/// A text that waits for a second sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// The digest of title and text.
    pub digest: ContentDigest,
    /// Why it is doubted.
    pub reason: SuspectReason,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
}

/// A version whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its article.
    pub article_id: ArticleId,
    /// Its number.
    pub number: VersionNumber,
    /// How it came to be.
    pub kind: VersionKind,
    /// Whether it was read behind a wall.
    pub partial: bool,
    /// The address of the article.
    pub url: WebUrl,
    /// The source that brought the article first.
    pub home: SourceId,
    /// That source's slug.
    pub slug: Slug,
    /// The article's number in that source, from 1.
    pub number_in_source: i64,
    /// The guid of the entry that brought the article first.
    pub guid: Option<String>,
    /// The text and what goes with it.
    pub article: Article,
    /// The digest of title and text.
    pub digest: ContentDigest,
    /// The digest of the text alone.
    pub text_digest: Digest,
    /// The key of its derivation.
    pub derivation: String,
    /// When this text was first seen.
    pub captured_at: Timestamp,
    /// What it was read from.
    pub capture: CaptureId,
    /// Its leaf.
    pub leaf: LeafIndex,
}

/// What page of articles to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArticleQuery {
    /// Only of this source (all that it listed, not only those it brought first).
    pub source: Option<SourceId>,
    /// Only those that come after this place in the order.
    pub after: Option<ArticleCursor>,
    /// At most so many.
    pub limit: u32,
}

/// A place in the order of articles: newest first by publication (else first capture), then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArticleCursor {
    /// The time that the article is ordered by.
    pub sort_at: Timestamp,
    /// The article.
    pub id: ArticleId,
}

/// An article in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleSummary {
    /// The article.
    pub id: ArticleId,
    /// Its address.
    pub url: WebUrl,
    /// The slug of the source that brought it first.
    pub slug: Slug,
    /// Its number in that source.
    pub number_in_source: i64,
    /// The title of its last version.
    pub title: String,
    /// The authors of its last version.
    pub authors: Vec<String>,
    /// The language of its last version.
    pub language: Option<String>,
    /// The first 300 characters of the text of its last version.
    pub excerpt: String,
    /// The lead image of its last version.
    pub image: Option<WebUrl>,
    /// When it was published, by its last version.
    pub published: Option<OffsetTimestamp>,
    /// When its first version was captured.
    pub first_captured_at: Timestamp,
    /// When its last version was captured.
    pub last_captured_at: Timestamp,
    /// How many versions it has.
    pub versions: i64,
    /// Whether its last version was read behind a wall.
    pub partial: bool,
    /// That its outlet took it away, if it did and that was confirmed.
    pub deleted: Option<Deletion>,
    /// Its place in the order.
    pub cursor: ArticleCursor,
}

/// An article with its versions, without their texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleView {
    /// What a list shows of it.
    pub summary: ArticleSummary,
    /// The sources that listed it, and the guid in each.
    pub entries: Vec<(Slug, Option<String>)>,
    /// The addresses that name it.
    pub aliases: Vec<Alias>,
    /// Its versions, the oldest first.
    pub versions: Vec<VersionHead>,
    /// What its outlet did to it, the oldest first.
    pub changes: Vec<Change>,
    /// When its page was last looked at, and was as it is.
    pub last_seen_at: Timestamp,
}

/// An article as its row says, for who compares it with the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleRow {
    /// The article.
    pub id: ArticleId,
    /// The number of its last version.
    pub versions: VersionNumber,
    /// The leaf of its last version.
    pub last_leaf: LeafIndex,
    /// The leaf that says that it is gone, since it is.
    pub tombstone: Option<LeafIndex>,
    /// The time that it is ordered by.
    pub sort_at: Timestamp,
    /// When its first version was captured.
    pub first_captured_at: Timestamp,
    /// When its last version was captured.
    pub last_captured_at: Timestamp,
    /// Whether its home lists it, and whoever lists it has it in its place.
    pub is_listed: bool,
}

/// A version in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionHead {
    /// Its number.
    pub number: VersionNumber,
    /// How it came to be.
    pub kind: VersionKind,
    /// Whether it was read behind a wall.
    pub partial: bool,
    /// Its title.
    pub title: String,
    /// When this text was first seen.
    pub captured_at: Timestamp,
    /// Whether the clock that this was read from was doubted.
    pub clock_doubtful: bool,
    /// The digest of title and text.
    pub digest: ContentDigest,
    /// Its leaf.
    pub leaf: LeafIndex,
}

/// A row of the ledger, its bytes as they were stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its place.
    pub index: LeafIndex,
    /// The leaf.
    pub leaf: Vec<u8>,
    /// The record it commits to. A record may be erased, a leaf may not.
    pub record: Option<Vec<u8>>,
    /// The bytes that hide it; erased with it.
    pub nonce: Option<Nonce>,
    /// The version that it is about, by the catalog's columns. A leaf may be about none.
    pub about: Option<(ArticleId, VersionNumber)>,
}

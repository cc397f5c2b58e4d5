//! What outlets did to articles after they were archived: edits, returns, deletions.

use pressmark_model::{ArticleId, LeafIndex, Slug, SourceId, Timestamp, VersionNumber, WebUrl};
use pressmark_proof::Presence;

use crate::absence::{Absence, Notice};
use crate::decide::length;
use crate::edit::{CLASSIFIER, Edit, EditClasses};
use crate::version::VersionKind;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// The text was changed.
    Edit,
    /// The text became an earlier one.
    Reverted,
    /// The page was taken away.
    Deleted,
    /// A page that was taken away is there again.
    Returned,
}

impl ChangeKind {
    const ALL: [Self; 4] = [Self::Edit, Self::Reverted, Self::Deleted, Self::Returned];

    /// What a version of this kind and number is, if it is a change.
    pub(crate) fn of_version(kind: VersionKind, number: VersionNumber) -> Option<Self> {
        match kind {
            VersionKind::Edit => Some(Self::Edit),
            VersionKind::Reverted => Some(Self::Reverted),
            // Another archive saw one text after the other.
            VersionKind::Imported => (number.0 > 1).then_some(Self::Edit),
            VersionKind::First | VersionKind::Completed | VersionKind::Observed => None,
        }
    }

    /// The stored and shown name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Reverted => "reverted",
            Self::Deleted => "deleted",
            Self::Returned => "returned",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A change as it is stored: it is computed from versions and notices, and can be computed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its leaf.
    pub leaf: LeafIndex,
    /// What was done.
    pub kind: ChangeKind,
    /// The article.
    pub article: ArticleId,
    /// See [`Change::version`].
    pub version: VersionNumber,
    /// When it was first seen.
    pub at: Timestamp,
    /// What stands between the texts; of a deletion, how much is gone.
    pub edit: Edit,
    /// How the page is gone.
    pub reason: Option<Absence>,
    /// The [`CLASSIFIER`] that compared the texts.
    pub classifier: u32,
}

impl ChangeRow {
    /// The change that a version makes, if it makes one: what is only read whole at last, or seen
    /// for the first time, was not changed.
    pub fn of_version(
        (article, version, leaf): (ArticleId, VersionNumber, LeafIndex),
        kind: VersionKind,
        at: Timestamp,
        edit: Edit,
    ) -> Option<Self> {
        Some(Self {
            leaf,
            kind: ChangeKind::of_version(kind, version)?,
            article,
            version,
            at,
            edit,
            reason: None,
            classifier: CLASSIFIER,
        })
    }

    /// The change that a notice tells.
    pub fn of_notice(
        (article, version, leaf): (ArticleId, VersionNumber, LeafIndex),
        notice: &Notice,
    ) -> Self {
        Self {
            leaf,
            kind: match notice.state {
                Presence::Deleted => ChangeKind::Deleted,
                Presence::Returned => ChangeKind::Returned,
            },
            article,
            version,
            at: notice.since,
            edit: Edit {
                size: u32::try_from(length(&notice.removed)).unwrap_or(u32::MAX),
                removed: notice.removed.clone(),
                ..Edit::default()
            },
            reason: notice.reason,
            classifier: CLASSIFIER,
        }
    }
}

/// One change. Its leaf is its id: no other change ever has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its leaf.
    pub leaf: LeafIndex,
    /// What was done.
    pub kind: ChangeKind,
    /// The article.
    pub article: ArticleId,
    /// The version that it made; of a deletion or return, the last one then.
    pub version: VersionNumber,
    /// When it was first seen.
    pub at: Timestamp,
    /// What kind of changes there are.
    pub classes: EditClasses,
    /// How many letters and digits were removed and added.
    pub size: u32,
    /// See [`crate::edit::Edit::silent`].
    pub silent: bool,
    /// How the page is gone.
    pub reason: Option<Absence>,
    /// The title of the article's last version.
    pub title: String,
    /// The address of the article.
    pub url: WebUrl,
    /// The source that brought the article first.
    pub slug: Slug,
}

/// Which changes to list, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeQuery {
    /// Only of articles that this source listed.
    pub source: Option<SourceId>,
    /// Only those before this leaf.
    pub before: Option<LeafIndex>,
    /// Edits that have at least one of these classes.
    pub classes: EditClasses,
    /// Deletions and returns too.
    pub deletions: bool,
    /// Only edits that the outlet did not date.
    pub silent: bool,
    /// Only those in which at least so many letters and digits were removed and added.
    pub min_size: u32,
    /// Only those that removed a text with this in it, capitals or not.
    pub removed: Option<String>,
    /// At most so many.
    pub limit: u32,
}

impl ChangeQuery {
    /// All changes, at most so many.
    pub fn all(limit: u32) -> Self {
        Self {
            source: None,
            before: None,
            classes: EditClasses::from_bits(u16::MAX),
            deletions: true,
            silent: false,
            min_size: 0,
            removed: None,
            limit,
        }
    }
}

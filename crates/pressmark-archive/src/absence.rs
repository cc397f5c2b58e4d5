//! Pages that are gone: how they are, and when that is believed.

use std::time::Duration;

use pressmark_model::{Article, ArticleId, LeafIndex, Timestamp, VersionNumber, WebUrl};
use pressmark_proof::{
    ArchiveId, Leaf, LeafKind, Nonce, Presence, RecordError, TombstoneRecord, commitment,
};

use crate::capture::NewCapture;
use crate::commit::SealedRecord;
use crate::failure::Failure;
use crate::ports::fetch::FetchFailure;
use crate::version::ArticleHead;

/// How the page of a known article is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Absence {
    /// 404.
    NotFound,
    /// 410: gone for good, as the outlet says.
    Gone,
    /// The address leads to the front page now.
    FrontPage,
    /// The address leads to another page now.
    Elsewhere,
    /// A page that says that there is none, with a status that says otherwise.
    SoftNotFound,
    /// A page that says that the article was taken away.
    Removed,
    /// 451: withheld for legal reasons, where the site's other pages are not.
    Withheld,
}

impl Absence {
    const ALL: [Self; 7] = [
        Self::NotFound,
        Self::Gone,
        Self::FrontPage,
        Self::Elsewhere,
        Self::SoftNotFound,
        Self::Removed,
        Self::Withheld,
    ];

    /// The stored and shown name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Gone => "gone",
            Self::FrontPage => "front-page",
            Self::Elsewhere => "elsewhere",
            Self::SoftNotFound => "soft-not-found",
            Self::Removed => "removed",
            Self::Withheld => "withheld",
        }
    }

    /// The absence with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|absence| absence.as_str() == name)
    }
}

/// An absence that was seen and is not believed yet, or is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// When it was first seen.
    pub since: Timestamp,
    /// How it was last seen.
    pub reason: Absence,
}

/// A deletion that is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    /// When the page was first seen to be gone.
    pub since: Timestamp,
    /// How it is gone.
    pub reason: Absence,
    /// Its tombstone.
    pub leaf: LeafIndex,
}

/// What an absence comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Another visit has to confirm it, not before this time.
    Again(Timestamp),
    /// It is confirmed, and was first seen then.
    Deleted(Timestamp),
    /// It is known already.
    Known,
}

/// Judges an absence: it is believed when two visits saw it, far enough apart.
pub fn judge(head: &ArticleHead, now: Timestamp, confirm_after: Duration) -> Judgement {
    if head.deleted.is_some() {
        return Judgement::Known;
    }
    match head.doubted_since() {
        Some(since) if now.since(since) >= confirm_after => Judgement::Deleted(since),
        Some(since) => Judgement::Again(since.plus(confirm_after)),
        None => Judgement::Again(now.plus(confirm_after)),
    }
}

/// The absence that a failed request tells, if it does.
pub(crate) fn of_failure(failure: &Failure) -> Option<Absence> {
    match failure {
        Failure::Fetch {
            failure: FetchFailure::Status { status, .. },
        } => match status {
            404 => Some(Absence::NotFound),
            410 => Some(Absence::Gone),
            _ => None,
        },
        Failure::Fetch {
            failure: FetchFailure::Regional { status: 451 },
        } => Some(Absence::Withheld),
        _ => None,
    }
}

/// What is gone with this text, in lower case, to be searched.
pub(crate) fn removed(last: &Article) -> String {
    format!("{}\n{}", last.title, last.text).to_lowercase()
}

/// That an article is gone, or back: a leaf of its own, beside a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Gone or back.
    pub state: Presence,
    /// How it is gone; `None` of one that is back.
    pub reason: Option<Absence>,
    /// When this was first seen.
    pub since: Timestamp,
    /// What is gone, in lower case, to be searched; empty of an article that is back.
    pub removed: String,
    /// Random bytes that hide the record in the leaf.
    pub nonce: Nonce,
}

/// Where a notice comes to stand.
#[derive(Debug, Clone, Copy)]
pub struct NoticePlace<'a> {
    /// The archive.
    pub archive: ArchiveId,
    /// The article.
    pub article: ArticleId,
    /// Its address.
    pub url: &'a WebUrl,
    /// Its last version.
    pub version: VersionNumber,
    /// The leaf.
    pub leaf: LeafIndex,
    /// When it was decided.
    pub at: Timestamp,
}

impl Notice {
    /// The record and the leaf of this notice at its place. `capture` is that of the answer.
    pub fn seal(
        &self,
        place: NoticePlace<'_>,
        capture: Option<&NewCapture>,
    ) -> Result<SealedRecord, RecordError> {
        let page = capture.and_then(NewCapture::page_record);
        let record = TombstoneRecord {
            article: place.article,
            at: place.at.into(),
            reason: self.reason.map(|reason| reason.as_str().to_owned()),
            since: self.since.into(),
            state: self.state,
            url: place.url.clone(),
            version: place.version,
            warc_digest: page.map(|page| page.block_digest),
            warc_record: page.map(|page| page.id.clone()),
        }
        .to_bytes()?;
        let leaf = Leaf {
            archive: place.archive,
            index: place.leaf,
            kind: LeafKind::Tombstone,
            commitment: commitment(&self.nonce, &record),
        };
        Ok(SealedRecord {
            record,
            leaf: leaf.to_bytes(),
        })
    }
}

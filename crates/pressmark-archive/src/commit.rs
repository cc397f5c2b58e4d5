//! Decisions on captures, as the catalog stores them.

use pressmark_model::{
    Article, ArticleId, ContentDigest, Digest, EntryId, LeafIndex, SourceId, Timestamp,
    VersionNumber, WebUrl,
};
use pressmark_proof::{
    ArchiveId, ClockDoubt, Leaf, LeafKind, Nonce, RecordError, VersionDetails, VersionRecord,
    commitment,
};

use crate::absence::{Absence, Notice};
use crate::capture::NewCapture;
use crate::edit::Edit;
use crate::failure::Failure;
use crate::ports::fetch::Validators;
use crate::version::{SuspectReason, VersionKind};

/// One decision to store.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// The source it came through.
    pub source: SourceId,
    /// The entry it settles, if it came through one.
    pub entry: Option<EntryId>,
    /// When it was decided.
    pub at: Timestamp,
    /// The raw bytes, durable already. A version or a suspect has one; an unchanged text has one
    /// only as a revisit record; a failure has none.
    pub capture: Option<NewCapture>,
    /// What was decided.
    pub decision: Decision,
    /// That its article is gone, or back: a leaf of its own. One of an article that is back is
    /// needed for what was found of an article with a tombstone, and else refused as stale.
    pub notice: Option<Notice>,
    /// When the page of the article that it is about is to be looked at again, on its own; `None`:
    /// not on its own.
    pub next_visit_at: Option<Timestamp>,
}

/// What was decided on a capture.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// The first version of an article. If an alias with the same key is there by now, the commit
    /// is stale.
    First {
        /// The article's address.
        url: WebUrl,
        /// `public`, or the scope of a source with credentials.
        scope: String,
        /// Its text.
        version: Box<Draft>,
        /// The addresses that name it.
        aliases: Vec<Alias>,
        /// What to send at the next visit.
        validators: Validators,
    },
    /// A further version.
    Next {
        /// The article.
        article: ArticleId,
        /// The version that it was compared with; if that is not the last by now, the commit is
        /// stale.
        after: VersionNumber,
        /// Its text.
        version: Box<Draft>,
        /// The addresses that name it, known or new.
        aliases: Vec<Alias>,
        /// What to send at the next visit.
        validators: Validators,
    },
    /// The same text as the last version: a sighting, which also drops waiting suspects.
    Unchanged {
        /// The article.
        article: ArticleId,
        /// The digest of the payload; `None` after a 304.
        payload_digest: Option<Digest>,
        /// The addresses that name it, known or new.
        aliases: Vec<Alias>,
        /// What to send at the next visit.
        validators: Validators,
    },
    /// A text that is judged at the next visit.
    Suspect {
        /// The article.
        article: ArticleId,
        /// Why it is doubted.
        reason: SuspectReason,
        /// The text.
        draft: Box<Draft>,
        /// When the entry is to be captured again; `None`: not because of this doubt.
        again_at: Option<Timestamp>,
    },
    /// The page of a known article is gone, or seems to be.
    Absent {
        /// The article.
        article: ArticleId,
        /// How it is gone.
        reason: Absence,
        /// When another visit is to confirm it; `None`: none is needed.
        again_at: Option<Timestamp>,
    },
    /// No text.
    Failed {
        /// Why.
        failure: Failure,
        /// When to try again; `None`: never. An entry that has an article goes back to `archived`
        /// then, another becomes `failed`.
        retry_at: Option<Timestamp>,
    },
}

/// A text that may become a version.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The text and what goes with it.
    pub article: Article,
    /// [`Article::digest`].
    pub digest: ContentDigest,
    /// The digest of the text alone, without the title.
    pub text_digest: Digest,
    /// The digest of the HTML.
    pub html_digest: Digest,
    /// The key of the derivation: extractor, rules, profile.
    pub derivation: String,
    /// What kind of version it would be.
    pub kind: VersionKind,
    /// Whether it was read behind a wall: anything better replaces it.
    pub partial: bool,
    /// How surely this is the article's text, in percent; `None` where it was not read from a page.
    pub confidence: Option<u8>,
    /// When this text was first seen.
    pub captured_at: Timestamp,
    /// What stands between the text before and this one, if the outlet edited it. Derived alike.
    pub edit: Option<Edit>,
    /// Random bytes that hide the record in the leaf.
    pub nonce: Nonce,
}

/// An address that names an article.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias {
    /// The address without fragment and tracking parameters.
    pub key: String,
    /// Where it was found.
    pub evidence: AliasEvidence,
}

/// Where an alias was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AliasEvidence {
    /// In the feed, or asked for by the user.
    Link,
    /// The address that answered.
    FinalUrl,
    /// `rel=canonical`.
    Canonical,
    /// `rel=amphtml`.
    Amp,
}

impl AliasEvidence {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::FinalUrl => "final-url",
            Self::Canonical => "canonical",
            Self::Amp => "amp",
        }
    }

    /// The evidence with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Link, Self::FinalUrl, Self::Canonical, Self::Amp]
            .into_iter()
            .find(|evidence| evidence.as_str() == name)
    }
}

/// What became of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// A version: acknowledged.
    Version {
        /// Its article.
        article: ArticleId,
        /// Its number.
        version: VersionNumber,
        /// Its leaf.
        leaf: LeafIndex,
    },
    /// Stored, and no version came of it.
    Noted,
    /// The article has moved on since the decision: decide again.
    Stale,
}

/// The numbers that a version gets in the transaction that stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The archive.
    pub archive: ArchiveId,
    /// Its article.
    pub article: ArticleId,
    /// Its number.
    pub version: VersionNumber,
    /// Its leaf.
    pub leaf: LeafIndex,
    /// The leaf of the article's version before it.
    pub previous: Option<LeafIndex>,
}

/// A leaf with what it commits to, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// The canonical record.
    pub record: Vec<u8>,
    /// The leaf.
    pub leaf: Vec<u8>,
}

impl Draft {
    /// The record and the leaf of this text at its place in the ledger. `capture` is the one it
    /// was read from.
    pub fn seal(
        &self,
        place: Place,
        url: &WebUrl,
        capture: &NewCapture,
    ) -> Result<SealedRecord, RecordError> {
        let page = capture.page_record();
        let record = VersionRecord {
            article: place.article,
            captured_at: self.captured_at.into(),
            clock: capture.clock_doubtful.then_some(ClockDoubt::Doubtful),
            details: Some(details(
                &self.article,
                self.html_digest,
                self.kind,
                self.partial,
            )?),
            digest: self.digest,
            extractor: self.derivation.clone(),
            previous: place.previous,
            url: url.clone(),
            version: place.version,
            warc_digest: page.map_or(capture.payload_digest, |page| page.block_digest),
            warc_record: page.map(|page| page.id.clone()).unwrap_or_default(),
        }
        .to_bytes()?;
        let leaf = Leaf {
            archive: place.archive,
            index: place.leaf,
            kind: LeafKind::Version,
            commitment: commitment(&self.nonce, &record),
        };
        Ok(SealedRecord {
            record,
            leaf: leaf.to_bytes(),
        })
    }
}

/// The digest of what goes with the title and the text of a version.
pub(crate) fn details(
    article: &Article,
    html: Digest,
    kind: VersionKind,
    partial: bool,
) -> Result<Digest, RecordError> {
    VersionDetails {
        authors: &article.authors,
        html,
        image: article.image.as_ref().map(WebUrl::as_str),
        kind: kind.as_str(),
        language: article.language.as_deref(),
        lead: article.lead.as_deref(),
        partial,
        published: article.published,
        section: article.section.as_deref(),
        site_name: article.site_name.as_deref(),
        tags: &article.tags,
        updated: article.updated,
    }
    .digest()
}

//! What the catalog keeps of the images of articles.

use async_trait::async_trait;
use pressmark_model::{ArticleId, Digest, LeafIndex, Timestamp, VersionNumber, WebUrl};
use pressmark_proof::{ArchiveId, Nonce};

use super::catalog::Result;
use crate::media::{Attempt, Kept, MediumRow, WaitingMedium, WantedMedia};

/// The part of [`Catalog`] that keeping images needs. Here too one method is one transaction. A
/// store that keeps none has nothing to do.
///
/// [`Catalog`]: super::catalog::Catalog
#[async_trait]
pub trait Media {
    /// The leaf from which on versions were not looked through yet.
    async fn media_cursor(&self) -> Result<LeafIndex> {
        Ok(LeafIndex(i64::MAX))
    }

    /// Stores what versions want, due at once, and that those before the leaf `next` were looked
    /// through. What is known of a version stays as it is. Nothing happens if the cursor is not at
    /// `from` any more.
    async fn want_media(
        &self,
        _wanted: &[WantedMedia],
        _from: LeafIndex,
        _next: LeafIndex,
        _now: Timestamp,
    ) -> Result<()> {
        Ok(())
    }

    /// Looks through all versions again, at the next occasion.
    async fn rewind_media(&self) -> Result<()> {
        Ok(())
    }

    /// Claims at most `limit` images that are due at `now`, the longest due first; others get them
    /// when the claim has lapsed.
    async fn claim_media(
        &self,
        _now: Timestamp,
        _until: Timestamp,
        _limit: u32,
    ) -> Result<Vec<WaitingMedium>> {
        Ok(Vec::new())
    }

    /// When the next image is due, claimed ones not before their claim ends.
    async fn next_medium_due(&self) -> Result<Option<Timestamp>> {
        Ok(None)
    }

    /// What was fetched last from this address, not before `since`.
    async fn medium_at(&self, _url: &WebUrl, _since: Timestamp) -> Result<Option<Digest>> {
        Ok(None)
    }

    /// Stores what came of an image. When it was the last one of its version that was waited for,
    /// the version's media have settled: their manifest becomes a leaf, which is returned.
    async fn settle_medium(
        &self,
        _archive: ArchiveId,
        _attempt: &Attempt,
        _nonce: Nonce,
    ) -> Result<Option<LeafIndex>> {
        Ok(None)
    }

    /// An image that is kept, by the digest of its bytes.
    async fn medium(&self, _digest: &Digest) -> Result<Option<Kept>> {
        Ok(None)
    }

    /// The images that are kept, by their digests, after this one.
    async fn kept_media(&self, _after: Option<&Digest>, _limit: u32) -> Result<Vec<Kept>> {
        Ok(Vec::new())
    }

    /// The images of these versions, in the order of the text.
    async fn media_of(&self, _versions: &[(ArticleId, VersionNumber)]) -> Result<Vec<MediumRow>> {
        Ok(Vec::new())
    }

    /// The versions whose media settled in the leaves from this one on, and those leaves.
    async fn settled_media(
        &self,
        _from: LeafIndex,
        _limit: u32,
    ) -> Result<Vec<(LeafIndex, ArticleId, VersionNumber)>> {
        Ok(Vec::new())
    }
}

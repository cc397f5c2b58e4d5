//! What the catalog does to take an article out.

use async_trait::async_trait;
use pressmark_model::{ArticleId, CaptureId, Digest, EntryId};
use pressmark_proof::{ArchiveId, Nonce};

use super::catalog::Result;
use crate::redact::{MovedRecord, NewRedaction, RedactedKeys, Redaction};

/// The part of [`Catalog`] that redactions need. Here too one method is one transaction.
///
/// [`Catalog`]: super::catalog::Catalog
#[async_trait]
pub trait Redactions {
    /// Begins to take an article out: one leaf says so, and its records and nonces, its texts, and
    /// what names it are gone when this returns. One that was begun before is returned as it is;
    /// `None` if there is no such article.
    async fn begin_redaction(
        &self,
        _archive: ArchiveId,
        _new: &NewRedaction,
        _nonce: Nonce,
    ) -> Result<Option<Redaction>> {
        Ok(None)
    }

    /// The redactions, in their order; only those that are not done, if `open`.
    async fn redactions(&self, _open: bool) -> Result<Vec<Redaction>> {
        Ok(Vec::new())
    }

    /// The redaction of an article.
    async fn redaction(&self, _article: ArticleId) -> Result<Option<Redaction>> {
        Ok(None)
    }

    /// What redacted articles must not come back by.
    async fn redacted_keys(&self) -> Result<RedactedKeys> {
        Ok(RedactedKeys::default())
    }

    /// Those of the captures that no version, no doubted text and no image is read from.
    async fn free_captures(&self, _captures: &[CaptureId]) -> Result<Vec<CaptureId>> {
        Ok(Vec::new())
    }

    /// The captures that were taken out, in their order.
    async fn redacted_captures(&self) -> Result<Vec<CaptureId>> {
        Ok(Vec::new())
    }

    /// Takes captures out, whose records all stand in this segment; the others in it are where
    /// `moved` says. The segment is to be removed from here on.
    async fn leave_segment(
        &self,
        _article: ArticleId,
        _segment: &Digest,
        _captures: &[CaptureId],
        _moved: &[MovedRecord],
    ) -> Result<()> {
        Ok(())
    }

    /// The captures with records in this segment.
    async fn captures_in(&self, _segment: &Digest) -> Result<Vec<CaptureId>> {
        Ok(Vec::new())
    }

    /// The segments that are to be removed.
    async fn old_segments(&self) -> Result<Vec<Digest>> {
        Ok(Vec::new())
    }

    /// Notes that a segment was removed for an article's sake.
    async fn forget_segment(&self, _article: ArticleId, _segment: &Digest) -> Result<()> {
        Ok(())
    }

    /// The segments that were removed, which a backup is to have no more.
    async fn removed_segments(&self) -> Result<Vec<Digest>> {
        Ok(Vec::new())
    }

    /// Takes out an entry that turned out to be of an article whose redaction was begun before,
    /// and makes that look once more for what came with it.
    async fn redact_entry(&self, _article: ArticleId, _entry: EntryId) -> Result<()> {
        Ok(())
    }

    /// Makes the database write its files anew, without what was deleted. Not a transaction. False
    /// if another process was reading them as they were, so that they could not all be written.
    async fn scrub(&self) -> Result<bool> {
        Ok(true)
    }

    /// Forgets what the work of a redaction is, which is all that is left to do.
    async fn forget_redaction_work(&self, _article: ArticleId) -> Result<()> {
        Ok(())
    }

    /// Notes that a redaction is done.
    async fn end_redaction(
        &self,
        _article: ArticleId,
        _at: pressmark_model::Timestamp,
    ) -> Result<()> {
        Ok(())
    }
}

//! What the catalog keeps that is computed from versions and captures, and can be computed again.

use std::ops::RangeInclusive;

use async_trait::async_trait;
use pressmark_model::{ArticleId, LeafIndex, VersionNumber};

use super::catalog::Result;
use crate::change::ChangeRow;
use crate::reextract::StoredDerivation;
use crate::version::ArticleRow;

/// Which derivation: the version's article and number, and the extractor.
pub type DerivationKey = (ArticleId, VersionNumber, String);

/// The part of [`Catalog`] that computing again needs. Here too one method is one transaction. A
/// store that keeps no changes and no derivations has none.
///
/// [`Catalog`]: super::catalog::Catalog
#[async_trait]
pub trait Derived {
    /// The stored changes from a leaf on, in the ledger's order.
    async fn change_rows(&self, _from: LeafIndex, _limit: u32) -> Result<Vec<ChangeRow>> {
        Ok(Vec::new())
    }

    /// Makes these the changes of the leaves in a range; the sums over all changes are forgotten, to
    /// be taken again.
    async fn replace_changes(
        &self,
        _leaves: RangeInclusive<LeafIndex>,
        _changes: &[ChangeRow],
    ) -> Result<()> {
        Ok(())
    }

    /// The rows of articles after this one, by id.
    async fn article_rows(&self, _after: ArticleId, _limit: u32) -> Result<Vec<ArticleRow>> {
        Ok(Vec::new())
    }

    /// The derivations after this one, by article, version and extractor.
    async fn derivations(
        &self,
        _after: Option<&DerivationKey>,
        _limit: u32,
    ) -> Result<Vec<StoredDerivation>> {
        Ok(Vec::new())
    }
}

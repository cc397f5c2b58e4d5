//! What the catalog keeps of time stamps over checkpoints.

use async_trait::async_trait;

use super::catalog::Result;
use crate::anchor::{Anchor, Anchored, Anchoring};

/// The part of [`Catalog`] that time stamps need. Here too one method is one transaction. A store
/// that keeps none has none.
///
/// [`Catalog`]: super::catalog::Catalog
#[async_trait]
pub trait Anchors {
    /// The time stamps over checkpoints of a log, in the order of size and authority: those of the
    /// next `limit` sizes that have any, from this size on.
    async fn anchors(&self, _log: i64, _from: u64, _limit: u32) -> Result<Vec<Anchor>> {
        Ok(Vec::new())
    }

    /// The time stamps over the checkpoint of this size, whole.
    async fn anchored(&self, _log: i64, _size: u64) -> Result<Vec<Anchored>> {
        Ok(Vec::new())
    }

    /// How it goes with each authority that was ever asked.
    async fn anchoring(&self) -> Result<Vec<Anchoring>> {
        Ok(Vec::new())
    }

    /// Stores how it goes with an authority, and what it has stamped, if it has. A time stamp that
    /// is there stays as it is.
    async fn record_anchoring(&self, _now: &Anchoring, _made: Option<&Anchored>) -> Result<()> {
        Ok(())
    }
}

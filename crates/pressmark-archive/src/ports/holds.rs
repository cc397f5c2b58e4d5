//! Deleting files, and waiting with it while a backup is made.

use std::collections::HashSet;

use async_trait::async_trait;
use pressmark_model::{Digest, Timestamp};

use super::catalog::Result;

/// The part of [`Catalog`] that deleting files needs. Here too one method is one transaction. In a
/// store without holds nothing may be deleted.
///
/// Whoever deletes a file takes the rows that name it away first, then asks whether deletions are
/// held: a backup holds them before it takes its snapshot, which then knows of no file that is not
/// there.
///
/// [`Catalog`]: super::catalog::Catalog
#[async_trait]
pub trait Holds {
    /// Asks all processes to delete no files until then. `owner` is a random number.
    async fn hold_deletions(&self, _owner: i64, _until: Timestamp) -> Result<()> {
        Ok(())
    }

    /// Ends a hold.
    async fn release_deletions(&self, _owner: i64) -> Result<()> {
        Ok(())
    }

    /// Ends all holds: in a catalog that was restored, they are those of where it came from.
    async fn release_all_deletions(&self) -> Result<()> {
        Ok(())
    }

    /// Whether deletions are held by somebody. One that was held for longer than a day from `now`
    /// on was held by another clock, and does not count.
    async fn are_deletions_held(&self, _now: Timestamp) -> Result<bool> {
        Ok(true)
    }

    /// The segments that any record is in.
    async fn segments_in_use(&self) -> Result<HashSet<Digest>> {
        Ok(HashSet::new())
    }
}

//! Sweeping: a crash between a segment and its commit leaves a file that nothing refers to.

use std::time::Duration;

use pressmark_model::Digest;

use crate::archive::{Archive, ArchiveError};

/// Younger segments are left alone, whatever refers to them.
const AGE: Duration = Duration::from_hours(24);

/// The segments that were there before this process stored anything.
#[derive(Debug, Clone, Default)]
pub struct Leftovers(Vec<Digest>);

impl Archive {
    /// The segments that may have been left behind: those written more than a day ago. Only for a
    /// process that knows it is the only one, and before it stores anything: none of them can be
    /// on its way into the catalog then.
    pub async fn leftovers(&self) -> Result<Leftovers, ArchiveError> {
        let before = self.clock.now().minus(AGE);
        Ok(Leftovers(self.segments.written_before(before).await?))
    }

    /// Deletes those of them that no record is in, unless a backup is being made; returns how many.
    pub async fn sweep(&self, leftovers: Leftovers) -> Result<u64, ArchiveError> {
        if leftovers.0.is_empty() {
            return Ok(0);
        }
        let in_use = self.catalog.segments_in_use().await?;
        let mut swept = 0;
        for segment in leftovers.0 {
            if in_use.contains(&segment) {
                continue;
            }
            if self.catalog.are_deletions_held(self.clock.now()).await? {
                break;
            }
            self.segments.remove(&segment).await?;
            swept += 1;
        }
        Ok(swept)
    }
}

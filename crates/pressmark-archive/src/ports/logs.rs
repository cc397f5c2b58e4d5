//! What the catalog keeps of the logs that the ledger is published as.

use async_trait::async_trait;
use pressmark_model::LeafIndex;
use pressmark_proof::{ArchiveId, KeyRecord, NewTile, Nonce};

use super::catalog::Result;
use crate::log::{Head, Log, NewLog, StoredTile, SummedRows, WrongSum};

/// The part of [`Catalog`] that sealing needs. Here too one method is one transaction.
///
/// [`Catalog`]: super::catalog::Catalog
#[async_trait]
pub trait Logs {
    /// The logs, the first one first.
    async fn logs(&self) -> Result<Vec<Log>>;

    /// Opens a log. If there is one with this number by now, nothing is stored and that one is
    /// returned.
    async fn open_log(&self, new: &NewLog) -> Result<Log>;

    /// Makes a key of a log known, by a leaf of its own; returns that leaf. A key that is known
    /// keeps its leaf, and nothing is stored; the log's first key has none.
    async fn add_key(
        &self,
        archive: ArchiveId,
        log: i64,
        key: &KeyRecord,
        nonce: Nonce,
    ) -> Result<Option<LeafIndex>>;

    /// Swaps the head of a log, if it is `from` still, and stores the tiles that have grown with
    /// it; false, and nothing is stored, if it is another one by now.
    async fn seal(
        &self,
        log: i64,
        from: Option<&Head>,
        head: &Head,
        tiles: &[NewTile],
    ) -> Result<bool>;

    /// The tiles of a log at these places (level, index), as far as they are there, in no order.
    async fn tiles(&self, log: i64, places: &[(u8, u64)]) -> Result<Vec<StoredTile>>;

    /// Takes the sums over the next rows that have none, over the columns that never change; returns
    /// how many. A store that keeps no rows has no sums.
    async fn take_sums(&self, _rows: SummedRows, _limit: u32) -> Result<u64> {
        Ok(0)
    }

    /// Compares the sums of at most `limit` rows from this one on with the rows as they are now: the
    /// wrong ones, and where to go on, if anywhere. Rows whose record was erased are left out.
    async fn compare_sums(
        &self,
        _rows: SummedRows,
        _from: i64,
        _limit: u32,
    ) -> Result<(Vec<WrongSum>, Option<i64>)> {
        Ok((Vec::new(), None))
    }
}

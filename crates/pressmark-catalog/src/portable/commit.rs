//! Decisions, stored in one transaction: look-ups first, then the numbers, then table by table.
//!
//! Two transactions that decide on the same article or address meet at a unique key, or at the
//! count of versions: the later one is a conflict, and finds its decision stale when it is made
//! again. Those that number something go one after the other from the counter on, in the order of
//! the ledger.

use pressmark_archive::commit::{Commit, Committed};
use pressmark_model::{ArticleId, CaptureId, LeafIndex};
use pressmark_proof::ArchiveId;

use super::ground::Ground;
use super::plan::{Numbers, Rows};
use super::script::Script;
use super::{Conn, settle};
use crate::codec::Packed;
use crate::fault::Outcome;

pub(super) async fn commit(
    conn: &mut Conn,
    archive: ArchiveId,
    batch: &[Commit],
    packed: Vec<Option<Packed>>,
) -> Outcome<Vec<Committed>> {
    let mut ground = Ground::survey(conn, batch).await?;
    let live: Vec<_> = batch.iter().map(|commit| ground.admits(commit)).collect();
    let numbers = Numbers::take(conn, batch, &live, &ground.captures).await?;
    let mut rows = Rows::new(archive, ground, numbers);
    let mut plans = Vec::with_capacity(batch.len());
    for ((commit, live), packed) in batch.iter().zip(live).zip(packed) {
        let planned = live.then(|| rows.plan(commit, packed)).transpose()?;
        plans.push(planned);
    }
    for (commit, planned) in batch.iter().zip(&plans) {
        if let Some(planned) = planned {
            settle::advance(conn, commit, planned).await?;
        }
    }
    let mut script = Script::new(conn);
    rows.write(&mut script).await?;
    let mut committed = Vec::with_capacity(batch.len());
    for (commit, planned) in batch.iter().zip(plans) {
        committed.push(match planned {
            Some(planned) => {
                settle::settle(&mut script, commit, &planned).await?;
                planned.committed
            }
            None => Committed::Stale,
        });
    }
    script.send().await?;
    Ok(committed)
}

/// A decision with its numbers.
pub(super) struct Planned {
    pub(super) committed: Committed,
    pub(super) article: Option<ArticleId>,
    pub(super) capture: Option<CaptureId>,
    /// The leaf of its notice.
    pub(super) notice: Option<LeafIndex>,
}

//! The time stamps over checkpoints.

use pressmark_proof::{Checkpoint, Note};

use super::{Check, logs};
use crate::anchor::Anchored;
use crate::log::Log;
use crate::ports::catalog::{CatalogError, Result};
use crate::prove::{self, LogError};

/// So many checkpoints with time stamps are listed at a time.
const LISTED: u32 = 256;

impl Check<'_> {
    /// Each time stamp is by a certificate for it, over a checkpoint that the log's key has signed
    /// and that goes with the log.
    pub(super) async fn anchors(&mut self, log: &Log) -> Result<()> {
        let mut from = 0;
        loop {
            let listed = self.archive.catalog.anchors(log.number, from, LISTED);
            let listed = match listed.await {
                Err(CatalogError::Damaged(problem)) => {
                    let what = format!("time stamps of {}", logs::name(log));
                    self.find(what, format!("they cannot be read: {problem}"));
                    return Ok(());
                }
                listed => listed?,
            };
            let mut sizes: Vec<u64> = listed.iter().map(|anchor| anchor.size).collect();
            sizes.dedup();
            for size in sizes {
                self.anchored(log, size).await?;
                from = size + 1;
            }
            if listed.is_empty() {
                return Ok(());
            }
        }
    }

    async fn anchored(&mut self, log: &Log, size: u64) -> Result<()> {
        let anchored = match self.archive.catalog.anchored(log.number, size).await {
            Err(CatalogError::Damaged(problem)) => {
                let what = format!("time stamps at {size} of {}", logs::name(log));
                self.find(what, format!("they cannot be read: {problem}"));
                return Ok(());
            }
            anchored => anchored?,
        };
        for anchored in anchored {
            let problem = match anchored.verify() {
                Ok(_) => self.misfit(log, &anchored).await?,
                Err(problem) => Some(problem),
            };
            if let Some(problem) = problem {
                let (tsa, log) = (&anchored.anchor.tsa, logs::name(log));
                self.find(format!("time stamp of {tsa} at {size} of {log}"), problem);
            }
        }
        Ok(())
    }

    /// Why the checkpoint of a time stamp is none of this log, if it is none.
    async fn misfit(&self, log: &Log, anchored: &Anchored) -> Result<Option<String>> {
        let read = anchored.checkpoint.parse::<Note>();
        let opened = read.and_then(|note| Checkpoint::open(&note, &log.public_keys()));
        let says = match opened {
            Ok(says) => says,
            Err(error) => return Ok(Some(error.to_string())),
        };
        if (&says.origin, says.size) != (&log.origin, anchored.anchor.size) {
            return Ok(Some("it does not say what the catalog says".to_owned()));
        }
        if says.size > log.size() {
            return Ok(Some("its checkpoint is of a longer log".to_owned()));
        }
        match prove::root_at(&*self.archive.catalog, log, says.size).await {
            Ok(root) if root == says.root => Ok(None),
            Ok(_) => Ok(Some("its checkpoint is of another log".to_owned())),
            Err(LogError::Catalog(error @ CatalogError::Database { .. })) => Err(error),
            Err(error) => Ok(Some(error.to_string())),
        }
    }
}

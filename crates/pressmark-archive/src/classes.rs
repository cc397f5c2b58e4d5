//! The changes that versions and notices tell, computed again.

use pressmark_model::{LeafIndex, VersionNumber};
use pressmark_proof::{Leaf, LeafKind, TombstoneRecord};

use crate::absence::{self, Absence, Notice};
use crate::archive::{Archive, ArchiveError};
use crate::change::{ChangeKind, ChangeRow};
use crate::edit::Edit;
use crate::version::{LedgerRow, Version};

/// So many leaves are gone through at a time.
const PAGE: u32 = 500;

impl Archive {
    /// The change that a version makes, and whether the two texts of the comparison were stored by
    /// one extractor, so that nothing had to be read again; `None` if it makes none, or nothing is
    /// there to compare it with.
    pub(crate) async fn change_of(
        &self,
        version: &Version,
    ) -> Result<Option<(ChangeRow, bool)>, ArchiveError> {
        let (article, number) = (version.article_id, version.number);
        if ChangeKind::of_version(version.kind, number).is_none() {
            return Ok(None);
        }
        let compared = self
            .compare(article, VersionNumber(number.0 - 1), number)
            .await?;
        let Some(compared) = compared else {
            return Ok(None);
        };
        let as_stored = !compared.read_again;
        let apart = compared.new.captured_at.since(compared.old.captured_at);
        let edit = self
            .compute(move || Edit::between(&compared.old.article, &compared.new.article, apart));
        let place = (article, number, version.leaf);
        let row = ChangeRow::of_version(place, version.kind, version.captured_at, edit.await?);
        Ok(row.map(|row| (row, as_stored)))
    }

    /// The change that a tombstone tells; `None` if the version that it is about is not there.
    pub(crate) async fn change_of_notice(
        &self,
        leaf: LeafIndex,
        record: &TombstoneRecord,
    ) -> Result<Option<ChangeRow>, ArchiveError> {
        let (article, number) = (record.article, record.version);
        let Some(last) = self.catalog.version(article, number).await? else {
            return Ok(None);
        };
        let reason = record.reason.as_deref().and_then(Absence::from_name);
        let notice = Notice {
            state: record.state,
            reason,
            since: record.since.at(),
            removed: match reason {
                Some(_) => absence::removed(&last.article),
                None => String::new(),
            },
            nonce: [0; 16],
        };
        Ok(Some(ChangeRow::of_notice((article, number, leaf), &notice)))
    }

    /// Computes every change again, from the texts of versions and from tombstones, and stores it in
    /// the place of what is there; returns how many there are. `progress` is called with how many
    /// leaves were gone through more.
    pub async fn rebuild_changes(
        &self,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<u64, ArchiveError> {
        let mut stored = 0;
        let mut from = LeafIndex(0);
        loop {
            let leaves = self.catalog.ledger(from, PAGE).await?;
            let Some(last) = leaves.last().map(|row| row.index) else {
                break;
            };
            let mut changes = Vec::new();
            for version in self.catalog.versions(from, PAGE).await? {
                if version.leaf <= last {
                    changes.extend(self.change_of(&version).await?.map(|(row, _)| row));
                }
            }
            for (leaf, record) in leaves.iter().filter_map(tombstone) {
                changes.extend(self.change_of_notice(leaf, &record).await?);
            }
            self.catalog.replace_changes(from..=last, &changes).await?;
            stored += changes.len() as u64;
            progress(leaves.len() as u64);
            from = LeafIndex(last.0.saturating_add(1));
        }
        self.sum_rows().await?;
        Ok(stored)
    }
}

/// The tombstone of a leaf, if it is one and was not erased.
fn tombstone(row: &LedgerRow) -> Option<(LeafIndex, TombstoneRecord)> {
    let leaf = Leaf::from_bytes(&row.leaf).ok()?;
    let record = row
        .record
        .as_ref()
        .filter(|_| leaf.kind == LeafKind::Tombstone)?;
    Some((row.index, TombstoneRecord::from_bytes(record).ok()?))
}

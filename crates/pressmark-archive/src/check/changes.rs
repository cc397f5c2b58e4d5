//! The stored changes, against the versions and tombstones that tell them.

use std::collections::BTreeMap;
use std::ops::Range;

use pressmark_model::LeafIndex;
use pressmark_proof::TombstoneRecord;

use super::Check;
use super::page::{self, Place};
use crate::archive::ArchiveError;
use crate::change::{ChangeKind, ChangeRow};
use crate::edit::CLASSIFIER;
use crate::ports::catalog::{CatalogError, Result};
use crate::version::Version;

/// What tells changes among some leaves.
#[derive(Default)]
pub(super) struct Telling {
    versions: Vec<Version>,
    notices: Vec<(LeafIndex, TombstoneRecord)>,
}

impl Telling {
    pub(super) fn notices(&self) -> &[(LeafIndex, TombstoneRecord)] {
        &self.notices
    }

    pub(super) fn version(&mut self, version: Version) {
        if ChangeKind::of_version(version.kind, version.number).is_some() {
            self.versions.push(version);
        }
    }

    pub(super) fn notice(&mut self, leaf: LeafIndex, record: TombstoneRecord) {
        self.notices.push((leaf, record));
    }
}

/// What should be stored, and whether its texts were compared as they are stored.
type Expected = Option<(ChangeRow, bool)>;

impl Check<'_> {
    /// Each change of these leaves is what its texts or its tombstone give, and none is missing.
    pub(super) async fn changes(&mut self, leaves: Range<i64>, telling: Telling) -> Result<()> {
        let mut expected = BTreeMap::new();
        for version in &telling.versions {
            let change = self.archive.change_of(version).await;
            expected.insert(version.leaf.0, computed(change)?);
        }
        for (leaf, record) in &telling.notices {
            let change = self.archive.change_of_notice(*leaf, record).await;
            let change = change.map(|change| change.map(|row| (row, true)));
            expected.insert(leaf.0, computed(change)?);
        }
        let catalog = &self.archive.catalog;
        let mut start = leaves.start;
        while start < leaves.end {
            let keys = page::keys(start, leaves.end);
            let key = |row: &ChangeRow| row.leaf.0;
            let rows = |from, limit| catalog.change_rows(LeafIndex(from), limit);
            let mut stored = page::read(keys.clone(), key, rows).await?;
            for at in keys {
                let what = format!("change at leaf {at}");
                match (stored.take(at), expected.remove(&at)) {
                    (Place::Row(row), Some(Some((change, as_stored)))) => {
                        self.differences(&what, &row, &change, as_stored);
                    }
                    (Place::Row(_), None) => self.find(what, "nothing in the ledger tells it"),
                    (Place::Unreadable(problem), _) => {
                        self.find(what, format!("cannot be read: {problem}"));
                    }
                    (Place::Empty, Some(Some(_))) => {
                        self.find(
                            what,
                            "it is missing: `pressmark rebuild changes` computes it",
                        );
                    }
                    // What it is computed from is damaged, and was named.
                    (Place::Row(_) | Place::Empty, Some(None)) | (Place::Empty, None) => {}
                }
            }
            start = stored.next.min(leaves.end);
        }
        Ok(())
    }

    fn differences(&mut self, what: &str, row: &ChangeRow, change: &ChangeRow, as_stored: bool) {
        // What another classifier said cannot be computed here.
        let (was, is) = (&row.edit, &change.edit);
        let other = row.classifier != CLASSIFIER;
        let comparisons = [
            ("kind", row.kind == change.kind),
            ("article", row.article == change.article),
            ("version", row.version == change.version),
            ("time", row.at == change.at),
            ("reason", row.reason == change.reason),
            ("classes", other || was.classes == is.classes),
            ("size", other || was.size == is.size),
            ("removed text", other || was.removed == is.removed),
            // When the outlet says that it changed a page is not kept of what is read again.
            ("silence", other || !as_stored || was.silent == is.silent),
        ];
        for (name, _) in comparisons.into_iter().filter(|(_, same)| !same) {
            self.find(what, format!("its {name} is not what its texts give"));
        }
    }
}

/// Nothing can be computed from what is damaged, and that is named elsewhere.
fn computed(
    change: std::result::Result<Expected, ArchiveError>,
) -> std::result::Result<Expected, CatalogError> {
    match change {
        Ok(change) => Ok(change),
        Err(ArchiveError::Catalog(error @ CatalogError::Database { .. })) => Err(error),
        Err(_) => Ok(None),
    }
}

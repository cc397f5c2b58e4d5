//! What is gone because a redaction says so, and only that.

use std::collections::{BTreeMap, BTreeSet};

use pressmark_model::{ArticleId, LeafIndex};
use pressmark_proof::RedactionRecord;

use super::Check;
use crate::ports::catalog::Result;

/// What was missed, and what the redactions in the ledger say of it.
#[derive(Default)]
pub(super) struct Redacted {
    /// Leaves with a record, or without, by what of it is missing.
    missing: BTreeMap<LeafIndex, Vec<&'static str>>,
    /// Versions that are not there, by their leaves.
    versions: BTreeMap<LeafIndex, String>,
    /// What redactions say, by their leaves.
    said: BTreeMap<LeafIndex, RedactionRecord>,
}

impl Redacted {
    pub(super) fn note(&mut self, leaf: LeafIndex, name: &'static str, is_missing: bool) {
        if is_missing {
            self.missing.entry(leaf).or_default().push(name);
        }
    }

    pub(super) fn lacks(&mut self, leaf: LeafIndex, version: String) {
        self.versions.insert(leaf, version);
    }

    pub(super) fn say(&mut self, leaf: LeafIndex, record: RedactionRecord) {
        self.said.insert(leaf, record);
    }

    /// The articles that were redacted.
    pub(super) fn articles(&self) -> BTreeSet<ArticleId> {
        self.said.values().map(|said| said.article).collect()
    }

    /// Whether anything was redacted.
    pub(super) fn is_any(&self) -> bool {
        !self.said.is_empty()
    }
}

impl Check<'_> {
    /// Names what is missing without a redaction that says so, and what a redaction names and is
    /// there still; returns how many versions are gone by a redaction.
    pub(super) fn redactions(&mut self) -> u64 {
        let missing = std::mem::take(&mut self.redacted.missing);
        let versions = std::mem::take(&mut self.redacted.versions);
        let records = self.redacted.said.values();
        let said: BTreeSet<LeafIndex> = records.flat_map(|said| &said.leaves).copied().collect();
        for leaf in &said {
            if missing.get(leaf).is_none_or(|gone| gone.len() < 2) {
                self.find(
                    format!("leaf {leaf}"),
                    "it was redacted, and its record is there still",
                );
            }
        }
        for (leaf, names) in missing.iter().filter(|(leaf, _)| !said.contains(leaf)) {
            for name in names {
                self.find(format!("leaf {leaf}"), format!("its {name} is missing"));
            }
        }
        let mut redacted = 0;
        for (leaf, what) in versions {
            if said.contains(&leaf) {
                redacted += 1;
            } else {
                let problem = format!("leaf {leaf} is there, the version is not");
                self.find(what, problem);
            }
        }
        redacted
    }

    /// The catalog's list of redactions is that of the ledger.
    pub(super) async fn list_of_redactions(&mut self) -> Result<()> {
        let listed = self.archive.catalog.redactions(false).await;
        let Some(listed) = self.readable("redactions", listed)? else {
            return Ok(());
        };
        let mut said = std::mem::take(&mut self.redacted.said);
        for row in listed {
            let what = format!("redaction of article {}", row.article);
            match said.remove(&row.leaf) {
                Some(record)
                    if (record.article, record.at.at(), &record.reason)
                        == (row.article, row.begun_at, &row.reason) => {}
                Some(_) => self.find(&*what, "it is not what its leaf says"),
                None if row.leaf.0 >= self.first_later_leaf() => {}
                None => self.find(&*what, format!("leaf {} is no redaction", row.leaf)),
            }
            if row.done_at.is_none() {
                let problem = "it was cut off: `pressmark redact` or the next poll goes on with it";
                self.find(what, problem);
            }
        }
        for leaf in said.into_keys() {
            self.find(format!("redaction at leaf {leaf}"), "it is not listed");
        }
        Ok(())
    }
}

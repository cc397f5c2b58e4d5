//! What is gone because a redaction says so, and only that.

use std::collections::{BTreeMap, BTreeSet};

use pressmark_model::LeafIndex;
use pressmark_proof::RedactionRecord;

use super::Check;

/// What was missed, and what the redactions in the ledger say of it.
#[derive(Default)]
pub(super) struct Redacted {
    /// Leaves with a record, or without, by what of it is missing.
    missing: BTreeMap<LeafIndex, Vec<&'static str>>,
    /// Versions that are not there, by their leaves.
    versions: BTreeMap<LeafIndex, String>,
    /// Leaves that redactions name.
    said: BTreeSet<LeafIndex>,
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

    pub(super) fn say(&mut self, record: RedactionRecord) {
        self.said.extend(record.leaves);
    }
}

impl Check<'_> {
    /// Names what is missing without a redaction that says so, and what a redaction names and is
    /// there still; returns how many versions are gone by a redaction.
    pub(super) fn redactions(&mut self) -> u64 {
        let Redacted {
            missing,
            versions,
            said,
        } = std::mem::take(&mut self.redacted);
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
}

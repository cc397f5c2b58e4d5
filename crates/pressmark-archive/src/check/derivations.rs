//! What later extractors made of captures, against the leaves of their runs.

use std::collections::BTreeMap;

use pressmark_model::{ContentDigest, Hashing, LeafIndex};
use pressmark_proof::{ReextractionRecord, manifest_line};

use super::Check;
use crate::ports::catalog::Result;
use crate::ports::derived::DerivationKey;
use crate::reextract::StoredDerivation;

/// So many are read at a time, with their texts.
const PAGE: u32 = 200;

/// The manifest of a run, as the catalog has it.
#[derive(Default)]
struct Manifest {
    hashing: Hashing,
    versions: u64,
    /// Whether all of it is by one extractor, and that the one of the leaf.
    is_mixed: bool,
}

impl Check<'_> {
    /// Each text has its digest, and those of each run together the manifest that its leaf commits to.
    pub(super) async fn derivations(&mut self) -> Result<()> {
        let mut manifests: BTreeMap<LeafIndex, Manifest> = BTreeMap::new();
        let mut after: Option<DerivationKey> = None;
        loop {
            let stored = self.archive.catalog.derivations(after.as_ref(), PAGE).await;
            let Some(stored) = self.readable("derivations", stored)? else {
                return Ok(());
            };
            for stored in &stored {
                self.derivation(stored);
                if let Some(leaf) = stored.leaf {
                    let run = self.runs.get(&leaf);
                    manifests.entry(leaf).or_default().take(stored, run);
                }
            }
            let Some(last) = stored.last() else { break };
            after = Some(last.key());
        }
        self.runs_and(manifests);
        Ok(())
    }

    fn derivation(&mut self, stored: &StoredDerivation) {
        let read = &stored.derivation;
        let problem = if ContentDigest::of(&read.article.title, &read.article.text) != stored.digest
        {
            "its title and text do not have its digest"
        } else if stored.sum.is_some_and(|sum| sum != read.sum()) {
            "it is not as it was stored"
        } else {
            return;
        };
        let (article, version) = (read.article_id, read.number);
        let what = format!(
            "article {article} version {version} as read by `{}`",
            read.extractor
        );
        self.find(what, problem);
    }

    fn runs_and(&mut self, mut manifests: BTreeMap<LeafIndex, Manifest>) {
        for (leaf, record) in std::mem::take(&mut self.runs) {
            let found = manifests.remove(&leaf).unwrap_or_default();
            // What was redacted is in no manifest any more, and the others cannot be told from it.
            if found.versions < record.versions && self.redacted.is_any() {
                continue;
            }
            let what = format!("re-extraction at leaf {leaf}");
            if found.is_mixed {
                self.find(what, "its texts are not all by the extractor that it names");
            } else if found.versions != record.versions {
                let (found, said) = (found.versions, record.versions);
                self.find(what, format!("{found} of its {said} texts are there"));
            } else if found.hashing.end() != record.manifest {
                self.find(what, "its texts are not those of its manifest");
            }
        }
        let end = self.first_later_leaf();
        for leaf in manifests.into_keys().filter(|leaf| leaf.0 < end) {
            let what = format!("re-extraction at leaf {leaf}");
            self.find(what, "texts name it, and the leaf is none");
        }
    }
}

impl Manifest {
    fn take(&mut self, stored: &StoredDerivation, run: Option<&ReextractionRecord>) {
        let read = &stored.derivation;
        let line = manifest_line(read.article_id, read.number, &stored.digest);
        self.hashing.write(line.as_bytes());
        self.versions += 1;
        self.is_mixed |= run.is_some_and(|run| run.extractor != read.extractor);
    }
}

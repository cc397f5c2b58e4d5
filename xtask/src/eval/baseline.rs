//! The floors: the scores that were reached, and the pages on which.

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::score::Scores;

const HEADER: &str =
    "# Floors of the extractor's scores, written by `cargo xtask eval --update`.\n";

/// `eval/baseline.toml`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    /// Of the pages and their labels.
    corpus: String,
    /// Why a floor was lowered last.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    floor: Scores,
}

impl Baseline {
    pub(super) fn new(corpus: String, mean: &Scores, reason: Option<String>) -> Self {
        Self {
            corpus,
            reason,
            floor: *mean,
        }
    }

    /// `None` when there is none yet.
    pub(super) fn read(file: &Path) -> anyhow::Result<Option<Self>> {
        if !file.exists() {
            return Ok(None);
        }
        let reading = || format!("reading `{}`", file.display());
        let text = std::fs::read_to_string(file).with_context(reading)?;
        toml::from_str(&text).map(Some).with_context(reading)
    }

    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let text = HEADER.to_owned() + &toml::to_string(self)?;
        std::fs::write(file, text).with_context(|| format!("writing `{}`", file.display()))
    }

    /// Whether a score fell below its floor.
    pub(super) fn is_above(&self, mean: &Scores) -> bool {
        !self.fallen(mean).is_empty()
    }

    /// What is wrong, in sentences.
    pub(super) fn faults(&self, corpus: &str, mean: &Scores) -> Vec<String> {
        let mut faults = self.fallen(mean);
        if self.corpus != corpus {
            faults.push(
                "the pages or labels changed since the floors were pinned; \
                 hint: `cargo xtask eval --update`"
                    .to_owned(),
            );
        }
        faults
    }

    fn fallen(&self, mean: &Scores) -> Vec<String> {
        let pairs = self.floor.named().into_iter().zip(mean.named());
        pairs
            .filter(|((_, floor), (_, score))| score + 1e-9 < *floor)
            .map(|((name, floor), (_, score))| {
                format!("{name} fell to {score:.1}, below its floor of {floor:.1}")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Scores = Scores {
        body: 100.0,
        title: 100.0,
        date: 100.0,
        authors: 100.0,
    };

    #[test]
    fn a_lower_score_and_another_corpus_are_faults() {
        let pinned = Baseline::new("sha256:a".to_owned(), &FULL, None);
        assert!(pinned.faults("sha256:a", &FULL).is_empty());
        assert_eq!(pinned.faults("sha256:b", &FULL).len(), 1);
        let lower = Scores { date: 91.7, ..FULL };
        assert!(pinned.is_above(&lower));
        assert_eq!(
            pinned.faults("sha256:a", &lower),
            ["date fell to 91.7, below its floor of 100.0"]
        );
    }

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let pinned = Baseline::new("sha256:a".to_owned(), &FULL, Some("because".to_owned()));
        let text = toml::to_string(&pinned).unwrap();
        let read: Baseline = toml::from_str(&text).unwrap();
        assert_eq!(read.floor, FULL);
        assert_eq!(read.reason.as_deref(), Some("because"));
    }
}

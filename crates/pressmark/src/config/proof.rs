//! `[proof]`: how the ledger is sealed.

use std::path::PathBuf;
use std::time::Duration;

use pressmark_archive::span;
use serde::Deserialize;

/// `[proof]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ProofSection {
    /// Where the private key is; without it, a file in the platform's configuration folder.
    pub(crate) key_file: Option<PathBuf>,
    /// How long new versions wait to be sealed together.
    #[serde(with = "span::option")]
    pub(crate) interval: Option<Duration>,
}

//! `[proof]`: how the ledger is sealed.

use std::path::PathBuf;
use std::time::Duration;

use pressmark_archive::anchor::AnchorPlan;
use pressmark_archive::span;
use pressmark_model::WebUrl;
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
    /// Addresses of time stamping authorities (RFC 3161).
    pub(crate) tsa: Vec<WebUrl>,
    /// How often each of them is asked, at most.
    #[serde(with = "span::option")]
    pub(crate) anchor_interval: Option<Duration>,
}

/// How often an authority is asked where nothing else is configured.
const ANCHOR_INTERVAL: Duration = Duration::from_hours(24);

impl ProofSection {
    /// Who is to stamp checkpoints.
    pub(crate) fn anchors(&self) -> AnchorPlan {
        AnchorPlan {
            tsas: self.tsa.clone(),
            interval: self.anchor_interval.unwrap_or(ANCHOR_INTERVAL),
        }
    }
}

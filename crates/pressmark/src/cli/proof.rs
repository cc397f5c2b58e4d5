//! Commands on the ledger's proofs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Redact {
    /// An id, an address, or slug/number
    #[arg(value_name = "ARTICLE")]
    pub(crate) article: String,
    /// Why; shown for good in the article's place
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Prove {
    /// An id, an address, or slug/number; `@` and a number for one version [default: the last]
    #[arg(value_name = "ARTICLE[@VERSION]")]
    pub(crate) article: String,
    /// The file [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// To the first checkpoint with a time stamp; it and the time stamps are written beside
    #[arg(long, requires = "out")]
    pub(crate) anchor: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A proof file, or an article of this archive [default: the whole ledger]
    #[arg(value_name = "PROOF-FILE|ARTICLE[@VERSION]")]
    pub(crate) what: Option<String>,
    /// A public key to believe, or a file with keys [default: those of this archive]
    #[arg(long = "key", value_name = "KEY|FILE")]
    pub(crate) keys: Vec<String>,
    /// A time stamp over the checkpoint of the proof file [default: those beside it]
    #[arg(long = "anchor", value_name = "FILE.tsr")]
    pub(crate) anchors: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Anchor {
    /// Only list how it goes with them
    #[arg(long)]
    pub(crate) list: bool,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A command on the key.
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Print the public keys
    Show(ShowKey),
    /// Make a new key, which signs from now on
    Rotate(Rotate),
}

#[derive(Debug, Args)]
pub(crate) struct ShowKey {
    /// As a file of allowed signers, for `git verify-commit`
    #[arg(long, conflicts_with = "json")]
    pub(crate) ssh: bool,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// The old key is lost: go on in a new log
    #[arg(long)]
    pub(crate) lost: bool,
}

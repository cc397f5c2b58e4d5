//! `[git]`: the Markdown archive.

use std::path::PathBuf;

use serde::Deserialize;

/// `[git]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GitSection {
    /// Whether Markdown records are written.
    pub(crate) enabled: Option<bool>,
    /// The repository; without it, `markdown` in the data folder.
    pub(crate) dir: Option<PathBuf>,
    /// How the files of articles are named.
    pub(crate) names: Option<FileNames>,
    /// Where the records' images are.
    pub(crate) media: Option<RecordImages>,
    /// The remote that new commits are pushed to.
    pub(crate) push: Option<String>,
}

/// `[git] media`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RecordImages {
    /// At their outlets.
    Link,
    /// In the repository, as far as there are copies.
    Copy,
}

/// `[git] names`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FileNames {
    /// `1048575.md`.
    Id,
    /// `1048575_The title.md`.
    IdTitle,
}

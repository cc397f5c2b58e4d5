//! Checking: every digest, record and reference of the archive is computed again.

mod anchors;
mod articles;
mod captures;
mod changes;
mod derivations;
mod ledger;
mod logs;
mod media;
mod page;
mod redacted;
mod shelf;
mod sums;

use std::collections::BTreeMap;
use std::fmt;

use pressmark_model::LeafIndex;
use pressmark_proof::{MediaRecord, ReextractionRecord};

use crate::archive::{Archive, ArchiveError};
use crate::ports::catalog::{CatalogError, Counts};
use shelf::Shelf;

/// What was checked, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckReport {
    /// Versions whose text was hashed again.
    pub versions: u64,
    /// Leaves whose record was hashed again.
    pub leaves: u64,
    /// Leaves that a verified checkpoint is over.
    pub sealed: u64,
    /// WARC records that were looked up, to be read and hashed again.
    pub records: u64,
    /// Segments whose bytes were hashed again.
    pub segments: u64,
    /// Images that were looked up.
    pub media: u64,
    /// Bytes in segments.
    pub bytes: u64,
    /// Segments that nothing readable in the catalog refers to. Where nothing is damaged, a crash
    /// left them before their commit; they are no damage.
    pub unreferenced_segments: u64,
    /// Everything that is not as it was written.
    pub findings: Vec<Finding>,
}

/// One damaged thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is, such as `leaf 12` or `segment sha256:…`.
    pub what: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.problem)
    }
}

/// How far a check is: things done, of how many.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

impl Archive {
    /// Checks everything that was there when the check began; what is committed meanwhile is left
    /// for the next check. Damage is reported, never an error; the error is for a catalog or store
    /// that cannot be read at all.
    ///
    /// Beside a page of 500 versions and one segment it holds what is found, and at most 100 bytes
    /// or so for every article and every segment.
    pub async fn check(&self, progress: Progress<'_>) -> Result<CheckReport, ArchiveError> {
        self.check_to(false, progress).await
    }

    /// Checks also every column that a version or a capture is read from, against the sums that
    /// were taken when it was sealed; and what is computed from them (changes, and what later
    /// extractors made of captures) against what it is computed from, and against the ledger.
    /// Otherwise as [`Archive::check`].
    pub async fn check_deep(&self, progress: Progress<'_>) -> Result<CheckReport, ArchiveError> {
        self.check_to(true, progress).await
    }

    async fn check_to(
        &self,
        is_deep: bool,
        progress: Progress<'_>,
    ) -> Result<CheckReport, ArchiveError> {
        let mut check = Check::begin(self, is_deep, progress).await?;
        let mut segments = Shelf::list(&mut check).await?;
        let broken = self.catalog.integrity().await?;
        let is_broken = !broken.is_empty();
        for problem in broken {
            check.find("catalog", problem);
        }
        let mut logs = check.list_logs().await?;
        let read = check.ledger(&mut logs).await;
        check.outlive(is_broken, read)?;
        let read = check.logs(logs).await;
        check.outlive(is_broken, read)?;
        let read = check.captures(&mut segments).await;
        check.outlive(is_broken, read)?;
        segments.read_the_rest(&mut check).await;
        let read = check.media(is_deep).await;
        check.outlive(is_broken, read)?;
        if is_deep {
            let read = check.derivations().await;
            check.outlive(is_broken, read)?;
        }
        let read = check.list_of_redactions().await;
        check.outlive(is_broken, read)?;
        if is_deep {
            let read = check.sums().await;
            check.outlive(is_broken, read)?;
        }
        Ok(check.report)
    }
}

impl Archive {
    /// Checks the ledger, its logs and the versions alone, not the raw bytes that they were read
    /// from. Otherwise as [`Archive::check`].
    pub async fn check_ledger(&self, progress: Progress<'_>) -> Result<CheckReport, ArchiveError> {
        let mut check = Check::begin(self, false, progress).await?;
        let mut logs = check.list_logs().await?;
        check.ledger(&mut logs).await?;
        check.logs(logs).await?;
        Ok(check.report)
    }
}

struct Check<'a> {
    archive: &'a Archive,
    /// Whether what is computed from versions is computed again.
    is_deep: bool,
    /// How much there was when the check began.
    counts: Counts,
    report: CheckReport,
    /// What the ledger says of the images of versions.
    manifests: BTreeMap<LeafIndex, MediaRecord>,
    /// What the ledger says of re-extractions.
    runs: BTreeMap<LeafIndex, ReextractionRecord>,
    /// What is gone by the ledger's own word.
    redacted: redacted::Redacted,
    done: u64,
    total: u64,
    progress: Progress<'a>,
}

impl<'a> Check<'a> {
    async fn begin(
        archive: &'a Archive,
        is_deep: bool,
        progress: Progress<'a>,
    ) -> Result<Self, CatalogError> {
        let counts = archive.catalog.counts().await?;
        let total = counts.leaves.saturating_add(counts.versions);
        Ok(Self {
            archive,
            is_deep,
            counts,
            report: CheckReport::default(),
            manifests: BTreeMap::new(),
            runs: BTreeMap::new(),
            redacted: redacted::Redacted::default(),
            done: 0,
            total: total.saturating_add(counts.captures),
            progress,
        })
    }

    fn find(&mut self, what: impl Into<String>, problem: impl Into<String>) {
        self.report.findings.push(Finding {
            what: what.into(),
            problem: problem.into(),
        });
    }

    /// The first leaf that was not there when the check began.
    fn first_later_leaf(&self) -> i64 {
        i64::try_from(self.counts.leaves).unwrap_or(i64::MAX)
    }

    /// Damage to rows is a finding.
    fn readable<T>(
        &mut self,
        what: &str,
        read: Result<T, CatalogError>,
    ) -> Result<Option<T>, CatalogError> {
        match read {
            Err(CatalogError::Damaged(problem)) => {
                self.find(what, format!("cannot be read: {problem}"));
                Ok(None)
            }
            read => read.map(Some),
        }
    }

    fn step(&mut self) {
        self.done += 1;
        (self.progress)(self.done, self.total.max(self.done));
    }

    /// A database that found damage in its own files may refuse a part of itself: a finding too.
    fn outlive(
        &mut self,
        is_broken: bool,
        read: Result<(), CatalogError>,
    ) -> Result<(), CatalogError> {
        match read {
            Err(error @ CatalogError::Database { .. }) if is_broken => {
                self.find("catalog", caused(&error));
                Ok(())
            }
            read => read,
        }
    }
}

/// An error with its immediate cause.
fn caused(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

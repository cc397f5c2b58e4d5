//! Checking: every digest, record and reference of the archive is computed again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures::StreamExt as _;
use pressmark_model::{ArticleId, CaptureId, ContentDigest, Digest, LeafIndex, VersionNumber};
use pressmark_proof::{Leaf, VersionRecord, commitment};

use crate::archive::{Archive, ArchiveError};
use crate::capture::CaptureRecord;
use crate::version::{LedgerRow, Version};

const PAGE: u32 = 500;

/// What was checked, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckReport {
    /// Versions whose text was hashed again.
    pub versions: u64,
    /// Leaves whose record was hashed again.
    pub leaves: u64,
    /// WARC records that were read and hashed again.
    pub records: u64,
    /// Segments whose bytes were hashed again.
    pub segments: u64,
    /// Bytes in segments.
    pub bytes: u64,
    /// Segments that nothing in the catalog refers to: left by a crash before their commit. They
    /// are no damage.
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
    /// Checks everything. Damage is reported, never an error; the error is for a catalog or store
    /// that cannot be read at all.
    pub async fn check(&self, progress: Progress<'_>) -> Result<CheckReport, ArchiveError> {
        let counts = self.catalog.counts().await?;
        let total = counts.leaves + counts.versions + counts.captures;
        let mut check = Check {
            archive: self,
            report: CheckReport::default(),
            done: 0,
            total,
            progress,
        };
        for problem in self.catalog.integrity().await? {
            check.find("catalog", problem);
        }
        let leaves = check.ledger().await?;
        check.versions(leaves).await?;
        let referenced = check.captures().await?;
        check.segments(&referenced).await?;
        Ok(check.report)
    }
}

struct Check<'a> {
    archive: &'a Archive,
    report: CheckReport,
    done: u64,
    total: u64,
    progress: Progress<'a>,
}

/// What the ledger says of the versions, by leaf.
type Sealed = BTreeMap<LeafIndex, (ArticleId, VersionNumber, Option<VersionRecord>)>;

impl Check<'_> {
    fn find(&mut self, what: impl Into<String>, problem: impl Into<String>) {
        self.report.findings.push(Finding {
            what: what.into(),
            problem: problem.into(),
        });
    }

    fn step(&mut self) {
        self.done += 1;
        (self.progress)(self.done, self.total.max(self.done));
    }

    async fn ledger(&mut self) -> Result<Sealed, ArchiveError> {
        let mut sealed = Sealed::new();
        let mut next = 0;
        loop {
            let rows = self.archive.catalog.ledger(LeafIndex(next), PAGE).await?;
            let Some(last) = rows.last().map(|row| row.index.0) else {
                break;
            };
            for row in rows {
                if row.index.0 != next {
                    self.find(format!("leaf {next}"), "missing from the ledger");
                }
                next = row.index.0 + 1;
                let record = self.leaf(&row);
                sealed.insert(row.index, (row.article, row.version, record));
                self.report.leaves += 1;
                self.step();
            }
            next = last + 1;
        }
        let counted = self.archive.catalog.counts().await?.leaves;
        if i64::try_from(counted).is_ok_and(|counted| counted < next) {
            self.find(
                "ledger",
                format!("{next} leaves, the counter says {counted}"),
            );
        }
        Ok(sealed)
    }

    fn leaf(&mut self, row: &LedgerRow) -> Option<VersionRecord> {
        let what = format!("leaf {}", row.index);
        match Leaf::from_bytes(&row.leaf) {
            Err(error) => self.find(&*what, error.to_string()),
            Ok(leaf) => {
                if leaf.index != row.index {
                    self.find(&*what, format!("its bytes say index {}", leaf.index));
                }
                if leaf.archive != self.archive.id {
                    self.find(&*what, "its bytes name another archive");
                }
                if leaf.commitment != commitment(&row.nonce, &row.record) {
                    self.find(&*what, "it does not commit to its record");
                }
            }
        }
        match VersionRecord::from_bytes(&row.record) {
            Ok(record) => Some(record),
            Err(error) => {
                self.find(what, format!("its record cannot be read: {error}"));
                None
            }
        }
    }

    async fn versions(&mut self, mut sealed: Sealed) -> Result<(), ArchiveError> {
        let mut from = LeafIndex(0);
        loop {
            let versions = self.archive.catalog.versions(from, PAGE).await?;
            let Some(last) = versions.last().map(|version| version.leaf) else {
                break;
            };
            from = LeafIndex(last.0 + 1);
            for version in versions {
                self.version(&version, sealed.remove(&version.leaf)).await?;
                self.report.versions += 1;
                self.step();
            }
        }
        for (leaf, (article, version, _)) in sealed {
            let what = format!("article {article} version {version}");
            self.find(what, format!("leaf {leaf} is there, the version is not"));
        }
        Ok(())
    }

    async fn version(
        &mut self,
        version: &Version,
        sealed: Option<(ArticleId, VersionNumber, Option<VersionRecord>)>,
    ) -> Result<(), ArchiveError> {
        let what = format!("article {} version {}", version.article_id, version.number);
        let article = &version.article;
        if ContentDigest::of(&article.title, &article.text) != version.digest {
            self.find(&*what, "its title and text do not have its digest");
        }
        if Digest::of(article.text.as_bytes()) != version.text_digest {
            self.find(&*what, "its text does not have its text digest");
        }
        let Some((id, number, record)) = sealed else {
            self.find(what, format!("leaf {} is not in the ledger", version.leaf));
            return Ok(());
        };
        if (id, number) != (version.article_id, version.number) {
            self.find(
                &*what,
                format!("leaf {} is of article {id} version {number}", version.leaf),
            );
        }
        let Some(record) = record else { return Ok(()) };
        let capture = self.archive.catalog.capture(version.capture).await?;
        let page = capture
            .as_ref()
            .and_then(|found| found.capture.page_record());
        let comparisons = [
            ("article", record.article == version.article_id),
            ("version", record.version == version.number),
            ("digest", record.digest == version.digest),
            ("address", record.url == version.url),
            (
                "time of capture",
                record.captured_at.at() == version.captured_at,
            ),
            ("extractor", record.extractor == version.derivation),
            (
                "WARC record",
                page.is_some_and(|page| page.id == record.warc_record),
            ),
            (
                "WARC digest",
                page.is_some_and(|page| page.block_digest == record.warc_digest),
            ),
        ];
        for (name, _) in comparisons.into_iter().filter(|(_, same)| !same) {
            self.find(&*what, format!("its {name} is not what its record says"));
        }
        Ok(())
    }

    async fn captures(&mut self) -> Result<BTreeSet<Digest>, ArchiveError> {
        let mut referenced = BTreeSet::new();
        let mut from = CaptureId(0);
        loop {
            let captures = self.archive.catalog.captures(from, PAGE).await?;
            let Some(last) = captures.last().map(|capture| capture.id) else {
                break;
            };
            from = CaptureId(last.0 + 1);
            for CaptureRecord { id, capture } in captures {
                if capture.page_record().is_none() {
                    self.find(format!("capture {id}"), "it has no WARC record");
                }
                for place in &capture.records {
                    referenced.insert(place.segment);
                    if let Err(error) = self.archive.segments.record(place).await {
                        let cause = std::error::Error::source(&error)
                            .map(|cause| format!(": {cause}"))
                            .unwrap_or_default();
                        self.find(format!("capture {id}"), format!("{error}{cause}"));
                    }
                    self.report.records += 1;
                }
                self.step();
            }
        }
        Ok(referenced)
    }

    async fn segments(&mut self, referenced: &BTreeSet<Digest>) -> Result<(), ArchiveError> {
        let segments = self.archive.segments.clone();
        let mut missing = referenced.clone();
        let mut list = std::pin::pin!(segments.list());
        while let Some(found) = list.next().await {
            let (segment, size) = found?;
            self.report.segments += 1;
            self.report.bytes += size;
            if !missing.remove(&segment) {
                self.report.unreferenced_segments += 1;
            }
            if segments.digest_of(&segment).await? != segment {
                self.find(
                    format!("segment {segment}"),
                    "its bytes do not have its digest",
                );
            }
        }
        for segment in missing {
            self.find(format!("segment {segment}"), "it is missing");
        }
        Ok(())
    }
}

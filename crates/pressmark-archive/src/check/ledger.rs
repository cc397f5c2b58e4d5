//! The ledger and the versions, side by side, leaf by leaf.

use std::collections::HashMap;

use pressmark_model::{ArticleId, CaptureId, ContentDigest, Digest, LeafIndex, VersionNumber};
use pressmark_proof::{
    ContinuationRecord, KeyRecord, Leaf, LeafKind, MediaRecord, RedactionRecord,
    ReextractionRecord, TombstoneRecord, VersionRecord, commitment,
};

use super::Check;
use super::articles::Heads;
use super::changes::Telling;
use super::logs::Logs;
use super::page::{self, Gaps, Page, Place, keys};
use crate::capture::StoredRecord;
use crate::commit;
use crate::ports::catalog::{CatalogError, Result};
use crate::version::{LedgerRow, Version};

/// The page records of some captures, or why they cannot be read.
type Raw = HashMap<CaptureId, std::result::Result<StoredRecord, String>>;

/// What the ledger has at the leaf of a version.
struct Sealed {
    /// Whether there is a row, be it unreadable.
    stands: bool,
    about: Option<(ArticleId, VersionNumber)>,
    record: Option<VersionRecord>,
}

impl Check<'_> {
    /// Checks leaves and versions, up to the last leaf that was there when the check began.
    pub(super) async fn ledger(&mut self, logs: &mut Logs) -> Result<()> {
        let catalog = &self.archive.catalog;
        let end = self.first_later_leaf();
        let mut gaps = Gaps::new("ledger", "leaf", "leaves");
        let mut heads = Heads::default();
        let mut unreadable = 0;
        let mut start = 0;
        while start < end {
            let keys = keys(start, end);
            let mut leaves = self.leaves(keys.start, keys.end).await?;
            let mut versions = page::read(
                keys.clone(),
                |version: &Version| version.leaf.0,
                |from, limit| catalog.versions(LeafIndex(from), limit),
            )
            .await?;
            let raw = self.raw(&versions).await?;
            let mut telling = Telling::default();
            for at in keys.clone() {
                self.step();
                let place = leaves.take(at);
                if let Place::Row(row) = &place {
                    logs.take(row);
                }
                let sealed = self.sealed(at, place, &mut gaps, &mut telling);
                match versions.take(at) {
                    Place::Row(version) => {
                        self.version(&version, &sealed, &raw);
                        self.order(&version, &sealed, &heads);
                        heads.read(&version);
                        telling.version(version);
                    }
                    Place::Unreadable(problem) => {
                        unreadable += 1;
                        self.find(
                            version_at(at, &sealed),
                            format!("cannot be read: {problem}"),
                        );
                        heads.pass_over(sealed.about, LeafIndex(at));
                    }
                    Place::Empty => {
                        if sealed.about.is_some() {
                            let what = version_at(at, &sealed);
                            self.redacted.lacks(LeafIndex(at), what);
                        }
                        heads.pass_over(sealed.about, LeafIndex(at));
                    }
                }
            }
            heads.notices(&telling);
            start = leaves.next.min(versions.next).min(end);
            if self.is_deep {
                self.changes(keys.start..start, telling).await?;
            }
            gaps.empty(self, keys.end..start);
        }
        gaps.end(self, self.counts.leaves);
        let redacted = self.redactions();
        let found = self.report.versions + unreadable + redacted;
        let counted = self.counts.versions;
        if found != counted {
            self.find(
                "catalog",
                format!("{found} versions are there, of {counted}"),
            );
        }
        if self.is_deep {
            self.articles(heads).await?;
        }
        self.end_of_ledger(end).await
    }

    async fn leaves(&self, from: i64, to: i64) -> Result<Page<LedgerRow>> {
        let catalog = &self.archive.catalog;
        let index = |row: &LedgerRow| row.index.0;
        let rows = |from, limit| catalog.ledger(LeafIndex(from), limit);
        page::read(from..to, index, rows).await
    }

    /// A leaf beyond the counter was committed meanwhile, unless the counter is still behind it.
    async fn end_of_ledger(&mut self, end: i64) -> Result<()> {
        let beyond = self.leaves(end, end.saturating_add(1)).await?.take(end);
        let counted = self.archive.catalog.counts().await?.leaves;
        if !matches!(beyond, Place::Empty) && i64::try_from(counted).is_ok_and(|n| n <= end) {
            let problem = format!("leaf {end} is there, the counter says {counted} leaves");
            self.find("ledger", problem);
        }
        Ok(())
    }

    async fn raw(&self, versions: &Page<Version>) -> Result<Raw> {
        let catalog = &self.archive.catalog;
        let ids: Vec<_> = versions.readable().map(|version| version.capture).collect();
        let mut raw = Raw::new();
        match catalog.page_records(&ids).await {
            Err(CatalogError::Damaged(_)) => {
                for id in ids {
                    match catalog.page_records(&[id]).await {
                        Err(CatalogError::Damaged(problem)) => {
                            raw.insert(id, Err(problem));
                        }
                        found => raw.extend(found?.into_iter().map(|(id, page)| (id, Ok(page)))),
                    }
                }
            }
            found => raw.extend(found?.into_iter().map(|(id, page)| (id, Ok(page)))),
        }
        Ok(raw)
    }

    fn sealed(
        &mut self,
        at: i64,
        place: Place<LedgerRow>,
        gaps: &mut Gaps,
        telling: &mut Telling,
    ) -> Sealed {
        let stands = !matches!(place, Place::Empty);
        let row = gaps.row(self, at, place);
        let record = row.as_ref().and_then(|row| self.leaf(row, telling));
        Sealed {
            stands,
            about: row.and_then(|row| row.about),
            record,
        }
    }

    fn leaf(&mut self, row: &LedgerRow, telling: &mut Telling) -> Option<VersionRecord> {
        self.report.leaves += 1;
        let what = format!("leaf {}", row.index);
        let leaf = match Leaf::from_bytes(&row.leaf) {
            Ok(leaf) => Some(leaf),
            Err(error) => {
                self.find(&*what, error.to_string());
                None
            }
        };
        if let Some(leaf) = &leaf {
            if leaf.index != row.index {
                self.find(&*what, format!("its bytes say index {}", leaf.index));
            }
            if leaf.archive != self.archive.id {
                self.find(&*what, "its bytes name another archive");
            }
        }
        let kind = leaf.map_or(LeafKind::Version, |leaf| leaf.kind);
        for (name, is_missing) in [
            ("record", row.record.is_none()),
            ("nonce", row.nonce.is_none()),
        ] {
            // Only a later leaf can say that this is as it should be.
            self.redacted.note(row.index, name, is_missing);
        }
        if kind == LeafKind::Version && row.about.is_none() {
            self.find(&*what, "its version is missing");
        }
        let record = row.record.as_ref()?;
        if let (Some(leaf), Some(nonce)) = (leaf, &row.nonce)
            && leaf.commitment != commitment(nonce, record)
        {
            self.find(&*what, "it does not commit to its record");
        }
        let read = match kind {
            LeafKind::Version => VersionRecord::from_bytes(record).map(Some),
            LeafKind::Tombstone => TombstoneRecord::from_bytes(record).map(|record| {
                telling.notice(row.index, record);
                None
            }),
            LeafKind::Media => MediaRecord::from_bytes(record).map(|record| {
                self.manifests.insert(row.index, record);
                None
            }),
            LeafKind::Redaction => RedactionRecord::from_bytes(record).map(|record| {
                self.redacted.say(row.index, record);
                None
            }),
            LeafKind::Reextraction => ReextractionRecord::from_bytes(record).map(|record| {
                self.runs.insert(row.index, record);
                None
            }),
            LeafKind::Key => KeyRecord::from_bytes(record).map(|_| None),
            LeafKind::Continuation => ContinuationRecord::from_bytes(record).map(|_| None),
            LeafKind::SourceRenamed => Ok(None),
        };
        read.unwrap_or_else(|error| {
            self.find(what, format!("its record cannot be read: {error}"));
            None
        })
    }

    fn version(&mut self, version: &Version, sealed: &Sealed, raw: &Raw) {
        self.report.versions += 1;
        self.step();
        let what = name(version.article_id, version.number);
        let article = &version.article;
        if ContentDigest::of(&article.title, &article.text) != version.digest {
            self.find(&*what, "its title and text do not have its digest");
        }
        if Digest::of(article.text.as_bytes()) != version.text_digest {
            self.find(&*what, "its text does not have its text digest");
        }
        if !sealed.stands {
            let problem = format!("leaf {} is not in the ledger", version.leaf);
            self.find(&*what, problem);
        }
        if let Some((article, number)) = sealed.about
            && (article, number) != (version.article_id, version.number)
        {
            let other = name(article, number);
            self.find(&*what, format!("leaf {} is of {other}", version.leaf));
        }
        let page = match raw.get(&version.capture) {
            Some(Ok(page)) => Some(page),
            Some(Err(problem)) => {
                self.find(&*what, format!("its WARC record cannot be read: {problem}"));
                None
            }
            None => {
                self.find(&*what, "its WARC record is not in the catalog");
                None
            }
        };
        let Some(record) = &sealed.record else { return };
        let captured_at = record.captured_at.at();
        let comparisons = [
            ("article", record.article == version.article_id),
            ("version", record.version == version.number),
            ("digest", record.digest == version.digest),
            ("address", record.url == version.url),
            ("time of capture", captured_at == version.captured_at),
            ("extractor", record.extractor == version.derivation),
            (
                "WARC record",
                page.is_none_or(|page| page.id == record.warc_record),
            ),
            (
                "WARC digest",
                page.is_none_or(|page| page.block_digest == record.warc_digest),
            ),
        ];
        for (name, _) in comparisons.into_iter().filter(|(_, same)| !same) {
            self.find(&*what, format!("its {name} is not what its record says"));
        }
        if let Some(said) = record.details {
            let html = Digest::of(article.html.as_bytes());
            let details = commit::details(article, html, version.kind, version.partial);
            if details.ok() != Some(said) {
                let problem = "its HTML, or what goes with the text, is not what its record says";
                self.find(what, problem);
            }
        }
    }

    /// The version comes right after the one before it, and its record names that one's leaf.
    fn order(&mut self, version: &Version, sealed: &Sealed, heads: &Heads) {
        let what = name(version.article_id, version.number);
        let before = heads.last(version.article_id);
        let last = before.map_or(0, |(number, _)| number.0);
        if last.checked_add(1) != Some(version.number.0) {
            let problem = match last {
                0 => "no version stands before it".to_owned(),
                last => format!("the version before it is {last}"),
            };
            self.find(what, problem);
        } else if let Some(record) = &sealed.record
            && record.previous != before.map(|(_, leaf)| leaf)
        {
            let leaf =
                |leaf: Option<LeafIndex>| leaf.map_or("none".to_owned(), |leaf| leaf.to_string());
            let problem = format!(
                "the leaf of the version before it is {}, its record says {}",
                leaf(before.map(|(_, leaf)| leaf)),
                leaf(record.previous)
            );
            self.find(what, problem);
        }
    }
}

fn name(article: ArticleId, number: VersionNumber) -> String {
    format!("article {article} version {number}")
}

/// What the version at this leaf is called.
fn version_at(leaf: i64, sealed: &Sealed) -> String {
    match sealed.about {
        Some((article, number)) => name(article, number),
        None => format!("version at leaf {leaf}"),
    }
}

//! Importing: records that another archive made, kept apart from what this one saw itself.

use bytes::Bytes;
use futures::StreamExt as _;
use pressmark_model::{Article, Digest, OffsetTimestamp, SourceId, WebUrl};

use crate::archive::{Archive, ArchiveError};
use crate::commit::{Alias, AliasEvidence, Commit, Committed, Decision, Draft};
use crate::gather::{Deposit, Raw, RawCapture};
use crate::identity;
use crate::ports::fetch::Validators;
use crate::version::VersionKind;

/// The key of texts that were taken from another archive's records.
pub const IMPORT: &str = "pressmark-import/1";

/// So many records wait for their segment at a time.
const AT_A_TIME: usize = 256;

/// A record of another archive.
#[derive(Debug, Clone)]
pub struct ImportedRecord {
    /// The article's address.
    pub url: WebUrl,
    /// Its title, plain text.
    pub title: String,
    /// When it was published.
    pub published: Option<OffsetTimestamp>,
    /// Its authors.
    pub authors: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its body.
    pub html: String,
    /// The file, which is kept as it is.
    pub file: Bytes,
}

/// What an import came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportSummary {
    /// Records that became articles.
    pub articles: u64,
    /// Records of articles that are in the archive already: the first capture counts.
    pub known: u64,
    /// Records without a text.
    pub empty: u64,
}

enum Imported {
    Article,
    Known,
    Empty,
}

impl Archive {
    /// Imports records into a source, in their order. `progress` is called after each.
    pub async fn import(
        &self,
        source: SourceId,
        records: impl IntoIterator<Item = ImportedRecord> + Send,
        progress: &(dyn Fn() + Send + Sync),
    ) -> Result<ImportSummary, ArchiveError> {
        let mut summary = ImportSummary::default();
        let mut imports = futures::stream::iter(records)
            .map(|record| self.import_one(source, record))
            .buffered(AT_A_TIME);
        while let Some(imported) = imports.next().await {
            match imported? {
                Imported::Article => summary.articles += 1,
                Imported::Known => summary.known += 1,
                Imported::Empty => summary.empty += 1,
            }
            progress();
        }
        Ok(summary)
    }

    async fn import_one(
        &self,
        source: SourceId,
        record: ImportedRecord,
    ) -> Result<Imported, ArchiveError> {
        let key = identity::key(&record.url);
        let known = self
            .catalog
            .articles_by_alias(identity::PUBLIC, std::slice::from_ref(&key))
            .await?;
        if !known.is_empty() {
            return Ok(Imported::Known);
        }
        let html = pressmark_html::sanitise(&record.html, Some(&record.url));
        let text = pressmark_html::plain_text(&html);
        if text.trim().is_empty() {
            return Ok(Imported::Empty);
        }
        let now = self.clock.now();
        let article = Article {
            title: record.title,
            authors: record.authors,
            published: record.published,
            html,
            text,
            tags: record.tags,
            ..Article::default()
        };
        let raw = RawCapture {
            url: record.url.clone(),
            final_url: record.url.clone(),
            at: now,
            status: 0,
            content_type: Some("text/markdown".to_owned()),
            payload_digest: Digest::of(&record.file),
            raw: Raw::File(record.file),
        };
        let decision = Decision::First {
            url: record.url,
            scope: identity::PUBLIC.to_owned(),
            version: Box::new(Draft {
                digest: article.digest(),
                text_digest: Digest::of(article.text.as_bytes()),
                derivation: IMPORT.to_owned(),
                kind: VersionKind::Imported,
                partial: false,
                captured_at: now,
                nonce: self.entropy.bytes(),
                article,
            }),
            aliases: vec![Alias {
                key,
                evidence: AliasEvidence::Link,
            }],
            validators: Validators::default(),
        };
        let commit = Commit {
            source,
            entry: None,
            at: now,
            capture: None,
            decision,
        };
        let receipt = self
            .gatherer
            .store(Deposit {
                raw: Some(raw),
                commit: Some(commit),
            })
            .await?;
        match receipt.committed {
            Some(Committed::Version { .. }) => Ok(Imported::Article),
            _ => Ok(Imported::Known),
        }
    }
}

//! Importing: records that another archive made, kept apart from what this one saw itself.

use bytes::Bytes;
use futures::StreamExt as _;
use pressmark_model::{Article, Digest, OffsetTimestamp, SourceId, WebUrl};

use crate::archive::{Archive, ArchiveError};
use crate::commit::{Alias, AliasEvidence, Commit, Committed, Decision, Draft};
use crate::edit::Edit;
use crate::gather::{Deposit, Raw, RawCapture};
use crate::identity;
use crate::ports::fetch::Validators;
use crate::version::{ArticleHead, VersionKind};

/// The key of texts that were taken from another archive's records.
pub const IMPORT: &str = "pressmark-import/1";

/// A decision is made anew so often when others commit to the same article meanwhile.
const STALE_TRIES: u32 = 32;
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
    /// Records that became further versions of imported articles.
    pub versions: u64,
    /// Records of texts that are in the archive already, or of articles that it saw itself.
    pub known: u64,
    /// Records without a text.
    pub empty: u64,
    /// Records of articles that were redacted here: nothing of them was taken.
    pub redacted: u64,
}

enum Imported {
    Article,
    Version,
    Known,
    Empty,
    Redacted,
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
                Imported::Version => summary.versions += 1,
                Imported::Known => summary.known += 1,
                Imported::Empty => summary.empty += 1,
                Imported::Redacted => summary.redacted += 1,
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
        let url = record.url.clone();
        let raw = RawCapture {
            url: url.clone(),
            final_url: url.clone(),
            at: self.clock.now(),
            status: 0,
            content_type: Some("text/markdown".to_owned()),
            payload_digest: Digest::of(&record.file),
            raw: Raw::File(record.file.clone()),
        };
        let Some(draft) = self.imported_draft(record) else {
            return Ok(Imported::Empty);
        };
        let named = self.redacted_as(&key);
        if named
            .or_else(|| self.redacted_text(&draft.article.text))
            .is_some()
        {
            return Ok(Imported::Redacted);
        }
        for _ in 0..STALE_TRIES {
            let keys = std::slice::from_ref(&key);
            let known = self
                .catalog
                .articles_by_alias(identity::PUBLIC, keys)
                .await?;
            let head = match known.first() {
                Some((_, article)) => self.catalog.article_head(*article).await?,
                None => None,
            };
            let aliases = vec![Alias {
                key: key.clone(),
                evidence: AliasEvidence::Link,
            }];
            let version = Box::new(Draft {
                nonce: self.entropy.bytes(),
                ..draft.clone()
            });
            let Some((decision, imported)) = decide(&url, version, aliases, head) else {
                return Ok(Imported::Known);
            };
            let at = self.clock.now();
            let commit = Commit {
                source,
                entry: None,
                at,
                capture: None,
                decision,
                notice: None,
                next_visit_at: None,
            };
            let deposit = Deposit {
                raw: Some(raw.clone()),
                commit: Some(commit),
            };
            if let Some(Committed::Version { .. }) = self.gatherer.store(deposit).await?.committed {
                return Ok(imported);
            }
        }
        Ok(Imported::Known)
    }

    /// The text of a record, cleaned as a feed's content is; `None` if nothing is left.
    fn imported_draft(&self, record: ImportedRecord) -> Option<Draft> {
        let body = pressmark_extract::body_of(&record.html, Some(&record.url), &record.title);
        if body.text.trim().is_empty() {
            return None;
        }
        let mut article = Article {
            title: record.title,
            authors: record.authors,
            published: record.published,
            html: body.html,
            text: body.text,
            tags: record.tags,
            ..Article::default()
        };
        article.remove_nul();
        Some(Draft {
            digest: article.digest(),
            text_digest: Digest::of(article.text.as_bytes()),
            html_digest: Digest::of(article.html.as_bytes()),
            derivation: IMPORT.to_owned(),
            kind: VersionKind::Imported,
            partial: false,
            confidence: None,
            captured_at: self.clock.now(),
            edit: None,
            nonce: self.entropy.bytes(),
            article,
        })
    }
}

/// What an imported text is to the article that it may belong to; `None` if there is nothing to
/// add: the text is known, or this archive saw the article itself.
fn decide(
    url: &WebUrl,
    mut version: Box<Draft>,
    aliases: Vec<Alias>,
    head: Option<ArticleHead>,
) -> Option<(Decision, Imported)> {
    let validators = Validators::default();
    let Some(head) = head else {
        let (url, scope) = (url.clone(), identity::PUBLIC.to_owned());
        let first = Decision::First {
            url,
            scope,
            version,
            aliases,
            validators,
        };
        return Some((first, Imported::Article));
    };
    if head.last.kind != VersionKind::Imported || head.digests.contains(&version.digest) {
        return None;
    }
    let apart = version.captured_at.since(head.last.captured_at);
    version.edit = Some(Edit::between(&head.last.article, &version.article, apart));
    let next = Decision::Next {
        article: head.id,
        after: head.last.number,
        version,
        aliases,
        validators,
    };
    Some((next, Imported::Version))
}

//! Sources, entries and articles to fill a catalog with.

use std::sync::Arc;
use std::time::Duration;

use pressmark_archive::capture::{NewCapture, RecordKind, StoredRecord};
use pressmark_archive::commit::{Alias, AliasEvidence, Commit, Committed, Decision, Draft};
use pressmark_archive::entry::{EntryDelta, FeedRead, ListedEntry, PollRecord, PollResult};
use pressmark_archive::failure::Failure;
use pressmark_archive::ports::catalog::{Catalog, Lease};
use pressmark_archive::ports::fetch::Validators;
use pressmark_archive::rhythm::Rhythm;
use pressmark_archive::source::{NewSource, Source, SourceState};
use pressmark_archive::version::VersionKind;
use pressmark_model::{
    Article, ArticleId, Digest, Entry, EntryId, EntryKey, FeedFormat, LeafIndex, SourceId,
    Timestamp, VersionNumber, WebUrl,
};
use pressmark_proof::ArchiveId;

pub(super) const ARCHIVE: ArchiveId = ArchiveId([7; 16]);
pub(super) const SCOPE: &str = "public";

/// So many seconds after the samples begin.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

pub(super) fn page(path: &str) -> WebUrl {
    format!("https://news.test/{path}").parse().unwrap()
}

pub(super) fn lease(owner: i64, until: i64) -> Lease {
    Lease {
        owner,
        until: at(until),
    }
}

/// A source at `https://<host>/feed`, active from the beginning.
pub fn new_source(host: &str) -> NewSource {
    let url: WebUrl = format!("https://{host}/feed").parse().unwrap();
    NewSource {
        named_after: url.clone(),
        url,
        name: None,
        slug: None,
        state: SourceState::Active,
        now: at(0),
    }
}

pub(super) fn entry(name: &str) -> Entry {
    Entry {
        guid: Some(format!("tag:{name}")),
        link: Some(page(name)),
        title: format!("The {name}"),
        content: Some("<p>a teaser".to_owned()),
        published: Some(at(-60).with_offset(8 * 3600)),
        ..Entry::default()
    }
}

pub(super) fn listed(entry: Entry, delta: EntryDelta) -> ListedEntry {
    ListedEntry {
        key: EntryKey::of(&entry, false),
        entry,
        delta,
        wanted: true,
    }
}

/// A poll that read these entries.
pub(super) fn read(source: SourceId, when: i64, entries: Vec<ListedEntry>) -> PollRecord {
    PollRecord {
        source,
        at: at(when),
        next_poll_at: at(when + 1800),
        moved_to: None,
        new_url: None,
        origins: Vec::new(),
        result: PollResult::Read(Box::new(FeedRead {
            validators: Validators {
                etag: Some("\"feed\"".to_owned()),
                last_modified: None,
            },
            body_digest: Digest::of(&when.to_be_bytes()),
            format: FeedFormat::Atom,
            title: Some("新闻".to_owned()),
            home: Some(page("")),
            language: Some("zh-Hans".to_owned()),
            issues: Vec::new(),
            rhythm: Rhythm {
                moments: vec![when],
                ..Rhythm::default()
            },
            hub: None,
            captures: Vec::new(),
            complete: true,
            entries,
        })),
    }
}

/// A capture of a page: a request and its response.
pub(super) fn capture(path: &str, when: i64) -> NewCapture {
    let name = Digest::of(format!("{path} {when}").as_bytes());
    let record = |position: u64, kind| StoredRecord {
        id: format!("urn:uuid:{}-{position}", name.hex()),
        kind,
        url: page(path),
        at: at(when),
        block_digest: Digest::of(&position.to_be_bytes()),
        segment: name,
        offset: position * 1000,
        length: 1000,
    };
    NewCapture {
        url: page(path),
        final_url: page(path),
        at: at(when),
        status: 200,
        content_type: Some("text/html; charset=utf-8".to_owned()),
        payload_digest: name,
        clock_doubtful: false,
        records: vec![
            record(0, RecordKind::Request),
            record(1, RecordKind::Response),
        ],
    }
}

pub(super) fn draft(text: &str, when: i64) -> Draft {
    let article = Article {
        title: format!("On {text}"),
        authors: vec!["甲".to_owned(), "B. \"Bee\"".to_owned()],
        published: Some(at(when - 600).with_offset(-3600)),
        updated: None,
        language: Some("zh-Hans".to_owned()),
        lead: Some("A lead".to_owned()),
        html: format!("<p>{text}</p>"),
        text: text.to_owned(),
        image: Some(page("lead.jpg")),
        site_name: Some("News".to_owned()),
        section: None,
        tags: vec!["one".to_owned()],
    };
    Draft {
        digest: article.digest(),
        text_digest: Digest::of(article.text.as_bytes()),
        html_digest: Digest::of(article.html.as_bytes()),
        derivation: "test/1".to_owned(),
        kind: VersionKind::First,
        partial: false,
        confidence: Some(97),
        captured_at: at(when),
        edit: None,
        nonce: [9; 16],
        article,
    }
}

pub(super) fn alias(path: &str) -> Alias {
    Alias {
        key: page(path).as_str().to_owned(),
        evidence: AliasEvidence::Link,
    }
}

pub(super) fn validators(tag: &str) -> Validators {
    Validators {
        etag: Some(tag.to_owned()),
        last_modified: None,
    }
}

/// The first version of the article at this path, captured so many seconds after the beginning.
pub fn first_commit(source: SourceId, path: &str, text: &str, when: i64) -> Commit {
    Commit {
        source,
        entry: None,
        at: at(when),
        capture: Some(capture(path, when)),
        notice: None,
        next_visit_at: None,
        decision: Decision::First {
            url: page(path),
            scope: SCOPE.to_owned(),
            version: Box::new(draft(text, when)),
            aliases: vec![alias(path), alias(path), alias(&format!("{path}/amp"))],
            validators: validators("1"),
        },
    }
}

pub(super) fn next_commit(
    source: SourceId,
    article: ArticleId,
    after: i64,
    text: &str,
    when: i64,
) -> Commit {
    Commit {
        source,
        entry: None,
        at: at(when),
        capture: Some(capture(text, when)),
        notice: None,
        next_visit_at: None,
        decision: Decision::Next {
            article,
            after: VersionNumber(after),
            version: Box::new(Draft {
                kind: VersionKind::Edit,
                ..draft(text, when)
            }),
            aliases: Vec::new(),
            validators: validators("2"),
        },
    }
}

pub(super) fn decided(source: SourceId, when: i64, decision: Decision) -> Commit {
    Commit {
        source,
        entry: None,
        at: at(when),
        capture: None,
        notice: None,
        next_visit_at: None,
        decision,
    }
}

/// A failure for good.
pub(super) fn failed(source: SourceId, when: i64) -> Commit {
    let decision = Decision::Failed {
        failure: Failure::NoLink,
        retry_at: None,
    };
    decided(source, when, decision)
}

/// A catalog with one source in it.
#[derive(Debug, Clone)]
pub struct Samples {
    /// The catalog.
    pub catalog: Arc<dyn Catalog>,
    /// The source.
    pub source: Source,
}

impl Samples {
    /// Adds the source `news.test`.
    pub async fn new(catalog: Arc<dyn Catalog>) -> Self {
        let (source, _) = catalog.add_source(&new_source("news.test")).await.unwrap();
        Self { catalog, source }
    }

    /// Commits one decision.
    pub async fn commit(&self, commit: Commit) -> Committed {
        let committed = self.catalog.commit(ARCHIVE, &[commit]).await.unwrap();
        assert_eq!(committed.len(), 1);
        committed[0]
    }

    /// Commits the first version of an article.
    pub async fn article(&self, path: &str, text: &str, when: i64) -> ArticleId {
        let commit = first_commit(self.source.id, path, text, when);
        match self.commit(commit).await {
            Committed::Version { article, .. } => article,
            other => panic!("{other:?}"),
        }
    }

    /// An entry of the source that waits for its capture.
    pub(super) async fn waiting(&self, name: &str) -> EntryId {
        self.all_waiting(&[name.to_owned()]).await[0]
    }

    /// Entries of the source with these names, which wait for their captures.
    pub async fn all_waiting(&self, names: &[String]) -> Vec<EntryId> {
        let new = names
            .iter()
            .map(|name| listed(entry(name), EntryDelta::New));
        let poll = read(self.source.id, 1, new.collect());
        self.catalog.record_poll(&poll).await.unwrap();
        let pending = self
            .catalog
            .pending_entries(self.source.id, None, 9999)
            .await;
        let pending = pending.unwrap();
        let found = |name| pending.iter().find(|waiting| waiting.entry == entry(name));
        names.iter().map(|name| found(name).unwrap().id).collect()
    }

    /// The source as it is now.
    pub(super) async fn source_now(&self) -> Source {
        let found = self.catalog.source(&self.source.slug).await.unwrap();
        found.unwrap()
    }

    /// Checks that the ledger has no gap, that its leaves open to their records, that each links
    /// to the version before it, and that the counts agree.
    pub(super) async fn check_ledger(&self) {
        let rows = self.catalog.ledger(LeafIndex(0), 10_000).await.unwrap();
        let versions = self.catalog.versions(LeafIndex(0), 10_000).await.unwrap();
        let counts = self.catalog.counts().await.unwrap();
        assert_eq!(counts.leaves, rows.len() as u64);
        assert_eq!(counts.versions, versions.len() as u64);
        let mut last = std::collections::HashMap::new();
        for (index, (row, version)) in (0_i64..).zip(rows.iter().zip(&versions)) {
            assert_eq!(row.index, LeafIndex(index));
            let leaf = pressmark_proof::Leaf::from_bytes(&row.leaf).unwrap();
            assert_eq!((leaf.archive, leaf.index), (ARCHIVE, row.index));
            let (nonce, sealed) = (row.nonce.unwrap(), row.record.as_ref().unwrap());
            let opened = pressmark_proof::commitment(&nonce, sealed);
            assert_eq!(leaf.commitment, opened);
            let record = pressmark_proof::VersionRecord::from_bytes(sealed).unwrap();
            let (article, number) = row.about.unwrap();
            assert_eq!((record.article, record.version), (article, number));
            assert_eq!((version.article_id, version.number), (article, number));
            assert_eq!(version.leaf, row.index);
            assert_eq!(record.digest, version.digest);
            assert_eq!(record.url, version.url);
            let before = last.insert(article, (row.index, number.0));
            assert_eq!(record.previous, before.map(|(leaf, _)| leaf));
            assert_eq!(number.0, before.map_or(1, |(_, number)| number + 1));
        }
        assert_eq!(counts.articles, last.len() as u64);
        for article in 1..=counts.articles {
            assert!(last.contains_key(&ArticleId(i64::try_from(article).unwrap())));
        }
    }
}

/// A span of seconds.
pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

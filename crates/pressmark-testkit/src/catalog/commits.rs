//! Cases on storing decisions.

use pressmark_archive::commit::{Alias, Commit, Committed, Decision};
use pressmark_archive::entry::{EntryDelta, EntryState};
use pressmark_archive::failure::Failure;
use pressmark_archive::ports::fetch::Validators;
use pressmark_model::{ArticleId, CaptureId, LeafIndex, SourceId, VersionNumber, WebUrl};

use super::Pair;
use super::samples::{
    ARCHIVE, SCOPE, Samples, alias, at, capture, decided, draft, first_commit, listed, next_commit,
    page, read, validators,
};

pub(super) async fn a_first_version_is_an_article(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let catalog = &samples.catalog;
    assert_eq!(catalog.archive_id(ARCHIVE, at(0)).await.unwrap(), ARCHIVE);
    let other_name = pressmark_proof::ArchiveId([8; 16]);
    assert_eq!(
        pair.other.archive_id(other_name, at(0)).await.unwrap(),
        ARCHIVE
    );

    let mut commit = first_commit(samples.source.id, "a", "正文", 10);
    commit.entry = Some(samples.waiting("a").await);
    let committed = samples.commit(commit.clone()).await;
    let expected = Committed::Version {
        article: ArticleId(1),
        version: VersionNumber(1),
        leaf: LeafIndex(0),
    };
    assert_eq!(committed, expected);

    let version = catalog
        .version(ArticleId(1), VersionNumber(1))
        .await
        .unwrap()
        .unwrap();
    let wanted = draft("正文", 10);
    assert_eq!(version.article, wanted.article);
    assert_eq!(
        (version.digest, version.text_digest),
        (wanted.digest, wanted.text_digest)
    );
    assert_eq!(
        (version.kind, version.partial),
        (wanted.kind, wanted.partial)
    );
    assert_eq!(
        (&version.derivation, version.captured_at),
        (&wanted.derivation, at(10))
    );
    assert_eq!((version.url, version.home), (page("a"), samples.source.id));
    assert_eq!(
        (version.slug, version.number_in_source),
        (samples.source.slug.clone(), 1)
    );
    assert_eq!(version.guid.as_deref(), Some("tag:a"));
    let stored = catalog.capture(version.capture).await.unwrap().unwrap();
    assert_eq!(Some(stored.capture), commit.capture);

    let entries = catalog.entries(samples.source.id, 9).await.unwrap();
    assert_eq!(
        (entries[0].state, entries[0].article),
        (EntryState::Archived, Some(ArticleId(1)))
    );
    assert_eq!(entries[0].next_attempt_at, None);
    assert_eq!(samples.source_now().await.status.articles, 1);
    samples.check_ledger().await;
}

pub(super) async fn further_versions_follow(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let id = samples.article("a", "one", 10).await;
    let other = samples.article("b", "other", 15).await;
    let mut next = next_commit(samples.source.id, id, 1, "two", 20);
    if let Decision::Next { aliases, .. } = &mut next.decision {
        *aliases = vec![alias("canonical"), alias("b")];
    }
    let committed = samples.commit(next).await;
    let expected = Committed::Version {
        article: id,
        version: VersionNumber(2),
        leaf: LeafIndex(2),
    };
    assert_eq!(committed, expected);
    let third = next_commit(samples.source.id, id, 2, "three", 30);
    samples.commit(third).await;

    let head = samples.catalog.article_head(id).await.unwrap().unwrap();
    assert_eq!((head.id, head.url), (id, page("a")));
    assert_eq!(head.scope, SCOPE);
    assert_eq!(head.last.number, VersionNumber(3));
    assert_eq!(head.validators, validators("2"));
    let digests = ["one", "two", "three"].map(|text| draft(text, 0).digest);
    assert_eq!(head.digests, digests);
    let keys: Vec<_> = head
        .aliases
        .iter()
        .map(|alias| alias.key.as_str())
        .collect();
    let expected = [page("a"), page("a/amp"), page("canonical")];
    assert_eq!(
        keys,
        expected.each_ref().map(WebUrl::as_str),
        "b names another article"
    );

    let asked: Vec<_> = expected.iter().map(|url| url.as_str().to_owned()).collect();
    let found = samples
        .catalog
        .articles_by_alias(SCOPE, &asked)
        .await
        .unwrap();
    assert_eq!(found.len(), 3);
    assert!(
        found
            .iter()
            .all(|(key, article)| asked.contains(key) && *article == id)
    );
    let elsewhere = samples
        .catalog
        .articles_by_alias("source:1", &asked)
        .await
        .unwrap();
    assert_eq!(elsewhere, []);
    let b = vec![page("b").as_str().to_owned()];
    let found = samples.catalog.articles_by_alias(SCOPE, &b).await.unwrap();
    assert_eq!(found, [(b[0].clone(), other)]);
    samples.check_ledger().await;
}

pub(super) async fn what_was_overtaken_is_stale(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let source = samples.source.id;
    let id = samples.article("a", "one", 10).await;
    let counts = samples.catalog.counts().await.unwrap();
    let entry = samples.waiting("a").await;
    let mut stale = [
        first_commit(source, "a", "one", 11),
        first_commit(source, "a/amp", "one", 11),
        next_commit(source, id, 0, "two", 11),
        next_commit(source, id, 2, "two", 11),
        next_commit(source, ArticleId(99), 1, "two", 11),
    ];
    for commit in &mut stale {
        commit.entry = Some(entry);
        assert_eq!(samples.commit(commit.clone()).await, Committed::Stale);
    }
    assert_eq!(samples.catalog.counts().await.unwrap(), counts);
    let rows = samples.catalog.entries(source, 9).await.unwrap();
    assert_eq!((rows[0].state, rows[0].attempts), (EntryState::Pending, 0));
    let mut elsewhere = first_commit(source, "a", "one", 12);
    if let Decision::First { scope, .. } = &mut elsewhere.decision {
        "source:1".clone_into(scope);
    }
    let Committed::Version { article, .. } = samples.commit(elsewhere).await else {
        panic!("another scope is another article");
    };
    let head = samples.catalog.article_head(article).await.unwrap();
    assert_eq!(head.unwrap().scope, "source:1");
    samples.check_ledger().await;
}

pub(super) async fn a_batch_is_taken_in_order(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let source = samples.source.id;
    let id = samples.article("a", "one", 10).await;
    let failed = Decision::Failed {
        failure: Failure::NoLink,
        retry_at: None,
    };
    let batch = [
        first_commit(source, "b", "b", 20),
        first_commit(source, "b", "b again", 21),
        next_commit(source, id, 1, "two", 22),
        next_commit(source, id, 1, "two again", 23),
        next_commit(source, id, 2, "three", 24),
        decided(source, 25, failed),
        first_commit(source, "c", "c", 26),
    ];
    let committed = samples.catalog.commit(ARCHIVE, &batch).await.unwrap();
    let version = |article, version, leaf| Committed::Version {
        article: ArticleId(article),
        version: VersionNumber(version),
        leaf: LeafIndex(leaf),
    };
    let expected = [
        version(2, 1, 1),
        Committed::Stale,
        version(1, 2, 2),
        Committed::Stale,
        version(1, 3, 3),
        Committed::Noted,
        version(3, 1, 4),
    ];
    assert_eq!(committed, expected);
    assert_eq!(samples.catalog.commit(ARCHIVE, &[]).await.unwrap(), []);
    samples.check_ledger().await;
}

pub(super) async fn failures_are_counted(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let source = samples.source.id;
    let entry = samples.waiting("a").await;
    let failed = |when, retry_at: Option<i64>| Commit {
        entry: Some(entry),
        ..decided(
            source,
            when,
            Decision::Failed {
                failure: Failure::NoLink,
                retry_at: retry_at.map(at),
            },
        )
    };
    let row = async || samples.catalog.entries(source, 1).await.unwrap().remove(0);
    assert_eq!(samples.commit(failed(10, Some(60))).await, Committed::Noted);
    let once = row().await;
    assert_eq!((once.state, once.attempts), (EntryState::Pending, 1));
    assert_eq!(
        (once.failure, once.next_attempt_at),
        (Some(Failure::NoLink), Some(at(60)))
    );
    samples.commit(failed(60, None)).await;
    let twice = row().await;
    assert_eq!(
        (twice.state, twice.attempts, twice.next_attempt_at),
        (EntryState::Failed, 2, None)
    );
    assert_eq!(samples.source_now().await.status.failed, 1);

    let changed = vec![listed(super::samples::entry("a"), EntryDelta::Changed)];
    samples
        .catalog
        .record_poll(&read(source, 70, changed))
        .await
        .unwrap();
    let fresh = row().await;
    assert_eq!(
        (fresh.state, fresh.attempts, fresh.failure),
        (EntryState::Pending, 0, None)
    );
    let mut first = first_commit(source, "a", "text", 80);
    first.entry = Some(entry);
    samples.commit(first).await;
    samples.commit(failed(90, None)).await;
    let kept = row().await;
    assert_eq!(
        (kept.state, kept.failure),
        (EntryState::Archived, Some(Failure::NoLink))
    );
}

pub(super) async fn captures_are_stored_once(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let source = samples.source.id;
    let shared = capture("shared", 10);
    let mut batch = [
        first_commit(source, "a", "a", 10),
        first_commit(source, "b", "b", 10),
        first_commit(source, "c", "c", 11),
    ];
    batch[0].capture = Some(shared.clone());
    batch[1].capture = Some(shared);
    samples.catalog.commit(ARCHIVE, &batch).await.unwrap();
    assert_eq!(samples.catalog.counts().await.unwrap().captures, 2);
    let again = Commit {
        capture: batch[2].capture.clone(),
        ..next_commit(source, ArticleId(1), 1, "two", 20)
    };
    samples.commit(again).await;
    let captures = samples.catalog.captures(CaptureId(0), 99).await.unwrap();
    let ids: Vec<_> = captures.iter().map(|capture| capture.id.0).collect();
    assert_eq!(ids, [1, 2]);
    assert_eq!(Some(&captures[1].capture), batch[2].capture.as_ref());
    let last = samples.catalog.captures(CaptureId(2), 1).await.unwrap();
    assert_eq!(last, captures[1..]);
    assert_eq!(samples.catalog.capture(CaptureId(3)).await.unwrap(), None);
}

pub(super) async fn a_failing_batch_leaves_nothing(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let source = samples.source.id;
    let id = samples.article("a", "one", 10).await;
    let before = samples.catalog.counts().await.unwrap();
    let nowhere = SourceId(source.0 + 1000);
    let without_capture = Commit {
        capture: None,
        ..next_commit(source, id, 1, "two", 20)
    };
    for bad in [first_commit(nowhere, "x", "x", 20), without_capture] {
        let batch = [first_commit(source, "b", "b", 20), bad];
        assert!(samples.catalog.commit(ARCHIVE, &batch).await.is_err());
        assert_eq!(samples.catalog.counts().await.unwrap(), before);
    }
    assert_eq!(samples.source_now().await.status.articles, 1);
    let b = samples.article("b", "b", 30).await;
    assert_eq!(b, ArticleId(id.0 + 1), "no number was used up");
    let version = samples
        .catalog
        .version(b, VersionNumber(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(version.number_in_source, 2);
    samples.check_ledger().await;
}

pub(super) async fn no_text_keeps_a_batch_out(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let mut commit = first_commit(samples.source.id, "a", "text", 10);
    let odd = |text: &str| Some(format!("{text}\0!"));
    let sent = Validators {
        etag: odd("tag"),
        last_modified: odd("then"),
    };
    let Decision::First {
        version,
        validators,
        aliases,
        ..
    } = &mut commit.decision
    else {
        panic!();
    };
    let article = &mut version.article;
    article.authors.push("C.\0 \"Cee\"".to_owned());
    article.tags.push("t\0wo".to_owned());
    article.html.push('\0');
    article.language = odd("en");
    article.lead = odd("Lead");
    article.site_name = odd("Site");
    article.section = odd("Section");
    aliases.push(Alias {
        key: "https://news.test/\0".to_owned(),
        ..alias("a")
    });
    *validators = sent.clone();
    let fine = first_commit(samples.source.id, "b", "text", 11);
    let batch = [commit, fine];
    samples.catalog.commit(ARCHIVE, &batch).await.unwrap();

    let id = ArticleId(1);
    let head = samples.catalog.article_head(id).await.unwrap().unwrap();
    let stored = &head.last.article;
    let shown = ["Lead!", "Site!", "Section!", "en!"].map(Some);
    let found = [
        &stored.lead,
        &stored.site_name,
        &stored.section,
        &stored.language,
    ];
    assert_eq!(found.map(Option::as_deref), shown);
    assert_eq!(stored.authors.last().unwrap(), "C. \"Cee\"");
    assert_eq!(stored.tags, ["one", "two"]);
    let tag = Some("tag!".to_owned());
    assert_eq!(head.validators.etag, tag);

    let seen = Decision::Unchanged {
        article: id,
        payload_digest: None,
        aliases: Vec::new(),
        validators: sent,
    };
    samples.commit(decided(samples.source.id, 20, seen)).await;
    let head = samples.catalog.article_head(id).await.unwrap().unwrap();
    assert_eq!(head.validators.etag, tag);
    samples.check_ledger().await;
}

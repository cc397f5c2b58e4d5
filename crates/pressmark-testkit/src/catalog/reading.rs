//! Cases on reading.

use pressmark_archive::commit::{Commit, Decision};
use pressmark_archive::entry::EntryDelta;
use pressmark_archive::ports::catalog::{Counts, DiskUse};
use pressmark_archive::version::{ArticleCursor, ArticleQuery, SuspectReason, VersionKind};
use pressmark_model::{ArticleId, CaptureId, Digest, LeafIndex, VersionNumber};

use super::Pair;
use super::samples::{
    Samples, alias, at, capture, decided, draft, entry, first_commit, listed, new_source,
    next_commit, page, read, seconds, validators,
};

pub(super) async fn lists_are_in_order(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let catalog = &samples.catalog;
    let (other, _) = catalog.add_source(&new_source("other.test")).await.unwrap();
    let mut expected = Vec::new();
    for (path, when) in [("a", 1000), ("b", 3000), ("c", 2000), ("d", 3000)] {
        expected.push((at(when - 600), samples.article(path, path, when).await));
    }
    // One that says it is of tomorrow, and one that says nothing: they stand where they were seen.
    for (path, published) in [("e", Some(at(0).plus(seconds(86_400)).into())), ("f", None)] {
        let mut commit = first_commit(other.id, path, path, 2500);
        if let Decision::First { version, .. } = &mut commit.decision {
            version.article.published = published;
        }
        samples.commit(commit).await;
        expected.push((
            at(2500),
            ArticleId(i64::try_from(expected.len()).unwrap() + 1),
        ));
    }
    expected.sort_unstable();
    expected.reverse();

    let page = async |source, after, limit| {
        let query = ArticleQuery {
            source,
            after,
            limit,
        };
        let summaries = catalog.articles(&query).await.unwrap();
        let cursors = summaries.iter().map(|summary| summary.cursor);
        cursors
            .map(|cursor| (cursor.sort_at, cursor.id))
            .collect::<Vec<_>>()
    };
    assert_eq!(page(None, None, 99).await, expected);
    let mut paged = Vec::new();
    while let Some(&(sort_at, id)) = paged.last().or(Some(&(at(99_999), ArticleId(0)))) {
        let next = page(None, Some(ArticleCursor { sort_at, id }), 2).await;
        if next.is_empty() {
            break;
        }
        paged.extend(next);
    }
    assert_eq!(paged, expected);
    let own: Vec<_> = expected
        .iter()
        .copied()
        .filter(|(_, id)| id.0 > 4)
        .collect();
    assert_eq!(page(Some(other.id), None, 99).await, own);

    // What another source brought first is listed by both once both have listed it.
    let unchanged = Decision::Unchanged {
        article: ArticleId(1),
        payload_digest: None,
        aliases: Vec::new(),
        validators: validators("1"),
    };
    samples.commit(decided(other.id, 4000, unchanged)).await;
    let both = page(Some(other.id), None, 99).await;
    assert_eq!(both, [own[0], own[1], (at(400), ArticleId(1))]);
    assert_eq!(page(Some(samples.source.id), None, 99).await.len(), 4);
}

pub(super) async fn pages_are_whole(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, source) = (&samples.catalog, samples.source.id);
    let new = vec![listed(entry("a"), EntryDelta::New)];
    catalog.record_poll(&read(source, 5, new)).await.unwrap();
    let pending = catalog.pending_entries(source, None, 9).await.unwrap();
    let long = "文".repeat(1000);
    let mut first = first_commit(source, "a", &long, 10);
    first.entry = Some(pending[0].id);
    samples.commit(first).await;
    let id = ArticleId(1);
    let mut next = next_commit(source, id, 1, "short", 700);
    if let Decision::Next { version, .. } = &mut next.decision {
        version.partial = true;
    }
    let view = catalog.article(id).await.unwrap().unwrap();
    assert_eq!(view.summary.excerpt, "文".repeat(300));
    samples.commit(next).await;

    let view = catalog.article(id).await.unwrap().unwrap();
    let last = draft("short", 700);
    let summary = &view.summary;
    assert_eq!((summary.id, &summary.url), (id, &page("a")));
    assert_eq!(
        (&summary.slug, summary.number_in_source),
        (&samples.source.slug, 1)
    );
    assert_eq!(
        (&summary.title, &summary.authors),
        (&last.article.title, &last.article.authors)
    );
    assert_eq!(
        (&summary.excerpt, summary.partial),
        (&last.article.text, true)
    );
    assert_eq!(
        (&summary.language, &summary.image),
        (&last.article.language, &last.article.image)
    );
    assert_eq!(summary.published, last.article.published);
    assert_eq!(
        (summary.first_captured_at, summary.last_captured_at),
        (at(10), at(700))
    );
    assert_eq!((summary.versions, view.last_seen_at), (2, at(700)));
    assert_eq!(
        view.entries,
        [(samples.source.slug.clone(), Some("tag:a".to_owned()))]
    );
    assert_eq!(view.aliases, [alias("a"), alias("a/amp")]);
    let heads: Vec<_> = view
        .versions
        .iter()
        .map(|v| (v.number.0, v.kind, v.partial))
        .collect();
    assert_eq!(
        heads,
        [(1, VersionKind::First, false), (2, VersionKind::Edit, true)]
    );
    assert_eq!(view.versions[1].digest, last.digest);
    assert_eq!(
        (view.versions[1].leaf, view.versions[1].captured_at),
        (LeafIndex(1), at(700))
    );

    let listed = catalog
        .articles(&ArticleQuery {
            limit: 9,
            ..ArticleQuery::default()
        })
        .await;
    assert_eq!(listed.unwrap(), [view.summary]);
}

pub(super) async fn numbers_lead_to_versions(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, source) = (&samples.catalog, samples.source.id);
    let id = samples.article("a", "long", 10).await;
    samples
        .commit(next_commit(source, id, 1, "short", 700))
        .await;
    let slug = &samples.source.slug;
    assert_eq!(catalog.article_by_number(slug, 1).await.unwrap(), Some(id));
    assert_eq!(catalog.article_by_number(slug, 2).await.unwrap(), None);
    let b = samples.article("b", "b", 800).await;
    let wanted = [
        (b, VersionNumber(1)),
        (id, VersionNumber(3)),
        (id, VersionNumber(1)),
    ];
    let these = catalog.versions_of(&wanted).await.unwrap();
    let these: Vec<_> = these.iter().map(|v| (v.article_id, v.number)).collect();
    assert_eq!(these, [wanted[0], wanted[2]]);
    let from = catalog.versions(LeafIndex(1), 1).await.unwrap();
    assert_eq!(from[0].article.text, "short");
    assert_eq!(catalog.integrity().await.unwrap(), Vec::<String>::new());
}

pub(super) async fn texts_and_payloads_are_found(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, source) = (&samples.catalog, samples.source.id);
    let (other, _) = catalog.add_source(&new_source("other.test")).await.unwrap();
    let a = samples.article("a", "same", 10).await;
    let b = samples.article("b", "same", 20).await;
    samples.article("c", "other", 30).await;
    samples
        .commit(first_commit(other.id, "d", "same", 40))
        .await;
    let same = draft("same", 0).text_digest;
    assert_eq!(
        catalog.others_with_text(a, &same).await.unwrap(),
        1,
        "of the same site"
    );
    let none = draft("none", 0);
    let digest = none.text_digest;
    assert_eq!(catalog.others_with_text(a, &digest).await.unwrap(), 0);
    let doubt = Decision::Suspect {
        article: b,
        reason: SuspectReason::Replaced,
        draft: Box::new(none),
        again_at: None,
    };
    let doubted = Commit {
        capture: Some(capture("b", 50)),
        ..decided(source, 50, doubt)
    };
    samples.commit(doubted).await;
    let doubted = catalog.others_with_text(a, &digest).await;
    assert_eq!(doubted.unwrap(), 1, "a doubted text counts");
    let own = catalog.others_with_text(b, &digest).await;
    assert_eq!(own.unwrap(), 0);

    let payload = capture("a", 10).payload_digest;
    let found = catalog
        .capture_with_payload(&page("a"), &payload)
        .await
        .unwrap();
    assert_eq!(found.as_ref(), Some(&capture("a", 10).records[1]));
    let elsewhere = catalog
        .capture_with_payload(&page("b"), &payload)
        .await
        .unwrap();
    assert_eq!(elsewhere, None);
    let unknown = catalog
        .capture_with_payload(&page("a"), &Digest::of(b"x"))
        .await
        .unwrap();
    assert_eq!(unknown, None);

    // A revisit record holds nothing to refer to.
    let mut revisit = capture("a", 50);
    revisit.payload_digest = payload;
    revisit.records[1].kind = pressmark_archive::capture::RecordKind::Revisit;
    let unchanged = Decision::Unchanged {
        article: a,
        payload_digest: Some(payload),
        aliases: Vec::new(),
        validators: validators("1"),
    };
    let commit = Commit {
        capture: Some(revisit),
        ..decided(source, 50, unchanged)
    };
    samples.commit(commit).await;
    let found = catalog
        .capture_with_payload(&page("a"), &payload)
        .await
        .unwrap();
    assert_eq!(found.as_ref(), Some(&capture("a", 10).records[1]));
}

pub(super) async fn what_a_source_takes_is_told(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, source) = (&samples.catalog, samples.source.id);
    assert_eq!(catalog.disk_use(source).await.unwrap(), DiskUse::default());
    samples.commit(first_commit(source, "a", "one", 10)).await;
    let records: u64 = capture("a", 10)
        .records
        .iter()
        .map(|record| record.length)
        .sum();
    let taken = catalog.disk_use(source).await.unwrap();
    assert_eq!(taken.captures, records);
    assert!(taken.texts > 0);
    samples.commit(first_commit(source, "b", "two", 20)).await;
    let both = catalog.disk_use(source).await.unwrap();
    assert!(both.captures > taken.captures && both.texts > taken.texts);
}

pub(super) async fn the_empty_catalog_is_readable(pair: Pair) {
    let catalog = pair.one;
    assert_eq!(catalog.counts().await.unwrap(), Counts::default());
    let query = ArticleQuery {
        limit: 9,
        ..ArticleQuery::default()
    };
    assert_eq!(catalog.articles(&query).await.unwrap(), []);
    assert_eq!(catalog.article(ArticleId(1)).await.unwrap(), None);
    assert!(catalog.article_head(ArticleId(1)).await.unwrap().is_none());
    assert!(
        catalog
            .version(ArticleId(1), VersionNumber(1))
            .await
            .unwrap()
            .is_none()
    );
    assert!(catalog.versions(LeafIndex(0), 9).await.unwrap().is_empty());
    assert_eq!(catalog.ledger(LeafIndex(0), 9).await.unwrap(), []);
    assert_eq!(catalog.captures(CaptureId(0), 9).await.unwrap(), []);
    assert!(catalog.versions_of(&[]).await.unwrap().is_empty());
    assert_eq!(catalog.articles_by_alias("public", &[]).await.unwrap(), []);
    assert_eq!(catalog.integrity().await.unwrap(), Vec::<String>::new());
}

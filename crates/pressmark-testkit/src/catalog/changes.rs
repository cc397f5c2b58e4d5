//! Edits, deletions and returns.

use pressmark_archive::Derivation;
use pressmark_archive::absence::{Absence, Deletion, Missing, Notice};
use pressmark_archive::change::{ChangeKind, ChangeQuery};
use pressmark_archive::commit::{Commit, Committed, Decision};
use pressmark_archive::edit::{Edit, EditClass, EditClasses};
use pressmark_archive::log::SummedRows;
use pressmark_model::{Article, ArticleId, Digest, LeafIndex, SourceId, VersionNumber};
use pressmark_proof::{
    Leaf, LeafKind, Presence, ReextractionRecord, TombstoneRecord, commitment, manifest_line,
};

use super::Pair;
use super::samples::{ARCHIVE, Samples, at, capture, decided, new_source, next_commit, validators};

/// A further version with what it changed.
fn edited(
    source: SourceId,
    article: i64,
    after: i64,
    when: i64,
    classes: &[EditClass],
    size: u32,
    removed: &str,
) -> Commit {
    let mut commit = next_commit(source, ArticleId(article), after, &format!("t{when}"), when);
    if let Decision::Next { version, .. } = &mut commit.decision {
        version.edit = Some(Edit {
            classes: classes.iter().copied().collect(),
            size,
            silent: size > 10,
            removed: removed.to_owned(),
        });
    }
    commit
}

pub(super) async fn edits_are_listed_and_filtered(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, source) = (&samples.catalog, samples.source.id);
    samples.article("a", "one", 10).await;
    let (other, _) = catalog.add_source(&new_source("other.test")).await.unwrap();
    let elsewhere = super::samples::first_commit(other.id, "b", "two", 20);
    samples.commit(elsewhere).await;
    let headline = [EditClass::Headline];
    let number = [EditClass::Number, EditClass::Quote];
    samples
        .commit(edited(source, 1, 1, 30, &headline, 5, "100% sure_thing"))
        .await;
    samples
        .commit(edited(source, 1, 2, 40, &number, 20, "einst über"))
        .await;
    samples
        .commit(edited(other.id, 2, 1, 50, &number, 2, "三人受伤"))
        .await;

    let leaves = async |query: ChangeQuery| -> Vec<i64> {
        let found = catalog.changes(&query).await.unwrap();
        found.iter().map(|change| change.leaf.0).collect()
    };
    let all = || ChangeQuery::all(9);
    assert_eq!(leaves(all()).await, [4, 3, 2]);
    assert_eq!(leaves(ChangeQuery { limit: 1, ..all() }).await, [4]);
    let before = Some(LeafIndex(4));
    assert_eq!(leaves(ChangeQuery { before, ..all() }).await, [3, 2]);
    let of = Some(other.id);
    assert_eq!(
        leaves(ChangeQuery {
            source: of,
            ..all()
        })
        .await,
        [4]
    );
    let classes: EditClasses = headline.into_iter().collect();
    assert_eq!(leaves(ChangeQuery { classes, ..all() }).await, [2]);
    assert_eq!(
        leaves(ChangeQuery {
            min_size: 5,
            ..all()
        })
        .await,
        [3, 2]
    );
    assert_eq!(
        leaves(ChangeQuery {
            silent: true,
            ..all()
        })
        .await,
        [3]
    );
    for (text, expected) in [
        ("ÜBER", vec![3]),
        ("受伤", vec![4]),
        ("100%", vec![2]),
        ("sure_t", vec![2]),
        ("1__%", vec![]),
        ("suret", vec![]),
    ] {
        let removed = Some(text.to_owned());
        assert_eq!(
            leaves(ChangeQuery { removed, ..all() }).await,
            expected,
            "{text}"
        );
    }

    edits_are_shown_with_their_article(&samples).await;
    changes_are_replaced(&samples).await;
    samples.check_ledger().await;
}

/// By rows with sums, which are taken anew.
async fn changes_are_replaced(samples: &Samples) {
    let catalog = &samples.catalog;
    let rows = async |from| catalog.change_rows(LeafIndex(from), 9).await.unwrap();
    let sums = async || {
        let compared = catalog.compare_sums(SummedRows::Changes, 0, 9).await;
        compared.unwrap().0
    };
    let mut stored = rows(0).await;
    let leaves: Vec<i64> = stored.iter().map(|row| row.leaf.0).collect();
    assert_eq!((leaves, rows(3).await.len()), (vec![2, 3, 4], 2));
    assert_eq!(stored[0].edit.removed, "100% sure_thing");
    let take = async || catalog.take_sums(SummedRows::Changes, 9).await.unwrap();
    assert_eq!((take().await, sums().await), (3, vec![]));

    stored[1].edit.size = 99;
    let range = LeafIndex(3)..=LeafIndex(4);
    catalog.replace_changes(range, &stored[1..2]).await.unwrap();
    assert_eq!(rows(0).await, stored[..2]);
    assert_eq!((take().await, sums().await), (2, vec![]));
}

async fn edits_are_shown_with_their_article(samples: &Samples) {
    let view = samples
        .catalog
        .article(ArticleId(1))
        .await
        .unwrap()
        .unwrap();
    let change = &view.changes[1];
    assert_eq!(view.changes.len(), 2);
    assert_eq!(
        (change.kind, change.version),
        (ChangeKind::Edit, VersionNumber(3))
    );
    assert_eq!(
        change.classes,
        [EditClass::Number, EditClass::Quote].into_iter().collect()
    );
    assert_eq!((change.size, change.silent, change.at), (20, true, at(40)));
    assert_eq!(change.title, "On t40");
}

fn absent(source: SourceId, when: i64, notice: Option<Notice>) -> Commit {
    let decision = Decision::Absent {
        article: ArticleId(1),
        reason: Absence::Gone,
        again_at: None,
    };
    Commit {
        capture: Some(capture("gone", when)),
        notice,
        ..decided(source, when, decision)
    }
}

fn notice(state: Presence, since: i64) -> Notice {
    Notice {
        state,
        reason: (state == Presence::Deleted).then_some(Absence::Gone),
        since: at(since),
        removed: "on one\none".to_owned(),
        nonce: [5; 16],
    }
}

pub(super) async fn a_deletion_is_noticed_once_and_a_return_too(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, source) = (&samples.catalog, samples.source.id);
    let id = samples.article("a", "one", 10).await;
    let head = async || catalog.article_head(id).await.unwrap().unwrap();
    let found = |when: i64, notice: Option<Notice>| {
        let decision = Decision::Unchanged {
            article: id,
            payload_digest: None,
            aliases: Vec::new(),
            validators: validators("3"),
        };
        Commit {
            notice,
            ..decided(source, when, decision)
        }
    };

    samples.commit(absent(source, 20, None)).await;
    let missing = Missing {
        since: at(20),
        reason: Absence::Gone,
    };
    assert_eq!(head().await.missing, Some(missing));
    samples.commit(found(30, None)).await;
    assert_eq!(head().await.missing, None, "it was there all the same");

    samples.commit(absent(source, 40, None)).await;
    let deleted = absent(source, 50, Some(notice(Presence::Deleted, 40)));
    let early = found(50, Some(notice(Presence::Returned, 50)));
    assert_eq!(
        samples.commit(early).await,
        Committed::Stale,
        "it is not gone"
    );
    let batch = [deleted.clone(), deleted];
    let committed = catalog.commit(ARCHIVE, &batch).await.unwrap();
    assert_eq!(committed, [Committed::Noted, Committed::Stale], "once");
    assert_eq!(head().await.deleted, Some(LeafIndex(1)));
    assert_eq!(head().await.missing.unwrap().since, at(40));

    a_tombstone_is_a_leaf(&samples, id).await;
    let view = catalog.article(id).await.unwrap().unwrap();
    let deletion = Deletion {
        since: at(40),
        reason: Absence::Gone,
        leaf: LeafIndex(1),
    };
    assert_eq!(view.summary.deleted, Some(deletion));
    let changes = catalog.changes(&ChangeQuery::all(9)).await.unwrap();
    assert_eq!(changes[0].kind, ChangeKind::Deleted);
    assert_eq!(
        (changes[0].at, changes[0].reason),
        (at(40), Some(Absence::Gone))
    );
    let edits = ChangeQuery {
        deletions: false,
        ..ChangeQuery::all(9)
    };
    assert!(catalog.changes(&edits).await.unwrap().is_empty());

    assert_eq!(samples.commit(found(60, None)).await, Committed::Stale);
    samples
        .commit(found(70, Some(notice(Presence::Returned, 70))))
        .await;
    assert_eq!((head().await.deleted, head().await.missing), (None, None));
    let view = catalog.article(id).await.unwrap().unwrap();
    assert_eq!(view.summary.deleted, None);
    let kinds: Vec<_> = view.changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Deleted, ChangeKind::Returned]);

    a_further_version_is_a_return(&samples, id).await;
}

async fn a_tombstone_is_a_leaf(samples: &Samples, id: ArticleId) {
    let catalog = &samples.catalog;
    let row = catalog.ledger(LeafIndex(1), 1).await.unwrap().remove(0);
    assert_eq!(row.about, None);
    let leaf = Leaf::from_bytes(&row.leaf).unwrap();
    assert_eq!(leaf.kind, LeafKind::Tombstone);
    let record = row.record.unwrap();
    assert_eq!(leaf.commitment, commitment(&row.nonce.unwrap(), &record));
    let record = TombstoneRecord::from_bytes(&record).unwrap();
    assert_eq!((record.article, record.version), (id, VersionNumber(1)));
    let page = capture("gone", 50);
    assert_eq!(record.warc_record.as_ref(), Some(&page.records[1].id));
    let counts = catalog.counts().await.unwrap();
    assert_eq!((counts.leaves, counts.versions), (2, 1));
}

async fn a_further_version_is_a_return(samples: &Samples, id: ArticleId) {
    let (catalog, source) = (&samples.catalog, samples.source.id);
    samples
        .commit(absent(source, 80, Some(notice(Presence::Deleted, 80))))
        .await;
    let mut next = next_commit(source, id, 1, "two", 90);
    assert_eq!(samples.commit(next.clone()).await, Committed::Stale);
    next.notice = Some(notice(Presence::Returned, 90));
    let committed = samples.commit(next).await;
    assert!(matches!(
        committed,
        Committed::Version {
            leaf: LeafIndex(4),
            ..
        }
    ));
    assert_eq!(catalog.counts().await.unwrap().leaves, 6);
}

pub(super) async fn captures_are_read_again(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, source) = (&samples.catalog, samples.source.id);
    let id = samples.article("a", "one", 10).await;
    samples.commit(next_commit(source, id, 1, "two", 20)).await;
    samples.article("b", "three", 30).await;
    let unread = async |extractor: &str, after: (i64, i64)| -> Vec<(i64, i64)> {
        let after = (ArticleId(after.0), VersionNumber(after.1));
        let found = catalog
            .unread_versions(extractor, Some(source), after, 9)
            .await;
        let found = found.unwrap().into_iter();
        found
            .map(|version| (version.article_id.0, version.number.0))
            .collect()
    };
    assert!(
        unread("test/1", (0, 0)).await.is_empty(),
        "read by it already"
    );
    assert_eq!(unread("test/2", (0, 0)).await, [(1, 1), (1, 2), (2, 1)]);
    assert_eq!(unread("test/2", (1, 1)).await, [(1, 2), (2, 1)]);

    let derived = Derivation {
        article_id: id,
        number: VersionNumber(2),
        extractor: "test/2".to_owned(),
        article: Article {
            title: "Zwei".to_owned(),
            text: "zwei".to_owned(),
            html: "<p>zwei</p>".to_owned(),
            ..Article::default()
        },
    };
    for _ in 0..2 {
        catalog
            .store_derivations(std::slice::from_ref(&derived))
            .await
            .unwrap();
    }
    assert_eq!(unread("test/2", (0, 0)).await, [(1, 1), (2, 1)]);
    let stored = catalog
        .derivation(id, VersionNumber(2), "test/2")
        .await
        .unwrap();
    assert_eq!(stored.as_ref(), Some(&derived));
    assert_eq!(
        catalog
            .derivation(id, VersionNumber(2), "test/3")
            .await
            .unwrap(),
        None
    );

    let end = async || {
        catalog
            .end_reextraction(ARCHIVE, "test/2", at(40), [1; 16])
            .await
            .unwrap()
    };
    assert_eq!(end().await, Some(LeafIndex(3)));
    assert_eq!(end().await, None, "once");
    let row = catalog.ledger(LeafIndex(3), 1).await.unwrap().remove(0);
    let record = ReextractionRecord::from_bytes(&row.record.unwrap()).unwrap();
    let line = manifest_line(id, VersionNumber(2), &derived.article.digest());
    assert_eq!(record.manifest, Digest::of(line.as_bytes()));
    assert_eq!((record.versions, row.about), (1, None));
    let kept = catalog.derivations(None, 9).await.unwrap().remove(0);
    assert_eq!(
        (kept.leaf, kept.sum),
        (Some(row.index), Some(derived.sum()))
    );
    assert_eq!(
        (kept.digest, &kept.derivation),
        (derived.article.digest(), &derived)
    );
    let key = (id, VersionNumber(2), "test/2".to_owned());
    let after = catalog.derivations(Some(&key), 9).await.unwrap();
    assert_eq!(after, [], "no other");
    assert_eq!(catalog.counts().await.unwrap().versions, 3);
}

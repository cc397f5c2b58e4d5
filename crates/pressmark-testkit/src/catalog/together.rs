//! Cases on two handles at work at once, and on work that is given up.

use std::collections::HashSet;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pressmark_archive::commit::{Commit, Committed};
use pressmark_archive::ports::catalog::{Catalog, CatalogError};
use pressmark_archive::source::NewSource;

use super::Pair;
use super::samples::{ARCHIVE, Samples, at, first_commit, lease, new_source, next_commit};

/// Commits as the archive does: again, when another transaction came between.
async fn commit(catalog: &dyn Catalog, batch: &[Commit]) -> Vec<Committed> {
    loop {
        match catalog.commit(ARCHIVE, batch).await {
            Err(CatalogError::Conflict) => {}
            done => return done.unwrap(),
        }
    }
}

/// Commits both batches at the same time.
async fn at_once(pair: &Pair, one: Vec<Commit>, other: Vec<Commit>) -> [Vec<Committed>; 2] {
    let spawn = |catalog: &Arc<dyn Catalog>, batch: Vec<Commit>| {
        let catalog = Arc::clone(catalog);
        tokio::spawn(async move { commit(&*catalog, &batch).await })
    };
    let (one, other) = (spawn(&pair.one, one), spawn(&pair.other, other));
    [one.await.unwrap(), other.await.unwrap()]
}

pub(super) async fn sources_are_claimed_once(pair: Pair) {
    const SOURCES: usize = 12;
    for n in 0..SOURCES {
        let new = NewSource {
            now: at(0),
            ..new_source(&format!("s{n}.test"))
        };
        pair.one.add_source(&new).await.unwrap();
    }
    let claim = |catalog: &Arc<dyn Catalog>, owner| {
        let catalog = Arc::clone(catalog);
        tokio::spawn(async move {
            let mut claimed = Vec::new();
            loop {
                let more = catalog
                    .claim_due_sources(at(1), lease(owner, 100), 2)
                    .await
                    .unwrap();
                if more.is_empty() {
                    return claimed;
                }
                claimed.extend(more.into_iter().map(|source| source.id));
            }
        })
    };
    let claims = [
        claim(&pair.one, 1),
        claim(&pair.other, 2),
        claim(&pair.one, 3),
    ];
    let mut claimed = Vec::new();
    for claim in claims {
        claimed.extend(claim.await.unwrap());
    }
    let distinct: HashSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), distinct.len()), (SOURCES, SOURCES));
}

pub(super) async fn the_ledger_has_no_gaps(pair: Pair) {
    let samples = Samples::new(Arc::clone(&pair.one)).await;
    let (other, _) = pair
        .one
        .add_source(&new_source("other.test"))
        .await
        .unwrap();
    let spawn = |catalog: &Arc<dyn Catalog>, source, name: &'static str| {
        let catalog = Arc::clone(catalog);
        tokio::spawn(async move {
            for n in 0..10 {
                let batch: Vec<_> = (0..3)
                    .map(|m| first_commit(source, &format!("{name}/{n}/{m}"), "text", n * 10 + m))
                    .collect();
                let committed = commit(&*catalog, &batch).await;
                assert!(
                    committed
                        .iter()
                        .all(|c| matches!(c, Committed::Version { .. }))
                );
            }
        })
    };
    let works = [
        spawn(&pair.one, samples.source.id, "one"),
        spawn(&pair.other, other.id, "other"),
        spawn(&pair.other, samples.source.id, "third"),
    ];
    for work in works {
        work.await.unwrap();
    }
    assert_eq!(pair.one.counts().await.unwrap().leaves, 90);
    samples.check_ledger().await;
    assert_eq!(samples.source_now().await.status.articles, 60);
}

pub(super) async fn an_article_is_made_once(pair: Pair) {
    let samples = Samples::new(Arc::clone(&pair.one)).await;
    let source = samples.source.id;
    for n in 0..10 {
        let path = format!("p{n}");
        let batch = |when| vec![first_commit(source, &path, "text", when)];
        let made = at_once(&pair, batch(10), batch(20)).await.concat();
        let stale = made.iter().filter(|c| **c == Committed::Stale).count();
        assert_eq!(stale, 1, "{made:?}");
    }
    samples.check_ledger().await;
}

pub(super) async fn a_version_follows_once(pair: Pair) {
    let samples = Samples::new(Arc::clone(&pair.one)).await;
    let source = samples.source.id;
    let id = samples.article("a", "one", 1).await;
    for n in 1..10 {
        let batch = |text: &str| vec![next_commit(source, id, n, &format!("{text}{n}"), 10 * n)];
        let made = at_once(&pair, batch("x"), batch("y")).await.concat();
        let stale = made.iter().filter(|c| **c == Committed::Stale).count();
        assert_eq!(stale, 1, "{made:?}");
    }
    samples.check_ledger().await;
}

pub(super) async fn an_abandoned_commit_is_whole_or_not_at_all(pair: Pair) {
    let samples = Samples::new(Arc::clone(&pair.one)).await;
    let source = samples.source.id;
    for patience in 0..24 {
        let batch = [
            first_commit(source, &format!("a{patience}"), "text", patience),
            first_commit(source, &format!("b{patience}"), "text", patience),
        ];
        let before = pair.other.counts().await.unwrap();
        let mut given_up = pair.one.commit(ARCHIVE, &batch);
        for _ in 0..patience {
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(done) = given_up.as_mut().poll(&mut context) {
                done.unwrap();
                break;
            }
            tokio::time::sleep(std::time::Duration::from_micros(100)).await;
        }
        drop(given_up);
        // The next write waits for the rollback, if there is one.
        samples
            .article(&format!("c{patience}"), "text", patience)
            .await;
        let added = pair.other.counts().await.unwrap().leaves - before.leaves;
        assert!(added == 1 || added == 3, "half of a batch is there");
    }
    samples.check_ledger().await;
}

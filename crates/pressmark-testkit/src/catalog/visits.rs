//! Articles whose pages are looked at again.

use pressmark_archive::commit::{Commit, Decision};
use pressmark_archive::entry::EntryDelta;
use pressmark_archive::failure::Failure;
use pressmark_model::{ArticleId, EntryId, Timestamp};

use super::Pair;
use super::samples::{
    Samples, at, capture, decided, entry, first_commit, lease, listed, next_commit, read,
    validators,
};

/// The first version of an article through an entry, to be looked at again at this time.
async fn archived(samples: &Samples, name: &str, when: i64, again: Option<i64>) -> EntryId {
    let entry = samples.waiting(name).await;
    let commit = Commit {
        entry: Some(entry),
        next_visit_at: again.map(at),
        ..first_commit(samples.source.id, name, name, when)
    };
    samples.commit(commit).await;
    entry
}

async fn due(samples: &Samples, now: i64) -> Vec<i64> {
    let (catalog, source) = (&samples.catalog, samples.source.id);
    let due = catalog.due_visits(source, at(now), 99).await.unwrap();
    due.iter().map(|visit| visit.article.unwrap().0).collect()
}

/// When the source is due, apart from its polls.
async fn foretold(samples: &Samples) -> Option<Timestamp> {
    samples.catalog.next_due().await.unwrap()
}

pub(super) async fn are_due_in_their_order(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, source) = (&samples.catalog, samples.source.id);
    let first = archived(&samples, "a", 10, Some(300)).await;
    archived(&samples, "b", 10, Some(200)).await;
    archived(&samples, "c", 10, None).await;
    assert!(due(&samples, 199).await.is_empty());
    assert_eq!(due(&samples, 300).await, [2, 1]);
    let visits = catalog.due_visits(source, at(300), 1).await.unwrap();
    assert_eq!(visits.len(), 1);
    assert_eq!(visits[0].entry, entry("b"));
    assert_eq!(visits[0].dated, Some(at(-590)), "when it was published");

    assert_eq!(foretold(&samples).await, Some(at(200)));
    let claim = async |now, owner| {
        let claimed = catalog
            .claim_due_sources(at(now), lease(owner, now + 1), 9)
            .await;
        claimed.unwrap().len()
    };
    assert_eq!((claim(199, 1).await, claim(200, 2).await), (0, 1));
    catalog.release_source(source, 2).await.unwrap();

    let unchanged = Decision::Unchanged {
        article: ArticleId(2),
        payload_digest: None,
        aliases: Vec::new(),
        validators: validators("304"),
    };
    let seen = Commit {
        next_visit_at: Some(at(900)),
        ..decided(source, 200, unchanged)
    };
    samples.commit(seen).await;
    let edited = Commit {
        entry: Some(first),
        next_visit_at: Some(at(800)),
        ..next_commit(source, ArticleId(1), 1, "two", 300)
    };
    samples.commit(edited).await;
    assert!(due(&samples, 799).await.is_empty());
    assert_eq!(due(&samples, 900).await, [1, 2]);
    assert_eq!(foretold(&samples).await, Some(at(800)));
}

pub(super) async fn are_planned_anew_when_the_clock_goes_back(pair: Pair) {
    const DAY: i64 = 24 * 3600;
    let samples = Samples::new(pair.one).await;
    let (catalog, source) = (&samples.catalog, samples.source.id);
    archived(&samples, "a", 900 * DAY, Some(910 * DAY)).await;
    let poll = read(source, 900 * DAY, Vec::new());
    catalog.record_poll(&poll).await.unwrap();
    let claim = |owner| catalog.claim_source(source, at(0), lease(owner, 900 * DAY));
    assert!(claim(1).await.unwrap().is_some());

    // A clock that goes well changes nothing.
    let now = 900 * DAY + 60;
    catalog.plan_anew(at(now), at(now + 300)).await.unwrap();
    let status = samples.source_now().await.status;
    assert_eq!(status.next_poll_at, at(900 * DAY + 1800));
    assert!(due(&samples, 910 * DAY - 1).await.is_empty());

    for _ in 0..2 {
        catalog.plan_anew(at(0), at(300)).await.unwrap();
        let status = samples.source_now().await.status;
        assert_eq!(status.next_poll_at, at(1800), "after the same span");
        assert_eq!(due(&samples, DAY).await, [1]);
        assert!(due(&samples, DAY - 1).await.is_empty());
    }
    let taken = catalog.claim_source(source, at(301), lease(2, 600)).await;
    assert!(taken.unwrap().is_some(), "the claim has ended");
}

pub(super) async fn wait_for_their_entries(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let source = samples.source.id;
    let id = archived(&samples, "a", 10, Some(200)).await;
    // Its feed says that it has changed: the entry waits for a capture by itself.
    let changed = listed(entry("a"), EntryDelta::Changed);
    let poll = read(source, 250, vec![changed]);
    samples.catalog.record_poll(&poll).await.unwrap();
    assert!(due(&samples, 300).await.is_empty());

    let failed = |when, retry_at: Option<i64>, again: Option<i64>| Commit {
        entry: Some(id),
        next_visit_at: again.map(at),
        ..decided(
            source,
            when,
            Decision::Failed {
                failure: Failure::NoLink,
                retry_at: retry_at.map(at),
            },
        )
    };
    samples.commit(failed(300, Some(400), None)).await;
    assert_eq!(foretold(&samples).await, Some(at(400)));
    samples.commit(failed(400, None, Some(600))).await;
    assert_eq!(foretold(&samples).await, Some(at(600)));
    assert_eq!(due(&samples, 600).await, [1]);

    let doubt = Decision::Suspect {
        article: ArticleId(1),
        reason: pressmark_archive::version::SuspectReason::Wall,
        draft: Box::new(super::samples::draft("short", 600)),
        again_at: None,
    };
    let doubted = Commit {
        entry: Some(id),
        capture: Some(capture("short", 600)),
        next_visit_at: Some(at(700)),
        ..decided(source, 600, doubt)
    };
    samples.commit(doubted).await;
    assert_eq!(due(&samples, 700).await, [1]);
    samples.check_ledger().await;
}

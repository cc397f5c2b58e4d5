//! Cases on sources and the claims on them.

use std::time::Duration;

use pressmark_archive::entry::{EntryDelta, PollRecord, PollResult};
use pressmark_archive::failure::Failure;
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::source::{
    Folder, NewSource, Robots, SourceChange, SourceSettings, SourceState,
};
use pressmark_model::EntryId;

use super::Pair;
use super::samples::{Samples, at, entry, failed, lease, listed, new_source, read};

pub(super) async fn are_added_once_and_named(pair: Pair) {
    let catalog = pair.one;
    let (news, is_new) = catalog
        .add_source(&new_source("www.news.test"))
        .await
        .unwrap();
    assert!(is_new);
    assert_eq!(news.slug.as_str(), "news.test");
    assert_eq!(news.status.next_poll_at, at(0));
    let (again, is_new) = pair
        .other
        .add_source(&new_source("www.news.test"))
        .await
        .unwrap();
    assert!(!is_new);
    assert_eq!(again, news);

    let mut second = new_source("news.test");
    second.url = "https://news.test/other".parse().unwrap();
    let (second, _) = catalog.add_source(&second).await.unwrap();
    assert_eq!(second.slug.as_str(), "news.test-2");

    let chosen = NewSource {
        slug: Some("news.test".parse().unwrap()),
        ..new_source("b.test")
    };
    let refused = catalog.add_source(&chosen).await;
    assert!(matches!(refused, Err(CatalogError::SlugTaken(slug)) if slug == news.slug));
    let chosen = NewSource {
        slug: Some("a".parse().unwrap()),
        name: Some("Bé".to_owned()),
        ..new_source("b.test")
    };
    let (chosen, _) = catalog.add_source(&chosen).await.unwrap();
    assert_eq!(chosen.name.as_deref(), Some("Bé"));

    let slugs: Vec<_> = catalog.sources().await.unwrap();
    let slugs: Vec<_> = slugs.iter().map(|source| source.slug.as_str()).collect();
    assert_eq!(slugs, ["a", "news.test", "news.test-2"]);
    assert_eq!(catalog.counts().await.unwrap().sources, 3);
    assert_eq!(catalog.source(&chosen.slug).await.unwrap(), Some(chosen));
    let unknown = "nothing".parse().unwrap();
    assert_eq!(catalog.source(&unknown).await.unwrap(), None);
}

pub(super) async fn folders_are_kept_in_order(pair: Pair) {
    let folder = |path: &[&str], value: &str| Folder {
        path: path.iter().map(|name| (*name).to_owned()).collect(),
        attributes: vec![("x:a".to_owned(), value.to_owned())],
    };
    let long = "夹".repeat(2000);
    let first = [folder(&["b"], "1"), folder(&["b", &long], "2")];
    pair.one.keep_folders(&first).await.unwrap();
    let more = [folder(&["b"], "other"), folder(&["a\0"], "3")];
    pair.other.keep_folders(&more).await.unwrap();
    let kept = pair.one.folders().await.unwrap();
    assert_eq!(kept[..2], first, "a known one stays");
    assert_eq!(kept[2..], more[1..]);
}

pub(super) async fn are_changed(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let id = samples.source.id;
    let failing = PollRecord {
        result: PollResult::Failed {
            failure: Failure::NoLink,
            gone: false,
        },
        ..read(id, 10, Vec::new())
    };
    samples.catalog.record_poll(&failing).await.unwrap();
    let settings = SourceSettings {
        robots: Some(Robots::Ignore),
        interval: Some(Duration::from_mins(1)),
        headers: vec!["X-A: 1".to_owned()],
        ..SourceSettings::default()
    };
    let change = SourceChange {
        name: Some(Some("Name".to_owned())),
        settings: Some(settings.clone()),
        state: Some(SourceState::Paused),
    };
    samples.catalog.change_source(id, &change).await.unwrap();
    let paused = samples.source_now().await;
    assert_eq!(paused.name.as_deref(), Some("Name"));
    assert_eq!(paused.settings, settings);
    assert_eq!(paused.state, SourceState::Paused);
    assert_eq!(paused.status.failures, 1);

    let resume = SourceChange {
        state: Some(SourceState::Active),
        name: Some(None),
        settings: None,
    };
    samples.catalog.change_source(id, &resume).await.unwrap();
    let resumed = samples.source_now().await;
    assert_eq!(resumed.name, None);
    assert_eq!(resumed.settings, settings);
    assert_eq!(resumed.state, SourceState::Active);
    assert_eq!(
        (resumed.status.failures, &resumed.status.failure),
        (0, &None)
    );
    assert!(resumed.status.next_poll_at <= at(10));
}

pub(super) async fn come_back(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let id = samples.source.id;
    let remove = SourceChange {
        state: Some(SourceState::Removed),
        ..SourceChange::default()
    };
    samples.catalog.change_source(id, &remove).await.unwrap();
    assert_eq!(samples.catalog.sources().await.unwrap(), []);
    assert_eq!(samples.catalog.counts().await.unwrap().sources, 0);
    assert_eq!(samples.source_now().await.state, SourceState::Removed);

    let again = NewSource {
        now: at(50),
        ..new_source("news.test")
    };
    let (back, is_new) = samples.catalog.add_source(&again).await.unwrap();
    assert!(!is_new);
    assert_eq!((back.id, back.state), (id, SourceState::Active));
    assert_eq!(back.status.next_poll_at, at(50));

    let imported = NewSource {
        state: SourceState::Imported,
        ..new_source("old.test")
    };
    let (imported, _) = samples.catalog.add_source(&imported).await.unwrap();
    let (watched, _) = samples
        .catalog
        .add_source(&new_source("old.test"))
        .await
        .unwrap();
    assert_eq!(
        (watched.id, watched.state),
        (imported.id, SourceState::Active)
    );
}

pub(super) async fn try_failed_entries_again(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let waiting = [samples.waiting("gone").await, samples.waiting("a").await];
    let fail = async |entries: &[EntryId]| {
        for entry in entries {
            let mut commit = failed(id, 10);
            commit.entry = Some(*entry);
            samples.commit(commit).await;
        }
        assert_eq!(samples.source_now().await.status.failed, 2);
    };
    fail(&waiting).await;
    let of = |settings, state| SourceChange {
        name: Some(Some("Name".to_owned())),
        state,
        settings,
    };
    let settings = SourceSettings {
        robots: Some(Robots::Ignore),
        ..SourceSettings::default()
    };
    let changes = [
        (of(None, None), false),
        (of(Some(settings), None), true),
        (of(None, Some(SourceState::Paused)), false),
        (of(None, Some(SourceState::Active)), true),
    ];
    for (change, is_tried) in &changes {
        catalog.change_source(id, change).await.unwrap();
        let again = catalog.pending_entries(id, Some(at(10)), 9).await.unwrap();
        let again: Vec<_> = again.iter().map(|e| (e.id, e.attempts)).collect();
        if !is_tried {
            assert_eq!(again, []);
            continue;
        }
        assert_eq!(again, [(waiting[1], 0)], "what is listed no longer stays");
        let claimed = catalog.claim_due_sources(at(10), lease(1, 11), 9).await;
        assert_eq!(claimed.unwrap().len(), 1);
        catalog.release_source(id, 1).await.unwrap();
        fail(&waiting[1..]).await;
    }
}

pub(super) async fn are_whole_when_claimed(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    samples.waiting("a").await;
    samples.article("b", "text", 10).await;
    let claimed = catalog.claim_source(id, at(20), lease(1, 100)).await;
    let due = catalog.claim_due_sources(at(100), lease(2, 200), 9).await;
    for mut claimed in [claimed.unwrap().unwrap(), due.unwrap().remove(0)] {
        let now = samples.source_now().await;
        assert_eq!((now.status.entries, now.status.pending), (1, 1));
        // The entries need not be counted for a claim.
        claimed.status.entries = 1;
        claimed.status.pending = 1;
        // What waits is only told to whom it was claimed for.
        assert_eq!(claimed.status.next_attempt_at.take(), Some(at(1)));
        assert_eq!(claimed.status.next_visit_at.take(), None);
        assert_eq!(claimed, now);
    }
}

pub(super) async fn are_claimed_when_due(pair: Pair) {
    let catalog = pair.one;
    let mut ids = Vec::new();
    for (host, due) in [
        ("a.test", 30),
        ("b.test", 10),
        ("c.test", 20),
        ("d.test", 99),
    ] {
        let new = NewSource {
            now: at(due),
            ..new_source(host)
        };
        ids.push(catalog.add_source(&new).await.unwrap().0.id);
    }
    let claimed = catalog
        .claim_due_sources(at(40), lease(1, 100), 2)
        .await
        .unwrap();
    let claimed: Vec<_> = claimed.iter().map(|source| source.id).collect();
    assert_eq!(claimed, [ids[1], ids[2]], "the longest due first");
    let claimed = catalog
        .claim_due_sources(at(40), lease(2, 100), 9)
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].id, ids[0]);
    assert!(
        catalog
            .claim_due_sources(at(40), lease(1, 100), 9)
            .await
            .unwrap()
            .is_empty()
    );

    // An entry that waits makes its source due, whenever the source itself is.
    catalog.break_leases().await.unwrap();
    let poll = read(ids[0], 40, vec![listed(entry("x"), EntryDelta::New)]);
    catalog.record_poll(&poll).await.unwrap();
    let poll = read(ids[3], 40, Vec::new());
    catalog.record_poll(&poll).await.unwrap();
    let pause = SourceChange {
        state: Some(SourceState::Paused),
        ..SourceChange::default()
    };
    catalog.change_source(ids[1], &pause).await.unwrap();
    let claimed = catalog
        .claim_due_sources(at(100), lease(3, 200), 9)
        .await
        .unwrap();
    let claimed: Vec<_> = claimed.iter().map(|source| source.id).collect();
    assert_eq!(claimed, [ids[2], ids[0]]);
}

pub(super) async fn leases_are_kept_and_lost(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    assert!(
        catalog
            .claim_source(id, at(0), lease(1, 10))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        pair.other
            .claim_source(id, at(5), lease(2, 20))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        catalog
            .claim_source(id, at(5), lease(1, 10))
            .await
            .unwrap()
            .is_some()
    );
    assert!(catalog.renew_lease(id, lease(1, 15)).await.unwrap());
    assert!(
        pair.other
            .claim_source(id, at(12), lease(2, 20))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        pair.other
            .claim_source(id, at(15), lease(2, 30))
            .await
            .unwrap()
            .is_some()
    );
    assert!(!catalog.renew_lease(id, lease(1, 40)).await.unwrap());
    catalog.release_source(id, 1).await.unwrap();
    assert!(
        catalog
            .claim_source(id, at(20), lease(1, 40))
            .await
            .unwrap()
            .is_none()
    );
    catalog.release_source(id, 2).await.unwrap();
    assert!(
        catalog
            .claim_source(id, at(20), lease(1, 40))
            .await
            .unwrap()
            .is_some()
    );
    pair.other.break_leases().await.unwrap();
    assert!(
        pair.other
            .claim_source(id, at(20), lease(2, 40))
            .await
            .unwrap()
            .is_some()
    );
    let nothing = pressmark_model::SourceId(id.0 + 1);
    assert!(
        catalog
            .claim_source(nothing, at(0), lease(1, 9))
            .await
            .unwrap()
            .is_none()
    );
}

pub(super) async fn the_next_one_is_foretold(pair: Pair) {
    assert_eq!(pair.one.next_due().await.unwrap(), None);
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    assert_eq!(catalog.next_due().await.unwrap(), Some(at(0)));
    catalog
        .record_poll(&read(id, 10, Vec::new()))
        .await
        .unwrap();
    assert_eq!(catalog.next_due().await.unwrap(), Some(at(1810)));
    let new = vec![listed(entry("x"), EntryDelta::New)];
    catalog.record_poll(&read(id, 20, new)).await.unwrap();
    assert_eq!(catalog.next_due().await.unwrap(), Some(at(20)));
    catalog
        .claim_source(id, at(20), lease(1, 90))
        .await
        .unwrap();
    assert_eq!(
        catalog.next_due().await.unwrap(),
        Some(at(90)),
        "when the claim ends"
    );
    catalog.release_source(id, 1).await.unwrap();
    let pause = SourceChange {
        state: Some(SourceState::Paused),
        ..SourceChange::default()
    };
    catalog.change_source(id, &pause).await.unwrap();
    assert_eq!(catalog.next_due().await.unwrap(), None);
}

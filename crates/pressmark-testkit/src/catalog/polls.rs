//! Cases on what polls bring.

use pressmark_archive::entry::{
    EntryDelta, EntryState, ListedEntry, PollRecord, PollRecorded, PollResult,
};
use pressmark_archive::failure::Failure;
use pressmark_archive::origin::OriginState;
use pressmark_archive::ports::catalog::QuietTurn;
use pressmark_archive::source::{SourceChange, SourceSettings, SourceState};
use pressmark_model::{CaptureId, Entry, EntryKey, Issue};

use super::Pair;
use super::samples::{
    Samples, at, capture, entry, failed, first_commit, lease, listed, new_source, read, validators,
};

pub(super) async fn bring_new_and_changed_entries(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let unwanted = ListedEntry {
        wanted: false,
        ..listed(entry("old"), EntryDelta::New)
    };
    let new = vec![
        listed(entry("b"), EntryDelta::New),
        listed(entry("a"), EntryDelta::New),
        unwanted,
    ];
    let poll = read(id, 10, new);
    let recorded = catalog.record_poll(&poll).await.unwrap();
    assert_eq!(
        (recorded.new, recorded.changed, recorded.dropped),
        (3, 0, 0)
    );
    let again = catalog.record_poll(&poll).await.unwrap();
    assert_eq!(again, PollRecorded::default(), "the same poll stored twice");

    let status = samples.source_now().await.status;
    assert_eq!((status.entries, status.pending, status.failed), (3, 2, 0));
    let pending = catalog.pending_entries(id, Some(at(10)), 9).await.unwrap();
    let titles: Vec<_> = pending.iter().map(|e| e.entry.title.as_str()).collect();
    assert_eq!(titles, ["The a", "The b"], "the oldest first");
    assert_eq!(pending[0].entry, entry("a"));
    assert_eq!((pending[0].article, pending[0].attempts), (None, 0));
    assert!(
        catalog
            .pending_entries(id, Some(at(9)), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(catalog.pending_entries(id, None, 1).await.unwrap().len(), 1);

    let keys: Vec<_> = ["a", "nothing"]
        .iter()
        .map(|name| EntryKey::of(&entry(name), false))
        .collect();
    let known = catalog.known_entries(id, &keys).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!((&known[0].key, known[0].id), (&keys[0], pending[0].id));
    assert_eq!(known[0].digest, entry("a").digest());

    let renamed = Entry {
        title: "Renamed".to_owned(),
        ..entry("old")
    };
    let second = vec![
        listed(renamed.clone(), EntryDelta::Changed),
        listed(entry("b"), EntryDelta::Unchanged),
    ];
    let recorded = catalog.record_poll(&read(id, 20, second)).await.unwrap();
    assert_eq!(
        (recorded.new, recorded.changed, recorded.dropped),
        (0, 1, 1)
    );
    let rows = catalog.entries(id, 9).await.unwrap();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.title.as_str(), row.state, row.first_seen_at))
        .collect();
    let expected = [
        ("The b", EntryState::Pending, at(10)),
        ("The a", EntryState::Pending, at(10)),
        ("Renamed", EntryState::Pending, at(10)),
    ];
    assert_eq!(rows, expected, "the newest first");
    let pending = catalog.pending_entries(id, Some(at(20)), 9).await.unwrap();
    assert_eq!(pending[0].entry, renamed);
    assert_eq!(catalog.entries(id, 1).await.unwrap().len(), 1);
    assert_eq!(
        catalog.entries(id, 1).await.unwrap()[0].link,
        entry("b").link
    );
}

pub(super) async fn keep_the_sources_state(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let mut poll = read(id, 10, Vec::new());
    if let PollResult::Read(read) = &mut poll.result {
        read.captures = vec![capture("feed", 10)];
        read.issues = vec![Issue {
            line: Some(3),
            message: "a flaw".to_owned(),
        }];
    }
    let before = catalog.counts().await.unwrap().captures;
    catalog.record_poll(&poll).await.unwrap();
    catalog.record_poll(&poll).await.unwrap();
    assert_eq!(
        catalog.counts().await.unwrap().captures,
        before + 1,
        "stored once"
    );
    let stored = catalog.captures(CaptureId(1), 9).await.unwrap();
    assert_eq!(stored[0].capture, capture("feed", 10));
    let PollResult::Read(read) = poll.result else {
        panic!()
    };
    let status = samples.source_now().await.status;
    assert_eq!(status.title, read.title);
    assert_eq!(
        (&status.home, &status.language),
        (&read.home, &read.language)
    );
    assert_eq!(
        (status.format, status.body_digest),
        (read.format, Some(read.body_digest))
    );
    assert_eq!(
        (&status.issues, &status.validators),
        (&read.issues, &read.validators)
    );
    assert_eq!(
        (status.polled_at, status.succeeded_at),
        (Some(at(10)), Some(at(10)))
    );
    assert_eq!(status.rhythm, read.rhythm);
    assert_eq!(status.next_poll_at, at(1810));
}

pub(super) async fn join_several_addresses(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let state = OriginState {
        url: new_source("map.test").url,
        validators: validators("\"map\""),
        digest: Some(pressmark_model::Digest::of(b"map")),
        failure: Some(Failure::NoLink),
    };
    let plain = Entry {
        guid: None,
        ..entry("linked")
    };
    let poll = PollRecord {
        origins: vec![state.clone()],
        ..read(
            id,
            10,
            vec![
                listed(plain.clone(), EntryDelta::New),
                listed(entry("a"), EntryDelta::New),
            ],
        )
    };
    catalog.record_poll(&poll).await.unwrap();
    assert_eq!(samples.source_now().await.status.origins, [state]);

    let link = plain.link.clone().unwrap();
    let unknown = new_source("nowhere.test").url;
    let asked = [link.clone(), unknown];
    let linked = catalog.linked_entries(id, &asked).await.unwrap();
    assert_eq!(linked.len(), 1);
    assert_eq!((&linked[0].link, &linked[0].guid), (&link, &None));
    assert_eq!(linked[0].entry.digest, plain.digest());
    assert_eq!(linked[0].entry.key, EntryKey::of(&plain, false));
    assert!(catalog.linked_entries(id, &[]).await.unwrap().is_empty());

    let mut part = read(id, 20, vec![listed(entry("b"), EntryDelta::New)]);
    if let PollResult::Read(read) = &mut part.result {
        read.complete = false;
    }
    let recorded = catalog.record_poll(&part).await.unwrap();
    assert_eq!(
        (recorded.new, recorded.dropped),
        (1, 0),
        "others are listed still"
    );
    assert!(samples.source_now().await.status.origins.is_empty());
    let whole = read(id, 30, vec![listed(entry("b"), EntryDelta::Unchanged)]);
    assert_eq!(catalog.record_poll(&whole).await.unwrap().dropped, 2);
}

pub(super) async fn count_failures(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let with = |when, result| PollRecord {
        result,
        ..read(id, when, Vec::new())
    };
    let poll = read(id, 10, Vec::new());
    catalog.record_poll(&poll).await.unwrap();
    let before = samples.source_now().await.status;
    let failure = Failure::NotAFeed {
        found: "a page".to_owned(),
    };
    let failed = PollResult::Failed {
        failure: failure.clone(),
        gone: false,
    };
    catalog
        .record_poll(&with(20, failed.clone()))
        .await
        .unwrap();
    catalog.record_poll(&with(30, failed)).await.unwrap();
    let status = samples.source_now().await.status;
    assert_eq!(
        (status.failures, status.failure),
        (2, Some(failure.clone()))
    );
    assert_eq!(
        (status.polled_at, status.succeeded_at),
        (Some(at(30)), Some(at(10)))
    );
    assert_eq!(status.title, before.title);

    let same = PollResult::NotModified {
        validators: validators("new"),
    };
    catalog.record_poll(&with(40, same)).await.unwrap();
    let status = samples.source_now().await.status;
    assert_eq!((status.failures, status.failure), (0, None));
    assert_eq!(
        (status.succeeded_at, status.validators),
        (Some(at(40)), validators("new"))
    );

    let gone = PollResult::Failed {
        failure,
        gone: true,
    };
    catalog.record_poll(&with(50, gone)).await.unwrap();
    assert_eq!(samples.source_now().await.state, SourceState::Gone);
}

pub(super) async fn keep_any_key(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let named = |guid: String| Entry {
        guid: Some(guid),
        title: "with\0nul".to_owned(),
        ..entry("x")
    };
    let entries = [
        named("长".repeat(3000)),
        named("长".repeat(3001)),
        named("a\0b".to_owned()),
    ];
    let keys: Vec<_> = entries
        .iter()
        .map(|entry| EntryKey::of(entry, false))
        .collect();
    let new = entries
        .iter()
        .map(|entry| listed(entry.clone(), EntryDelta::New))
        .collect();
    let mut poll = read(id, 10, new);
    if let PollResult::Read(read) = &mut poll.result {
        read.validators.etag = Some("a\0b".to_owned());
    }
    let recorded = catalog.record_poll(&poll).await.unwrap();
    assert_eq!(recorded.new, 3);
    let status = samples.source_now().await.status;
    assert_eq!(status.validators.etag.as_deref(), Some("ab"));
    let mut known: Vec<_> = catalog.known_entries(id, &keys).await.unwrap();
    known.sort_by_key(|known| keys.iter().position(|key| *key == known.key));
    let found: Vec<_> = known.iter().map(|known| known.key.clone()).collect();
    assert_eq!(found, keys);
    let pending = catalog.pending_entries(id, None, 9).await.unwrap();
    assert!(pending.iter().any(|pending| pending.entry == entries[2]));
}

pub(super) async fn move_a_source(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let target = new_source("moved.test").url;
    let moving = PollRecord {
        moved_to: Some((target.clone(), 2)),
        ..read(id, 10, Vec::new())
    };
    catalog.record_poll(&moving).await.unwrap();
    assert_eq!(
        samples.source_now().await.status.moved_to,
        Some((target.clone(), 2))
    );
    let moved = PollRecord {
        new_url: Some(target.clone()),
        ..moving
    };
    catalog.record_poll(&moved).await.unwrap();
    let source = samples.source_now().await;
    assert_eq!((source.url, source.status.moved_to), (target.clone(), None));

    let (other, _) = catalog.add_source(&new_source("other.test")).await.unwrap();
    let onto = PollRecord {
        source: other.id,
        ..moved
    };
    catalog.record_poll(&onto).await.unwrap();
    let other_now = catalog.source(&other.slug).await.unwrap().unwrap();
    assert_eq!(
        other_now.url, other.url,
        "another source watches the new address"
    );
}

pub(super) async fn ask_for_revisits(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let names = ["gone", "b", "failed", "a"];
    let new = names.map(|name| listed(entry(name), EntryDelta::New));
    let poll = read(id, 10, new.to_vec());
    catalog.record_poll(&poll).await.unwrap();
    for pending in catalog.pending_entries(id, None, 9).await.unwrap() {
        let path = pending.entry.link.unwrap();
        let mut commit = match path.as_url().path() {
            "/gone" | "/failed" => failed(id, 11),
            path => first_commit(id, path, "text", 11),
        };
        commit.entry = Some(pending.id);
        samples.commit(commit).await;
    }
    let still = ["failed", "a"].map(|name| listed(entry(name), EntryDelta::Unchanged));
    let poll = read(id, 20, still.to_vec());
    catalog.record_poll(&poll).await.unwrap();
    assert_eq!(samples.source_now().await.status.pending, 0);
    assert_eq!(catalog.request_revisits(id, at(30)).await.unwrap(), 2);
    let pending = catalog.pending_entries(id, Some(at(30)), 9).await.unwrap();
    let found: Vec<_> = pending.iter().map(|pending| &pending.entry).collect();
    assert_eq!(found, [&entry("a"), &entry("failed")]);
    assert!(pending[0].article.is_some());
    assert_eq!((pending[1].article, pending[1].attempts), (None, 0));
    assert_eq!(catalog.request_revisits(id, at(30)).await.unwrap(), 0);
}

pub(super) async fn leave_entries_out(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let new = ["b", "a"].map(|name| listed(entry(name), EntryDelta::New));
    catalog
        .record_poll(&read(id, 10, new.to_vec()))
        .await
        .unwrap();
    let waiting = catalog.pending_entries(id, None, 9).await.unwrap();
    catalog.leave_out(&[waiting[0].id]).await.unwrap();
    catalog.leave_out(&[]).await.unwrap();
    let status = samples.source_now().await.status;
    assert_eq!((status.pending, status.filtered), (1, 1));
    let rows = catalog.entries(id, 9).await.unwrap();
    assert_eq!(rows[1].state, EntryState::Filtered);

    // It is no longer listed when the filters change.
    let second = vec![listed(entry("b"), EntryDelta::Unchanged)];
    catalog.record_poll(&read(id, 20, second)).await.unwrap();
    let change = SourceChange {
        settings: Some(SourceSettings::default()),
        ..SourceChange::default()
    };
    catalog.change_source(id, &change).await.unwrap();
    let status = samples.source_now().await.status;
    assert_eq!((status.pending, status.filtered), (2, 0));
    let due = catalog.pending_entries(id, Some(at(10)), 9).await.unwrap();
    assert_eq!(due.len(), 2, "due at once");
}

pub(super) async fn quiet_ones_are_stored_together(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let failure = PollResult::Failed {
        failure: Failure::NoLink,
        gone: false,
    };
    let poll = PollRecord {
        result: failure,
        ..read(id, 10, Vec::new())
    };
    catalog.record_poll(&poll).await.unwrap();
    let (other, _) = catalog.add_source(&new_source("other.test")).await.unwrap();
    for source in [id, other.id] {
        let claimed = catalog.claim_source(source, at(20), lease(1, 90)).await;
        assert!(claimed.unwrap().is_some());
    }
    let turn = |source, owner| QuietTurn {
        source,
        owner,
        at: at(21),
        next_poll_at: at(500),
        validators: validators("quiet"),
    };
    let turns = [turn(id, 1), turn(other.id, 2)];
    pair.other.record_quiet(&turns).await.unwrap();
    let status = samples.source_now().await.status;
    assert_eq!((status.failures, status.failure), (0, None));
    assert_eq!(
        (status.polled_at, status.succeeded_at, status.next_poll_at),
        (Some(at(21)), Some(at(21)), at(500))
    );
    assert_eq!(status.validators, validators("quiet"));
    let claim = |source| catalog.claim_source(source, at(30), lease(3, 90));
    assert!(claim(id).await.unwrap().is_some(), "given back");
    assert!(claim(other.id).await.unwrap().is_none(), "another's claim");
    let status = catalog.source(&other.slug).await.unwrap().unwrap().status;
    assert_eq!(status.polled_at, None);
}

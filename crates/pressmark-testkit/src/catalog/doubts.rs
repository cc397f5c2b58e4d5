//! Cases on visits that bring no version: sightings, and texts that are doubted.

use pressmark_archive::capture::RecordKind;
use pressmark_archive::commit::{Commit, Committed, Decision};
use pressmark_archive::entry::EntryState;
use pressmark_archive::failure::Failure;
use pressmark_archive::version::SuspectReason;
use pressmark_model::{ArticleId, CaptureId, Digest, EntryId};

use super::Pair;
use super::samples::{
    Samples, alias, at, capture, decided, draft, first_commit, next_commit, page, validators,
};

pub(super) async fn sightings_and_suspects_are_kept(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let source = samples.source.id;
    let id = samples.article("a", "one", 10).await;
    let suspect = |when, text: &str| {
        let decision = Decision::Suspect {
            article: id,
            reason: SuspectReason::Shorter,
            draft: Box::new(draft(text, when)),
            again_at: Some(at(when + 100)),
        };
        Commit {
            capture: Some(capture(text, when)),
            ..decided(source, when, decision)
        }
    };
    let unchanged = |when| {
        let decision = Decision::Unchanged {
            article: id,
            payload_digest: Some(Digest::of(b"payload")),
            aliases: vec![alias("final")],
            validators: validators("304"),
        };
        decided(source, when, decision)
    };
    let entry = samples.waiting("a").await;
    let mut first_sight = suspect(20, "short");
    first_sight.entry = Some(entry);
    assert_eq!(samples.commit(first_sight).await, Committed::Noted);
    samples.commit(suspect(30, "short")).await;
    samples.commit(suspect(40, "other")).await;
    let head = samples.catalog.article_head(id).await.unwrap().unwrap();
    let seen: Vec<_> = head
        .suspects
        .iter()
        .map(|s| (s.digest, s.first_seen_at))
        .collect();
    let digests = [draft("short", 0).digest, draft("other", 0).digest];
    assert_eq!(seen, [(digests[0], at(20)), (digests[1], at(40))]);
    assert_eq!(head.suspects[0].reason, SuspectReason::Shorter);
    assert_eq!(
        head.validators,
        validators("1"),
        "the doubted answer's are not sent back"
    );
    let row = &samples.catalog.entries(source, 9).await.unwrap()[0];
    assert_eq!(
        (row.state, row.next_attempt_at),
        (EntryState::Pending, Some(at(120)))
    );
    assert_eq!(row.article, Some(id));

    let mut settled = unchanged(50);
    settled.entry = Some(entry);
    samples.commit(settled.clone()).await;
    samples.commit(settled).await;
    let head = samples.catalog.article_head(id).await.unwrap().unwrap();
    assert_eq!(
        (head.suspects, head.validators),
        (Vec::new(), validators("304"))
    );
    assert!(head.aliases.contains(&alias("final")));
    let view = samples.catalog.article(id).await.unwrap().unwrap();
    assert_eq!(view.last_seen_at, at(50));
    assert_eq!(view.summary.versions, 1);
    let row = &samples.catalog.entries(source, 9).await.unwrap()[0];
    assert_eq!(
        (row.state, row.next_attempt_at),
        (EntryState::Archived, None)
    );

    samples.commit(suspect(60, "short")).await;
    samples.commit(next_commit(source, id, 1, "two", 70)).await;
    let head = samples.catalog.article_head(id).await.unwrap().unwrap();
    assert_eq!(head.suspects, []);
    samples.check_ledger().await;
}

pub(super) async fn doubts_are_counted_until_they_are_settled(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let source = samples.source.id;
    let entry = samples.waiting("a").await;
    let mut first = first_commit(source, "a", "one", 10);
    first.entry = Some(entry);
    samples.commit(first).await;
    let article = ArticleId(1);
    let doubt = |when: i64, again_at: Option<i64>| {
        let decision = Decision::Suspect {
            article,
            reason: SuspectReason::Shorter,
            draft: Box::new(draft("short", when)),
            again_at: again_at.map(at),
        };
        through(entry, Some("short"), decided(source, when, decision))
    };
    let row = async || {
        let row = samples.catalog.entries(source, 1).await.unwrap().remove(0);
        assert_eq!(row.article, Some(article));
        (row.state, row.attempts, row.next_attempt_at)
    };
    let settled = (EntryState::Archived, 0, None);

    samples.commit(doubt(20, Some(30))).await;
    assert_eq!(row().await, (EntryState::Pending, 1, Some(at(30))));
    samples.commit(doubt(30, Some(50))).await;
    assert_eq!(row().await, (EntryState::Pending, 2, Some(at(50))));
    let failed = Decision::Failed {
        failure: Failure::NoLink,
        retry_at: Some(at(60)),
    };
    let failed = through(entry, None, decided(source, 50, failed));
    samples.commit(failed).await;
    assert_eq!(row().await, (EntryState::Pending, 3, Some(at(60))));
    samples.commit(doubt(60, None)).await;
    assert_eq!(row().await, settled, "not asked again");
    let head = samples.catalog.article_head(article).await.unwrap();
    assert_eq!(head.unwrap().suspects.len(), 1, "the doubt itself stays");

    samples.commit(doubt(70, Some(80))).await;
    let unchanged = Decision::Unchanged {
        article,
        payload_digest: None,
        aliases: Vec::new(),
        validators: validators("304"),
    };
    let unchanged = through(entry, None, decided(source, 80, unchanged));
    samples.commit(unchanged).await;
    assert_eq!(row().await, settled);

    samples.commit(doubt(90, Some(100))).await;
    let next = next_commit(source, article, 1, "two", 100);
    samples.commit(through(entry, Some("two"), next)).await;
    assert_eq!(row().await, settled);
}

/// The decision as that on an entry, with a capture of the page at this path.
fn through(entry: EntryId, path: Option<&str>, decided: Commit) -> Commit {
    Commit {
        entry: Some(entry),
        capture: path.map(|path| capture(path, decided.at.seconds())),
        ..decided
    }
}

pub(super) async fn a_doubted_text_may_be_a_revisit(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let id = samples.article("a", "one", 10).await;
    let payload = capture("a", 10).payload_digest;
    let mut revisit = capture("a", 20);
    revisit.payload_digest = payload;
    revisit.records[1].kind = RecordKind::Revisit;
    let decision = Decision::Suspect {
        article: id,
        reason: SuspectReason::Shorter,
        draft: Box::new(draft("short", 20)),
        again_at: None,
    };
    let commit = Commit {
        capture: Some(revisit.clone()),
        ..decided(samples.source.id, 20, decision)
    };
    assert_eq!(samples.commit(commit).await, Committed::Noted);
    let stored = samples.catalog.capture(CaptureId(2)).await.unwrap();
    assert_eq!(stored.unwrap().capture, revisit);
    let head = samples.catalog.article_head(id).await.unwrap().unwrap();
    assert_eq!(head.suspects[0].digest, draft("short", 0).digest);
    let whole = samples
        .catalog
        .capture_with_payload(&page("a"), &payload)
        .await;
    assert_eq!(whole.unwrap().as_ref(), Some(&capture("a", 10).records[1]));
}

//! Cases on alarms.

use pressmark_archive::alarm::{AlarmCause, AlarmChange, AlarmKind};
use pressmark_archive::commit::Decision;
use pressmark_archive::entry::EntryDelta;
use pressmark_archive::failure::Failure;
use pressmark_archive::source::{SourceChange, SourceState};
use pressmark_model::SourceId;

use super::Pair;
use super::samples::{Samples, at, entry, failed, first_commit, listed, read};

fn silent(seconds: u64) -> AlarmCause {
    AlarmCause::Silent {
        last: at(1),
        usual_seconds: seconds,
    }
}

pub(super) async fn are_raised_once_and_cleared(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let failing = AlarmCause::Failing {
        failure: Failure::NoLink,
        times: 10,
    };
    let causes = [silent(60), failing.clone()];
    let change = catalog.set_alarms(id, &causes, &[], at(10)).await.unwrap();
    assert_eq!((change.raised.len(), change.cleared.len()), (2, 0));
    let again = [silent(90)];
    let kept = [AlarmKind::Failing, AlarmKind::Quality];
    let change = pair.other.set_alarms(id, &again, &kept, at(20)).await;
    assert_eq!(
        change.unwrap(),
        AlarmChange::default(),
        "they stand already"
    );
    let status = samples.source_now().await.status;
    assert_eq!(status.alarms, [AlarmKind::Silent, AlarmKind::Failing]);
    let alarms = catalog.alarms(true, 9).await.unwrap();
    assert_eq!(alarms[0].cause, failing, "the newest first");
    assert_eq!(alarms[1].cause, silent(60), "as it was raised");
    assert_eq!(alarms[1].source, samples.source.slug);
    assert_eq!((alarms[1].raised_at, alarms[1].cleared_at), (at(10), None));

    let change = catalog.set_alarms(id, &[], &[AlarmKind::Silent], at(30));
    assert_eq!(change.await.unwrap().cleared, [AlarmKind::Failing]);
    let change = catalog.set_alarms(id, &causes, &[], at(40)).await.unwrap();
    assert_eq!(change.raised, [failing], "it may come back");
    assert_eq!(catalog.alarms(true, 9).await.unwrap().len(), 2);
    let all = catalog.alarms(false, 9).await.unwrap();
    let cleared: Vec<_> = all.iter().map(|alarm| alarm.cleared_at).collect();
    assert_eq!(cleared, [None, Some(at(30)), None]);
    assert_eq!(catalog.alarms(false, 1).await.unwrap().len(), 1);

    let pause = SourceChange {
        state: Some(SourceState::Paused),
        ..SourceChange::default()
    };
    catalog.change_source(id, &pause).await.unwrap();
    assert_eq!(catalog.alarms(true, 9).await.unwrap(), []);
}

pub(super) async fn outcomes_are_told(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let names = ["waits", "slow", "none", "part", "whole"];
    let new = names.map(|name| listed(entry(name), EntryDelta::New));
    let poll = read(id, 10, new.to_vec());
    catalog.record_poll(&poll).await.unwrap();
    for pending in catalog.pending_entries(id, None, 9).await.unwrap() {
        let link = pending.entry.link.unwrap();
        let mut commit = match link.as_url().path() {
            "/waits" => continue,
            "/slow" | "/none" => failed(id, 11),
            path => first_commit(id, path, "text", 11),
        };
        match (&mut commit.decision, link.as_url().path()) {
            (Decision::Failed { failure, .. }, "/none") => {
                let reason = "empty".to_owned();
                *failure = Failure::NoArticle { reason };
            }
            (Decision::First { version, .. }, "/part") => version.partial = true,
            _ => {}
        }
        commit.entry = Some(pending.id);
        samples.commit(commit).await;
    }
    let outcomes = catalog.outcomes(id, 9).await.unwrap();
    let poor: Vec<_> = outcomes.iter().map(|outcome| outcome.poor).collect();
    assert_eq!(poor, [true, true, false], "the newest first");
    let sizes: Vec<_> = outcomes.iter().map(|outcome| outcome.size > 0).collect();
    assert_eq!(sizes, [false, true, true]);
    let surely: Vec<_> = outcomes.iter().map(|outcome| outcome.confidence).collect();
    assert_eq!(surely, [None, Some(97), Some(97)]);
    let nobody = SourceId(id.0 + 1);
    assert_eq!(catalog.outcomes(nobody, 9).await.unwrap(), []);
}

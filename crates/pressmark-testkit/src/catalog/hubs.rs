//! Cases on subscriptions at hubs.

use pressmark_archive::entry::PollResult;
use pressmark_archive::source::{SourceChange, SourceState};
use pressmark_archive::websub::{HubOffer, Subscription, SubscriptionState, Trouble};
use pressmark_model::SourceId;

use super::Pair;
use super::samples::{Samples, at, read};

const HOUR: i64 = 3600;

fn offer(hub: &str) -> HubOffer {
    HubOffer {
        hub: format!("https://{hub}/").parse().unwrap(),
        topic: "https://news.test/feed?a=b".parse().unwrap(),
    }
}

fn subscription(source: SourceId, token: &str) -> Subscription {
    Subscription {
        token: token.to_owned(),
        source,
        offer: offer("hub.test"),
        secret: "hush".to_owned(),
        state: SubscriptionState::Wanted,
        asked_at: Some(at(1)),
        lease_until: Some(at(100 * HOUR)),
        failures: 2,
        trouble: Some(Trouble::Denied {
            reason: Some("no\0".to_owned()),
        }),
        next_at: at(50),
        pushed_at: None,
        missed_at: None,
        answered_at: None,
        revision: 0,
    }
}

/// A poll at this second that found this hub.
async fn find(samples: &Samples, when: i64, hub: Option<HubOffer>) {
    let mut poll = read(samples.source.id, when, Vec::new());
    if let PollResult::Read(read) = &mut poll.result {
        read.hub = hub;
    }
    samples.catalog.record_poll(&poll).await.unwrap();
}

pub(super) async fn are_asked_for_sources_that_offer_them(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    assert_eq!(catalog.hub_work(at(9), 9).await.unwrap().offered, []);
    find(&samples, 10, Some(offer("hub.test"))).await;
    let work = catalog.hub_work(at(11), 9).await.unwrap();
    assert_eq!((work.offered.len(), work.due.len()), (1, 0));
    assert_eq!(work.offered[0].source, id);
    assert_eq!(work.offered[0].offer, offer("hub.test"));
    assert_eq!(work.offered[0].url, samples.source.url);

    let new = subscription(id, "a");
    catalog.add_subscription(&new).await.unwrap();
    let work = catalog.hub_work(at(11), 9).await.unwrap();
    assert_eq!((work.offered.len(), work.due.len()), (0, 0));
    assert_eq!((work.held.len(), work.held[0].source), (1, id));
    let status = samples.source_now().await.status;
    assert_eq!(status.hub, Some(offer("hub.test")));
    let stored = status.subscription.unwrap();
    assert_eq!(stored, new);
    let work = catalog.hub_work(at(50), 9).await.unwrap();
    assert_eq!(work.due.len(), 1);

    find(&samples, 60, Some(offer("other.test"))).await;
    let work = catalog.hub_work(at(61), 9).await.unwrap();
    assert_eq!(work.offered[0].offer, offer("other.test"));
    let leaving = &work.due[0];
    assert_eq!(leaving.state, SubscriptionState::Leaving);
    assert_eq!((leaving.next_at, leaving.failures), (at(61), 0));
    assert_eq!(samples.source_now().await.status.subscription, None);
    catalog.drop_subscription("a").await.unwrap();
    assert_eq!(catalog.subscription("a").await.unwrap(), None);

    let pause = SourceChange {
        state: Some(SourceState::Paused),
        ..SourceChange::default()
    };
    catalog.change_source(id, &pause).await.unwrap();
    assert_eq!(catalog.hub_work(at(70), 9).await.unwrap().offered, []);
}

pub(super) async fn are_left_when_that_is_wished(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    find(&samples, 10, Some(offer("hub.test"))).await;
    let new = subscription(id, "a");
    catalog.add_subscription(&new).await.unwrap();
    catalog.leave_hub(id, at(20)).await.unwrap();
    assert!(!pair.other.put_subscription(&new).await.unwrap());
    let work = catalog.hub_work(at(20), 9).await.unwrap();
    assert_eq!(work.held, []);
    assert_eq!(work.due[0].state, SubscriptionState::Leaving);
    assert_eq!((work.due[0].asked_at, work.due[0].next_at), (None, at(20)));
    let status = samples.source_now().await.status;
    assert_eq!((status.next_poll_at, status.subscription), (at(20), None));
    catalog.leave_hub(id, at(30)).await.unwrap();
    let left = catalog.subscription("a").await.unwrap().unwrap();
    assert_eq!(left.next_at, at(20), "once");
}

pub(super) async fn subscriptions_are_stored_if_nobody_was_faster(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let catalog = &samples.catalog;
    let new = subscription(samples.source.id, "a");
    catalog.add_subscription(&new).await.unwrap();
    catalog.note_push("a", at(5)).await.unwrap();
    let read = pair.other.subscription("a").await.unwrap().unwrap();
    let next = Subscription {
        state: SubscriptionState::Denied,
        asked_at: None,
        trouble: None,
        next_at: at(7),
        ..read.clone()
    };
    assert!(catalog.put_subscription(&next).await.unwrap());
    assert!(!pair.other.put_subscription(&read).await.unwrap());
    let stored = pair.other.subscription("a").await.unwrap().unwrap();
    let expected = Subscription {
        revision: 1,
        ..next
    };
    assert_eq!((stored.pushed_at, stored), (Some(at(5)), expected));
}

pub(super) async fn pushes_make_their_source_due(pair: Pair) {
    let samples = Samples::new(pair.one).await;
    let (catalog, id) = (&samples.catalog, samples.source.id);
    let due = async || samples.source_now().await.status.next_poll_at;
    let times = async || {
        let stored = catalog.subscription("a").await.unwrap().unwrap();
        (stored.pushed_at, stored.missed_at, stored.answered_at)
    };
    find(&samples, 10, Some(offer("hub.test"))).await;
    catalog
        .add_subscription(&subscription(id, "a"))
        .await
        .unwrap();
    catalog.note_push("b", at(100)).await.unwrap();
    assert_eq!(due().await, at(1810));
    catalog.note_push("a", at(30)).await.unwrap();
    assert_eq!(due().await, at(70), "a minute after the last poll");
    catalog.note_push("a", at(100)).await.unwrap();
    assert_eq!(due().await, at(70), "no later than it was");
    assert_eq!(times().await, (Some(at(100)), None, None));

    find(&samples, 200, Some(offer("hub.test"))).await;
    catalog.note_poll(id, at(100), at(200), true).await.unwrap();
    assert_eq!(due().await, at(2000), "nothing came meanwhile");
    assert_eq!(times().await, (Some(at(100)), None, Some(at(200))));
    catalog.note_poll(id, at(99), at(200), false).await.unwrap();
    assert_eq!(due().await, at(260), "a push came while it was polled");
    catalog
        .note_poll(id, at(9 * HOUR), at(9 * HOUR), true)
        .await
        .unwrap();
    assert_eq!(times().await.1, Some(at(9 * HOUR)), "not told");

    find(&samples, 10 * HOUR, Some(offer("hub.test"))).await;
    catalog.hasten_pushed(at(10 * HOUR + 1)).await.unwrap();
    assert_eq!(due().await, at(10 * HOUR + 1));
    find(&samples, 200 * HOUR, Some(offer("hub.test"))).await;
    catalog.hasten_pushed(at(200 * HOUR + 1)).await.unwrap();
    assert_eq!(due().await, at(200 * HOUR + 1800), "the lease is over");
}

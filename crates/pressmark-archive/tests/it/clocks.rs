//! A clock that is wrong.

use std::time::Duration;

use pressmark_archive::anchor::AnchorPlan;
use pressmark_model::{ArticleId, LeafIndex};
use pressmark_testkit::Page;

use crate::world::{HOUR, World, feed, story};

/// What the servers' clocks say, whatever the archive's does: 1 760 000 000.
const DATE: &str = "Thu, 09 Oct 2025 08:53:20 GMT";
const DAY: Duration = Duration::from_hours(24);

/// Publishes one more story at each of three sites.
fn publish(world: &World, titles: &[&str]) {
    for host in ["a.test", "b.test", "c.test"] {
        let site = world.net.site(host);
        site.page("/feed.xml", feed(host, titles).header("Date", DATE));
        for title in titles {
            let page = story(title, &format!("{title} of {host}"), 5);
            site.page(&format!("/{title}"), page.header("Date", DATE));
        }
    }
}

async fn clocks(world: &World) -> Vec<bool> {
    let mut doubtful = Vec::new();
    for version in world.versions().await {
        let catalog = world.archive.catalog();
        let view = catalog.article(version.article_id).await.unwrap().unwrap();
        let capture = catalog.capture(version.capture).await.unwrap().unwrap();
        let row = catalog.ledger(version.leaf, 1).await.unwrap().remove(0);
        let record = String::from_utf8(row.record.unwrap()).unwrap();
        let is_doubtful = view.versions[0].clock_doubtful;
        assert_eq!(capture.capture.clock_doubtful, is_doubtful);
        assert_eq!(
            record.contains("\"clock\":\"doubtful\""),
            is_doubtful,
            "{record}"
        );
        doubtful.push(is_doubtful);
    }
    doubtful
}

#[tokio::test]
async fn a_wrong_clock_marks_captures_and_pauses_anchoring() {
    let world = World::new().await;
    for host in ["a.test", "b.test", "c.test"] {
        world.watch(host).await;
    }
    let tsa = world.net.site("tsa.test");
    tsa.page("/", Page::status(503));
    let plan = AnchorPlan {
        tsas: vec!["https://tsa.test/".parse().unwrap()],
        interval: HOUR,
    };
    publish(&world, &["one"]);
    world.poll().await;
    let first = world.archive.seal().await.unwrap().log.head.unwrap();
    assert_eq!(clocks(&world).await, [false; 3]);

    world.clock.advance(DAY * 365 * 5);
    publish(&world, &["one", "two"]);
    assert_eq!(world.poll().await.articles, 3, "archiving goes on");
    assert_eq!(clocks(&world).await, [&[false; 3][..], &[true; 3]].concat());
    let ahead = world.archive.seal().await.unwrap().log.head.unwrap();
    assert!(ahead.sealed_at > first.sealed_at);
    let round = world.archive.anchor(&plan, true).await.unwrap();
    assert_eq!(
        (round.failed.len(), world.net.requests_to("tsa.test").len()),
        (0, 0)
    );

    world.clock.set(first.sealed_at);
    publish(&world, &["one", "two", "three"]);
    world.poll().await;
    assert_eq!(
        clocks(&world).await.last(),
        Some(&false),
        "it was set right"
    );
    let after = world.archive.seal().await.unwrap().log.head.unwrap();
    assert_eq!(
        after.sealed_at, ahead.sealed_at,
        "the log's time does not go back"
    );
    let round = world.archive.anchor(&plan, true).await.unwrap();
    assert_eq!(round.failed.len(), 1);
    let view = world.archive.catalog().article(ArticleId(1)).await.unwrap();
    assert!(view.is_some());
    let leaves = world
        .archive
        .catalog()
        .ledger(LeafIndex(0), 99)
        .await
        .unwrap();
    assert_eq!(leaves.len(), 9);
    world.assert_sound().await;
}

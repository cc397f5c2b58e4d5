//! One request at a time and a gap per host.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pressmark_archive::ports::fetch::{Fetch as _, FetchFailure, Purpose};
use pressmark_testkit::Page;
use tokio::task::JoinSet;

use crate::support::{GAP, failed, page, request, world};

#[tokio::test]
async fn a_host_is_asked_one_by_one_over_all_schemes_and_purposes() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/", Page::html("x").delay(Duration::from_millis(10)));
    world.net.site("b.test").page("/", Page::html("x"));
    let mut tasks = JoinSet::new();
    for n in 0..12 {
        let (scheme, host) = (["http", "https"][n % 2], ["a.test", "b.test"][n % 3 / 2]);
        let purpose = [
            Purpose::Feed,
            Purpose::Article,
            Purpose::Revisit,
            Purpose::Listing,
        ][n % 4];
        let fetcher = Arc::clone(&world.fetcher);
        let request = request(&format!("{scheme}://{host}/?{n}"), purpose);
        tasks.spawn(async move { page(fetcher.fetch(request).await) });
    }
    assert_eq!(tasks.join_all().await.len(), 12);
    for host in ["a.test", "b.test"] {
        assert_eq!(world.net.most_at_once(host), 1, "{host}");
        let gaps = world.net.gaps(host);
        assert!(
            gaps.len() >= 3 && gaps.iter().all(|gap| *gap >= GAP),
            "{host} {gaps:?}"
        );
    }
}

#[tokio::test]
async fn a_source_may_have_a_gap_of_its_own() {
    let world = world().await;
    world.net.site("a.test").page("/", Page::html("x"));
    world.page("http://a.test/").await;
    let mut slow = request("http://a.test/", Purpose::Feed);
    slow.policy.per_host_gap = Some(Duration::from_millis(300));
    page(world.fetcher.fetch(slow).await);
    let mut fast = request("http://a.test/", Purpose::Feed);
    fast.policy.per_host_gap = Some(Duration::ZERO);
    page(world.fetcher.fetch(fast).await);
    let gaps = world.net.gaps("a.test");
    assert!(
        gaps[0] >= Duration::from_millis(300) && gaps[1] < GAP,
        "{gaps:?}"
    );
}

#[tokio::test]
async fn a_slow_host_holds_up_nobody_else_and_a_dropped_fetch_not_even_its_own() {
    let world = world().await;
    world
        .net
        .site("slow.test")
        .page("/", Page::html("x").stall())
        .page("/fast", Page::html("x"));
    world.net.site("fast.test").page("/", Page::html("x"));
    let slow = tokio::spawn({
        let fetcher = Arc::clone(&world.fetcher);
        async move {
            fetcher
                .fetch(request("http://slow.test/", Purpose::Feed))
                .await
        }
    });
    let begun = Instant::now();
    world
        .until(|net| !net.requests_to("slow.test").is_empty())
        .await;
    world.page("http://fast.test/").await;
    slow.abort();
    assert!(slow.await.is_err());
    world.page("http://slow.test/fast").await;
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_host_that_is_not_there_is_said_so() {
    let world = world().await;
    world.net.site("down.test").down();
    let failure = world.failure("http://nowhere.test/").await;
    assert_eq!(
        failure,
        FetchFailure::Dns {
            host: "nowhere.test".to_owned()
        }
    );
    let failure = failed(world.article("http://down.test/").await).failure;
    let FetchFailure::RobotsUnreachable { detail } = failure else {
        panic!("{failure}")
    };
    assert!(detail.contains("connection refused"), "{detail}");
    let failure = world.failure("http://down.test/").await;
    assert!(matches!(failure, FetchFailure::Connect { .. }), "{failure}");
}

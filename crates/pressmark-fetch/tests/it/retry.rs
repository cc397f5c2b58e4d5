//! `Retry-After`: waited out within the patience, given back beyond it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pressmark_archive::ports::fetch::{Fetch as _, FetchFailure, Purpose};
use pressmark_testkit::Page;

use crate::support::{failed, page, request, world};

fn busy(status: u16, retry_after: &str) -> Page {
    Page::status(status).header("Retry-After", retry_after)
}

#[tokio::test]
async fn a_pause_within_the_patience_is_waited_out_by_the_whole_host() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/", busy(503, "1"))
        .visit("/", 3, Page::html("here"))
        .page("/other", Page::html("x"));
    let begun = Instant::now();
    let mut patient = request("http://a.test/", Purpose::Feed);
    patient.patience = Duration::from_mins(1);
    let fetch = tokio::spawn({
        let fetcher = Arc::clone(&world.fetcher);
        async move { page(fetcher.fetch(patient).await) }
    });
    world
        .until(|net| net.requests().iter().any(|request| request.ended.is_some()))
        .await;
    let mut other = request("http://a.test/other", Purpose::Feed);
    other.patience = Duration::from_mins(1);
    page(world.fetcher.fetch(other).await);
    let page = fetch.await.unwrap();
    assert_eq!(page.body, "here");
    assert_eq!(page.exchanges.len(), 3);
    assert!(begun.elapsed() >= Duration::from_secs(2));
    let gaps = world.net.gaps("a.test");
    let pauses = gaps
        .iter()
        .filter(|gap| **gap >= Duration::from_secs(1))
        .count();
    assert_eq!(pauses, 2, "{gaps:?}");
}

#[tokio::test]
async fn a_longer_pause_is_given_back_and_kept() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/", busy(429, "120"))
        .visit("/", 2, Page::html("here"));
    world
        .net
        .site("date.test")
        .page("/", busy(503, "Fri, 15 Jan 2027 08:01:30 GMT"));
    let mut hasty = request("http://a.test/", Purpose::Feed);
    hasty.patience = Duration::from_mins(1);
    let first = failed(world.fetcher.fetch(hasty.clone()).await);
    assert_eq!(
        first.failure,
        FetchFailure::Status {
            status: 429,
            retry_after: Some(120)
        }
    );
    let dated = world.failure("http://date.test/").await;
    assert_eq!(
        dated,
        FetchFailure::Status {
            status: 503,
            retry_after: Some(90)
        }
    );

    // Nobody asks before the time has passed.
    let second = failed(world.fetcher.fetch(hasty.clone()).await);
    assert!(matches!(
        second.failure,
        FetchFailure::HostPaused {
            status: 429,
            seconds: 1..=120
        }
    ));
    assert_eq!(world.net.requests_to("a.test").len(), 1);
    world.clock.advance(Duration::from_mins(2));
    assert_eq!(page(world.fetcher.fetch(hasty).await).body, "here");
}

#[tokio::test]
async fn one_page_that_is_out_of_service_for_hours_does_not_keep_the_others_waiting() {
    let world = world().await;
    let site = world.net.site("a.test");
    site.page("/out", busy(503, "7200"))
        .page("/in", Page::html("here"));
    let out = world.failure("http://a.test/out").await;
    assert_eq!(out.retry_after(), Some(Duration::from_hours(2)));
    let soon = world.failure("http://a.test/in").await;
    assert!(matches!(
        soon,
        FetchFailure::HostPaused {
            status: 503,
            seconds: 1..=60
        }
    ));
    world.clock.advance(Duration::from_mins(1));
    let got = world
        .fetcher
        .fetch(request("http://a.test/in", Purpose::Article))
        .await;
    assert_eq!(page(got).body, "here");
}

#[tokio::test]
async fn the_pauses_add_up_to_no_more_than_the_patience() {
    let world = world().await;
    world.net.site("a.test").page("/", busy(503, "1"));
    let mut patient = request("http://a.test/", Purpose::Feed);
    patient.patience = Duration::from_millis(2_500);
    let failed = failed(world.fetcher.fetch(patient).await);
    assert_eq!(
        failed.failure,
        FetchFailure::Status {
            status: 503,
            retry_after: Some(1)
        }
    );
    assert_eq!(failed.exchanges.len(), 3);
    assert_eq!(world.net.requests().len(), 3);
}

#[tokio::test]
async fn without_a_pause_nothing_is_tried_again() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/503", Page::status(503))
        .page("/500", busy(500, "1"))
        .page("/odd", busy(503, "soon"));
    for path in ["/503", "/500", "/odd"] {
        let mut patient = request(&format!("http://a.test{path}"), Purpose::Feed);
        patient.patience = Duration::from_mins(1);
        let failed = failed(world.fetcher.fetch(patient).await);
        assert!(matches!(
            failed.failure,
            FetchFailure::Status {
                status: 500 | 503,
                ..
            }
        ));
    }
    assert_eq!(world.net.requests().len(), 3);
}

#[tokio::test]
async fn a_pause_of_nothing_is_a_second() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/", busy(503, "0"))
        .visit("/", 2, Page::html("here"));
    let mut patient = request("http://a.test/", Purpose::Feed);
    patient.patience = Duration::from_mins(1);
    assert_eq!(page(world.fetcher.fetch(patient).await).body, "here");
    let gaps = world.net.gaps("a.test");
    assert!(gaps[0] >= Duration::from_secs(1), "{gaps:?}");
}

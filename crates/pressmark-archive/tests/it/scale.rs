//! Many sources: each asked once and politely, and none kept waiting by hosts that hang.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pressmark_archive::events::Event;
use tokio::sync::Notify;

use crate::world::{HOUR, World, feed};

/// Watches until so many sources were read.
async fn watch_until(world: &World, sources: usize) {
    let (read, all_read) = (AtomicUsize::new(0), Arc::new(Notify::new()));
    let done = Arc::clone(&all_read);
    let observer = Arc::new(move |event: Event| {
        if let Event::Finished { failure: None, .. } = event
            && read.fetch_add(1, Ordering::Relaxed) + 1 == sources
        {
            done.notify_one();
        }
    });
    tokio::select! {
        error = world.archive.watch(observer, Arc::new(Notify::new())) => panic!("{error}"),
        () = all_read.notified() => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_never_answer_take_no_place_from_the_others() {
    let world = World::new().await;
    // More than are asked at a time, and before all others.
    for n in 0..80 {
        let host = format!("tarpit{n}.test");
        let never = feed(&host, &[]).delay(Duration::from_hours(1));
        world.net.site(&host).page("/feed.xml", never);
        world.watch(&host).await;
    }
    world.clock.advance(HOUR);
    for n in 0..40 {
        let host = format!("quick{n}.test");
        world.net.site(&host).page("/feed.xml", feed(&host, &[]));
        world.watch(&host).await;
    }
    let quick = watch_until(&world, 40);
    let in_time = tokio::time::timeout(Duration::from_secs(15), quick).await;
    assert!(in_time.is_ok(), "an answer is waited for longer than this");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_unchanged_sources_are_asked_once_each_and_a_host_one_at_a_time() {
    let world = World::new().await;
    let hosts = ["a.test", "b.test", "c.test"];
    for n in 0..60 {
        let host = hosts[n % hosts.len()];
        let path = format!("/{n}.xml");
        let page = feed(host, &[]).etag("\"1\"");
        world.net.site(host).page(&path, page);
        world.watch_at(host, &path).await;
    }
    watch_until(&world, 60).await;
    world.net.forget_requests();
    world.clock.advance(24 * HOUR);
    watch_until(&world, 60).await;

    let requests = world.net.requests();
    assert_eq!(requests.len(), 60, "each once");
    let conditional = |header: Option<&str>| header == Some("\"1\"");
    assert!(
        requests
            .iter()
            .all(|request| conditional(request.header("if-none-match")))
    );
    for host in hosts {
        assert_eq!(world.net.most_at_once(host), 1, "{host}");
    }
    // All were given back, and are due again later.
    for source in world.archive.catalog().sources().await.unwrap() {
        let status = &source.status;
        assert_eq!((status.failures, &status.failure), (0, &None));
        assert!(status.next_poll_at > status.polled_at.unwrap());
    }
}

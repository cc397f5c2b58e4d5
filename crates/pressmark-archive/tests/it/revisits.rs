//! When archived pages are looked at again.

use std::time::Duration;

use crate::world::{HOUR, World, feed, story};

#[tokio::test]
async fn a_page_is_looked_at_again_by_its_age_and_conditionally() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]).etag("\"f\""));
    site.page("/one", story("one", "ferries", 8).etag("\"1\""));
    world.watch("news.test").await;
    world.poll().await;

    let mut visits = Vec::new();
    let step = Duration::from_mins(10);
    for n in 1..=12_u64 {
        world.net.forget_requests();
        world.clock.advance(step);
        world.poll().await;
        let asked = world.net.requests_to("news.test");
        if let Some(visit) = asked.iter().find(|request| request.path == "/one") {
            assert_eq!(visit.header("if-none-match"), Some("\"1\""));
            visits.push(n * 10);
        }
    }
    assert_eq!(
        visits,
        [30, 60],
        "twice in the first hour, then every three"
    );
    world.net.forget_requests();
    world.clock.advance(4 * HOUR);
    site.page("/one", story("one", "trams", 8).etag("\"2\""));
    assert_eq!(world.poll().await.versions, 1, "an edit that no feed told");
    world.assert_sound().await;
}

#[tokio::test]
async fn an_article_that_left_the_feed_is_looked_at_too_and_one_of_two_sources_only_once() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "ferries", 8));
    world.watch("news.test").await;
    world.poll().await;
    let other = world.net.site("other.test");
    other.page("/feed.xml", feed("news.test", &["one"]));
    world.watch("other.test").await;
    world.poll().await;
    site.page("/feed.xml", feed("news.test", &[]));
    other.page("/feed.xml", feed("news.test", &[]));
    world.net.forget_requests();
    world.clock.advance(HOUR);
    world.poll().await;
    let asked = world.net.paths("news.test");
    let visits = asked.iter().filter(|path| *path == "/one").count();
    assert_eq!(visits, 1, "{asked:?}");
    world.assert_sound().await;
}

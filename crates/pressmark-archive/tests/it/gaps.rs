//! A document that rolls over faster than it is polled.

use std::time::Duration;

use pressmark_archive::events::Event;
use pressmark_archive::setting;
use pressmark_archive::source::{Source, SourceChange, SourceSettings};
use pressmark_model::Clock as _;
use pressmark_testkit::Page;

use crate::world::{HOUR, World, feed, story};

const MINUTE: Duration = Duration::from_mins(1);

/// A page of a feed with these entries, and what it names as the next one.
fn page(titles: &[&str], relation: &str, older: &str) -> Page {
    page_by(titles, "", relation, older)
}

/// The same with guids that begin so.
fn page_by(titles: &[&str], guids: &str, relation: &str, older: &str) -> Page {
    let items: Vec<String> = titles
        .iter()
        .map(|title| {
            format!(
                "<item><title>{title}</title><guid>{guids}{title}</guid>\
                 <link>https://fast.test/{title}</link></item>"
            )
        })
        .collect();
    Page::xml(format!(
        "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>Fast</title>\
         <a:link rel='{relation}' href='{older}'/>{}</channel></rss>",
        items.concat()
    ))
}

/// Watches a feed after its stories were made.
async fn watch(world: &World) -> Source {
    let site = world.net.site("fast.test");
    for title in ["a", "b", "c", "u", "v", "w", "x", "y", "z"] {
        site.page(&format!("/{title}"), story(title, title, 5));
    }
    world.watch("fast.test").await
}

fn gaps(world: &World) -> usize {
    let events = world.events.lock().unwrap();
    let is_gap = |event: &&Event| matches!(event, Event::Gap { .. });
    events.iter().filter(is_gap).count()
}

async fn set(world: &World, source: &Source, key: &str, value: &str) {
    let mut settings = SourceSettings::default();
    setting::assign(&mut settings, key, value).unwrap();
    let change = SourceChange {
        settings: Some(settings),
        ..SourceChange::default()
    };
    let catalog = world.archive.catalog();
    catalog.change_source(source.id, &change).await.unwrap();
}

/// How long until the source is polled, and what is told of its document.
async fn next(world: &World) -> (Duration, String) {
    let status = world.source("fast.test").await.status;
    let told = status.issues.iter().map(|issue| issue.message.clone());
    let wait = status.next_poll_at.since(world.clock.now());
    (wait, told.collect())
}

#[tokio::test]
async fn older_pages_of_a_feed_close_a_gap() {
    for relation in ["next", "prev-archive"] {
        let world = World::new().await;
        let site = world.net.site("fast.test");
        watch(&world).await;
        site.page("/feed.xml", page(&["c", "b"], relation, "/page-2.xml"));
        assert_eq!(world.poll().await.articles, 2);
        let paths = world.net.paths("fast.test");
        assert!(!paths.contains(&"/page-2.xml".to_owned()), "{paths:?}");

        site.page("/feed.xml", page(&["z", "y"], relation, "/page-2.xml"));
        site.page(
            "/page-2.xml",
            page(&["y", "x", "w"], relation, "/page-3.xml"),
        );
        site.page(
            "/page-3.xml",
            page(&["v", "c", "a"], relation, "/page-4.xml"),
        );
        world.clock.advance(HOUR);
        assert_eq!(world.poll().await.articles, 5, "z to v; a is older than c");
        assert_eq!(gaps(&world), 0);
        let (_, told) = next(&world).await;
        assert_eq!(told, "");
        let within = world.source("fast.test").await.status.rhythm.within_minutes;
        assert_eq!(within, None);
        world.assert_sound().await;
    }
}

#[tokio::test]
async fn pages_without_an_end_and_of_other_sites_are_not_followed() {
    let world = World::new().await;
    let site = world.net.site("fast.test");
    watch(&world).await;
    site.page("/feed.xml", page(&["c", "b"], "next", ""));
    world.poll().await;
    for n in 1..40 {
        let next = format!("/more-{}.xml", n + 1);
        site.page(&format!("/more-{n}.xml"), page(&["y"], "next", &next));
    }
    site.page("/feed.xml", page(&["z", "y"], "next", "/more-1.xml"));
    world.net.forget_requests();
    world.poll().await;
    let paths = world.net.paths("fast.test");
    let more = paths.iter().filter(|path| path.starts_with("/more"));
    assert_eq!((more.count(), gaps(&world)), (20, 1));

    let other = world.net.site("other.test");
    other.page("/old.xml", page(&["v", "c"], "next", ""));
    site.page(
        "/feed.xml",
        page(&["x", "w"], "next", "https://other.test/old.xml"),
    );
    world.poll().await;
    assert_eq!(
        (world.net.requests_to("other.test").len(), gaps(&world)),
        (0, 2)
    );
}

#[tokio::test]
async fn other_guids_for_what_is_known_are_no_gap() {
    let world = World::new().await;
    let site = world.net.site("fast.test");
    watch(&world).await;
    site.page("/feed.xml", page(&["c", "b"], "next", "/page-2.xml"));
    world.poll().await;
    let moved = page_by(&["c", "b"], "moved-", "next", "/page-2.xml");
    site.page("/feed.xml", moved);
    assert_eq!(world.poll().await.articles, 0);
    let paths = world.net.paths("fast.test");
    assert!(!paths.contains(&"/page-2.xml".to_owned()), "{paths:?}");
    assert_eq!(gaps(&world), 0);
}

#[tokio::test]
async fn another_address_of_the_source_closes_a_gap() {
    let world = World::new().await;
    let site = world.net.site("fast.test");
    let source = watch(&world).await;
    set(&world, &source, "also", "sitemap https://fast.test/map.xml").await;
    let map = |names: &[&str]| {
        let url = |name| {
            format!(
                "<url><loc>https://fast.test/{name}</loc><n:news><n:title>{name}</n:title></n:news></url>"
            )
        };
        let urls: Vec<String> = names.iter().map(url).collect();
        Page::xml(format!(
            "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{}</urlset>",
            urls.concat()
        ))
    };
    site.page("/feed.xml", feed("fast.test", &["c", "b"]));
    site.page("/map.xml", map(&["c", "b", "a"]));
    assert_eq!(world.poll().await.articles, 3);
    site.page("/feed.xml", feed("fast.test", &["z", "y"]));
    site.page("/map.xml", map(&["z", "y", "x", "w", "c"]));
    assert_eq!(world.poll().await.articles, 4);
    assert_eq!(gaps(&world), 0);

    // One that lists other things says nothing of what was missed.
    site.page("/feed.xml", feed("fast.test", &["v", "u"]));
    site.page("/map.xml", map(&["x", "w", "c"]));
    assert_eq!(world.poll().await.articles, 2);
    assert_eq!(gaps(&world), 1);
}

#[tokio::test]
async fn a_feed_that_rolls_over_is_polled_more_often() {
    let world = World::new().await;
    let site = world.net.site("fast.test");
    let source = watch(&world).await;
    site.page("/feed.xml", feed("fast.test", &["a", "b"]))
        .visit("/feed.xml", 2, feed("fast.test", &["b", "c"]))
        .visit("/feed.xml", 3, feed("fast.test", &["x", "y"]))
        .visit("/feed.xml", 4, feed("fast.test", &["v", "w"]))
        .visit("/feed.xml", 5, feed("fast.test", &["v", "w", "x"]))
        .visit("/feed.xml", 6, feed("fast.test", &["z", "u"]));
    world.poll().await;
    world.clock.advance(HOUR);
    world.poll().await;
    assert_eq!(gaps(&world), 0);
    world.clock.advance(24 * MINUTE);
    world.poll().await;
    assert_eq!(gaps(&world), 1);
    let (wait, told) = next(&world).await;
    assert!(wait <= 14 * MINUTE, "{wait:?}");
    assert!(told.contains("every 12m at least"), "{told}");
    world.clock.advance(wait);
    world.poll().await;
    assert_eq!(gaps(&world), 2);
    let (closer, told) = next(&world).await;
    assert!(
        closer <= 6 * MINUTE && told.contains("every 5m at least"),
        "{told}"
    );
    world.clock.advance(closer);
    world.poll().await;
    let (_, told) = next(&world).await;
    let within = world.source("fast.test").await.status.rhythm.within_minutes;
    assert_eq!(
        (told.as_str(), within),
        ("", Some(6)),
        "it may be longer again"
    );

    set(&world, &source, "interval", "2h").await;
    world.clock.advance(2 * HOUR);
    world.poll().await;
    let (wait, told) = next(&world).await;
    assert!(wait >= 2 * HOUR && told.contains("`interval`"), "{told}");
}

//! What is fetched, how often, and what becomes of it.

use pressmark_archive::events::Event;
use pressmark_archive::source::{SourceChange, SourceSettings, SourceState};
use pressmark_testkit::Page;

use crate::world::{World, feed, story};

#[tokio::test]
async fn a_second_poll_asks_for_no_article_again() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page(
        "/feed.xml",
        feed("news.test", &["one", "two", "three"]).etag("\"f1\""),
    );
    for title in ["one", "two", "three"] {
        site.page(&format!("/{title}"), story(title, title, 5));
    }
    world.watch("news.test").await;

    let first = world.poll().await;
    assert_eq!(
        (first.articles, first.failed_entries, first.sources),
        (3, 0, 1)
    );
    world.net.forget_requests();
    let second = world.poll().await;
    assert_eq!((second.articles, second.versions), (0, 0));
    assert_eq!(world.net.paths("news.test"), ["/feed.xml"]);
    assert_eq!(
        world.net.requests()[0].header("if-none-match"),
        Some("\"f1\"")
    );

    let versions = world.versions().await;
    assert_eq!(versions.len(), 3);
    for (n, version) in versions.iter().enumerate() {
        assert_eq!(version.leaf.0, i64::try_from(n).unwrap());
        assert!(version.article.text.contains("says that the council met"));
        assert!(!version.article.text.contains("All rights reserved"));
    }
    world.assert_sound().await;
}

#[tokio::test]
async fn a_page_that_fails_is_tried_again_and_told() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "picture", "cut"]));
    site.page("/one", Page::status(503))
        .visit("/one", 2, story("one", "one", 5));
    site.page(
        "/picture",
        Page::bytes("image/png", vec![0x89, b'P', b'N', b'G', 0]),
    );
    site.page("/cut", story("cut", "cut", 5).close_after(900));
    site.visit("/cut", 2, story("cut", "cut", 5));
    world.watch("news.test").await;

    let first = world.poll().await;
    assert_eq!((first.articles, first.failed_entries), (0, 3));
    let failures: Vec<&str> = world
        .events
        .lock()
        .unwrap()
        .iter()
        .filter_map(|event| match event {
            Event::EntryFailed { failure, .. } => Some(failure.kind()),
            _ => None,
        })
        .collect();
    for kind in ["status", "not-a-page", "cut"] {
        assert!(failures.contains(&kind), "{failures:?}");
    }
    let second = world.poll().await;
    assert_eq!(
        (second.articles, second.failed_entries),
        (2, 0),
        "the picture is not asked again"
    );
    let status = world.source("news.test").await.status;
    assert_eq!((status.articles, status.pending, status.failed), (2, 0, 1));
    world.assert_sound().await;
}

#[tokio::test]
async fn a_move_for_good_is_believed_after_three_answers() {
    let world = World::new().await;
    world
        .net
        .site("new.test")
        .page("/rss", feed("new.test", &[]));
    world
        .net
        .site("old.test")
        .page("/feed.xml", Page::redirect(301, "https://new.test/rss"));
    world.watch("old.test").await;
    for _ in 0..2 {
        world.poll().await;
        assert_eq!(
            world.source("old.test").await.url.as_str(),
            "https://old.test/feed.xml"
        );
    }
    world.poll().await;
    assert_eq!(
        world.source("old.test").await.url.as_str(),
        "https://new.test/rss"
    );
}

#[tokio::test]
async fn a_source_that_is_gone_is_not_asked_again() {
    let world = World::new().await;
    world
        .net
        .site("gone.test")
        .page("/feed.xml", Page::status(410));
    world.watch("gone.test").await;
    let summary = world.poll().await;
    assert_eq!(summary.failed_sources, 1);
    let source = world.source("gone.test").await;
    assert_eq!(source.state, SourceState::Gone);
    assert!(
        source
            .status
            .failure
            .unwrap()
            .hint()
            .contains("gone for good")
    );
    world.net.forget_requests();
    world.poll().await;
    assert_eq!(world.net.requests().len(), 0);
}

#[tokio::test]
async fn a_page_that_is_no_feed_is_a_failure_with_a_hint() {
    let world = World::new().await;
    world
        .net
        .site("home.test")
        .page("/feed.xml", story("No feed", "feeds", 4));
    world.watch("home.test").await;
    assert_eq!(world.poll().await.failed_sources, 1);
    let failure = world.source("home.test").await.status.failure.unwrap();
    assert_eq!(failure.kind(), "not-a-feed");
}

#[tokio::test]
async fn entries_that_lead_to_one_page_are_not_taken_for_one_article() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    // Each link redirects to the same address, which shows another text each time.
    site.page("/one", Page::redirect(302, "https://news.test/reader"));
    site.page("/two", Page::redirect(302, "https://news.test/reader"));
    site.page("/reader", story("First", "ferries", 6));
    site.visit("/reader", 2, story("Second", "museums", 6));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 2);
    world.assert_sound().await;
}

#[tokio::test]
async fn two_sections_of_an_outlet_share_the_article() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    let shared = "https://news.test/one";
    let item = pressmark_testkit::Item {
        title: "one",
        link: shared,
        ..Default::default()
    };
    site.page("/feed.xml", Page::rss("A", "https://news.test/", &[item]));
    world
        .net
        .site("www.news.test")
        .page("/feed.xml", Page::rss("B", "https://news.test/", &[item]));
    site.page("/one", story("one", "one", 5));
    world.watch("news.test").await;
    world.watch("www.news.test").await;
    world.poll().await;
    assert_eq!(world.versions().await.len(), 1);
    let view = world
        .archive
        .catalog()
        .article(pressmark_model::ArticleId(1))
        .await
        .unwrap();
    assert_eq!(view.unwrap().entries.len(), 2);
    world.assert_sound().await;
}

#[tokio::test]
async fn episodes_that_all_link_to_one_page_keep_their_own_texts() {
    let world = World::new().await;
    let site = world.net.site("show.test");
    let item = |n: u32, word: &str| {
        let text =
            format!("<p>In episode {n} we talk about {word}, and about {word} only.</p>").repeat(6);
        format!(
            "<item><guid>{n}</guid><title>Episode {n}: {word}</title><link>https://show.test/</link>\
             <content:encoded><![CDATA[{text}]]></content:encoded></item>"
        )
    };
    let items = [
        item(1, "ferries"),
        item(2, "museums"),
        item(3, "lighthouses"),
    ]
    .concat();
    site.page(
        "/feed.xml",
        Page::xml(format!(
            "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
             <title>Show</title><link>https://show.test/</link>{items}</channel></rss>"
        )),
    );
    site.page(
        "/",
        Page::html("<html><body><h1>The show</h1><p>Listen to us.</p></body></html>"),
    );
    world.watch("show.test").await;
    assert_eq!(world.poll().await.articles, 3);
    let versions = world.versions().await;
    for word in ["ferries", "museums", "lighthouses"] {
        assert!(
            versions
                .iter()
                .any(|version| version.article.text.contains(word)),
            "{word}"
        );
    }
    world.assert_sound().await;
}

#[tokio::test]
async fn a_page_that_was_added_while_it_was_down_is_watched_by_the_feed_that_it_names() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page(
        "/feed.xml",
        Page::html(
            "<html><head><link rel=alternate type=\"application/rss+xml\" href=\"/real.xml\"></head>\
             <body><p>The front page.</p></body></html>",
        ),
    );
    site.page("/real.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "one", 5));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 1);
    assert_eq!(
        world.source("news.test").await.url.as_str(),
        "https://news.test/real.xml"
    );
}

/// Gives a source a cookie, as `set` does.
async fn log_in(world: &World, slug: &str) {
    let source = world.source(slug).await;
    let settings = SourceSettings {
        cookie: Some("session=1".to_owned()),
        ..source.settings
    };
    let change = SourceChange {
        settings: Some(settings),
        ..SourceChange::default()
    };
    world
        .archive
        .catalog()
        .change_source(source.id, &change)
        .await
        .unwrap();
}

#[tokio::test]
async fn credentials_stay_with_the_site_they_are_for() {
    let world = World::new().await;
    let site = world.net.site("paid.test");
    let other = world.net.site("other.test");
    site.page("/feed.xml", feed("other.test", &["one"]));
    other.page("/one", story("one", "one", 5));
    world.watch("paid.test").await;
    log_in(&world, "paid.test").await;
    assert_eq!(world.poll().await.articles, 1);
    site.page(
        "/feed.xml",
        Page::redirect(301, "https://other.test/feed.xml"),
    );
    other.page("/feed.xml", feed("other.test", &["one"]));
    for _ in 0..5 {
        world.poll().await;
    }
    assert_eq!(world.source("paid.test").await.url.host(), "paid.test");
    assert!(
        world.net.requests_to("paid.test")[0]
            .header("cookie")
            .is_some()
    );
    assert!(
        world
            .net
            .requests_to("other.test")
            .iter()
            .all(|asked| asked.header("cookie").is_none())
    );
}

#[tokio::test]
async fn what_is_read_with_a_cookie_is_no_version_of_the_public_article() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "ferries", 5));
    world.watch("news.test").await;
    world.poll().await;
    log_in(&world, "news.test").await;
    site.page("/one", story("one", "ferries for subscribers", 9));
    world.revisit().await;
    let versions = world.versions().await;
    assert_eq!(versions.len(), 2);
    assert_ne!(versions[0].article_id, versions[1].article_id);
    world.assert_sound().await;
}

#[tokio::test]
async fn an_entry_without_a_link_is_an_article_of_its_own() {
    let world = World::new().await;
    let entry = |n: u32, text: &str| {
        format!(
            "<item><guid isPermaLink=\"false\">{n}</guid><title>Note {n}</title><description>{text}</description></item>"
        )
    };
    let feed = |items: String| {
        Page::xml(format!(
            "<rss version=\"2.0\"><channel><title>Notes</title>{items}</channel></rss>"
        ))
    };
    let site = world.net.site("notes.test");
    let long = "The ferry to the islands sails at ten from now on, and at eleven on Sundays.";
    site.page(
        "/feed.xml",
        feed([entry(1, long), entry(2, "A second note, about the market.")].concat()),
    );
    world.watch("notes.test").await;
    assert_eq!(world.poll().await.articles, 2);
    site.page("/feed.xml", feed(entry(1, &long.replace("ten", "nine"))));
    assert_eq!(world.poll().await.versions, 1);
    assert_eq!(world.net.paths("notes.test"), ["/feed.xml", "/feed.xml"]);
    world.assert_sound().await;
}

#[tokio::test]
async fn an_entry_that_keeps_its_host_waiting_does_not_keep_the_others_from_their_turn() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    // The last in the document is the oldest, and comes first.
    site.page("/two", Page::status(503).header("Retry-After", "7200"));
    site.page("/one", story("one", "one", 5));
    world.watch("news.test").await;
    world.poll().await;
    world.clock.advance(std::time::Duration::from_mins(2));
    world.poll().await;
    assert_eq!(world.versions().await.len(), 1);
}

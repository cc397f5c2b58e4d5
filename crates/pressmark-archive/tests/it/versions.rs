//! What is an edit, what is doubted, and what is a return.

use std::fmt::Write as _;

use pressmark_archive::capture::{CaptureRecord, RecordKind};
use pressmark_archive::version::VersionKind;
use pressmark_model::CaptureId;
use pressmark_testkit::{Item, Page};

use crate::world::{HOUR, World, feed, story};

async fn world_with_one_article() -> World {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "ferries", 8));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 1);
    world
}

fn show(world: &World, page: Page) {
    world.net.site("news.test").page("/one", page);
}

async fn kinds(world: &World) -> Vec<VersionKind> {
    world
        .versions()
        .await
        .iter()
        .map(|version| version.kind)
        .collect()
}

#[tokio::test]
async fn a_changed_text_is_an_edit_and_changed_markup_is_none() {
    let world = world_with_one_article().await;
    show(&world, story("one", "ferries", 8).header("X-Rotating", "1"));
    let summary = world.revisit().await;
    assert_eq!((summary.versions, summary.unchanged), (0, 1));
    show(&world, story("one", "trams", 8));
    assert_eq!(world.revisit().await.versions, 1);
    assert_eq!(kinds(&world).await, [VersionKind::First, VersionKind::Edit]);
    world.assert_sound().await;
}

#[tokio::test]
async fn a_changed_entry_brings_another_visit() {
    let world = world_with_one_article().await;
    let site = world.net.site("news.test");
    show(&world, story("one", "trams", 8));
    assert_eq!(
        world.poll().await.versions,
        0,
        "the feed says nothing of it"
    );
    let item = Item {
        title: "one, corrected",
        link: "https://news.test/one",
        ..Default::default()
    };
    site.page(
        "/feed.xml",
        Page::rss("news.test", "https://news.test/", &[item]),
    );
    assert_eq!(world.poll().await.versions, 1);
    world.assert_sound().await;
}

#[tokio::test]
async fn a_gutted_text_is_believed_when_it_is_seen_again_six_hours_later() {
    let world = world_with_one_article().await;
    show(&world, story("one", "ferries", 1));
    let first_seen = pressmark_model::Clock::now(&*world.clock);
    assert_eq!(world.revisit().await.versions, 0);
    world.clock.advance(HOUR);
    assert_eq!(world.revisit().await.versions, 0, "an hour is not enough");
    world.clock.advance(6 * HOUR);
    assert_eq!(world.revisit().await.versions, 1);
    let versions = world.versions().await;
    assert_eq!(
        versions[1].captured_at.seconds(),
        first_seen.seconds(),
        "dated at first sight"
    );
    world.assert_sound().await;
}

#[tokio::test]
async fn a_text_that_comes_back_at_once_leaves_no_trace_of_the_doubt() {
    let world = world_with_one_article().await;
    show(&world, story("one", "ferries", 1));
    world.revisit().await;
    show(&world, story("one", "ferries", 8));
    world.revisit().await;
    world.clock.advance(7 * HOUR);
    show(&world, story("one", "ferries", 1));
    assert_eq!(world.revisit().await.versions, 0, "the doubt begins anew");
    assert_eq!(kinds(&world).await, [VersionKind::First]);
}

#[tokio::test]
async fn an_earlier_text_counts_when_it_recurs() {
    let world = world_with_one_article().await;
    show(&world, story("one", "trams", 8));
    world.revisit().await;
    show(&world, story("one", "ferries", 8));
    assert_eq!(world.revisit().await.versions, 0);
    world.clock.advance(HOUR);
    assert_eq!(world.revisit().await.versions, 1);
    let expected = [VersionKind::First, VersionKind::Edit, VersionKind::Reverted];
    assert_eq!(kinds(&world).await, expected);
    world.assert_sound().await;
}

#[tokio::test]
async fn an_error_page_never_becomes_a_version() {
    let world = world_with_one_article().await;
    show(
        &world,
        Page::html(
            "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1><p>Page not found. Sorry, the page you were looking for does not exist.</p></body></html>",
        ),
    );
    for _ in 0..3 {
        world.clock.advance(7 * HOUR);
        assert_eq!(world.revisit().await.versions, 0);
    }
    assert_eq!(kinds(&world).await, [VersionKind::First]);
    world.assert_sound().await;
}

/// A page that says of itself that it is not for everybody.
fn paid(paragraphs: usize, word: &str) -> Page {
    let mark = r#"<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"one","isAccessibleForFree":false}</script>"#;
    let mut body = String::new();
    for n in 1..=paragraphs {
        write!(
            body,
            "<p>Paragraph {n} says that {word} was discussed by the council at great length, \
             and that nobody left before the end of the meeting.</p>"
        )
        .unwrap();
    }
    Page::html(format!(
        "<html lang=en><head><title>one</title>{mark}</head><body><article><h1>one</h1>{body}</article></body></html>"
    ))
}

#[tokio::test]
async fn a_text_behind_a_wall_is_partial_and_a_whole_one_completes_it() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", paid(3, "ferries"));
    world.watch("news.test").await;
    world.poll().await;
    assert!(world.versions().await[0].partial);
    show(&world, paid(3, "trams"));
    world.revisit().await;
    show(&world, story("one", "trams", 8));
    world.revisit().await;
    show(&world, paid(2, "trams"));
    world.clock.advance(7 * HOUR);
    world.revisit().await;
    world.clock.advance(7 * HOUR);
    world.revisit().await;
    let expected = [
        VersionKind::First,
        VersionKind::Edit,
        VersionKind::Completed,
    ];
    assert_eq!(
        kinds(&world).await,
        expected,
        "a wall before a whole text is no version"
    );
    world.assert_sound().await;
}

#[tokio::test]
async fn a_story_about_an_error_page_is_a_story() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    let title = "Page not found: the lost archive of the town";
    let item = Item {
        title,
        link: "https://news.test/one",
        ..Item::default()
    };
    site.page(
        "/feed.xml",
        Page::rss("news.test", "https://news.test/", &[item]),
    );
    site.page("/one", story(title, "leaves", 2));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 1);
}

#[tokio::test]
async fn a_redirect_to_the_front_page_is_no_edit() {
    let world = world_with_one_article().await;
    show(&world, Page::redirect(302, "https://news.test/"));
    world
        .net
        .site("news.test")
        .page("/", story("The news of the day", "everything", 12));
    for _ in 0..3 {
        world.clock.advance(7 * HOUR);
        assert_eq!(world.revisit().await.versions, 0);
    }
    assert_eq!(kinds(&world).await, [VersionKind::First]);
    world.assert_sound().await;
}

#[tokio::test]
async fn a_doubted_text_is_not_asked_for_and_kept_for_ever() {
    let world = world_with_one_article().await;
    show(&world, story("one", "ferries", 1));
    // Another article of the site has the very same text: it is a template, not an edit.
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    site.page("/two", story("two", "ferries", 1));
    world.revisit().await;
    for _ in 0..8 {
        world.clock.advance(7 * HOUR);
        world.poll().await;
    }
    assert_eq!(world.source("news.test").await.status.pending, 0);
    let captures = world
        .archive
        .catalog()
        .captures(CaptureId(0), 100)
        .await
        .unwrap();
    let whole = |capture: &CaptureRecord| {
        capture.capture.url.as_str().ends_with("/one")
            && capture
                .capture
                .records
                .iter()
                .any(|record| record.kind == RecordKind::Response)
    };
    let bodies = captures.iter().filter(|capture| whole(capture)).count();
    assert_eq!(bodies, 2, "the article's and the doubted text's, once each");
    world.assert_sound().await;
}

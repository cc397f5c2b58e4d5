//! Pages that are gone, and pages that come back.

use std::time::Duration;

use pressmark_archive::absence::Absence;
use pressmark_archive::change::{ChangeKind, ChangeQuery};
use pressmark_archive::revisit::Revisits;
use pressmark_model::CaptureId;
use pressmark_testkit::Page;

use crate::world::{HOUR, World, feed, story};

async fn world_with_one_article() -> World {
    let world = World::new().await;
    prepared(world).await
}

async fn prepared(world: World) -> World {
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "ferries", 8));
    site.page("/", story("The news of the day", "everything", 12));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 1);
    world
}

async fn changes(world: &World) -> Vec<(ChangeKind, Option<Absence>)> {
    let found = world.archive.catalog().changes(&ChangeQuery::all(99)).await;
    let found = found.unwrap().into_iter();
    found.map(|change| (change.kind, change.reason)).collect()
}

/// What the outlet may put in the place of an article, and what that is.
fn ends() -> Vec<(Absence, Page)> {
    let error = "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1>\
                 <p>Page not found. Sorry, the page you were looking for does not exist.</p></body></html>";
    let removed = "<html><head><title>one</title></head><body><article><h1>one</h1>\
                   <p>This article has been removed at the request of the people it was about.</p></article></body></html>";
    let 已删除 = "<html lang=zh><head><title>提示</title></head><body><div><p>此内容已被发布者删除。</p></div></body></html>";
    vec![
        (Absence::NotFound, Page::status(404)),
        (Absence::Gone, Page::html("gone").with_status(410)),
        (
            Absence::FrontPage,
            Page::redirect(302, "https://news.test/"),
        ),
        (Absence::SoftNotFound, Page::html(error)),
        (Absence::Removed, Page::html(removed)),
        (Absence::Removed, Page::html(已删除)),
    ]
}

#[tokio::test]
async fn a_page_that_is_gone_is_believed_at_the_second_visit() {
    for (absence, page) in ends() {
        let world = world_with_one_article().await;
        world.net.site("news.test").page("/one", page);
        world.clock.advance(HOUR);
        world.poll().await;
        assert!(
            changes(&world).await.is_empty(),
            "{absence:?}: once is not enough"
        );
        world.clock.advance(HOUR);
        assert_eq!(world.poll().await.deleted, 0, "nor is twice in an hour");
        world.clock.advance(6 * HOUR);
        assert_eq!(world.poll().await.deleted, 1, "{absence:?}");
        let expected = [(ChangeKind::Deleted, Some(absence))];
        assert_eq!(changes(&world).await, expected);
        assert_eq!(world.versions().await.len(), 1, "the text stays");
        for _ in 0..5 {
            world.clock.advance(24 * HOUR);
            world.poll().await;
        }
        assert_eq!(changes(&world).await, expected, "once and for all");
        world.assert_sound().await;
    }
}

#[tokio::test]
async fn the_answers_are_kept() {
    let world = world_with_one_article().await;
    let gone = Page::html("<p>No such page").with_status(404);
    world.net.site("news.test").page("/one", gone);
    for _ in 0..6 {
        world.clock.advance(7 * HOUR);
        world.poll().await;
    }
    let catalog = world.archive.catalog();
    let captures = catalog.captures(CaptureId(0), 99).await.unwrap();
    let answers = captures.iter().filter(|found| found.capture.status == 404);
    assert_eq!(
        answers.count(),
        2,
        "at first sight and when it was confirmed"
    );
    world.assert_sound().await;
}

#[tokio::test]
async fn a_page_that_comes_back_at_once_leaves_no_trace_and_later_a_notice() {
    let world = world_with_one_article().await;
    let site = world.net.site("news.test");
    site.page("/one", Page::status(404));
    world.clock.advance(HOUR);
    world.poll().await;
    site.page("/one", story("one", "ferries", 8));
    world.clock.advance(7 * HOUR);
    world.poll().await;
    site.page("/one", Page::status(404));
    world.clock.advance(7 * HOUR);
    world.poll().await;
    assert!(changes(&world).await.is_empty(), "the doubt began anew");
    world.clock.advance(7 * HOUR);
    assert_eq!(world.poll().await.deleted, 1);

    site.page("/one", story("one", "ferries", 8));
    world.clock.advance(48 * HOUR);
    assert_eq!(world.poll().await.returned, 1);
    let kinds = changes(&world).await;
    assert_eq!(kinds[0], (ChangeKind::Returned, None));
    assert_eq!(kinds.len(), 2);
    world.assert_sound().await;
}

#[tokio::test]
async fn faults_of_a_server_are_no_deletions() {
    let maintenance = "<html><head><title>Service unavailable</title></head><body>\
                       <h1>Service unavailable</h1><p>We will be back soon.</p></body></html>";
    for page in [
        Page::status(500),
        Page::status(503),
        Page::status(403),
        Page::html(maintenance),
        Page::html(""),
        Page::challenge(),
    ] {
        let world = world_with_one_article().await;
        world.net.site("news.test").page("/one", page);
        for _ in 0..5 {
            world.clock.advance(9 * HOUR);
            world.poll().await;
        }
        assert!(changes(&world).await.is_empty());
        world.assert_sound().await;
    }
}

#[tokio::test]
async fn a_page_that_is_gone_here_alone_is_not_deleted() {
    let world = World::with(|net, parts| {
        parts.revisits = Revisits {
            confirm_after: Duration::from_hours(2),
            second_route: Some(net.http_proxy()),
            ..Revisits::default()
        };
    });
    let world = prepared(world.await).await;
    world.net.forget_requests();
    world
        .net
        .site("news.test")
        .visit("/one", 1, Page::status(404));
    world.net.site("news.test").page("/one", Page::status(404));
    world.clock.advance(HOUR);
    world.poll().await;
    let site = world.net.site("news.test");
    site.page("/one", story("one", "ferries", 8));
    world.clock.advance(3 * HOUR);
    world.poll().await;
    let through_proxy = world.net.asked();
    let through_proxy = through_proxy
        .iter()
        .any(|asked| format!("{asked:?}").contains("news.test"));
    assert!(through_proxy, "the second visit took the second route");
    assert!(changes(&world).await.is_empty());
    world.assert_sound().await;
}

//! Pages that are gone, and pages that come back.

use std::fmt::Write as _;
use std::time::Duration;

use pressmark_archive::absence::Absence;
use pressmark_archive::change::{ChangeKind, ChangeQuery};
use pressmark_archive::revisit::Revisits;
use pressmark_model::CaptureId;
use pressmark_testkit::Page;

use crate::world::{HOUR, World, feed, story, story_html};

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

/// A page of the site's template that says this.
fn told(title: &str, words: &str) -> Page {
    let body = format!("<article><h1>{title}</h1><p>{words}</p></article>");
    Page::html(format!(
        "<html><head><title>{title}</title></head><body>{body}</body></html>"
    ))
}

/// A page that says this, with so many teasers of other stories below.
fn with_teasers(words: &str, teasers: usize) -> Page {
    let mut body = format!("<article><h1>one</h1><p>{words}</p></article>");
    for n in 0..teasers {
        write!(
            body,
            "<p><a href=/other{n}>Read this other story number {n} about the harbour and the many \
             boats of the region that sail there, with photographs and much more</a></p>"
        )
        .unwrap();
    }
    Page::html(format!(
        "<html><head><title>one</title></head><body><main>{body}</main></body></html>"
    ))
}

/// A front page: headlines that lead on, and teasers.
fn front_page() -> Page {
    let mut body = String::new();
    for place in [
        "harbour", "theatre", "market", "school", "station", "bakery", "museum",
    ] {
        write!(
            body,
            "<h2><a href=/{place}>News from the {place}</a></h2><p>What happened at the {place} \
             yesterday surprised everybody, our correspondent writes from the {place}.</p>"
        )
        .unwrap();
    }
    Page::html(format!(
        "<html><head><title>The Daily</title></head><body><main>{body}</main></body></html>"
    ))
}

/// What no list of phrases knows.
const UNHEARD_OF: &str = "Hoppla, da ist wohl das Boot abgefahren. Versuchen Sie die Suche.";

/// Two sights of a page, seven hours apart.
async fn twice(world: &World) {
    for _ in 0..2 {
        world.clock.advance(7 * HOUR);
        world.revisit().await;
    }
}

#[tokio::test]
async fn what_stands_in_the_place_of_an_article_is_compared_with_the_sites_other_pages() {
    let cases = [
        ("/one", told("Hoppla", UNHEARD_OF), Absence::SoftNotFound),
        (
            "/one",
            with_teasers("This article has been removed.", 10),
            Absence::Removed,
        ),
        ("/one", told("one", "该文章已被删除"), Absence::Removed),
        (
            "/one",
            Page::html("<title>Not Found</title><body></body>"),
            Absence::SoftNotFound,
        ),
        ("/one", front_page(), Absence::FrontPage),
        ("/home", front_page(), Absence::FrontPage),
        ("/?ref=404", front_page(), Absence::FrontPage),
        ("/two", story("Two", "libraries", 8), Absence::Elsewhere),
        ("/one", Page::html("").with_status(451), Absence::Withheld),
    ];
    for (path, page, expected) in cases {
        let world = world_with_one_article().await;
        let site = world.net.site("news.test");
        site.page("*", told("Hoppla", UNHEARD_OF));
        site.page("/", front_page());
        if path != "/one" {
            site.page("/one", Page::redirect(302, path));
        }
        site.page(path, page);
        twice(&world).await;
        assert_eq!(
            changes(&world).await,
            [(ChangeKind::Deleted, Some(expected))],
            "{path}"
        );
        assert_eq!(world.versions().await.len(), 1, "the text stays");
        world.assert_sound().await;
    }
}

#[tokio::test]
async fn one_text_in_the_place_of_several_articles_is_no_edit_of_any() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two", "three"]));
    site.page("/", story("The news of the day", "everything", 12));
    for (title, word) in [("one", "ferries"), ("two", "bees"), ("three", "clocks")] {
        site.page(&format!("/{title}"), story(title, word, 8));
    }
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 3);
    for title in ["one", "two", "three"] {
        site.page(&format!("/{title}"), told("Hoppla", UNHEARD_OF));
    }
    twice(&world).await;
    let expected = (ChangeKind::Deleted, Some(Absence::SoftNotFound));
    assert_eq!(changes(&world).await, [expected; 3]);
    assert_eq!(world.versions().await.len(), 3);
    world.assert_sound().await;
}

#[tokio::test]
async fn what_every_page_of_a_site_shows_is_a_fault() {
    let notice = told("Hoppla", UNHEARD_OF);
    let maintenance = "Wegen Wartungsarbeiten ist diese Seite nicht verfügbar.";
    for page in [notice.clone(), Page::redirect(302, "/wartung")] {
        let world = world_with_one_article().await;
        let site = world.net.site("news.test");
        site.page("*", notice.clone());
        site.page("/", notice.clone());
        site.page("/one", page);
        site.page("/wartung", told("one", maintenance));
        twice(&world).await;
        twice(&world).await;
        assert!(changes(&world).await.is_empty());
        assert_eq!(world.versions().await.len(), 1);
        world.assert_sound().await;
    }
    // Where the whole site refuses the region, no article of it is gone.
    let world = world_with_one_article().await;
    let site = world.net.site("news.test");
    site.page("/one", Page::status(451))
        .page("/", Page::status(451));
    twice(&world).await;
    assert!(changes(&world).await.is_empty());
}

#[tokio::test]
async fn an_article_that_was_written_anew_is_an_edit_when_it_is_seen_again() {
    let world = world_with_one_article().await;
    let site = world.net.site("news.test");
    let anew = "<p>A library was opened in the mountains by a mayor who had won the lottery, and \
                three hundred guests looked at an exhibition of bees, of honey, and of flowers.</p>";
    let page = story_html("A library opens", "nothing", 0);
    let page = page.replace("</article>", &format!("{}</article>", anew.repeat(6)));
    site.page("/one", Page::html(page));
    world.net.forget_requests();
    assert_eq!(world.revisit().await.versions, 0, "doubted at first");
    assert_eq!(
        world.net.paths("news.test").len(),
        4,
        "the feed, the page, two beside it"
    );
    world.clock.advance(7 * HOUR);
    assert_eq!(world.revisit().await.versions, 1);
    assert_eq!(changes(&world).await, [(ChangeKind::Edit, None)]);
    world.assert_sound().await;
}

//! robots.txt: asked before pages, kept a day, never a denial for want of an answer.

use std::sync::Arc;
use std::time::Duration;

use pressmark_archive::ports::fetch::{Fetch as _, FetchFailure, Purpose};
use pressmark_testkit::Page;
use tokio::task::JoinSet;

use crate::support::{GAP, failed, page, request, world};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn robots_txt_is_asked_once_before_pages_and_obeyed() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .robots("User-agent: *\nDisallow: /private\n")
        .page("/1", Page::html("1"))
        .page("/feed", Page::xml("<rss/>"))
        .page("/private/feed", Page::xml("<rss/>"));
    world.page("http://a.test/private/feed").await;
    let mut tasks = JoinSet::new();
    for path in ["/1", "/private/1", "/1?2"] {
        let fetcher = Arc::clone(&world.fetcher);
        let request = request(&format!("http://a.test{path}"), Purpose::Article);
        tasks.spawn(async move { fetcher.fetch(request).await });
    }
    let denied: Vec<_> = tasks
        .join_all()
        .await
        .into_iter()
        .filter_map(|outcome| match outcome {
            pressmark_archive::ports::fetch::FetchOutcome::Failed(failed) => Some(failed.failure),
            _ => None,
        })
        .collect();
    assert_eq!(
        denied,
        [FetchFailure::RobotsDenied {
            rule: "Disallow: /private".to_owned()
        }]
    );
    let paths = world.net.paths("a.test");
    assert_eq!(paths[..2], ["/private/feed", "/robots.txt"]);
    assert_eq!(paths.len(), 4, "{paths:?}");

    for purpose in [Purpose::Listing, Purpose::Revisit] {
        let outcome = world
            .fetcher
            .fetch(request("http://a.test/private/2", purpose))
            .await;
        let failure = failed(outcome).failure;
        assert!(
            matches!(failure, FetchFailure::RobotsDenied { .. }),
            "{purpose:?} {failure}"
        );
    }
    let mut own = request("http://a.test/private/1", Purpose::Article);
    own.policy.ignore_robots = true;
    let failure = failed(world.fetcher.fetch(own).await).failure;
    assert_eq!(
        failure,
        FetchFailure::Status {
            status: 404,
            retry_after: None
        }
    );
}

#[tokio::test]
async fn it_is_kept_for_a_day_and_per_origin() {
    let world = world().await;
    world.net.site("a.test").page("/", Page::html("x"));
    for (url, wait, asked) in [
        ("http://a.test/", Duration::ZERO, 1),
        ("http://a.test/", HOUR * 23, 1),
        ("https://a.test/", Duration::ZERO, 2),
        ("http://a.test/", HOUR, 3),
    ] {
        world.clock.advance(wait);
        page(world.article(url).await);
        let paths = world.net.paths("a.test");
        assert_eq!(
            paths.iter().filter(|path| *path == "/robots.txt").count(),
            asked
        );
    }
}

#[tokio::test]
async fn refusals_allow_and_faults_mean_to_ask_again() {
    let world = world().await;
    for (n, (robots, allowed)) in [
        (Page::status(404), true),
        (Page::status(403), true),
        (Page::status(401), true),
        (Page::status(204), true),
        (Page::html("<h1>not a robots.txt"), true),
        (
            Page::text("User-agent: *\nDisallow: /").with_status(404),
            true,
        ),
        (Page::status(500), false),
        (Page::status(503).header("Retry-After", "3600"), false),
        (Page::status(429), false),
        (Page::text("User-agent: *\nAllow: /").close_after(3), false),
        (Page::raw("junk"), false),
    ]
    .into_iter()
    .enumerate()
    {
        let (host, url) = (format!("{n}.test"), format!("http://{n}.test/"));
        let site = world.net.site(&host);
        site.page("/", Page::html("x"))
            .page("/robots.txt", robots.clone())
            .visit("/robots.txt", 2, Page::status(404));
        if !allowed {
            let failure = failed(world.article(&url).await).failure;
            assert!(
                matches!(failure, FetchFailure::RobotsUnreachable { .. }),
                "{robots:?} {failure}"
            );
            assert_eq!(world.net.paths(&host), ["/robots.txt"]);
            world.clock.advance(HOUR);
        }
        page(world.article(&url).await);
    }
}

#[tokio::test]
async fn its_redirects_are_followed_also_to_other_hosts() {
    let world = world().await;
    world
        .net
        .site("b.test")
        .robots("User-agent: pressmark\nDisallow: /\n");
    world
        .net
        .site("a.test")
        .page("/robots.txt", Page::redirect(301, "/1"))
        .page("/", Page::html("x"));
    for n in 1..=3 {
        world.net.site("a.test").page(
            &format!("/{n}"),
            Page::redirect(302, &format!("/{}", n + 1)),
        );
    }
    world
        .net
        .site("a.test")
        .page("/4", Page::redirect(302, "http://b.test/robots.txt"));
    let failure = failed(world.article("http://a.test/").await).failure;
    assert!(
        matches!(failure, FetchFailure::RobotsDenied { .. }),
        "{failure}"
    );
    world
        .net
        .site("loop.test")
        .page("/robots.txt", Page::redirect(301, "/robots.txt"))
        .page("/", Page::html("x"));
    page(world.article("http://loop.test/").await);
}

#[tokio::test]
async fn every_origin_on_the_way_is_asked() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/", Page::redirect(302, "http://b.test/secret"));
    world
        .net
        .site("b.test")
        .robots("User-agent: *\nDisallow: /secret")
        .page("/secret", Page::html("x"));
    let failed = failed(world.article("http://a.test/").await);
    assert!(matches!(failed.failure, FetchFailure::RobotsDenied { .. }));
    assert_eq!(failed.exchanges.len(), 1);
    assert_eq!(world.net.paths("b.test"), ["/robots.txt"]);
}

#[tokio::test]
async fn a_long_file_is_read_for_512_kib() {
    let world = world().await;
    let rule = "User-agent: *\nDisallow: /early\n";
    let filler = "# filler\n".repeat(200_000);
    let file = format!("{rule}{filler}Disallow: /late\n");
    world
        .net
        .site("a.test")
        .robots(&file)
        .page("/late", Page::html("x"));
    world
        .net
        .site("b.test")
        .page("/robots.txt", Page::text(file).gzip())
        .page("/late", Page::html("x"));
    for host in ["a.test", "b.test"] {
        let failure = failed(world.article(&format!("http://{host}/early")).await).failure;
        assert!(
            matches!(failure, FetchFailure::RobotsDenied { .. }),
            "{host} {failure}"
        );
    }
    page(world.article("http://a.test/late").await);
}

#[tokio::test]
async fn a_crawl_delay_widens_the_gap_unless_the_source_has_its_own() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .robots("User-agent: *\nCrawl-delay: 0.3\n")
        .page("/", Page::html("x"));
    page(world.article("http://a.test/").await);
    page(world.article("http://a.test/").await);
    let mut own = request("http://a.test/", Purpose::Article);
    own.policy.per_host_gap = Some(Duration::ZERO);
    page(world.fetcher.fetch(own).await);
    let gaps = world.net.gaps("a.test");
    let wide: Vec<_> = gaps
        .iter()
        .map(|gap| *gap >= Duration::from_millis(300))
        .collect();
    assert_eq!(wide, [true, true, false], "{gaps:?}");
}

#[tokio::test]
async fn whoever_waits_for_an_answer_shares_it_a_failure_too() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/robots.txt", Page::status(500).delay(GAP))
        .page("/", Page::html("x"));
    let mut tasks = JoinSet::new();
    for _ in 0..5 {
        let fetcher = Arc::clone(&world.fetcher);
        let request = request("http://a.test/", Purpose::Article);
        tasks.spawn(async move { failed(fetcher.fetch(request).await) });
    }
    assert_eq!(tasks.join_all().await.len(), 5);
    assert_eq!(world.net.paths("a.test"), ["/robots.txt"]);
    failed(world.article("http://a.test/").await);
    assert_eq!(world.net.paths("a.test").len(), 2);
}

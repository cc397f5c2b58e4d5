//! Redirects: followed, recorded, and judged at every step.

use pressmark_archive::ports::fetch::{Fetch as _, FetchFailure, Purpose};
use pressmark_testkit::Page;

use crate::support::{failed, page, request, world, world_with};

#[tokio::test]
async fn redirects_are_followed_and_recorded() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/old", Page::redirect(301, "https://a.test/new"))
        .page("/new", Page::redirect(308, "//b.test/x?y#z"));
    world
        .net
        .site("b.test")
        .page("/x?y", Page::redirect(302, "../here"))
        .page("/here", Page::html("here"));
    let page = world.page("http://a.test/old#top").await;
    assert_eq!(page.body, "here");
    assert_eq!(page.url.as_str(), "http://a.test/old#top");
    assert_eq!(page.final_url.as_str(), "https://b.test/here");
    assert_eq!(page.moved_to.unwrap().as_str(), "https://b.test/x?y");
    let urls: Vec<_> = page
        .exchanges
        .iter()
        .map(|exchange| exchange.url.as_str())
        .collect();
    let expected = [
        "http://a.test/old",
        "https://a.test/new",
        "https://b.test/x?y",
        "https://b.test/here",
    ];
    assert_eq!(urls, expected);
}

#[tokio::test]
async fn ways_without_an_end_are_failures() {
    let world = world().await;
    let site = world.net.site("a.test");
    site.page("/loop", Page::redirect(302, "/pool"))
        .page("/pool", Page::redirect(302, "/loop"))
        .page("/nowhere", Page::status(302))
        .page("/ftp", Page::redirect(302, "ftp://a.test/"))
        .answer("/long", |request| {
            Page::redirect(302, &format!("/long?{}", request.number))
        });
    for path in ["/loop", "/nowhere", "/ftp", "/long"] {
        let failed = failed(world.get(&format!("http://a.test{path}")).await);
        assert!(
            matches!(failed.failure, FetchFailure::Redirect { .. }),
            "{path}"
        );
        assert!(!failed.exchanges.is_empty());
    }
    let asked = world.net.paths("a.test");
    assert_eq!(
        asked
            .iter()
            .filter(|path| path.starts_with("/long"))
            .count(),
        11
    );
}

#[tokio::test]
async fn a_redirect_into_a_private_network_is_refused() {
    let world = world_with(|config, net| {
        // Only the listener's own address is allowed.
        config.allow_networks = vec![net.address().ip().into()];
    })
    .await;
    let site = world.net.site("a.test");
    let port = world.net.address().port();
    for (n, host) in [
        "127.0.0.2",
        "2130706434",
        "0x7f.2",
        "0177.0.0.2",
        "[::ffff:7f00:2]",
        "[::1]",
        "0",
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/{n}");
        site.page(
            &path,
            Page::redirect(302, &format!("http://{host}:{port}/")),
        );
        let failure = world.failure(&format!("http://a.test{path}")).await;
        assert!(
            matches!(failure, FetchFailure::PrivateNetwork { .. }),
            "{host}: {failure}"
        );
    }
    world
        .net
        .site("mixed.test")
        .resolves_to(vec![world.net.address(), ([10, 0, 0, 1], port).into()]);
    let failure = world.failure("http://mixed.test/").await;
    let address = "mixed.test (10.0.0.1)".to_owned();
    assert_eq!(failure, FetchFailure::PrivateNetwork { address });
    assert_eq!(world.net.connections(), 1);
}

#[tokio::test]
async fn the_ports_of_other_services_are_not_spoken_to() {
    let world = world().await;
    let site = world.net.site("a.test");
    for port in [22, 25, 587, 6667] {
        site.page("/", Page::redirect(302, &format!("http://a.test:{port}/x")));
        let failure = world.failure("http://a.test/").await;
        assert!(
            matches!(failure, FetchFailure::Protocol { .. }),
            "{port}: {failure}"
        );
    }
    assert!(world.net.paths("a.test").iter().all(|path| path == "/"));
    site.page("/", Page::redirect(302, "http://a.test:8080/x"));
    site.page("/x", Page::html("x"));
    assert_eq!(world.page("http://a.test/").await.body, "x");
}

#[tokio::test]
async fn a_feed_that_moved_is_validated_at_its_new_place() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/old", Page::redirect(301, "/new"))
        .page("/new", Page::xml("<rss/>").etag("\"1\""));
    let first = world.page("http://a.test/old").await;
    let mut again = request("http://a.test/old", Purpose::Feed);
    again.validators = first.validators;
    let same = crate::support::not_modified(world.fetcher.fetch(again).await);
    assert_eq!(same.moved_to.unwrap().as_str(), "http://a.test/new");
}

#[tokio::test]
async fn cookies_and_fields_of_a_source_stay_at_its_origin() {
    let world = world().await;
    world
        .net
        .site("a.test")
        .page("/x", Page::redirect(302, "/y"))
        .page("/y", Page::redirect(302, "http://b.test/z"));
    world
        .net
        .site("b.test")
        .page("/z", Page::redirect(302, "http://a.test/end"));
    world.net.site("a.test").page("/end", Page::html("end"));
    let mut own = request("http://me:pw@a.test/x", Purpose::Feed);
    own.policy.cookie = Some("sid=1".to_owned());
    own.policy.headers = vec![("X-Key".to_owned(), "k".to_owned())];
    let page = page(world.fetcher.fetch(own).await);
    assert_eq!(page.final_url.as_str(), "http://a.test/end");
    for request in world.net.requests() {
        let home = request.host == "a.test";
        assert_eq!(request.header("cookie").is_some(), home, "{}", request.path);
        assert_eq!(request.header("x-key").is_some(), home, "{}", request.path);
        assert_eq!(
            request.header("authorization").is_some(),
            home && request.path != "/end"
        );
        assert_eq!(request.header("referer"), None);
    }
}

//! Secrets are sent, and neither recorded nor shown.

use pressmark_archive::ports::fetch::{Fetch as _, FetchFailure, Purpose};
use pressmark_testkit::Page;

use crate::support::{failed, page, request, world, world_with};

#[tokio::test]
async fn credentials_are_sent_and_not_recorded() {
    let world = world().await;
    world.net.site("a.test").page("/x", Page::html("x"));
    let mut own = request("http://me:canary@a.test/x", Purpose::Feed);
    own.policy.cookie = Some("sid=canary".to_owned());
    own.policy.headers = vec![
        ("X-Api-Key".to_owned(), "canary".to_owned()),
        ("accept-language".to_owned(), "zh-CN".to_owned()),
    ];
    own.policy.user_agent = Some("Reader/7".to_owned());
    let page = page(world.fetcher.fetch(own).await);
    let sent = &world.net.requests()[0];
    assert_eq!(sent.header("authorization"), Some("Basic bWU6Y2FuYXJ5"));
    assert_eq!(sent.header("cookie"), Some("sid=canary"));
    assert_eq!(sent.header("x-api-key"), Some("canary"));
    assert_eq!(sent.header("user-agent"), Some("Reader/7"));
    let recorded = String::from_utf8(page.exchanges[0].request.to_vec()).unwrap();
    assert!(
        recorded.contains("Accept-Language: zh-CN") || recorded.contains("accept-language: zh-CN"),
        "{recorded}"
    );
    for place in [
        recorded,
        format!("{page:?}"),
        page.final_url.as_str().to_owned(),
        page.exchanges[0].url.as_str().to_owned(),
    ] {
        assert!(
            !place.contains("canary") && !place.contains("bWU6"),
            "{place}"
        );
    }
}

#[tokio::test]
async fn a_field_that_cannot_be_sent_is_a_failure() {
    let world = world().await;
    world.net.site("a.test").page("/", Page::html("x"));
    let mut own = request("http://a.test/", Purpose::Feed);
    own.policy.headers = vec![("Content-Length".to_owned(), "7".to_owned())];
    let failure = failed(world.fetcher.fetch(own).await).failure;
    assert!(
        matches!(failure, FetchFailure::Protocol { .. }),
        "{failure}"
    );
    assert_eq!(world.net.connections(), 0);
}

#[tokio::test]
async fn a_proxys_credentials_are_not_shown() {
    let world = world_with(|config, _| {
        config.proxy = Some("socks5://me:canary@127.0.0.1:1080".to_owned());
        assert!(!format!("{config:?}").contains("canary"));
    })
    .await;
    assert!(!format!("{:?}", world.fetcher).contains("canary"));
}

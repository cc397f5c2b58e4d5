//! Proxies: names resolved behind them, private targets still refused.

use pressmark_archive::ports::fetch::{Fetch as _, FetchFailure, Purpose};
use pressmark_testkit::{Page, ProxyKind};

use crate::support::{failed, page, request, world, world_with};

#[tokio::test]
async fn every_kind_of_proxy_carries_every_scheme() {
    for kind in [ProxyKind::Http, ProxyKind::Socks5] {
        let world = world_with(|config, net| {
            config.allow_networks.clear();
            config.proxy = Some(match kind {
                ProxyKind::Http => net.http_proxy(),
                ProxyKind::Socks5 => net.socks_proxy(),
            });
        })
        .await;
        world
            .net
            .site("a.test")
            .page("/x?y", Page::html("x"))
            .robots("User-agent: *\nAllow: /");
        for scheme in ["http", "https"] {
            let page = page(world.article(&format!("{scheme}://a.test/x?y#z")).await);
            assert_eq!(page.body, "x");
            let asked = world.net.asked();
            assert!(
                !asked.is_empty() && asked.iter().all(|asked| asked.proxy == kind),
                "{asked:?}"
            );
            world.net.forget_requests();
        }
    }
}

#[tokio::test]
async fn a_source_may_have_a_proxy_of_its_own_or_none() {
    let world = world_with(|config, net| config.proxy = Some(net.http_proxy())).await;
    world.net.site("a.test").page("/", Page::html("x"));
    let socks = world.net.socks_proxy();
    for (proxy, kinds) in [
        (None, vec![ProxyKind::Http]),
        (Some(socks), vec![ProxyKind::Socks5]),
        (Some("direct".to_owned()), vec![]),
    ] {
        let mut own = request("http://a.test/", Purpose::Feed);
        own.policy.proxy = proxy;
        page(world.fetcher.fetch(own).await);
        let asked: Vec<_> = world.net.asked().iter().map(|asked| asked.proxy).collect();
        assert_eq!(asked, kinds);
        world.net.forget_requests();
    }
    let mut own = request("http://a.test/", Purpose::Feed);
    own.policy.proxy = Some("nonsense".to_owned());
    assert!(matches!(
        failed(world.fetcher.fetch(own).await).failure,
        FetchFailure::Proxy { .. }
    ));
}

#[tokio::test]
async fn private_targets_are_refused_behind_a_proxy_too() {
    for kind in [ProxyKind::Http, ProxyKind::Socks5] {
        let world = world_with(|config, net| {
            config.allow_networks.clear();
            config.proxy = Some(match kind {
                ProxyKind::Http => net.http_proxy(),
                ProxyKind::Socks5 => net.socks_proxy(),
            });
        })
        .await;
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0177.1",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[64:ff9b::a00:1]",
            "localhost",
            "a.localhost",
            "router",
            "nas.local",
            "db.internal",
            "x.home.arpa",
            "LOCALHOST.",
            "10.0.0.1.",
        ] {
            for scheme in ["http", "https"] {
                let failure = world.failure(&format!("{scheme}://{host}/")).await;
                assert!(
                    matches!(failure, FetchFailure::PrivateNetwork { .. }),
                    "{host} {failure}"
                );
            }
        }
        assert!(world.net.asked().is_empty());
    }
}

#[tokio::test]
async fn a_proxy_may_want_a_log_in() {
    for with_login in [false, true] {
        for kind in [ProxyKind::Http, ProxyKind::Socks5] {
            let world = world_with(|config, net| {
                net.set_proxy_login("me", "p@ss");
                let address = match kind {
                    ProxyKind::Http => net.http_proxy(),
                    ProxyKind::Socks5 => net.socks_proxy(),
                };
                let login = if with_login { "//me:p%40ss@" } else { "//" };
                config.proxy = Some(address.replace("//", login));
            })
            .await;
            world.net.site("a.test").page("/", Page::html("x"));
            for url in ["http://a.test/", "https://a.test/"] {
                let outcome = world.get(url).await;
                if with_login {
                    let page = page(outcome);
                    let request = String::from_utf8_lossy(&page.exchanges[0].request);
                    assert!(
                        !request.to_ascii_lowercase().contains("proxy-auth"),
                        "{request}"
                    );
                } else {
                    let FetchFailure::Proxy { detail } = failed(outcome).failure else {
                        panic!("{url}")
                    };
                    assert!(detail.starts_with("it wants a"), "{url} {detail}");
                }
            }
        }
    }
}

#[tokio::test]
async fn faults_of_a_proxy_are_its_own() {
    let world = world().await;
    world.net.site("a.test").page("/", Page::html("x"));
    world.net.site("down.test").down();
    let closed = world.net.resolve("down.test", 1).unwrap()[0];
    for (proxy, url) in [
        (format!("http://{closed}"), "http://a.test/"),
        (format!("socks5://{closed}"), "https://a.test/"),
        ("http://nowhere.test:1".to_owned(), "http://a.test/"),
        (world.net.http_proxy(), "https://nowhere.test/"),
        (world.net.socks_proxy(), "http://nowhere.test/"),
        (
            format!("socks5://{}", world.net.address()),
            "http://a.test/",
        ),
    ] {
        let mut own = request(url, Purpose::Feed);
        own.policy.proxy = Some(proxy.clone());
        own.policy.timeout = Some(std::time::Duration::from_secs(2));
        let failure = failed(world.fetcher.fetch(own).await).failure;
        let late = FetchFailure::Timeout {
            phase: "connect".to_owned(),
        };
        assert!(
            matches!(failure, FetchFailure::Proxy { .. }) || failure == late,
            "{proxy} {url} {failure}"
        );
    }
}

use std::collections::BTreeMap;

use axum::http::StatusCode;
use pressmark_archive::source::{Robots, SourceSettings};
use pressmark_model::WebUrl;
use pressmark_web::{Site, router};

use crate::fake::Fake;
use crate::markup::tags;
use crate::sample::{edited, sample, source, version};
use crate::{get, get_with, site, state};

/// What a hostile outlet may call itself.
const HOSTILE: &str = "</title></p><script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

#[tokio::test]
async fn the_front_page_is_in_order_of_time_and_in_the_outlets_languages() {
    let page = get(&site(sample()), "/").await;
    assert_eq!(page.status, StatusCode::OK);
    let place = |text: &str| page.body.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(place("Ferries return") < place("沿江老码头"));
    assert!(place("沿江老码头") < place("Council puts off"));
    assert!(page.body.contains("<h3 lang=\"ar\" dir=\"rtl\">"));
    assert!(page.body.contains("<h3 lang=\"zh-Hant\" dir=\"ltr\">"));
    assert!(page.body.contains("Sunday, 22 November 2026"));
    assert!(page.body.contains(">3 versions</a>"));
    assert!(page.body.contains("1 source needs attention."));
    assert!(
        page.body
            .contains("<link rel=\"canonical\" href=\"https://press.example/\">")
    );
}

#[tokio::test]
async fn the_pages_speak_the_language_that_is_asked_for() {
    let site = site(sample());
    let chinese = get_with(
        &site,
        "/",
        &[("accept-language", "zh-CN,zh;q=0.9,en;q=0.5")],
    )
    .await;
    assert!(chinese.body.contains("<html lang=\"zh-Hans\">"));
    assert!(chinese.body.contains("2026年11月22日 星期日"));
    assert_eq!(chinese.header("vary"), "Accept-Language");
    assert!(chinese.body.contains("href=\"/sources\""));

    let asked = get_with(&site, "/?lang=en", &[("accept-language", "zh")]).await;
    assert!(asked.body.contains("<html lang=\"en\">"));
    assert!(asked.body.contains("href=\"/sources?lang=en\""));
    assert!(asked.body.contains("href=\"/?lang=zh\""));
}

#[tokio::test]
async fn long_lists_go_on_where_they_stopped() {
    let outlet = source(1, "long.example", "Long", "en");
    let articles = (1..=95).map(|id| {
        vec![version(
            id,
            &outlet,
            &format!("Number {id}."),
            "2026-11-22T10:00:00Z",
            &["Text"],
        )]
    });
    let articles = articles.collect();
    let site = site(Fake {
        sources: vec![outlet],
        articles,
        ..Fake::default()
    });
    let mut path = "/s/long.example".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = get(&site, &path).await;
        seen.extend(
            (1..=95)
                .rev()
                .filter(|id| page.body.contains(&format!(">Number {id}.<"))),
        );
        let Some((before, _)) = page.body.split_once("\" rel=\"next\"") else {
            break;
        };
        path = before
            .rsplit_once("href=\"")
            .unwrap()
            .1
            .replace("&amp;", "&");
    }
    assert_eq!(seen, (1..=95).rev().collect::<Vec<_>>());
    assert_eq!(get(&site, "/?after=x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_article_shows_its_versions_and_times() {
    let site = site(sample());
    let page = get(&site, "/a/12").await;
    assert!(page.body.contains("By Nell Marsh, Ivo Tran"));
    assert!(page.body.contains("<li value=\"3\">"));
    assert!(page.body.contains("href=\"/a/12/diff?from=2&amp;to=3\""));
    assert!(
        page.body
            .contains("rel=\"external noreferrer\">Read the original</a>")
    );
    // No copy, no picture: the outlet is not asked.
    assert!(!page.body.contains("<img "));
    assert!(page.body.contains(
        "<a class=\"absent\" href=\"https://harbour-courier.example/boat.jpg\" \
         rel=\"external noreferrer\">Image at the outlet: A ferry at a quay</a>"
    ));
    assert!(
        page.header("content-security-policy")
            .contains("img-src 'self' data:;")
    );
    assert!(!page.body.contains("You are reading version"));

    let first = get(&site, "/a/12?version=1").await;
    assert!(first.body.contains("You are reading version 1 of 3."));
    assert!(first.body.contains("after four years</h1>"));
    assert!(
        first
            .body
            .contains("href=\"https://press.example/a/12?version=1\"")
    );

    let river = get(&site, "/a/20").await;
    assert!(river.body.contains("22 November 2026, 23:10 UTC+8"));
    assert!(river.body.contains("<h1 lang=\"zh-Hans\" dir=\"ltr\">"));
    assert!(
        get(&site, "/a/11")
            .await
            .body
            .contains("This text is incomplete")
    );

    let moved = get(&site, "/s/jianghe.example/20?version=1").await;
    assert_eq!(moved.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(moved.header("location"), "/a/20?version=1");
    for missing in [
        "/a/999",
        "/a/x",
        "/a/12?version=9",
        "/a/12?version=x",
        "/s/none/1",
        "/s/all",
    ] {
        assert_eq!(
            get(&site, missing).await.status,
            StatusCode::NOT_FOUND,
            "{missing}"
        );
    }
}

#[tokio::test]
async fn a_comparison_marks_what_changed() {
    let site = site(sample());
    let page = get(&site, "/a/12/diff?from=1&to=2").await;
    assert!(page.body.contains("</span>four</del>"), "{}", page.body);
    assert!(page.body.contains("</span>five</ins>"));
    assert!(page.body.contains("</span>4.2"));
    let newest = get(&site, "/a/12/diff").await;
    assert!(newest.body.contains("Version 2 and version 3"));
    for missing in [
        "/a/10/diff",
        "/a/12/diff?from=1&to=9",
        "/a/12/diff?from=x",
        "/a/999/diff",
    ] {
        assert_eq!(
            get(&site, missing).await.status,
            StatusCode::NOT_FOUND,
            "{missing}"
        );
    }
}

#[tokio::test]
async fn sources_say_how_they_go_and_what_to_do() {
    let site = site(sample());
    let all = get(&site, "/sources").await;
    assert!(all.body.contains("The last 7 polls failed."));
    assert!(all.body.contains("The server answered 503."));
    assert!(
        all.body
            .contains("The site has a fault of its own; it is tried again.")
    );
    assert!(all.body.find("Hilltop Dispatch") < all.body.find("The Harbour Courier"));

    let one = get(&site, "/s/harbour-courier.example").await;
    assert!(one.body.contains("robots.txt is ignored for this source"));
    assert!(one.body.contains("Tide tables for December"));
    assert!(one.body.contains("<code>Disallow: /members/</code>"));
    assert!(one.body.contains("next attempt <time"));
    assert!(
        one.body
            .contains("href=\"/feeds/harbour-courier.example.xml\"")
    );
    assert!(one.body.contains("in 18 minutes"));
    let chinese = get(&site, "/sources?lang=zh").await;
    assert!(chinese.body.contains("服务器应答 503。"));
}

#[tokio::test]
async fn what_an_outlet_writes_stays_text() {
    let mut outlet = source(1, "evil.example", HOSTILE, HOSTILE);
    outlet.url = "https://me:secret@evil.example/feed?\"><script>"
        .parse::<WebUrl>()
        .unwrap();
    let mut one = version(1, &outlet, HOSTILE, "2026-11-22T10:00:00Z", &[HOSTILE]);
    one.article.authors = vec![HOSTILE.to_owned()];
    one.article.section = Some(HOSTILE.to_owned());
    one.article.html = format!(
        "<p onclick=\"x()\">{HOSTILE}<a href=\"javascript:x()\">a</a></p><img alt=\"<img \" src=\"/i.png\"><style>*{{}}</style>"
    );
    let two = edited(
        &one,
        &format!("new {HOSTILE}"),
        "2026-11-22T11:00:00Z",
        &[HOSTILE, HOSTILE],
    );
    let fake = Fake {
        sources: vec![outlet],
        articles: vec![vec![one, two]],
        ..Fake::default()
    };
    let site = site(fake);
    for path in [
        "/",
        "/sources",
        "/s/evil.example",
        "/a/1",
        "/a/1?version=1",
        "/a/1/diff",
        "/?after=%22%3E%3Cscript%3E",
        "/s/%3Cscript%3E",
        "/%22%3E%3Cscript%3E?lang=en&x=%22%3E%3Cscript%3E",
        "/feeds/evil.example.xml",
    ] {
        let answer = get(&site, path).await;
        assert!(!answer.body.contains("secret"), "{path}");
        for tag in tags(&answer.body) {
            let name = tag.split([' ', '/']).next().unwrap_or_default();
            let acts = ["script", "style", "iframe", "object", "form"].contains(&name);
            let outside_quotes: String = tag.split('"').step_by(2).collect();
            let handles = outside_quotes.contains(" on") || tag.contains("=\"javascript:");
            assert!(!acts && !handles, "{path}: <{tag}>");
        }
    }
    let page = get(&site, "/a/1?version=1").await.body;
    assert!(
        page.contains("href=\"https://evil.example/i.png\" rel=\"external noreferrer\">Image at the outlet: &lt;img</a>"),
        "{page}"
    );
}

#[tokio::test]
async fn faults_have_pages_too() {
    let site = site(sample());
    let missing = get(&site, "/nowhere?lang=zh").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.body.contains("没有这个页面"));

    let fake = sample();
    fake.broken
        .store(true, std::sync::atomic::Ordering::Relaxed);
    let broken = crate::site(fake);
    for path in ["/", "/sources", "/a/12", "/feeds/all.xml"] {
        let answer = get(&broken, path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(
            answer.body.contains("The archive could not answer"),
            "{path}"
        );
        assert!(!answer.body.contains("on purpose"), "{path}");
    }
    assert_eq!(
        get(&broken, "/healthz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(get(&site, "/healthz").await.body, "ok\n");
}

#[tokio::test]
async fn assets_are_named_by_their_content() {
    let site = site(sample());
    let page = get(&site, "/").await.body;
    let href = page
        .split_once("rel=\"stylesheet\" href=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap();
    let style = get(&site, href).await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.header("cache-control").contains("immutable"));
    assert!(!style.body.contains("url(") && !style.body.contains("@import"));
    assert_eq!(
        get(&site, "/assets/style-0.css").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        get(&site, "/favicon.ico").await.header("content-type"),
        "image/svg+xml"
    );
}

#[tokio::test]
async fn an_empty_archive_says_what_to_do() {
    let empty = site(Fake::default());
    assert!(
        get(&empty, "/")
            .await
            .body
            .contains("pressmark add https://…")
    );
    let waiting = Fake {
        sources: vec![source(1, "a.example", "A", "en")],
        ..Fake::default()
    };
    assert!(
        get(&site(waiting), "/")
            .await
            .body
            .contains("Nothing is archived yet.")
    );
}

#[tokio::test]
async fn a_name_that_was_pointed_at_this_machine_reads_nothing() {
    let on_loopback = router(state(sample()));
    let named = [("host", "evil.example:7777")];
    for path in ["/", "/a/1", "/feeds/all.xml", "/healthz"] {
        let answer = get_with(&on_loopback, path, &named).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
        assert!(answer.body.starts_with("This reader answers to"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let nameless = get(&on_loopback, "/").await;
    assert_eq!(nameless.status, StatusCode::MISDIRECTED_REQUEST);
    for host in ["127.0.0.1:7777", "[::1]:7777", "localhost:7777"] {
        let answer = get_with(&on_loopback, "/", &[("host", host)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
    // Behind a server that has a name, and on a network, names are as good.
    let public = get_with(&site(sample()), "/", &named).await;
    assert_eq!(public.status, StatusCode::OK);
    let open = router(Site {
        local: false,
        ..state(sample())
    });
    assert_eq!(get_with(&open, "/", &named).await.status, StatusCode::OK);
}

#[tokio::test]
async fn robots_ignored_by_the_configuration_is_shown_where_the_source_is() {
    let ignored = "robots.txt is ignored for this source";
    let catalog = || Fake {
        sources: vec![source(1, "a.example", "A", "en")],
        ..Fake::default()
    };
    let settings = SourceSettings {
        robots: Some(Robots::Ignore),
        ..SourceSettings::default()
    };
    let overrides = BTreeMap::from([("a.example".parse().unwrap(), settings)]);
    let overridden = router(Site {
        overrides,
        ..state(catalog())
    });
    for path in ["/sources", "/s/a.example"] {
        let here = [("host", "localhost")];
        let said = get_with(&overridden, path, &here).await.body;
        assert!(said.contains(ignored), "{path}");
        let obeyed = get(&site(catalog()), path).await.body;
        assert!(!obeyed.contains(ignored), "{path}");
    }
}

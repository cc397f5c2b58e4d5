use axum::http::StatusCode;
use pressmark_archive::alarm::{Alarm, AlarmCause, AlarmKind};
use pressmark_archive::anchor::{AnchorAlarm, Anchoring};
use pressmark_model::Timestamp;
use pressmark_web::{Site, router};

use crate::fake::Fake;
use crate::sample::{edited, sample, source, version};
use crate::{get, get_with, site, state};

/// The texts of an element, in order, unescaped by the reader of feeds.
fn read(xml: &str) -> pressmark_model::Feed {
    let parsed = pressmark_feed::parse(xml.as_bytes(), Some("application/rss+xml"), None);
    assert_eq!(parsed.issues, []);
    parsed.value
}

#[tokio::test]
async fn a_feed_has_the_whole_text_of_the_newest_versions() {
    let answer = get(&site(sample()), "/feeds/harbour-courier.example.xml").await;
    assert_eq!(
        answer.header("content-type"),
        "application/rss+xml; charset=utf-8"
    );
    let feed = read(&answer.body);
    assert_eq!(feed.title, "The Harbour Courier");
    assert_eq!(feed.language.as_deref(), Some("en-GB"));
    let own = "https://press.example/feeds/harbour-courier.example.xml";
    assert_eq!(feed.self_url.unwrap().as_str(), own);
    let titles: Vec<_> = feed
        .entries
        .iter()
        .map(|entry| entry.title.as_str())
        .collect();
    assert_eq!(titles.len(), 3);
    assert_eq!(titles[0], "Ferries return to the old quay after five years");
    let ferry = &feed.entries[0];
    assert!(
        ferry
            .content
            .as_deref()
            .unwrap()
            .contains("<h2>What it cost</h2>")
    );
    assert_eq!(
        ferry.link.as_ref().unwrap().as_str(),
        "https://harbour-courier.example/12.html"
    );
    assert_eq!(ferry.authors.len(), 2);
    assert_eq!(ferry.published.unwrap().to_string(), "2026-11-22T16:05:00Z");
    assert_eq!(ferry.updated.unwrap().to_string(), "2026-11-22T18:10:00Z");
}

#[tokio::test]
async fn an_article_is_one_item_with_one_id_for_good() {
    let outlet = source(1, "a.example", "A", "en");
    let one = version(1, &outlet, "One", "2026-11-22T10:00:00Z", &["Text"]);
    let two = edited(&one, "Two", "2026-11-22T11:00:00Z", &["Other"]);
    let with = |versions| {
        let sources = vec![outlet.clone()];
        site(Fake {
            sources,
            articles: vec![versions],
            ..Fake::default()
        })
    };
    let (before, after) = (with(vec![one.clone()]), with(vec![one, two]));
    let id = async |site, path| {
        let feed = read(&get(site, path).await.body);
        assert_eq!(feed.entries.len(), 1);
        (
            feed.entries[0].guid.clone().unwrap(),
            feed.entries[0].title.clone(),
        )
    };
    let first = id(&before, "/feeds/a.example.xml").await;
    let second = id(&after, "/feeds/a.example.xml").await;
    let third = id(&after, "/feeds/all.xml").await;
    assert_eq!((first.1.as_str(), second.1.as_str()), ("One", "Two"));
    assert_eq!(first.0, second.0);
    assert_eq!(second.0, third.0);
    assert!(first.0.starts_with("urn:uuid:"));
}

#[tokio::test]
async fn a_feed_that_did_not_change_is_not_sent_again() {
    let outlet = source(1, "a.example", "A", "en");
    let one = version(1, &outlet, "One", "2026-11-22T10:00:00Z", &["Text"]);
    let two = edited(&one, "Two", "2026-11-22T11:00:00Z", &["Other"]);
    let sources = vec![outlet];
    let articles = vec![vec![one.clone()]];
    let before = site(Fake {
        sources: sources.clone(),
        articles,
        ..Fake::default()
    });
    let after = site(Fake {
        sources,
        articles: vec![vec![one, two]],
        ..Fake::default()
    });
    let path = "/feeds/a.example.xml";
    let first = get(&before, path).await;
    let (tag, date) = (first.header("etag"), first.header("last-modified"));
    assert!(tag.starts_with('"') && tag.ends_with('"'));
    assert_eq!(date, "Sun, 22 Nov 2026 10:07:00 GMT");
    assert_eq!(first.header("cache-control"), "public, max-age=60");

    for held in [
        tag.to_owned(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ] {
        let again = get_with(&before, path, &[("if-none-match", &held)]).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{held}");
        assert_eq!(
            (again.header("etag"), again.body.as_str()),
            (tag, ""),
            "{held}"
        );
    }
    let dated = get_with(&before, path, &[("if-modified-since", date)]).await;
    assert_eq!(dated.status, StatusCode::NOT_MODIFIED);
    let other = [("if-none-match", "\"x\""), ("if-modified-since", date)];
    assert_eq!(get_with(&before, path, &other).await.status, StatusCode::OK);

    for stale in [("if-none-match", tag), ("if-modified-since", date)] {
        let changed = get_with(&after, path, &[stale]).await;
        assert_eq!(changed.status, StatusCode::OK, "{stale:?}");
        assert_ne!(changed.header("etag"), tag);
    }
}

#[tokio::test]
async fn a_feed_without_a_public_address_goes_by_the_host_unless_it_is_a_name() {
    let on_loopback = router(state(sample()));
    let open = router(Site {
        local: false,
        ..state(sample())
    });
    for (site, host, own) in [
        (
            &on_loopback,
            "127.0.0.1:7777",
            Some("http://127.0.0.1:7777/"),
        ),
        (&on_loopback, "localhost", Some("http://localhost/")),
        (&open, "10.1.2.3:7777", Some("http://10.1.2.3:7777/")),
        (&open, "evil.example", None),
    ] {
        let answer = get_with(site, "/feeds/all.xml", &[("host", host)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
        let own = own.map(|own| format!("{own}feeds/all.xml"));
        let said = read(&answer.body).self_url.map(|url| url.to_string());
        assert_eq!(said, own, "{host}");
        assert!(!answer.body.contains("evil.example"));
    }
}

#[tokio::test]
async fn only_feeds_are_found_among_feeds() {
    let site = site(sample());
    for path in [
        "/feeds/none.example.xml",
        "/feeds/all",
        "/feeds/search.xml",
        "/feeds/..xml",
    ] {
        assert_eq!(
            get(&site, path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn alarms_have_a_feed_and_stand_with_their_source() {
    let outlet = source(1, "a.example", "A", "en");
    let cause = AlarmCause::Quality {
        poor: 9,
        of: 10,
        length_percent: 12,
        confidence: Some((97, 41)),
    };
    let alarm = |id, cleared_at: Option<i64>| Alarm {
        id,
        source: outlet.slug.clone(),
        name: Some("A".to_owned()),
        cause: cause.clone(),
        raised_at: Timestamp::from_seconds(1_795_340_000),
        cleared_at: cleared_at.map(Timestamp::from_seconds),
    };
    let mut sources = vec![outlet.clone()];
    sources[0].status.alarms = vec![AlarmKind::Quality];
    let site = site(Fake {
        sources,
        alarms: vec![alarm(2, None), alarm(1, Some(1_795_339_000))],
        ..Fake::default()
    });
    let feed = read(&get(&site, "/feeds/alarms.xml").await.body);
    let titles: Vec<_> = feed
        .entries
        .iter()
        .map(|entry| entry.title.as_str())
        .collect();
    let worse = "A is read worse than before";
    assert_eq!(
        titles,
        [worse, worse, "A is read worse than before: mended"]
    );
    let first = &feed.entries[0];
    assert_eq!(
        first.link.as_ref().unwrap().as_str(),
        "https://press.example/s/a.example"
    );
    assert!(
        first
            .content
            .as_deref()
            .unwrap()
            .contains("9 of the latest 10")
    );
    let mut ids: Vec<_> = feed.entries.iter().map(|entry| &entry.guid).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let answer = get(&site, "/feeds/alarms.xml?lang=zh").await;
    let chinese = read(&answer.body);
    assert_eq!(answer.header("vary"), "Accept-Language");
    assert_eq!(chinese.title, "Pressmark 的警报");
    assert_eq!(chinese.language.as_deref(), Some("zh-Hans"));
    let own = "https://press.example/feeds/alarms.xml?lang=zh";
    assert_eq!(chinese.self_url.unwrap().as_str(), own);
    let titles: Vec<_> = chinese.entries.iter().map(|e| e.title.as_str()).collect();
    let worse = "A 抓取质量下降";
    assert_eq!(titles, [worse, worse, "A 抓取质量下降: 已恢复"]);
    let told = chinese.entries[0].content.as_deref().unwrap();
    assert!(
        told.contains("长度为以前的 12%") && told.contains("付费墙"),
        "{told}"
    );
    let chinese_ids: Vec<_> = chinese.entries.iter().map(|entry| &entry.guid).collect();
    let english_ids: Vec<_> = feed.entries.iter().map(|entry| &entry.guid).collect();
    assert_eq!(chinese_ids, english_ids, "no reader sees them twice");
    for (path, said) in [
        ("/sources", "1 source needs attention"),
        ("/s/a.example", "9 of the latest 10"),
        ("/s/a.example", "from 97 % to 41 %"),
        ("/s/a.example?lang=zh", "10 篇中有 9 篇没有正文"),
        ("/s/a.example?lang=zh", "由 97% 降到 41%"),
    ] {
        let page = get(&site, path).await.body;
        assert!(page.contains(said), "{path}: {page}");
    }
}

#[tokio::test]
async fn an_authority_that_does_not_stamp_is_told() {
    let at = Timestamp::from_seconds;
    let state = |tsa: &str, mended_at: Option<Timestamp>| Anchoring {
        tsa: tsa.to_owned(),
        log: 1,
        size: 7,
        next_at: at(1_795_350_000),
        failures: 9,
        failed_at: Some(at(1_795_340_000)),
        failure: Some("status 503".to_owned()),
        failing_since: Some(at(1_795_240_000)),
        alarm: Some(AnchorAlarm {
            since: at(1_795_240_000),
            failure: "status 503".to_owned(),
            raised_at: at(1_795_330_000),
            mended_at,
        }),
    };
    let well = Anchoring {
        alarm: None,
        ..state("https://well.test/", None)
    };
    let anchoring = vec![
        state("https://closed.test/", None),
        state("https://open.test/", Some(at(1_795_345_000))),
        well,
    ];
    let site = site(Fake {
        anchoring,
        ..Fake::default()
    });
    let feed = read(&get(&site, "/feeds/alarms.xml").await.body);
    let told: Vec<_> = feed
        .entries
        .iter()
        .map(|entry| entry.title.as_str())
        .collect();
    let failing = "Time stamps of the log";
    assert_eq!(told, ["Time stamps of the log: mended", failing, failing]);
    let mut ids: Vec<_> = feed.entries.iter().map(|entry| &entry.guid).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    for (path, said) in [
        (
            "/",
            "authority https://closed.test/ has not time-stamped the log since",
        ),
        ("/sources", "status 503"),
        ("/sources", "<code>pressmark anchor</code>"),
        ("/sources?lang=zh", "时间戳机构 https://closed.test/ 自 "),
    ] {
        let page = get(&site, path).await.body;
        assert!(page.contains(said), "{path}: {page}");
        assert!(
            !page.contains("open.test") && !page.contains("well.test"),
            "{path}"
        );
    }
}

//! One article through the house: from a teaser feed to a full-text feed, a Markdown record in git
//! and a page in the reader.

use std::fs::File;
use std::io::BufReader;

use pressmark_testkit::postgres::fresh_database;
use pressmark_testkit::{Internet, Item, Page};
use pressmark_warc::{HttpResponse, Reader, RecordType};
use serde_json::Value;

use crate::program::{Program, lines};

const FIRST: &str = "<p>今晚九点半，停航九年的跨江夜班轮渡重新开船，首航载着一百零七名乘客。</p>\
    <p>轮渡公司经理说，北岸的人想进城看场戏，回家就难了，所以这条线必须回来。</p>\
    <p>船票两元，刷卡一元八角，末班船凌晨一点离岸，比末班公交晚了整整四个小时。</p>";
const CORRECTED: &str = "<p>今晚九点半，停航九年的跨江夜班轮渡重新开船，首航载着一百一十名乘客。</p>\
    <p>轮渡公司经理说，北岸的人想进城看场戏，回家就难了，所以这条线必须回来。</p>\
    <p>船票两元，刷卡一元八角，末班船凌晨一点离岸，比末班公交晚了整整四个小时。</p>";

fn page(body: &str) -> Page {
    Page::html(format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=utf-8><title>夜班轮渡重新开船</title>\
         <meta property=\"article:published_time\" content=\"2026-01-31T21:40:00+08:00\"></head><body>\
         <nav><a href=/>首页</a> <a href=/city>本市</a></nav>\
         <article><h1>夜班轮渡重新开船</h1>{body}</article>\
         <div class=share>分享到： <a href=/w>微博</a> <a href=/x>微信</a></div>\
         <footer>版权所有</footer></body></html>"
    ))
    .etag(&format!("\"{}\"", body.len() + body.matches('十').count()))
}

fn feed(title: &str) -> Page {
    let item = Item {
        guid: "tag:news.test,2026:1",
        link: "https://news.test/2026/%E8%BD%AE%E6%B8%A1?utm_source=rss",
        title,
        summary: "今晚九点半，停航九年的……",
        published: "Sat, 31 Jan 2026 21:40:00 +0800",
    };
    Page::rss("山城晚报", "https://news.test/", &[item]).etag(&format!("\"{title}\""))
}

async fn internet() -> Internet {
    let net = Internet::start().await;
    let site = net.site("news.test");
    let named = "<link rel=alternate type=\"application/rss+xml\" href=\"/feed.xml\">";
    site.page(
        "/",
        Page::html(format!(
            "<html><head>{named}</head><body>山城晚报</body></html>"
        )),
    );
    site.robots("User-agent: *\nDisallow: /admin\n");
    site.page("/feed.xml", feed("夜班轮渡重新开船"));
    site.page(
        "/2026/%E8%BD%AE%E6%B8%A1?utm_source=rss",
        page(FIRST).gzip().chunked(100),
    );
    net
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_walks_through_the_house() {
    let net = internet().await;
    walk(&net, Program::on(&net)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_walks_the_same_way_with_postgresql() {
    let database = tokio::task::spawn_blocking(fresh_database).await.unwrap();
    let Some(database) = database else {
        return;
    };
    let net = internet().await;
    walk(
        &net,
        Program::on(&net).with("PRESSMARK_CATALOG_URL", &database.url()),
    )
    .await;
}

async fn walk(net: &Internet, program: Program) {
    // The home page names the feed; the slug is the host.
    let added = program.ok(&["add", "https://news.test/"]).await;
    assert_eq!(added, "added: news.test (https://news.test/feed.xml)\n");

    // The feed is read, robots.txt is asked before the article, and the article is archived.
    net.forget_requests();
    let events = lines(&program.ok(&["poll", "--json"]).await);
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["event"].as_str())
        .collect();
    assert_eq!(kinds, ["read", "archived", "finished", "summary"]);
    assert_eq!(events[1]["version"], 1);
    let article = "/2026/%E8%BD%AE%E6%B8%A1?utm_source=rss";
    assert_eq!(
        net.paths("news.test"),
        ["/feed.xml", "/robots.txt", article]
    );
    assert_eq!(net.most_at_once("news.test"), 1);

    raw_bytes_are_kept(&program);
    let version = exported(&program, 1).await;
    assert_eq!(version["text"].as_str().unwrap().lines().count(), 3);
    record_is_in_git(&program, &version);

    // Nothing is asked for twice.
    net.forget_requests();
    let events = lines(&program.ok(&["poll", "--json"]).await);
    assert_eq!(events.last().unwrap()["articles"], 0);
    assert_eq!(net.paths("news.test"), ["/feed.xml"]);
    assert!(net.requests()[0].header("if-none-match").is_some());

    // The outlet corrects a number; its feed entry changes; that is version 2.
    net.site("news.test").page(article, page(CORRECTED));
    net.site("news.test")
        .page("/feed.xml", feed("夜班轮渡重新开船（更新）"));
    let events = lines(&program.ok(&["poll", "--json"]).await);
    assert_eq!(events.last().unwrap()["versions"], 1, "{events:?}");
    let corrected = exported(&program, 2).await;
    assert!(corrected["text"].as_str().unwrap().contains("一百一十名"));
    assert_eq!(program.git(&["rev-list", "--count", "HEAD"]).trim(), "2");
    record_is_in_git(&program, &corrected);

    served(&program).await;
    damage_is_found(&program).await;
}

fn raw_bytes_are_kept(program: &Program) {
    let mut pages = 0;
    for segment in program.segments() {
        for record in Reader::new(BufReader::new(File::open(segment).unwrap())) {
            let stored = record.unwrap();
            stored.verify().unwrap();
            let record = stored.record;
            let target = record.target.unwrap_or_default();
            if record.record_type != RecordType::Response || !target.contains("/2026/") {
                continue;
            }
            let response = HttpResponse::parse(&record.block).unwrap();
            assert_eq!(response.header("content-encoding"), Some("gzip"));
            assert_eq!(
                response.header("transfer-encoding"),
                Some("chunked"),
                "as on the wire"
            );
            let body = response.decoded_body(1 << 20).unwrap();
            assert!(String::from_utf8(body.bytes).unwrap().contains(FIRST));
            pages += 1;
        }
    }
    assert_eq!(pages, 1);
}

/// The export's line for this version, the last of so many.
async fn exported(program: &Program, version: usize) -> Value {
    let mut all = lines(&program.ok(&["export", "--format", "jsonl"]).await);
    assert_eq!(all.len(), version);
    let line = all.pop().unwrap();
    assert_eq!(line["version"], version);
    assert_eq!(line["source"], "news.test");
    assert_eq!(line["entry_id"], "tag:news.test,2026:1");
    assert_eq!(line["title"], "夜班轮渡重新开船");
    assert_eq!(line["published"], "2026-01-31T21:40:00+08:00");
    assert_eq!(line["image"], Value::Null);
    assert!(!line["html"].as_str().unwrap().contains("分享"));
    line
}

fn record_is_in_git(program: &Program, version: &Value) {
    let record = program.git(&["show", "HEAD:articles/news.test/1048575.md"]);
    let html = version["html"].as_str().unwrap();
    let url = "https://news.test/2026/%E8%BD%AE%E6%B8%A1?utm_source=rss";
    assert_eq!(
        record,
        format!("<!--1769866800000-->\n[夜班轮渡重新开船]({url})\n------\n\n{html}\n")
    );
    let list = program.git(&["show", "HEAD:lists/news.test.md"]);
    let line = "1-31 [夜班轮渡重新开船](/articles/news.test/1048575.md)";
    assert!(list.lines().any(|found| found == line), "{list}");
}

async fn served(program: &Program) {
    let serving = program.serve();
    let (head, feed) = serving.get("/feeds/news.test.xml", "").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let parsed = pressmark_feed::parse(feed.as_bytes(), Some("application/rss+xml"), None);
    assert_eq!(parsed.issues, []);
    let entry = &parsed.value.entries[0];
    assert!(
        entry.content.as_ref().unwrap().contains("一百一十名乘客"),
        "the whole text"
    );
    let etag = head
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap();
    let (head, _) = serving
        .get(
            "/feeds/news.test.xml",
            &format!("If-None-Match: {etag}\r\n"),
        )
        .await;
    assert!(head.starts_with("HTTP/1.1 304"), "{head}");

    let (_, page) = serving.get("/a/1", "").await;
    assert!(page.contains("一百一十名乘客") && page.contains("lang=\"zh-CN\""));
    let (_, earlier) = serving.get("/a/1?version=1", "").await;
    assert!(earlier.contains("一百零七名乘客"));
    let (_, source) = serving.get("/s/news.test", "").await;
    assert!(source.contains("夜班轮渡重新开船"));
}

async fn damage_is_found(program: &Program) {
    program.ok(&["check"]).await;
    let segment = program.segments().pop().unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let ran = program.run(&["check"]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("segment"), "{ran:?}");
}

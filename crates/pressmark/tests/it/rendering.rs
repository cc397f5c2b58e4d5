//! A page that is made by scripts, through the whole house, in a real Chromium.

use std::path::PathBuf;
use std::process::Command;

use pressmark_testkit::{Internet, Item, Page};

use crate::program::{Program, lines};

const STORY: &str = r#"{"title":"上游开闸","text":["江水在夜里涨了三米，沿岸两个镇的居民在天亮前转移到了山上的学校。",
"水文站说，洪峰将在明天中午通过县城，比去年高出四十厘米，堤上每五十米有一个人值守。",
"渡口停航，公路桥限速通行，医院和粮站各有一台发电机。"]}"#;
const SCRIPT: &str = "fetch('/api/story.json').then((answer) => answer.json()).then((story) => {
  const lines = story.text.map((line) => `<p>${line}</p>`).join('');
  document.title = story.title;
  document.getElementById('app').innerHTML =
    `<nav><a href=/>首页</a></nav><article><h1>${story.title}</h1>${lines}</article>`;
});";

/// The browser, if there is one; said aloud if not, unless that is required.
pub(crate) fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = std::env::split_paths(&path)
        .flat_map(|at| names.map(|name| at.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        let required = std::env::var_os("PRESSMARK_REQUIRE_TOOLS").is_some();
        assert!(!required, "chromium is not installed");
        eprintln!("skipped: chromium is not installed");
    }
    found
}

async fn internet() -> Internet {
    let net = Internet::start().await;
    let site = net.site("js.test");
    let item = Item {
        link: "https://js.test/2026/flood",
        title: "上游开闸",
        ..Item::default()
    };
    site.page(
        "/feed.xml",
        Page::rss("江城快讯", "https://js.test/", &[item]),
    );
    let shell = "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>江城快讯</title>\
                 <div id=app>正在载入……</div><script src=/app.js></script>";
    site.page("/2026/flood", Page::html(shell));
    site.page(
        "/app.js",
        Page::bytes("text/javascript; charset=utf-8", SCRIPT),
    );
    site.page("/api/story.json", Page::bytes("application/json", STORY));
    net
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_made_by_scripts_is_archived_whole() {
    if chromium().is_none() {
        return;
    }
    let net = internet().await;
    let program = Program::on(&net);
    program.ok(&["add", "https://js.test/feed.xml"]).await;
    program.ok(&["set", "js.test", "render=always"]).await;
    // Nothing is rendered unless that is asked for.
    let events = lines(&program.ok(&["poll", "--json"]).await);
    let told = events.iter().map(ToString::to_string).collect::<String>();
    assert!(told.contains("rendering is off"), "{told}");

    let root = Command::new("id").arg("-u").output().unwrap().stdout;
    let sandbox = if root.trim_ascii() == b"0" {
        "false"
    } else {
        "true"
    };
    let program = program
        .with("PRESSMARK_RENDER_ENABLED", "true")
        .with("PRESSMARK_RENDER_SANDBOX", sandbox);
    let events = lines(&program.ok(&["poll", "--json"]).await);
    assert_eq!(events.last().unwrap()["articles"], 1, "{events:?}");
    let mut exported = lines(&program.ok(&["export", "--format", "jsonl"]).await);
    let line = exported.remove(0);
    assert_eq!(line["title"], "上游开闸");
    assert_eq!(line["text"].as_str().unwrap().lines().count(), 3, "{line}");

    // It stands in the reader; what it was read from stands in the archive, and is sound.
    let serving = program.serve();
    let (_, page) = serving.get("/a/1", "").await;
    assert!(page.contains("洪峰将在明天中午通过县城"), "{page}");
    drop(serving);
    program.ok(&["check"]).await;
    let kept: Vec<u8> = program
        .segments()
        .iter()
        .flat_map(|s| std::fs::read(s).unwrap())
        .collect();
    let records: Vec<_> = pressmark_warc::Reader::new(&*kept)
        .map(|read| read.unwrap().record)
        .collect();
    let shown = records
        .iter()
        .find(|record| record.record_type == pressmark_warc::RecordType::Conversion)
        .unwrap();
    let field = |name: &str| {
        shown
            .other
            .iter()
            .find(|(n, _)| n == name)
            .unwrap()
            .1
            .clone()
    };
    assert!(field("Rendered-By").contains("Chrom"), "{shown:?}");
    let page = records
        .iter()
        .find(|record| record.id.to_string() == field("WARC-Refers-To"))
        .unwrap();
    assert_eq!(page.target.as_deref(), Some("https://js.test/2026/flood"));
    let data = |record: &&pressmark_warc::Record| {
        record.target.as_deref() == Some("https://js.test/api/story.json")
    };
    assert_eq!(records.iter().filter(data).count(), 2);

    // Without an archive it is read so, too.
    let alone = program.beside(program.folder.path().join("nothing"));
    let found = alone
        .ok(&["extract", "https://js.test/2026/flood", "--render"])
        .await;
    assert!(found.contains("洪峰将在明天中午通过县城"), "{found}");
    assert!(!alone.data().exists());

    // The same again is no edit.
    let events = lines(&program.ok(&["poll", "--revisit", "--json"]).await);
    assert_eq!(events.last().unwrap()["versions"], 0, "{events:?}");
    warcio_agrees(&program);
}

fn warcio_agrees(program: &Program) {
    let checks = |segment: &PathBuf| {
        Command::new("python3")
            .args(["-m", "warcio.cli", "check"])
            .arg(segment)
            .output()
            .unwrap()
    };
    let works = Command::new("python3")
        .args(["-c", "import warcio.cli"])
        .output();
    if !works.is_ok_and(|output| output.status.success()) {
        let required = std::env::var_os("PRESSMARK_REQUIRE_TOOLS").is_some();
        assert!(!required, "warcio is not installed");
        eprintln!("skipped: warcio is not installed");
        return;
    }
    for segment in program.segments() {
        let output = checks(&segment);
        assert!(output.status.success(), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_not_there_is_told_at_once() {
    let net = Internet::start().await;
    let program = Program::on(&net)
        .with("PRESSMARK_RENDER_ENABLED", "true")
        .with("PRESSMARK_RENDER_BROWSER", "/nowhere/chromium");
    program
        .run(&["poll"])
        .await
        .assert_refused("/nowhere/chromium");
}

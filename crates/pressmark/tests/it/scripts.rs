//! What feeds and pages smuggle in does not run in the reader, in a real browser.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pressmark_testkit::{Internet, Page};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::program::Program;
use crate::rendering::chromium;

const TEXT: &str = "<p>今晚九点半，停航九年的跨江夜班轮渡重新开船，首航载着一百零七名乘客。</p>\
    <p>轮渡公司经理说，北岸的人想进城看场戏，回家就难了，所以这条线必须回来。</p>\
    <p>船票两元，刷卡一元八角，末班船凌晨一点离岸，比末班公交晚了整整四个小时。</p>";

/// Each runs `HIT`, or loads `AT`, as soon as it is shown.
const PAYLOADS: [&str; 20] = [
    "<script>HIT</script>",
    "<img src=x onerror=\"HIT\">",
    "<svg onload=\"HIT\"></svg>",
    "<svg><script>HIT</script></svg>",
    "<svg><animate onbegin=\"HIT\" attributeName=x dur=1s></animate></svg>",
    "<iframe srcdoc=\"<script>HIT</script>\"></iframe>",
    "<iframe src=\"javascript:HIT\"></iframe>",
    "<details open ontoggle=\"HIT\"><summary>a</summary></details>",
    "<video><source onerror=\"HIT\"></video>",
    "<audio src=x onerror=\"HIT\"></audio>",
    "<input autofocus onfocus=\"HIT\">",
    "<marquee onstart=\"HIT\">a</marquee>",
    "<noscript><p title=\"</noscript><img src=x onerror=HIT>\"></p></noscript><img src=x onerror=HIT>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=HIT&gt;\"></table></mtext></math><img src=x onerror=HIT>",
    "<p style=\"background:url(AT)\">a</p>",
    "<style>@import 'AT';</style>",
    "<link rel=stylesheet href=\"AT\">",
    "<object data=\"AT\"></object>",
    "<embed src=\"AT\">",
    "<iframe src=\"AT\"></iframe>",
];

/// Notes which numbers are asked for.
async fn canary() -> (String, Arc<Mutex<BTreeSet<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let hits = Arc::new(Mutex::new(BTreeSet::new()));
    let noted = Arc::clone(&hits);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let noted = Arc::clone(&noted);
            tokio::spawn(async move {
                let mut head = [0; 512];
                let length = stream.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or("?").to_owned();
                noted.lock().unwrap().insert(path);
            });
        }
    });
    (address, hits)
}

/// A payload that tells the canary this number.
fn armed(payload: &str, canary: &str, number: &str) -> String {
    let at = format!("{canary}/{number}");
    // Without a space, which would end an attribute that has no quotes.
    let hit = format!("(new/**/Image).src='{at}'");
    payload.replace("HIT", &hit).replace("AT", &at)
}

/// Shows pages in a browser that anyone could have, one after the other.
async fn visit(browser: &Path, pages: &[String]) {
    for page in pages {
        let profile = tempfile::tempdir().unwrap();
        let mut command = tokio::process::Command::new(browser);
        command
            .args(["--headless", "--no-sandbox", "--timeout=2500", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(page)
            .kill_on_drop(true);
        let shown = tokio::time::timeout(Duration::from_secs(30), command.output()).await;
        let shown = shown.unwrap().unwrap();
        assert!(shown.stdout.len() > 500, "{page}: nothing was shown");
    }
}

fn feed(canary: &str) -> Page {
    let escaped = |number| {
        let payload = armed(
            "<img src=x onerror=HIT><script>HIT</script>",
            canary,
            number,
        );
        payload
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    Page::xml(format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>\
         <title>{}</title><link>https://bad.test/</link><description>{}</description><item>\
         <title>夜班轮渡 {}</title><link>https://bad.test/story</link><dc:creator>{}</dc:creator>\
         <category>{}</category><description>{}</description>\
         <enclosure url=\"{canary}/enclosure\" type=\"audio/mpeg\" length=\"1\"/></item></channel></rss>",
        escaped("feed"),
        escaped("about"),
        escaped("title"),
        escaped("author"),
        escaped("tag"),
        escaped("summary"),
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_smuggled_in_runs_in_the_reader() {
    let Some(browser) = chromium() else { return };
    let net = Internet::start().await;
    let (canary, hits) = canary().await;
    let payloads: Vec<String> = (0_usize..)
        .zip(PAYLOADS)
        .map(|(number, payload)| armed(payload, &canary, &number.to_string()))
        .collect();
    let author = armed(
        "<b onclick=x><img src=x onerror=HIT></b>",
        &canary,
        "byline",
    );
    let story = format!(
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>夜班轮渡</title>\
         <article><h1>夜班轮渡</h1><p class=byline>{author}</p>{}</article>",
        payloads
            .iter()
            .flat_map(|payload| [TEXT, payload.as_str()])
            .collect::<String>()
    );
    let site = net.site("bad.test");
    site.page("/feed.xml", feed(&canary));
    site.page("/story", Page::html(story.as_str()));
    let program = Program::on(&net);
    program.ok(&["add", "https://bad.test/feed.xml"]).await;
    program.ok(&["poll"]).await;

    let serving = program.serve();
    let (_, article) = serving.get("/a/1", "").await;
    assert!(article.contains("首航载着一百零七名乘客"), "{article}");
    let pages = ["/", "/sources", "/s/bad.test", "/a/1"];
    let pages = pages.map(|path| format!("http://{}{path}", serving.address));
    visit(&browser, &pages).await;
    assert_eq!(*hits.lock().unwrap(), BTreeSet::new());

    // The page as it came, in the same browser: what is in it does run.
    net.site("127.0.0.1").page("/story", Page::html(story));
    visit(&browser, &[format!("http://{}/story", net.address())]).await;
    let ran = hits.lock().unwrap().len();
    assert!(ran >= 15, "{:?}", hits.lock().unwrap());
}

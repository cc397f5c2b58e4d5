//! Single commands, and how the program ends.

use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use pressmark_testkit::{Internet, Item, Page};
use serde_json::Value;

use crate::program::{Program, lines};

const LINK: &str = "https://news.test/story";

/// A site with a feed of one story.
async fn internet() -> Internet {
    let net = Internet::start().await;
    let site = net.site("news.test");
    site.page("/feed.xml", feed(LINK));
    site.page("/story", crate::pages::story("story", 0));
    net
}

fn feed(link: &str) -> Page {
    let title = "story";
    let item = Item {
        title,
        link,
        ..Item::default()
    };
    Page::rss("News", "https://news.test/", &[item])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_behind_credentials_is_found_by_its_address() {
    let net = internet().await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["set", "news.test", "cookie=sid=1"]).await;
    program.ok(&["poll"]).await;
    let shown = program.ok(&["show", LINK]).await;
    assert!(shown.contains("The story of story"), "{shown}");
    let other = program.run(&["show", "https://news.test/other"]).await;
    other.assert_refused("no article");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_site_says_does_not_steer_the_terminal() {
    let net = internet().await;
    let site = net.site("news.test");
    site.page("/feed.xml", feed("https://news.test/story%1B[31m"));
    site.robots("User-agent: *\nDisallow: /story\u{1b}[31m\n");
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    let polled = program.run(&["poll"]).await;
    assert!(
        polled.stderr.contains("robots.txt disallows it"),
        "{polled:?}"
    );
    assert!(!polled.stderr.contains('\u{1b}'), "{polled:?}");
    assert!(
        polled
            .stdout
            .starts_with("1 source: 0 new articles, 0 new versions, 0 unchanged; 1 page failed"),
        "{polled:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_backfill_costs_is_told_before() {
    let net = Internet::start().await;
    let site = net.site("maps.test");
    let maps: Vec<String> = (1..=20)
        .map(|n| format!("<sitemap><loc>https://maps.test/{n}.xml</loc></sitemap>"))
        .collect();
    let index = format!("<sitemapindex>{}</sitemapindex>", maps.concat());
    site.page("/sitemap.xml", Page::xml(index.clone()));
    site.page("/all.xml", Page::xml(index));
    for n in 1..=20 {
        let urls: Vec<String> = (1..=9)
            .map(|k| format!("<url><loc>https://maps.test/2026/{n}/story-{k}.html</loc></url>"))
            .collect();
        let map = format!("<urlset>{}</urlset>", urls.concat());
        site.page(&format!("/{n}.xml"), Page::xml(map));
    }
    let program = Program::on(&net);
    let add = ["add", "https://maps.test/sitemap.xml"];
    let seen = program.ok(&[add[0], add[1], "--preview"]).await;
    assert!(
        seen.contains("27 entries in the first 3 sitemaps, 17 more not read"),
        "{seen}"
    );
    for (path, backfill, told) in [
        (
            "sitemap.xml",
            "60",
            "takes about 60 entries of about 180 (8 of 20 sitemaps were read to tell): \
             about 68 requests",
        ),
        (
            "all.xml",
            "all",
            "takes about 180 entries of about 180 (8 of 20",
        ),
    ] {
        let url = format!("https://maps.test/{path}");
        let ran = program.run(&["add", &url, "--backfill", backfill]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stderr.contains(told), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_replaces_its_file_and_nothing_else() {
    let net = internet().await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;
    let folder = program.folder.path().join("out");
    std::fs::create_dir(&folder).unwrap();
    let file = |name: &str| folder.join(name).display().to_string();
    std::fs::write(file("a.part"), "mine").unwrap();
    std::fs::write(file("a.jsonl"), "old").unwrap();
    program.ok(&["export", "--out", &file("a.jsonl")]).await;
    assert_eq!(std::fs::read_to_string(file("a.part")).unwrap(), "mine");
    let exported = std::fs::read_to_string(file("a.jsonl")).unwrap();
    assert_eq!(lines(&exported).len(), 1);

    // A folder in the way is said, and nothing is left behind.
    let refused = program.run(&["export", "--out", &file("no/a.jsonl")]).await;
    assert_eq!(refused.code, 2, "{refused:?}");
    let refused = program.run(&["export", "--out", &file("")]).await;
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_to_a_pipe_is_written_and_the_pipe_stays() {
    use std::os::unix::fs::FileTypeExt as _;

    let net = internet().await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["poll"]).await;
    let pipe = program.folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let reading = {
        let pipe = pipe.clone();
        tokio::task::spawn_blocking(move || std::fs::read_to_string(pipe).unwrap())
    };
    let out = pipe.display().to_string();
    program.ok(&["export", "--out", &out]).await;
    assert_eq!(lines(&reading.await.unwrap()).len(), 1);
    assert!(pipe.metadata().unwrap().file_type().is_fifo());
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_cannot_be_polled_are_refused() {
    let net = internet().await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    program.ok(&["remove", "news.test"]).await;
    let paused = program.run(&["pause", "news.test"]).await;
    paused.assert_refused("was removed");
    assert!(paused.stderr.contains("pressmark resume news.test"));
    assert_eq!(state(&program, "news.test").await, None);
    program.ok(&["resume", "news.test"]).await;
    assert_eq!(state(&program, "news.test").await, Some("active".into()));

    let folder = program.folder.path().join("old/articles/old.test");
    std::fs::create_dir_all(&folder).unwrap();
    let record = "<!--1703076301000-->\n[A title](https://old.test/1)\n------\n\n<p>Text</p>\n";
    std::fs::write(folder.join("1048575.md"), record).unwrap();
    let imported = program.ok(&["import", "old"]).await;
    assert!(imported.starts_with("1 article imported"), "{imported}");
    net.forget_requests();
    let polled = program.run(&["poll", "news.test", "old.test"]).await;
    polled.assert_refused("was imported");
    // One that is refused leaves the others as they were.
    let both = ["pause", "news.test", "old.test"];
    program.run(&both).await.assert_refused("was imported");
    assert_eq!(state(&program, "news.test").await, Some("active".into()));
    assert_eq!(net.requests().len(), 0);
}

/// What `sources` says of a source; those that were removed are not listed.
async fn state(program: &Program, slug: &str) -> Option<Value> {
    let sources = lines(&program.ok(&["sources", "--json"]).await);
    let found = sources.into_iter().find(|source| source["slug"] == slug);
    found.map(|source| source["state"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_git_cannot_do_is_told_with_what_to_do() {
    let net = internet().await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    std::fs::create_dir(program.data().join("markdown")).unwrap();
    std::fs::write(program.data().join("markdown/letter.txt"), "mine").unwrap();
    let polled = program.run(&["poll"]).await;
    assert_eq!(polled.code, 0, "{polled:?}");
    assert!(
        polled
            .stderr
            .contains("the Markdown archive was not brought up to date"),
        "{polled:?}"
    );
    assert!(
        polled.stderr.contains("hint: name an empty or new folder"),
        "{polled:?}"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_poll_could_not_run() {
    let net = internet().await;
    net.site("news.test").page("/story", Page::html("").stall());
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    net.forget_requests();
    let mut polling = started(&program, &["poll"]);
    until(|| net.paths("news.test").iter().any(|path| path == "/story")).await;
    interrupt(&polling);
    assert_eq!(end_of(&mut polling).await.code(), Some(2));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_interrupt_does_not_wait_for_the_push() {
    use std::os::unix::fs::PermissionsExt;

    let net = internet().await;
    let program = Program::on(&net).with("PRESSMARK_GIT_PUSH", "ssh://far.test/news");
    // A remote that takes its time: it says nothing until nobody listens any more.
    let far = program.folder.path().join("far");
    let called = program.folder.path().join("called");
    let script = format!("#!/bin/sh\ntouch '{}'\nexec cat\n", called.display());
    std::fs::write(&far, script).unwrap();
    std::fs::set_permissions(&far, PermissionsExt::from_mode(0o755)).unwrap();
    let program = program
        .with("GIT_SSH", &far.display().to_string())
        .with("GIT_SSH_VARIANT", "simple");
    program.ok(&["add", "https://news.test/feed.xml"]).await;

    let mut serving = started(&program, &["serve", "--listen", "127.0.0.1:0"]);
    until(|| called.exists()).await;
    interrupt(&serving);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        serving.try_wait().unwrap().is_none(),
        "the push is waited for"
    );
    interrupt(&serving);
    assert_eq!(end_of(&mut serving).await.code(), Some(2));
    program.ok(&["check"]).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn one_interrupt_ends_serve_in_order() {
    let net = internet().await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    let mut serving = started(&program, &["serve", "--listen", "127.0.0.1:0"]);
    until(|| program.data().join("markdown/lists/news.test.md").exists()).await;
    interrupt(&serving);
    assert_eq!(end_of(&mut serving).await.code(), Some(0));
}

fn started(program: &Program, arguments: &[&str]) -> Child {
    let mut command = program.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

async fn until(mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "it does not come"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(sent.unwrap().success());
}

async fn end_of(child: &mut Child) -> ExitStatus {
    let mut status = None;
    until(|| {
        status = child.try_wait().unwrap();
        status.is_some()
    })
    .await;
    status.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_subscriptions_is_imported_and_exported() {
    let net = internet().await;
    let program = Program::on(&net);
    let list = program.folder.path().join("list.opml");
    std::fs::write(
        &list,
        "<opml><body><outline text='News'><outline text='One' xmlUrl='https://news.test/feed.xml' x='&lt;1>'/>
        </outline><outline text='Two' xmlUrl='nowhere'/></body></opml>",
    )
    .unwrap();
    let ran = program.run(&["import", "list.opml"]).await;
    assert!(ran.stdout.starts_with("1 source added"), "{ran:?}");
    assert!(ran.stderr.contains("`Two`"), "{ran:?}");
    let listed = program.ok(&["sources", "--json"]).await;
    let source: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(source["settings"]["folder"], "News");
    let again = program.ok(&["import", "list.opml", "--json"]).await;
    assert!(again.contains("\"known\":1"), "{again}");
    let written = program.ok(&["export", "--format", "opml"]).await;
    assert!(written.contains("x=\"&lt;1&gt;\""), "{written}");
    std::fs::write(&list, "no list").unwrap();
    let ran = program.run(&["import", "list.opml"]).await;
    ran.assert_refused("lists nothing that can be watched");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_archived_where_there_is_no_room() {
    let net = internet().await;
    let program = Program::on(&net);
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    let asked = net.requests_to("news.test").len();
    let floor = i64::MAX.to_string();
    let short = program
        .beside(program.data())
        .with("PRESSMARK_STORAGE_FLOOR", &floor);
    let polled = short.run(&["poll"]).await;
    assert_eq!(polled.code, 2, "{polled:?}");
    assert!(polled.stderr.contains("`[storage] floor`"), "{polled:?}");
    assert_eq!(
        net.requests_to("news.test").len(),
        asked,
        "nothing was begun"
    );
    let polled = program.ok(&["poll"]).await;
    assert!(polled.contains("1 new article"), "{polled}");
}

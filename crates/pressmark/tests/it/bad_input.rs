//! Bad input gets one clear sentence and a hint, and nothing is lost.

use pressmark_testkit::{Internet, Page};

use crate::disk::{Mounted, can_mount};
use crate::program::Program;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_with_what_to_do_next() {
    let net = Internet::start().await;
    let site = net.site("news.test");
    site.page(
        "/page",
        Page::html("<html><body><p>Neither feed nor article.</p></body></html>"),
    );
    site.page("/picture", Page::bytes("image/png", vec![0; 64]));
    site.page("/empty.xml", Page::rss("Empty", "https://news.test/", &[]));
    let program = Program::on(&net);

    for (arguments, sign) in [
        (&["sources"][..], "there is no archive"),
        (&["add", "ftp://news.test/"], "neither http nor https"),
        (
            &["add", "https://news.test/page"],
            "a page that names no feed",
        ),
        (&["add", "https://news.test/picture"], "image/png"),
        (&["add", "https://news.test/missing"], "404"),
        (&["add", "--pick", "1", "https://news.test/missing"], "404"),
        (
            &["add", "--preview", "--json", "https://news.test/missing"],
            "404",
        ),
        (&["add", "/nowhere/list.opml"], "there is no file"),
        (
            &["add", "--json-path", "a titel=t", "https://news.test/"],
            "no field `titel`",
        ),
        (
            &["add", "https://news.test/empty.xml", "--slug", "all"],
            "reserved",
        ),
    ] {
        let ran = program.run(arguments).await;
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(sign), "{ran:?}");
    }
    let list = program.folder.path().join("list.opml");
    let outline = r#"<outline text="A" xmlUrl="https://a.test/f"/>"#;
    std::fs::write(&list, format!("<opml><body>{outline}</body></opml>")).unwrap();
    let shown = program
        .ok(&["add", "--preview", list.to_str().unwrap()])
        .await;
    assert!(shown.contains("https://a.test/f"), "{shown}");
    assert_eq!(program.ok(&["sources"]).await, "");
    // A feed without entries is a feed.
    program.ok(&["add", "https://news.test/empty.xml"]).await;
    // A host that is down may be up again: the source is kept.
    net.site("down.test").down();
    let added = program.run(&["add", "https://down.test/feed"]).await;
    assert_eq!(added.code, 0, "{added:?}");
    assert!(added.stderr.contains("tried again"), "{added:?}");
    let polled = program.ok(&["poll"]).await;
    assert!(polled.contains("1 source failed"), "{polled}");

    for (arguments, sign) in [
        (&["poll", "nobody"][..], "no source is called `nobody`"),
        (&["show", "1"], "no article"),
        (
            &["set", "news.test", "interval=soon"],
            "not a length of time",
        ),
        (&["set", "news.test", "colour=red"], "no setting `colour`"),
        (
            &["set", "news.test", "headers=Host: x"],
            "belongs to the connection",
        ),
        (&["import", "nowhere"], "cannot be read"),
        (&["extract", "nowhere.html"], "cannot be read"),
    ] {
        program.run(arguments).await.assert_refused(sign);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_an_unknown_key_is_refused_with_its_line() {
    let net = Internet::start().await;
    let program = Program::on(&net);
    program.ok(&["init"]).await;
    std::fs::write(
        program.data().join("pressmark.toml"),
        "[fetch]\nproxi = \"x\"\n",
    )
    .unwrap();
    let ran = program.run(&["sources"]).await;
    ran.assert_refused("proxi");
    assert!(ran.stderr.contains("line 2"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_use_is_left_alone() {
    let net = Internet::start().await;
    let program = Program::on(&net);
    program.ok(&["init"]).await;
    let serving = program.serve();
    program
        .run(&["poll"])
        .await
        .assert_refused("another process");
    program.ok(&["sources"]).await;
    drop(serving);
    program.ok(&["poll"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_secrets_are_shown_and_secrets_are_not() {
    let net = Internet::start().await;
    net.site("news.test")
        .page("/feed.xml", Page::rss("News", "https://news.test/", &[]));
    let program = Program::on(&net).with("PRESSMARK_CATALOG_URL", "");
    let shown = program.run(&["config"]).await;
    assert!(shown.stdout.contains("fetch.proxy"), "{shown:?}");

    let program = Program::on(&net);
    program
        .ok(&["add", "https://reader:canary@news.test/feed.xml"])
        .await;
    program
        .ok(&["set", "news.test", "cookie=canary", "headers=X-Key: canary"])
        .await;
    for arguments in [
        &["sources"][..],
        &["sources", "--json"],
        &["config"],
        &["poll", "--json"],
    ] {
        let ran = program.run(arguments).await;
        assert!(!format!("{ran:?}").contains("canary"), "{ran:?}");
    }
    let serving = program.serve();
    for path in ["/sources", "/s/news.test", "/feeds/news.test.xml"] {
        let (_, body) = serving.get(path, "").await;
        assert!(!body.contains("canary"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_a_later_poll_has_everything() {
    if !can_mount() {
        return;
    }
    let net = Internet::start().await;
    let (program, small) = cramped(&net).await;
    let ran = program.run(&["poll"]).await;
    ran.assert_refused("free some space");
    small.grow("size=64m");
    let acknowledged = program.ok(&["export"]).await.lines().count();
    assert!(acknowledged < STORIES);
    program.ok(&["check"]).await;
    program.ok(&["poll"]).await;
    assert_eq!(program.ok(&["export"]).await.lines().count(), STORIES);
    program.ok(&["check"]).await;
}

const STORIES: usize = 6;

/// A program on a disk with room for some of the stories that it watches.
async fn cramped(net: &Internet) -> (Program, Mounted) {
    let site = net.site("news.test");
    let titles: Vec<String> = (0..STORIES).map(|n| format!("story-{n}")).collect();
    let names: Vec<&str> = titles.iter().map(String::as_str).collect();
    site.page("/feed.xml", crate::pages::feed(&names));
    for name in &names {
        site.page(&format!("/{name}"), crate::pages::story(name, 400_000));
    }
    let program = Program::on(net).with("PRESSMARK_STORAGE_FLOOR", "0");
    std::fs::create_dir(program.data()).unwrap();
    let small = Mounted::tmpfs(&program.data(), "size=1500k");
    program.ok(&["add", "https://news.test/feed.xml"]).await;
    (program, small)
}

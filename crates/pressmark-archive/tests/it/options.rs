//! How single sources are watched: lists of subscriptions, filters, full text.

use pressmark_archive::setting;
use pressmark_archive::source::{SourceChange, SourceState};
use pressmark_feed::parse_opml;
use pressmark_testkit::{Item, Page};

use crate::world::{World, feed, story};

const LIST: &str = r#"<?xml version="1.0"?><opml version="2.0" xmlns:frss="https://freshrss.org/opml"
    xmlns:m="https://miniflux.app/opml" xmlns:x="urn:x"><head><title>Mine</title></head><body>
  <outline text="News"><outline text="Asia">
    <outline text="One" title="The One" type="rss" xmlUrl="https://one.test/feed.xml" htmlUrl="https://one.test/"
      description="a &quot;b&quot;&#10;c" x:rank="7" frss:cssFullContent="div > p" frss:priority="important"
      frss:filtersActionRead="intitle:ads&#10;spam" frss:CURLOPT_PROXY="127.0.0.1:9050" frss:CURLOPT_PROXYTYPE="7"
      frss:CURLOPT_HTTPHEADER="X-One: 1&#13;&#10;X-Two: 2" frss:ttl="7200"/></outline>
    <outline text="Two" xmlUrl="https://two.test/feed.xml" m:userAgent="Agent/1" m:scraperRules="article.main"
      m:blockFilterEntryRules="EntryTitle=(?i)advert&#10;EntryDate=before:2024-01-01" m:disabled="true"/></outline>
  <outline text="Two again" xmlUrl="https://two.test/feed.xml"/>
  <outline text="Broken" xmlUrl="not an address"/>
  <outline text="Bad proxy" xmlUrl="https://three.test/feed.xml" m:proxyUrl="ftp://x"/>
</body></opml>"#;

const BAD_PROXY: &str = "`Bad proxy`: `ftp://x` is no proxy: the source is paused, so that it is \
    not asked without one";

#[tokio::test]
async fn a_list_of_subscriptions_comes_in_and_goes_out_whole() {
    let world = World::new().await;
    let done = world
        .archive
        .subscribe(LIST.as_bytes(), &|_, _| {})
        .await
        .unwrap();
    assert_eq!((done.added, done.known), (3, 0));
    let told = [
        "`One`: `frss:filtersActionRead` is not used: nothing is marked as read",
        "`Two`: the rule `EntryDate=before:2024-01-01` is not used",
        "`Broken`: ",
        BAD_PROXY,
    ];
    assert_eq!(done.refused.len(), told.len(), "{:?}", done.refused);
    for (said, told) in done.refused.iter().zip(told) {
        assert!(said.starts_with(told), "{said}");
    }
    let proxied = world.source("three.test").await;
    assert_eq!(proxied.state, SourceState::Paused, "not asked directly");

    let one = world.source("one.test").await;
    assert_eq!(one.settings.folder, ["News", "Asia"]);
    let shown: Vec<String> = setting::shown(&one.settings)
        .into_iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    assert_eq!(
        shown,
        [
            "interval=2h",
            "proxy=socks5h://127.0.0.1:9050",
            "headers=***",
            "folder=News/Asia"
        ]
    );
    assert_eq!(one.settings.headers, ["X-One: 1", "X-Two: 2"]);
    let two = world.source("two.test").await;
    assert_eq!(two.state, SourceState::Paused);
    assert_eq!(two.settings.block, ["title=(?i)advert"]);
    assert_eq!(two.settings.user_agent.as_deref(), Some("Agent/1"));

    let again = world.archive.subscribe(LIST.as_bytes(), &|_, _| {}).await;
    assert_eq!(again.unwrap().known, 3);
    let written = world.archive.list_subscriptions().await.unwrap();
    let list = parse_opml(written.as_bytes()).value;
    assert!(list.namespaces.contains(&("x".into(), "urn:x".into())));
    let asia = &list.outlines[0].outlines[0];
    assert_eq!((&*asia.text, &*asia.outlines[0].text), ("Asia", "One"));
    let out = &asia.outlines[0];
    assert_eq!(out.html_url.as_deref(), Some("https://one.test/"));
    for (name, value) in [
        ("title", "The One"),
        ("description", "a \"b\"\nc"),
        ("x:rank", "7"),
        ("frss:cssFullContent", "div > p"),
        ("frss:priority", "important"),
        ("frss:filtersActionRead", "intitle:ads\nspam"),
        ("frss:CURLOPT_PROXYTYPE", "7"),
        ("frss:CURLOPT_HTTPHEADER", "X-One: 1\r\nX-Two: 2"),
        ("frss:ttl", "7200"),
    ] {
        let pair = (name.to_owned(), value.to_owned());
        assert!(
            out.attributes.contains(&pair),
            "{name}: {:?}",
            out.attributes
        );
    }
    let two = &list.outlines[0].outlines[1];
    let rules = "EntryTitle=(?i)advert\nEntryDate=before:2024-01-01";
    let kept = (
        "miniflux:blockFilterEntryRules".to_owned(),
        rules.to_owned(),
    );
    assert!(two.attributes.contains(&kept), "{:?}", two.attributes);
}

const SCRAPED: &str = r#"<opml xmlns:frss="https://freshrss.org/opml"><body>
  <outline text="Empty" frss:opmlUrl="https://lists.test/a.opml"/>
  <outline text="Pages" title="All pages"><outline text="Deeper"/>
    <outline text="Board" type="HTML+XPath" xmlUrl="https://board.test/news" htmlUrl="https://board.test/"
      frss:xPathItem="//div[@class='row']" frss:xPathItemTitle="descendant::b" frss:xPathItemUri="descendant::a/@href"
      frss:xPathItemTimeFormat="d.m.Y" frss:cssFullContent="div.story"/>
    <outline text="No address" type="rss"/></outline>
</body></opml>"#;

#[tokio::test]
async fn what_others_scrape_is_read_and_folders_stay() {
    let world = World::new().await;
    let done = world.archive.subscribe(SCRAPED.as_bytes(), &|_, _| {});
    let done = done.await.unwrap();
    let told = [
        "`Board`: `frss:xPathItemTimeFormat` is not used: dates are read in any form, the day before \
         the month",
        "`No address` has no address of a feed",
    ];
    assert_eq!(done.refused, told);
    assert_eq!(done.rules[0].host, "board.test");
    assert!(done.rules[0].lines[0].starts_with("body: //div["));

    let site = world.net.site("board.test");
    let row =
        |n: u32| format!("<div class=row><a href=/go?{n}>Read</a><p><b>Decision {n}</b></div>");
    let page = format!(
        "<h1>Board</h1>{}{}<div><a href=/about>x</a></div>",
        row(1),
        row(2)
    );
    site.page("/news", Page::html(page));
    for n in [1, 2] {
        site.page(
            &format!("/go?{n}"),
            story(&format!("Decision {n}"), "it", 5),
        );
    }
    assert_eq!(world.poll().await.articles, 2);
    let entries = world.source("board.test").await;
    let entries = world
        .archive
        .catalog()
        .entries(entries.id, 9)
        .await
        .unwrap();
    assert_eq!(entries[0].title, "Decision 1");

    let written = world.archive.list_subscriptions().await.unwrap();
    let list = parse_opml(written.as_bytes()).value;
    let [empty, pages] = list.outlines.as_slice() else {
        panic!("{written}")
    };
    assert_eq!(
        (&*empty.text, &*empty.attributes[0].1),
        ("Empty", "https://lists.test/a.opml")
    );
    assert_eq!(
        pages.attributes,
        [("title".to_owned(), "All pages".to_owned())]
    );
    assert_eq!(pages.outlines[0].text, "Deeper");
    for part in [
        "type=\"HTML+XPath\"",
        "frss:xPathItemTimeFormat=\"d.m.Y\"",
        "frss:cssFullContent",
    ] {
        assert!(written.contains(part), "{written}");
    }
    set(
        &world,
        "board.test",
        &[("read", "json:a.b link=/{id} title=t")],
    )
    .await;
    let written = world.archive.list_subscriptions().await.unwrap();
    assert!(written.contains("frss:jsonItemTitle=\"t\"") && !written.contains("HTML+XPath"));
    let other = World::new().await;
    let again = other
        .archive
        .subscribe(written.as_bytes(), &|_, _| {})
        .await;
    assert_eq!(again.unwrap().added, 1);
    let read = other.source("board.test").await.settings.read;
    assert_eq!(read.unwrap().to_string(), "json:a.b link=/{id} title=t");
    assert_eq!(other.archive.catalog().folders().await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_is_set_later_is_what_goes_out_and_comes_in_elsewhere() {
    let world = World::new().await;
    let list = LIST.as_bytes();
    world.archive.subscribe(list, &|_, _| {}).await.unwrap();
    set(&world, "one.test", &[("proxy", "direct"), ("interval", "")]).await;
    let filters = [("block", "title=x\nany=y"), ("full_text", "off")];
    set(&world, "two.test", &filters).await;
    let written = world.archive.list_subscriptions().await.unwrap();
    assert!(
        written.contains("frss:CURLOPT_PROXYTYPE=\"-1\""),
        "{written}"
    );
    assert!(!written.contains("127.0.0.1:9050") && !written.contains("frss:ttl"));
    assert!(written.contains("miniflux:blockFilterEntryRules=\"EntryTitle=x\""));

    let other = World::new().await;
    let done = other
        .archive
        .subscribe(written.as_bytes(), &|_, _| {})
        .await;
    assert_eq!(done.unwrap().refused[1..], [BAD_PROXY]);
    for slug in ["one.test", "two.test"] {
        let (here, there) = (world.source(slug).await, other.source(slug).await);
        assert_eq!(here.state, there.state);
        assert_eq!(
            setting::shown(&here.settings),
            setting::shown(&there.settings)
        );
    }
}

/// Sets options of a source, as `set` does.
async fn set(world: &World, slug: &str, values: &[(&str, &str)]) {
    let source = world.source(slug).await;
    let mut settings = source.settings;
    for (key, value) in values {
        setting::assign(&mut settings, key, value).unwrap();
    }
    let change = SourceChange {
        settings: Some(settings),
        ..SourceChange::default()
    };
    let catalog = world.archive.catalog();
    catalog.change_source(source.id, &change).await.unwrap();
}

#[tokio::test]
async fn filtered_entries_are_not_fetched_until_they_are_wanted() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "advert", "two"]));
    for title in ["one", "two", "advert"] {
        site.page(&format!("/{title}"), story(title, title, 5));
    }
    world.watch("news.test").await;
    set(&world, "news.test", &[("block", "title=(?i)ADVERT")]).await;
    let summary = world.poll().await;
    assert_eq!((summary.articles, summary.filtered), (2, 1));
    assert!(!world.net.paths("news.test").contains(&"/advert".to_owned()));
    let status = world.source("news.test").await.status;
    assert_eq!((status.filtered, status.failed, status.pending), (1, 0, 0));
    assert_eq!(world.poll().await.filtered, 0, "it is remembered");

    set(&world, "news.test", &[("block", "")]).await;
    assert_eq!(world.poll().await.articles, 1);
    assert_eq!(world.source("news.test").await.status.filtered, 0);
    world.assert_sound().await;
}

#[tokio::test]
async fn without_full_text_the_feed_is_the_article() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    let text = format!("<p>{}</p>", "The feed's own words are here. ".repeat(20));
    let item = Item {
        title: "one",
        link: "https://news.test/one",
        summary: &text,
        ..Item::default()
    };
    site.page("/feed.xml", Page::rss("N", "https://news.test/", &[item]));
    world.watch("news.test").await;
    set(&world, "news.test", &[("full_text", "off")]).await;
    assert_eq!(world.poll().await.articles, 1);
    assert_eq!(world.net.paths("news.test"), ["/feed.xml"]);
    let version = world.versions().await.remove(0);
    assert_eq!(version.url.as_str(), "https://news.test/one");
    assert!(version.article.text.starts_with("The feed's own words"));
    world.assert_sound().await;
}

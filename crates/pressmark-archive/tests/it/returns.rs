//! What was redacted does not come in again, whatever it comes by.

use std::time::Duration;

use pressmark_archive::{ImportSummary, ImportedRecord};
use pressmark_testkit::{Item, Page};

use crate::redactions::{CANARY, canary, holding, world};
use crate::rendering::{Browser, SHELL, rendered_world};
use crate::world::{World, feed, story_html};

/// A text that has nothing in common with others.
fn own_text() -> String {
    let lines = [
        "stood at the window of the customs house when the barges came up from the sea, and counted",
        "had never been asked before by anybody of the harbour board whether the cranes were sound,",
        "told the inspector of the other ministry that what he wanted to see was not for sale, and",
        "left by the side door, with both ledgers under the arm, before the last lamp had gone out",
    ];
    lines
        .map(|line| format!("<p>{CANARY} {line}.</p>"))
        .concat()
}

fn own_page(title: &str, further: &str) -> Page {
    Page::html(format!(
        "<!doctype html><html lang=en><head><title>{title}</title>{further}</head><body><main>\
         <article><h1>{title}</h1>{}</article></main></body></html>",
        own_text()
    ))
}

/// Goes on with the redactions that are open; how many there were.
async fn go_on(world: &World) -> usize {
    let open = world.archive.catalog().redactions(true).await.unwrap();
    for redaction in &open {
        world.archive.take_out(redaction).await.unwrap();
        let article = redaction.article;
        world.archive.end_redaction(article).await.unwrap();
    }
    open.len()
}

async fn redact(world: &World) {
    let article = canary(world).await;
    let redacted = world.archive.redact(article, "order 7").await.unwrap();
    assert!(redacted.is_some());
    world.archive.end_redaction(article).await.unwrap();
    assert_eq!(holding(world.folder.path()), Vec::<String>::new());
    world.assert_sound().await;
}

fn list(title: &str, link: &str, summary: &str) -> Page {
    let link = format!("https://news.test{link}");
    let items = [
        Item {
            title,
            link: &link,
            summary,
            ..Item::default()
        },
        Item {
            title: "other",
            link: "https://news.test/other",
            ..Item::default()
        },
    ];
    Page::rss("Again", "https://news.test/", &items)
}

#[tokio::test]
async fn entries_that_were_never_captured_go_with_their_article() {
    let world = world(|store| store).await;
    let site = world.net.site("news.test");
    let summary = format!("All about {CANARY}, in short.");
    // By the address of an advertiser, which does not answer.
    let counted = list("On zanzibarquark", "/click?to=7", &summary);
    site.page("/counted.xml", counted);
    world.watch_at("news.test", "/counted.xml").await;
    assert_eq!(world.poll().await.failed_entries, 1);
    redact(&world).await;
}

#[tokio::test]
async fn it_is_known_by_its_text_under_another_address() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    let link = format!("/{CANARY}");
    site.page("/feed.xml", list("On zanzibarquark", &link, ""))
        .page("/other", crate::world::story("other", "other", 6))
        .page(&link, own_page("On zanzibarquark", ""));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 2);
    redact(&world).await;

    // By its teaser: neither entry nor document are kept.
    let text = own_text();
    let teaser = text.get(..160).unwrap();
    site.page("/feed.xml", list("A new title", "/amp/7", teaser));
    site.page("/amp/7", own_page("A new title", ""));
    world.clock.advance(Duration::from_hours(2));
    world.poll().await;
    assert_eq!(holding(world.folder.path()), Vec::<String>::new());
    assert_eq!(go_on(&world).await, 0);

    // Only its page tells: what came in until then is taken out again.
    let barges = "About the barges that came up from the sea at night, and who was there to see.";
    site.page("/feed.xml", list("A new title", "/amp/7", barges));
    world.clock.advance(Duration::from_hours(2));
    let poll = world.poll().await;
    assert_eq!((poll.articles, poll.failed_entries), (0, 1));
    assert_eq!(holding(world.folder.path()), Vec::<String>::new());
    assert_eq!(go_on(&world).await, 1);
    let captures = world.archive.catalog();
    let captures = captures.captures(pressmark_model::CaptureId(0), 99).await;
    let listing = |url: &str| url.ends_with("/feed.xml");
    let kept = captures.unwrap();
    assert!(!kept.iter().any(|kept| listing(kept.capture.url.as_str())));
    world.assert_sound().await;

    // From now on its entry is known.
    site.page(
        "/feed.xml",
        list("A third title", "/amp/7", "Quite another teaser."),
    );
    world.clock.advance(Duration::from_hours(2));
    assert_eq!(world.poll().await.failed_entries, 0);
    assert_eq!(go_on(&world).await, 0);
    assert_eq!(world.versions().await.len(), 1);
}

#[tokio::test]
async fn all_pages_of_an_article_and_what_they_showed_go() {
    let browser = Browser::showing(own_page_html());
    let world = rendered_world(Some(&browser), None).await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "paged"]));
    site.page("/one", Page::html(SHELL));
    let next = "<link rel=next href=/paged?page=2>";
    let first = story_html("paged", "ferries", 4);
    let link = "<p><a rel=next href='/paged?page=2'>Next page</a></p></article>";
    let first = first.replace("</head>", &format!("{next}</head>"));
    site.page("/paged", Page::html(first.replace("</article>", link)))
        .page("/paged?page=2", own_page("paged", ""));
    assert_eq!(world.poll().await.articles, 2);
    let held = world.versions().await;
    let held: Vec<_> = held
        .iter()
        .map(|held| held.article.text.contains(CANARY))
        .collect();
    assert_eq!(held, [true, true]);
    for title in ["one", "paged"] {
        let url = format!("https://news.test/{title}");
        let keys = [pressmark_archive::identity::key(&url.parse().unwrap())];
        let scope = pressmark_archive::identity::PUBLIC;
        let found = world
            .archive
            .catalog()
            .articles_by_alias(scope, &keys)
            .await;
        let (_, article) = found.unwrap().remove(0);
        world.archive.redact(article, "order 7").await.unwrap();
        world.archive.end_redaction(article).await.unwrap();
    }
    assert_eq!(holding(world.folder.path()), Vec::<String>::new());
    world.assert_sound().await;
}

fn own_page_html() -> String {
    format!(
        "<html lang=en><title>one</title><article><h1>one</h1>{}</article>",
        own_text()
    )
}

#[tokio::test]
async fn it_is_not_imported() {
    let world = world(|store| store).await;
    redact(&world).await;
    let source = world.source("news.test").await;
    let record = |path: &str, text: &str| ImportedRecord {
        url: format!("https://news.test/{path}").parse().unwrap(),
        title: "A record".to_owned(),
        published: None,
        authors: Vec::new(),
        tags: Vec::new(),
        html: format!("<p>{text}</p>"),
        file: text.to_owned().into(),
    };
    let named = record(&format!("{CANARY}?utm_source=x"), "Some words of a record.");
    let paragraph = format!(
        "Paragraph 1 of the story about {CANARY} says that the council met on the 1th floor, where \
         {CANARY} was discussed at length"
    );
    let records = [
        named,
        record("elsewhere", &paragraph),
        record("fine", "Other words."),
    ];
    let imported = world.archive.import(source.id, records, &|| {}).await;
    let expected = ImportSummary {
        articles: 1,
        redacted: 2,
        ..ImportSummary::default()
    };
    assert_eq!(imported.unwrap(), expected);
    assert_eq!(holding(world.folder.path()), Vec::<String>::new());
}

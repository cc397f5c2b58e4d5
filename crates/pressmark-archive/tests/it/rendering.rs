//! Pages that are made by scripts, with a browser that shows what it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use pressmark_archive::Wish;
use pressmark_archive::capture::{NewCapture, RecordKind};
use pressmark_archive::origin::Reader;
use pressmark_archive::ports::fetch::{FetchPolicy, FetchedPage};
use pressmark_archive::ports::render::{Render, RenderFailure, Rendered};
use pressmark_archive::source::{Rendering, SourceSettings};
use pressmark_archive::version::VersionKind;
use pressmark_testkit::Page;

use crate::world::{World, feed, story, story_html};

pub(crate) const SHELL: &str =
    "<!doctype html><title>one</title><div id=app></div><script src=/app.js></script>";

/// Shows this, and counts how often it was asked.
#[derive(Debug)]
pub(crate) struct Browser {
    shows: Mutex<Result<String, RenderFailure>>,
    asked: Mutex<u32>,
}

impl Browser {
    pub(crate) fn showing(html: String) -> Arc<Self> {
        Arc::new(Self {
            shows: Mutex::new(Ok(html)),
            asked: Mutex::default(),
        })
    }

    fn show(&self, shown: Result<String, RenderFailure>) {
        *self.shows.lock().unwrap() = shown;
    }

    fn asked(&self) -> u32 {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

#[async_trait]
impl Render for Browser {
    async fn render(&self, page: &FetchedPage, _: &FetchPolicy) -> Result<Rendered, RenderFailure> {
        *self.asked.lock().unwrap() += 1;
        let html = self.shows.lock().unwrap().clone()?;
        Ok(Rendered {
            at: page.at,
            html: Bytes::from(html),
            browser: "Test/1".to_owned(),
            exchanges: page.exchanges.clone(),
        })
    }
}

pub(crate) async fn rendered_world(
    browser: Option<&Arc<Browser>>,
    wanted: Option<Rendering>,
) -> World {
    let browser = browser.cloned();
    let world = World::with(|_, parts| {
        parts.render = browser.map(|browser| browser as Arc<dyn Render>);
        let settings = SourceSettings {
            render: wanted,
            ..SourceSettings::default()
        };
        parts
            .overrides
            .insert("news.test".parse().unwrap(), settings);
    })
    .await;
    world.watch("news.test").await;
    world
}

async fn last_capture(world: &World) -> NewCapture {
    let id = world.versions().await.last().unwrap().capture;
    let catalog = world.archive.catalog();
    catalog.capture(id).await.unwrap().unwrap().capture
}

#[tokio::test]
async fn an_empty_page_is_rendered_and_read_on_that_way() {
    let browser = Browser::showing(story_html("one", "ferries", 8));
    let world = rendered_world(Some(&browser), None).await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", Page::html(SHELL).etag("\"shell\""));
    assert_eq!(world.poll().await.articles, 1);
    let first = world.versions().await.remove(0);
    assert!(first.article.text.contains("ferries"), "{first:?}");
    assert!(
        first.derivation.starts_with("rendered:"),
        "{}",
        first.derivation
    );

    // Both are kept: what came over the wire, and what it showed.
    let capture = last_capture(&world).await;
    let kinds: Vec<RecordKind> = capture.records.iter().map(|record| record.kind).collect();
    let exchange = [RecordKind::Request, RecordKind::Response];
    assert_eq!(
        kinds,
        [&exchange[..], &exchange, &[RecordKind::Conversion]].concat()
    );

    // The shell is the same, and that says nothing: it is not asked about. What it shows is the
    // same, so nothing is stored but the visit.
    assert_eq!(world.revisit().await.unchanged, 1);
    let asked = world.net.requests_to("news.test");
    assert_eq!(asked.last().unwrap().header("if-none-match"), None);
    assert_eq!(last_capture(&world).await.records.len(), 5);

    // An edit is one, and a run of the extractor over the archive reads the rendered text.
    browser.show(Ok(story_html("one", "trams", 8)));
    assert_eq!(world.revisit().await.versions, 1);
    let versions = world.versions().await;
    assert_eq!(versions.last().unwrap().kind, VersionKind::Edit);
    let run = world.archive.reextract(None, &|_| {}).await.unwrap();
    assert_eq!((run.read, run.different, run.unreadable), (2, 0, 0));

    // Without what rendered it, it is not compared with the empty page.
    browser.show(Err(RenderFailure::Timeout));
    assert_eq!(world.revisit().await.failed_entries, 1);
    assert_eq!(world.versions().await.len(), 2);
    world.assert_sound().await;
}

#[tokio::test]
async fn what_is_read_from_plain_pages_stays_so() {
    let browser = Browser::showing(story_html("one", "what the browser adds", 9));
    let world = rendered_world(Some(&browser), Some(Rendering::Auto)).await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "ferries", 8));
    assert_eq!(world.poll().await.articles, 1);
    assert_eq!(browser.asked(), 0);

    // Another reading would look like an edit; a page that has nothing else is rendered.
    site.page("/one", story("one", "ferries", 8).header("X-Rotating", "1"));
    let summary = world.revisit().await;
    assert_eq!(
        (summary.versions, summary.unchanged, browser.asked()),
        (0, 1, 0)
    );
    browser.show(Ok(story_html("one", "ferries", 8)));
    site.page("/one", Page::html(SHELL));
    let summary = world.revisit().await;
    assert_eq!(
        (summary.versions, summary.unchanged, browser.asked()),
        (0, 1, 1)
    );
    world.assert_sound().await;
}

#[tokio::test]
async fn a_source_says_whether_its_pages_are_rendered() {
    for (wanted, articles, asked) in [
        (Rendering::Never, 1, 0),
        (Rendering::Auto, 2, 1),
        (Rendering::Always, 2, 2),
    ] {
        let browser = Browser::showing(story_html("one", "ferries", 8));
        let world = rendered_world(Some(&browser), Some(wanted)).await;
        let site = world.net.site("news.test");
        site.page("/feed.xml", feed("news.test", &["one", "two"]));
        site.page("/one", Page::html(SHELL));
        site.page("/two", story("two", "trams", 8));
        let summary = world.poll().await;
        assert_eq!(
            (summary.articles, browser.asked()),
            (articles, asked),
            "{wanted:?}"
        );
        world.assert_sound().await;
    }
}

/// What a browser shows of a front page.
fn front(titles: &[&str]) -> String {
    let links = titles.iter().map(|title| {
        format!("<li><h2><a href=/2026/02/03/{title}>The council talks about {title}</a></h2>")
    });
    format!("<h1>News</h1><ul>{}</ul>", links.collect::<String>())
}

#[tokio::test]
async fn a_front_that_is_made_by_scripts_is_found_and_watched() {
    let browser = Browser::showing(front(&["ferries", "trams", "bridges"]));
    let world = rendered_world(Some(&browser), None).await;
    let site = world.net.site("front.test");
    site.page("/", Page::html(SHELL).etag("\"shell\""));
    let url = "https://front.test/".parse().unwrap();
    let settings = SourceSettings::default();
    let seen = world
        .archive
        .discover(&url, &settings, Duration::ZERO)
        .await;
    assert_eq!(seen.found.len(), 1, "{seen:?}");
    assert_eq!(
        (&seen.found[0].origin.reader, seen.found[0].entries.len()),
        (&Reader::Listing, 3)
    );

    let wish = Wish {
        name: None,
        slug: None,
        named_after: url,
        backfill: None,
    };
    let added = world.archive.add(&seen.found[0].origin, &[], wish).await;
    assert_eq!(added.unwrap().0.slug.as_str(), "front.test");
    assert_eq!(world.poll().await.new, 3);
    // The shell never changes.
    browser.show(Ok(front(&["harbours", "ferries", "trams", "bridges"])));
    assert_eq!(world.poll().await.new, 1);
    world.assert_sound().await;
}

#[tokio::test]
async fn further_addresses_of_a_source_are_rendered_too() {
    let browser = Browser::showing(front(&["harbours", "ferries", "trams"]));
    let world = rendered_world(Some(&browser), Some(Rendering::Always)).await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &[]));
    site.page("/front", Page::html(SHELL).etag("\"shell\""));
    let source = world.source("news.test").await;
    let mut settings = SourceSettings::default();
    let also = "listing https://news.test/front";
    pressmark_archive::setting::assign(&mut settings, "also", also).unwrap();
    let change = pressmark_archive::source::SourceChange {
        settings: Some(settings),
        ..Default::default()
    };
    let catalog = world.archive.catalog();
    catalog.change_source(source.id, &change).await.unwrap();
    assert_eq!(world.poll().await.new, 3);
    // The shell never changes.
    browser.show(Ok(front(&["harbours", "ferries", "trams", "bridges"])));
    assert_eq!(world.poll().await.new, 1);
    browser.show(Err(RenderFailure::Off));
    assert_eq!(world.poll().await.failed_sources, 0);
    let origins = world.source("news.test").await.status.origins;
    let failure = origins[0].failure.as_ref().unwrap();
    assert_eq!(*failure, RenderFailure::Off.into());
    world.assert_sound().await;
}

#[tokio::test]
async fn a_page_that_cannot_be_rendered_is_a_failure_that_says_so() {
    let lost = RenderFailure::Browser {
        detail: "it ended".to_owned(),
    };
    let browser = Browser::showing(String::new());
    browser.show(Err(lost.clone()));
    for (browser, failure) in [(None, RenderFailure::Off), (Some(&browser), lost)] {
        let world = rendered_world(browser, Some(Rendering::Always)).await;
        let site = world.net.site("news.test");
        site.page("/feed.xml", feed("news.test", &["one"]));
        site.page("/one", story("one", "ferries", 8));
        let summary = world.poll().await;
        assert_eq!((summary.articles, summary.failed_entries), (0, 1));
        let events = format!("{:?}", world.events.lock().unwrap());
        assert!(events.contains(&format!("{failure:?}")), "{events}");
        assert!(events.contains("again: true"), "{events}");
    }
}

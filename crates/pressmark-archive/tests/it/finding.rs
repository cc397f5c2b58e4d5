//! What can be watched at an address, and sources that are read at several.

use std::time::Duration;

use pressmark_archive::events::Event;
use pressmark_archive::origin::Reader;
use pressmark_archive::source::{Source, SourceSettings};
use pressmark_archive::{Discovery, FoundBy, Wish};
use pressmark_testkit::{Page, Site};

use crate::world::{World, feed, story};

async fn look(world: &World, url: &str) -> Discovery {
    look_with(world, url, &SourceSettings::default()).await
}

async fn look_with(world: &World, url: &str, settings: &SourceSettings) -> Discovery {
    let url = url.parse().unwrap();
    world.archive.discover(&url, settings, Duration::ZERO).await
}

/// Watches these of what was found, the first being number 0.
async fn pick(world: &World, seen: &Discovery, numbers: &[usize]) -> Source {
    let origins: Vec<_> = numbers
        .iter()
        .map(|n| seen.found[*n].origin.clone())
        .collect();
    let wish = Wish {
        name: None,
        slug: None,
        named_after: origins[0].url.clone(),
        backfill: None,
    };
    let added = world.archive.add(&origins[0], &origins[1..], wish).await;
    added.unwrap().0
}

/// A front page with these stories, by the end of their paths; their pages are `/2025/10/…`.
fn front(slugs: &[&str]) -> Page {
    let items: Vec<String> = slugs
        .iter()
        .map(|slug| {
            format!("<li><h3><a href=\"/2025/10/01/{slug}.html\">The story of {slug}</a></h3></li>")
        })
        .collect();
    Page::html(format!(
        "<title>News</title><nav><a href=/world>World</a><a href=/about>About us</a></nav>\
         <main><ul>{}</ul></main><footer><a href=/privacy>Privacy</a></footer>",
        items.concat()
    ))
}

fn stories(site: &Site, slugs: &[&str]) {
    for slug in slugs {
        let path = format!("/2025/10/01/{slug}.html");
        site.page(&path, story(&format!("The story of {slug}"), slug, 5));
    }
}

#[tokio::test]
async fn a_site_without_a_feed_is_watched_by_its_front_page() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/", front(&["one", "two", "three"])).visit(
        "/",
        3,
        front(&["four", "one", "two", "three"]),
    );
    stories(&site, &["one", "two", "three", "four"]);

    let seen = look(&world, "https://news.test/").await;
    assert_eq!(seen.found.len(), 1, "{seen:?}");
    assert_eq!(seen.found[0].by, FoundBy::Links);
    assert_eq!(seen.found[0].origin.reader, Reader::Listing);
    let titles: Vec<_> = seen.found[0]
        .entries
        .iter()
        .map(|e| e.title.as_str())
        .collect();
    assert_eq!(
        titles,
        ["The story of one", "The story of two", "The story of three"]
    );
    assert!(seen.asked.len() <= 8, "{:?}", seen.asked);
    assert!(world.archive.catalog().sources().await.unwrap().is_empty());

    pick(&world, &seen, &[0]).await;
    assert_eq!(world.poll().await.articles, 3);
    assert_eq!(world.poll().await.articles, 1, "the new one alone");
    world.assert_sound().await;
}

#[tokio::test]
async fn a_feed_is_preferred_and_comments_are_not() {
    let world = World::new().await;
    let site = world.net.site("blog.test");
    site.page(
        "/",
        Page::html(
            "<link rel=alternate type=application/rss+xml href=/comments/feed title='Comments Feed'>\
             <link rel=alternate type=application/rss+xml href=/gone.xml title=Gone>\
             <link rel=alternate type=application/rss+xml href=/main.xml title=Main>",
        ),
    );
    site.page("/comments/feed", feed("blog.test", &["a"]));
    site.page("/main.xml", feed("blog.test", &["a", "b"]));
    let seen = look(&world, "https://blog.test/").await;
    let urls: Vec<_> = seen
        .found
        .iter()
        .map(|found| found.origin.url.as_str())
        .collect();
    assert_eq!(urls, ["https://blog.test/main.xml"]);

    let site = world.net.site("quiet.test");
    site.page("/", Page::html("<title>Nothing named</title>"));
    site.page("/rss", feed("quiet.test", &["a"]));
    let seen = look(&world, "https://quiet.test/").await;
    assert_eq!(seen.found[0].origin.url.as_str(), "https://quiet.test/rss");
    assert_eq!(seen.found[0].by, FoundBy::Custom);

    world
        .net
        .site("empty.test")
        .page("/", Page::html("<p>Nothing"));
    let seen = look(&world, "https://empty.test/").await;
    assert!(seen.found.is_empty());
    assert_eq!(seen.failure.unwrap().kind(), "not-a-feed");
}

#[tokio::test]
async fn an_article_is_archived_and_its_site_offered() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/", front(&["one", "two", "three"]));
    stories(&site, &["one", "two", "three"]);
    let url = "https://news.test/2025/10/01/one.html";
    let seen = look(&world, url).await;
    assert!(seen.is_article, "{seen:?}");
    assert_eq!(seen.found[0].origin.url.as_str(), "https://news.test/");

    let patience = Duration::ZERO;
    let event = world
        .archive
        .archive_page(&url.parse().unwrap(), patience)
        .await
        .unwrap();
    assert!(matches!(event, Some(Event::Archived { .. })), "{event:?}");
    let event = world
        .archive
        .archive_page(&url.parse().unwrap(), patience)
        .await
        .unwrap();
    assert!(matches!(event, Some(Event::Unchanged { .. })), "{event:?}");
    assert_eq!(world.versions().await.len(), 1);

    pick(&world, &seen, &[0]).await;
    assert_eq!(world.poll().await.articles, 2, "the first is known");
    world.assert_sound().await;
}

fn sitemap(entries: &[(&str, &str)]) -> Page {
    let urls: Vec<String> = entries
        .iter()
        .map(|(url, at)| format!("<url><loc>{url}</loc><lastmod>{at}</lastmod></url>"))
        .collect();
    Page::xml(format!(
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</urlset>",
        urls.concat()
    ))
}

#[tokio::test]
async fn an_index_of_sitemaps_is_read_newest_first_and_not_whole() {
    let world = World::new().await;
    let site = world.net.site("maps.test");
    let maps: Vec<String> = (1..=9)
        .map(|n| {
            format!(
                "<sitemap><loc>https://maps.test/map-{n}.xml</loc>\
                 <lastmod>2025-09-0{n}</lastmod></sitemap>"
            )
        })
        .collect();
    site.page(
        "/sitemap.xml",
        Page::xml(format!(
            "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</sitemapindex>",
            maps.concat()
        )),
    );
    for n in 1..=9 {
        let story = format!("https://maps.test/2025/10/01/{n}.html");
        let entries = [
            (story.as_str(), "2025-09-30"),
            ("https://maps.test/about", "2025-09-30"),
        ];
        site.page(&format!("/map-{n}.xml"), sitemap(&entries));
    }
    stories(&site, &["9", "8", "7"]);
    let seen = look(&world, "https://maps.test/sitemap.xml").await;
    let links: Vec<_> = seen.found[0]
        .entries
        .iter()
        .map(|entry| entry.link.as_ref().unwrap().as_str())
        .collect();
    assert_eq!(
        links,
        [
            "https://maps.test/2025/10/01/9.html",
            "https://maps.test/2025/10/01/8.html",
            "https://maps.test/2025/10/01/7.html"
        ]
    );
    pick(&world, &seen, &[0]).await;
    assert_eq!(world.poll().await.articles, 3);
    assert_eq!(world.poll().await.articles, 0);
    world.assert_sound().await;
}

#[tokio::test]
async fn several_addresses_are_one_source() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    let rss = |slugs: &[&str]| {
        let items: Vec<String> = slugs
            .iter()
            .map(|slug| {
                format!(
                    "<item><title>The story of {slug}</title><guid>{slug}</guid>\
                     <link>https://news.test/2025/10/01/{slug}.html</link></item>"
                )
            })
            .collect();
        Page::xml(format!(
            "<rss version='2.0'><channel><title>N</title>{}</channel></rss>",
            items.concat()
        ))
    };
    site.page("/feed.xml", rss(&["one", "two"]).etag("\"f\""))
        .visit("/feed.xml", 4, rss(&["four", "three"]));
    let map = |slugs: &[&str]| {
        let urls: Vec<String> = slugs
            .iter()
            .map(|slug| format!("https://news.test/2025/10/01/{slug}.html"))
            .collect();
        let entries: Vec<_> = urls
            .iter()
            .map(|url| (url.as_str(), "2025-10-01"))
            .collect();
        sitemap(&entries)
    };
    site.page("/map.xml", map(&["one", "two"]))
        .visit("/map.xml", 3, map(&["three", "one"]));
    stories(&site, &["one", "two", "three", "four"]);

    let mut seen = look(&world, "https://news.test/feed.xml").await;
    seen.found
        .extend(look(&world, "https://news.test/map.xml").await.found);
    let source = pick(&world, &seen, &[0, 1]).await;
    assert_eq!(source.settings.also.len(), 1);

    assert_eq!(world.poll().await.articles, 2, "each story once");
    let second = world.poll().await;
    assert_eq!(
        second.articles, 1,
        "the feed was not changed, the sitemap has one more"
    );
    let third = world.poll().await;
    assert_eq!(
        (third.articles, third.versions, third.new),
        (1, 0, 1),
        "what the sitemap brought is known when the feed lists it"
    );
    let status = world.source(source.slug.as_str()).await.status;
    assert_eq!(status.entries, 4);
    assert_eq!(status.title.as_deref(), Some("N"));
    world.assert_sound().await;
}

#[tokio::test]
async fn what_fails_of_several_is_told_and_stops_nothing() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", Page::status(500));
    site.page("/", front(&["one", "two", "three"]));
    stories(&site, &["one", "two", "three"]);
    let source = world.watch("news.test").await;
    let mut settings = SourceSettings::default();
    let also = "listing https://news.test/\nsitemap https://news.test/none.xml";
    pressmark_archive::setting::assign(&mut settings, "also", also).unwrap();
    let change = pressmark_archive::source::SourceChange {
        settings: Some(settings),
        ..Default::default()
    };
    let catalog = world.archive.catalog();
    catalog.change_source(source.id, &change).await.unwrap();
    let summary = world.poll().await;
    assert_eq!((summary.articles, summary.failed_sources), (3, 0));
    let status = world.source(source.slug.as_str()).await.status;
    let told: Vec<_> = status
        .issues
        .iter()
        .map(|issue| issue.message.as_str())
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("none.xml"), "{told:?}");
    assert!(told[1].contains("feed.xml"), "{told:?}");
}

#[tokio::test]
async fn rules_and_json_are_read_as_asked() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page(
        "/api",
        Page::bytes(
            "application/json",
            r#"{"data":{"items":[{"id":"one","title":"The story of one"},{"id":"two","title":"Two"}]}}"#,
        ),
    );
    site.page(
        "/",
        Page::html("<div class=x><a href=/2025/10/01/one.html>A</a></div><a href=/b>B</a>"),
    );
    stories(&site, &["one", "two"]);
    let with = |reader: &str| SourceSettings {
        read: Some(reader.parse().unwrap()),
        ..SourceSettings::default()
    };
    let rule = with("json:data.items link=/2025/10/01/{id}.html");
    let seen = look_with(&world, "https://news.test/api", &rule).await;
    assert_eq!(seen.found[0].entries.len(), 2, "{seen:?}");
    assert_eq!(seen.asked.len(), 1);
    pick(&world, &seen, &[0]).await;
    assert_eq!(world.poll().await.articles, 2);

    for rule in ["css:.x a", "xpath://div[@class='x']"] {
        let seen = look_with(&world, "https://news.test/", &with(rule)).await;
        assert_eq!(seen.found[0].entries.len(), 1, "{rule}");
    }
    let seen = look_with(&world, "https://news.test/", &with("css:.none")).await;
    assert!(seen.found.is_empty());
    assert!(seen.failure.unwrap().to_string().contains("css:.none"));
}

#[tokio::test]
async fn a_long_first_visit_takes_what_was_asked_for() {
    let world = World::new().await;
    let site = world.net.site("long.test");
    let slugs: Vec<String> = (0..130).map(|n| format!("s{n}")).collect();
    let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
    site.page("/", front(&slugs));
    let seen = look(&world, "https://long.test/").await;
    assert_eq!(seen.found[0].entries.len(), 130);
    let source = pick(&world, &seen, &[0]).await;
    world.poll().await;
    assert_eq!(world.source(source.slug.as_str()).await.status.pending, 100);

    let origin = &seen.found[0].origin;
    let site = world.net.site("long2.test");
    site.page("/", front(&slugs));
    let wish = Wish {
        name: None,
        slug: None,
        named_after: origin.url.clone(),
        backfill: Some(u64::MAX),
    };
    let origin = pressmark_archive::origin::Origin {
        reader: Reader::Listing,
        url: "https://long2.test/".parse().unwrap(),
    };
    let (source, _) = world.archive.add(&origin, &[], wish).await.unwrap();
    world.poll().await;
    assert_eq!(world.source(source.slug.as_str()).await.status.pending, 130);
}

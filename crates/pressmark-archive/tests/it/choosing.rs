//! Which of the things that can be watched at an address comes first, and what stands in their way.

use std::time::Duration;

use pressmark_archive::origin::Reader;
use pressmark_archive::source::SourceSettings;
use pressmark_archive::{Discovery, FoundBy};
use pressmark_testkit::{Page, Site};

use crate::world::{World, story, story_html};

async fn look(world: &World, url: &str) -> Discovery {
    let settings = SourceSettings::default();
    let url = url.parse().unwrap();
    let patience = Duration::ZERO;
    world.archive.discover(&url, &settings, patience).await
}

fn ways(seen: &Discovery) -> Vec<FoundBy> {
    seen.found.iter().map(|found| found.by).collect()
}

/// A page that names these feeds and lists eight stories of a section.
fn front(section: &str, feeds: &str) -> Page {
    let items: Vec<String> = (1..=8)
        .map(|n| {
            format!(
                "<li><h3><a href=\"/{section}/2025/10/story-{n}-of-the-day.html\">Story {n} of \
                 {section}, which is long</a></h3></li>"
            )
        })
        .collect();
    Page::html(format!(
        "<head><title>News</title>{feeds}</head><main><ul>{}</ul></main>",
        items.concat()
    ))
}

const NAMED: &str = "<link rel=alternate type=application/rss+xml href=/feed.xml title=News>";

/// A feed of stories of a section, from this year.
fn feed(host: &str, section: &str, year: u16) -> Page {
    let items: Vec<String> = (1..=8)
        .map(|n| {
            format!(
                "<item><title>{section} {n}</title><pubDate>0{n} Jan {year} 10:00:00 GMT</pubDate>\
                 <link>https://{host}/{section}/2025/10/story-{n}-of-the-day.html</link></item>"
            )
        })
        .collect();
    rss(&items.concat())
}

fn rss(items: &str) -> Page {
    Page::xml(format!(
        "<rss version='2.0'><channel><title>N</title>{items}</channel></rss>"
    ))
}

#[tokio::test]
async fn a_page_s_links_stand_beside_its_feed_and_before_a_poor_one() {
    use FoundBy::{Links, Name};
    let comments = NAMED.replace("title=News", "title='News: Comments Feed'");
    let comment = "<item><title>On 1</title><link>https://x.test/1#comment-7</link></item>";
    for (n, (case, path, named, feed, wanted)) in [
        (
            "fresh",
            "/",
            NAMED,
            feed("a0.test", "all", 2025),
            [Name, Links],
        ),
        ("empty", "/", NAMED, rss(""), [Links, Name]),
        (
            "forgotten",
            "/",
            NAMED,
            feed("a2.test", "old", 2012),
            [Links, Name],
        ),
        (
            "at rest",
            "/",
            NAMED,
            feed("a3.test", "all", 2012),
            [Name, Links],
        ),
        (
            "comments",
            "/",
            &comments,
            feed("a4.test", "talk", 2025),
            [Links, Name],
        ),
        ("comments unsaid", "/", NAMED, rss(comment), [Links, Name]),
        (
            "the site's",
            "/all/",
            NAMED,
            feed("a6.test", "world", 2025),
            [Links, Name],
        ),
        (
            "the part's",
            "/all/",
            NAMED,
            feed("a7.test", "all", 2025),
            [Name, Links],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let world = World::new().await;
        let host = format!("a{n}.test");
        let site = world.net.site(&host);
        site.page(path, front("all", named)).page("/feed.xml", feed);
        let seen = look(&world, &format!("https://{host}{path}")).await;
        assert_eq!(ways(&seen), wanted, "{case}");
        assert_eq!(seen.failure, None);
        // Where there is a feed of articles, nothing more is asked for.
        let most = if case.starts_with("comments") { 8 } else { 2 };
        assert!(seen.asked.len() <= most, "{case}: {:?}", seen.asked);
    }
}

#[tokio::test]
async fn of_many_feeds_a_few_that_are_there_are_read_and_the_others_told() {
    let world = World::new().await;
    let site = world.net.site("many.test");
    let named: Vec<String> = (1..=9)
        .map(|n| format!("<link rel=alternate type='application/rss+xml;x=y' href=/{n}.xml>"))
        .collect();
    site.page("/", Page::html(named.concat()));
    for n in 4..=9 {
        site.page(&format!("/{n}.xml"), feed("many.test", "all", 2025));
    }
    let seen = look(&world, "https://many.test/").await;
    let paths = |urls: Vec<&pressmark_model::WebUrl>| -> Vec<String> {
        let path = |url: &&pressmark_model::WebUrl| url.as_url().path().to_owned();
        urls.iter().map(path).collect()
    };
    let found = seen.found.iter().map(|found| &found.origin.url);
    assert_eq!(paths(found.collect()), ["/4.xml", "/5.xml", "/6.xml"]);
    let unread = seen.unread.iter().map(|feed| &feed.url);
    assert_eq!(paths(unread.collect()), ["/7.xml", "/8.xml", "/9.xml"]);
    assert_eq!(seen.asked.len(), 1 + 6);

    // None of them is there: the page is left alone soon, and nothing is asked for twice.
    let site = world.net.site("dead.test");
    site.page("/", Page::html(named.concat()));
    let seen = look(&world, "https://dead.test/").await;
    assert_eq!(ways(&seen), []);
    let asked: std::collections::HashSet<_> = seen.asked.iter().collect();
    assert_eq!(asked.len(), seen.asked.len());
    assert!(asked.len() <= 1 + 8 + 7 + 4, "{asked:?}");

    // A host that challenges is not asked again.
    let site = world.net.site("wall.test");
    site.page("/", Page::html(named.concat()));
    site.page("/1.xml", Page::challenge());
    let seen = look(&world, "https://wall.test/").await;
    assert_eq!(seen.asked.len(), 2, "{:?}", seen.asked);
}

#[tokio::test]
async fn a_part_of_a_site_has_its_own_feed() {
    let world = World::new().await;
    let site = world.net.site("parts.test");
    for (page, at) in [
        ("/sub/blog/", "/sub/blog/index.xml"),
        ("/sub/notes", "/sub/notes/feed"),
        ("/sub/list.html", "/sub/rss.xml"),
    ] {
        site.page(page, Page::html("<p>Nothing named"));
        site.page(at, feed("parts.test", "all", 2025));
        let seen = look(&world, &format!("https://parts.test{page}")).await;
        assert_eq!(seen.found[0].origin.url.as_url().path(), at);
        assert!(seen.asked.len() <= 1 + 4, "{:?}", seen.asked);
    }
}

#[tokio::test]
async fn a_page_that_says_so_is_an_article() {
    let world = World::new().await;
    let site = world.net.site("says.test");
    let says = |mark: &str| {
        let html = story_html("On bees", "bees", 6);
        Page::html(html.replace("<head>", &format!("<head>{NAMED}{mark}")))
    };
    let object = |rest: &str| {
        format!(r#"<script type=application/ld+json>{{"@type":"NewsArticle"{rest}}}</script>"#)
    };
    site.page("/feed.xml", feed("says.test", "all", 2025));
    for (path, mark, wanted) in [
        (
            "/blog/on-bees/",
            "<meta property=og:type content=article>".to_owned(),
            true,
        ),
        ("/bees/", object(""), true),
        (
            "/bees/2/",
            object(r#","url":"https://says.test/bees/2""#),
            true,
        ),
        (
            "/bees/3/",
            object(r#","mainEntityOfPage":{"@id":"/bees/3/"}"#),
            true,
        ),
        ("/bees/4/", object(r#","mainEntityOfPage":"True""#), true),
        (
            "/bees/5/",
            object(r#","url":"https://says.test/wasps""#),
            false,
        ),
        ("/bees/6/", object("") + &object(""), false),
        ("/bees/7/", String::new(), false),
        (
            "/",
            "<meta property=og:type content=article>".to_owned(),
            false,
        ),
    ] {
        site.page(path, says(&mark));
        let seen = look(&world, &format!("https://says.test{path}")).await;
        assert_eq!(seen.is_article, wanted, "{path} {mark}");
        assert_eq!(ways(&seen), [FoundBy::Name], "{path}");
    }
}

const LOGIN: &str = "<title>Log in</title><form><input name=p type=\"password\"></form>";
const ELSEWHERE: &str = "<title>Sorry</title><p>This is not available in your country.";

fn behind_walls(site: &Site) {
    site.page("/form", Page::html(LOGIN));
    site.page("/led", Page::redirect(302, "/signin?back=led"));
    site.page("/signin?back=led", Page::html("<p>Who are you?"));
    site.page("/far", Page::html(ELSEWHERE));
    site.page("/plain", Page::html("<p>Nothing"));
}

#[tokio::test]
async fn what_stands_before_a_page_is_told() {
    let world = World::new().await;
    behind_walls(&world.net.site("walls.test"));
    for (path, kind) in [
        ("/form", "login-wall"),
        ("/led", "login-wall"),
        ("/far", "regional"),
        ("/plain", "not-a-feed"),
    ] {
        let url = format!("https://walls.test{path}");
        let seen = look(&world, &url).await;
        assert_eq!(seen.failure.unwrap().kind(), kind, "{path}");
        for reader in ["listing", "css:.story a", "xpath://li", "json:items"] {
            let settings = SourceSettings {
                read: Some(reader.parse().unwrap()),
                ..SourceSettings::default()
            };
            let url = url.parse().unwrap();
            let patience = Duration::ZERO;
            let seen = world.archive.discover(&url, &settings, patience).await;
            assert_eq!(seen.failure.unwrap().kind(), kind, "{path} {reader}");
        }
    }
}

#[tokio::test]
async fn a_list_that_is_no_longer_shown_says_why() {
    let world = World::new().await;
    let site = world.net.site("list.test");
    site.page("/", front("all", ""))
        .visit("/", 3, Page::html(LOGIN))
        .visit("/", 4, Page::html(ELSEWHERE));
    for n in 1..=8 {
        let path = format!("/all/2025/10/story-{n}-of-the-day.html");
        site.page(&path, story(&format!("Story {n}"), "all", 5));
    }
    let seen = look(&world, "https://list.test/").await;
    assert_eq!(seen.found[0].origin.reader, Reader::Listing);
    let wish = pressmark_archive::Wish {
        name: None,
        slug: None,
        named_after: seen.found[0].origin.url.clone(),
        backfill: None,
    };
    let origin = &seen.found[0].origin;
    let (source, _) = world.archive.add(origin, &[], wish).await.unwrap();
    world.poll().await;
    for kind in ["login-wall", "regional"] {
        world.poll().await;
        let status = world.source(source.slug.as_str()).await.status;
        assert_eq!(status.failure.unwrap().kind(), kind);
    }
}

//! The user's rules for sites, and articles on several pages.

use pressmark_archive::capture::RecordKind;
use pressmark_archive::version::VersionKind;
use pressmark_testkit::Page;

use crate::world::{World, feed, story, story_html};

const RULE: (&str, &str) = ("news.test.txt", "strip: //p[contains(., '2th floor')]");

async fn world_with_one_article() -> World {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "ferries", 8));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 1);
    world
}

#[tokio::test]
async fn a_changed_rule_is_no_edit_of_the_outlet() {
    let mut world = world_with_one_article().await;
    let plain = world.versions().await.remove(0);
    assert!(plain.article.text.contains("2th floor"));

    // Only the rules differ. The answer differs too, so that it is read and not only sighted.
    world.learn(&[RULE]).await;
    let site = world.net.site("news.test");
    site.page("/one", story("one", "ferries", 8).header("X-Rotating", "1"));
    let summary = world.revisit().await;
    assert_eq!((summary.versions, summary.unchanged), (0, 1));

    // The outlet changes its text: that is an edit, read with the rules of now.
    site.page("/one", story("one", "trams", 8));
    assert_eq!(world.revisit().await.versions, 1);
    let versions = world.versions().await;
    assert_eq!(versions.last().map(|v| v.kind), Some(VersionKind::Edit));
    let last = versions.last().unwrap();
    assert!(
        !last.article.text.contains("2th floor"),
        "{}",
        last.article.text
    );
    assert_ne!(last.derivation, plain.derivation);

    // Without the rule again.
    world.learn(&[]).await;
    assert_eq!(world.revisit().await.versions, 0);
    world.assert_sound().await;
}

#[tokio::test]
async fn rules_for_another_site_change_nothing() {
    let mut world = world_with_one_article().await;
    let before = world.versions().await.remove(0).derivation;
    world.learn(&[("other.test.txt", "strip: //p")]).await;
    let site = world.net.site("news.test");
    site.page("/one", story("one", "trams", 8));
    assert_eq!(world.revisit().await.versions, 1);
    let versions = world.versions().await;
    assert_eq!(versions.last().map(|v| v.derivation.clone()), Some(before));
}

/// A page of an article on several, with a link to the next one.
fn part(title: &str, word: &str, next: Option<&str>) -> Page {
    let link = next.map(|next| format!("<link rel=next href={next}>"));
    let head = format!("</title>{}", link.unwrap_or_default());
    Page::html(story_html(title, word, 4).replace("</title>", &head))
}

#[tokio::test]
async fn an_article_on_several_pages_is_one() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", part("one", "ferries", Some("/one/2")));
    site.page("/one/2", part("one", "trams", Some("/one/3")));
    site.page("/one/3", part("one", "buses", None));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 1);
    let version = world.versions().await.remove(0);
    let text = &version.article.text;
    assert_eq!(text.lines().count(), 12, "{text}");
    let place = |word: &str| text.find(word).unwrap();
    assert!(place("ferries") < place("trams") && place("trams") < place("buses"));
    assert_eq!(version.url.as_str(), "https://news.test/one");

    // Each page has a record, the article's own the last.
    let catalog = world.archive.catalog();
    let capture = catalog
        .capture(version.capture)
        .await
        .unwrap()
        .unwrap()
        .capture;
    let answers: Vec<&str> = capture
        .records
        .iter()
        .filter(|record| record.kind == RecordKind::Response)
        .map(|record| record.url.as_url().path())
        .collect();
    assert_eq!(answers, ["/one/2", "/one/3", "/one"]);
    world.assert_sound().await;
}

#[tokio::test]
async fn several_pages_are_read_again_together() {
    let mut world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", part("one", "ferries", Some("/one/2")));
    site.page("/one/2", part("one", "trams", None));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 1);

    world.learn(&[RULE]).await;
    let changed = part("one", "ferries", Some("/one/2")).header("X-Rotating", "1");
    world.net.site("news.test").page("/one", changed);
    assert_eq!(world.revisit().await.versions, 0, "only the rules differ");

    let site = world.net.site("news.test");
    site.page("/one/2", part("one", "buses", None));
    assert_eq!(world.revisit().await.versions, 1, "the second page differs");
    world.assert_sound().await;
}

#[tokio::test]
async fn the_whole_article_stands_on_the_page_that_a_rule_names() {
    let mut world = World::new().await;
    world
        .learn(&[(
            "news.test.txt",
            "single_page_link: concat('/print', '/one')\nif_page_contains: //nav",
        )])
        .await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "ferries", 2));
    site.page("/print/one", story("one", "ferries", 9));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 1);
    let version = world.versions().await.remove(0);
    assert_eq!(version.article.text.lines().count(), 9);
    assert_eq!(version.url.as_str(), "https://news.test/one");
    world.assert_sound().await;
}

#[tokio::test]
async fn what_a_page_lacks_is_read_from_the_page_to_print() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two", "three"]));
    let teaser = |title: &str| {
        let link = format!("<a href='/{title}?print=1'>Print this</a></article>");
        let page = story_html(title, title, 1).replace("</article>", &link);
        site.page(&format!("/{title}"), Page::html(page));
    };
    for title in ["one", "two", "three"] {
        teaser(title);
    }
    site.page("/one?print=1", story("one", "one", 9));
    site.page("/two?print=1", story("Something else", "others", 9));
    site.page("/three?print=1", Page::status(404));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 3);
    let versions = world.versions().await;
    for (path, paragraphs) in [("/one", 9), ("/two", 1), ("/three", 1)] {
        let version = versions.iter().find(|v| v.url.as_url().path() == path);
        let text = &version.unwrap().article.text;
        let found = text.lines().filter(|l| l.starts_with("Paragraph")).count();
        assert_eq!(found, paragraphs, "{path}: {text}");
    }
    let asked = world.net.paths("news.test");
    let prints = asked.iter().filter(|path| path.ends_with("?print=1"));
    assert_eq!(prints.count(), 3);
    world.assert_sound().await;
}

#[tokio::test]
async fn what_a_page_lacks_is_read_from_its_other_form() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    let teaser = |title: &str, paragraphs| {
        let head = format!("</title><link rel=amphtml href=/amp/{title}>");
        story_html(title, "ferries", paragraphs).replace("</title>", &head)
    };
    site.page("/one", Page::html(teaser("one", 1)));
    site.page("/amp/one", story("one", "ferries", 9));
    site.page("/two", Page::html(teaser("two", 8)));
    site.page("/amp/two", story("two", "ferries", 20));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 2);
    let version = |title: &str, versions: &[_]| -> pressmark_archive::version::Version {
        let path = format!("/{title}");
        let mut found = versions
            .iter()
            .filter(|v: &&pressmark_archive::version::Version| v.url.as_url().path() == path);
        found.next().unwrap().clone()
    };
    let versions = world.versions().await;
    let one = version("one", &versions);
    assert_eq!(one.article.text.lines().count(), 9, "the whole text");
    let two = version("two", &versions);
    assert_eq!(two.article.text.lines().count(), 8, "long enough by itself");

    let catalog = world.archive.catalog();
    let capture = catalog.capture(one.capture).await.unwrap().unwrap().capture;
    let answers: Vec<&str> = capture
        .records
        .iter()
        .filter(|record| record.kind == RecordKind::Response)
        .map(|record| record.url.as_url().path())
        .collect();
    assert_eq!(answers, ["/amp/one", "/one"], "both are kept");
    world.assert_sound().await;
}

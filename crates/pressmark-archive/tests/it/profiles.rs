//! What a site's own pages teach, from their first captures to the comparison of versions.

use pressmark_archive::version::VersionKind;
use pressmark_testkit::Page;

use crate::world::{World, feed};

const HOST: &str = "news.test";
/// What the site puts into each of its stories.
const NOTE: &str = "The paper lives from what its readers give it, and from nothing else";
const WORDS: [&str; 14] = [
    "ferries", "trams", "buses", "bridges", "markets", "schools", "gardens", "islands", "museums",
    "engines", "letters", "harbours", "winters", "doctors",
];

/// A story about this thing, with the site's note between its paragraphs.
fn story(word: &str, ends: &str) -> Page {
    let paragraph = |n: usize| {
        format!(
            "<p>The council spoke of {word} on day {n} of its meeting, and of what the {word} had \
             cost since the {word} of the year before, {}.</p>",
            word.repeat(n)
        )
    };
    let body: String = [1, 2, 3, 4].map(paragraph).concat();
    Page::html(format!(
        "<!doctype html><html lang=en><head><title>On {word}</title></head><body>\
         <main><article><h1>On {word}</h1>{body}<div class=funds-note><p>{NOTE}.</p></div>\
         <p>It was late when the talk of {word} came to its end, {ends}.</p></article></main></body></html>"
    ))
}

/// A world in which so many stories have been archived, one turn each.
async fn world_after(stories: usize) -> World {
    let world = World::new().await;
    world.watch_none(HOST).await;
    for count in 1..=stories {
        world.publish(count).await;
    }
    world
}

impl World {
    async fn watch_none(&self, host: &str) {
        self.net.site(host).page("/feed.xml", feed(host, &[]));
        self.watch(host).await;
    }

    /// Publishes one story more, and polls.
    async fn publish(&self, count: usize) {
        let site = self.net.site(HOST);
        let words = &WORDS[..count];
        site.page(
            &format!("/{}", words[count - 1]),
            story(words[count - 1], "at last"),
        );
        site.page("/feed.xml", feed(HOST, words));
        assert_eq!(self.poll().await.articles, 1);
    }

    async fn taught(&self) -> u64 {
        let catalog = self.archive.catalog();
        let site = catalog.site("public", HOST).await.unwrap();
        site.map_or(0, |site| site.taught)
    }
}

#[tokio::test]
async fn later_pages_are_read_with_what_earlier_ones_taught() {
    let world = world_after(11).await;
    let versions = world.versions().await;
    let notes: Vec<bool> = versions
        .iter()
        .map(|v| v.article.text.contains(NOTE))
        .collect();
    let keys: Vec<bool> = versions
        .iter()
        .map(|v| v.derivation.contains("+profile:"))
        .collect();
    assert_eq!(notes, [[true; 8].as_slice(), &[false; 3]].concat());
    assert_eq!(keys, [[false; 8].as_slice(), &[true; 3]].concat());
    // The key stays while more pages teach.
    assert!(
        versions[8..]
            .windows(2)
            .all(|two| two[0].derivation == two[1].derivation)
    );
    for version in &versions {
        assert_eq!(
            version
                .article
                .text
                .replace(&format!("{NOTE}.\n"), "")
                .lines()
                .count(),
            5
        );
    }
    world.assert_sound().await;
}

#[tokio::test]
async fn a_changed_profile_is_no_edit_of_the_outlet() {
    let world = world_after(9).await;
    // The answers differ, so that the pages are read and not only sighted.
    let site = world.net.site(HOST);
    for word in &WORDS[..9] {
        site.page(
            &format!("/{word}"),
            story(word, "at last").header("X-Rotating", "1"),
        );
    }
    let summary = world.revisit().await;
    assert_eq!((summary.versions, summary.unchanged), (0, 9));
    assert_eq!(world.taught().await, 9, "revisits teach nothing");

    // The outlet changes a text that was read without the profile.
    site.page(
        "/ferries",
        story("ferries", "and nobody was sorry for that"),
    );
    assert_eq!(world.revisit().await.versions, 1);
    let versions = world.versions().await;
    let last = versions.last().unwrap();
    assert_eq!((last.kind, last.number.0), (VersionKind::Edit, 2));
    assert!(!last.article.text.contains(NOTE));
    let compared = world
        .archive
        .compare(last.article_id, versions[0].number, last.number);
    let compared = compared.await.unwrap().unwrap();
    assert!(compared.read_again && !compared.old.article.text.contains(NOTE));
    let stored =
        world
            .archive
            .catalog()
            .derivation(last.article_id, versions[0].number, &last.derivation);
    assert!(
        stored.await.unwrap().is_some(),
        "kept for those who compare later"
    );
    world.assert_sound().await;
}

#[tokio::test]
async fn a_profile_that_is_no_longer_in_use_is_known_still() {
    let world = world_after(9).await;
    let site = world.net.site(HOST);
    site.page(
        "/ferries",
        story("ferries", "and nobody was sorry for that"),
    );
    assert_eq!(world.revisit().await.versions, 1);
    let catalog = world.archive.catalog();
    let mut known = catalog.site("public", HOST).await.unwrap().unwrap();
    let used = known.in_use.clone().unwrap();
    assert_eq!((used.taught, used.profile.pages()), (8, 8));
    // As if four times as many pages had taught.
    let taught = known.taught;
    known.taught = 31;
    assert!(catalog.store_site(&known, taught).await.unwrap());
    world.publish(10).await;
    let now = catalog
        .profile_in_use("public", HOST)
        .await
        .unwrap()
        .unwrap();
    assert_ne!(now, used.profile.name());
    let kept = catalog.profile(&used.profile.name()).await.unwrap();
    assert_eq!(kept, Some(used.profile));

    // A third text of the page is compared with the second as if both had been read now.
    site.page(
        "/ferries",
        story("ferries", "and nobody was sorry").header("X-Rotating", "1"),
    );
    assert_eq!(world.revisit().await.versions, 1);
    let versions = world.versions().await;
    let [second, third] = [&versions[9], versions.last().unwrap()];
    assert!(third.derivation.ends_with(&now) && !second.derivation.ends_with(&now));
    world.assert_sound().await;
}

#[tokio::test]
async fn captures_are_read_again_with_the_profile_of_now() {
    let world = world_after(9).await;
    let run = world.archive.reextract(None, &|_| {}).await.unwrap();
    assert_eq!((run.read, run.different, run.unreadable), (9, 8, 0));
    assert_eq!(world.versions().await.len(), 9, "no version comes of it");
    let again = world.archive.reextract(None, &|_| {}).await.unwrap();
    assert_eq!((again.read, again.leaf), (0, None));
    world.assert_sound().await;
}

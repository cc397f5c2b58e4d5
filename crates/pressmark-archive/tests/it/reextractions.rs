//! Stored captures, read again.

use pressmark_model::VersionNumber;
use sqlx::Connection as _;

use crate::world::{World, feed, story};

#[tokio::test]
async fn captures_are_read_again_without_a_version_or_a_change() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    site.page("/one", story("one", "ferries", 8));
    site.page("/two", story("two", "trams", 8));
    world.watch("news.test").await;
    world.poll().await;
    let nothing = world.archive.reextract(None, &|_| {}).await.unwrap();
    assert_eq!(
        (nothing.read, nothing.leaf),
        (0, None),
        "read by it already"
    );

    // As if an earlier extractor had read one of them, and worse.
    let file = world.folder.path().join("catalog.sqlite");
    let mut conn = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let older = "UPDATE version SET derivation = 'earlier/1', title = 'One!' WHERE article_id = 1";
    sqlx::query(older).execute(&mut conn).await.unwrap();
    let run = world.archive.reextract(None, &|_| {}).await.unwrap();
    assert_eq!((run.read, run.unreadable), (1, 0));
    assert_eq!(run.leaf.unwrap().0, 2);
    assert_eq!(world.versions().await.len(), 2);
    let again = world.archive.reextract(None, &|_| {}).await.unwrap();
    assert_eq!((again.read, again.leaf), (0, None));

    let first = world.versions().await.remove(0);
    let derived = world.archive.catalog().derivation(
        first.article_id,
        VersionNumber(1),
        pressmark_extract::EXTRACTOR,
    );
    let derived = derived.await.unwrap().unwrap();
    assert_eq!(
        (derived.article.title.as_str(), &derived.article.text),
        ("one", &first.article.text)
    );
}

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

#[tokio::test]
async fn a_text_that_is_not_in_the_manifest_is_named() {
    let mut world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    site.page("/one", story("one", "ferries", 8));
    site.page("/two", story("two", "trams", 8));
    world.watch("news.test").await;
    world.poll().await;
    world
        .learn(&[("news.test.txt", "strip: //p[contains(., '2th floor')]")])
        .await;
    let run = world.archive.reextract(None, &|_| {}).await.unwrap();
    assert_eq!((run.read, run.leaf.map(|leaf| leaf.0)), (2, Some(2)));
    world.assert_sound().await;

    let file = world.folder.path().join("catalog.sqlite");
    let url = format!("sqlite://{}", file.display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
    for (statement, named) in [
        // Another text with its own digest, and no sum: the leaf knows better.
        (
            "UPDATE derivation SET title = 'Two', digest = $1, sum = NULL WHERE article_id = 2",
            "re-extraction at leaf 2: its texts are not those of its manifest",
        ),
        (
            "DELETE FROM derivation WHERE article_id = 1 AND $1 IS NOT NULL",
            "re-extraction at leaf 2: 1 of its 2 texts are there",
        ),
    ] {
        let derived = world.archive.catalog().derivations(None, 9).await.unwrap();
        let text = &derived.last().unwrap().derivation.article.text;
        let digest = pressmark_model::ContentDigest::of("Two", text);
        sqlx::query(statement)
            .bind(digest.0.as_bytes().to_vec())
            .execute(&mut conn)
            .await
            .unwrap();
        let report = world.archive.check_deep(&|_, _| {}).await.unwrap();
        let found: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(found, [named]);
    }
}

//! Changes are computed from versions and tombstones, and from them again.

use pressmark_archive::change::{Change, ChangeKind, ChangeQuery, ChangeRow};
use pressmark_archive::edit::{CLASSIFIER, EditClass};
use pressmark_model::LeafIndex;
use pressmark_testkit::Page;
use sqlx::{Connection as _, SqliteConnection};

use crate::world::{HOUR, World, feed, story};

/// An article that was edited, and taken away.
async fn world_with_changes() -> World {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one"]));
    site.page("/one", story("one", "ferries", 8));
    world.watch("news.test").await;
    world.poll().await;
    site.page("/one", story("one", "trams", 8));
    world.revisit().await;
    site.page("/one", Page::status(410));
    for _ in 0..3 {
        world.clock.advance(7 * HOUR);
        world.poll().await;
    }
    world.archive.seal().await.unwrap();
    world.assert_sound().await;
    world
}

async fn rows(world: &World) -> Vec<ChangeRow> {
    let catalog = world.archive.catalog();
    catalog.change_rows(LeafIndex(0), 99).await.unwrap()
}

async fn run(world: &World, statement: &'static str) {
    let file = world.folder.path().join("catalog.sqlite");
    let url = format!("sqlite://{}", file.display());
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

async fn findings(world: &World) -> Vec<String> {
    let report = world.archive.check_deep(&|_, _| {}).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn what_was_tampered_with_is_computed_from_the_texts() {
    let world = world_with_changes().await;
    let kinds: Vec<_> = rows(&world).await.iter().map(|row| row.kind).collect();
    assert_eq!(kinds, [ChangeKind::Edit, ChangeKind::Deleted]);
    // Who can write a change can take its sum out, too.
    for (statement, named) in [
        (
            "UPDATE change SET classes = 64 WHERE leaf = 1",
            "change at leaf 1: its classes is",
        ),
        (
            "UPDATE change SET size = 1 WHERE leaf = 1",
            "change at leaf 1: its size",
        ),
        (
            "UPDATE change SET silent = 1 - silent WHERE leaf = 1",
            "change at leaf 1: its silence",
        ),
        (
            "UPDATE change SET removed = 'x' WHERE leaf = 2",
            "change at leaf 2: its removed text",
        ),
        (
            "UPDATE change SET reason = 'not-found' WHERE leaf = 2",
            "change at leaf 2: its reason",
        ),
        (
            "UPDATE change SET kind = 'reverted' WHERE leaf = 1",
            "change at leaf 1: its kind",
        ),
        (
            "DELETE FROM change WHERE leaf = 1",
            "change at leaf 1: it is missing",
        ),
        (
            "UPDATE change SET leaf = 0 WHERE leaf = 1",
            "change at leaf 0: nothing in the ledger",
        ),
    ] {
        run(&world, "DELETE FROM row_sum WHERE name = 'change'").await;
        run(&world, statement).await;
        let found = findings(&world).await;
        assert!(
            found.iter().any(|finding| finding.starts_with(named)),
            "{statement}: {found:?}"
        );
        world.archive.rebuild_changes(&|_| {}).await.unwrap();
        assert_eq!(findings(&world).await, [""; 0], "{statement}");
    }
}

#[tokio::test]
async fn what_was_stored_without_classes_gets_them() {
    let world = world_with_changes().await;
    let stored = rows(&world).await;
    run(
        &world,
        "DELETE FROM change; DELETE FROM row_sum WHERE name = 'change'",
    )
    .await;
    assert_eq!(findings(&world).await.len(), 2);
    assert_eq!(world.archive.rebuild_changes(&|_| {}).await.unwrap(), 2);
    assert_eq!(rows(&world).await, stored);
    assert_eq!(findings(&world).await, [""; 0]);

    // What an earlier comparison said cannot be computed any more, but for what it is about.
    run(
        &world,
        "UPDATE change SET classifier = classifier - 1, classes = 1, size = 3;
        DELETE FROM row_sum WHERE name = 'change'",
    )
    .await;
    assert_eq!(findings(&world).await, [""; 0]);
    run(&world, "UPDATE change SET changed_at = 7").await;
    assert_eq!(findings(&world).await.len(), 2);
    world.archive.rebuild_changes(&|_| {}).await.unwrap();
    assert_eq!(rows(&world).await, stored);
    assert!(stored.iter().all(|row| row.classifier == CLASSIFIER));
    // The new sums are kept, too.
    run(
        &world,
        "UPDATE row_sum SET sum = zeroblob(32) WHERE name = 'change'",
    )
    .await;
    assert_eq!(findings(&world).await.len(), 2);
}

#[tokio::test]
async fn what_another_archive_saw_has_classes() {
    let world = World::new().await;
    let source = world.watch("news.test").await;
    let record = |text: &str| pressmark_archive::ImportedRecord {
        url: "https://news.test/one".parse().unwrap(),
        title: "one".to_owned(),
        published: None,
        authors: Vec::new(),
        tags: Vec::new(),
        html: format!("<p>{text}</p>"),
        file: text.to_owned().into(),
    };
    let texts = [
        "The ferry took 14 people over the river.",
        "The ferry took 19 people over the river.",
    ];
    world
        .archive
        .import(source.id, texts.map(record), &|| {})
        .await
        .unwrap();
    let catalog = world.archive.catalog();
    let listed: Vec<Change> = catalog.changes(&ChangeQuery::all(9)).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].kind, listed[0].version.0), (ChangeKind::Edit, 2));
    assert!(listed[0].classes.contains(EditClass::Number), "{listed:?}");
    let stored = rows(&world).await;
    run(&world, "DELETE FROM change").await;
    world.archive.rebuild_changes(&|_| {}).await.unwrap();
    assert_eq!(rows(&world).await, stored);
    world.assert_sound().await;
}

/// What statements change, to be brought back.
const KEEP: &str = "
    CREATE TABLE kept_version AS SELECT * FROM version;
    CREATE TABLE kept_article AS SELECT * FROM article;
    CREATE TABLE kept_listing AS SELECT * FROM source_article";
/// Brings it back.
const BACK: &str = "
    PRAGMA foreign_keys = OFF;
    DELETE FROM source_article; DELETE FROM version; DELETE FROM article;
    DELETE FROM row_sum;
    INSERT INTO article SELECT * FROM kept_article;
    INSERT INTO version SELECT * FROM kept_version;
    INSERT INTO source_article SELECT * FROM kept_listing";

#[tokio::test]
async fn what_the_reader_shows_is_held_by_the_ledger_and_not_by_sums() {
    let world = world_with_changes().await;
    run(&world, KEEP).await;
    for (statement, named) in [
        (
            "UPDATE version SET html_zstd = text_zstd WHERE leaf = 0",
            "its HTML",
        ),
        (
            "UPDATE version SET authors = '[\"A liar\"]' WHERE leaf = 0",
            "what goes with the text",
        ),
        (
            "UPDATE version SET published_at = 1, published_offset = 0",
            "what goes with the text",
        ),
        (
            "UPDATE version SET kind = 'reverted' WHERE leaf = 1",
            "what goes with the text",
        ),
        (
            "UPDATE version SET excerpt = 'A lie' WHERE leaf = 0",
            "version at leaf 0: a column",
        ),
        (
            "UPDATE article SET tombstone = NULL",
            "article 1: its tombstone",
        ),
        (
            "UPDATE article SET tombstone = 1",
            "article 1: its tombstone",
        ),
        (
            "UPDATE article SET last_leaf = 0",
            "article 1: its last leaf",
        ),
        (
            "UPDATE article SET sort_at = sort_at + 1",
            "article 1: its place in lists",
        ),
        (
            "UPDATE source_article SET sort_at = 7",
            "article 1: its place in lists",
        ),
        (
            "DELETE FROM source_article",
            "article 1: its place in lists",
        ),
        (
            "UPDATE article SET first_captured_at = 7",
            "article 1: its first capture",
        ),
    ] {
        run(&world, statement).await;
        // The next sealing takes the sums over what is there then.
        run(&world, "DELETE FROM row_sum").await;
        world.archive.seal().await.unwrap();
        let found = findings(&world).await;
        assert!(
            found.iter().any(|finding| finding.contains(named)),
            "{statement}: {found:?}"
        );
        run(&world, BACK).await;
        assert_eq!(findings(&world).await, [""; 0], "{statement}");
    }
}

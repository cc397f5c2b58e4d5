//! `check` names what is damaged.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use pressmark_archive::{CheckReport, ImportedRecord};
use pressmark_model::{LeafIndex, VersionNumber};
use pressmark_proof::{Leaf, VersionRecord, commitment};
use pressmark_testkit::Mode;
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tokio::runtime::Handle;

use crate::world::{World, feed, story};

/// The files of the segments.
pub(crate) fn segments(world: &World) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![world.folder.path().join("segments")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

async fn world_with_articles() -> World {
    with_articles(World::new().await).await
}

async fn with_articles(world: World) -> World {
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    site.page("/one", story("one", "one", 5))
        .page("/two", story("two", "two", 5));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 2);
    world.assert_sound().await;
    world
}

async fn catalog(world: &World) -> SqliteConnection {
    let file = world.folder.path().join("catalog.sqlite");
    let url = format!("sqlite://{}", file.display());
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    conn.execute("PRAGMA foreign_keys = OFF").await.unwrap();
    conn
}

/// Changes the catalog behind the program's back.
async fn damage(world: &World, sql: &'static str) {
    let mut conn = catalog(world).await;
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

/// Puts another record in the place of a leaf's, so that the leaf commits to it.
async fn reseal(world: &World, index: i64, change: impl FnOnce(&mut VersionRecord)) {
    let rows = world.archive.catalog().ledger(LeafIndex(index), 1).await;
    let row = rows.unwrap().pop().unwrap();
    let mut record = VersionRecord::from_bytes(&row.record.unwrap()).unwrap();
    change(&mut record);
    let bytes = record.to_bytes().unwrap();
    let mut leaf = Leaf::from_bytes(&row.leaf).unwrap();
    leaf.commitment = commitment(&row.nonce.unwrap(), &bytes);
    let mut conn = catalog(world).await;
    sqlx::query("UPDATE leaf SET leaf = $1, record = $2 WHERE idx = $3")
        .bind(leaf.to_bytes())
        .bind(bytes)
        .bind(index)
        .execute(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();
}

async fn check(world: &World) -> CheckReport {
    world.archive.check(&|_, _| {}).await.unwrap()
}

/// Whether one of the findings reads like this.
fn says(report: &CheckReport, what: &str, problem: &str) -> bool {
    report
        .findings
        .iter()
        .any(|finding| finding.what == what && finding.problem.contains(problem))
}

#[tokio::test]
async fn a_flipped_byte_in_a_segment_is_found_wherever_it_is() {
    let world = world_with_articles().await;
    for file in segments(&world) {
        let sound = std::fs::read(&file).unwrap();
        for place in [0, 11, sound.len() / 3, sound.len() / 2, sound.len() - 1] {
            let mut damaged = sound.clone();
            damaged[place] ^= 0x10;
            std::fs::write(&file, &damaged).unwrap();
            let report = world.archive.check(&|_, _| {}).await.unwrap();
            assert!(
                !report.findings.is_empty(),
                "byte {place} of {}",
                file.display()
            );
        }
        std::fs::write(&file, &sound).unwrap();
    }
    world.assert_sound().await;
}

#[tokio::test]
async fn a_missing_segment_is_named() {
    let world = world_with_articles().await;
    let file = segments(&world).pop().unwrap();
    std::fs::remove_file(&file).unwrap();
    let report = world.archive.check(&|_, _| {}).await.unwrap();
    let name = file
        .file_name()
        .unwrap()
        .to_string_lossy()
        .replace(".warc.gz", "");
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.what.contains(&name)),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_during_a_check_is_not_held_against_it() {
    let world = world_with_articles().await;
    let site = world.net.site("news.test");
    let mut titles = vec!["one", "two"];
    for (fifth, title) in (0..).zip(["a", "b", "c", "d", "e"]) {
        titles.push(title);
        site.page("/feed.xml", feed("news.test", &titles));
        site.page(&format!("/{title}"), story(title, title, 5));
        let polled = AtomicBool::new(false);
        let poll = |done, total| {
            if done * 5 > total * fifth && !polled.swap(true, Ordering::SeqCst) {
                let poll = async { assert_eq!(world.poll().await.articles, 1) };
                tokio::task::block_in_place(|| Handle::current().block_on(poll));
            }
        };
        let report = world.archive.check(&poll).await.unwrap();
        assert_eq!(report.findings, [], "stored after {fifth} fifths");
        assert_eq!(
            report.unreferenced_segments, 0,
            "stored after {fifth} fifths"
        );
        assert!(polled.into_inner());
    }
    world.assert_sound().await;
}

#[tokio::test]
async fn a_segment_whose_captures_are_still_to_be_committed_is_not_called_left_behind() {
    let world = world_with_articles().await;
    let stray = world.folder.path().join("segments/00");
    let name = format!("{}.warc.gz", "0".repeat(64));
    let put = |done, total| {
        if done == total {
            std::fs::create_dir_all(&stray).unwrap();
            std::fs::write(stray.join(&name), "new").unwrap();
        }
    };
    let report = world.archive.check(&put).await.unwrap();
    assert_eq!(
        (report.findings.len(), report.unreferenced_segments),
        (0, 0)
    );
    let report = check(&world).await;
    assert_eq!(
        (report.findings.len(), report.unreferenced_segments),
        (1, 1)
    );
}

#[tokio::test]
async fn a_cut_off_end_is_found() {
    let world = world_with_articles().await;
    damage(
        &world,
        "DELETE FROM version WHERE leaf = 1; DELETE FROM leaf WHERE idx = 1",
    )
    .await;
    let report = check(&world).await;
    assert!(
        says(&report, "ledger", "1 of 2 leaves are missing at its end"),
        "{report:?}"
    );
    assert!(
        says(&report, "catalog", "1 versions are there, of 2"),
        "{report:?}"
    );

    let world = world_with_articles().await;
    damage(
        &world,
        "DELETE FROM record WHERE capture_id = 3; DELETE FROM capture WHERE id = 3",
    )
    .await;
    let report = check(&world).await;
    assert!(
        says(&report, "catalog", "1 of 3 captures are missing at its end"),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_counter_that_is_set_back_is_found() {
    let world = world_with_articles().await;
    damage(
        &world,
        "UPDATE counter SET next_leaf = 1, versions = 1, next_capture = 2",
    )
    .await;
    let report = check(&world).await;
    assert!(
        says(&report, "ledger", "leaf 1 is there, the counter says 1"),
        "{report:?}"
    );
    assert!(
        says(&report, "catalog", "capture 2 is there, the counter says 1"),
        "{report:?}"
    );
    assert_eq!(
        report.unreferenced_segments, 0,
        "later captures refer to them"
    );

    damage(&world, "UPDATE counter SET next_leaf = 1000000000000").await;
    let report = check(&world).await;
    assert!(
        says(&report, "ledger", "999999999998 of 1000000000000 leaves"),
        "{report:?}"
    );
}

async fn world_with_an_edit() -> World {
    let world = world_with_articles().await;
    world
        .net
        .site("news.test")
        .page("/one", story("one", "trams", 5));
    assert_eq!(world.revisit().await.versions, 1);
    world.assert_sound().await;
    world
}

#[tokio::test]
async fn a_record_that_names_another_version_as_the_one_before_it_is_found() {
    for previous in [None, Some(LeafIndex(2)), Some(LeafIndex(7))] {
        let world = world_with_an_edit().await;
        reseal(&world, 2, |record| record.previous = previous).await;
        let report = check(&world).await;
        assert_eq!(report.findings.len(), 1, "{report:?}");
        let finding = report.findings[0].to_string();
        assert!(
            finding.contains("the leaf of the version before it is"),
            "{finding}"
        );
    }
}

#[tokio::test]
async fn a_version_that_is_skipped_is_found() {
    let world = world_with_an_edit().await;
    damage(
        &world,
        "UPDATE version SET number = 3 WHERE leaf = 2; UPDATE leaf SET version = 3 WHERE idx = 2",
    )
    .await;
    reseal(&world, 2, |record| record.version = VersionNumber(3)).await;
    let report = check(&world).await;
    assert_eq!(report.findings.len(), 1, "{report:?}");
    let finding = report.findings[0].to_string();
    assert!(
        finding.ends_with("version 3: the version before it is 1"),
        "{finding}"
    );
}

#[tokio::test]
async fn an_erased_record_is_found_and_the_rest_is_checked() {
    let world = world_with_an_edit().await;
    damage(
        &world,
        "UPDATE leaf SET record = NULL, nonce = NULL WHERE idx = 0;
        UPDATE leaf SET article_id = NULL, version = NULL WHERE idx = 1;
        UPDATE leaf SET nonce = NULL WHERE idx = 2",
    )
    .await;
    let report = check(&world).await;
    for (what, problem) in [
        ("leaf 0", "its record is missing"),
        ("leaf 0", "its nonce is missing"),
        ("leaf 1", "its version is missing"),
        ("leaf 2", "its nonce is missing"),
    ] {
        assert!(says(&report, what, problem), "{report:?}");
    }
    assert_eq!(
        (report.findings.len(), report.leaves, report.versions),
        (4, 3, 3)
    );
}

#[tokio::test]
async fn damaged_rows_are_named_and_the_rest_is_checked() {
    let world = world_with_an_edit().await;
    let sound = check(&world).await;
    damage(
        &world,
        "UPDATE leaf SET nonce = x'01' WHERE idx = 0;
        UPDATE version SET digest = x'00' WHERE leaf = 1;
        UPDATE version SET text_digest = zeroblob(32) WHERE leaf = 2;
        UPDATE capture SET status = -1 WHERE id = 1;
        UPDATE record SET kind = 'odd' WHERE capture_id = (
            SELECT capture_id FROM version WHERE leaf = 2)",
    )
    .await;
    let report = check(&world).await;
    let [first, second, third] = [0, 1, 2].map(|leaf| {
        let finding = |finding: &&pressmark_archive::Finding| match leaf {
            0 => finding.what == "leaf 0",
            1 => finding.problem.contains("`version.digest` has 1 bytes"),
            _ => finding.problem.contains("its text digest"),
        };
        report
            .findings
            .iter()
            .find(finding)
            .map(ToString::to_string)
    });
    assert!(
        first
            .unwrap()
            .contains("`leaf.nonce` has 1 bytes, not 16, where `idx` is 0")
    );
    assert!(
        second
            .unwrap()
            .starts_with("article 2 version 1: cannot be read")
    );
    assert!(third.unwrap().starts_with("article 1 version 2: "));
    assert!(
        says(&report, "capture 1", "`capture.status` is out of range"),
        "{report:?}"
    );
    assert!(
        says(&report, "article 1 version 2", "`record.kind`"),
        "{report:?}"
    );
    assert_eq!((report.leaves, report.versions), (2, 2));
    assert_eq!(report.segments, sound.segments);
    assert_eq!(report.findings.len(), 6, "{report:?}");
}

#[tokio::test]
async fn a_broken_page_of_the_database_does_not_hide_the_rest() {
    let world = world_with_articles().await;
    let mut conn = catalog(&world).await;
    sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut conn)
        .await
        .unwrap();
    let root: i64 = sqlx::query_scalar("SELECT rootpage FROM sqlite_schema WHERE name = 'version'")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    let file = world.folder.path().join("catalog.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let page = usize::try_from(root - 1).unwrap() * 4096;
    bytes[page..page + 4096].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    sqlx::raw_sql("UPDATE counter SET versions = versions")
        .execute(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();

    std::fs::remove_file(segments(&world).pop().unwrap()).unwrap();
    let report = check(&world).await;
    assert!(
        says(&report, "catalog", "could not read versions"),
        "{report:?}"
    );
    let missing = |finding: &&pressmark_archive::Finding| finding.problem == "it is missing";
    assert_eq!(
        report.findings.iter().filter(missing).count(),
        1,
        "{report:?}"
    );
}

#[tokio::test]
async fn segments_are_read_once_and_unreadable_ones_are_named() {
    let (world, store) = World::with_faulty_store().await;
    let world = with_articles(world).await;

    let before = store.gets();
    let sound = check(&world).await;
    assert!(sound.records > 2 * sound.segments, "{sound:?}");
    assert_eq!(store.gets() - before, sound.segments);

    store.set(Mode::CannotRead);
    let report = check(&world).await;
    let unreadable = |finding: &&pressmark_archive::Finding| {
        finding.what.starts_with("segment sha256:") && finding.problem.contains("cannot be read")
    };
    let named = report.findings.iter().filter(unreadable).count();
    assert_eq!(u64::try_from(named).unwrap(), sound.segments, "{report:?}");
    assert_eq!((report.leaves, report.versions), (2, 2));
}

#[tokio::test]
async fn an_archive_of_several_pages_is_checked_to_its_end() {
    let world = World::new().await;
    let source = world.watch("news.test").await;
    let records = (0..1203).map(|n| ImportedRecord {
        url: format!("https://news.test/{n}").parse().unwrap(),
        title: format!("Story {n}"),
        published: None,
        authors: Vec::new(),
        tags: Vec::new(),
        html: format!("<p>The text of story {n}.</p>"),
        file: Bytes::from(format!("# Story {n}")),
    });
    world
        .archive
        .import(source.id, records, &|| {})
        .await
        .unwrap();
    let report = check(&world).await;
    assert_eq!(report.findings, []);
    assert_eq!(
        (report.leaves, report.versions, report.records),
        (1203, 1203, 1203)
    );

    damage(
        &world,
        "DELETE FROM version WHERE leaf BETWEEN 498 AND 1001 OR leaf > 1200;
        DELETE FROM leaf WHERE idx BETWEEN 498 AND 1001 OR idx > 1200;
        UPDATE leaf SET nonce = x'01' WHERE idx IN (3, 1100)",
    )
    .await;
    let report = check(&world).await;
    assert!(
        says(&report, "leaves 498 to 1001", "missing from the ledger"),
        "{report:?}"
    );
    assert!(
        says(&report, "ledger", "2 of 1203 leaves are missing at its end"),
        "{report:?}"
    );
    assert!(says(&report, "leaf 3", "cannot be read"), "{report:?}");
    assert!(says(&report, "leaf 1100", "cannot be read"), "{report:?}");
    assert!(
        says(&report, "catalog", "697 versions are there, of 1203"),
        "{report:?}"
    );
    assert_eq!(report.findings.len(), 5, "{report:?}");
}

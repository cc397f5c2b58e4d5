//! What a crash left behind is taken away.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use pressmark_archive::segment::Segments;
use pressmark_model::{Clock as _, Timestamp};

use crate::world::{World, feed, story};

const DAY: Duration = Duration::from_hours(24);

fn segments(world: &World) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(world.folder.path().join("segments")).unwrap() {
        let files = std::fs::read_dir(folder.unwrap().path()).unwrap();
        found.extend(files.map(|file| file.unwrap().path()));
    }
    found.sort();
    found
}

#[tokio::test]
async fn only_segments_of_nobody_are_swept_and_no_backup_is_disturbed() {
    let mut store = None;
    let world = World::with_store(|real| {
        store = Some(std::sync::Arc::clone(&real));
        real
    })
    .await;
    world.watch("a.test").await;
    let site = world.net.site("a.test");
    site.page("/feed.xml", feed("a.test", &["one"]));
    site.page("/one", story("one", "one", 5));
    world.poll().await;
    let of_archive = segments(&world);
    let lost = Segments::new(store.unwrap());
    lost.put(b"written, and never committed".as_slice().into())
        .await
        .unwrap();
    let old = segments(&world);
    // They are two days old, and one more is an hour old.
    let now = world.clock.now();
    let since = |moment: Timestamp| UNIX_EPOCH + moment.since(Timestamp::EPOCH);
    for path in &old {
        File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(since(now.minus(DAY * 2)))
            .unwrap();
    }
    lost.put(b"on its way".as_slice().into()).await.unwrap();
    for path in segments(&world).iter().filter(|path| !old.contains(path)) {
        let hour = since(now.minus(Duration::from_hours(1)));
        File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(hour)
            .unwrap();
    }

    let archive = &world.archive;
    archive
        .catalog()
        .hold_deletions(1, now.plus(DAY))
        .await
        .unwrap();
    let leftovers = archive.leftovers().await.unwrap();
    assert_eq!(
        archive.sweep(leftovers.clone()).await.unwrap(),
        0,
        "a backup is made"
    );
    archive.catalog().release_deletions(1).await.unwrap();
    assert_eq!(archive.sweep(leftovers.clone()).await.unwrap(), 1);
    assert_eq!(
        archive.sweep(leftovers).await.unwrap(),
        1,
        "one that is gone is no error"
    );
    let left = segments(&world);
    assert_eq!(left.len(), of_archive.len() + 1);
    assert!(of_archive.iter().all(|path| left.contains(path)));
    world.assert_sound().await;
}

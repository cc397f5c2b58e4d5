//! `check` names what is damaged.

use std::path::PathBuf;

use crate::world::{World, feed, story};

fn segments(world: &World) -> Vec<PathBuf> {
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
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    site.page("/one", story("one", "one", 5))
        .page("/two", story("two", "two", 5));
    world.watch("news.test").await;
    assert_eq!(world.poll().await.articles, 2);
    world.assert_sound().await;
    world
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

//! A disk that is full, or out of inodes, and has room again.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::stage::{Stage, Subject};
use super::{Plan, judge};
use crate::disk::{Mounted, can_mount};

/// So soon after there is room again everything is archived.
const RESUMED: Duration = Duration::from_mins(1);
/// The catalog finds room for a while, the segments do not.
const LEFT: u64 = 400 << 10;
const BALLAST: usize = 600_000;

/// What runs out.
#[derive(Debug, Clone, Copy)]
enum Lack {
    Space { left: u64 },
    Inodes,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_with_little_room() {
    experiment(&[Lack::Space { left: LEFT }]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_inodes() {
    experiment(&[Lack::Inodes, Lack::Space { left: 0 }]).await;
}

/// Tries the first of these, or all of them by `--full`.
async fn experiment(lacks: &[Lack]) {
    let plan = Plan::of("full");
    if !can_mount() {
        return;
    }
    let mut tally = plan.tally();
    for lack in lacks.iter().take(plan.tries(1, lacks.len())) {
        tally.count(format_args!("{lack:?}"), without(*lack).await);
    }
    tally.end();
}

async fn without(lack: Lack) -> Result<(), String> {
    let mut stage = Stage::new(Subject::Program, BALLAST).await;
    let options = match lack {
        Lack::Space { .. } => "size=32m",
        Lack::Inodes => "size=256m,nr_inodes=400",
    };
    let _disk = Mounted::tmpfs(&stage.program.data(), options);
    stage.watch().await;
    stage.publish(3);
    let serving = stage.program.serve();
    let wait = Duration::from_secs(20);
    stage.wait_until_shown(&serving, wait).await?;

    let fillers = fill(&stage.program.data(), lack);
    stage.publish(5);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        // What is shown meanwhile is promised as well.
        stage.note_shown(&serving).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let missing = stage.titles().difference(&stage.acknowledged).count();
    if missing == 0 {
        return Err("it was not full: nothing was tried".to_owned());
    }
    for filler in fillers {
        std::fs::remove_file(filler).unwrap();
    }
    let resumed = stage.wait_until_shown(&serving, RESUMED).await?;
    println!("{lack:?}: {missing} stories waited, and were there after {resumed:?}");
    drop(serving);
    judge(&stage.program, &stage.acknowledged).await?;
    stage.recover().await
}

#[tokio::test(flavor = "multi_thread")]
async fn archiving_pauses_before_it_is_full() {
    if !can_mount() {
        return;
    }
    let stage = Stage::new(Subject::Program, 500).await;
    let mut stage = stage
        .with("PRESSMARK_STORAGE_FLOOR", "16777216")
        .with("PRESSMARK_STORAGE_LOW_SPACE", "33554432");
    let _disk = Mounted::tmpfs(&stage.program.data(), "size=64m");
    stage.watch().await;
    stage.publish(2);
    let serving = stage.program.serve();
    let wait = Duration::from_secs(20);
    stage.wait_until_shown(&serving, wait).await.unwrap();

    let fillers = fill(&stage.program.data(), Lack::Space { left: 8 << 20 });
    let begun = Instant::now();
    let is_told = async || {
        serving
            .get("/feeds/alarms.xml", "")
            .await
            .1
            .contains("paused")
    };
    while !is_told().await {
        assert!(begun.elapsed() < wait, "nobody was told");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let (_, page) = serving.get("/sources", "").await;
    assert!(page.contains("role=\"alert\""), "{page}");
    stage.net.forget_requests();
    stage.publish(2);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(stage.net.requests_to("news.test").len(), 0);

    for filler in fillers {
        std::fs::remove_file(filler).unwrap();
    }
    stage.wait_until_shown(&serving, RESUMED).await.unwrap();
    let (_, page) = serving.get("/sources", "").await;
    assert!(!page.contains("role=\"alert\""), "{page}");
    drop(serving);
    stage.recover().await.unwrap();
}

/// Takes what there is; the files that took it.
fn fill(folder: &Path, lack: Lack) -> Vec<PathBuf> {
    match lack {
        Lack::Space { left } => {
            let path = folder.join("filler");
            let mut file = File::create(&path).unwrap();
            let piece = vec![0; 16 << 10];
            while file.write_all(&piece).is_ok() {}
            let length = file.metadata().unwrap().len();
            file.set_len(length.saturating_sub(left)).unwrap();
            vec![path]
        }
        Lack::Inodes => {
            let path = |n| folder.join(format!("filler-{n}"));
            let made = (0..)
                .map(path)
                .take_while(|path| File::create(path).is_ok());
            made.collect()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_is_caught() {
    let plan = Plan::of("full");
    if !can_mount() {
        return;
    }
    let mut stage = Stage::new(Subject::Careless, BALLAST).await;
    let _disk = Mounted::tmpfs(&stage.program.data(), "size=32m");
    stage.watch().await;
    stage.publish(5);
    let fillers = fill(&stage.program.data(), Lack::Space { left: LEFT });
    let mut poll = stage.poll();
    let output = tokio::task::spawn_blocking(move || poll.output().unwrap());
    let output = output.await.unwrap();
    stage.note_events(&String::from_utf8(output.stdout).unwrap());
    for filler in fillers {
        std::fs::remove_file(filler).unwrap();
    }
    let mut tally = plan.control();
    let outcome = judge(&stage.program, &stage.acknowledged).await;
    tally.count("little room", outcome);
    tally.end_control();
}

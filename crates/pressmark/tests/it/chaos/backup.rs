//! Backups while the archive is at work.

use std::path::Path;
use std::time::Duration;

use super::stage::{Stage, Subject};
use super::{Plan, judge};
use crate::disk::run;
use crate::program::{Program, lines};

#[tokio::test(flavor = "multi_thread")]
async fn they_are_whole() {
    let plan = Plan::of("backup");
    let mut stage = Stage::new(Subject::Program, 2_000).await;
    stage.watch().await;
    stage.publish(10);
    let serving = stage.program.serve();
    let mut tally = plan.tally();
    for n in 0..plan.tries(3, 20) {
        stage.publish(10);
        tokio::time::sleep(Duration::from_millis(plan.below(2_500))).await;
        stage.note_shown(&serving).await.unwrap();
        let folder = stage.program.folder.path();
        // The mark of the key as it stands before: the archive seals more while it is copied.
        let (keys, then) = (folder.join("config"), folder.join(format!("config-{n}")));
        let copied = run(
            "cp",
            &["-r", keys.to_str().unwrap(), then.to_str().unwrap()],
        );
        copied.unwrap();
        let backup = folder.join("backup");
        let ran = stage
            .program
            .run(&["backup", backup.to_str().unwrap()])
            .await;
        let outcome = if ran.code == 0 {
            restored(&stage, &backup, &then, n).await
        } else {
            Err(ran.stderr)
        };
        tally.count(format_args!("backup {n}"), outcome);
    }
    drop(serving);
    tally.count("the archive itself", stage.recover().await);
    tally.end();
}

/// Restores elsewhere: everything that was acknowledged before the backup is there, and the ledger
/// is the beginning of the archive's own, byte for byte.
async fn restored(stage: &Stage, backup: &Path, keys: &Path, n: usize) -> Result<(), String> {
    let elsewhere = stage
        .program
        .beside(stage.program.folder.path().join(format!("restored-{n}")))
        .with("XDG_CONFIG_HOME", keys.to_str().unwrap());
    let ran = elsewhere.run(&["restore", backup.to_str().unwrap()]).await;
    if ran.code != 0 {
        return Err(ran.stderr);
    }
    judge(&elsewhere, &stage.acknowledged).await?;
    let (own, other) = (ledger(&stage.program).await, ledger(&elsewhere).await);
    if other.len() < stage.acknowledged.len() || !own.starts_with(&other) {
        return Err("the ledger is another one".to_owned());
    }
    Ok(())
}

/// The versions in the ledger's order, whole.
async fn ledger(program: &Program) -> Vec<serde_json::Value> {
    lines(&program.ok(&["export"]).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_is_caught() {
    let plan = Plan::of("backup");
    let mut stage = Stage::new(Subject::Program, 2_000).await;
    stage.watch().await;
    stage.publish(10);
    let data = stage.program.data();
    let copy = stage.program.folder.path().join("copy");
    // The wrong order: the raw bytes first, and what refers to them later.
    std::fs::create_dir(&copy).unwrap();
    let (data, to) = (data.to_str().unwrap(), copy.to_str().unwrap());
    run("cp", &["-r", &format!("{data}/archive"), to]).unwrap();
    stage.program.ok(&["poll"]).await;
    for file in ["catalog.sqlite", "catalog.sqlite-wal"] {
        run("cp", &[&format!("{data}/{file}"), to]).unwrap();
    }
    let copied = stage.program.beside(copy);
    let mut tally = plan.control();
    tally.count("raw bytes first", judge(&copied, &stage.acknowledged).await);
    tally.end_control();
}

//! A clock that is wrong, and jumps.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::stage::{Stage, Subject};
use super::{Plan, judge};
use crate::disk::can;
use crate::program::{Program, Serving};

/// How often the feed is to be asked for, and how far that is spread.
const INTERVAL: Duration = Duration::from_secs(3);
/// How long a time lasts at least.
const PHASE: Duration = Duration::from_secs(6);
const PATIENCE: Duration = Duration::from_secs(20);

/// Offsets from the true time: a year and more back, five years ahead, the end of 32 bits.
const TIMES: [&str; 6] = ["+0", "-400d", "+5y", "-400d", "+13y", "+0"];

/// The library that shows programs another time.
fn library() -> Option<PathBuf> {
    let find = ["-c", "find /usr/lib -name libfaketimeMT.so.1 | grep ."];
    if !can("the experiment of clocks", "sh", &find) {
        return None;
    }
    let output = Command::new("sh").args(find).output().unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    found.lines().next().map(PathBuf::from)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_jump() {
    let plan = Plan::of("clock");
    let Some(library) = library() else {
        return;
    };
    let mut stage = Stage::new(Subject::Program, 500).await;
    stage.watch().await;
    let interval = format!("interval={}s", INTERVAL.as_secs());
    stage.program.ok(&["set", "news.test", &interval]).await;
    let offset = stage.program.folder.path().join("offset");
    std::fs::write(&offset, TIMES[0]).unwrap();
    let serving = serve(&stage.program, &library, &offset);
    let mut tally = plan.tally();
    let mut sealed = String::new();
    for time in TIMES.into_iter().take(plan.tries(4, TIMES.len())) {
        stage.net.forget_requests();
        std::fs::write(&offset, time).unwrap();
        stage.publish(2);
        let outcome = at_this_time(&mut stage, &serving).await;
        tally.count(format_args!("at {time}"), outcome);
        let now = sealed_at(&stage.program).await;
        let forward = (now >= sealed)
            .then_some(())
            .ok_or(format!("{now} after {sealed}"));
        tally.count(format_args!("the ledger's time at {time}"), forward);
        sealed = now;
    }
    drop(serving);
    tally.count(
        "in the end",
        judge(&stage.program, &stage.acknowledged).await,
    );
    tally.end();
}

/// New stories are archived, and the feed is asked for no more often than the interval says, and
/// once for the jump.
async fn at_this_time(stage: &mut Stage, serving: &Serving) -> Result<(), String> {
    let begun = Instant::now();
    stage.wait_until_shown(serving, PATIENCE).await?;
    tokio::time::sleep(PHASE.saturating_sub(begun.elapsed())).await;
    asked_for(stage, begun)
}

fn asked_for(stage: &Stage, begun: Instant) -> Result<(), String> {
    let intervals = begun.elapsed().as_millis() / INTERVAL.as_millis();
    let paths = stage.net.paths("news.test");
    let asked = paths.iter().filter(|path| *path == "/feed.xml").count() as u128;
    // One request in each interval, the one that goes on included; one more for the jump.
    if asked > intervals + 2 {
        return Err(format!(
            "the feed was asked for {asked} times in {intervals} intervals"
        ));
    }
    Ok(())
}

/// When the ledger was sealed last, as the program says it.
async fn sealed_at(program: &Program) -> String {
    // What was shown a moment ago may not be sealed yet.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let shown = program.ok(&["key", "show", "--json"]).await;
    let at = shown.split("\"sealed_at\":").nth(1).unwrap();
    at.split('"').nth(1).unwrap().to_owned()
}

/// A server that sees the time of this file.
fn serve(program: &Program, library: &PathBuf, offset: &PathBuf) -> Serving {
    let mut serve = program.command(&["serve", "--listen", "127.0.0.1:0"]);
    serve
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", offset)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    Serving::of(serve.spawn().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_is_caught() {
    let plan = Plan::of("clock");
    let mut stage = Stage::new(Subject::Program, 500).await;
    stage.watch().await;
    stage.publish(1);
    stage.net.forget_requests();
    let begun = Instant::now();
    // Whoever takes the time for past at each look.
    while begun.elapsed() < PHASE {
        stage.program.ok(&["poll"]).await;
    }
    let mut tally = plan.control();
    tally.count("always due", asked_for(&stage, begun));
    tally.end_control();
}

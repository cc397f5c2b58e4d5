//! The disk does not take what was written, and says so.

use std::time::{Duration, Instant};

use super::Plan;
use super::stage::{Stage, Subject, shown};
use super::trace::Held;
use crate::disk::can;
use crate::program::Serving;

/// The program stops by itself within this.
const STOPPED: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_any_more() {
    let plan = Plan::of("fsync");
    if !can("the experiment of fsync", "strace", &["-V"]) {
        return;
    }
    let mut tally = plan.tally();
    // All of them, or one after some good ones.
    for when in ["1+", "2", "3"].into_iter().take(plan.tries(2, 3)) {
        let fault = format!("error=EIO:when={when}");
        tally.count(&fault, unsynced(&fault).await);
    }
    tally.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_is_caught() {
    let plan = Plan::of("fsync");
    if !can("the experiment of fsync", "strace", &["-V"]) {
        return;
    }
    let mut tally = plan.control();
    // The same program, which is not told that nothing reaches the disk: as if it did not look.
    tally.count("not told", unsynced("retval=0").await);
    tally.end_control();
}

async fn unsynced(fault: &str) -> Result<(), String> {
    let mut stage = Stage::new(Subject::Program, 500).await;
    stage.watch().await;
    stage.publish(3);
    let said = stage.program.folder.path().join("said");
    let strace = ["-e", "trace=fsync,fdatasync", "-e"].map(str::to_owned);
    let inject = format!("inject=fsync,fdatasync:{fault}");
    let strace = [&strace[..], &[inject]].concat();
    let serve = stage.program.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut held = Held::start(&serve, &strace, &said);
    let begun = Instant::now();
    let address = loop {
        let text = std::fs::read_to_string(&said).unwrap_or_default();
        if let Some((address, _)) = text.split_once('\n') {
            break address.trim_start_matches("http://").to_owned();
        }
        if begun.elapsed() > STOPPED {
            return Err("it does not start".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let reader = Serving::elsewhere(&address);
    stage.wait_until_shown(&reader, STOPPED).await?;

    held.attach();
    let before = stage.acknowledged.clone();
    stage.publish(3);
    let begun = Instant::now();
    let mut late = 0;
    while begun.elapsed() < STOPPED && held.child.try_wait().unwrap().is_none() {
        // Whoever has stopped does not answer.
        if let Ok(shown) = shown(&reader).await {
            late = late.max(shown.difference(&before).count());
        }
        if late > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let stopped = held.end(Duration::from_secs(2)).await;
    let error = std::fs::read_to_string(said.with_extension("err")).unwrap_or_default();
    if late > 0 {
        return Err(format!("{late} stories were shown after fsync had failed"));
    }
    if !stopped || !error.contains("hint: look at the disk") {
        return Err(format!("it did not stop with a hint: {error}"));
    }
    stage.recover().await
}

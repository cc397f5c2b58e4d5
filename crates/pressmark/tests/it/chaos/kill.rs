//! kill -9 at random moments of `poll` and of `serve`.

use std::fs::File;
use std::time::{Duration, Instant};

use super::stage::{Stage, Subject};
use super::{Plan, Tally, judge};

/// The reader answers again after this.
const READY: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost() {
    let plan = Plan::of("kill");
    let kills = plan.tries(20, 100);
    killed(&plan, Subject::Program, kills, plan.tally())
        .await
        .end();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_is_caught() {
    let plan = Plan::of("kill");
    let tally = killed(&plan, Subject::Careless, 8, plan.control()).await;
    tally.end_control();
}

async fn killed(plan: &Plan, subject: Subject, kills: usize, mut tally: Tally) -> Tally {
    let mut stage = Stage::new(subject, 2_000).await;
    stage.watch().await;
    for n in 0..kills {
        stage.publish(8);
        for _ in 0..2 {
            let story = plan.below(8) + stage.stories().saturating_sub(16) as u64;
            stage.correct(usize::try_from(story).unwrap());
        }
        let outcome = if n % 2 == 1 && subject == Subject::Program {
            serve(plan, &mut stage).await
        } else {
            poll(plan, &mut stage).await
        };
        let outcome = match outcome {
            Ok(()) => judge(&stage.program, &stage.acknowledged).await,
            Err(error) => Err(error),
        };
        let is_over = outcome.is_err();
        tally.count(format!("kill {n}"), outcome);
        if is_over {
            // What is damaged now stays damaged.
            return tally;
        }
    }
    assert!(!stage.acknowledged.is_empty(), "the kills came too early");
    if subject == Subject::Program {
        tally.count("after the last kill", stage.recover().await);
        let deep = stage.program.run(&["check", "--deep"]).await;
        let sound = (deep.code == 0).then_some(()).ok_or(deep.stdout);
        tally.count("check --deep", sound);
        println!("{} versions were acknowledged", stage.acknowledged.len());
    }
    tally
}

/// Kills a poll, which writes what it acknowledges to a file.
async fn poll(plan: &Plan, stage: &mut Stage) -> Result<(), String> {
    let log = stage.program.folder.path().join("events");
    let mut child = stage
        .poll()
        .stdout(File::create(&log).unwrap())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100 + plan.below(1_200))).await;
    child.kill().unwrap();
    child.wait().unwrap();
    stage.note_events(&std::fs::read_to_string(&log).unwrap());
    Ok(())
}

/// Starts the server after a kill, sees what it shows, and kills it.
async fn serve(plan: &Plan, stage: &mut Stage) -> Result<(), String> {
    let begun = Instant::now();
    let serving = stage.program.serve();
    stage.note_shown(&serving).await?;
    let ready = begun.elapsed();
    let until = begun + Duration::from_millis(100 + plan.below(1_500));
    while Instant::now() < until {
        stage.note_shown(&serving).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(serving);
    if ready > READY {
        return Err(format!("ready only after {ready:?}"));
    }
    Ok(())
}

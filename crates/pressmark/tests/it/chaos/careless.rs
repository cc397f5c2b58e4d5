//! The control of the experiments: a process that archives with the same catalog and the same use
//! cases as the program, on a store that promises too early.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use object_store::local::LocalFileSystem;
use pressmark_archive::events::Event;
use pressmark_archive::knowledge::SiteKnowledge;
use pressmark_archive::ports::catalog::Catalog as _;
use pressmark_archive::revisit::Revisits;
use pressmark_archive::{Archive, Parts, PollOptions};
use pressmark_catalog::SqliteCatalog;
use pressmark_fetch::{FetchConfig, Fetcher, SystemResolver};
use pressmark_model::{Clock, Timestamp};
use pressmark_testkit::{Faulty, ManualClock, MemoryKeys, Mode, entropy};
use serde_json::json;

use super::judge;
use super::stage::{Stage, Subject};
use crate::program::Program;

/// Where the process that is meant to be careless finds the archive.
const DATA: &str = "PRESSMARK_CARELESS_DATA";
/// The last of what was promised is stored after this.
const AFTERMATH: Duration = Duration::from_millis(600);

/// This test, as a process that polls once.
pub(super) fn command(program: &Program) -> Command {
    let mut command = program.as_environment_of(&std::env::current_exe().unwrap());
    command
        .args([
            "chaos::careless::it_archives_while_nothing_fails",
            "--exact",
            "--nocapture",
        ])
        .env(DATA, program.data());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn it_archives_while_nothing_fails() {
    if let Some(data) = std::env::var_os(DATA) {
        return poll(Path::new(&data)).await;
    }
    let mut stage = Stage::new(Subject::Careless, 0).await;
    stage.watch().await;
    stage.publish(5);
    let mut poll = stage.poll();
    let output = tokio::task::spawn_blocking(move || poll.output().unwrap());
    let output = output.await.unwrap();
    stage.note_events(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(stage.acknowledged, stage.titles());
    judge(&stage.program, &stage.acknowledged).await.unwrap();
}

async fn poll(data: &Path) {
    let variable = |name: &str| std::env::var_os(name).unwrap().into_string().unwrap();
    let ca_pem = std::fs::read(variable("PRESSMARK_FETCH_CA_FILE")).unwrap();
    let config = FetchConfig {
        proxy: Some(variable("PRESSMARK_FETCH_PROXY").parse().unwrap()),
        ca_pem: Some(ca_pem),
        per_host_gap: Duration::from_millis(1),
        ..FetchConfig::default()
    };
    let catalog = SqliteCatalog::open(&data.join("catalog.sqlite"))
        .await
        .unwrap();
    catalog.break_leases().await.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp::from_seconds(1_790_000_000)));
    // Chance is another one in every process.
    let chance = entropy(u64::from(std::process::id()));
    let files = LocalFileSystem::new_with_prefix(data.join("archive")).unwrap();
    let store = Faulty::over(Arc::new(files));
    store.set(Mode::Hasty);
    let fetcher = Fetcher::new(config, Arc::clone(&clock), Arc::new(SystemResolver)).unwrap();
    let archive = Archive::open(Parts {
        catalog: Arc::new(catalog),
        fetch: Arc::new(fetcher),
        render: None,
        store: Arc::new(store),
        keys: Arc::new(MemoryKeys::default()),
        clock,
        entropy: chance,
        overrides: std::collections::BTreeMap::new(),
        revisits: Revisits::default(),
        knowledge: SiteKnowledge::default(),
        callbacks: None,
        media: pressmark_archive::media::MediaRules::default(),
    })
    .await
    .unwrap();
    let options = PollOptions {
        now: true,
        revisit: false,
        patience: Duration::ZERO,
    };
    let sources = archive.select(&[]).await.unwrap().unwrap();
    // What the test harness has begun ends here.
    println!();
    let observer = |event| {
        if let Event::Archived { title, .. } = event {
            println!("{}", json!({ "event": "archived", "title": title }));
        }
    };
    drop(archive.poll(sources, options, Arc::new(observer)).await);
    tokio::time::sleep(AFTERMATH).await;
}

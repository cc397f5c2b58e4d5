//! Experiments that break what is beneath the program while it works: `cargo xtask chaos`.
//!
//! Each prints its seed, how often it tried, and how many tries passed and failed; each is made
//! with a control too, a program that promises too early, in which the same oracle must find the
//! fault. By themselves they run a few rounds; with `PRESSMARK_CHAOS_FULL` set as many as
//! `docs/reliability.md` says, and `PRESSMARK_CHAOS_SEED` repeats a run.

mod backup;
mod careless;
mod clock;
mod fsync;
mod full;
mod kill;
mod power;
mod redact;
mod stage;
mod syscall;
mod trace;

use std::collections::BTreeSet;

use pressmark_archive::entropy::Entropy;
use pressmark_testkit::entropy;

use crate::program::{Program, lines};

const SEED: u64 = 20_260_131;

/// How an experiment is run.
pub(crate) struct Plan {
    name: &'static str,
    seed: u64,
    full: bool,
    chance: Entropy,
}

/// What became of the tries.
pub(crate) struct Tally {
    name: String,
    passed: usize,
    failed: Vec<String>,
}

impl Plan {
    /// The plan of the experiment with this name.
    pub(crate) fn of(name: &'static str) -> Self {
        let seed = std::env::var_os("PRESSMARK_CHAOS_SEED");
        let seed = seed.map_or(SEED, |seed| seed.to_str().unwrap().parse().unwrap());
        println!("{name}: seed {seed}");
        Self {
            name,
            seed,
            full: std::env::var_os("PRESSMARK_CHAOS_FULL").is_some(),
            chance: entropy(seed),
        }
    }

    /// So many tries, or so many by `--full`.
    pub(crate) fn tries(&self, few: usize, full: usize) -> usize {
        if self.full { full } else { few }
    }

    /// A number below this one.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        u64::from_be_bytes(self.chance.bytes()) % bound
    }

    /// So many of these, or so many by `--full`, that chance has chosen.
    pub(crate) fn chosen<T>(&self, mut all: Vec<T>, few: usize, full: usize) -> Vec<T> {
        let count = self.tries(few, full).min(all.len());
        for n in 0..count {
            let other = n + usize::try_from(self.below((all.len() - n) as u64)).unwrap();
            all.swap(n, other);
        }
        all.truncate(count);
        all
    }

    /// A tally of the program itself.
    pub(crate) fn tally(&self) -> Tally {
        Tally {
            name: format!("{} (seed {})", self.name, self.seed),
            passed: 0,
            failed: Vec::new(),
        }
    }

    /// A tally of the control.
    pub(crate) fn control(&self) -> Tally {
        Tally {
            name: format!("{}, control", self.name),
            ..self.tally()
        }
    }
}

impl Tally {
    pub(crate) fn count<T>(&mut self, what: impl std::fmt::Display, outcome: Result<T, String>) {
        match outcome {
            Ok(_) => self.passed += 1,
            Err(why) => self.failed.push(format!("{what}: {why}")),
        }
    }

    fn print(&self) {
        let (passed, failed) = (self.passed, self.failed.len());
        for why in &self.failed {
            println!("  {why}");
        }
        let all = passed + failed;
        println!("{}: N = {all}, {passed} passed, {failed} failed", self.name);
    }

    /// Everything passed.
    pub(crate) fn end(self) {
        self.print();
        assert!(
            self.failed.is_empty() && self.passed > 0,
            "{:?}",
            self.failed
        );
    }

    /// The control was caught.
    pub(crate) fn end_control(self) {
        self.print();
        assert!(
            !self.failed.is_empty(),
            "the oracle of {} sees nothing",
            self.name
        );
    }
}

/// The oracle: everything that was acknowledged is there, nothing is there twice, and nothing is
/// damaged. Gives the titles that are there.
pub(crate) async fn judge(
    program: &Program,
    acknowledged: &BTreeSet<String>,
) -> Result<BTreeSet<String>, String> {
    let ran = program.run(&["check"]).await;
    if ran.code != 0 {
        return Err(format!("check: {}{}", ran.stdout, ran.stderr));
    }
    let ran = program.run(&["export"]).await;
    if ran.code != 0 {
        return Err(format!("export: {}{}", ran.stdout, ran.stderr));
    }
    let exported = lines(&ran.stdout);
    let title = |line: &serde_json::Value| line["title"].as_str().unwrap_or_default().to_owned();
    let kept: BTreeSet<String> = exported.iter().map(title).collect();
    if kept.len() != exported.len() {
        return Err(format!("{} twice", exported.len() - kept.len()));
    }
    let lost: Vec<&String> = acknowledged.difference(&kept).collect();
    if lost.is_empty() {
        Ok(kept)
    } else {
        Err(format!("lost {lost:?}"))
    }
}

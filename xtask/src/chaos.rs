//! Experiments that break what is beneath the program: each is a test, run alone and aloud.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::run::cargo;

/// An experiment: its name, the crate whose tests have it, and where it stands among them.
type Experiment = (&'static str, &'static str, &'static str);

const EXPERIMENTS: [Experiment; 9] = [
    ("kill", "pressmark", "chaos::kill::"),
    ("syscall", "pressmark", "chaos::syscall::"),
    ("power", "pressmark", "chaos::power::"),
    ("full", "pressmark", "chaos::full::"),
    ("fsync", "pressmark", "chaos::fsync::"),
    ("clock", "pressmark", "chaos::clock::"),
    ("flip", "pressmark-archive", "flips::"),
    ("backup", "pressmark", "chaos::backup::"),
    ("redact", "pressmark", "chaos::redact::"),
];

/// Runs one experiment, or `all`; `--full` with as many tries as `docs/reliability.md` says, and
/// `--seed N` with the chance of an earlier run.
pub(crate) fn chaos(root: &Path, name: &str, options: &[&str]) -> anyhow::Result<ExitCode> {
    let (mut full, mut seed) = (false, None);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match *option {
            "--full" => full = true,
            "--seed" => {
                let number = options.next().context("`--seed` is followed by a number")?;
                number
                    .parse::<u64>()
                    .with_context(|| format!("`{number}` is no seed"))?;
                seed = Some(*number);
            }
            other => bail!("unknown option `{other}`: there are `--full` and `--seed N`"),
        }
    }
    let wanted = |experiment: &&Experiment| name == "all" || experiment.0 == name;
    let chosen: Vec<&Experiment> = EXPERIMENTS.iter().filter(wanted).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = EXPERIMENTS.iter().map(|(name, ..)| *name).collect();
        bail!(
            "there is no experiment `{name}`: there are `{}` and `all`",
            names.join("`, `")
        );
    }
    let mut outcome = ExitCode::SUCCESS;
    for (_, package, tests) in chosen {
        let mut run = cargo(root, &["test", "-q", "-p", package, "--test", "it", "--"]).args(&[
            tests,
            "--nocapture",
            "--test-threads=1",
        ]);
        if full {
            run = run.env("PRESSMARK_CHAOS_FULL", "1");
        }
        if let Some(seed) = seed {
            run = run.env("PRESSMARK_CHAOS_SEED", seed);
        }
        if run.run()? == ExitCode::FAILURE {
            outcome = ExitCode::FAILURE;
        }
    }
    Ok(outcome)
}

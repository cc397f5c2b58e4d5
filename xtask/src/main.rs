//! What a developer of Pressmark runs, as `cargo xtask …`. Cargo alone is enough.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool reports on the terminal"
)]

mod chaos;
mod check;
mod eval;
mod run;
mod setup;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

const USAGE: &str = "\
What a developer of Pressmark runs.

    cargo xtask check     all that must hold before a commit, step by step
    cargo xtask tidy      the invariants of ARCHITECTURE.md, held by reading the files
    cargo xtask test      set up what the tests need, and run all of them
    cargo xtask eval      score the extractor on labelled pages against the pinned floors
        --update                        pin today's scores as the new floors
        --allow-regression REASON       … also where they are lower
    cargo xtask chaos NAME [--full] [--seed N]
                          break what is beneath the program (docs/reliability.md), or all
    cargo xtask freeze    write what this version writes, for later ones to open: once a release
    cargo xtask bench [NAME] [-- ARG…]  run the benchmarks, or one; ARGs go to it
    cargo xtask bench sources [SOURCES [TARPITS]]
                          a round of many sources beside a bare loop of requests
    cargo xtask bench commits [FOLDER]
                          durable commits a second beside a bare loop of SQLite and files
    cargo xtask bench bytes CORPUS
                          what pages take in the archive beside gzip, and the speed of check --deep
    cargo xtask bench schedule
                          a day of polls with a simulated clock
";

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "this is a binary")]
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(arguments: &[&str]) -> anyhow::Result<ExitCode> {
    let root = root()?;
    match arguments {
        ["check"] => check::check(&root),
        ["tidy"] => tidy::tidy(&root),
        ["test"] => test::test(&root),
        ["eval"] => eval::eval(&root, eval::Mode::Judge),
        ["eval", "--update"] => eval::eval(&root, eval::Mode::Pin { reason: None }),
        ["eval", "--update", "--allow-regression", reason] => {
            let reason = Some((*reason).to_owned());
            eval::eval(&root, eval::Mode::Pin { reason })
        }
        ["freeze"] => run::cargo(
            &root,
            &["test", "-q", "-p", "pressmark", "--test", "it", "--"],
        )
        .args(&["upgrades::freeze", "--exact", "--ignored"])
        .run(),
        ["chaos", name, options @ ..] => chaos::chaos(&root, name, options),
        [
            "bench",
            example @ ("sources" | "schedule" | "commits" | "bytes"),
            rest @ ..,
        ] => run::cargo(
            &root,
            &["run", "--release", "-q", "-p", "pressmark-archive"],
        )
        .args(&["--example", example, "--"])
        .args(rest)
        .run(),
        ["bench", rest @ ..] => bench(&root, rest),
        [] | ["help" | "--help" | "-h", ..] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("unknown command `{}`\n\n{USAGE}", arguments.join(" ")),
    }
}

/// Runs the benchmarks, in release. One run says little: what counts is the run of the commit
/// before, on the same idle machine. They are packages of their own, so that what is only compared
/// with is not compiled by every test.
fn bench(root: &Path, arguments: &[&str]) -> anyhow::Result<ExitCode> {
    let repository = tidy::Repository::read(root)?;
    let name = arguments.first().filter(|name| !name.starts_with('-'));
    let rest = arguments.get(usize::from(name.is_some())..);
    println!("Compare with a run of the commit before, on this machine, while it is idle.");
    for folder in repository.bench_packages() {
        let manifest = format!("{folder}/Cargo.toml");
        let mut options = vec!["bench", "--manifest-path", &manifest];
        options.extend(["--target-dir", "target/bench"]);
        if let Some(name) = name {
            if !repository.has(&format!("{folder}/{name}.rs")) {
                continue;
            }
            options.extend(["--bench", name]);
        }
        let ran = run::cargo(root, &options).args(rest.unwrap_or_default());
        if name.is_some() {
            return ran.run();
        }
        if ran.run()? == ExitCode::FAILURE {
            return Ok(ExitCode::FAILURE);
        }
    }
    match name {
        Some(name) => bail!("there is no benchmark `{name}` in `crates/*/benches`"),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// The repository: the folder above this crate.
fn root() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(root.context("xtask has a folder above it")?.to_owned())
}

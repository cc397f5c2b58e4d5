//! All that must hold before a commit.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use crate::run::{Shown, cargo, works};
use crate::{test, tidy};

/// Runs every step, and stops at the first that fails.
pub(crate) fn check(root: &Path) -> anyhow::Result<ExitCode> {
    if step("tidy", || tidy::tidy(root))? == ExitCode::FAILURE {
        return stop("mend what is listed above, or change the rule in xtask/src/tidy and say why");
    }
    let steps = [
        (
            cargo(root, &["fmt", "--all", "--check"]),
            "run `cargo fmt --all`",
        ),
        (
            cargo(
                root,
                &[
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ],
            ),
            "mend what clippy names; an exception is `#[expect(…, reason = \"…\")]`",
        ),
        (
            cargo(
                root,
                &[
                    "doc",
                    "--workspace",
                    "--no-deps",
                    "--document-private-items",
                ],
            )
            .env("RUSTDOCFLAGS", "-D warnings"),
            "mend the link or the example that rustdoc names",
        ),
    ];
    for (command, hint) in steps {
        if run(command)? == ExitCode::FAILURE {
            return stop(hint);
        }
    }
    for command in test::runners(root) {
        if run(command)? == ExitCode::FAILURE {
            return stop("run the failing test alone: `cargo test -p CRATE NAME`");
        }
    }
    if !works("cargo-deny", &["--version"]) {
        println!(
            "== cargo deny: skipped, it is not installed (`cargo install --locked cargo-deny`)"
        );
    } else if run(cargo(
        root,
        &["deny", "check", "bans", "licenses", "sources"],
    ))? == ExitCode::FAILURE
    {
        return stop("choose another dependency, or add to deny.toml with the reason");
    }
    println!("All checks passed.");
    Ok(ExitCode::SUCCESS)
}

fn run(command: Shown) -> anyhow::Result<ExitCode> {
    let words = command.words().to_owned();
    step(&words, || command.run())
}

fn step(name: &str, work: impl FnOnce() -> anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
    println!("== {name}");
    let start = Instant::now();
    let code = work()?;
    println!("== {name}: {:.1} s", start.elapsed().as_secs_f32());
    Ok(code)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the last word of a function that can fail"
)]
fn stop(hint: &str) -> anyhow::Result<ExitCode> {
    println!("hint: {hint}");
    Ok(ExitCode::FAILURE)
}

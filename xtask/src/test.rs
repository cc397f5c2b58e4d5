//! All tests, with what they need.

use std::path::Path;
use std::process::ExitCode;

use crate::run::{Shown, cargo, works};
use crate::setup::{self, Ready};

/// Sets up what the tests need and runs all of them; none is skipped for want of a tool.
pub(crate) fn test(root: &Path) -> anyhow::Result<ExitCode> {
    let path = match setup::set_up(root)? {
        Ready::Yes { path } => path,
        Ready::No { command } => {
            println!("The tests need packages that are not installed. As root, run");
            println!("{command}");
            return Ok(ExitCode::from(2));
        }
    };
    for runner in runners(root) {
        let runner = runner
            .env("PATH", &path)
            .env("PRESSMARK_REQUIRE_PG", "1")
            .env("PRESSMARK_REQUIRE_TOOLS", "1");
        println!("== {}", runner.words());
        if runner.run()? == ExitCode::FAILURE {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The commands that run all tests. nextest knows no doctests, and its closing lines count.
pub(crate) fn runners(root: &Path) -> Vec<Shown> {
    if works("cargo-nextest", &["nextest", "--version"]) {
        vec![
            cargo(root, &["test", "--workspace", "--doc", "--quiet"]),
            cargo(root, &["nextest", "run", "--workspace"]),
        ]
    } else {
        vec![cargo(root, &["test", "--workspace", "--no-fail-fast"])]
    }
}

//! Running other programs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;

/// A command with the words to show it by.
pub(crate) struct Shown {
    command: Command,
    words: String,
}

/// `cargo` in the repository.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Shown {
    // Set by the Cargo that started this program.
    let mut shown = program(option_env!("CARGO").unwrap_or("cargo"), arguments);
    "cargo".clone_into(&mut shown.words);
    for argument in arguments {
        shown.words.push(' ');
        shown.words.push_str(argument);
    }
    shown.command.current_dir(root);
    shown
}

/// Any program.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Shown {
    let mut command = Command::new(name);
    command.args(arguments);
    Shown {
        command,
        words: format!("{name} {}", arguments.join(" ")),
    }
}

impl Shown {
    pub(crate) fn args(mut self, more: &[&str]) -> Self {
        self.command.args(more);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// Runs it on the terminal. 0 stays 0, anything else is 1.
    pub(crate) fn run(mut self) -> anyhow::Result<ExitCode> {
        let status = self
            .command
            .status()
            .with_context(|| format!("starting `{}`", self.words))?;
        Ok(if status.success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// The command itself, for whoever talks with it.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }
}

/// Whether a program is there and ends well when called so.
pub(crate) fn works(name: &str, arguments: &[&str]) -> bool {
    Command::new(name)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

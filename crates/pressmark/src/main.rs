//! Pressmark, the program: its commands, its configuration, and how the parts are put together.

mod cli;
mod commands;
mod config;
mod counting;
mod data;
mod demo;
mod keys;
mod machine;
mod output;
mod room;
mod rules;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;

fn main() -> ExitCode {
    machine::remember_local_offset();
    let cli = Cli::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            let outcome = runtime.block_on(commands::run(cli));
            // A blocked look-up of a name must not hold up the end.
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(code) => code,
        Err(error) => output::report(&error),
    }
}

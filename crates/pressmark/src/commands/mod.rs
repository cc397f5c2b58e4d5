//! The commands, a file each.

mod add;
mod address;
mod anchor;
mod articles;
mod backup;
mod check;
mod explain;
mod extract;
mod form;
mod history;
mod init;
mod key;
mod markdown;
mod poll;
mod preview;
mod prove;
mod rebuild;
mod redact;
mod reextract;
mod rules;
mod sealing;
mod serve;
mod show;
mod site_profile;
mod sources;
mod transfer;
mod verify;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use clap::CommandFactory as _;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command, Json};
use crate::data::{Data, Need, Open};
use crate::output;

/// Runs a command.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    log(cli.global.verbose);
    if let Command::Completions { shell } = &cli.command {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut Cli::command(), "pressmark", &mut script);
        io::stdout().write_all(&script)?;
        return Ok(ExitCode::SUCCESS);
    }
    let listen = match &cli.command {
        Command::Serve(serve) => serve.listen,
        _ => None,
    };
    let data = Data::locate(&cli.global, listen)?;
    match cli.command {
        Command::Init => init::run(data).await,
        Command::Add(add) => add::run(data, add).await,
        Command::Sources(json) => sources::list(data, &json).await,
        Command::Set(set) => sources::set(data, &set).await,
        Command::Pause(slugs) => sources::pause(data, &slugs.sources).await,
        Command::Resume(slugs) => sources::resume(data, &slugs.sources).await,
        Command::Remove(slugs) => sources::remove(data, &slugs.sources).await,
        Command::Poll(poll) => poll::run(data, poll).await,
        Command::Serve(serve) => Box::pin(serve::run(data, serve)).await,
        Command::Articles(articles) => articles::run(data, &articles).await,
        Command::Reextract(reextract) => reextract::run(data, &reextract).await,
        Command::History(article) => history::run(data, &article).await,
        Command::Diff(args) => history::compare(data, &args).await,
        Command::Show(show) => show::run(data, &show).await,
        Command::Extract(extract) => extract::run(&data, extract).await,
        Command::Rules(command) => rules::run(&data, &command).await,
        Command::Export(export) => transfer::export(data, &export).await,
        Command::Import(import) => transfer::import(data, &import).await,
        Command::Check(check) => check::run(data, &check).await,
        Command::Backup(folder) => backup::backup(data, &folder).await,
        Command::Restore(folder) => backup::restore(data, &folder).await,
        Command::Rebuild(rebuild) => rebuild::run(data, &rebuild).await,
        Command::Redact(redact) => redact::run(data, &redact).await,
        Command::Prove(prove) => prove::run(data, &prove).await,
        Command::Verify(verify) => verify::run(data, &verify).await,
        Command::Anchor(anchor) => anchor::run(data, &anchor).await,
        Command::Key(key) => key::run(data, &key).await,
        Command::Config(json) => config(&data, &json),
        Command::Completions { .. } => Ok(ExitCode::SUCCESS),
    }
}

fn log(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::new(format!("warn,pressmark={level}"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .init();
}

fn config(data: &Data, json: &Json) -> anyhow::Result<ExitCode> {
    let shown = data.loaded.show();
    if json.json {
        output::json_pretty(&serde_json::json!({ "data": data.dir, "values": shown }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format_args!("data folder: {}", data.dir.display()))?;
    let rows: Vec<Vec<String>> = shown
        .into_iter()
        .map(|line| {
            vec![
                output::bold(&line.key),
                line.value,
                output::faint(&line.origin),
            ]
        })
        .collect();
    output::table(&rows)?;
    Ok(ExitCode::SUCCESS)
}

/// Opens an archive that is there, for reading.
async fn read(data: Data) -> anyhow::Result<Arc<Open>> {
    Ok(Arc::new(data.open(Need::Existing).await?))
}

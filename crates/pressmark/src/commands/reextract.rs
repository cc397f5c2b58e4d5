//! `reextract`: stored captures are read again by today's extractor.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::Reextract;
use crate::data::{Data, Need};
use crate::output;

/// So many versions are told in one line where there is no terminal.
const LINE: u64 = 10_000;

/// Reads captures again. What was read stays when it is interrupted: the next run goes on.
pub(super) async fn run(data: Data, reextract: &Reextract) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Existing).await?;
    let source = match &reextract.source {
        Some(slug) => Some(super::sources::find(&open.archive, slug).await?.id),
        None => None,
    };
    let bar = ProgressBar::new_spinner();
    let terminal = std::io::stderr().is_terminal() && !reextract.json;
    if !terminal {
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} versions {elapsed} {per_sec}")
    {
        bar.set_style(style);
    }
    let progress = |more: u64| {
        let before = bar.position();
        bar.inc(more);
        if !terminal && before / LINE != (before + more) / LINE {
            output::note(format_args!("{} versions", before + more));
        }
    };
    let run = open.archive.reextract(source, &progress).await?;
    bar.finish_and_clear();
    if reextract.json {
        output::json_pretty(&json!({
            "read": run.read, "different": run.different, "unreadable": run.unreadable,
            "leaf": run.leaf,
        }))?;
    } else {
        let read = output::count(run.read, "version", "versions");
        let mut line = format!("{read} read again, {} different", run.different);
        if run.unreadable > 0 {
            line = format!("{line}, {} without a readable page", run.unreadable);
        }
        if let Some(leaf) = run.leaf {
            line = format!("{line}; leaf {leaf}");
        }
        output::line(line)?;
    }
    Ok(ExitCode::SUCCESS)
}

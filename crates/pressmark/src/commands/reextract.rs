//! `reextract`: stored captures are read again by today's extractor.

use std::process::ExitCode;

use serde_json::json;

use crate::cli::Reextract;
use crate::counting::Counting;
use crate::data::{Data, Need};
use crate::output;

/// Reads captures again. What was read stays when it is interrupted: the next run goes on.
pub(super) async fn run(data: Data, reextract: &Reextract) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Existing).await?;
    let source = match &reextract.source {
        Some(slug) => Some(super::sources::find(&open.archive, slug).await?.id),
        None => None,
    };
    let counting = Counting::of("versions", reextract.json);
    let progress = |more| counting.add(more);
    let run = open.archive.reextract(source, &progress).await?;
    drop(counting);
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

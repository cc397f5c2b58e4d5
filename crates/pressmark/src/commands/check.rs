//! `check`: every digest again.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use indicatif::ProgressBar;
use serde_json::json;

use crate::cli::Check;
use crate::data::Data;
use crate::output::{self, count};

/// Checks the archive; exit code 1 when something is damaged.
pub(super) async fn run(data: Data, options: &Check) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let bar = if options.json || !std::io::stderr().is_terminal() {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(0)
    };
    let progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let report = if options.deep {
        open.archive.check_deep(&progress).await?
    } else {
        open.archive.check(&progress).await?
    };
    bar.finish_and_clear();
    if options.json {
        let findings: Vec<_> = report
            .findings
            .iter()
            .map(|finding| json!({ "what": finding.what, "problem": finding.problem }))
            .collect();
        output::json_pretty(&json!({
            "versions": report.versions, "leaves": report.leaves, "records": report.records,
            "segments": report.segments, "sealed": report.sealed, "bytes": report.bytes,
            "media": report.media,
            "unreferenced_segments": report.unreferenced_segments, "findings": findings,
        }))?;
    } else {
        for finding in &report.findings {
            output::line(output::harmless(&finding.to_string()))?;
        }
        output::line(format_args!(
            "{}, {}, {}, {} in {} ({}): {}",
            count(report.versions, "version", "versions"),
            count(report.leaves, "leaf", "leaves"),
            count(report.media, "image", "images"),
            count(report.records, "WARC record", "WARC records"),
            count(report.segments, "segment", "segments"),
            count(report.bytes, "byte", "bytes"),
            match report.findings.len() {
                0 => "all as they were written".to_owned(),
                1 => "1 thing is damaged".to_owned(),
                more => format!("{more} things are damaged"),
            }
        ))?;
        if report.unreferenced_segments > 0 {
            output::note(format_args!(
                "{} referred to by nothing: left by a crash, no damage",
                count(report.unreferenced_segments, "segment is", "segments are")
            ));
        }
    }
    Ok(if report.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(output::FOUND_WRONG)
    })
}

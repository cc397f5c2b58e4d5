//! Time stamps of authorities over the log's checkpoints.

use std::process::ExitCode;
use std::time::Duration;

use pressmark_archive::anchor::{AnchorRound, Anchoring};
use serde_json::json;

use crate::cli::Anchor;
use crate::data::{Data, Need, Open};
use crate::output::{self, count, hinted};

/// Anchors the log of an open archive, where that is configured.
#[derive(Debug)]
pub(super) struct Anchors<'a> {
    open: &'a Open,
    /// The problems that were told last.
    told: Vec<String>,
}

impl<'a> Anchors<'a> {
    pub(super) fn of(open: &'a Open) -> Self {
        Self {
            open,
            told: Vec::new(),
        }
    }

    /// Asks the authorities whose turn it is; returns when to come again even if the log does not
    /// grow. What fails is stored and told, and tried again; nothing waits for it.
    pub(super) async fn follow(&mut self) -> Option<Duration> {
        let plan = self.open.data.config().proof.anchors();
        let (problems, next) = match self.open.archive.anchor(&plan, false).await {
            Ok(round) if round.failed.is_empty() && round.made.is_empty() => return round.next,
            Ok(round) => (round.failed.iter().map(failed).collect(), round.next),
            Err(error) => (vec![error.to_string()], None),
        };
        for problem in &problems {
            // A problem that lasts is not told again every time.
            if !self.told.contains(problem) {
                output::note(problem);
            }
        }
        self.told = problems;
        next
    }
}

/// An authority that did not stamp, for the user to know.
fn failed(state: &Anchoring) -> String {
    let since = match state.standing() {
        Some(alarm) => format!("alarm, since {}: ", alarm.since),
        None => String::new(),
    };
    format!(
        "{since}the log was not time-stamped by {}: {}\n\
         hint: it is tried again; `[proof] tsa` names the authorities, `pressmark anchor` asks now",
        state.tsa,
        state.failure.as_deref().unwrap_or_default()
    )
}

/// `anchor`: asks now, and lists the authorities. Exit code 2 if one did not stamp.
pub(super) async fn run(data: Data, options: &Anchor) -> anyhow::Result<ExitCode> {
    let plan = data.config().proof.anchors();
    if plan.tsas.is_empty() {
        return Err(hinted(
            "no time stamping authority is configured",
            "name some in the configuration: `[proof]`, `tsa = [\"https://…\"]`",
        ));
    }
    let open = data.open(Need::Existing).await?;
    let round = if options.list {
        AnchorRound::default()
    } else {
        open.archive.anchor(&plan, true).await?
    };
    let states = open.archive.catalog().anchoring().await?;
    for tsa in &plan.tsas {
        let tsa = tsa.to_string();
        let state = states.iter().find(|state| state.tsa == tsa);
        if options.json {
            output::json_line(&json!({
                "tsa": tsa,
                "size": state.filter(|state| state.log > 0).map(|state| state.size),
                "failures": state.map_or(0, |state| state.failures),
                "failure": state.and_then(|state| state.failure.as_ref()),
                "next_at": state.map(|state| state.next_at.to_string()),
            }))?;
        } else {
            output::line(output::harmless(&format!("{tsa}: {}", described(state))))?;
        }
    }
    Ok(if round.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(output::COULD_NOT_RUN)
    })
}

fn described(state: Option<&Anchoring>) -> String {
    let Some(state) = state else {
        return "not asked yet".to_owned();
    };
    let stamped = match state.size {
        0 => "nothing stamped yet".to_owned(),
        size => format!("stamped at {}", count(size, "entry", "entries")),
    };
    match &state.failure {
        Some(failure) => format!("{stamped}; failed: {failure}"),
        None => stamped,
    }
}

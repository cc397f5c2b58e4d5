//! `poll`: every source once, now.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pressmark_archive::events::Event;
use pressmark_archive::{Observer, PollOptions, PollSummary};
use serde_json::{Value, json};

use super::anchor::Anchors;
use super::markdown::Markdown;
use super::sealing::Sealing;
use crate::cli::Poll;
use crate::data::{Data, Need};
use crate::machine::asked_to_end;
use crate::output::{self, count};
use crate::room;

const PATIENCE: Duration = Duration::from_mins(1);

/// Polls, shows how it goes, and sums up.
pub(super) async fn run(data: Data, poll: Poll) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Alone).await?;
    super::redact::resume(&open).await?;
    let sources = match open.archive.select(&poll.sources).await? {
        Ok(sources) => sources,
        Err(unknown) => return Err(super::sources::unknown(&unknown)),
    };
    for source in &sources {
        super::sources::refuse_imported(source)?;
    }
    if sources.is_empty() {
        output::note("nothing is watched\nhint: `pressmark add https://news.example/`");
    }
    let options = PollOptions {
        now: true,
        revisit: poll.revisit,
        patience: PATIENCE,
    };
    let bar = bar(sources.len() as u64, poll.json);
    let observer = observer(bar.clone(), poll.json);
    let storage = &open.data.config().storage;
    let polled = tokio::select! {
        // Nothing is begun where there is no room.
        biased;
        free = room::until_short(&open.data.dir, storage) => Err(short_of_room(free)),
        () = asked_to_end() => Err("interrupted".to_owned()),
        polled = open.archive.poll(sources, options, observer) => Ok(polled?),
    };
    bar.finish_and_clear();
    let summary = match polled {
        Ok(summary) => summary,
        Err(why) => {
            output::note(format_args!(
                "{why}; what was archived stays, the rest is fetched at the next poll"
            ));
            return Ok(ExitCode::from(output::COULD_NOT_RUN));
        }
    };
    // An article that was redacted may have come by another address.
    super::redact::resume(&open).await?;
    Sealing::of(&open).follow().await;
    let (mut markdown, mut anchors) = (Markdown::of(&open), Anchors::of(&open));
    let code = tokio::select! {
        _ = async { markdown.follow().await; anchors.follow().await } => ExitCode::SUCCESS,
        () = asked_to_end() => {
            output::note("interrupted; Markdown archive and time stamps follow at the next poll");
            ExitCode::from(output::COULD_NOT_RUN)
        }
    };
    if poll.json {
        output::json_line(&summary_json(&summary))?;
    } else {
        output::line(describe(&summary))?;
    }
    Ok(code)
}

fn short_of_room(free: u64) -> String {
    format!(
        "archiving stopped: {} left on the disk of the data, and `[storage] floor` wants more",
        count(free, "byte is", "bytes are")
    )
}

fn bar(sources: u64, json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(sources);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// Who draws the bar, or writes a line an event where there is no terminal.
fn observer(bar: ProgressBar, json: bool) -> Observer {
    let terminal = !bar.is_hidden();
    Arc::new(move |event: Event| {
        match &event {
            Event::Read { pending, .. } => bar.inc_length(*pending),
            Event::Archived { title, .. } => {
                bar.inc(1);
                bar.set_message(output::harmless(title));
            }
            Event::Unchanged { .. }
            | Event::Deleted { .. }
            | Event::Returned { .. }
            | Event::EntryFailed { .. }
            | Event::Finished { .. } => {
                bar.inc(1);
            }
            Event::Gap { .. }
            | Event::Media { .. }
            | Event::AlarmRaised { .. }
            | Event::AlarmCleared { .. } => {}
        }
        if json {
            // A reader that has gone away does not stop the poll.
            drop(output::json_line(&event_json(&event)));
        } else if !terminal && let Some(line) = describe_event(&event) {
            output::note(line);
        }
    })
}

/// An event as a program reads it.
pub(super) fn event_json(event: &Event) -> Value {
    match event {
        Event::Read {
            source,
            new,
            changed,
            pending,
        } => json!({
            "event": "read", "source": source, "new": new, "changed": changed, "pending": pending,
        }),
        Event::Archived {
            source,
            article,
            version,
            kind,
            url,
            title,
        } => json!({
            "event": "archived", "source": source, "article": article, "version": version,
            "kind": kind.as_str(), "url": url, "title": title,
        }),
        Event::Media {
            source,
            article,
            version,
            kept,
            missing,
        } => json!({
            "event": "media", "source": source, "article": article, "version": version,
            "kept": kept, "missing": missing,
        }),
        Event::Gap { source } => json!({ "event": "gap", "source": source }),
        Event::Unchanged { source, url } => {
            json!({ "event": "unchanged", "source": source, "url": url })
        }
        Event::Deleted {
            source,
            article,
            url,
            reason,
        } => json!({
            "event": "deleted", "source": source, "article": article, "url": url,
            "reason": reason.as_str(),
        }),
        Event::Returned {
            source,
            article,
            url,
        } => json!({ "event": "returned", "source": source, "article": article, "url": url }),
        Event::EntryFailed {
            source,
            url,
            failure,
            again,
        } => json!({
            "event": "entry-failed", "source": source, "url": url, "failure": failure.kind(),
            "message": failure.to_string(), "hint": failure.hint(), "again": again,
        }),
        Event::AlarmRaised { source, cause } => json!({
            "event": "alarm-raised", "source": source, "kind": cause.kind().as_str(),
            "message": cause.to_string(), "hint": cause.hint(),
        }),
        Event::AlarmCleared { source, kind } => {
            json!({ "event": "alarm-cleared", "source": source, "kind": kind.as_str() })
        }
        Event::Finished { source, failure } => json!({
            "event": "finished", "source": source,
            "failure": failure.as_ref().map(pressmark_archive::failure::Failure::kind),
            "message": failure.as_ref().map(ToString::to_string),
            "hint": failure.as_ref().map(pressmark_archive::failure::Failure::hint),
        }),
    }
}

/// An event as a person reads it; the quiet ones are left out.
pub(super) fn describe_event(event: &Event) -> Option<String> {
    match event {
        Event::Archived {
            source,
            version,
            title,
            ..
        } if version.0 == 1 => Some(format!("{source}: {}", output::harmless(title))),
        Event::Archived {
            source,
            version,
            title,
            ..
        } => Some(format!(
            "{source}: version {version} of {}",
            output::harmless(title)
        )),
        Event::Deleted {
            source,
            url,
            reason,
            ..
        } => Some(format!("{source}: {url} is gone ({})", reason.as_str())),
        Event::Returned { source, url, .. } => Some(format!("{source}: {url} is back")),
        Event::EntryFailed {
            source,
            url,
            failure,
            ..
        } => {
            let url = url.as_ref().map(ToString::to_string).unwrap_or_default();
            let failure = output::harmless(&failure.to_string());
            Some(format!("{source}: {url}: {failure}"))
        }
        Event::AlarmRaised { source, cause } => {
            let said = output::harmless(&cause.to_string());
            Some(format!("alarm: {source}: {said}\nhint: {}", cause.hint()))
        }
        Event::AlarmCleared { source, kind } => {
            Some(format!("mended: {source} ({})", kind.as_str()))
        }
        Event::Finished {
            source,
            failure: Some(failure),
        } => {
            let said = output::harmless(&failure.to_string());
            Some(format!("{source}: {said}\nhint: {}", failure.hint()))
        }
        Event::Gap { source } => Some(format!(
            "{source}: nothing that was listed before is listed still: entries may have been missed"
        )),
        Event::Read { .. }
        | Event::Unchanged { .. }
        | Event::Media { .. }
        | Event::Finished { .. } => None,
    }
}

fn summary_json(summary: &PollSummary) -> Value {
    json!({
        "event": "summary", "sources": summary.sources, "failed_sources": summary.failed_sources,
        "busy_sources": summary.busy_sources, "new_entries": summary.new,
        "changed_entries": summary.changed, "articles": summary.articles,
        "versions": summary.versions, "unchanged": summary.unchanged,
        "deleted": summary.deleted, "returned": summary.returned,
        "failed_entries": summary.failed_entries, "filtered_entries": summary.filtered,
    })
}

fn describe(summary: &PollSummary) -> String {
    let sources = summary.sources + summary.failed_sources;
    let mut parts = vec![format!(
        "{}: {}, {}, {} unchanged",
        count(sources, "source", "sources"),
        count(summary.articles, "new article", "new articles"),
        count(summary.versions, "new version", "new versions"),
        summary.unchanged
    )];
    if summary.deleted > 0 {
        parts.push(format!("{} gone", count(summary.deleted, "page", "pages")));
    }
    if summary.returned > 0 {
        parts.push(format!("{} back", count(summary.returned, "page", "pages")));
    }
    if summary.failed_sources > 0 {
        let failed = count(summary.failed_sources, "source", "sources");
        parts.push(format!("{failed} failed (`pressmark sources` says why)"));
    }
    if summary.failed_entries > 0 {
        let failed = count(summary.failed_entries, "page", "pages");
        parts.push(format!("{failed} failed"));
    }
    if summary.filtered > 0 {
        let filtered = count(summary.filtered, "entry", "entries");
        parts.push(format!("{filtered} left out by filters"));
    }
    if summary.busy_sources > 0 {
        let busy = count(summary.busy_sources, "source was", "sources were");
        parts.push(format!("{busy} busy"));
    }
    parts.join("; ")
}

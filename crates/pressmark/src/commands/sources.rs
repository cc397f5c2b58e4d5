//! `sources`, `set`, `pause`, `resume`, `remove`: what is watched.

use std::collections::BTreeMap;
use std::process::ExitCode;

use pressmark_archive::alarm::{Alarm, AlarmKind};
use pressmark_archive::ports::catalog::DiskUse;
use pressmark_archive::source::{Robots, Source, SourceChange, SourceState};
use pressmark_archive::websub::Subscription;
use pressmark_archive::{Archive, setting, span};
use pressmark_model::{Slug, Timestamp};
use serde_json::json;

use crate::cli::{Json, Set};
use crate::data::{Data, Need, Open};
use crate::output::{self, count, hinted};

/// `sources`.
pub(super) async fn list(data: Data, json: &Json) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let sources = open.archive.catalog().sources().await?;
    if json.json {
        for source in &sources {
            let taken = open.archive.catalog().disk_use(source.id).await?;
            output::json_line(&as_json(&open, source, taken))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if sources.is_empty() {
        output::note("nothing is watched yet\nhint: `pressmark add https://news.example/`");
    }
    let now = open.clock.now();
    let alarms = open.archive.catalog().alarms(true, 1000).await?;
    let mut rows = Vec::new();
    for source in &sources {
        let status = &source.status;
        let name = source
            .name
            .as_ref()
            .or(status.title.as_ref())
            .cloned()
            .unwrap_or_default();
        let taken = open.archive.catalog().disk_use(source.id).await?;
        let polled = status
            .polled_at
            .map_or("never polled".to_owned(), |at| ago(now, at));
        let mut remarks = vec![source.url.to_string()];
        if open.archive.settings(source).robots == Some(Robots::Ignore) {
            remarks.push("robots.txt ignored".to_owned());
        }
        remarks.extend(status.subscription.as_ref().map(|told| pushed(told, now)));
        if status.filtered > 0 {
            remarks.push(format!("{} left out by filters", status.filtered));
        }
        if let Some(within) = status.rhythm.within() {
            let within = span::rough(within);
            remarks.push(format!(
                "its list rolls over: polled every {within} at least"
            ));
        }
        if let Some(failure) = &status.failure {
            let said = output::harmless(&failure.to_string());
            let times = count(status.failures.into(), "time", "times in a row");
            remarks.push(format!("{said} ({times}): {}", failure.hint()));
        }
        let of_this = |alarm: &&Alarm| {
            alarm.source == source.slug && alarm.cause.kind() != AlarmKind::Failing
        };
        for alarm in alarms.iter().filter(of_this) {
            remarks.push(output::harmless(&alarm.cause.to_string()));
        }
        rows.push(vec![
            output::bold(source.slug.as_str()),
            source.state.as_str().to_owned(),
            count(status.articles, "article", "articles"),
            output::size(taken.captures + taken.texts + taken.images),
            polled,
            output::harmless(&name),
            remarks.join("; "),
        ]);
    }
    output::table(&rows)?;
    Ok(ExitCode::SUCCESS)
}

/// How it goes with a source's hub.
fn pushed(told: &Subscription, now: Timestamp) -> String {
    let host = told.offer.hub.host();
    let state = match told.lease_until.filter(|_| told.is_live(now)) {
        Some(end) => format!("pushed by {host} until {end}"),
        None => format!("{host} was asked to push"),
    };
    match &told.trouble {
        Some(trouble) => format!(
            "{state}: {}: {}",
            output::harmless(&trouble.to_string()),
            trouble.hint()
        ),
        None => state,
    }
}

fn as_json(open: &Open, source: &Source, taken: DiskUse) -> serde_json::Value {
    let status = &source.status;
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let failure = status.failure.as_ref().map(|failure| {
        json!({ "kind": failure.kind(), "message": failure.to_string(), "hint": failure.hint() })
    });
    let hub = status.hub.as_ref().map(|offer| {
        let told = status.subscription.as_ref();
        json!({
            "url": offer.hub, "topic": offer.topic,
            "state": told.map(|told| told.state.as_str()),
            "until": time(told.and_then(|told| told.lease_until)),
            "pushed_at": time(told.and_then(|told| told.pushed_at)),
            "trouble": told.and_then(|told| told.trouble.as_ref()).map(ToString::to_string),
        })
    });
    let settings = open.archive.settings(source);
    let shown: BTreeMap<_, _> = setting::shown(&settings).into_iter().collect();
    json!({
        "slug": source.slug, "url": source.url.to_string(),
        "name": source.name, "title": status.title, "state": source.state.as_str(),
        "home": status.home, "language": status.language,
        "added_at": source.added_at.to_string(), "polled_at": time(status.polled_at),
        "succeeded_at": time(status.succeeded_at), "next_poll_at": status.next_poll_at.to_string(),
        "failure": failure, "failures": status.failures, "issues": status.issues.len(),
        "entries": status.entries, "pending": status.pending, "failed": status.failed,
        "filtered": status.filtered, "settings": shown,
        "capture_bytes": taken.captures, "text_bytes": taken.texts,
        "image_bytes": taken.images, "hub": hub, "alarms": status.alarms, "articles": status.articles,
        "robots": if settings.robots == Some(Robots::Ignore) { "ignore" } else { "obey" },
        "interval": settings.interval.map(span::format),
        "polled_within": status.rhythm.within().map(span::format),
    })
}

/// `set`.
pub(super) async fn set(data: Data, set: &Set) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Existing).await?;
    let source = find(&open.archive, &set.source).await?;
    let mut change = SourceChange::default();
    let mut settings = source.settings.clone();
    for pair in &set.values {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(hinted(
                format!("`{pair}` is not KEY=VALUE"),
                "write `interval=15m`",
            ));
        };
        if key == "name" {
            change.name = Some(Some(value.to_owned()).filter(|name| !name.is_empty()));
        } else {
            setting::assign(&mut settings, key, value)
                .map_err(|error| hinted(error.to_string(), error.hint()))?;
        }
    }
    change.settings = Some(settings);
    open.archive
        .catalog()
        .change_source(source.id, &change)
        .await?;
    Ok(ExitCode::SUCCESS)
}

/// `pause`.
pub(super) async fn pause(data: Data, slugs: &[Slug]) -> anyhow::Result<ExitCode> {
    change_state(data, slugs, SourceState::Paused).await
}

/// `resume`.
pub(super) async fn resume(data: Data, slugs: &[Slug]) -> anyhow::Result<ExitCode> {
    change_state(data, slugs, SourceState::Active).await
}

/// `remove`.
pub(super) async fn remove(data: Data, slugs: &[Slug]) -> anyhow::Result<ExitCode> {
    change_state(data, slugs, SourceState::Removed).await
}

async fn change_state(data: Data, slugs: &[Slug], state: SourceState) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Existing).await?;
    let mut sources = Vec::new();
    for slug in slugs {
        sources.push(find(&open.archive, slug).await?);
    }
    for source in &sources {
        if state != SourceState::Removed {
            refuse_imported(source)?;
        }
        if state == SourceState::Paused && source.state == SourceState::Removed {
            let slug = &source.slug;
            return Err(hinted(
                format!("`{slug}` was removed: it is not polled anyway"),
                format!("`pressmark resume {slug}` watches it again"),
            ));
        }
    }
    for source in sources {
        let change = SourceChange {
            state: Some(state),
            ..SourceChange::default()
        };
        open.archive
            .catalog()
            .change_source(source.id, &change)
            .await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// An error for a source that an import made: it has no address of its own.
pub(super) fn refuse_imported(source: &Source) -> anyhow::Result<()> {
    if source.state == SourceState::Imported {
        return Err(hinted(
            format!("`{}` was imported: there is nothing to poll", source.slug),
            "add the site's own address to watch it",
        ));
    }
    Ok(())
}

/// The source with this slug.
pub(super) async fn find(archive: &Archive, slug: &Slug) -> anyhow::Result<Source> {
    match archive.catalog().source(slug).await? {
        Some(source) => Ok(source),
        None => Err(unknown(std::slice::from_ref(slug))),
    }
}

/// The error for slugs that no source has.
pub(super) fn unknown(slugs: &[Slug]) -> anyhow::Error {
    let names: Vec<String> = slugs.iter().map(|slug| format!("`{slug}`")).collect();
    hinted(
        format!("no source is called {}", names.join(", ")),
        "`pressmark sources` lists them",
    )
}

/// How long ago something was, in its largest unit.
fn ago(now: Timestamp, at: Timestamp) -> String {
    let seconds = now.since(at).as_secs();
    let (number, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "d"),
    };
    format!("{number} {unit} ago")
}

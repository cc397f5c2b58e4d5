//! `add`, `sources`, `set`, `pause`, `resume`, `remove`: what is watched.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use pressmark_archive::alarm::{Alarm, AlarmKind};
use pressmark_archive::failure::Failure;
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::source::{NewSource, Robots, Source, SourceChange, SourceState};
use pressmark_archive::{Archive, Discovery, setting, span};
use pressmark_model::{Slug, Timestamp, WebUrl};
use serde_json::json;

use crate::cli::{Add, Json, Set};
use crate::data::{Data, Need, Open};
use crate::output::{self, count, hinted};

/// How long `add` waits when a server asks for patience.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// A source that was added, with what is to be said about it.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) source: Source,
    new: bool,
    note: Option<String>,
}

/// `add`.
pub(super) async fn add(data: Data, add: Add) -> anyhow::Result<ExitCode> {
    if add.urls.len() > 1 && (add.name.is_some() || add.slug.is_some()) {
        return Err(hinted(
            "`--name` and `--slug` name one source, and several addresses were given",
            "add them one by one",
        ));
    }
    let urls = addresses(&add.urls)?;
    let open = data.open(Need::Made).await?;
    let mut last_error = None;
    for url in urls {
        match watch(&open.archive, &url, add.name.clone(), add.slug.clone()).await {
            Ok(added) if add.json => output::json_line(&json!({
                "slug": added.source.slug, "url": added.source.url.to_string(),
                "title": added.source.name, "new": added.new, "note": added.note,
            }))?,
            Ok(added) => {
                let word = if added.new {
                    "added"
                } else {
                    "watched already"
                };
                output::line(format_args!(
                    "{word}: {} ({})",
                    output::bold(added.source.slug.as_str()),
                    added.source.url
                ))?;
                if let Some(note) = added.note {
                    output::note(note);
                }
            }
            // The others are added all the same.
            Err(error) => {
                if let Some(earlier) = last_error.replace(error) {
                    output::report(&earlier);
                }
            }
        }
    }
    last_error.map_or(Ok(ExitCode::SUCCESS), Err)
}

/// Reads addresses; a bare host is taken for an https one.
pub(super) fn addresses(texts: &[String]) -> anyhow::Result<Vec<WebUrl>> {
    let read = |text: &String| {
        let whole = if text.contains("://") {
            text.clone()
        } else {
            format!("https://{text}")
        };
        whole
            .parse()
            .map_err(|error: pressmark_model::ParseUrlError| {
                hinted(
                    error.to_string(),
                    "give an address such as `https://news.example/`",
                )
            })
    };
    texts.iter().map(read).collect()
}

/// Looks at an address and watches what is there. An address that fails for a passing reason is
/// kept, and looked at again by the polls.
pub(super) async fn watch(
    archive: &Archive,
    url: &WebUrl,
    name: Option<String>,
    slug: Option<Slug>,
) -> anyhow::Result<Added> {
    if let Some(known) = archive
        .catalog()
        .sources()
        .await?
        .into_iter()
        .find(|s| s.url == *url)
    {
        return Ok(Added {
            source: known,
            new: false,
            note: None,
        });
    }
    let settings = slug
        .as_ref()
        .and_then(|slug| archive.overrides().get(slug))
        .cloned();
    let found = archive
        .discover(url, &settings.unwrap_or_default(), PATIENCE)
        .await;
    let (feed, note) = match found {
        Discovery::Feed { .. } => (url.clone(), None),
        Discovery::Page { feeds } => {
            let mut addresses = feeds.into_iter().map(|feed| feed.url);
            let first = addresses.next().unwrap_or_else(|| url.clone());
            let others: Vec<String> = addresses.map(|other| other.to_string()).collect();
            let note = (!others.is_empty())
                .then(|| format!("the page names other feeds too: {}", others.join(" ")));
            (first, note)
        }
        Discovery::Nothing { failure } if is_passing(&failure) => {
            let note = format!(
                "not read yet: {failure}; it is tried again\nhint: {}",
                failure.hint()
            );
            (url.clone(), Some(note))
        }
        Discovery::Nothing { failure } => {
            return Err(hinted(
                format!("`{url}` cannot be watched: {failure}"),
                failure.hint(),
            ));
        }
    };
    let new = NewSource {
        url: feed,
        name,
        slug,
        named_after: url.clone(),
        state: SourceState::Active,
        now: archive.now(),
    };
    match archive.catalog().add_source(&new).await {
        Ok((source, new)) => Ok(Added { source, new, note }),
        Err(error @ CatalogError::SlugTaken(_)) => {
            Err(hinted(error.to_string(), "choose another `--slug`"))
        }
        Err(error) => Err(error.into()),
    }
}

/// A fault that may be over soon; a document that is no feed will hardly become one.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure, Failure::Fetch { .. }) && failure.is_transient()
}

/// `sources`.
pub(super) async fn list(data: Data, json: &Json) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let sources = open.archive.catalog().sources().await?;
    if json.json {
        for source in &sources {
            output::json_line(&as_json(&open, source))?;
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
        let polled = status
            .polled_at
            .map_or("never polled".to_owned(), |at| ago(now, at));
        let mut remarks = vec![source.url.to_string()];
        if open.archive.settings(source).robots == Some(Robots::Ignore) {
            remarks.push("robots.txt ignored".to_owned());
        }
        if status.filtered > 0 {
            remarks.push(format!("{} left out by filters", status.filtered));
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
            polled,
            output::harmless(&name),
            remarks.join("; "),
        ]);
    }
    output::table(&rows)?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(open: &Open, source: &Source) -> serde_json::Value {
    let status = &source.status;
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let failure = status.failure.as_ref().map(|failure| {
        json!({ "kind": failure.kind(), "message": failure.to_string(), "hint": failure.hint() })
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
        "alarms": status.alarms, "articles": status.articles,
        "robots": if settings.robots == Some(Robots::Ignore) { "ignore" } else { "obey" },
        "interval": settings.interval.map(span::format),
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

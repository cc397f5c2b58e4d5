//! `add`: whatever is in the address bar becomes a source.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use pressmark_archive::events::Event;
use pressmark_archive::failure::Failure;
use pressmark_archive::origin::{Origin, Reader};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::source::{Source, SourceSettings};
use pressmark_archive::{Archive, Discovery, Estimate, Found, Wish, setting, span};
use pressmark_model::{Slug, WebUrl};
use serde_json::json;

use super::address::{address, without_tls};
use super::preview;
use crate::cli::Add;
use crate::data::{Data, Need, Open};
use crate::output::{self, count, hinted};

/// How long a server that asks for patience is given.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// A source that was added, with what is to be said about it.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) source: Source,
    new: bool,
    note: Option<String>,
}

/// `add`.
pub(super) async fn run(data: Data, add: Add) -> anyhow::Result<ExitCode> {
    if add.urls.len() > 1 && (add.name.is_some() || add.slug.is_some() || !add.pick.is_empty()) {
        return Err(hinted(
            "`--name`, `--slug` and `--pick` are about one source, and several addresses were given",
            "add them one by one",
        ));
    }
    let reader = reader(&add)?;
    let backfill = match &add.backfill.entries {
        Some(text) => {
            let number = setting::entries(text);
            Some(number.map_err(|error| {
                hinted(
                    error.to_string(),
                    "write `--backfill 500` or `--backfill all`",
                )
            })?)
        }
        None => None,
    };
    let open = data.open(Need::Made).await?;
    let mut last_error = None;
    for text in &add.urls {
        // The others are added all the same.
        if let Err(error) = one(&open, &add, text, reader.as_ref(), backfill).await
            && let Some(earlier) = last_error.replace(error)
        {
            output::report(&earlier);
        }
    }
    last_error.map_or(Ok(ExitCode::SUCCESS), Err)
}

/// How the user says that the address is read.
fn reader(add: &Add) -> anyhow::Result<Option<Reader>> {
    let said = [
        add.css.as_ref().map(|rule| format!("css:{rule}")),
        add.xpath.as_ref().map(|rule| format!("xpath:{rule}")),
        add.json_path.as_ref().map(|rule| format!("json:{rule}")),
        add.listing.then(|| "listing".to_owned()),
    ];
    let Some(text) = said.into_iter().flatten().next() else {
        return Ok(None);
    };
    let reader = text
        .parse()
        .map_err(|error: pressmark_archive::origin::ParseOriginError| {
            hinted(
                error.to_string(),
                "try the rule in the browser's console first",
            )
        })?;
    Ok(Some(reader))
}

async fn one(
    open: &Open,
    add: &Add,
    text: &str,
    reader: Option<&Reader>,
    backfill: Option<u64>,
) -> anyhow::Result<()> {
    if Path::new(text).is_file() {
        let list = std::fs::read(text).with_context(|| format!("`{text}` cannot be read"))?;
        return subscribe(open, &list, add).await;
    }
    let mut url = address(text)?;
    let archive = &open.archive;
    if !add.preview
        && reader.is_none()
        && let Some(known) = known(archive, &url).await?
    {
        return say(&known, add);
    }
    let settings = settings_for(archive, add.slug.as_ref(), reader, backfill);
    let mut seen = archive.discover(&url, &settings, PATIENCE).await;
    if let Some(plain) = without_tls(text, &url, &seen) {
        let again = archive.discover(&plain, &settings, PATIENCE).await;
        if again.failure.is_none() {
            (url, seen) = (plain, again);
        }
    }
    if let Some(list) = &seen.subscriptions {
        return subscribe(open, list, add).await;
    }
    if add.preview {
        return show(&url, &seen, add);
    }
    if seen.is_article && add.pick.is_empty() {
        return article(open, &url, &seen, add).await;
    }
    let picked = pick(&seen, add)?;
    if backfill.is_some() && !agreed(open, add, &picked, &settings).await? {
        output::note("nothing was saved");
        return Ok(());
    }
    let wish = Wish {
        name: add.name.clone(),
        slug: add.slug.clone(),
        named_after: url.clone(),
        backfill,
    };
    let added = save(archive, &url, &seen, &picked, wish).await?;
    say(&added, add)
}

/// The settings that an address is looked at with.
fn settings_for(
    archive: &Archive,
    slug: Option<&Slug>,
    reader: Option<&Reader>,
    backfill: Option<u64>,
) -> SourceSettings {
    let configured = slug.and_then(|slug| archive.overrides().get(slug));
    SourceSettings {
        read: reader.cloned(),
        backfill,
        ..configured.cloned().unwrap_or_default()
    }
}

async fn known(archive: &Archive, url: &WebUrl) -> anyhow::Result<Option<Added>> {
    let sources = archive.catalog().sources().await?;
    let known = sources.into_iter().find(|source| source.url == *url);
    Ok(known.map(|source| Added {
        source,
        new: false,
        note: None,
    }))
}

/// Looks at an address and watches the best that is there. An address that fails for a passing
/// reason is kept, and looked at again by the polls.
pub(super) async fn watch(
    archive: &Archive,
    url: &WebUrl,
    name: Option<String>,
    slug: Option<Slug>,
) -> anyhow::Result<Added> {
    if let Some(known) = known(archive, url).await? {
        return Ok(known);
    }
    let settings = settings_for(archive, slug.as_ref(), None, None);
    let seen = archive.discover(url, &settings, PATIENCE).await;
    let picked: Vec<&Found> = seen.found.iter().take(1).collect();
    let wish = Wish {
        name,
        slug,
        named_after: url.clone(),
        backfill: None,
    };
    save(archive, url, &seen, &picked, wish).await
}

async fn save(
    archive: &Archive,
    url: &WebUrl,
    seen: &Discovery,
    picked: &[&Found],
    wish: Wish,
) -> anyhow::Result<Added> {
    let mut origins = picked.iter().map(|found| found.origin.clone());
    let (first, note) = match (origins.next(), &seen.failure) {
        (Some(first), _) => {
            let others: Vec<String> = seen
                .found
                .iter()
                .filter(|found| picked.iter().all(|picked| picked.origin != found.origin))
                .map(|found| found.origin.url.to_string())
                .collect();
            let note = (!others.is_empty()).then(|| {
                format!(
                    "found besides: {}\nhint: `pressmark add {url} --preview` shows them, `--pick` chooses",
                    others.join(" ")
                )
            });
            (first, note)
        }
        (None, Some(failure)) if is_passing(failure) => {
            let note = format!(
                "not read yet: {failure}; it is tried again\nhint: {}",
                failure.hint()
            );
            let origin = Origin {
                reader: Reader::Feed,
                url: url.clone(),
            };
            (origin, Some(note))
        }
        (None, failure) => return Err(cannot(url, failure.as_ref())),
    };
    let also: Vec<Origin> = origins.collect();
    match archive.add(&first, &also, wish).await {
        Ok((source, new)) => Ok(Added { source, new, note }),
        Err(error @ CatalogError::SlugTaken(_)) => {
            Err(hinted(error.to_string(), "choose another `--slug`"))
        }
        Err(error) => Err(error.into()),
    }
}

const NOTHING_TO_WATCH: &str = "give the address of a feed, or of a page that lists articles";

fn cannot(url: &WebUrl, failure: Option<&Failure>) -> anyhow::Error {
    match failure {
        Some(failure) => hinted(
            format!("`{url}` cannot be watched: {failure}"),
            match failure {
                Failure::NotAPage { .. } => NOTHING_TO_WATCH,
                other => other.hint(),
            },
        ),
        None => hinted(
            format!("`{url}` cannot be watched: nothing was found there"),
            NOTHING_TO_WATCH,
        ),
    }
}

/// A fault that may be over soon; a document that is no feed will hardly become one.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure, Failure::Fetch { .. }) && failure.is_transient()
}

/// What the user chose by `--pick`, or at the terminal; else the best.
fn pick<'s>(seen: &'s Discovery, add: &Add) -> anyhow::Result<Vec<&'s Found>> {
    let mut numbers = add.pick.clone();
    if numbers.is_empty() {
        let asked = seen.found.len() > 1
            && !add.json
            && io::stdin().is_terminal()
            && io::stderr().is_terminal();
        numbers = if asked { ask(seen)? } else { vec![1] };
    }
    if seen.found.is_empty() {
        return Ok(Vec::new());
    }
    let found = |number: &usize| {
        let at = number.checked_sub(1)?;
        seen.found.get(at)
    };
    let picked: Option<Vec<&Found>> = numbers.iter().map(found).collect();
    picked.ok_or_else(|| {
        hinted(
            format!(
                "`--pick` chooses among {}",
                count(seen.found.len() as u64, "thing", "things")
            ),
            "`--preview` shows them with their numbers",
        )
    })
}

fn ask(seen: &Discovery) -> anyhow::Result<Vec<usize>> {
    for line in preview::lines(seen) {
        output::note(line);
    }
    write!(io::stderr(), "watch which? several with commas [1] ")?;
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    let answer = answer.trim();
    if answer.is_empty() {
        return Ok(vec![1]);
    }
    answer
        .split(',')
        .map(|number| number.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| hinted(format!("`{answer}` is no number"), "write `1` or `1,2`"))
}

/// Shows what was found, and saves nothing.
fn show(url: &WebUrl, seen: &Discovery, add: &Add) -> anyhow::Result<()> {
    if add.json {
        output::json_line(&preview::as_json(url, seen))?;
    } else {
        show_lines(seen)?;
    }
    if seen.found.is_empty() && !seen.is_article {
        return Err(cannot(url, seen.failure.as_ref()));
    }
    let asked = count(seen.asked.len() as u64, "request", "requests");
    output::note(format_args!("nothing was saved; {asked}"));
    Ok(())
}

fn show_lines(seen: &Discovery) -> anyhow::Result<()> {
    if seen.is_article {
        output::line(if seen.found.is_empty() {
            "an article: `pressmark add` archives it; its site names nothing to watch"
        } else {
            "an article: `pressmark add` archives it; of its site can be watched:"
        })?;
    }
    for line in preview::lines(seen) {
        output::line(line)?;
    }
    Ok(())
}

/// Archives an article's page, and tells what of its site can be watched.
async fn article(open: &Open, url: &WebUrl, seen: &Discovery, add: &Add) -> anyhow::Result<()> {
    let event = open.archive.archive_page(url, PATIENCE).await?;
    super::markdown::Markdown::of(open).follow().await;
    match event {
        Some(Event::EntryFailed { failure, .. }) => {
            return Err(hinted(
                format!("`{url}` was not archived: {failure}"),
                failure.hint(),
            ));
        }
        Some(Event::Archived { title, article, .. }) if add.json => output::json_line(&json!({
            "archived": url.to_string(), "article": article, "title": title,
            "site": preview::as_json(url, seen).get("found"),
        }))?,
        Some(Event::Archived { title, .. }) => {
            output::line(format_args!("archived: {}", output::harmless(&title)))?;
        }
        _ if add.json => output::json_line(&json!({
            "archived": url.to_string(), "unchanged": true,
            "site": preview::as_json(url, seen).get("found"),
        }))?,
        _ => output::line(format_args!("archived already, and as it was: {url}"))?,
    }
    if add.json {
        return Ok(());
    }
    for found in &seen.found {
        output::note(format_args!(
            "its site can be watched: `pressmark add {}` ({})",
            found.origin.url,
            preview::kind(found)
        ));
    }
    Ok(())
}

/// Watches what a list of subscriptions names, or shows it.
async fn subscribe(open: &Open, list: &[u8], add: &Add) -> anyhow::Result<()> {
    let nothing = || {
        hinted(
            "the file lists nothing that can be watched",
            "name an OPML file that another reader has exported",
        )
    };
    if add.preview {
        let (listed, done) = pressmark_archive::preview_subscriptions(list);
        if listed.is_empty() {
            return Err(nothing());
        }
        return preview::show_list(&listed, &done, add.json);
    }
    let mut done = open.archive.subscribe(list, &|_, _| {}).await?;
    super::transfer::keep_rules(&open.data.dir, &mut done)?;
    if done.added + done.known == 0 {
        return Err(nothing());
    }
    super::transfer::report_subscribed(&done, add.json)
}

/// Says what the first visit will cost; at a terminal, whether it is wanted then.
async fn agreed(
    open: &Open,
    add: &Add,
    picked: &[&Found],
    settings: &SourceSettings,
) -> anyhow::Result<bool> {
    let cost = open.archive.estimate(picked, settings, PATIENCE).await;
    let gap = settings
        .per_host_gap
        .or(open.data.config().fetch.per_host_gap)
        .unwrap_or(pressmark_fetch::FetchConfig::default().per_host_gap);
    output::note(told(&cost, gap));
    let asked =
        !add.backfill.yes && !add.json && io::stdin().is_terminal() && io::stderr().is_terminal();
    if !asked {
        return Ok(true);
    }
    write!(io::stderr(), "go on? [Y/n] ")?;
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(
        answer.trim().to_lowercase().as_str(),
        "" | "y" | "yes"
    ))
}

/// An estimate as a sentence.
fn told(cost: &Estimate, gap: Duration) -> String {
    let about = if cost.is_exact() { "" } else { "about " };
    let maps = match cost.sitemaps {
        0 => String::new(),
        all => format!(
            " ({} of {all} sitemaps were read to tell)",
            cost.sitemaps_read
        ),
    };
    format!(
        "the first visit takes {about}{} of {about}{}{maps}: {about}{}, {} at least with {} between two to one host",
        count(cost.entries, "entry", "entries"),
        cost.listed,
        count(cost.requests, "request", "requests"),
        span::rough(cost.time(gap)),
        span::format(gap),
    )
}

fn say(added: &Added, add: &Add) -> anyhow::Result<()> {
    let source = &added.source;
    if add.json {
        return output::json_line(&json!({
            "slug": source.slug, "url": source.url.to_string(),
            "title": source.name, "new": added.new, "note": added.note,
            "read": source.settings.read, "also": source.settings.also,
        }));
    }
    let word = if added.new {
        "added"
    } else {
        "watched already"
    };
    output::line(format_args!(
        "{word}: {} ({})",
        output::bold(source.slug.as_str()),
        source.url
    ))?;
    if let Some(reader) = &source.settings.read {
        output::note(format_args!("read as `{reader}`"));
    }
    if let Some(note) = &added.note {
        output::note(note);
    }
    let asked = [
        add.listing.then(|| "read=listing".to_owned()),
        add.css.as_ref().map(|rule| format!("'read=css:{rule}'")),
        add.xpath
            .as_ref()
            .map(|rule| format!("'read=xpath:{rule}'")),
        add.json_path
            .as_ref()
            .map(|rule| format!("'read=json:{rule}'")),
        add.backfill
            .entries
            .as_ref()
            .map(|most| format!("backfill={most}")),
    ];
    let asked: Vec<String> = asked.into_iter().flatten().collect();
    if !added.new && !asked.is_empty() {
        output::note(format_args!(
            "it stays as it is\nhint: `pressmark set {} {}` changes it",
            source.slug,
            asked.join(" ")
        ));
    }
    Ok(())
}

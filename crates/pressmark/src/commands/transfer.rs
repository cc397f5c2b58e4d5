//! `export` and `import`: everything out, and other archives in.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use indicatif::ProgressBar;
use pressmark_archive::ports::catalog::Catalog;
use pressmark_archive::source::{NewSource, SourceState};
use pressmark_archive::{Archive, ImportSummary, ImportedRecord, Subscribed};
use pressmark_model::{Slug, SourceId, WebUrl};
use pressmark_publish::{Import, ImportError, Imported, Unread, export_jsonl, export_log};
use serde_json::json;

use super::markdown::Markdown;
use super::sealing::Sealing;
use crate::cli::{self, Export, Format};
use crate::data::{Data, Need};
use crate::output::{self, count, hinted};
use crate::rules;

/// Records are handed to the archive in groups of so many.
const GROUP: usize = 256;

/// What stands at the head of a rule file that an import makes.
const RULES_HEAD: &str = "# Made from the selectors of an imported list of subscriptions.\n";

/// `export`.
pub(super) async fn export(data: Data, export: &Export) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let catalog = &**open.archive.catalog();
    if let Some(folder) = &export.log {
        let files = count(export_log(catalog, folder).await?, "file", "files");
        output::note(format_args!("{files}: {}", folder.display()));
        return Ok(ExitCode::SUCCESS);
    }
    match (export.format, &export.out) {
        (Format::Jsonl, Some(path)) => {
            let versions = export_to(catalog, path).await?;
            let versions = count(versions, "version", "versions");
            output::note(format_args!("{versions}: {}", path.display()));
        }
        (Format::Jsonl, None) => {
            let mut out = BufWriter::new(std::io::stdout());
            export_jsonl(catalog, &mut out).await?;
            out.flush()?;
        }
        (Format::Opml, path) => {
            let list = open.archive.list_subscriptions().await?;
            match path {
                Some(path) => std::fs::write(path, list)
                    .with_context(|| format!("`{}` cannot be written", path.display()))?,
                None => std::io::stdout().write_all(list.as_bytes())?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the export to a file. Whoever reads it sees the old one or the new one, never half of
/// either. What is no file, such as `/dev/stdout`, is written to and not replaced.
async fn export_to(catalog: &dyn Catalog, path: &Path) -> anyhow::Result<u64> {
    let unwritten = || format!("`{}` cannot be written", path.display());
    // Where there is a link, it stays one.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if target.metadata().is_ok_and(|target| !target.is_file()) {
        let file = File::options().write(true).open(&target);
        let mut out = BufWriter::new(file.with_context(unwritten)?);
        let versions = export_jsonl(catalog, &mut out).await?;
        out.flush().with_context(unwritten)?;
        return Ok(versions);
    }
    let name = target.file_name().with_context(unwritten)?;
    let unfinished: OsString = [OsStr::new("."), name, OsStr::new(".part")]
        .into_iter()
        .collect();
    let unfinished = target.with_file_name(unfinished);
    let written = async {
        let mut out = BufWriter::new(File::create(&unfinished)?);
        let versions = export_jsonl(catalog, &mut out).await?;
        out.flush()?;
        out.get_ref().sync_all()?;
        std::fs::rename(&unfinished, &target)?;
        anyhow::Ok(versions)
    };
    let written = written.await.with_context(unwritten);
    if written.is_err() {
        drop(std::fs::remove_file(&unfinished));
    }
    written
}

/// `import`.
pub(super) async fn import(data: Data, import: &cli::Import) -> anyhow::Result<ExitCode> {
    if import.dir.is_file() {
        return subscribe(data, import).await;
    }
    let files = Import::open(&import.dir).map_err(|error| match error {
        ImportError::Folder { source, .. } => hinted(
            format!(
                "the folder `{}` cannot be read: {source}",
                import.dir.display()
            ),
            "name the folder that holds `articles` or `_posts`",
        ),
    })?;
    let open = data.open(Need::Alone).await?;
    let bar = bar(files.len() as u64, import.json);
    let mut intake = Intake::new(&open.archive, &bar);
    for file in files {
        match file {
            Ok(record) => intake.take(record).await?,
            Err(unread) => intake.refuse(unread),
        }
    }
    let (summary, unread) = intake.finish().await?;
    bar.finish_and_clear();
    report(&summary, &unread, import.json)?;
    Sealing::of(&open).follow().await;
    Markdown::of(&open).follow().await;
    Ok(ExitCode::SUCCESS)
}

/// Watches what an OPML file lists.
async fn subscribe(data: Data, import: &cli::Import) -> anyhow::Result<ExitCode> {
    let unread = || format!("`{}` cannot be read", import.dir.display());
    let list = std::fs::read(&import.dir).with_context(unread)?;
    let open = data.open(Need::Made).await?;
    let bar = bar(0, import.json);
    let progress = |done: usize, all: usize| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    let mut done = open.archive.subscribe(&list, &progress).await?;
    bar.finish_and_clear();
    keep_rules(&open.data.dir, &mut done)?;
    if done.added + done.known == 0 {
        let file = import.dir.display();
        return Err(hinted(
            format!("`{file}` lists nothing that can be watched"),
            "name an OPML file that another reader has exported, or a folder of Markdown records",
        ));
    }
    report_subscribed(&done, import.json)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes what the list says of sites' pages into rule files of their own; one that is there is
/// the user's, and stays.
pub(super) fn keep_rules(dir: &Path, done: &mut Subscribed) -> anyhow::Result<()> {
    for rule in &done.rules {
        let text = format!("{RULES_HEAD}{}\n", rule.lines.join("\n"));
        if !rules::keep(dir, &rule.host, &text)? {
            let lines = rule.lines.join("`, `");
            done.refused.push(format!(
                "`{}` has a rule file already, which stays without `{lines}`",
                rule.host
            ));
        }
    }
    Ok(())
}

pub(super) fn report_subscribed(done: &Subscribed, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json_line(&json!({
            "added": done.added, "known": done.known, "refused": done.refused,
            "issues": done.issues,
        }));
    }
    note_flaws(done);
    let added = count(done.added, "source", "sources");
    output::line(format_args!(
        "{added} added, {} watched already, {} not understood",
        done.known,
        count(done.refused.len() as u64, "thing", "things")
    ))?;
    Ok(())
}

/// What of a list cannot be read or used.
pub(super) fn note_flaws(done: &Subscribed) {
    for issue in &done.issues {
        match issue.line {
            Some(line) => output::note(format_args!("line {line}: {}", issue.message)),
            None => output::note(&issue.message),
        }
    }
    for refused in &done.refused {
        output::note(output::harmless(refused));
    }
}

fn bar(length: u64, json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(length)
    }
}

/// Records on their way into the archive, group by group.
struct Intake<'a> {
    archive: &'a Archive,
    bar: &'a ProgressBar,
    sources: BTreeMap<String, SourceId>,
    waiting: BTreeMap<SourceId, Vec<ImportedRecord>>,
    summary: ImportSummary,
    unread: Vec<Unread>,
}

impl<'a> Intake<'a> {
    fn new(archive: &'a Archive, bar: &'a ProgressBar) -> Self {
        Self {
            archive,
            bar,
            sources: BTreeMap::new(),
            waiting: BTreeMap::new(),
            summary: ImportSummary::default(),
            unread: Vec::new(),
        }
    }

    async fn take(&mut self, record: Imported) -> anyhow::Result<()> {
        let source = if let Some(source) = self.sources.get(&record.site) {
            *source
        } else {
            let source = source(self.archive, &record.site, &record.url).await?;
            self.sources.insert(record.site.clone(), source);
            source
        };
        let group = self.waiting.entry(source).or_default();
        group.push(ImportedRecord {
            url: record.url,
            title: record.title,
            published: record.published.or(record.dated),
            authors: record.authors,
            tags: record.tags,
            html: record.html,
            file: record.bytes.into(),
        });
        if group.len() >= GROUP {
            let group = std::mem::take(group);
            self.store(source, group).await?;
        }
        Ok(())
    }

    fn refuse(&mut self, unread: Unread) {
        self.bar.inc(1);
        self.unread.push(unread);
    }

    async fn store(&mut self, source: SourceId, group: Vec<ImportedRecord>) -> anyhow::Result<()> {
        let bar = self.bar;
        let stored = self.archive.import(source, group, &|| bar.inc(1)).await?;
        self.summary.articles += stored.articles;
        self.summary.versions += stored.versions;
        self.summary.known += stored.known;
        self.summary.empty += stored.empty;
        self.summary.redacted += stored.redacted;
        Ok(())
    }

    async fn finish(mut self) -> anyhow::Result<(ImportSummary, Vec<Unread>)> {
        for (source, group) in std::mem::take(&mut self.waiting) {
            self.store(source, group).await?;
        }
        Ok((self.summary, self.unread))
    }
}

/// The source that imported records of a site belong to.
async fn source(archive: &Archive, site: &str, url: &WebUrl) -> anyhow::Result<SourceId> {
    let home = url.join("/")?;
    let slug: Option<Slug> = site.to_ascii_lowercase().parse().ok();
    if let Some(slug) = &slug
        && let Some(known) = archive.catalog().source(slug).await?
    {
        return Ok(known.id);
    }
    let new = NewSource {
        url: home.join(&format!("#import-{site}"))?,
        name: Some(site.to_owned()),
        slug,
        named_after: home,
        state: SourceState::Imported,
        now: archive.now(),
    };
    Ok(archive.catalog().add_source(&new).await?.0.id)
}

fn report(summary: &ImportSummary, unread: &[Unread], json: bool) -> anyhow::Result<()> {
    if json {
        let unread: Vec<_> = unread.iter().map(ToString::to_string).collect();
        return output::json_line(&json!({
            "articles": summary.articles, "versions": summary.versions, "known": summary.known, "empty": summary.empty,
            "redacted": summary.redacted,
            "unread": unread,
        }));
    }
    for file in unread {
        output::note(file);
    }
    if summary.redacted > 0 {
        output::note(format_args!(
            "{} refused: what was redacted here does not come in again",
            count(summary.redacted, "record", "records")
        ));
    }
    output::line(format_args!(
        "{} imported, {}, {} known already, {} without a text, {} not read",
        count(summary.articles, "article", "articles"),
        count(summary.versions, "further version", "further versions"),
        summary.known,
        summary.empty,
        count(unread.len() as u64, "file", "files")
    ))?;
    Ok(())
}

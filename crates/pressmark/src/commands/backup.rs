//! `backup` and `restore`: everything primary but the key, into a folder and back.
//!
//! The catalog's snapshot is taken first, then the segments are copied: whatever the snapshot
//! refers to was durable before it. A segment never changes, so the next backup into the same
//! folder copies the new ones only. The snapshot gets its name last: a backup that was cut off
//! leaves the one before it whole.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs::File;
use std::io::{ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use indicatif::ProgressBar;
use pressmark_archive::segment;
use pressmark_model::{CaptureId, Digest};

use super::markdown::Markdown;
use super::sealing::Sealing;
use crate::cli::Folder;
use crate::config;
use crate::data::{Data, Need, Open};
use crate::machine;
use crate::output::{self, count, hinted};

const CATALOG: &str = "catalog.sqlite";
const SEGMENTS: &str = "archive";
/// So many captures are looked at in a piece.
const PAGE: u32 = 500;
/// So long nothing is deleted after a backup has died; one at work says again and again that it
/// is.
const HOLD: Duration = Duration::from_mins(3);

/// `backup`: may run while the archive is at work.
pub(super) async fn backup(data: Data, folder: &Folder) -> anyhow::Result<ExitCode> {
    let to = folder.dir.clone();
    let open = data.open(Need::Existing).await?;
    let before = to.join(CATALOG);
    if before.is_file() && pressmark_catalog::archive_in(&before).await? != Some(open.archive.id())
    {
        return Err(hinted(
            format!("the backup in `{}` is of another archive", to.display()),
            "name another folder: nothing of another archive is overwritten",
        ));
    }
    // Whoever deletes files waits until this is over.
    let catalog = open.archive.catalog();
    let owner = i64::from_be_bytes(machine::entropy().bytes());
    let until = open.clock.now().plus(HOLD);
    catalog.hold_deletions(owner, until).await?;
    let copied = tokio::select! {
        copied = copy_all(&open, &to) => copied,
        never = hold_on(&open, owner) => match never {},
    };
    catalog.release_deletions(owner).await?;
    let (copied, taken_out) = copied?;
    let segments = count(copied, "new segment", "new segments");
    output::line(format_args!("backup: {} ({segments})", to.display()))?;
    if taken_out > 0 {
        output::line(format_args!(
            "taken out, as they were redacted: {}",
            count(taken_out, "segment", "segments")
        ))?;
    }
    output::note(format_args!(
        "the key is not in it: keep a copy of `{}`, and of the file with `.mark` beside it, \
         somewhere else",
        open.key_file.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Says again and again that no file is to be deleted. That it could not be said once in a while
/// harms nothing.
async fn hold_on(open: &Open, owner: i64) -> Infallible {
    loop {
        tokio::time::sleep(HOLD / 6).await;
        let until = open.clock.now().plus(HOLD);
        if let Err(error) = open.archive.catalog().hold_deletions(owner, until).await {
            tracing::warn!(%error, "it could not be said that a backup is being made");
        }
    }
}

/// Copies everything; returns how many segments were new, and how many an earlier backup had that
/// redactions have taken out since.
async fn copy_all(open: &Open, to: &Path) -> anyhow::Result<(u64, u64)> {
    let data = &open.data;
    let from = &data.dir;
    // Those were removed before the snapshot is taken: it does not refer to them.
    let removed = open.archive.catalog().removed_segments().await?;
    let unwritten = || format!("the backup in `{}` cannot be written", to.display());
    std::fs::create_dir_all(to).with_context(unwritten)?;
    let unfinished = to.join("catalog.sqlite.part");
    remove(&unfinished).with_context(unwritten)?;
    match &data.config().catalog.url {
        Some(url) => pressmark_catalog::snapshot_postgres(url, &unfinished).await?,
        None => pressmark_catalog::snapshot(&from.join(CATALOG), &unfinished).await?,
    }
    let (there, here) = (from.join(SEGMENTS), to.join(SEGMENTS));
    let copied = tokio::task::spawn_blocking(move || copy_new(&there, &here)).await?;
    let copied = copied.with_context(unwritten)?;
    let settings = from.join(config::FILE);
    if settings.exists() {
        copy(&settings, &to.join(config::FILE)).with_context(unwritten)?;
    }
    finish(&unfinished, &to.join(CATALOG)).with_context(unwritten)?;
    let mut taken_out = 0;
    for removed in removed {
        let copy = to.join(SEGMENTS).join(segment::path(&removed).as_ref());
        if copy.exists() {
            remove(&copy).with_context(unwritten)?;
            taken_out += 1;
        }
    }
    Ok((copied, taken_out))
}

/// `restore`: into a data folder without an archive.
pub(super) async fn restore(data: Data, folder: &Folder) -> anyhow::Result<ExitCode> {
    let (from, to) = (folder.dir.clone(), data.dir.clone());
    if !from.join(CATALOG).is_file() {
        return Err(hinted(
            format!("there is no backup in `{}`", from.display()),
            "name the folder that `pressmark backup` wrote",
        ));
    }
    let taken = |place: &dyn std::fmt::Display| {
        hinted(
            format!("there is an archive in `{place}`"),
            "restore into another folder with `--data`, or another database: nothing is overwritten",
        )
    };
    let url = data.config().catalog.url.clone();
    if to.join(CATALOG).exists() {
        return Err(taken(&to.display()));
    }
    let unwritten = || format!("the archive in `{}` cannot be written", to.display());
    std::fs::create_dir_all(&to).with_context(unwritten)?;
    restore_settings(&from, &to, url.is_some()).with_context(unwritten)?;
    let copied = copy_new(&from.join(SEGMENTS), &to.join(SEGMENTS)).with_context(unwritten)?;
    if let Some(url) = &url {
        // The backup itself stays as it is: an older one is brought up to date in a copy.
        let working = to.join("catalog.sqlite.part");
        copy(&from.join(CATALOG), &working).with_context(unwritten)?;
        let restored = pressmark_catalog::restore_postgres(&working, url).await;
        remove(&working).with_context(unwritten)?;
        if !restored? {
            return Err(taken(&"the database of `[catalog] url`"));
        }
    } else {
        copy(&from.join(CATALOG), &to.join(CATALOG)).with_context(unwritten)?;
    }
    let open = match data.open(Need::Alone).await {
        Ok(open) => open,
        Err(error) => {
            // A backup of a newer program stays where it is, for that program.
            remove(&to.join(CATALOG)).with_context(unwritten)?;
            return Err(error);
        }
    };
    let segments = count(copied, "segment", "segments");
    output::line(format_args!("restored: {} ({segments})", to.display()))?;
    output::note("what was redacted after this backup was made is in it still: redact it again");
    // Whoever made the backup is not making it here.
    open.archive.catalog().release_all_deletions().await?;
    Sealing::of(&open).follow().await;
    Markdown::of(&open).follow().await;
    let lost = lost_segments(&open, &to.join(SEGMENTS)).await?;
    for segment in &lost {
        output::line(format_args!(
            "segment {segment}: the backup does not have it"
        ))?;
    }
    Ok(if lost.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(output::FOUND_WRONG)
    })
}

/// The segments that captures are in and that are not there.
async fn lost_segments(open: &Open, folder: &Path) -> anyhow::Result<BTreeSet<Digest>> {
    let mut missing = BTreeSet::new();
    let mut from = CaptureId(1);
    loop {
        let captures = open.archive.catalog().captures(from, PAGE).await?;
        let Some(last) = captures.last() else {
            return Ok(missing);
        };
        from = CaptureId(last.id.0.saturating_add(1));
        let records = captures.iter().flat_map(|found| &found.capture.records);
        let segments: BTreeSet<Digest> = records.map(|record| record.segment).collect();
        let is_lost = |segment: &Digest| !folder.join(segment::path(segment).as_ref()).exists();
        missing.extend(segments.into_iter().filter(is_lost));
    }
}

/// Takes the configuration over, unless there is one, or it names a database and this archive is
/// to be in a file.
fn restore_settings(from: &Path, to: &Path, in_database: bool) -> std::io::Result<()> {
    let (there, here) = (from.join(config::FILE), to.join(config::FILE));
    if !there.exists() || here.exists() {
        return Ok(());
    }
    let settings = std::fs::read_to_string(&there)?;
    let settings: toml::Table = settings.parse().unwrap_or_default();
    let catalog = settings.get("catalog").and_then(toml::Value::as_table);
    if !in_database && catalog.is_some_and(|catalog| catalog.contains_key("url")) {
        output::note(format_args!(
            "the configuration `{}` names a database and was not taken over: this archive is in a \
             file",
            there.display()
        ));
        return Ok(());
    }
    copy(&there, &here)
}

/// Copies the files that are not there yet, with their folders; returns how many.
fn copy_new(from: &Path, to: &Path) -> std::io::Result<u64> {
    let mut files = Vec::new();
    list(from, &mut files)?;
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(files.len() as u64)
    } else {
        ProgressBar::hidden()
    };
    let mut copied = 0;
    for file in files {
        let Ok(name) = file.strip_prefix(from) else {
            continue;
        };
        let target = to.join(name);
        if !target.exists() {
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder)?;
            }
            copy(&file, &target)?;
            copied += 1;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(copied)
}

/// Segments, and no file that is being written.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list(&entry.path(), files)?;
        } else if entry.file_name().to_string_lossy().ends_with(".warc.gz") {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Copies a file so that it is whole under its name, also after a power cut.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(".part");
    let unfinished = PathBuf::from(unfinished);
    std::fs::copy(from, &unfinished)?;
    finish(&unfinished, to)
}

/// Gives a file that is complete its name.
fn finish(unfinished: &Path, to: &Path) -> std::io::Result<()> {
    File::options().append(true).open(unfinished)?.sync_all()?;
    std::fs::rename(unfinished, to)?;
    match to.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn remove(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

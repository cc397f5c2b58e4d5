//! `backup` and `restore`: everything primary but the key, into a folder and back.
//!
//! The catalog's snapshot is taken first, then the segments are copied: whatever the snapshot
//! refers to was durable before it. A segment never changes, so the next backup into the same
//! folder copies the new ones only. The snapshot gets its name last: a backup that was cut off
//! leaves the one before it whole.

use std::fs::File;
use std::io::{ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use indicatif::ProgressBar;

use super::markdown::Markdown;
use super::sealing::Sealing;
use crate::cli::Folder;
use crate::config;
use crate::data::{Data, Need};
use crate::machine;
use crate::output::{self, count, hinted};

const CATALOG: &str = "catalog.sqlite";
const SEGMENTS: &str = "archive";
/// No backup takes longer.
const LONGEST: Duration = Duration::from_hours(24);

/// `backup`: may run while the archive is at work.
pub(super) async fn backup(data: Data, folder: &Folder) -> anyhow::Result<ExitCode> {
    let to = folder.dir.clone();
    let open = data.open(Need::Existing).await?;
    // Whoever deletes files waits until this is over, or has died a day ago.
    let catalog = open.archive.catalog();
    let owner = i64::from_be_bytes(machine::entropy().bytes());
    let until = open.clock.now().plus(LONGEST);
    catalog.hold_deletions(owner, until).await?;
    let copied = copy_all(&open.data, &to).await;
    catalog.release_deletions(owner).await?;
    let segments = count(copied?, "new segment", "new segments");
    output::line(format_args!("backup: {} ({segments})", to.display()))?;
    output::note(format_args!(
        "the key is not in it: keep a copy of `{}`, and of the file with `.mark` beside it, \
         somewhere else",
        open.key_file.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Copies everything; returns how many segments were new.
async fn copy_all(data: &Data, to: &Path) -> anyhow::Result<u64> {
    let from = &data.dir;
    let unwritten = || format!("the backup in `{}` cannot be written", to.display());
    std::fs::create_dir_all(to).with_context(unwritten)?;
    let unfinished = to.join("catalog.sqlite.part");
    remove(&unfinished).with_context(unwritten)?;
    match &data.config().catalog.url {
        Some(url) => pressmark_catalog::snapshot_postgres(url, &unfinished).await?,
        None => pressmark_catalog::snapshot(&from.join(CATALOG), &unfinished).await?,
    }
    let copied = copy_new(&from.join(SEGMENTS), &to.join(SEGMENTS)).with_context(unwritten)?;
    let settings = from.join(config::FILE);
    if settings.exists() {
        copy(&settings, &to.join(config::FILE)).with_context(unwritten)?;
    }
    finish(&unfinished, &to.join(CATALOG)).with_context(unwritten)?;
    Ok(copied)
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
    Sealing::of(&open).follow().await;
    Markdown::of(&open).follow().await;
    Ok(ExitCode::SUCCESS)
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

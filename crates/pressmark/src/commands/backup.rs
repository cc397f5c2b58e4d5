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

use anyhow::Context as _;
use indicatif::ProgressBar;

use super::markdown::Markdown;
use super::sealing::Sealing;
use crate::cli::Folder;
use crate::config;
use crate::data::{Data, Need};
use crate::output::{self, count, hinted};

const CATALOG: &str = "catalog.sqlite";
const SEGMENTS: &str = "archive";

/// `backup`: may run while the archive is at work.
pub(super) async fn backup(data: Data, folder: &Folder) -> anyhow::Result<ExitCode> {
    if data.config().catalog.url.is_some() {
        return Err(hinted(
            "the catalog is in PostgreSQL, which makes its own backups",
            format!(
                "run `pg_dump` first, then copy `{}`: the order matters",
                data.dir.join(SEGMENTS).display()
            ),
        ));
    }
    let (from, to) = (data.dir.clone(), folder.dir.clone());
    let open = data.open(Need::Existing).await?;
    let unwritten = || format!("the backup in `{}` cannot be written", to.display());
    std::fs::create_dir_all(&to).with_context(unwritten)?;
    let unfinished = to.join("catalog.sqlite.part");
    remove(&unfinished).with_context(unwritten)?;
    pressmark_catalog::snapshot(&from.join(CATALOG), &unfinished).await?;
    let copied = copy_new(&from.join(SEGMENTS), &to.join(SEGMENTS)).with_context(unwritten)?;
    let settings = from.join(config::FILE);
    if settings.exists() {
        copy(&settings, &to.join(config::FILE)).with_context(unwritten)?;
    }
    finish(&unfinished, &to.join(CATALOG)).with_context(unwritten)?;
    let segments = count(copied, "new segment", "new segments");
    output::line(format_args!("backup: {} ({segments})", to.display()))?;
    output::note(format_args!(
        "the key is not in it: keep a copy of `{}`, and of the file with `.mark` beside it, \
         somewhere else",
        open.key_file.display()
    ));
    Ok(ExitCode::SUCCESS)
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
    if to.join(CATALOG).exists() || data.config().catalog.url.is_some() {
        return Err(hinted(
            format!("there is an archive in `{}`", to.display()),
            "restore into another folder with `--data`: nothing is overwritten",
        ));
    }
    let unwritten = || format!("the archive in `{}` cannot be written", to.display());
    std::fs::create_dir_all(&to).with_context(unwritten)?;
    let settings = to.join(config::FILE);
    if from.join(config::FILE).exists() && !settings.exists() {
        copy(&from.join(config::FILE), &settings).with_context(unwritten)?;
    }
    let copied = copy_new(&from.join(SEGMENTS), &to.join(SEGMENTS)).with_context(unwritten)?;
    copy(&from.join(CATALOG), &to.join(CATALOG)).with_context(unwritten)?;
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

//! `rebuild`: what is computed from the ledger, from zero.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use pressmark_publish::{GitOptions, GitProjection};

use super::markdown::Markdown;
use crate::cli::{Rebuild, Rebuilt};
use crate::counting::Counting;
use crate::data::{Data, Need, Open};
use crate::output::{self, count, hinted};

/// Rebuilds one of them.
pub(super) async fn run(data: Data, rebuild: &Rebuild) -> anyhow::Result<ExitCode> {
    match rebuild.what {
        Rebuilt::Git => git(data).await,
        Rebuilt::Tiles => tiles(data).await,
        Rebuilt::Media => media(data).await,
        Rebuilt::Changes => changes(data).await,
    }
}

async fn changes(data: Data) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Alone).await?;
    let counting = Counting::of("leaves", false);
    let progress = |more| counting.add(more);
    let stored = open.archive.rebuild_changes(&progress).await?;
    drop(counting);
    output::line(format_args!(
        "computed again: {}",
        count(stored, "change", "changes")
    ))?;
    Ok(ExitCode::SUCCESS)
}

async fn media(data: Data) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Alone).await?;
    open.archive.look_for_media_again().await?;
    output::line("every version is looked through again for images, at the next poll")?;
    Ok(ExitCode::SUCCESS)
}

async fn tiles(data: Data) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Alone).await?;
    let stored = open.archive.rebuild_tiles().await.map_err(|error| {
        let hint = super::sealing::hint(&error);
        hinted(format!("the tiles were not computed again: {error}"), hint)
    })?;
    output::line(format_args!(
        "computed again: {}",
        count(stored, "tile", "tiles")
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The old one stays, with its settings, such as remotes.
async fn git(data: Data) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Alone).await?;
    let dir = open.data.markdown_dir();
    let old = write_again(&open).await?;
    output::line(format_args!("written again: {}", dir.display()))?;
    if let Some(old) = old {
        output::note(format_args!("the one before: {}", old.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the Markdown archive anew where there is one, and leaves nothing of the old one.
pub(super) async fn without_a_trace(open: &Open) -> anyhow::Result<()> {
    if open.data.markdown_dir().exists() || beside(open, ".old").exists() {
        write_again(open).await?;
    }
    remove(&beside(open, ".new"))?;
    remove(&beside(open, ".old"))
}

/// A folder beside that of the Markdown archive.
fn beside(open: &Open, ending: &str) -> PathBuf {
    let mut path = open.data.markdown_dir().into_os_string();
    path.push(ending);
    path.into()
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("`{}`", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Writes the Markdown archive anew beside the old one, and puts it in its place; returns where the
/// old one is now, if there was one.
async fn write_again(open: &Open) -> anyhow::Result<Option<PathBuf>> {
    let dir = open.data.markdown_dir();
    let (new, old) = (beside(open, ".new"), beside(open, ".old"));
    if !dir.exists() && old.exists() {
        // They were being swapped when it was cut off. The old one has the settings.
        std::fs::rename(&old, &dir).with_context(|| format!("`{}`", dir.display()))?;
    }
    remove(&new)?;
    remove(&old)?;
    let options = GitOptions {
        push: None,
        ..Markdown::of(open).options()
    };
    let projection = GitProjection::open(&new, options).await?;
    let (catalog, id) = (open.archive.catalog(), open.archive.id());
    projection.follow(&**catalog, id).await?;
    drop(projection);
    let unswapped = || format!("`{}` cannot take the place of the old one", new.display());
    let is_there = dir.exists();
    if is_there {
        let settings = dir.join(".git/config");
        if settings.is_file() {
            std::fs::copy(&settings, new.join(".git/config")).with_context(unswapped)?;
        }
        std::fs::rename(&dir, &old).with_context(unswapped)?;
    }
    std::fs::rename(&new, &dir).with_context(unswapped)?;
    Ok(is_there.then_some(old))
}

//! `rebuild`: what is computed from the ledger, from zero.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use pressmark_publish::{GitOptions, GitProjection};

use super::markdown::Markdown;
use crate::cli::{Rebuild, Rebuilt};
use crate::data::{Data, Need};
use crate::output::{self, count, hinted};

/// Rebuilds one of them.
pub(super) async fn run(data: Data, rebuild: &Rebuild) -> anyhow::Result<ExitCode> {
    match rebuild.what {
        Rebuilt::Git => git(data).await,
        Rebuilt::Tiles => tiles(data).await,
        Rebuilt::Media => media(data).await,
    }
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

/// The Markdown archive is written anew beside the old one, which it then replaces; the old one
/// stays until then, and its settings, such as remotes, with it.
async fn git(data: Data) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Alone).await?;
    let dir = open.data.markdown_dir();
    let with = |ending: &str| {
        let mut path = dir.as_os_str().to_owned();
        path.push(ending);
        PathBuf::from(path)
    };
    let (new, old) = (with(".new"), with(".old"));
    for leftover in [&new, &old] {
        match std::fs::remove_dir_all(leftover) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("`{}`", leftover.display()));
            }
            _ => {}
        }
    }
    let options = GitOptions {
        push: None,
        ..Markdown::of(&open).options()
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
    output::line(format_args!("written again: {}", dir.display()))?;
    if is_there {
        output::note(format_args!("the one before: {}", old.display()));
    }
    Ok(ExitCode::SUCCESS)
}

//! The signed log as files, for any web server and for whoever verifies it.

use std::io;
use std::path::Path;

use pressmark_archive::log::Log;
use pressmark_archive::ports::catalog::{Catalog, CatalogError};
use pressmark_archive::prove::{self, LogError};
use pressmark_proof::Tile;

/// So many checkpoints with time stamps are listed at a time.
const ANCHORS_AT_ONCE: u32 = 256;

/// Why a log could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportLogError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The files.
    #[error("the files of the log could not be written")]
    Io(#[from] io::Error),
}

/// Writes every log into the folder, each into a folder of its random name: `checkpoint`, `tile/…`
/// as `c2sp.org/tlog-tiles` lays them out, `keys` with the public keys, and `anchors` with the time
/// stamps. Full tiles that are
/// there already stay as they are; the checkpoint is written last. Returns how many files were
/// written.
pub async fn export_log(catalog: &dyn Catalog, folder: &Path) -> Result<u64, ExportLogError> {
    let mut written = 0;
    for log in catalog.logs().await? {
        written += export_one(catalog, &log, &folder.join(log.short_name())).await?;
    }
    Ok(written)
}

async fn export_one(
    catalog: &dyn Catalog,
    log: &Log,
    folder: &Path,
) -> Result<u64, ExportLogError> {
    let mut written = 0;
    let mut keys = String::new();
    for key in &log.keys {
        keys.push_str(&key.key);
        keys.push('\n');
    }
    written += write(&folder.join("keys"), keys.as_bytes())?;
    let Some(head) = &log.head else {
        return Ok(written);
    };
    for tile in Tile::all(head.size) {
        let path = folder.join(tile.to_string());
        if !path.exists()
            && let Some(hashes) = prove::tile(catalog, log, tile).await?
        {
            written += write(&path, &hashes)?;
        }
        let path = folder.join(tile.bundle_path());
        if tile.level == 0
            && !path.exists()
            && let Some(entries) = prove::entries(catalog, log, tile).await?
        {
            written += write(&path, &entries)?;
        }
    }
    written += export_anchors(catalog, log, folder).await?;
    written += write(&folder.join("checkpoint"), head.checkpoint.as_bytes())?;
    Ok(written)
}

/// Writes `anchors`, and the time stamps that it names with what they are over.
async fn export_anchors(
    catalog: &dyn Catalog,
    log: &Log,
    folder: &Path,
) -> Result<u64, ExportLogError> {
    let (mut written, mut lines, mut from) = (0, String::new(), 0);
    loop {
        let anchors = catalog.anchors(log.number, from, ANCHORS_AT_ONCE).await?;
        let Some(last) = anchors.last() else { break };
        from = last.size + 1;
        for anchor in &anchors {
            lines.push_str(&anchor.line());
            let path = folder.join(anchor.path());
            if path.exists() {
                continue;
            }
            for made in catalog.anchored(log.number, anchor.size).await? {
                written += write(&folder.join(made.anchor.path()), &made.token)?;
                let checkpoint = folder.join(made.anchor.checkpoint_path());
                written += write(&checkpoint, made.checkpoint.as_bytes())?;
            }
        }
    }
    if !lines.is_empty() {
        written += write(&folder.join("anchors"), lines.as_bytes())?;
    }
    Ok(written)
}

/// Writes a file whole, or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<u64> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".part");
    std::fs::write(&unfinished, bytes)?;
    std::fs::rename(&unfinished, path)?;
    Ok(1)
}

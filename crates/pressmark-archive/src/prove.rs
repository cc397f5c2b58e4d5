//! Reading the log: its tiles, its entries, and the proof of a leaf.

use pressmark_model::{Digest, LeafIndex};
use pressmark_proof::{
    MissingTile, NoteError, Plan, Proof, ProofError, Tile, Tiles, bundle, empty_root,
};

use crate::anchor::Anchored;
use crate::log::Log;
use crate::ports::catalog::{Catalog, CatalogError};

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A tile is not as it was written.
    #[error("the log `{origin}` is damaged: {problem}")]
    Damaged {
        /// The log.
        origin: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl LogError {
    pub(crate) fn of(log: &Log, problem: &impl ToString) -> Self {
        Self::Damaged {
            origin: log.origin.clone(),
            problem: problem.to_string(),
        }
    }
}

/// The hashes of a plan, read from the tiles that it needs.
pub(crate) async fn read(
    catalog: &dyn Catalog,
    log: &Log,
    plan: &Plan,
) -> Result<Vec<Digest>, LogError> {
    let tiles = tiles(catalog, log, plan.tiles()).await?;
    plan.hashes(&tiles)
        .map_err(|missing: MissingTile| LogError::of(log, &missing))
}

/// The tiles at these places, as far as they are there.
pub(crate) async fn tiles(
    catalog: &dyn Catalog,
    log: &Log,
    wanted: impl IntoIterator<Item = Tile>,
) -> Result<Tiles, LogError> {
    let places: Vec<_> = wanted
        .into_iter()
        .map(|tile| (tile.level, tile.index))
        .collect();
    let mut tiles = Tiles::default();
    for tile in catalog.tiles(log.number, &places).await? {
        if !tiles.insert(tile.level, tile.index, &tile.hashes) {
            let problem = format!(
                "tile {} of level {} is no row of hashes",
                tile.index, tile.level
            );
            return Err(LogError::of(log, &problem));
        }
    }
    Ok(tiles)
}

/// The root of the log when it had so many leaves.
pub(crate) async fn root_at(
    catalog: &dyn Catalog,
    log: &Log,
    size: u64,
) -> Result<Digest, LogError> {
    let root = read(catalog, log, &Plan::root(size)).await?;
    Ok(root.first().copied().unwrap_or_else(empty_root))
}

/// A tile as it is served: its hashes. `None` if the log has not grown so far.
pub async fn tile(
    catalog: &dyn Catalog,
    log: &Log,
    tile: Tile,
) -> Result<Option<Vec<u8>>, LogError> {
    if !is_sealed(log, tile) {
        return Ok(None);
    }
    let stored = catalog
        .tiles(log.number, &[(tile.level, tile.index)])
        .await?;
    let bytes = usize::from(tile.width) * 32;
    let hashes = stored.first().and_then(|stored| stored.hashes.get(..bytes));
    match hashes {
        Some(hashes) => Ok(Some(hashes.to_vec())),
        None => Err(LogError::of(log, &format!("`{tile}` is missing"))),
    }
}

/// The bundle of entries under a tile of level 0, as it is served. `None` if the log has not grown
/// so far.
pub async fn entries(
    catalog: &dyn Catalog,
    log: &Log,
    tile: Tile,
) -> Result<Option<Vec<u8>>, LogError> {
    if tile.level != 0 || !is_sealed(log, tile) {
        return Ok(None);
    }
    let first = tile.index * pressmark_proof::TILE_WIDTH;
    let found = leaves(catalog, log, first, tile.width).await?;
    let bytes = bundle(found.iter().map(Vec::as_slice));
    Ok(Some(
        bytes.ok_or_else(|| LogError::of(log, &"a leaf is too long"))?,
    ))
}

/// The leaves of a log from this place on, its own included.
pub(crate) async fn leaves(
    catalog: &dyn Catalog,
    log: &Log,
    first: u64,
    count: u16,
) -> Result<Vec<Vec<u8>>, LogError> {
    let mut found = Vec::with_capacity(usize::from(count));
    if let (Some(front), 0, 1..) = (&log.front, first, count) {
        found.push(front.leaf.clone());
    }
    let start = log.leaf_at(first + found.len() as u64);
    let mut at = start.ok_or_else(|| LogError::of(log, &"it is longer than a ledger can be"))?;
    let wanted = usize::from(count) - found.len();
    let rows = catalog
        .ledger(at, u32::try_from(wanted).unwrap_or(0))
        .await?;
    for row in rows {
        if row.index != at {
            break;
        }
        found.push(row.leaf);
        at.0 += 1;
    }
    if found.len() < usize::from(count) {
        return Err(LogError::of(
            log,
            &format!("leaf {at} is missing from the ledger"),
        ));
    }
    Ok(found)
}

fn is_sealed(log: &Log, tile: Tile) -> bool {
    Tile::in_tree(tile.level, tile.index, log.size()).is_some_and(|there| there.width >= tile.width)
}

/// The proof of a leaf of the ledger; `None` if it is not there, or not sealed yet.
pub async fn prove(catalog: &dyn Catalog, leaf: LeafIndex) -> Result<Option<Proof>, LogError> {
    let Some((log, index)) = place(catalog, leaf).await? else {
        return Ok(None);
    };
    let Some(head) = &log.head else {
        return Ok(None);
    };
    under(catalog, &log, (leaf, index), head.size, &head.checkpoint)
        .await
        .map(Some)
}

/// The first checkpoint with a time stamp that a leaf of the ledger is under: its time stamps, and
/// the leaf's proof to this checkpoint. `None` if there is none yet.
pub async fn prove_anchored(
    catalog: &dyn Catalog,
    leaf: LeafIndex,
) -> Result<Option<(Proof, Vec<Anchored>)>, LogError> {
    let Some((log, index)) = place(catalog, leaf).await? else {
        return Ok(None);
    };
    let first = catalog.anchors(log.number, index + 1, 1).await?;
    let Some(size) = first.first().map(|anchor| anchor.size) else {
        return Ok(None);
    };
    let mut anchored = catalog.anchored(log.number, size).await?;
    let Some(checkpoint) = anchored.first().map(|first| first.checkpoint.clone()) else {
        return Ok(None);
    };
    // A new key signs the same leaves again: one proof is to one of the checkpoints.
    anchored.retain(|anchored| anchored.checkpoint == checkpoint);
    let proof = under(catalog, &log, (leaf, index), size, &checkpoint).await?;
    Ok(Some((proof, anchored)))
}

/// The log that a leaf is in, and its place there.
async fn place(catalog: &dyn Catalog, leaf: LeafIndex) -> Result<Option<(Log, u64)>, CatalogError> {
    let logs = catalog.logs().await?;
    Ok(logs
        .into_iter()
        .find_map(|log| log.position(leaf).map(|index| (log, index))))
}

/// The proof of a leaf of a log under the checkpoint of this size.
async fn under(
    catalog: &dyn Catalog,
    log: &Log,
    (leaf, index): (LeafIndex, u64),
    size: u64,
    checkpoint: &str,
) -> Result<Proof, LogError> {
    let rows = catalog.ledger(leaf, 1).await?;
    let Some(row) = rows.into_iter().find(|row| row.index == leaf) else {
        let problem = format!("leaf {leaf} is missing from the ledger");
        return Err(LogError::of(log, &problem));
    };
    let plan = Plan::inclusion(index, size);
    let plan = plan.map_err(|error: ProofError| LogError::of(log, &error))?;
    let hashes = read(catalog, log, &plan).await?;
    let checkpoint = checkpoint.parse();
    Ok(Proof {
        leaf: row.leaf,
        record: row.nonce.zip(row.record),
        index,
        hashes,
        checkpoint: checkpoint.map_err(|error: NoteError| LogError::of(log, &error))?,
    })
}

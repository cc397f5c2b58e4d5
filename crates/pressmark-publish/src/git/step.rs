//! What the projection follows in the ledger: texts, and the copies of their images, which come
//! later.
//!
//! A record points to copies from the leaf of their manifest on, if no later version was there
//! before it: what stands in the tree at a leaf follows from the ledger up to it.

use std::collections::BTreeMap;

use pressmark_archive::media::MediumRow;
use pressmark_archive::ports::catalog::{Catalog, CatalogError};
use pressmark_archive::version::Version;
use pressmark_model::{Digest, LeafIndex, VersionNumber, WebUrl};

/// One step along the ledger.
#[derive(Debug, Clone)]
pub struct Step {
    /// The leaf.
    pub leaf: LeafIndex,
    /// The version whose record is written.
    pub version: Version,
    /// Where the copies of its images are, where this leaf is of these.
    pub copies: Option<Copies>,
}

/// Copies of images by their addresses in a text: each its path in the repository, and its digest.
pub type Copies = BTreeMap<WebUrl, (String, Digest)>;

/// A piece of the ledger.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) steps: Vec<Step>,
    /// The last leaf that was looked at; `None` at the ledger's end.
    pub(super) last: Option<LeafIndex>,
}

impl From<Version> for Step {
    fn from(version: Version) -> Self {
        Self {
            leaf: version.leaf,
            version,
            copies: None,
        }
    }
}

/// The steps from this leaf on, at most `limit` of each kind; those of images if `with_media`.
pub(super) async fn steps(
    catalog: &dyn Catalog,
    from: LeafIndex,
    limit: u32,
    with_media: bool,
) -> Result<Piece, CatalogError> {
    let versions = catalog.versions(from, limit).await?;
    let settled = if with_media {
        catalog.settled_media(from, limit).await?
    } else {
        Vec::new()
    };
    // What lies behind the end of a full list may be missing in it.
    let is_full = |length: usize| length >= usize::try_from(limit).unwrap_or(usize::MAX);
    let ends = [
        versions
            .last()
            .filter(|_| is_full(versions.len()))
            .map(|version| version.leaf),
        settled
            .last()
            .filter(|_| is_full(settled.len()))
            .map(|(leaf, ..)| *leaf),
    ];
    let end = ends
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(LeafIndex(i64::MAX));
    let leaves = versions.iter().map(|version| version.leaf);
    let leaves = leaves.chain(settled.iter().map(|(leaf, ..)| *leaf));
    let mut piece = Piece {
        last: leaves.filter(|leaf| *leaf <= end).max(),
        steps: versions.into_iter().map(Step::from).collect(),
    };
    for (leaf, article, number) in settled {
        let next = VersionNumber(number.0.saturating_add(1));
        let next = catalog.version(article, next).await?;
        if next.is_some_and(|next| next.leaf < leaf) {
            continue;
        }
        let copies = copies(catalog.media_of(&[(article, number)]).await?);
        if let Some(version) = catalog.version(article, number).await?
            && !copies.is_empty()
        {
            let copies = Some(copies);
            piece.steps.push(Step {
                leaf,
                version,
                copies,
            });
        }
    }
    piece.steps.retain(|step| step.leaf <= end);
    piece.steps.sort_by_key(|step| step.leaf);
    Ok(piece)
}

fn copies(rows: Vec<MediumRow>) -> Copies {
    let kept = rows.into_iter().filter_map(|row| {
        let (digest, picture) = row.kept.filter(|(_, kept)| kept.media_type.is_image())?;
        let name = picture.file_name(&digest);
        let shard: String = name.chars().take(2).collect();
        Some((row.url, (format!("media/{shard}/{name}"), digest)))
    });
    kept.collect()
}

//! Tiles: the hashes of the tree in pieces of 256, as `c2sp.org/tlog-tiles` has them, and the
//! proofs that are read from them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use pressmark_model::Digest;

use crate::merkle::{ProofError, empty_root, joined, leaf_hash, node_hash};

/// How many hashes a full tile has.
pub const TILE_WIDTH: u64 = 256;
/// So many levels of the tree lie between two levels of tiles.
const TILE_HEIGHT: u32 = 8;
const HASH_BYTES: usize = 32;

/// The place and the width of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// 0 holds the hashes of leaves, 1 those of full tiles of level 0, and so on.
    pub level: u8,
    /// Its place in its level.
    pub index: u64,
    /// How many hashes it has: 1 to 256.
    pub width: u16,
}

/// Hashes that are needed and not there, or are no hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tile {level} of level {index} is not there in the width that is needed")]
pub struct MissingTile {
    /// The level.
    pub level: u8,
    /// The place in it.
    pub index: u64,
}

impl Tile {
    /// The tile at this place in a tree of `size` leaves; `None` if it would be empty.
    pub fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        let shift = u32::from(level).checked_mul(TILE_HEIGHT)?;
        let hashes = size.checked_shr(shift)?;
        let before = index.checked_mul(TILE_WIDTH)?;
        let width = u16::try_from(hashes.checked_sub(before)?.min(TILE_WIDTH)).ok()?;
        (width > 0).then_some(Self {
            level,
            index,
            width,
        })
    }

    /// Every tile of a tree, full or not, level by level.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        (0..8)
            .flat_map(move |level| (0..).map_while(move |index| Self::in_tree(level, index, size)))
    }

    /// Reads the end of an address, `<level>/<index>[.p/<width>]`; the level `entries` is a bundle
    /// of the leaves themselves, told by the flag.
    pub fn parse(path: &str) -> Option<(Self, bool)> {
        let (level, rest) = path.split_once('/')?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (
                index,
                canonical::<u16>(width).filter(|w| (1..256).contains(w))?,
            ),
            None => (rest, 256),
        };
        let is_bundle = level == "entries";
        let tile = Self {
            level: if is_bundle {
                0
            } else {
                canonical::<u8>(level).filter(|level| *level < 64)?
            },
            index: parse_index(index)?,
            width,
        };
        Some((tile, is_bundle))
    }

    /// The path of the bundle of entries that this tile of level 0 is over, `tile/entries/…`.
    pub fn bundle_path(&self) -> String {
        format!("tile/entries/{}", Place(self))
    }
}

/// The path, `tile/<level>/<index>[.p/<width>]`.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, Place(self))
    }
}

/// The end of a path: the index in groups of three digits, and the width of what is not full.
struct Place<'a>(&'a Tile);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups = vec![self.0.index % 1000];
        let mut rest = self.0.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        let last = groups.len() - 1;
        for (position, group) in groups.iter().rev().enumerate() {
            let (mark, end) = if position < last {
                ("x", "/")
            } else {
                ("", "")
            };
            write!(f, "{mark}{group:03}{end}")?;
        }
        if u64::from(self.0.width) < TILE_WIDTH {
            write!(f, ".p/{}", self.0.width)?;
        }
        Ok(())
    }
}

/// A number as it is written in addresses: no sign, no leading zero.
fn canonical<T: std::str::FromStr + ToString>(text: &str) -> Option<T> {
    let number: T = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn parse_index(text: &str) -> Option<u64> {
    let mut index = 0_u64;
    let groups: Vec<&str> = text.split('/').collect();
    let (last, before) = groups.split_last()?;
    for (position, group) in before.iter().enumerate() {
        let digits = group.strip_prefix('x')?;
        // A group of zeros in front would be a second name of the same tile.
        if position == 0 && digits == "000" {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(three(digits)?)?;
    }
    index.checked_mul(1000)?.checked_add(three(last)?)
}

fn three(digits: &str) -> Option<u64> {
    (digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}

/// Entries as a bundle: each with its length before it, in two bytes, big endian. `None` if one is
/// longer than that can say.
pub fn bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend_from_slice(&u16::try_from(entry.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Some(bytes)
}

/// Tiles by their places; of two at one place the wider one is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tiles(BTreeMap<(u8, u64), Vec<Digest>>);

impl Tiles {
    /// Adds a tile as its bytes; false, and nothing is added, if they are no hashes, or too many.
    pub fn insert(&mut self, level: u8, index: u64, bytes: &[u8]) -> bool {
        let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
        if hashes.is_empty() || !rest.is_empty() || hashes.len() as u64 > TILE_WIDTH {
            return false;
        }
        let known = self.0.entry((level, index)).or_default();
        if known.len() < hashes.len() {
            *known = hashes
                .iter()
                .map(|hash| Digest::from_bytes(*hash))
                .collect();
        }
        true
    }

    /// The hash over a whole subtree: 2^`height` leaves, the `index`-th so many.
    fn subtree(&self, subtree: Subtree) -> Result<Digest, MissingTile> {
        let (level, index, range) = subtree.place();
        let missing = MissingTile { level, index };
        let hashes = self.0.get(&(level, index)).ok_or(missing)?;
        let hashes = hashes.get(range).ok_or(missing)?;
        whole_root(hashes).ok_or(missing)
    }
}

/// The root over hashes whose number is a power of two.
fn whole_root(hashes: &[Digest]) -> Option<Digest> {
    match hashes {
        [] => None,
        [one] => Some(*one),
        more => {
            let (left, right) = more.split_at_checked(more.len() / 2)?;
            Some(node_hash(&whole_root(left)?, &whole_root(right)?))
        }
    }
}

/// A whole subtree: the `index`-th one of 2^`height` leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Subtree {
    height: u32,
    index: u64,
}

impl Subtree {
    /// The tile that it is read from, and which of its hashes.
    fn place(self) -> (u8, u64, std::ops::Range<usize>) {
        let level = u8::try_from(self.height / TILE_HEIGHT).unwrap_or(u8::MAX);
        let within = self.height % TILE_HEIGHT;
        let index = self.index >> (TILE_HEIGHT - within);
        let hashes = 1_usize << within;
        let position = self.index % (1 << (TILE_HEIGHT - within));
        let begin = usize::try_from(position)
            .unwrap_or(usize::MAX)
            .saturating_mul(hashes);
        (level, index, begin..begin.saturating_add(hashes))
    }
}

/// Hashes to be read from tiles: of a root, or of a proof. First [`Plan::tiles`] are brought
/// together, then [`Plan::hashes`] are computed from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    size: u64,
    /// For each hash the subtrees that it is over, the largest first.
    parts: Vec<Vec<Subtree>>,
}

impl Plan {
    /// The root of the tree of `size` leaves, as the only hash; none for the empty tree.
    pub fn root(size: u64) -> Self {
        let mut plan = Self {
            size,
            parts: Vec::new(),
        };
        plan.part(0, size);
        plan
    }

    /// The proof that leaf `index` is in the tree of `size` leaves, from its sibling up (RFC 6962,
    /// section 2.1.1).
    pub fn inclusion(index: u64, size: u64) -> Result<Self, ProofError> {
        if index >= size {
            return Err(ProofError::OutOfRange { index, size });
        }
        let mut plan = Self {
            size,
            parts: Vec::new(),
        };
        let (mut begin, mut end) = (0, size);
        while end - begin > 1 {
            let middle = begin + split(end - begin);
            if index < middle {
                plan.part(middle, end);
                end = middle;
            } else {
                plan.part(begin, middle);
                begin = middle;
            }
        }
        plan.parts.reverse();
        Ok(plan)
    }

    /// The proof that the tree of `size` leaves begins with the one of `old_size` (RFC 6962,
    /// section 2.1.2).
    pub fn consistency(old_size: u64, size: u64) -> Result<Self, ProofError> {
        if old_size > size {
            return Err(ProofError::OutOfRange {
                index: old_size,
                size,
            });
        }
        let mut plan = Self {
            size,
            parts: Vec::new(),
        };
        if old_size == 0 {
            return Ok(plan);
        }
        let (mut begin, mut end) = (0, size);
        while end > old_size {
            let middle = begin + split(end - begin);
            if old_size <= middle {
                plan.part(middle, end);
                end = middle;
            } else {
                plan.part(begin, middle);
                begin = middle;
            }
        }
        // The verifier knows the old tree's root; it is needed only as a part of it.
        if begin > 0 {
            plan.part(begin, end);
        }
        plan.parts.reverse();
        Ok(plan)
    }

    /// Adds the hash over these leaves; `begin` is where a whole subtree of that size may begin.
    fn part(&mut self, begin: u64, end: u64) {
        let mut subtrees = Vec::new();
        let mut at = begin;
        while at < end {
            let height = (end - at).ilog2();
            subtrees.push(Subtree {
                height,
                index: at >> height,
            });
            at += 1 << height;
        }
        if !subtrees.is_empty() {
            self.parts.push(subtrees);
        }
    }

    /// The tiles that the hashes are read from.
    pub fn tiles(&self) -> BTreeSet<Tile> {
        let places = self.parts.iter().flatten().map(|subtree| subtree.place());
        places
            .filter_map(|(level, index, _)| Tile::in_tree(level, index, self.size))
            .collect()
    }

    /// The hashes.
    pub fn hashes(&self, tiles: &Tiles) -> Result<Vec<Digest>, MissingTile> {
        let mut hashes = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let subtrees: Vec<_> = part
                .iter()
                .map(|subtree| tiles.subtree(*subtree))
                .collect::<Result<_, _>>()?;
            hashes.extend(joined(subtrees.into_iter()));
        }
        Ok(hashes)
    }
}

/// The largest power of two below this number of leaves.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// A tile with its hashes, to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTile {
    /// Where it is.
    pub tile: Tile,
    /// Its hashes, one after the other.
    pub bytes: Vec<u8>,
}

/// The right edge of a tree, where it grows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edge {
    size: u64,
    /// What the tile that is not full yet holds, level by level.
    levels: Vec<Vec<Digest>>,
    /// Tiles that have become full, or grown.
    full: Vec<NewTile>,
}

impl Edge {
    /// The places of the tiles at the edge of a tree of `size` leaves: those that are not full.
    pub fn tiles(size: u64) -> impl Iterator<Item = Tile> {
        (0..8_u8).filter_map(move |level| {
            let hashes = size >> (u32::from(level) * TILE_HEIGHT);
            Tile::in_tree(level, hashes / TILE_WIDTH, size)
        })
    }

    /// The edge of the tree of `size` leaves, from [`Edge::tiles`] of it.
    pub fn of(size: u64, tiles: &Tiles) -> Result<Self, MissingTile> {
        let mut levels = Vec::new();
        for tile in Self::tiles(size) {
            let missing = MissingTile {
                level: tile.level,
                index: tile.index,
            };
            let hashes = tiles.0.get(&(tile.level, tile.index)).ok_or(missing)?;
            let hashes = hashes.get(..usize::from(tile.width)).ok_or(missing)?;
            levels.resize_with(usize::from(tile.level), Vec::new);
            levels.push(hashes.to_vec());
        }
        Ok(Self {
            size,
            levels,
            full: Vec::new(),
        })
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut hash = leaf_hash(leaf);
        self.size += 1;
        for level in 0_u8.. {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(usize::from(level)) else {
                return;
            };
            hashes.push(hash);
            if (hashes.len() as u64) < TILE_WIDTH {
                return;
            }
            let Some(root) = whole_root(hashes) else {
                return;
            };
            hash = root;
            let width = u32::from(level + 1) * TILE_HEIGHT;
            let tile = Tile {
                level,
                index: (self.size >> width) - 1,
                width: 256,
            };
            self.full.push(NewTile {
                tile,
                bytes: bytes(hashes),
            });
            hashes.clear();
        }
    }

    /// The root.
    pub fn root(&self) -> Digest {
        let mut subtrees = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = hashes.as_slice();
            while let Some(height) = rest.len().checked_ilog2() {
                let Some((whole, others)) = rest.split_at_checked(1 << height) else {
                    break;
                };
                subtrees.extend(whole_root(whole));
                rest = others;
            }
        }
        joined(subtrees.into_iter()).unwrap_or_else(empty_root)
    }

    /// The tiles that have become full since the edge was read, and those that are not full now.
    pub fn changed(&self) -> Vec<NewTile> {
        let mut tiles = self.full.clone();
        for (hashes, level) in self.levels.iter().zip(0_u8..) {
            let index = (self.size >> (u32::from(level) * TILE_HEIGHT)) / TILE_WIDTH;
            tiles.extend(Tile::in_tree(level, index, self.size).map(|tile| NewTile {
                tile,
                bytes: bytes(hashes),
            }));
        }
        tiles
    }
}

fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

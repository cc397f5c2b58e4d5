//! The Merkle tree of RFC 6962: how leaves and nodes are hashed, and how proofs are verified.

use pressmark_model::Digest;

/// A proof that does not prove what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such leaf in a tree of this size.
    #[error("leaf {index} is not in a tree of {size}")]
    OutOfRange {
        /// The leaf, or the size of the older tree.
        index: u64,
        /// How many leaves the tree has.
        size: u64,
    },
    /// Too many hashes or too few.
    #[error("the proof has {found} hashes where {needed} are needed")]
    Length {
        /// How many there are.
        found: usize,
        /// How many there should be.
        needed: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// The hash of a leaf's bytes (RFC 6962, section 2.1).
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    Digest::of_pieces([[0].as_slice(), leaf])
}

/// The hash of a node over its two children (RFC 6962, section 2.1).
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_pieces([[1].as_slice(), left.as_bytes(), right.as_bytes()])
}

/// The root of the tree without a leaf (RFC 6962, section 2.1).
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// Joins neighbouring trees of falling size, the largest first, under one root.
pub(crate) fn joined(subtrees: impl DoubleEndedIterator<Item = Digest>) -> Option<Digest> {
    subtrees
        .rev()
        .reduce(|right, left| node_hash(&left, &right))
}

/// Verifies that the leaf with this hash stands at `index` in the tree of `size` leaves with this
/// root. The proof goes from the leaf's sibling up (RFC 6962, section 2.1.1).
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange { index, size });
    }
    // Up to where the leaf's way meets the right edge there is a sibling at every level; from
    // there on only on the left, where the index has a bit.
    let inner = bits(index ^ (size - 1));
    let border = ones(index.checked_shr(inner).unwrap_or(0));
    length(proof, inner + border)?;
    let hash = proof
        .iter()
        .zip(0_u32..)
        .fold(*leaf, |hash, (sibling, level)| {
            if level >= inner || index >> level & 1 == 1 {
                node_hash(sibling, &hash)
            } else {
                node_hash(&hash, sibling)
            }
        });
    if hash == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// Verifies that the tree of `size` leaves with this root begins with the tree of `old_size`
/// leaves with that root (RFC 6962, section 2.1.2).
pub fn verify_consistency(
    old_size: u64,
    size: u64,
    proof: &[Digest],
    old_root: &Digest,
    root: &Digest,
) -> Result<(), ProofError> {
    if old_size > size {
        return Err(ProofError::OutOfRange {
            index: old_size,
            size,
        });
    }
    if old_size == 0 || old_size == size {
        length(proof, 0)?;
        let same = if old_size == 0 {
            *old_root == empty_root()
        } else {
            old_root == root
        };
        return if same { Ok(()) } else { Err(ProofError::Root) };
    }
    let last = old_size - 1;
    let start_level = old_size.trailing_zeros();
    let inner = bits(last ^ (size - 1)).saturating_sub(start_level);
    let border = ones(last.checked_shr(inner + start_level).unwrap_or(0));
    // The old tree itself is the first hash, unless it is whole.
    let is_whole = old_size.is_power_of_two();
    length(proof, inner + border + u32::from(!is_whole))?;
    let (seed, rest) = match proof.split_first() {
        Some((first, rest)) if !is_whole => (*first, rest),
        _ => (*old_root, proof),
    };
    let (mut old, mut new) = (seed, seed);
    for (sibling, level) in rest.iter().zip(0_u32..) {
        if level >= inner || last >> (start_level + level) & 1 == 1 {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
        } else {
            new = node_hash(&new, sibling);
        }
    }
    if old == *old_root && new == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

fn length(proof: &[Digest], needed: u32) -> Result<(), ProofError> {
    let (found, needed) = (proof.len(), usize::try_from(needed).unwrap_or(usize::MAX));
    if found == needed {
        Ok(())
    } else {
        Err(ProofError::Length { found, needed })
    }
}

/// How many bits the number has.
fn bits(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

fn ones(number: u64) -> u32 {
    number.count_ones()
}

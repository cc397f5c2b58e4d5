//! Proof files: one leaf, the way from it to a signed checkpoint, and what it commits to
//! (`c2sp.org/tlog-proof`).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pressmark_model::Digest;

use crate::checkpoint::{Checkpoint, hash};
use crate::leaf::{LEAF_BYTES, Leaf, LeafError, Nonce, commitment};
use crate::merkle::{ProofError, leaf_hash, verify_inclusion};
use crate::note::{Note, NoteError, VerifyingKey};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof file.
///
/// Its extra data is the leaf, 58 bytes; then, unless they are erased, the nonce, 16 bytes, and the
/// record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The leaf as it stands in the log.
    pub leaf: Vec<u8>,
    /// The nonce and the record that the leaf commits to; `None` if they were erased.
    pub record: Option<(Nonce, Vec<u8>)>,
    /// The place of the leaf in the log.
    pub index: u64,
    /// The way to the root, from the leaf's sibling up.
    pub hashes: Vec<Digest>,
    /// The checkpoint that it leads to.
    pub checkpoint: Note,
}

/// What a proof proves, once it has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The leaf.
    pub leaf: Leaf,
    /// The record that it commits to.
    pub record: Option<Vec<u8>>,
}

/// A proof that must not be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not in the form of a proof file.
    #[error("not a proof file: {0}")]
    Form(&'static str),
    /// The checkpoint.
    #[error("the checkpoint cannot be believed: {0}")]
    Checkpoint(#[from] NoteError),
    /// The way to the root.
    #[error("the leaf is not in the log of the checkpoint: {0}")]
    Inclusion(#[from] ProofError),
    /// The leaf.
    #[error("the leaf cannot be read: {0}")]
    Leaf(#[from] LeafError),
    /// The record.
    #[error("the leaf does not commit to the record")]
    Commitment,
}

impl Proof {
    /// Verifies it, with nothing but the public keys of the log.
    pub fn verify(&self, keys: &[VerifyingKey]) -> Result<Proven, VerifyError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, keys)?;
        let hash = leaf_hash(&self.leaf);
        let Checkpoint { size, root, .. } = &checkpoint;
        verify_inclusion(&hash, self.index, *size, &self.hashes, root)?;
        let leaf = Leaf::from_bytes(&self.leaf)?;
        let record = match &self.record {
            Some((nonce, record)) if commitment(nonce, record) != leaf.commitment => {
                return Err(VerifyError::Commitment);
            }
            Some((_, record)) => Some(record.clone()),
            None => None,
        };
        Ok(Proven {
            checkpoint,
            leaf,
            record,
        })
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut extra = self.leaf.clone();
        if let Some((nonce, record)) = &self.record {
            extra.extend_from_slice(nonce);
            extra.extend_from_slice(record);
        }
        writeln!(f, "{HEADER}")?;
        writeln!(f, "extra {}", STANDARD.encode(extra))?;
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", STANDARD.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Proof {
    type Err = VerifyError;

    fn from_str(text: &str) -> Result<Self, VerifyError> {
        let form = VerifyError::Form;
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(form("no empty line stands before the checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(form("its first line is another one"));
        }
        let extra = lines
            .next()
            .and_then(|line| line.strip_prefix("extra "))
            .and_then(|extra| STANDARD.decode(extra).ok())
            .ok_or(form("it does not carry its leaf as extra data"))?;
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(|text| Some((text, text.parse::<u64>().ok()?)))
            .filter(|(text, index)| index.to_string() == *text)
            .ok_or(form("it has no index"))?;
        let hashes = lines
            .map(hash)
            .collect::<Option<_>>()
            .ok_or(form("a line is no hash"))?;
        let (leaf, rest) = extra
            .split_at_checked(LEAF_BYTES)
            .ok_or(form("its extra data is shorter than a leaf"))?;
        let record = match rest.split_first_chunk::<16>() {
            Some((nonce, record)) => Some((*nonce, record.to_vec())),
            None if rest.is_empty() => None,
            None => return Err(form("its extra data ends within the nonce")),
        };
        Ok(Self {
            leaf: leaf.to_vec(),
            record,
            index: index.1,
            hashes,
            checkpoint: checkpoint.parse()?,
        })
    }
}

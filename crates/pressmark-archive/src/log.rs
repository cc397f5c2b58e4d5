//! The logs that the ledger is published as.
//!
//! There is one, until it cannot be signed any more without forking it: an older backup was
//! restored, or its key was lost. Then another log goes on where the checkpoint that is at hand
//! ends, behind a leaf of its own that holds this checkpoint.

use pressmark_model::{Digest, LeafIndex, Timestamp};
use pressmark_proof::{Nonce, Note, VerifyingKey};

/// A log, as far as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The first is 1.
    pub number: i64,
    /// Its name: random, and that of its keys.
    pub origin: String,
    /// The first leaf of the ledger that is in it.
    pub begins_at: LeafIndex,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Its own first leaf; the first log has none.
    pub front: Option<Front>,
    /// Its last checkpoint; none before the first.
    pub head: Option<Head>,
    /// Its public keys, the oldest first.
    pub keys: Vec<LogKey>,
}

/// The leaf that a log has in front of those of the ledger, with what it commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// The leaf.
    pub leaf: Vec<u8>,
    /// Its record, a [`pressmark_proof::ContinuationRecord`].
    pub record: Vec<u8>,
    /// What hides the record.
    pub nonce: Nonce,
}

/// How far a log was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many leaves it has, its own included.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
    /// When, never before the checkpoint before it.
    pub sealed_at: Timestamp,
    /// The checkpoint as it was signed.
    pub checkpoint: String,
}

/// A public key of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// The key, `name+id+key`.
    pub key: String,
    /// The leaf that made it known; none for the key that the log was opened with.
    pub leaf: Option<LeafIndex>,
}

/// A log to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLog {
    /// One more than the last one's.
    pub number: i64,
    /// See [`Log::origin`].
    pub origin: String,
    /// Its first public key.
    pub key: String,
    /// See [`Log::begins_at`].
    pub begins_at: LeafIndex,
    /// When.
    pub opened_at: Timestamp,
    /// See [`Log::front`].
    pub front: Option<Front>,
}

/// A tile as it is stored, perhaps wider than a checkpoint needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTile {
    /// Its level.
    pub level: u8,
    /// Its place in its level.
    pub index: u64,
    /// Its hashes, 32 bytes each.
    pub hashes: Vec<u8>,
}

/// Rows that sums are taken of when they are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SummedRows {
    /// Versions, by their leaves.
    Versions,
    /// Captures, by their ids, with their WARC records.
    Captures,
    /// Changes, by their leaves.
    Changes,
    /// Redactions, by their leaves, with what their articles must not come back by.
    Redactions,
}

impl SummedRows {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Versions,
        Self::Captures,
        Self::Changes,
        Self::Redactions,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Versions => "version",
            Self::Captures => "capture",
            Self::Changes => "change",
            Self::Redactions => "redaction",
        }
    }
}

/// A row that is not as it was when its sum was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongSum {
    /// Its leaf, or its id.
    pub id: i64,
    /// How it is not.
    pub fault: SumFault,
}

/// How a row and its sum do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SumFault {
    /// There is no such row any more.
    NoRow,
    /// The row has none, and later ones have: it was taken out.
    NoSum,
    /// A column is not what it was, or does not follow from another one.
    Differs,
}

impl Log {
    /// How many leaves were sealed, the log's own included.
    pub fn size(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.size)
    }

    /// How many leaves it has in front of those of the ledger.
    pub(crate) fn own(&self) -> u64 {
        u64::from(self.front.is_some())
    }

    /// The leaf of the ledger after the last one that was sealed in it.
    pub fn end(&self) -> LeafIndex {
        let sealed = self.size().saturating_sub(self.own());
        LeafIndex(self.begins_at.0.saturating_add_unsigned(sealed))
    }

    /// The place of a leaf of the ledger in this log, if it was sealed in it.
    pub fn position(&self, leaf: LeafIndex) -> Option<u64> {
        let after = u64::try_from(leaf.0.checked_sub(self.begins_at.0)?).ok()?;
        (leaf < self.end()).then(|| after + self.own())
    }

    /// The leaf of the ledger at this place; `None` for the log's own.
    pub fn leaf_at(&self, position: u64) -> Option<LeafIndex> {
        let after = position.checked_sub(self.own())?;
        Some(LeafIndex(self.begins_at.0.checked_add_unsigned(after)?))
    }

    /// Its public keys; one that cannot be read is left out.
    pub fn public_keys(&self) -> Vec<VerifyingKey> {
        self.keys
            .iter()
            .filter_map(|key| key.key.parse().ok())
            .collect()
    }

    /// The part of its name that is random: its name in addresses.
    pub fn short_name(&self) -> &str {
        self.origin.rsplit('/').next().unwrap_or(&self.origin)
    }

    /// Whether each of these keys has signed the head.
    pub(crate) fn is_signed_by(&self, keys: &[pressmark_proof::SigningKey]) -> bool {
        let note = self
            .head
            .as_ref()
            .and_then(|head| head.checkpoint.parse::<Note>().ok());
        note.is_some_and(|note| {
            let mut keys = keys.iter().map(pressmark_proof::SigningKey::public);
            keys.all(|key| note.signatures.iter().any(|by| by.id == key.id()))
        })
    }
}

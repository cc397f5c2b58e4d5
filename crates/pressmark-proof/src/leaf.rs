//! Leaves: 58 bytes each, stored as they were written.

use pressmark_model::{Digest, LeafIndex};

/// The first byte of a leaf of this format.
const FORMAT: u8 = 1;
/// How many bytes a leaf has.
pub const LEAF_BYTES: usize = 1 + 16 + 8 + 1 + 32;

/// The 16 random bytes that hide a record in its leaf.
pub type Nonce = [u8; 16];

/// The random name of an archive, made with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArchiveId(pub [u8; 16]);

/// What a leaf is about. The numbers stand in the log for good: none is ever used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LeafKind {
    /// A version of an article.
    Version = 1,
    /// The manifest of a version's images and other media, once they have settled.
    Media = 2,
    /// An article that its outlet took away.
    Tombstone = 3,
    /// A text that the law had erased: its record and nonce are gone.
    Redaction = 4,
    /// Stored captures that a later extractor read again: a manifest of versions and texts.
    Reextraction = 5,
    /// A source that goes by another name from here on.
    SourceRenamed = 6,
    /// A key that signs checkpoints from here on.
    Key = 7,
    /// The first leaf of a log that continues another one: it holds that log's last checkpoint.
    Continuation = 8,
}

impl LeafKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Version,
        Self::Media,
        Self::Tombstone,
        Self::Redaction,
        Self::Reextraction,
        Self::SourceRenamed,
        Self::Key,
        Self::Continuation,
    ];

    /// The kind with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// The name in messages and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Media => "media",
            Self::Tombstone => "tombstone",
            Self::Redaction => "redaction",
            Self::Reextraction => "re-extraction",
            Self::SourceRenamed => "source renamed",
            Self::Key => "key",
            Self::Continuation => "continuation",
        }
    }
}

/// One leaf of the ledger: format (1 byte), archive (16), index (8, big endian), kind (1),
/// commitment (32).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// The archive it belongs to.
    pub archive: ArchiveId,
    /// Its place in the ledger.
    pub index: LeafIndex,
    /// What it is about.
    pub kind: LeafKind,
    /// `SHA-256(nonce ‖ record)`.
    pub commitment: Digest,
}

/// Bytes that are no leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not as long as a leaf.
    #[error("a leaf has {LEAF_BYTES} bytes, these are {0}")]
    Length(usize),
    /// A format that this program does not know.
    #[error("unknown leaf format {0}")]
    Format(u8),
    /// A kind that this program does not know.
    #[error("unknown leaf kind {0}")]
    Kind(u8),
}

/// What a leaf says of a record: `SHA-256(nonce ‖ record)`.
pub fn commitment(nonce: &Nonce, record: &[u8]) -> Digest {
    Digest::of_pieces([nonce.as_slice(), record])
}

impl Leaf {
    /// The leaf as it stands in the log.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LEAF_BYTES);
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.archive.0);
        bytes.extend_from_slice(&self.index.0.to_be_bytes());
        bytes.push(self.kind as u8);
        bytes.extend_from_slice(self.commitment.as_bytes());
        bytes
    }

    /// Reads a leaf.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LeafError> {
        let wrong_length = || LeafError::Length(bytes.len());
        let bytes: &[u8; LEAF_BYTES] = bytes.try_into().map_err(|_| wrong_length())?;
        let (&[format], rest) = bytes.split_first_chunk::<1>().ok_or_else(wrong_length)?;
        if format != FORMAT {
            return Err(LeafError::Format(format));
        }
        let (archive, rest) = rest.split_first_chunk::<16>().ok_or_else(wrong_length)?;
        let (index, rest) = rest.split_first_chunk::<8>().ok_or_else(wrong_length)?;
        let (&[kind], rest) = rest.split_first_chunk::<1>().ok_or_else(wrong_length)?;
        let commitment: [u8; 32] = rest.try_into().map_err(|_| wrong_length())?;
        Ok(Self {
            archive: ArchiveId(*archive),
            index: LeafIndex(i64::from_be_bytes(*index)),
            kind: LeafKind::from_number(kind).ok_or(LeafError::Kind(kind))?,
            commitment: Digest::from_bytes(commitment),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back() {
        for (number, kind) in (1..).zip(LeafKind::ALL) {
            assert_eq!(kind as u8, number);
            let leaf = Leaf {
                archive: ArchiveId([3; 16]),
                index: LeafIndex(0),
                kind,
                commitment: commitment(&[9; 16], b"{}"),
            };
            assert_eq!(Leaf::from_bytes(&leaf.to_bytes()), Ok(leaf));
        }
    }

    #[test]
    fn foreign_bytes_are_refused() {
        let leaf = Leaf {
            archive: ArchiveId([3; 16]),
            index: LeafIndex(258),
            kind: LeafKind::Version,
            commitment: commitment(&[9; 16], b"{}"),
        };
        let bytes = leaf.to_bytes();
        assert_eq!(&bytes[..1], [1]);
        assert_eq!(&bytes[17..25], [0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(Leaf::from_bytes(&bytes), Ok(leaf));
        assert_eq!(Leaf::from_bytes(&bytes[1..]), Err(LeafError::Length(57)));
        let mut other = bytes.clone();
        other[0] = 2;
        assert_eq!(Leaf::from_bytes(&other), Err(LeafError::Format(2)));
        let mut other = bytes;
        other[25] = 99;
        assert_eq!(Leaf::from_bytes(&other), Err(LeafError::Kind(99)));
    }
}

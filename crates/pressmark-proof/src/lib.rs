//! The ledger: leaves, the records they commit to, the Merkle tree over them, signed checkpoints,
//! and proofs that anyone can verify.
//!
//! A [`Leaf`] stands in the public log and hides what must be erasable: it commits to a record
//! (such as [`VersionRecord`]) by `SHA-256(nonce ‖ record)`. The record and its nonce live in the
//! catalog and in proof files; without them the leaf tells nothing of what was archived.
//!
//! The log is laid out as `c2sp.org/tlog-tiles` says, over hashes of RFC 6962: [`Edge`] grows it,
//! [`Plan`] reads roots and proofs from its tiles, [`Checkpoint`] says its size and root in a
//! signed [`Note`], and a [`Proof`] leads from one leaf to a checkpoint. A [`Stamp`] is what a time
//! stamping authority says of a checkpoint (RFC 3161).
//!
//! ```
//! use pressmark_model::LeafIndex;
//! use pressmark_proof::{
//!     ArchiveId, Checkpoint, Edge, Leaf, LeafKind, Plan, Proof, SigningKey, Tiles, commitment,
//! };
//!
//! let (nonce, record) = ([1; 16], br#"{"article":1}"#.to_vec());
//! let leaf = Leaf {
//!     archive: ArchiveId([7; 16]),
//!     index: LeafIndex(0),
//!     kind: LeafKind::Version,
//!     commitment: commitment(&nonce, &record),
//! }
//! .to_bytes();
//!
//! let mut log = Edge::default();
//! log.push(&leaf);
//! let key = SigningKey::new("log.example/news", [3; 32]).unwrap();
//! let checkpoint = Checkpoint {
//!     origin: key.public().name().to_owned(),
//!     size: log.size(),
//!     root: log.root(),
//! };
//! let proof = Proof {
//!     leaf,
//!     record: Some((nonce, record)),
//!     index: 0,
//!     hashes: Plan::inclusion(0, 1).unwrap().hashes(&Tiles::default()).unwrap(),
//!     checkpoint: checkpoint.sign(&[key.clone()]).unwrap(),
//! };
//! let file: Proof = proof.to_string().parse().unwrap();
//! assert_eq!(file.verify(&[key.public().clone()]).unwrap().checkpoint, checkpoint);
//! ```

mod checkpoint;
mod leaf;
mod merkle;
mod note;
mod notice;
mod proof;
mod record;
mod ssh;
mod stamp;
mod tile;

pub use checkpoint::Checkpoint;
pub use leaf::{ArchiveId, LEAF_BYTES, Leaf, LeafError, LeafKind, Nonce, commitment};
pub use merkle::{
    ProofError, empty_root, leaf_hash, node_hash, verify_consistency, verify_inclusion,
};
pub use note::{Note, NoteError, Signature, SigningKey, VerifyingKey};
pub use notice::{
    MediaItem, MediaRecord, Presence, RedactionRecord, ReextractionRecord, TombstoneRecord,
    manifest_line,
};
pub use proof::{Proof, Proven, VerifyError};
pub use record::{
    ClockDoubt, ContinuationRecord, KeyRecord, RecordError, SignedMark, VersionDetails,
    VersionRecord,
};
pub use ssh::{allowed_signer, ssh_public_key, ssh_signature};
pub use stamp::{DerError, Signer, Stamp, StampError, StampQuery};
pub use tile::{Edge, MissingTile, NewTile, Plan, TILE_WIDTH, Tile, Tiles, bundle};

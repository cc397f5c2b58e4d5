//! The ledger's leaves and the records they commit to.
//!
//! A [`Leaf`] stands in the public log and hides what must be erasable: it commits to a
//! [`VersionRecord`] by `SHA-256(nonce ‖ record)`. The record and its nonce live in the catalog
//! and in proof files; without them the leaf tells nothing of what was archived.
//!
//! ```
//! use pressmark_model::LeafIndex;
//! use pressmark_proof::{ArchiveId, Leaf, LeafKind, commitment};
//!
//! let leaf = Leaf {
//!     archive: ArchiveId([7; 16]),
//!     index: LeafIndex(0),
//!     kind: LeafKind::Version,
//!     commitment: commitment(&[1; 16], br#"{"article":1}"#),
//! };
//! let bytes = leaf.to_bytes();
//! assert_eq!(bytes.len(), 58);
//! assert_eq!(Leaf::from_bytes(&bytes).unwrap(), leaf);
//! ```

mod leaf;
mod record;

pub use leaf::{ArchiveId, Leaf, LeafError, LeafKind, Nonce, commitment};
pub use record::{RecordError, VersionRecord};

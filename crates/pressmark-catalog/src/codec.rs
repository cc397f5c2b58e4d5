//! How values are written that no column type has: compressed texts, JSON, keys of any length.

use std::borrow::Cow;
use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;

use pressmark_archive::commit::{Commit, Decision};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_model::{Article, Digest};
use serde::Serialize;
use zstd::bulk::Compressor;

const LEVEL: i32 = 3;
/// The longest key that is stored as it is. PostgreSQL has no room in an index for more than
/// about 2700 bytes.
const LONGEST_KEY: usize = 1024;
const EXCERPT_CHARS: usize = 300;

/// The compressed texts of a decision.
#[derive(Debug)]
pub(crate) struct Packed {
    /// The plain text.
    pub(crate) text: Vec<u8>,
    /// The HTML.
    pub(crate) html: Vec<u8>,
}

/// So many commits are worth a thread of their own.
const WORTH_A_THREAD: usize = 8;

/// The compressed texts of the versions in a batch, in its order; `None` for what is no version.
/// Compressing is the largest single cost of a large batch: the cores share it.
pub(crate) fn pack(batch: &[Commit]) -> Result<Vec<Option<Packed>>, CatalogError> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = batch.len().div_ceil(cores).max(WORTH_A_THREAD);
    let Some((own, others)) = batch.split_at_checked(share) else {
        return pack_share(batch);
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = others
            .chunks(share)
            .map(|share| scope.spawn(|| pack_share(share)))
            .collect();
        let mut packed = pack_share(own)?;
        for other in others {
            let share = other.join().unwrap_or_else(|panic| resume_unwind(panic));
            packed.extend(share?);
        }
        Ok(packed)
    })
}

fn pack_share(batch: &[Commit]) -> Result<Vec<Option<Packed>>, CatalogError> {
    let drafts = batch.iter().map(|commit| match &commit.decision {
        Decision::First { version, .. } | Decision::Next { version, .. } => Some(version),
        Decision::Unchanged { .. }
        | Decision::Suspect { .. }
        | Decision::Absent { .. }
        | Decision::Failed { .. } => None,
    });
    drafts
        .map(|draft| draft.map(|draft| pack_one(&draft.article)).transpose())
        .collect()
}

/// The compressed text and HTML of one article.
pub(crate) fn pack_one(article: &Article) -> Result<Packed, CatalogError> {
    let pack = || -> std::io::Result<_> {
        Ok(Packed {
            text: compress(&article.text)?,
            html: compress(&article.html)?,
        })
    };
    pack().map_err(|error| CatalogError::Database {
        action: "compress a text",
        source: error.into(),
    })
}

thread_local! {
    /// To make a compressor takes as long as to compress a short text.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

fn compress(text: &str) -> std::io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(compressor) => compressor,
            None => kept.insert(Compressor::new(LEVEL)?),
        };
        compressor.compress(text.as_bytes())
    })
}

/// A text that was compressed by [`pack`].
pub(crate) fn unpack(frame: &[u8]) -> Result<String, String> {
    let bytes = zstd::decode_all(frame).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// A value as JSON text.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, CatalogError> {
    serde_json::to_string(value).map_err(|error| CatalogError::Database {
        action: "write a value as JSON",
        source: error.into(),
    })
}

/// A key as it is stored: a long one, or one that PostgreSQL cannot hold, by its digest.
pub(crate) fn stored_key(key: &str) -> Cow<'_, str> {
    if key.len() <= LONGEST_KEY && !key.contains('\0') {
        Cow::Borrowed(key)
    } else {
        Cow::Owned(Digest::of(key.as_bytes()).to_string())
    }
}

/// A text for show, without the NUL that PostgreSQL cannot hold.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// The first characters of a text.
pub(crate) fn excerpt(text: &str) -> &str {
    match text.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => text.split_at_checked(end).map_or(text, |(head, _)| head),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_unstorable_keys_are_kept_apart_by_their_digests() {
        assert_eq!(stored_key("guid:7"), "guid:7");
        let long = "x".repeat(LONGEST_KEY + 1);
        let longer = "x".repeat(LONGEST_KEY + 2);
        assert!(stored_key(&long).len() < 100);
        assert_ne!(stored_key(&long), stored_key(&longer));
        assert!(!stored_key("a\0b").contains('\0'));
    }

    #[test]
    fn an_excerpt_ends_between_characters() {
        assert_eq!(excerpt("短"), "短");
        let text = "文".repeat(301);
        assert_eq!(excerpt(&text).chars().count(), 300);
    }

    #[test]
    fn a_damaged_frame_is_an_error() {
        let frame = zstd::bulk::compress("正文".as_bytes(), LEVEL).unwrap();
        assert_eq!(unpack(&frame), Ok("正文".to_owned()));
        assert!(unpack(&frame[..frame.len() - 1]).is_err());
        assert!(unpack(b"plain").is_err());
    }
}

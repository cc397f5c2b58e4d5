//! The segments: each is read whole once, when the first capture in it is checked.

use std::collections::BTreeMap;
use std::pin::pin;

use bytes::Bytes;
use futures::StreamExt as _;
use pressmark_model::Digest;

use super::{Check, caused};
use crate::segment::SegmentError;

/// The segments that there are, or should be, and the one that was read last.
pub(super) struct Shelf {
    known: BTreeMap<Digest, Segment>,
    open: Option<(Digest, Bytes)>,
}

#[derive(Clone, Copy, Default)]
struct Segment {
    referenced: bool,
    /// Whether it could be read, once that was tried.
    readable: Option<bool>,
}

impl Shelf {
    /// The segments that are there before the first capture is looked at: those that are stored
    /// later are nobody's fault.
    pub(super) async fn list(check: &mut Check<'_>) -> Result<Self, SegmentError> {
        let mut known = BTreeMap::new();
        let mut list = pin!(check.archive.segments.list());
        while let Some(found) = list.next().await {
            match found {
                Ok((segment, _)) => {
                    known.insert(segment, Segment::default());
                }
                Err(error) if known.is_empty() => return Err(error),
                Err(error) => {
                    let problem = format!("they cannot all be listed: {}", caused(&error));
                    check.find("segments", problem);
                }
            }
        }
        Ok(Self { known, open: None })
    }

    /// A capture is in this segment.
    pub(super) fn refer(&mut self, segment: &Digest) {
        if let Some(known) = self.known.get_mut(segment) {
            known.referenced = true;
        }
    }

    /// Whether the segment could be read when it was tried.
    pub(super) fn is_readable(&self, segment: &Digest) -> bool {
        let known = self.known.get(segment);
        known.is_some_and(|known| known.readable == Some(true))
    }

    /// The bytes of a segment that a capture is in, if it is at hand or was not read before.
    pub(super) async fn open(&mut self, check: &mut Check<'_>, segment: Digest) -> Option<Bytes> {
        let known = self.known.entry(segment).or_default();
        known.referenced = true;
        if known.readable.is_none() {
            let bytes = read(check, &segment).await;
            known.readable = Some(bytes.is_some());
            self.open = bytes.map(|bytes| (segment, bytes));
        }
        let (open, bytes) = self.open.as_ref()?;
        (*open == segment).then(|| bytes.clone())
    }

    /// Reads the segments that no capture led to.
    pub(super) async fn read_the_rest(self, check: &mut Check<'_>) {
        for (segment, known) in self.known {
            if known.readable.is_none() {
                read(check, &segment).await;
            }
            if !known.referenced {
                check.report.unreferenced_segments += 1;
            }
        }
    }
}

/// Reads a segment and compares its digest.
async fn read(check: &mut Check<'_>, segment: &Digest) -> Option<Bytes> {
    let what = format!("segment {segment}");
    match check.archive.segments.bytes(segment).await {
        Ok(bytes) => {
            check.report.segments += 1;
            check.report.bytes += bytes.len() as u64;
            if Digest::of(&bytes) != *segment {
                check.find(what, "its bytes do not have its digest");
            }
            Some(bytes)
        }
        Err(object_store::Error::NotFound { .. }) => {
            check.find(what, "it is missing");
            None
        }
        Err(error) => {
            check.find(what, format!("it cannot be read: {error}"));
            None
        }
    }
}

//! Segments: immutable `.warc.gz` files, written once and named by the digest of their bytes.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions};
use pressmark_model::{Digest, Timestamp, WebUrl};
use pressmark_warc::{Fault, ReadError, Record, RecordId, Stored, WriteError, Writer};

use crate::capture::{RecordKind, StoredRecord};

/// Why a segment could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The store said no: disk full, folder gone, bucket refused.
    #[error("storing raw captures failed")]
    Store(#[from] object_store::Error),
    /// A record cannot be written as WARC.
    #[error("writing a WARC record failed")]
    Write(#[from] WriteError),
    /// A stored record cannot be read.
    #[error("the WARC record `{id}` cannot be read")]
    Read {
        /// Its id.
        id: String,
        /// What is wrong.
        #[source]
        source: ReadError,
    },
    /// The bytes at a record's place are another record's.
    #[error("the WARC record `{id}` is not at its place in segment {segment}")]
    Misplaced {
        /// The id that should be there.
        id: String,
        /// Where.
        segment: Digest,
    },
}

impl SegmentError {
    /// Whether the disk itself failed: `EIO`, which is how a failed `fsync` is told.
    pub(crate) fn is_input_or_output(&self) -> bool {
        const EIO: i32 = 5;
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            if let Some(io) = error.downcast_ref::<std::io::Error>()
                && io.raw_os_error() == Some(EIO)
            {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// Where segments are kept: any object store that makes a finished `put` durable.
#[derive(Debug, Clone)]
pub struct Segments {
    store: Arc<dyn ObjectStore>,
}

impl Segments {
    /// Segments in this store.
    pub const fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    /// Stores a segment; it is durable when this returns. The same bytes again are no error.
    pub async fn put(&self, bytes: Bytes) -> Result<Digest, SegmentError> {
        let digest = Digest::of(&bytes);
        let create = PutOptions::from(PutMode::Create);
        match self
            .store
            .put_opts(&path(&digest), bytes.into(), create)
            .await
        {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(digest),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads one record, and makes sure that its bytes are those that were written.
    pub async fn record(&self, place: &StoredRecord) -> Result<Stored, SegmentError> {
        let range = Range {
            start: place.offset,
            end: place.offset + place.length,
        };
        let bytes = self.store.get_range(&path(&place.segment), range).await?;
        read_member(place, &bytes)
    }

    /// The whole segment: a few megabytes, or a single capture if that is larger. Its digest is
    /// the caller's to compare.
    pub async fn bytes(&self, segment: &Digest) -> object_store::Result<Bytes> {
        self.store.get(&path(segment)).await?.bytes().await
    }

    /// The segments that were written before this moment, by the store's clock.
    pub async fn written_before(&self, moment: Timestamp) -> Result<Vec<Digest>, SegmentError> {
        let mut found = Vec::new();
        let mut list = self.store.list(Some(&Path::from("segments")));
        while let Some(meta) = list.try_next().await? {
            let name = meta.location.filename().unwrap_or_default();
            let name = name.strip_suffix(".warc.gz").unwrap_or_default();
            let is_old = meta.last_modified.timestamp_micros() < moment.micros();
            if let (true, Ok(segment)) = (is_old, format!("sha256:{name}").parse()) {
                found.push(segment);
            }
        }
        Ok(found)
    }

    /// Removes a segment that nothing refers to any more; one that is not there is no error.
    pub(crate) async fn remove(&self, segment: &Digest) -> Result<(), SegmentError> {
        match self.store.delete(&path(segment)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The names and sizes in bytes of all segments.
    pub fn list(&self) -> impl Stream<Item = Result<(Digest, u64), SegmentError>> + '_ {
        self.store
            .list(Some(&Path::from("segments")))
            .filter_map(|found| async move {
                match found {
                    Ok(meta) => {
                        let name = meta.location.filename()?.strip_suffix(".warc.gz")?;
                        let digest = format!("sha256:{name}").parse().ok()?;
                        Some(Ok((digest, meta.size)))
                    }
                    Err(error) => Some(Err(error.into())),
                }
            })
    }
}

/// Reads one record out of its segment, as [`Segments::record`] does.
pub(crate) fn record_in(place: &StoredRecord, segment: &[u8]) -> Result<Stored, SegmentError> {
    let start = usize::try_from(place.offset).ok();
    let length = usize::try_from(place.length).ok();
    let member = start
        .zip(length)
        .and_then(|(start, length)| segment.get(start..)?.get(..length));
    let member = member.ok_or_else(|| SegmentError::Read {
        id: place.id.clone(),
        source: ReadError {
            offset: place.offset,
            fault: Fault::Cut,
        },
    })?;
    read_member(place, member)
}

fn read_member(place: &StoredRecord, member: &[u8]) -> Result<Stored, SegmentError> {
    let unreadable = |source| SegmentError::Read {
        id: place.id.clone(),
        source,
    };
    let stored = Stored::from_range(member, place.offset).map_err(unreadable)?;
    stored.verify().map_err(unreadable)?;
    // What it states is what its bytes have: they need not be hashed once more.
    let digest = stored.block_digest.as_deref().map(str::parse);
    let same = stored.record.id.to_string() == place.id && digest == Some(Ok(place.block_digest));
    if same {
        Ok(stored)
    } else {
        Err(SegmentError::Misplaced {
            id: place.id.clone(),
            segment: place.segment,
        })
    }
}

/// Where a segment is in the store.
pub fn path(segment: &Digest) -> Path {
    let hex = segment.hex();
    let shard: String = hex.chars().take(2).collect();
    Path::from_iter(["segments", &shard, &format!("{hex}.warc.gz")])
}

/// A segment in the making, in memory.
#[derive(Debug)]
pub(crate) struct Draft {
    writer: Writer<Vec<u8>>,
    info: RecordId,
}

/// A record in a segment that has no name yet.
#[derive(Debug)]
pub(crate) struct Unplaced {
    id: RecordId,
    kind: RecordKind,
    url: WebUrl,
    at: Timestamp,
    block_digest: Digest,
    offset: u64,
    length: u64,
}

impl Draft {
    /// A segment that begins with its `warcinfo` record.
    pub(crate) fn new(id: RecordId, at: Timestamp) -> Result<Self, WriteError> {
        let fields = [
            ("software", concat!("Pressmark/", env!("CARGO_PKG_VERSION"))),
            ("format", "WARC File Format 1.1"),
            (
                "conformsTo",
                "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            ),
        ];
        let mut writer = Writer::new(Vec::new());
        writer.write(&Record::warcinfo(id, at, &fields))?;
        Ok(Self { writer, info: id })
    }

    /// Appends a record.
    pub(crate) fn append(
        &mut self,
        mut record: Record,
        kind: RecordKind,
        url: &WebUrl,
    ) -> Result<Unplaced, WriteError> {
        record.warcinfo = Some(self.info);
        let written = self.writer.write(&record)?;
        Ok(Unplaced {
            id: record.id,
            kind,
            url: url.clone(),
            at: record.date,
            block_digest: written.block_digest,
            offset: written.offset,
            length: written.length,
        })
    }

    /// The finished file.
    pub(crate) fn finish(self) -> Bytes {
        self.writer.into_inner().into()
    }
}

impl Unplaced {
    /// The record's place, once its segment has a name.
    pub(crate) fn placed(self, segment: Digest) -> StoredRecord {
        StoredRecord {
            id: self.id.to_string(),
            kind: self.kind,
            url: self.url,
            at: self.at,
            block_digest: self.block_digest,
            segment,
            offset: self.offset,
            length: self.length,
        }
    }
}

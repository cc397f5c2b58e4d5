//! Captures: where the raw bytes of a fetch are kept.

use pressmark_model::{CaptureId, Digest, Timestamp, WebUrl};

/// A capture whose WARC records are durable and that is not in the catalog yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCapture {
    /// The address that was asked for.
    pub url: WebUrl,
    /// The address that answered.
    pub final_url: WebUrl,
    /// When the answer was complete.
    pub at: Timestamp,
    /// The HTTP status; 0 for what did not come over HTTP.
    pub status: u16,
    /// The media type as the server wrote it.
    pub content_type: Option<String>,
    /// The `WARC-Payload-Digest` of the page's record: of the body as it came over the wire.
    pub payload_digest: Digest,
    /// Whether the clock that its time was read from was far from those of the servers.
    pub clock_doubtful: bool,
    /// Its records in the order of the segment; the last response, revisit, resource
    /// or conversion is the page's own.
    pub records: Vec<StoredRecord>,
}

/// Where one WARC record is. The place may change when segments are compacted; the rest may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// `<urn:uuid:…>`, as it stands in the record.
    pub id: String,
    /// Its `WARC-Type`.
    pub kind: RecordKind,
    /// Its `WARC-Target-URI`.
    pub url: WebUrl,
    /// Its `WARC-Date`.
    pub at: Timestamp,
    /// Its `WARC-Block-Digest`.
    pub block_digest: Digest,
    /// The segment: the digest of the `.warc.gz` file.
    pub segment: Digest,
    /// Where its gzip member begins, in bytes.
    pub offset: u64,
    /// How long its gzip member is, in bytes.
    pub length: u64,
}

/// The WARC types that captures consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// An HTTP request.
    Request,
    /// An HTTP answer.
    Response,
    /// An HTTP answer whose payload another record holds.
    Revisit,
    /// A file that did not come over HTTP.
    Resource,
    /// What a page showed once its scripts had run.
    Conversion,
}

impl RecordKind {
    /// Whether it holds a page that can be read again.
    pub(crate) fn is_page(self) -> bool {
        matches!(self, Self::Response | Self::Conversion)
    }

    /// The `WARC-Type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Revisit => "revisit",
            Self::Resource => "resource",
            Self::Conversion => "conversion",
        }
    }

    /// The kind with this `WARC-Type`.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Request,
            Self::Response,
            Self::Revisit,
            Self::Resource,
            Self::Conversion,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }
}

/// A capture in the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureRecord {
    /// Its row.
    pub id: CaptureId,
    /// What it holds.
    pub capture: NewCapture,
}

impl NewCapture {
    /// The record that holds (or, a revisit, refers to) the page itself.
    pub fn page_record(&self) -> Option<&StoredRecord> {
        self.records
            .iter()
            .rev()
            .find(|record| record.kind != RecordKind::Request)
    }
}

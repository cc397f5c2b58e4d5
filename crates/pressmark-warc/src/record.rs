//! The record: what one entry of a WARC file says.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use pressmark_model::{Digest, Timestamp};
use uuid::{Builder, Uuid};

use crate::http;

/// The name of a record, `<urn:uuid:…>` (WARC 1.1, 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(Uuid);

/// A text that is no `urn:uuid` name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a record id of the form `<urn:uuid:…>`: `{0}`")]
pub struct ParseRecordIdError(String);

impl RecordId {
    /// A version 4 UUID (RFC 9562, 5.4) from 16 bytes of chance.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(Builder::from_random_bytes(bytes).into_uuid())
    }

    /// A version 7 UUID (RFC 9562, 5.7): it sorts by `at`, to the millisecond.
    pub fn from_time(at: Timestamp, chance: [u8; 10]) -> Self {
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        Self(Builder::from_unix_timestamp_millis(millis, &chance).into_uuid())
    }

    /// An id that was stored as its 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<urn:uuid:{}>", self.0)
    }
}

impl FromStr for RecordId {
    type Err = ParseRecordIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix("<urn:uuid:")
            .and_then(|rest| rest.strip_suffix('>'))
            .and_then(|uuid| Uuid::try_parse(uuid).ok())
            .map(Self)
            .ok_or_else(|| ParseRecordIdError(text.to_owned()))
    }
}

/// What a record holds (WARC 1.1, 6). `continuation` is not among them: records are never split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordType {
    /// What made the records after it.
    Warcinfo,
    /// The request as it was sent.
    Request,
    /// The response as it was received.
    Response,
    /// A response whose content stands in an earlier record.
    Revisit,
    /// Something about another record.
    Metadata,
    /// A file that came by no protocol.
    Resource,
    /// Another form of an earlier record.
    Conversion,
}

impl RecordType {
    const ALL: [Self; 7] = [
        Self::Warcinfo,
        Self::Request,
        Self::Response,
        Self::Revisit,
        Self::Metadata,
        Self::Resource,
        Self::Conversion,
    ];

    /// The value of `WARC-Type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warcinfo => "warcinfo",
            Self::Request => "request",
            Self::Response => "response",
            Self::Revisit => "revisit",
            Self::Metadata => "metadata",
            Self::Resource => "resource",
            Self::Conversion => "conversion",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Why a block is shorter than what there was to keep (WARC 1.1, 5.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Truncation {
    /// Longer than the limit.
    Length,
    /// Slower than the limit.
    Time,
    /// The connection ended early.
    Disconnect,
    /// Another reason.
    Unspecified,
}

impl Truncation {
    const ALL: [Self; 4] = [
        Self::Length,
        Self::Time,
        Self::Disconnect,
        Self::Unspecified,
    ];

    /// The value of `WARC-Truncated`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Time => "time",
            Self::Disconnect => "disconnect",
            Self::Unspecified => "unspecified",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// How it is known that a revisit's content is that of an earlier record (WARC 1.1, 6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevisitProfile {
    /// The payload came again and has the same digest.
    IdenticalPayloadDigest,
    /// The server answered 304.
    ServerNotModified,
}

impl RevisitProfile {
    const ALL: [Self; 2] = [Self::IdenticalPayloadDigest, Self::ServerNotModified];

    /// The value of `WARC-Profile`.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::IdenticalPayloadDigest => {
                "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
            }
            Self::ServerNotModified => {
                "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
            }
        }
    }

    pub(crate) fn of_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.uri() == uri)
    }
}

/// The earlier record that a revisit stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revisit {
    /// How the content is known to be the same.
    pub profile: RevisitProfile,
    /// `WARC-Refers-To`: the earlier record.
    pub refers_to: RecordId,
    /// `WARC-Refers-To-Target-URI`: its address.
    pub refers_to_target: String,
    /// `WARC-Refers-To-Date`: its date.
    pub refers_to_date: Timestamp,
    /// `WARC-Payload-Digest`: the digest of the payload that is left out.
    pub payload_digest: Option<Digest>,
}

/// A WARC record. Its digests and its length are not fields: they follow from the block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `WARC-Record-ID`.
    pub id: RecordId,
    /// `WARC-Type`.
    pub record_type: RecordType,
    /// `WARC-Date`: when the capture began.
    pub date: Timestamp,
    /// `WARC-Target-URI`.
    pub target: Option<String>,
    /// `WARC-IP-Address`: the server that was asked.
    pub ip: Option<IpAddr>,
    /// `WARC-Warcinfo-ID`.
    pub warcinfo: Option<RecordId>,
    /// `WARC-Concurrent-To`: the other records of the same capture.
    pub concurrent_to: Vec<RecordId>,
    /// `WARC-Truncated`.
    pub truncated: Option<Truncation>,
    /// The fields of a `revisit` record.
    pub revisit: Option<Revisit>,
    /// `Content-Type` of the block.
    pub content_type: Option<String>,
    /// Any other fields, in order; a name may stand more than once.
    pub other: Vec<(String, String)>,
    /// The content: for HTTP the message as it was on the wire, transfer coding included.
    pub block: Vec<u8>,
}

impl Record {
    /// A record with a block and nothing said about it.
    pub fn new(record_type: RecordType, id: RecordId, date: Timestamp, block: Vec<u8>) -> Self {
        Self {
            id,
            record_type,
            date,
            target: None,
            ip: None,
            warcinfo: None,
            concurrent_to: Vec::new(),
            truncated: None,
            revisit: None,
            content_type: None,
            other: Vec::new(),
            block,
        }
    }

    /// The first record of a file: named fields about what wrote it (WARC 1.1, 6.2). A line break
    /// in a value becomes a space.
    pub fn warcinfo(id: RecordId, date: Timestamp, fields: &[(&str, &str)]) -> Self {
        let mut block = String::new();
        for (name, value) in fields {
            block.extend([name, ": ", &value.replace(['\r', '\n'], " "), "\r\n"]);
        }
        let mut record = Self::new(RecordType::Warcinfo, id, date, block.into_bytes());
        record.content_type = Some("application/warc-fields".to_owned());
        record
    }

    /// An HTTP request as it was sent.
    pub fn request(id: RecordId, date: Timestamp, target: String, block: Vec<u8>) -> Self {
        Self::http(RecordType::Request, id, date, target, block)
    }

    /// An HTTP response as it was received.
    pub fn response(id: RecordId, date: Timestamp, target: String, block: Vec<u8>) -> Self {
        Self::http(RecordType::Response, id, date, target, block)
    }

    /// An HTTP response whose body stands in an earlier record; `head` is its status line and
    /// headers, blank line included.
    pub fn revisit(
        id: RecordId,
        date: Timestamp,
        target: String,
        revisit: Revisit,
        head: Vec<u8>,
    ) -> Self {
        let mut record = Self::http(RecordType::Revisit, id, date, target, head);
        record.revisit = Some(revisit);
        record
    }

    fn http(
        record_type: RecordType,
        id: RecordId,
        date: Timestamp,
        target: String,
        block: Vec<u8>,
    ) -> Self {
        let msgtype = if record_type == RecordType::Request {
            "request"
        } else {
            "response"
        };
        let mut record = Self::new(record_type, id, date, block);
        record.target = Some(target);
        record.content_type = Some(format!("application/http;msgtype={msgtype}"));
        record
    }

    /// What `WARC-Payload-Digest` covers: of an HTTP message all that follows the blank line after
    /// its headers, as it was on the wire; of a resource or conversion the block. WARC 1.1 would
    /// have the chunked coding taken off first, but what checks the digests (warcio) and what
    /// writes them leave it on, and a digest that fails everywhere proves nothing.
    pub fn payload(&self) -> Option<&[u8]> {
        match self.record_type {
            RecordType::Request | RecordType::Response => {
                let http = self
                    .content_type
                    .as_deref()?
                    .starts_with("application/http");
                http.then(|| http::split_head(&self.block).1)
            }
            RecordType::Resource | RecordType::Conversion => Some(&self.block),
            RecordType::Warcinfo | RecordType::Revisit | RecordType::Metadata => None,
        }
    }

    /// What `WARC-Payload-Digest` says: the digest of the payload, or, for a revisit, that of the
    /// payload it stands for.
    pub fn payload_digest(&self) -> Option<Digest> {
        match &self.revisit {
            Some(revisit) => revisit.payload_digest,
            None => self.payload().map(Digest::of),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_what_is_handed_in() {
        let random = RecordId::from_random([0xff; 16]);
        assert_eq!(
            random.to_string(),
            "<urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff>"
        );
        let timed = RecordId::from_time(Timestamp::from_millis(0x0123_4567_89ab), [0; 10]);
        assert_eq!(
            timed.to_string(),
            "<urn:uuid:01234567-89ab-7000-8000-000000000000>"
        );
        assert_eq!(timed.to_string().parse(), Ok(timed));
        assert_eq!(RecordId::from_bytes(*timed.as_bytes()), timed);
        for wrong in [
            "",
            "<urn:uuid:>",
            "urn:uuid:01234567-89ab-7000-8000-000000000000",
            "<a>",
        ] {
            assert!(wrong.parse::<RecordId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_payload_is_what_follows_the_headers() {
        let id = RecordId::from_bytes([1; 16]);
        let block = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_vec();
        let record = Record::response(id, Timestamp::EPOCH, "http://a.test/".into(), block);
        assert_eq!(record.payload(), Some(b"3\r\nabc\r\n0\r\n\r\n".as_slice()));
        let cut = Record {
            block: b"HTTP/1.1 200 OK\r\nA: b".to_vec(),
            ..record
        };
        assert_eq!(cut.payload_digest(), Some(Digest::of(b"")));
        let info = Record::warcinfo(id, Timestamp::EPOCH, &[("software", "a\r\nb: c")]);
        assert_eq!(info.block, b"software: a  b: c\r\n");
        assert_eq!(info.payload_digest(), None);
    }
}

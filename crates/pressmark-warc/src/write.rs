//! Writing records, each a gzip member of its own.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use pressmark_model::Digest;

use crate::Record;

/// Writes records one after the other and keeps count of the bytes.
///
/// The same records give the same bytes: field order is fixed and the gzip members carry no time.
#[derive(Debug)]
pub struct Writer<W> {
    inner: W,
    offset: u64,
}

/// Where a record went, and what it is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The first byte of its gzip member, counted from where the writer began.
    pub offset: u64,
    /// The length of its gzip member in bytes.
    pub length: u64,
    /// The digest of its block.
    pub block_digest: Digest,
    /// What its `WARC-Payload-Digest` says.
    pub payload_digest: Option<Digest>,
}

/// A record that could not be written. Nothing but an error of the sink leaves a part of it there.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A field that would break the header: a line break or another control character in it, or a
    /// name that is no token.
    #[error("the WARC field `{name}` cannot be written: `{value}`")]
    Field {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// The sink failed.
    #[error("writing a WARC record")]
    Io(#[from] io::Error),
}

impl<W: Write> Writer<W> {
    /// A writer whose first record is at offset 0.
    pub const fn new(inner: W) -> Self {
        Self { inner, offset: 0 }
    }

    /// Bytes written so far.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Writes a record, whole or, when the sink does not fail, not at all.
    pub fn write(&mut self, record: &Record) -> Result<Written, WriteError> {
        let block_digest = Digest::of(&record.block);
        let payload_digest = record.payload_digest();
        let header = header(record, block_digest, payload_digest)?;

        let mut member = GzEncoder::new(Vec::new(), Compression::default());
        member.write_all(header.as_bytes())?;
        member.write_all(&record.block)?;
        member.write_all(b"\r\n\r\n")?;
        let member = member.finish()?;

        self.inner.write_all(&member)?;
        let length = member.len() as u64;
        let written = Written {
            offset: self.offset,
            length,
            block_digest,
            payload_digest,
        };
        self.offset += length;
        Ok(written)
    }

    /// The sink.
    pub fn into_inner(self) -> W {
        self.inner
    }
}

fn header(
    record: &Record,
    block_digest: Digest,
    payload_digest: Option<Digest>,
) -> Result<String, WriteError> {
    let mut header = Header("WARC/1.1\r\n".to_owned());
    header.field("WARC-Type", record.record_type.name())?;
    header.field("WARC-Record-ID", &record.id.to_string())?;
    header.field("WARC-Date", &record.date.to_string())?;
    if let Some(target) = &record.target {
        header.field("WARC-Target-URI", target)?;
    }
    if let Some(ip) = record.ip {
        header.field("WARC-IP-Address", &ip.to_string())?;
    }
    if let Some(warcinfo) = record.warcinfo {
        header.field("WARC-Warcinfo-ID", &warcinfo.to_string())?;
    }
    for other in &record.concurrent_to {
        header.field("WARC-Concurrent-To", &other.to_string())?;
    }
    if let Some(revisit) = &record.revisit {
        header.field("WARC-Profile", revisit.profile.uri())?;
        header.field("WARC-Refers-To", &revisit.refers_to.to_string())?;
        header.field("WARC-Refers-To-Target-URI", &revisit.refers_to_target)?;
        header.field("WARC-Refers-To-Date", &revisit.refers_to_date.to_string())?;
    }
    if let Some(reason) = record.truncated {
        header.field("WARC-Truncated", reason.name())?;
    }
    header.field("WARC-Block-Digest", &block_digest.to_string())?;
    if let Some(digest) = payload_digest {
        header.field("WARC-Payload-Digest", &digest.to_string())?;
    }
    for (name, value) in &record.other {
        header.field(name, value)?;
    }
    if let Some(content_type) = &record.content_type {
        header.field("Content-Type", content_type)?;
    }
    header.field("Content-Length", &record.block.len().to_string())?;
    header.0.push_str("\r\n");
    Ok(header.0)
}

struct Header(String);

impl Header {
    fn field(&mut self, name: &str, value: &str) -> Result<(), WriteError> {
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty()
            || !name.chars().all(token)
            || value.chars().any(char::is_control)
            || value.trim() != value
        {
            return Err(WriteError::Field {
                name: name.to_owned(),
                value: value.to_owned(),
            });
        }
        self.0.extend([name, ": ", value, "\r\n"]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use pressmark_model::Timestamp;

    use super::*;
    use crate::{RecordId, RecordType, Truncation};

    fn record() -> Record {
        Record {
            target: Some("http://a.test/".into()),
            content_type: Some("text/plain".into()),
            truncated: Some(Truncation::Time),
            other: vec![("X-A".into(), "1".into()), ("X-A".into(), "2".into())],
            concurrent_to: vec![RecordId::from_bytes([2; 16]), RecordId::from_bytes([3; 16])],
            ..Record::new(
                RecordType::Resource,
                RecordId::from_bytes([1; 16]),
                Timestamp::from_micros(1_500_000),
                b"abc".to_vec(),
            )
        }
    }

    #[test]
    fn the_order_of_the_fields_is_fixed() {
        let record = record();
        let text = header(&record, Digest::of(b"abc"), record.payload_digest()).unwrap();
        assert_eq!(
            text,
            "WARC/1.1\r\n\
             WARC-Type: resource\r\n\
             WARC-Record-ID: <urn:uuid:01010101-0101-0101-0101-010101010101>\r\n\
             WARC-Date: 1970-01-01T00:00:01.5Z\r\n\
             WARC-Target-URI: http://a.test/\r\n\
             WARC-Concurrent-To: <urn:uuid:02020202-0202-0202-0202-020202020202>\r\n\
             WARC-Concurrent-To: <urn:uuid:03030303-0303-0303-0303-030303030303>\r\n\
             WARC-Truncated: time\r\n\
             WARC-Block-Digest: sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n\
             WARC-Payload-Digest: sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n\
             X-A: 1\r\n\
             X-A: 2\r\n\
             Content-Type: text/plain\r\n\
             Content-Length: 3\r\n\
             \r\n"
        );
    }

    #[test]
    fn a_field_cannot_smuggle_in_another() {
        let mut writer = Writer::new(Vec::new());
        for target in [
            "http://a.test/\r\nWARC-Type: request",
            "http://a.test/\n",
            " x",
        ] {
            let record = Record {
                target: Some(target.into()),
                ..record()
            };
            assert!(
                matches!(writer.write(&record), Err(WriteError::Field { .. })),
                "{target}"
            );
        }
        for name in ["", "A B", "A:", "Ä"] {
            let record = Record {
                other: vec![(name.into(), "1".into())],
                ..record()
            };
            assert!(
                matches!(writer.write(&record), Err(WriteError::Field { .. })),
                "{name}"
            );
        }
        assert_eq!(writer.offset(), 0);
        assert!(writer.into_inner().is_empty());
    }

    #[test]
    fn offsets_and_lengths_meet() {
        let mut writer = Writer::new(Vec::new());
        let first = writer.write(&record()).unwrap();
        let second = writer.write(&record()).unwrap();
        assert_eq!((first.offset, second.offset), (0, first.length));
        assert_eq!(writer.offset(), first.length + second.length);
        assert_eq!(
            writer.into_inner().len() as u64,
            first.length + second.length
        );
    }

    /// Takes one byte at a time.
    struct Short(Vec<u8>);

    impl Write for Short {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend(bytes.first());
            Ok(bytes.len().min(1))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_sink_that_takes_little_gets_everything() {
        let mut whole = Writer::new(Vec::new());
        let mut short = Writer::new(Short(Vec::new()));
        assert_eq!(
            whole.write(&record()).unwrap(),
            short.write(&record()).unwrap()
        );
        assert_eq!(whole.into_inner(), short.into_inner().0);
    }
}

//! Reading records back, from gzip members or from a plain stream.

use std::io::{self, BufRead, BufReader, Read};
use std::str::FromStr as _;

use flate2::bufread::GzDecoder;
use pressmark_model::{Digest, OffsetTimestamp, Timestamp};

use crate::fields::{Fields, MAX_HEAD};
use crate::{Record, RecordType, Revisit, RevisitProfile, Truncation};

/// A record as it was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its first byte in the file.
    pub offset: u64,
    /// Its length in the file in bytes: that of its gzip member, or, in a plain file, that of the
    /// record with the two line breaks after it.
    pub length: u64,
    /// What it says.
    pub record: Record,
    /// `WARC-Block-Digest` as written.
    pub block_digest: Option<String>,
    /// `WARC-Payload-Digest` as written.
    pub payload_digest: Option<String>,
}

/// What is wrong in a WARC file, and where.
#[derive(Debug, thiserror::Error)]
#[error("WARC record at byte {offset}: {fault}")]
pub struct ReadError {
    /// The first byte of the record.
    pub offset: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a record.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Something else stands there.
    #[error("neither a gzip member nor a record begins here")]
    NotWarc,
    /// The file ends too early.
    #[error("the file ends within the record")]
    Cut,
    /// The gzip member is damaged.
    #[error("the gzip member is damaged: {0}")]
    Gzip(io::Error),
    /// A line of the header is no `name: value` in UTF-8.
    #[error("the header has a line that is no field: `{0}`")]
    Line(String),
    /// The header goes on for too long.
    #[error("the header is longer than {MAX_HEAD} bytes")]
    LongHeader,
    /// A field that must be there is not.
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    /// A field that may stand once stands twice.
    #[error("the field `{0}` stands more than once")]
    Repeated(&'static str),
    /// A field has a value that cannot be read.
    #[error("the field `{name}` cannot be read: `{value}`")]
    Invalid {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The block is longer than the reader's limit.
    #[error("the block has {length} bytes, more than the limit of {max}")]
    TooLarge {
        /// `Content-Length`.
        length: u64,
        /// The limit in bytes.
        max: u64,
    },
    /// The block does not end where `Content-Length` says.
    #[error("the block is not followed by two line breaks: its length is wrong")]
    NoEnd,
    /// Something follows the record where nothing should.
    #[error("something follows the record in its gzip member or range")]
    Trailing,
    /// The bytes are not those that the digest was taken of.
    #[error("`{name}` is `{stated}`, but the bytes give `{computed}`")]
    Digest {
        /// The name of the field.
        name: &'static str,
        /// What it says.
        stated: String,
        /// The digest of the bytes.
        computed: Digest,
    },
    /// The file could not be read.
    #[error("reading it: {0}")]
    Io(io::Error),
}

/// Reads one record after the other. After a record that is damaged inside a sound gzip member it
/// goes on with the next; after any other damage it ends.
#[derive(Debug)]
pub struct Reader<R> {
    input: Counted<R>,
    max_block: u64,
    ended: bool,
}

const MAX_BLOCK: u64 = 1 << 30;

impl<R: BufRead> Reader<R> {
    /// A reader from the first byte of a file. Blocks of more than 1 GiB are refused.
    pub const fn new(input: R) -> Self {
        Self {
            input: Counted {
                inner: input,
                at: 0,
            },
            max_block: MAX_BLOCK,
            ended: false,
        }
    }

    /// The same reader with another limit for a block, in bytes.
    #[must_use]
    pub const fn with_max_block(mut self, max: u64) -> Self {
        self.max_block = max;
        self
    }

    fn read_next(&mut self) -> Result<Option<(Record, Digests)>, Fault> {
        let first = self.input.fill_buf().map_err(Fault::Io)?.first().copied();
        match first {
            None => Ok(None),
            Some(0x1f) => self.read_member().map(Some),
            Some(b'W') => {
                self.ended = true;
                let record = read_record(&mut self.input, self.max_block)?;
                self.ended = false;
                Ok(Some(record))
            }
            Some(_) => {
                self.ended = true;
                Err(Fault::NotWarc)
            }
        }
    }

    fn read_member(&mut self) -> Result<(Record, Digests), Fault> {
        self.ended = true;
        let mut member = BufReader::new(GzDecoder::new(&mut self.input));
        let record = read_record(&mut member, self.max_block);
        // The checksum stands after the last byte, so a member is sound once it was read to its end.
        let rest = io::copy(&mut member, &mut io::sink()).map_err(io_fault)?;
        self.ended = false;
        if record.is_ok() && rest > 0 {
            Err(Fault::Trailing)
        } else {
            record
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Stored, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let offset = self.input.at;
        match self.read_next() {
            Ok(None) => None,
            Ok(Some((record, digests))) => {
                let length = self.input.at - offset;
                let Digests { block, payload } = digests;
                let stored = Stored {
                    offset,
                    length,
                    record,
                    block_digest: block,
                    payload_digest: payload,
                };
                Some(Ok(stored))
            }
            Err(fault) => Some(Err(ReadError { offset, fault })),
        }
    }
}

impl Stored {
    /// Reads the one record that `bytes` hold, such as a single gzip member cut out of a file.
    /// `offset` is where they stand in the file.
    pub fn from_range(bytes: &[u8], offset: u64) -> Result<Self, ReadError> {
        let wrong = |fault| ReadError { offset, fault };
        let stored = match Reader::new(bytes).next() {
            None => return Err(wrong(Fault::Cut)),
            Some(Err(error)) => return Err(wrong(error.fault)),
            Some(Ok(stored)) => stored,
        };
        if stored.length != bytes.len() as u64 {
            return Err(wrong(Fault::Trailing));
        }
        Ok(Self { offset, ..stored })
    }

    /// Compares the digests with the bytes. A block digest must be there; a payload digest only
    /// counts if it is, and that of a revisit is of bytes that stand elsewhere.
    pub fn verify(&self) -> Result<(), ReadError> {
        let wrong = |fault| ReadError {
            offset: self.offset,
            fault,
        };
        let check = |name, stated: &str, bytes: &[u8]| {
            let computed = Digest::of(bytes);
            if stated.parse() == Ok(computed) {
                return Ok(());
            }
            Err(wrong(Fault::Digest {
                name,
                stated: stated.to_owned(),
                computed,
            }))
        };
        let stated = self.block_digest.as_deref();
        let stated = stated.ok_or_else(|| wrong(Fault::Missing("WARC-Block-Digest")))?;
        check("WARC-Block-Digest", stated, &self.record.block)?;
        match (&self.payload_digest, self.record.payload()) {
            (Some(stated), Some(payload)) => check("WARC-Payload-Digest", stated, payload),
            _ => Ok(()),
        }
    }
}

struct Digests {
    block: Option<String>,
    payload: Option<String>,
}

fn read_record(reader: &mut impl BufRead, max_block: u64) -> Result<(Record, Digests), Fault> {
    let mut fields = Fields::read(reader)?;
    let length: u64 = fields.required("Content-Length")?;
    let mut record = Record {
        id: fields.required("WARC-Record-ID")?,
        record_type: fields.required_by("WARC-Type", RecordType::of_name)?,
        date: fields.required_by("WARC-Date", parse_date)?,
        target: fields.optional("WARC-Target-URI")?,
        ip: fields.optional("WARC-IP-Address")?,
        warcinfo: fields.optional("WARC-Warcinfo-ID")?,
        concurrent_to: fields.every("WARC-Concurrent-To")?,
        truncated: fields.optional_by("WARC-Truncated", Truncation::of_name)?,
        revisit: None,
        content_type: fields.optional("Content-Type")?,
        other: Vec::new(),
        block: Vec::new(),
    };
    let digests = Digests {
        block: fields.optional("WARC-Block-Digest")?,
        payload: fields.optional("WARC-Payload-Digest")?,
    };
    if record.record_type == RecordType::Revisit {
        record.revisit = Some(read_revisit(&mut fields, digests.payload.as_deref())?);
    }
    record.other = fields.into_rest();

    if length > max_block {
        return Err(Fault::TooLarge {
            length,
            max: max_block,
        });
    }
    reader
        .by_ref()
        .take(length)
        .read_to_end(&mut record.block)
        .map_err(io_fault)?;
    if record.block.len() as u64 != length {
        return Err(Fault::Cut);
    }
    let mut end = [0; 4];
    reader.read_exact(&mut end).map_err(io_fault)?;
    if end == *b"\r\n\r\n" {
        Ok((record, digests))
    } else {
        Err(Fault::NoEnd)
    }
}

fn read_revisit(fields: &mut Fields, payload_digest: Option<&str>) -> Result<Revisit, Fault> {
    let name = "WARC-Payload-Digest";
    let payload_digest = payload_digest
        .map(|value| {
            value.parse().map_err(|_| Fault::Invalid {
                name,
                value: value.to_owned(),
            })
        })
        .transpose()?;
    Ok(Revisit {
        profile: fields.required_by("WARC-Profile", RevisitProfile::of_uri)?,
        refers_to: fields.required("WARC-Refers-To")?,
        refers_to_target: fields.required("WARC-Refers-To-Target-URI")?,
        refers_to_date: fields.required_by("WARC-Refers-To-Date", parse_date)?,
        payload_digest,
    })
}

fn parse_date(text: &str) -> Option<Timestamp> {
    OffsetTimestamp::from_str(text)
        .ok()
        .map(OffsetTimestamp::at)
}

pub(crate) fn io_fault(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Fault::Cut,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Fault::Gzip(error),
        _ => Fault::Io(error),
    }
}

#[derive(Debug)]
struct Counted<R> {
    inner: R,
    at: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
        self.inner.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn plain(fields: &str, block: &str) -> Vec<u8> {
        let mut text = String::from("WARC/1.1\r\n");
        write!(
            text,
            "{fields}Content-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
        .unwrap();
        text.into_bytes()
    }

    const FIELDS: &str = "WARC-Type: metadata\r\n\
        WARC-Record-ID: <urn:uuid:01010101-0101-0101-0101-010101010101>\r\n\
        warc-date: 2026-01-31T12:00:00.25Z\r\n";

    fn fault(bytes: &[u8]) -> String {
        let mut reader = Reader::new(bytes).with_max_block(100);
        reader.next().unwrap().unwrap_err().to_string()
    }

    #[test]
    fn a_plain_stream_is_read() {
        let one = plain(FIELDS, "one");
        let two = [one.as_slice(), &plain(FIELDS, "two\r\n\r\n")].concat();
        let records: Vec<Stored> = Reader::new(two.as_slice()).map(Result::unwrap).collect();
        assert_eq!(records.len(), 2);
        assert_eq!(
            (records[1].offset, records[0].length),
            (one.len() as u64, one.len() as u64)
        );
        assert_eq!(records[1].record.block, b"two\r\n\r\n");
        assert_eq!(
            records[0].record.date.to_string(),
            "2026-01-31T12:00:00.25Z"
        );
        let error = records[1].verify().unwrap_err();
        let said = "WARC record at byte 160: the field `WARC-Block-Digest` is missing";
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn every_fault_says_where_and_what() {
        let with = |fields: &str| fault(&plain(&format!("{FIELDS}{fields}"), "x"));
        let at = "WARC record at byte 0: ";
        for (said, expected) in [
            (
                fault(b"<html>"),
                "neither a gzip member nor a record begins here",
            ),
            (
                fault(b"WARC/2.0\r\n\r\n"),
                "neither a gzip member nor a record begins here",
            ),
            (fault(b"\x1f\x8b\x08"), "the file ends within the record"),
            (
                fault(b"WARC/1.1\r\nWARC-Ty"),
                "the file ends within the record",
            ),
            (
                fault(b"WARC/1.1\r\n\r\n"),
                "the field `Content-Length` is missing",
            ),
            (
                fault(b"WARC/1.1\r\nA: b\n\r\n"),
                "the header has a line that is no field: `A: b\n`",
            ),
            (
                with("no field\r\n"),
                "the header has a line that is no field: `no field`",
            ),
            (
                with("WARC-Type: request\r\n"),
                "the field `WARC-Type` stands more than once",
            ),
            (
                with("WARC-IP-Address: ::z\r\n"),
                "the field `WARC-IP-Address` cannot be read: `::z`",
            ),
            (
                fault(&plain(FIELDS, &"x".repeat(101))),
                "the block has 101 bytes, more than the limit of 100",
            ),
            (
                fault(&plain(FIELDS, "x")[..155]),
                "the file ends within the record",
            ),
        ] {
            assert_eq!(said.strip_prefix(at), Some(expected));
        }
        let mut long = plain(FIELDS, "xxx");
        let at_length = long.windows(3).position(|three| three == b": 3").unwrap();
        long[at_length + 2] = b'2';
        assert!(
            fault(&long).ends_with("its length is wrong"),
            "{}",
            fault(&long)
        );
        let endless = [b"WARC/1.1\r\nA: ".as_slice(), &vec![b'x'; 70_000]].concat();
        assert!(fault(&endless).ends_with("the header is longer than 65536 bytes"));
    }

    #[test]
    fn a_read_error_of_the_file_is_not_taken_for_damage() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from(io::ErrorKind::PermissionDenied))
            }
        }
        let mut reader = Reader::new(BufReader::new(Broken));
        assert!(matches!(
            reader.next().unwrap().unwrap_err().fault,
            Fault::Io(_)
        ));
    }
}

//! WARC 1.1: reading and writing, and the HTTP messages inside.
//!
//! A record is a block of bytes with a header that says what they are. A file is a row of records,
//! each a gzip member of its own, so that any one can be read, copied or left out by its byte range.
//! The block of a response is what was on the wire, byte for byte; digests are `sha256:` and
//! lower-case hexadecimal, of the block and of the payload, as `warcio check` verifies them.
//!
//! Nothing here makes a random number or reads a clock: ids and dates are handed in.
//!
//! ```
//! use pressmark_model::Timestamp;
//! use pressmark_warc::{HttpResponse, Reader, Record, RecordId, Stored, Writer};
//!
//! let id = RecordId::from_time(Timestamp::from_seconds(1_800_000_000), [7; 10]);
//! let date = Timestamp::from_seconds(1_800_000_000);
//! let wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnews\r\n0\r\n\r\n";
//! let record = Record::response(id, date, "https://a.example/".into(), wire.to_vec());
//!
//! let mut writer = Writer::new(Vec::new());
//! let written = writer.write(&record)?;
//! let file = writer.into_inner();
//!
//! let stored = Stored::from_range(&file, written.offset)?;
//! stored.verify()?;
//! assert_eq!(stored.record, record);
//! assert_eq!(HttpResponse::parse(&stored.record.block)?.body, b"news".as_slice());
//! assert_eq!(Reader::new(file.as_slice()).count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod coding;

mod cdxj;
mod fields;
mod http;
mod read;
mod record;
mod write;

pub use cdxj::{IndexEntry, sort_key};
pub use http::{HttpError, HttpResponse, final_response, split_head};
pub use read::{Fault, ReadError, Reader, Stored};
pub use record::{
    ParseRecordIdError, Record, RecordId, RecordType, Revisit, RevisitProfile, Truncation,
};
pub use write::{WriteError, Writer, Written};

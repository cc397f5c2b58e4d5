//! The judgement of `warcio check` (<https://github.com/webrecorder/warcio>).

use std::io::Write as _;
use std::process::{Command, Output};

use pressmark_model::{Digest, Timestamp};
use pressmark_warc::{
    Record, RecordId, RecordType, Revisit, RevisitProfile, Truncation, Writer, split_head,
};

const PLAIN: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nwhole";
const CHUNKED: &[u8] =
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n3;x=y\r\nabc\r\n0\r\n\r\n";
const TARGET: &str = "https://news.test/2026/文章?a=b&c";
const DATE: Timestamp = Timestamp::from_micros(1_800_000_000_123_456);

fn id(number: u8) -> RecordId {
    RecordId::from_random([number; 16])
}

/// Each form that a response can take, and its name.
fn responses() -> Vec<(&'static str, Record)> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&b"many words ".repeat(99)).unwrap();
    let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".as_slice();
    let zipped = [head, &gzip.finish().unwrap()].concat();
    let trailer = [&CHUNKED[..CHUNKED.len() - 2], b"A: b\r\n\r\n"].concat();
    let forms: [(_, &[u8], _); 14] = [
        ("plain", PLAIN, None),
        ("chunked", CHUNKED, None),
        ("chunked with a trailer", &trailer, None),
        ("gzip", &zipped, None),
        ("no body", b"HTTP/1.1 204 No Content\r\n\r\n", None),
        ("bare line feeds", b"HTTP/1.1 200 OK\nA: b\n\nbody", None),
        (
            "latin 1 header",
            b"HTTP/1.1 200 OK\r\nX: caf\xe9\r\n\r\nbody",
            None,
        ),
        (
            "odd blank line",
            b"HTTP/1.1 200 OK\r\nA: b\r\n  \r\nbody",
            None,
        ),
        (
            "cut at a length",
            &PLAIN[..PLAIN.len() - 2],
            Some(Truncation::Length),
        ),
        (
            "cut in a chunk",
            &CHUNKED[..57],
            Some(Truncation::Disconnect),
        ),
        ("cut in gzip", &zipped[..60], Some(Truncation::Time)),
        (
            "cut after the head",
            &PLAIN[..PLAIN.len() - 5],
            Some(Truncation::Disconnect),
        ),
        (
            "cut in the head",
            &PLAIN[..40],
            Some(Truncation::Disconnect),
        ),
        ("nothing", b"", Some(Truncation::Unspecified)),
    ];
    (1..)
        .zip(forms)
        .map(|(number, (name, wire, truncated))| {
            let record = Record::response(id(number), DATE, TARGET.into(), wire.to_vec());
            (
                name,
                Record {
                    truncated,
                    ..record
                },
            )
        })
        .collect()
}

fn records() -> Vec<(&'static str, Record)> {
    let mut all = responses();
    let revisit = |profile, payload_digest| Revisit {
        profile,
        refers_to: id(1),
        refers_to_target: TARGET.into(),
        refers_to_date: DATE,
        payload_digest,
    };
    let identical = revisit(
        RevisitProfile::IdenticalPayloadDigest,
        Some(Digest::of(b"whole")),
    );
    let unchanged = revisit(RevisitProfile::ServerNotModified, None);
    let head = PLAIN[..PLAIN.len() - 5].to_vec();
    let get = b"GET /2026 HTTP/1.1\r\nHost: news.test\r\n\r\n".to_vec();
    let post = b"POST / HTTP/1.1\r\nHost: news.test\r\nContent-Length: 3\r\n\r\na=b".to_vec();
    let other = |kind, number, block: &[u8]| Record::new(kind, id(number), DATE, block.to_vec());
    all.extend([
        (
            "warcinfo",
            Record::warcinfo(id(20), DATE, &[("software", "pressmark")]),
        ),
        ("request", Record::request(id(21), DATE, TARGET.into(), get)),
        ("post", Record::request(id(22), DATE, TARGET.into(), post)),
        (
            "identical",
            Record::revisit(id(23), DATE, TARGET.into(), identical, head),
        ),
        (
            "unchanged",
            Record::revisit(id(24), DATE, TARGET.into(), unchanged, Vec::new()),
        ),
        ("metadata", other(RecordType::Metadata, 25, b"via: x\r\n")),
        ("resource", other(RecordType::Resource, 26, b"\0\x01")),
        ("conversion", other(RecordType::Conversion, 27, b"text")),
    ]);
    all
}

fn check(file: &[u8]) -> Option<Output> {
    let mut path = tempfile::Builder::new()
        .suffix(".warc.gz")
        .tempfile()
        .unwrap();
    path.write_all(file).unwrap();
    let output = Command::new("python3")
        .args(["-m", "warcio.cli", "check", "-v"])
        .arg(path.path())
        .output()
        .ok()
        .filter(|output| !String::from_utf8_lossy(&output.stderr).contains("No module named"));
    #[expect(
        clippy::disallowed_methods,
        reason = "says whether a missing tool fails the test"
    )]
    let required = std::env::var("PRESSMARK_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    if output.is_none() {
        assert!(!required, "warcio is needed: pip install warcio");
        eprintln!("SKIP: warcio is not installed, nothing judged what we write");
    }
    output
}

#[test]
fn warcio_finds_no_fault_with_any_record() {
    let records = records();
    let mut writer = Writer::new(Vec::new());
    for (_, record) in &records {
        writer.write(record).unwrap();
    }
    let Some(output) = check(&writer.into_inner()) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let noise = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && noise.is_empty(), "{said}{noise}");
    let mut lines = said.lines().skip(1);
    for (name, record) in &records {
        let (line, verdict) = (lines.next().unwrap(), lines.next().unwrap().trim());
        assert!(line.contains(&record.id.to_string()), "{name}: {line}");
        let expected = match &record.revisit {
            None => "digest pass",
            Some(_) => "digest present but not checked (revisit)",
        };
        assert_eq!(verdict, expected, "{name}");
    }
    assert_eq!(lines.next(), None);
}

/// A plain file with one response, whose payload digest is that of `payload`.
fn plain_file(block: &[u8], payload: &[u8]) -> Vec<u8> {
    let header = format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: {}\r\nWARC-Date: {DATE}\r\n\
         WARC-Target-URI: https://news.test/\r\nWARC-Payload-Digest: {}\r\n\
         Content-Type: application/http;msgtype=response\r\nContent-Length: {}\r\n\r\n",
        id(1),
        Digest::of(payload),
        block.len()
    );
    [header.as_bytes(), block, b"\r\n\r\n"].concat()
}

#[test]
fn warcio_takes_the_payload_digest_with_the_chunks_and_not_without() {
    let (_, wire) = split_head(CHUNKED);
    let Some(with) = check(&plain_file(CHUNKED, wire)) else {
        return;
    };
    assert!(
        with.status.success(),
        "{}",
        String::from_utf8_lossy(&with.stdout)
    );
    let without = check(&plain_file(CHUNKED, b"wholeabc")).unwrap();
    let said = String::from_utf8_lossy(&without.stdout);
    assert_eq!(without.status.code(), Some(1), "{said}");
    assert!(said.contains("payload digest failed"), "{said}");
}

//! Properties of writing and reading.

use pressmark_model::{Digest, Timestamp};
use pressmark_warc::coding::{self, Coding};
use pressmark_warc::{
    HttpResponse, Reader, Record, RecordId, RecordType, Revisit, RevisitProfile, Stored,
    Truncation, Writer, split_head,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn id() -> impl Strategy<Value = RecordId> {
    any::<[u8; 16]>().prop_map(RecordId::from_random)
}

fn date() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_micros)
}

fn revisit() -> impl Strategy<Value = Revisit> {
    (any::<bool>(), id(), date(), any::<Option<[u8; 32]>>()).prop_map(
        |(same, refers_to, refers_to_date, digest)| Revisit {
            profile: if same {
                RevisitProfile::IdenticalPayloadDigest
            } else {
                RevisitProfile::ServerNotModified
            },
            refers_to,
            refers_to_target: "https://a.test/文".to_owned(),
            refers_to_date,
            payload_digest: digest.map(Digest::from_bytes),
        },
    )
}

fn record() -> impl Strategy<Value = Record> {
    let types = prop_oneof![
        Just(RecordType::Warcinfo),
        Just(RecordType::Request),
        Just(RecordType::Response),
        Just(RecordType::Revisit),
        Just(RecordType::Metadata),
        Just(RecordType::Resource),
        Just(RecordType::Conversion),
    ];
    let truncated = prop_oneof![
        Just(None),
        Just(Some(Truncation::Length)),
        Just(Some(Truncation::Time)),
        Just(Some(Truncation::Disconnect)),
        Just(Some(Truncation::Unspecified)),
    ];
    let head = (types, id(), date(), truncated, proptest::option::of(id()));
    let target = proptest::option::of("https?://[a-z]{1,9}\\.test/[!-~é文]{0,20}");
    let other = vec(("X-[A-Za-z]{1,8}", "([!-~文]([ -~]{0,8}[!-~])?)?"), 0..4);
    let block = vec(any::<u8>(), 0..600);
    (
        head,
        target,
        any::<Option<std::net::IpAddr>>(),
        vec(id(), 0..3),
        revisit(),
        other,
        block,
    )
        .prop_map(|(head, target, ip, concurrent_to, revisit, other, block)| {
            let (record_type, id, date, truncated, warcinfo) = head;
            Record {
                target,
                ip,
                warcinfo,
                concurrent_to,
                truncated,
                revisit: (record_type == RecordType::Revisit).then_some(revisit),
                content_type: Some("application/http;msgtype=response".to_owned()),
                other,
                ..Record::new(record_type, id, date, block)
            }
        })
}

fn file(records: &[Record]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for record in records {
        writer.write(record).unwrap();
    }
    writer.into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn what_is_written_is_read(records in vec(record(), 0..4)) {
        let mut writer = Writer::new(Vec::new());
        let written: Vec<_> = records.iter().map(|record| writer.write(record).unwrap()).collect();
        let file = writer.into_inner();
        let stored: Vec<Stored> = Reader::new(file.as_slice()).map(Result::unwrap).collect();
        prop_assert_eq!(stored.len(), records.len());
        for ((stored, record), written) in stored.iter().zip(&records).zip(&written) {
            prop_assert!(stored.verify().is_ok());
            prop_assert_eq!(&stored.record, record);
            prop_assert_eq!((stored.offset, stored.length), (written.offset, written.length));
            prop_assert_eq!(&stored.block_digest, &Some(written.block_digest.to_string()));
            prop_assert_eq!(&stored.payload_digest, &written.payload_digest.map(|d| d.to_string()));
            let start = usize::try_from(written.offset).unwrap();
            let end = start + usize::try_from(written.length).unwrap();
            let alone = Stored::from_range(&file[start..end], written.offset).unwrap();
            prop_assert_eq!(&alone, stored);
            prop_assert!(Stored::from_range(&file[start..end - 1], 0).is_err());
        }
    }

    #[test]
    fn a_cut_is_found(records in vec(record(), 1..3), at in any::<prop::sample::Index>()) {
        let file = file(&records);
        let cut = at.index(file.len());
        let mut whole = 0_u64;
        let mut errors = 0;
        for read in Reader::new(&file[..cut]) {
            match read {
                Ok(stored) => whole = stored.offset + stored.length,
                Err(error) => {
                    errors += 1;
                    prop_assert_eq!(error.offset, whole);
                }
            }
        }
        prop_assert_eq!(errors, usize::from(whole != cut as u64));
    }

    #[test]
    fn a_flipped_bit_is_found_or_harmless(
        records in vec(record(), 1..3),
        at in any::<prop::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let mut file = file(&records);
        let at = at.index(file.len());
        file[at] ^= 1_u8 << bit;
        let read: Vec<_> = Reader::new(file.as_slice()).collect();
        if read.iter().all(|read| read.as_ref().is_ok_and(|stored| stored.verify().is_ok())) {
            // Only the time, system and hints of a gzip header may change without notice.
            let same: Vec<Record> = read.into_iter().map(|read| read.unwrap().record).collect();
            prop_assert_eq!(same, records);
        }
    }

    #[test]
    fn a_changed_block_fails_its_digest(record in record(), at in any::<prop::sample::Index>()) {
        prop_assume!(!record.block.is_empty());
        let mut stored = Stored::from_range(&file(&[record]), 0).unwrap();
        let at = at.index(stored.record.block.len());
        stored.record.block[at] ^= 1;
        prop_assert!(stored.verify().is_err());
    }

    #[test]
    fn garbage_is_an_error(start in 0..4_usize, garbage in vec(any::<u8>(), 0..300)) {
        let start: &[u8] = [b"".as_slice(), b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"WARC/1.1\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"][start];
        let bytes = [start, &garbage].concat();
        prop_assert!(Reader::new(bytes.as_slice()).all(|read| read.is_err()));
        let (head, body) = split_head(&bytes);
        prop_assert_eq!(head.len() + body.len(), bytes.len());
        if let Ok(response) = HttpResponse::parse(&bytes) {
            prop_assert!(response.body.len() <= bytes.len());
        }
        for coding in [Coding::Brotli, Coding::Deflate, Coding::Gzip, Coding::Zstd] {
            if let Ok(decoded) = coding::decode(coding, &garbage, 1000) {
                prop_assert!(decoded.bytes.len() <= 1000);
            }
        }
    }
}

//! Any bytes in any encoding, and undoing any content coding within bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressmark_warc::coding::{self, Coding};

const MAX: usize = 1 << 20;
const TYPES: [Option<&str>; 8] = [
    None,
    Some("text/html"),
    Some("text/html; charset=utf-8"),
    Some("text/html; charset=iso-8859-1"),
    Some("text/html; charset=gb2312"),
    Some("text/html; charset=big5"),
    Some("text/html; charset=iso-2022-jp"),
    Some("text/html;charset=\"utf-16\""),
];
const CODINGS: [&str; 6] = ["gzip", "deflate", "br", "zstd", "gzip, br", "identity"];

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = (usize::from(input.0), input.1);
    let decoded = pressmark_html::decode(bytes, TYPES[choice % TYPES.len()]);
    assert!(decoded.text.len() <= bytes.len() * 3 + 3);
    let coding = Coding::of_header([CODINGS[choice % CODINGS.len()]]);
    if let Ok(coding) = coding
        && let Ok(decoded) = coding::decode(coding, bytes, MAX)
    {
        assert!(decoded.bytes.len() <= MAX);
    }
});

//! Any bytes as a feed: what was read is written and read again without losing an entry.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressmark_feed::{looks_like_feed, parse, parse_opml, write_atom, write_json, write_rss};

fuzz_target!(|bytes: &[u8]| {
    let base = "https://news.example/feed.xml".parse().ok();
    let _ = looks_like_feed(bytes, None);
    let _ = parse_opml(bytes);
    let read = parse(bytes, Some("text/xml"), base.as_ref());
    let feed = &read.value;
    for written in [write_rss(feed), write_atom(feed), write_json(feed)] {
        let again = parse(written.as_bytes(), None, base.as_ref());
        assert_eq!(again.value.entries.len(), feed.entries.len(), "{written}");
    }
});

//! Any text as a date, where pages tell it: never one after the capture.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressmark_extract::{Hints, Page, extract};
use pressmark_model::Timestamp;

fuzz_target!(|text: &str| {
    let captured_at = Timestamp::from_seconds(1_800_000_000);
    let tomorrow = captured_at.plus(std::time::Duration::from_hours(25));
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    for html in [
        format!("<meta property=article:published_time content=\"{escaped}\">"),
        format!("<h1>The bridge</h1><div class=date>{escaped}</div>"),
        format!("<h1>The bridge</h1><p><time datetime=\"{escaped}\">x</time></p>"),
    ] {
        let page = Page {
            bytes: html.as_bytes(),
            content_type: Some("text/html; charset=utf-8"),
            url: None,
            captured_at,
        };
        let article = extract(&page, &Hints::default()).article;
        assert!(
            article.published.is_none_or(|at| at.at() <= tomorrow),
            "{html}"
        );
    }
});

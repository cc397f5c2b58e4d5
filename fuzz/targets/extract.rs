//! Any bytes as a page: an article or none, and its HTML is inert.
#![no_main]

mod inert;

use libfuzzer_sys::fuzz_target;
use pressmark_extract::{Hints, Page, body_of, extract};
use pressmark_html::sanitise;
use pressmark_model::Timestamp;

fuzz_target!(|bytes: &[u8]| {
    let url = "https://news.example/2026/01/02/a.html".parse().ok();
    let page = Page {
        bytes,
        content_type: Some("text/html"),
        url: url.as_ref(),
        captured_at: Timestamp::from_seconds(1_800_000_000),
    };
    let hints = Hints {
        title: Some("The bridge of the harbour".to_owned()),
        ..Hints::default()
    };
    let found = extract(&page, &hints);
    assert!((0.0..=1.0).contains(&found.confidence));
    let html = &found.article.html;
    inert::assert_inert(html);
    assert_eq!(
        &sanitise(html, url.as_ref()),
        html,
        "cleaning what is clean"
    );
    let body = body_of(
        &String::from_utf8_lossy(bytes),
        url.as_ref(),
        &found.article.title,
    );
    inert::assert_inert(&body.html);
});

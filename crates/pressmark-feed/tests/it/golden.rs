//! Every file of `testdata` reads as its golden says. To accept a change: `INSTA_UPDATE=always`.

use std::fs;
use std::path::{Path, PathBuf};

use pressmark_feed::{looks_like_feed, parse};
use pressmark_model::FeedFormat;

/// The documents and their names.
#[expect(clippy::unwrap_used, reason = "a test without its files has failed")]
pub(crate) fn documents() -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(testdata())
        .unwrap()
        .map(|file| file.unwrap().path());
    let is_document = |path: &PathBuf| {
        path.extension()
            .is_some_and(|end| end == "xml" || end == "json")
    };
    let mut documents: Vec<_> = files
        .filter(is_document)
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    documents.sort();
    assert!(!documents.is_empty());
    documents
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

#[test]
fn a_cut_off_text_is_kept_and_a_cut_off_address_is_not() {
    let whole = "<rss><channel><item><title>One</title><link>https://news.example/a/1234</link>\
        <guid isPermaLink='false'>g-12</guid><title>";
    for (end, link) in [("/a/12", false), ("</link>", true), ("g-1", true)] {
        let cut = whole.split_inclusive(end).next().unwrap_or_default();
        let read = parse(cut.as_bytes(), None, None).value;
        assert_eq!(read.entries[0].title, "One");
        assert_eq!(read.entries[0].link.is_some(), link, "{cut}");
        assert_eq!(read.entries[0].guid, None, "{cut}");
    }
}

#[test]
fn every_document_reads_as_its_golden_says() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(testdata());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let base = "https://fetched.example/dir/feed".parse().ok();
    for (name, bytes) in documents() {
        let parsed = parse(&bytes, None, base.as_ref());
        let shown = format!("{parsed:#?}");
        // What is not there need not be read.
        let is_said = |line: &&str| {
            ![": None,", ": [],", ": \"\","]
                .iter()
                .any(|no| line.ends_with(no))
        };
        let said: Vec<&str> = shown.lines().filter(is_said).collect();
        settings.bind(|| insta::assert_snapshot!(name.as_str(), said.join("\n")));
    }
}

#[test]
fn a_glance_sees_what_a_reading_finds() {
    for (name, bytes) in documents() {
        let found = parse(&bytes, None, None).value.format;
        let seen = looks_like_feed(&bytes, None).unwrap_or_default();
        assert_eq!(seen, found, "{name}");
        assert_eq!(
            found == FeedFormat::Unknown,
            name == "web-page.xml",
            "{name}"
        );
    }
}

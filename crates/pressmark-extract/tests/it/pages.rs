//! Every folder of `testdata/pages` holds a page and what is to be read from it.

use std::fmt::Write as _;
use std::path::Path;

use pressmark_extract::{Extraction, Hints, Knowledge, Page, body_of, extract, feeds_in};
use pressmark_model::Timestamp;

/// 2026-01-01.
const NOW: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

fn written(found: &Extraction) -> String {
    let article = &found.article;
    let mut out = String::new();
    let published = article
        .published
        .map(|at| at.to_string())
        .unwrap_or_default();
    writeln!(out, "title: {}", article.title).unwrap();
    writeln!(out, "authors: {}", article.authors.join(" / ")).unwrap();
    writeln!(out, "published: {published}").unwrap();
    writeln!(out, "lead: {}", article.lead.as_deref().unwrap_or_default()).unwrap();
    let wall = found
        .wall
        .as_ref()
        .map(|wall| format!("{:?}", wall.kind))
        .unwrap_or_default();
    writeln!(out, "article: {}, wall: {wall}", found.is_article).unwrap();
    writeln!(out, "\n{}\n\n{}\n", article.text, article.html).unwrap();
    let removed = |d: &&pressmark_extract::Decision| !d.kept && d.step != "candidate";
    for removal in found.trace.iter().filter(removed) {
        writeln!(
            out,
            "- {} | {} | {}",
            removal.step, removal.reason, removal.text
        )
        .unwrap();
    }
    out
}

#[test]
fn pages_are_read_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pages");
    let mut wrong = Vec::new();
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    pages.sort();
    assert!(pages.len() >= 8);
    for page in pages {
        let bytes = std::fs::read(page.join("page.html")).unwrap();
        let url = "https://www.quay.example/2025/06/bridge.html"
            .parse()
            .unwrap();
        let got = written(&extract(
            &Page {
                bytes: &bytes,
                content_type: None,
                url: Some(&url),
                captured_at: NOW,
            },
            &Hints::default(),
        ));
        let expected = std::fs::read_to_string(page.join("expected.txt")).unwrap_or_default();
        if got != expected {
            std::fs::write(page.join("got.txt"), &got).unwrap();
            wrong.push(page);
        }
    }
    assert!(
        wrong.is_empty(),
        "see `got.txt` beside `expected.txt` in {wrong:?}"
    );
}

#[test]
fn given_content_loses_its_boxes_only() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/pages/record--share-and-footer/page.html");
    let body = body_of(
        &std::fs::read_to_string(path).unwrap(),
        None,
        "港口大桥将封闭一年",
    );
    assert_eq!(body.text.lines().count(), 3);
    assert!(
        body.html
            .starts_with("<p><img src=\"https://img.example/bridge.jpg\">"),
        "{}",
        body.html
    );
    for gone in ["20/12/2023", "分享", "feeds.example", "<hr>"] {
        assert!(!body.html.contains(gone), "{gone}");
    }
    assert!(body.trace.len() >= 3);
}

#[test]
fn hints_and_feeds_are_used() {
    let html = "<title>x</title><link rel=alternate type='application/atom+xml' href=/a.xml title='A &amp; B'><link rel=alternate hreflang=de href=/de>";
    let url = "https://quay.example/p".parse().unwrap();
    let page = Page {
        bytes: html.as_bytes(),
        content_type: None,
        url: Some(&url),
        captured_at: NOW,
    };
    let feeds = feeds_in(&page);
    assert_eq!(feeds.len(), 1);
    assert_eq!(
        (feeds[0].url.as_str(), feeds[0].title.as_deref()),
        ("https://quay.example/a.xml", Some("A & B"))
    );
    let hints = Hints {
        authors: vec!["Ada Quill".to_owned()],
        published: "2025-06-10T08:30:00Z".parse().ok(),
        ..Hints::default()
    };
    let found = extract(&page, &hints);
    assert_eq!(found.article.authors, ["Ada Quill"]);
    assert_eq!(found.article.published, hints.published);
    assert!(!found.is_article);
}

#[test]
fn an_error_page_is_told() {
    let html = "<title>404 Not Found</title><h1>Not Found</h1><p>The page was not found.</p>";
    let page = Page {
        bytes: html.as_bytes(),
        content_type: None,
        url: None,
        captured_at: NOW,
    };
    let wall = extract(&page, &Hints::default()).wall.unwrap();
    assert_eq!(wall.kind, pressmark_extract::WallKind::ErrorPage);
}

#[test]
fn every_block_is_explained() {
    let html = "<title>Tides</title><nav><a href=/>Home</a></nav><article><h1>Tides</h1>\
        <p onclick=x()>High water came at noon, the office said, and the old quay was closed to everybody for an hour or two, as in spring.</p>\
        <img src=/tide.png><div data-promo-box></div><div class=share>Share <a href=/s>this</a></div>\
        <p>It will be lower tomorrow, by a hand or so, and the ferries will run all day as it had been planned before the storm.</p>\
        <script>alert(1)</script></article>";
    let page = Page {
        bytes: html.as_bytes(),
        content_type: None,
        url: None,
        captured_at: NOW,
    };
    let explained = pressmark_extract::explain(&page, &Hints::default(), &Knowledge::default());
    assert_eq!(explained.extraction, extract(&page, &Hints::default()));
    let lines: Vec<String> = explained
        .extraction
        .trace
        .iter()
        .map(|d| {
            format!(
                "{} {} {}",
                if d.kept { '+' } else { '-' },
                d.step,
                d.element
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "- candidate nav",
            "+ candidate article",
            "- title h1",
            "+ prose p",
            "+ picture img",
            "- empty div[data-promo-box]",
            "- names div.share",
            "+ prose p",
        ]
    );
    for absent in ["<script", "alert(1)", "onclick", "src="] {
        assert!(!explained.html.contains(absent), "{absent}");
    }
    assert!(explained.html.contains("class=\"gone\" id=\"d6\""));
}

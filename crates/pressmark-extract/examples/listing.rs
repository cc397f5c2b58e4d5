//! Prints the entries of a page that lists articles: `listing FILE URL`, one line each: date, link,
//! title, teaser. Without arguments it answers one JSON question a line: `{"url", "html"}` becomes
//! `[[link, title, date, teaser], …]`.

use std::io::{BufRead as _, Write as _};

use pressmark_extract::{Page, listing};
use pressmark_model::{Entry, Timestamp, WebUrl};
use serde_json::{Value, json};

/// 2026-11-22, after all pages that are read.
const NOW: Timestamp = Timestamp::from_micros(1_795_400_000_000_000);

fn entries(bytes: &[u8], url: Option<&WebUrl>) -> Vec<Entry> {
    let page = Page {
        bytes,
        content_type: None,
        url,
        captured_at: NOW,
    };
    listing(&page).entries
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut arguments = std::env::args_os().skip(1);
    if let Some(file) = arguments.next() {
        let url = arguments
            .next()
            .and_then(|url| url.to_str().and_then(|url| url.parse().ok()));
        for entry in entries(&std::fs::read(file)?, url.as_ref()) {
            let date = entry.published.map(|at| at.to_string()).unwrap_or_default();
            let link = entry.link.as_ref().map_or("", WebUrl::as_str);
            let teaser = entry.summary.unwrap_or_default();
            writeln!(out, "{date}\t{link}\t{}\t{teaser}", entry.title)?;
        }
        return Ok(());
    }
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let text = |name| {
            question
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let url = text("url").parse().ok();
        let answer: Value = entries(text("html").as_bytes(), url.as_ref())
            .into_iter()
            .map(|entry| json!([entry.link, entry.title, entry.published, entry.summary]))
            .collect();
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

//! Answers one JSON question a line: `{"id", "url", "html_path", "content_type"}` becomes
//! `{"id", "text", "title", "author", "date", "html", "confidence", "is_article"}`; with `--trace`, what was left
//! out besides.

use std::io::{BufRead as _, Write as _};

use pressmark_extract::{Hints, Page, extract};
use pressmark_model::Timestamp;
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    // The end of 2100: no date of a page is taken to be in the future.
    let captured_at = Timestamp::from_micros(4_133_980_799_000_000);
    let with_trace = std::env::args_os().any(|argument| argument == "--trace");
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let path = question
            .get("html_path")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let bytes = std::fs::read(path)?;
        let url = question
            .get("url")
            .and_then(Value::as_str)
            .and_then(|url| url.parse().ok());
        let page = Page {
            bytes: &bytes,
            content_type: question.get("content_type").and_then(Value::as_str),
            url: url.as_ref(),
            captured_at,
        };
        let found = extract(&page, &Hints::default());
        let mut answer = json!({
            "id": question.get("id"),
            "text": found.article.text,
            "title": found.article.title,
            "author": found.article.authors,
            "date": found.article.published,
            "html": found.article.html,
            "confidence": found.confidence,
            "is_article": found.is_article,
        });
        if with_trace && let Some(answer) = answer.as_object_mut() {
            let lines = found
                .trace
                .iter()
                .filter(|decision| !decision.kept)
                .map(|r| format!("{} | {} | {}", r.step, r.reason, r.text));
            answer.insert("trace".to_owned(), lines.collect());
        }
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

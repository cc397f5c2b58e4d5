//! Answers one JSON question a line, `{"id", "url", "html_path"}`, with the lines of the page and
//! what they are like in numbers: `{"id", "lines", "rows"}`. What `train/train.py` learns from.

use std::io::{BufRead as _, Write as _};

use pressmark_extract::{Page, rows_of};
use pressmark_model::Timestamp;
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let captured_at = Timestamp::from_micros(4_133_980_799_000_000);
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let get = |name| question.get(name).and_then(Value::as_str);
        let bytes = std::fs::read(get("html_path").unwrap_or_default())?;
        let url = get("url").and_then(|url| url.parse().ok());
        let page = Page {
            bytes: &bytes,
            content_type: None,
            url: url.as_ref(),
            captured_at,
        };
        let (lines, rows): (Vec<_>, Vec<_>) = rows_of(&page).into_iter().unzip();
        let answer = json!({"id": get("id"), "lines": lines, "rows": rows});
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

//! What site profiles do: reads all JSON questions (`{"id", "url", "html_path"}`, one a line), and
//! answers each as `adapter` does, with the profile that the other pages of its host teach. An
//! answer tells besides how many pages that were, and what was left out because of them.

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};

use pressmark_extract::{Extraction, Hints, Knowledge, Lesson, Page, Profile, extract_with};
use pressmark_model::{Timestamp, WebUrl};
use serde_json::{Value, json};

/// The end of 2100: no date of a page is taken to be in the future.
const CAPTURED_AT: Timestamp = Timestamp::from_micros(4_133_980_799_000_000);

fn main() -> std::io::Result<()> {
    let questions: Vec<Value> = std::io::stdin()
        .lock()
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<std::io::Result<_>>()?;
    let mut sites: HashMap<String, Vec<(usize, Lesson)>> = HashMap::new();
    for (at, question) in questions.iter().enumerate() {
        let (url, found) = read(question, None)?;
        let host = url.map(|url| url.host().to_owned()).unwrap_or_default();
        if let Some(lesson) = found.lesson {
            sites.entry(host).or_default().push((at, lesson));
        }
    }
    let mut out = std::io::stdout().lock();
    for (at, question) in questions.iter().enumerate() {
        let url: Option<WebUrl> = text(question, "url").parse().ok();
        let host = url.map(|url| url.host().to_owned()).unwrap_or_default();
        let mut profile = Profile::default();
        let others = sites.get(&host).into_iter().flatten();
        for (_, lesson) in others.filter(|(of, _)| *of != at) {
            profile.learn(lesson);
        }
        let (_, found) = read(question, Some(&profile))?;
        let of_site = found
            .trace
            .iter()
            .filter(|decision| decision.step == "site");
        let left_out: Vec<&str> = of_site.map(|decision| decision.text.as_str()).collect();
        let answer = json!({
            "id": question.get("id"),
            "text": found.article.text,
            "title": found.article.title,
            "author": found.article.authors,
            "date": found.article.published,
            "html": found.article.html,
            "profile": profile.pages(),
            "left_out": left_out,
        });
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn text<'q>(question: &'q Value, name: &str) -> &'q str {
    question
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn read(
    question: &Value,
    profile: Option<&Profile>,
) -> std::io::Result<(Option<WebUrl>, Extraction)> {
    let bytes = std::fs::read(text(question, "html_path"))?;
    let url: Option<WebUrl> = text(question, "url").parse().ok();
    let page = Page {
        bytes: &bytes,
        content_type: None,
        url: url.as_ref(),
        captured_at: CAPTURED_AT,
    };
    let knowledge = Knowledge {
        rules: None,
        profile,
    };
    let found = extract_with(&page, &Hints::default(), &knowledge);
    Ok((url, found))
}

//! How near an answer is to the truth, in per cent.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Truth;

/// What the extractor says about a page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    author: Option<Names>,
    #[serde(default)]
    date: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

/// Per cent of what is right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Scores {
    /// F1 over the bag of words; a Chinese or Japanese character is a word.
    pub(super) body: f64,
    pub(super) title: f64,
    pub(super) date: f64,
    pub(super) authors: f64,
}

impl Scores {
    pub(super) const HEAD: &str = "   body  title   date authors";

    pub(super) fn mean(all: &[Self]) -> Option<Self> {
        let count = u32::try_from(all.len()).ok().filter(|count| *count > 0)?;
        let mean = |part: fn(&Self) -> f64| {
            let mean = all.iter().map(part).sum::<f64>() / f64::from(count);
            (mean * 10.0).round() / 10.0
        };
        Some(Self {
            body: mean(|scores| scores.body),
            title: mean(|scores| scores.title),
            date: mean(|scores| scores.date),
            authors: mean(|scores| scores.authors),
        })
    }

    /// The scores with their names.
    pub(super) fn named(&self) -> [(&'static str, f64); 4] {
        [
            ("body", self.body),
            ("title", self.title),
            ("date", self.date),
            ("authors", self.authors),
        ]
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            body,
            title,
            date,
            authors,
        } = self;
        write!(f, "{body:7.1}{title:7.1}{date:7.1}{authors:8.1}")
    }
}

/// Compares an answer with the truth.
pub(super) fn score(truth: &Truth, answer: &Answer) -> Scores {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let all_or_nothing = |right: bool| if right { 100.0 } else { 0.0 };
    Scores {
        body: f1(&words(&said(&answer.text)), &words(&truth.text)),
        title: all_or_nothing(words(&said(&answer.title)) == words(&truth.title)),
        date: all_or_nothing(is_day(&said(&answer.date), &truth.date)),
        authors: all_or_nothing(names(answer.author.as_ref()) == sorted(&truth.authors)),
    }
}

/// A page without a date has an empty day, which every text would start with.
fn is_day(said: &str, day: &str) -> bool {
    said.starts_with(day) && said.is_empty() == day.is_empty()
}

fn names(author: Option<&Names>) -> Vec<Vec<String>> {
    match author {
        None => Vec::new(),
        Some(Names::One(name)) if name.is_empty() => Vec::new(),
        Some(Names::One(name)) => sorted(std::slice::from_ref(name)),
        Some(Names::Many(names)) => sorted(names),
    }
}

fn sorted(names: &[String]) -> Vec<Vec<String>> {
    let mut names: Vec<Vec<String>> = names.iter().map(|name| words(name)).collect();
    names.sort();
    names
}

/// Runs of letters and digits in lower case; scripts without spaces by the character.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in text.chars().flat_map(char::to_lowercase) {
        if is_unspaced(letter) {
            words.extend([letter.to_string(), String::new()]);
        } else if !letter.is_alphanumeric() {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Han characters and kana.
fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn f1(found: &[String], wanted: &[String]) -> f64 {
    let mut left: HashMap<&str, u32> = HashMap::new();
    for word in wanted {
        *left.entry(word).or_default() += 1;
    }
    let mut both = 0_u32;
    for word in found {
        if let Some(count) = left.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            both += 1;
        }
    }
    let total = u32::try_from(found.len() + wanted.len()).unwrap_or(u32::MAX);
    if total == 0 {
        return 100.0;
    }
    200.0 * f64::from(both) / f64::from(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth() -> Truth {
        Truth {
            url: String::new(),
            title: "The Night Ferry".to_owned(),
            authors: vec!["Ada Whitlock".to_owned(), "林疏影".to_owned()],
            date: "2026-01-31".to_owned(),
            text: "One two.\n夜船".to_owned(),
        }
    }

    #[test]
    fn the_truth_scores_full_marks() {
        let answer = r#"{"text": "one, two 夜 船", "title": "the night ferry!",
            "author": ["林疏影", "Ada Whitlock"], "date": "2026-01-31T10:00:00Z"}"#;
        let scores = score(&truth(), &serde_json::from_str(answer).unwrap());
        assert!(
            scores
                .named()
                .iter()
                .all(|(_, score)| (score - 100.0).abs() < 1e-9),
            "{scores}"
        );
    }

    #[test]
    fn what_is_missing_or_too_much_costs() {
        let half = r#"{"text": "one two", "title": "Night ferry", "author": "Ada Whitlock", "date": null}"#;
        let scores = score(&truth(), &serde_json::from_str(half).unwrap());
        assert!((scores.body - 66.6).abs() < 0.1, "{scores}");
        assert!(
            scores.title + scores.date + scores.authors < 1e-9,
            "{scores}"
        );
        let undated = Truth {
            date: String::new(),
            ..truth()
        };
        let dated = serde_json::from_str(r#"{"date": "2026-01-31"}"#).unwrap();
        assert!(score(&undated, &dated).date < 1e-9);
        assert!(score(&undated, &Answer::default()).date > 99.0);
        let nothing = score(&truth(), &Answer::default());
        assert!(nothing.body < 1e-9, "{nothing}");
    }
}

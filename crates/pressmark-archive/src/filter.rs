//! Filters: which entries of a source are wanted, by title, author, text, tag and address.

use pressmark_model::Entry;
use regex::{Regex, RegexBuilder};

use crate::source::SourceSettings;

/// The largest compiled expression, in bytes.
const LARGEST: usize = 1 << 20;
/// What a rule may look at, as it is written.
const FIELDS: [(&str, Field); 6] = [
    ("any", Field::Any),
    ("title", Field::Title),
    ("author", Field::Author),
    ("text", Field::Text),
    ("tag", Field::Tag),
    ("url", Field::Url),
];

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// It begins with no known field.
    #[error("`{0}` is no filter rule")]
    Form(String),
    /// Its expression is none, or compiles to too much.
    #[error("`{rule}` has no usable regular expression: {detail}")]
    Expression {
        /// The rule.
        rule: String,
        /// What is wrong with it.
        detail: String,
    },
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// Title, authors, tags and address; not the text.
    Any,
    Title,
    Author,
    /// Summary and content, as HTML.
    Text,
    Tag,
    Url,
}

#[derive(Debug, Clone)]
struct Rule {
    field: Field,
    expression: Regex,
}

/// The filters of a source. An entry is wanted if no rule blocks it and, where there are rules
/// that keep, one of them does.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    block: Vec<Rule>,
    keep: Vec<Rule>,
}

impl Filters {
    /// The filters of these settings.
    ///
    /// # Errors
    ///
    /// Names the first rule that cannot be used.
    pub fn of(settings: &SourceSettings) -> Result<Self, FilterError> {
        let rules = |lines: &[String]| -> Result<Vec<Rule>, FilterError> {
            lines.iter().map(|line| rule(line)).collect()
        };
        Ok(Self {
            block: rules(&settings.block)?,
            keep: rules(&settings.keep)?,
        })
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.block.is_empty() && self.keep.is_empty()
    }

    /// Whether an entry is wanted.
    pub fn admits(&self, entry: &Entry) -> bool {
        let any = |rules: &[Rule]| rules.iter().any(|rule| rule.is_about(entry));
        !any(&self.block) && (self.keep.is_empty() || any(&self.keep))
    }
}

impl Rule {
    fn is_about(&self, entry: &Entry) -> bool {
        let found = |text: &str| self.expression.is_match(text);
        let author = || entry.authors.iter().any(|person| found(&person.name));
        let tag = || entry.categories.iter().any(|tag| found(&tag.term));
        let url = || entry.link.as_ref().is_some_and(|link| found(link.as_str()));
        match self.field {
            Field::Any => found(&entry.title) || author() || tag() || url(),
            Field::Title => found(&entry.title),
            Field::Author => author(),
            Field::Text => {
                let texts = [&entry.summary, &entry.content];
                texts.into_iter().flatten().any(|text| found(text))
            }
            Field::Tag => tag(),
            Field::Url => url(),
        }
    }
}

/// Reads `title=expression`.
fn rule(line: &str) -> Result<Rule, FilterError> {
    let wrong = || FilterError::Form(line.to_owned());
    let (name, expression) = line.split_once('=').ok_or_else(wrong)?;
    let (_, field) = FIELDS
        .iter()
        .find(|(known, _)| *known == name.trim())
        .ok_or_else(wrong)?;
    let built = RegexBuilder::new(expression.trim())
        .size_limit(LARGEST)
        .build();
    let expression = built.map_err(|error| FilterError::Expression {
        rule: line.to_owned(),
        // The whole message draws the expression over several lines; its last one says it.
        detail: error
            .to_string()
            .lines()
            .last()
            .unwrap_or_default()
            .trim()
            .trim_start_matches("error: ")
            .to_owned(),
    })?;
    Ok(Rule {
        field: *field,
        expression,
    })
}

#[cfg(test)]
mod tests {
    use pressmark_model::Person;

    use super::*;

    fn filters(block: &[&str], keep: &[&str]) -> Result<Filters, FilterError> {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        Filters::of(&SourceSettings {
            block: lines(block),
            keep: lines(keep),
            ..SourceSettings::default()
        })
    }

    fn entry(title: &str) -> Entry {
        Entry {
            title: title.to_owned(),
            link: "https://a.example/sport/1".parse().ok(),
            authors: vec![Person {
                name: "Ann Reporter".to_owned(),
                ..Person::default()
            }],
            summary: Some("<p>advertorial</p>".to_owned()),
            ..Entry::default()
        }
    }

    #[test]
    fn blocking_comes_before_keeping() {
        let admits = |block: &[&str], keep: &[&str]| {
            filters(block, keep).unwrap().admits(&entry("足球 results"))
        };
        assert!(admits(&[], &[]));
        assert!(!admits(&["title=足球"], &[]));
        assert!(!admits(&["title=足球"], &["any=results"]));
        assert!(admits(&["title=(?i)RESULTS$x"], &["author=^Ann"]));
        assert!(!admits(&[], &["url=/politics/"]));
        assert!(!admits(&["text=advertorial"], &[]));
        assert!(
            admits(&["any=advertorial"], &[]),
            "`any` leaves the text out"
        );
    }

    #[test]
    fn a_rule_that_cannot_be_used_is_named() {
        assert_eq!(
            filters(&["colour=red"], &[]).unwrap_err().to_string(),
            "`colour=red` is no filter rule"
        );
        let unclosed = filters(&["title=(a"], &[]).unwrap_err().to_string();
        assert!(unclosed.ends_with("unclosed group"), "{unclosed}");
        assert!(filters(&["title=(a{1000}){1000}"], &[]).is_err());
    }
}

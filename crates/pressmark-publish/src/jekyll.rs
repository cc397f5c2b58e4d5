//! The sister form: a Jekyll post, whose front matter is followed by a record or by plain HTML.

use std::fmt;
use std::str::FromStr;

use crate::record::Record;

/// A Jekyll post. [`Display`](fmt::Display) writes the file, [`FromStr`] reads it; what was read
/// is written with the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// What stands between the two lines `---`.
    pub front: FrontMatter,
    /// What follows.
    pub body: Body,
}

/// What follows the front matter of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The record.
    Record(Record),
    /// Anything else, from the line after `---` on: HTML, or Markdown.
    Html(String),
}

/// The fields of a front matter in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrontMatter(pub Vec<(String, Value)>);

/// A value of a front matter, in the form of YAML in which it is written. Escapes inside it stay
/// as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Bare text, spaces at its end included.
    Plain(String),
    /// Text in double quotes.
    Quoted(String),
    /// `[ a, b ]`.
    List(Vec<String>),
    /// The lines below an empty value, such as `- a`.
    Lines(Vec<String>),
}

/// A text that is no Jekyll post.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JekyllError {
    /// No front matter.
    #[error("the file does not begin with front matter between two lines `---`")]
    NoFrontMatter,
    /// A line of the front matter that is no field.
    #[error("line {0} of the file is not `key: value`")]
    Line(usize),
}

impl FrontMatter {
    /// A field's text, without quotes; a list's items with commas between them.
    pub fn text(&self, key: &str) -> Option<String> {
        let text = match self.value(key)? {
            Value::Plain(text) => unquoted(text.trim()),
            Value::Quoted(text) => text.replace("\\\"", "\"").replace("\\\\", "\\"),
            Value::List(_) | Value::Lines(_) => self.list(key).join(", "),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// A field's items; a text is one item.
    pub fn list(&self, key: &str) -> Vec<String> {
        let items: Vec<&str> = match self.value(key) {
            None => Vec::new(),
            Some(Value::Plain(text)) => match text.trim().strip_prefix('[') {
                Some(list) => list.trim_end_matches(']').split(',').collect(),
                None => vec![text],
            },
            Some(Value::Quoted(text)) => vec![text],
            Some(Value::List(items)) => items.iter().map(String::as_str).collect(),
            Some(Value::Lines(lines)) => lines
                .iter()
                .filter_map(|line| line.trim().strip_prefix('-'))
                .collect(),
        };
        items
            .into_iter()
            .map(|item| unquoted(item.trim()))
            .filter(|item| !item.is_empty())
            .collect()
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }
}

fn unquoted(text: &str) -> String {
    let inner = ['"', '\'']
        .iter()
        .find_map(|&quote| text.strip_prefix(quote)?.strip_suffix(quote));
    inner.unwrap_or(text).to_owned()
}

impl Value {
    fn read(text: &str) -> Self {
        let forms = [
            text.strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'))
                .map(|text| Self::Quoted(text.to_owned())),
            text.strip_prefix("[ ")
                .and_then(|text| text.strip_suffix(" ]"))
                .map(|text| Self::List(text.split(", ").map(str::to_owned).collect())),
        ];
        let mut forms = forms.into_iter().flatten();
        forms.next().unwrap_or_else(|| Self::Plain(text.to_owned()))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => write!(f, " {text}"),
            Self::Quoted(text) => write!(f, " \"{text}\""),
            Self::List(items) => write!(f, " [ {} ]", items.join(", ")),
            Self::Lines(lines) => lines.iter().try_for_each(|line| write!(f, "\n{line}")),
        }
    }
}

impl FromStr for Post {
    type Err = JekyllError;

    fn from_str(text: &str) -> Result<Self, JekyllError> {
        let (front, body) = text
            .strip_prefix("---\n")
            .and_then(|rest| rest.split_once("\n---\n"))
            .ok_or(JekyllError::NoFrontMatter)?;
        Ok(Self {
            front: front.parse()?,
            body: body
                .parse()
                .map_or_else(|_| Body::Html(body.to_owned()), Body::Record),
        })
    }
}

impl FromStr for FrontMatter {
    type Err = JekyllError;

    fn from_str(text: &str) -> Result<Self, JekyllError> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        for (at, line) in text.split('\n').enumerate() {
            let field = line
                .split_once(':')
                .filter(|(key, _)| !key.is_empty() && !key.starts_with([' ', '\t', '-', '#']));
            match (field, fields.last_mut()) {
                (Some((key, "")), _) => fields.push((key.to_owned(), Value::Lines(Vec::new()))),
                (Some((key, value)), _) if value.starts_with(' ') => {
                    let value = value.strip_prefix(' ').unwrap_or(value);
                    fields.push((key.to_owned(), Value::read(value)));
                }
                (_, Some((_, Value::Lines(lines)))) => lines.push(line.to_owned()),
                _ => return Err(JekyllError::Line(at + 2)),
            }
        }
        Ok(Self(fields))
    }
}

impl fmt::Display for FrontMatter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = self.0.iter();
        fields.try_for_each(|(key, value)| writeln!(f, "{key}:{value}"))
    }
}

impl fmt::Display for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "---\n{}---\n", self.front)?;
        match &self.body {
            Body::Record(record) => record.fmt(f),
            Body::Html(html) => f.write_str(html),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(file: &str) -> Post {
        let post: Post = file.parse().unwrap();
        assert_eq!(post.to_string(), file);
        post
    }

    const FRONT: &str = "---\nlayout: post\ntitle: \"A: \"b\" & c\"\ndate: 2021-01-25T18:08:31.545Z\nauthor: J. B. &#38; S. L. \nfrom: https://a.example/x?y#z\ntags: [ one, 二 ]\ncomments: True\ncategories: [ 中参馆 ]\n---\n";

    #[test]
    fn the_record_below_a_front_matter_keeps_its_bytes() {
        let record = "<!--1611598111000-->\n[A: \"b\" & c](https://a.example/x?y#z)\n------\n\n<div>\n<p>x</p>\n</div>\n";
        let post = same(&format!("{FRONT}{record}"));
        assert_eq!(post.front.text("title").unwrap(), "A: \"b\" & c");
        assert_eq!(post.front.text("author").unwrap(), "J. B. &#38; S. L.");
        assert_eq!(post.front.text("from").unwrap(), "https://a.example/x?y#z");
        assert_eq!(post.front.list("tags"), ["one", "二"]);
        assert_eq!(post.front.list("categories"), ["中参馆"]);
        assert_eq!(post.front.text("subtitle"), None);
        assert!(matches!(post.body, Body::Record(record) if record.html == "<p>x</p>"));
    }

    #[test]
    fn html_and_a_half_record_below_a_front_matter_keep_their_bytes() {
        for body in [
            "",
            "\n<article>\n <p>x</p>\n</article>\n",
            "<p>x",
            "<!--NaN-->\n[t]\n",
        ] {
            let post = same(&format!("{FRONT}{body}"));
            assert_eq!(post.body, Body::Html(body.to_owned()));
        }
    }

    #[test]
    fn other_forms_of_yaml_keep_their_bytes() {
        let post = same(
            "---\ntitle: 'x'\ntags: [a, \"b c\"]\ncategories:\n  - one\n  - two: 2\nempty: \nnone:\n---\n",
        );
        assert_eq!(post.front.text("title").unwrap(), "x");
        assert_eq!(post.front.list("tags"), ["a", "b c"]);
        assert_eq!(post.front.list("categories"), ["one", "two: 2"]);
        assert_eq!(post.front.text("empty"), None);
        assert_eq!(post.front.list("none"), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_post_is_refused() {
        let error = |text: &str| text.parse::<Post>().unwrap_err();
        assert_eq!(error("<p>x</p>\n"), JekyllError::NoFrontMatter);
        assert_eq!(error("---\ntitle: x\n"), JekyllError::NoFrontMatter);
        assert_eq!(error("---\nlayout: post\nx\n---\n"), JekyllError::Line(3));
    }
}

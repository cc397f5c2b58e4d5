//! The Markdown record: one article as a file.

use std::fmt;
use std::str::FromStr;

use pressmark_archive::version::Version;
use pressmark_html::{attribute, replace_images};
use pressmark_model::{OffsetTimestamp, Timestamp, WebUrl};

use crate::git::Copies;
use crate::line::{one_line, plain_line};

const RULE: &str = ")\n------\n\n";

/// One article as a Markdown file. [`Display`](fmt::Display) writes the file, [`FromStr`] reads it;
/// what was read is written with the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When it was published, in milliseconds since the epoch; `None` is written `NaN`: the
    /// writer could not read the time.
    pub published: Option<i64>,
    /// The link text as it came: nothing in it is escaped.
    pub title: String,
    /// The address. [`Record::of`] writes it as the WHATWG URL parser does; in a file that was
    /// read it may be anything.
    pub url: String,
    /// The body.
    pub html: String,
    /// What stands around the body.
    pub wrap: Wrap,
}

/// What stands around the body of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrap {
    /// Nothing.
    Bare,
    /// `<div>` and `</div>` on lines of their own.
    Div,
}

/// A text that is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The first line is no time in a comment.
    #[error("the first line is not `<!--`, a time in milliseconds or `NaN`, and `-->`")]
    Time,
    /// The second line is no link, or no rule and empty line follow it.
    #[error("no line `[title](address)` with `------` and an empty line below it")]
    Link,
    /// The file ends without a newline.
    #[error("the file does not end with a newline; it may be cut off")]
    End,
}

impl Record {
    /// The record of a version. `published` stands in where the version itself names no time.
    pub fn of(version: &Version, published: Timestamp) -> Self {
        let article = &version.article;
        let published = article.published.map_or(published, OffsetTimestamp::at);
        Self {
            published: Some(published.millis()),
            title: plain_line(&article.title),
            url: version.url.as_str().to_owned(),
            html: one_line(&article.html),
            wrap: Wrap::Bare,
        }
    }

    /// Makes the body point to copies of its images, by their paths from the repository's root.
    /// Those that there is no copy of stay as they are.
    pub(crate) fn point_to(&mut self, copies: &Copies) {
        self.html = one_line(&replace_images(&self.html, &mut |image| {
            let (path, _) = copies.get(&image.src.parse::<WebUrl>().ok()?)?;
            let mut tag = "<img".to_owned();
            attribute(&mut tag, "src", &format!("../../{path}"));
            attribute(&mut tag, "alt", image.alt);
            Some(tag + ">")
        }));
    }
}

impl FromStr for Record {
    type Err = RecordError;

    fn from_str(text: &str) -> Result<Self, RecordError> {
        let (time, rest) = text
            .strip_prefix("<!--")
            .and_then(|rest| rest.split_once("-->\n"))
            .ok_or(RecordError::Time)?;
        let published = match time {
            "NaN" => None,
            _ => Some(written_as_i64(time).ok_or(RecordError::Time)?),
        };
        let (link, body) = rest
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(RULE))
            .ok_or(RecordError::Link)?;
        let (title, url) = title_and_address(link).ok_or(RecordError::Link)?;
        let wrapped = body
            .strip_prefix("<div>\n")
            .and_then(|body| body.strip_suffix("\n</div>\n"));
        let (html, wrap) = match wrapped {
            Some(html) => (html, Wrap::Div),
            None => (body.strip_suffix('\n').ok_or(RecordError::End)?, Wrap::Bare),
        };
        Ok(Self {
            published,
            title: title.to_owned(),
            url: url.to_owned(),
            html: html.to_owned(),
            wrap,
        })
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.published {
            Some(millis) => writeln!(f, "<!--{millis}-->")?,
            None => f.write_str("<!--NaN-->\n")?,
        }
        write!(f, "[{}]({}{RULE}", self.title, self.url)?;
        match self.wrap {
            Wrap::Bare => writeln!(f, "{}", self.html),
            Wrap::Div => write!(f, "<div>\n{}\n</div>\n", self.html),
        }
    }
}

/// The number, unless it would be written in another way (`007`, `+7`).
fn written_as_i64(text: &str) -> Option<i64> {
    text.parse().ok().filter(|n: &i64| n.to_string() == text)
}

/// Link text may hold `](`, and so may an address: the last one that an address follows divides.
fn title_and_address(link: &str) -> Option<(&str, &str)> {
    link.rmatch_indices("](")
        .filter_map(|(at, mark)| Some((link.get(..at)?, link.get(at + mark.len()..)?)))
        .find(|(_, url)| url.parse::<WebUrl>().is_ok())
        .or_else(|| link.split_once("]("))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(file: &str) -> Record {
        let record: Record = file.parse().unwrap();
        assert_eq!(record.to_string(), file);
        record
    }

    #[test]
    fn a_bare_record_is_written_as_it_was_read() {
        let record = same(
            "<!--1703076301000-->\n[甲&quot;乙&quot; [1] (b)](https://a.example/%E5%9B%BD)\n------\n\n<div>a</div><p>b   </p>\n",
        );
        assert_eq!(record.published, Some(1_703_076_301_000));
        assert_eq!(record.title, "甲&quot;乙&quot; [1] (b)");
        assert_eq!(record.url, "https://a.example/%E5%9B%BD");
        assert_eq!(record.html, "<div>a</div><p>b   </p>");
        assert_eq!(record.wrap, Wrap::Bare);
    }

    #[test]
    fn a_wrapped_record_without_a_time_is_written_as_it_was_read() {
        let record =
            same("<!--NaN-->\n[t](http://a.example/)\n------\n\n<div>\n<p>x</p>\n</div>\n");
        assert_eq!(
            (record.published, record.wrap, record.html.as_str()),
            (None, Wrap::Div, "<p>x</p>")
        );
    }

    #[test]
    fn odd_bodies_and_links_keep_their_bytes() {
        let head = "[t](u)\n------\n\n";
        for body in [
            "\n",
            "<div>\n</div>\n",
            "<div>\n\n</div>\n",
            "a\nb\n",
            "<div>\na\n",
        ] {
            same(&format!("<!---5-->\n{head}{body}"));
        }
        let record = same("<!--0-->\n[a](b)](https://c.example/x](y)\n------\n\n\n");
        assert_eq!(record.title, "a](b)");
        assert_eq!(record.url, "https://c.example/x](y");
        assert_eq!(same("<!--0-->\n[]()\n------\n\n\n").url, "");
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let error = |text: &str| text.parse::<Record>().unwrap_err();
        assert_eq!(error(""), RecordError::Time);
        assert_eq!(error("<!--07-->\n[t](u)\n------\n\n\n"), RecordError::Time);
        assert_eq!(error("<!--7-->\nt\n------\n\n\n"), RecordError::Link);
        assert_eq!(error("<!--7-->\n[t](u)\n\n\n"), RecordError::Link);
        assert_eq!(error("<!--7-->\n[t](u)\n------\n\n<p>"), RecordError::End);
    }
}

//! The attributes of a start tag, read one after the other, well written or not.

use super::part;

/// An attribute as it stands in the document: references in the value are not resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    /// Where the value stands in the text between the element's name and the closing `>`.
    pub(crate) at: usize,
}

/// Iterates over the text between an element's name and its `>`. Quotes, equals signs, values and
/// the blanks between attributes may be missing.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn skip(&mut self, keep_on: impl Fn(u8) -> bool) {
        while self.at < self.text.len() && keep_on(self.byte()) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> (&'a str, usize) {
        self.skip(|byte| byte.is_ascii_whitespace());
        let quote = self.byte();
        if quote == b'"' || quote == b'\'' {
            let start = self.at + 1;
            let inside = self.text.as_bytes().get(start..).unwrap_or_default();
            let end =
                memchr::memchr(quote, inside).map_or(self.text.len(), |length| start + length);
            self.at = end + 1;
            return (part(self.text, start, end), start);
        }
        let start = self.at;
        self.skip(|byte| !byte.is_ascii_whitespace());
        (part(self.text, start, self.at), start)
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        self.skip(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'' | b'='));
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        self.skip(|byte| {
            !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'"' | b'\'' | b'/')
        });
        let name = part(self.text, start, self.at);
        let end_of_name = self.at;
        self.skip(|byte| byte.is_ascii_whitespace());
        if self.byte() == b'=' {
            self.at += 1;
            let (value, at) = self.value();
            return Some(Attribute { name, value, at });
        }
        Some(Attribute {
            name,
            value: "",
            at: end_of_name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, &str)> {
        Attributes::new(text)
            .map(|attribute| (attribute.name, attribute.value))
            .collect()
    }

    #[test]
    fn attributes_are_read_however_they_are_written() {
        assert_eq!(read(r#" a="1" b = '2'"#), [("a", "1"), ("b", "2")]);
        assert_eq!(read(r#"a="1"b="2""#), [("a", "1"), ("b", "2")]);
        assert_eq!(
            read(" url=http://a/b?c=d type=x/y "),
            [("url", "http://a/b?c=d"), ("type", "x/y")]
        );
        assert_eq!(read("checked a=1"), [("checked", ""), ("a", "1")]);
        assert_eq!(read(r#"a="1" a="2""#), [("a", "1"), ("a", "2")]);
        assert_eq!(read(r#"a="never closed"#), [("a", "never closed")]);
        assert_eq!(read("= \"' /"), []);
    }

    #[test]
    fn a_value_knows_its_place() {
        let text = r#"x a="one" b=two c"#;
        for attribute in Attributes::new(text) {
            let end = attribute.at + attribute.value.len();
            assert_eq!(part(text, attribute.at, end), attribute.value);
        }
    }
}

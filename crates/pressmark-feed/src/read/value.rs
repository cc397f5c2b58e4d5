//! JSON as it comes: commas too many, values cut off.

use serde_json::{Map, Number, Value};

use crate::issues::Issues;
use crate::xml::{part, rest};

/// How deep values may stand in each other.
const DEEPEST: usize = 64;

/// Reads a JSON text from a byte on; what cannot be read is null, and what is cut off ends there.
pub(super) fn read(text: &str, start: usize, issues: &mut Issues) -> Value {
    let mut reader = Reader {
        text,
        at: start,
        is_cut_off: false,
        issues,
    };
    reader.value(0)
}

/// Members of which a part means something else than the whole: addresses, names, dates.
const EXACT: [&str; 14] = [
    "id",
    "guid",
    "url",
    "link",
    "href",
    "external_url",
    "home_page_url",
    "feed_url",
    "image",
    "banner_image",
    "icon",
    "favicon",
    "date_published",
    "date_modified",
];

struct Reader<'a, 'i> {
    text: &'a str,
    at: usize,
    is_cut_off: bool,
    issues: &'i mut Issues,
}

impl<'a> Reader<'a, '_> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        self.byte()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.peek() {
            Some(b'{') if depth < DEEPEST => self.object(depth),
            Some(b'[') if depth < DEEPEST => self.array(depth),
            Some(b'{' | b'[') => {
                self.issues
                    .note(self.at, "values stand too deep in each other");
                self.at = self.text.len();
                Value::Null
            }
            Some(b'"') => Value::String(self.string()),
            Some(_) => self.word(),
            None => Value::Null,
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut members = Map::new();
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'}') => break self.at += 1,
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let name = self.string();
                    if self.peek() == Some(b':') {
                        self.at += 1;
                    }
                    let value = self.value(depth + 1);
                    if !(self.is_cut_off && value.is_string() && EXACT.contains(&&*name)) {
                        members.insert(name, value);
                    }
                }
                Some(_) => self.skip_one(),
                None => break self.cut_off(),
            }
        }
        Value::Object(members)
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut values = Vec::new();
        self.at += 1;
        loop {
            match self.peek() {
                Some(b']') => break self.at += 1,
                Some(b',') => self.at += 1,
                Some(b'}' | b':') => self.skip_one(),
                Some(_) => values.push(self.value(depth + 1)),
                None => break self.cut_off(),
            }
        }
        Value::Array(values)
    }

    fn cut_off(&mut self) {
        if !self.is_cut_off {
            self.issues.note(self.at, "the document is cut off");
        }
        self.is_cut_off = true;
    }

    fn skip_one(&mut self) {
        self.issues
            .note(self.at, "a character that has no place here");
        self.at += rest(self.text, self.at)
            .chars()
            .next()
            .map_or(1, char::len_utf8);
    }

    fn string(&mut self) -> String {
        self.at += 1;
        let mut out = String::new();
        loop {
            let behind: &'a str = rest(self.text, self.at);
            let Some(end) = memchr::memchr2(b'"', b'\\', behind.as_bytes()) else {
                self.cut_off();
                out.push_str(behind);
                self.at = self.text.len();
                return out;
            };
            out.push_str(part(behind, 0, end));
            self.at += end + 1;
            if behind.as_bytes().get(end) == Some(&b'"') {
                return out;
            }
            self.escape(&mut out);
        }
    }

    fn escape(&mut self, out: &mut String) {
        let Some(escaped) = rest(self.text, self.at).chars().next() else {
            return;
        };
        self.at += escaped.len_utf8();
        match escaped {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' | 'f' => {}
            'u' => {
                let character = self.utf_16();
                if crate::control::is_allowed(character) {
                    out.push(character);
                }
            }
            other => out.push(other),
        }
    }

    fn utf_16(&mut self) -> char {
        let first = self.four_digits();
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        if !rest(self.text, self.at).starts_with("\\u") {
            return char::REPLACEMENT_CHARACTER;
        }
        self.at += 2;
        let second = self.four_digits();
        if !(0xDC00..0xE000).contains(&second) {
            return char::REPLACEMENT_CHARACTER;
        }
        let both = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn four_digits(&mut self) -> u32 {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        match u32::from_str_radix(digits, 16) {
            Ok(number) => {
                self.at += 4;
                number
            }
            Err(_) => char::REPLACEMENT_CHARACTER.into(),
        }
    }

    /// A number, `true`, `false`, `null`, or what is none of them.
    fn word(&mut self) -> Value {
        let behind = rest(self.text, self.at);
        let ends = |byte: u8| {
            byte.is_ascii_whitespace()
                || matches!(byte, b',' | b'}' | b']' | b'"' | b'{' | b'[' | b':')
        };
        let end = behind.bytes().position(ends).unwrap_or(behind.len());
        if end == 0 {
            self.skip_one();
            return Value::Null;
        }
        let word = part(behind, 0, end);
        let start = self.at;
        self.at += end;
        match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            other => other.parse::<Number>().map_or_else(
                |_| {
                    self.issues.note(start, "a value that is not understood");
                    Value::Null
                },
                Value::Number,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> (Value, usize) {
        let mut issues = Issues::default();
        let value = read(text, 0, &mut issues);
        (value, issues.finish(text).len())
    }

    #[test]
    fn json_reads_as_everywhere() {
        let text = r#" {"a": [1, -2.5, true, null, "x\n\"\u00e9\ud83d\ude00"], "b": {}} "#;
        assert_eq!(value(text), (serde_json::from_str(text).unwrap(), 0));
    }

    #[test]
    fn a_part_of_an_address_is_none() {
        let (cut, _) = value(r#"[{"title":"a","url":"http://12"#);
        assert_eq!(cut, json!([{"title": "a"}]));
        let (cut, _) = value(r#"[{"url":"http://news.example/1","title":"Part o"#);
        assert_eq!(
            cut,
            json!([{"url": "http://news.example/1", "title": "Part o"}])
        );
    }

    #[test]
    fn broken_json_has_values_too() {
        assert_eq!(value("{\"a\":[1,2,],}"), (json!({"a": [1, 2]}), 0));
        assert_eq!(
            value("{\"a\":[{\"b\":\"cut").0,
            json!({"a": [{"b": "cut"}]})
        );
        assert_eq!(value("{\"a\":").0, json!({"a": null}));
        assert_eq!(value("{x:1 \"a\":nan}").0, json!({"a": null}));
        assert_eq!(
            value("[\"\\ud800x\\u12\"]").0,
            json!(["\u{fffd}x\u{fffd}12"])
        );
        assert!(value(&"[".repeat(100_000)).1 > 0);
    }
}

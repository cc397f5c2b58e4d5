//! From text to tags and runs of text: HTML standard, 13.2.5.

use memchr::{memchr, memchr2, memchr3};

use crate::attr::Attr;
use crate::entity::decode_into;
use crate::tag::{Tag, push};

/// A piece of the source, or of the decoded texts that are kept behind it: offsets below the
/// source's length are in the source, the others in [`Pool::extra`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// The source and the texts that differ from how they stand in it.
#[derive(Debug, Clone)]
pub(crate) struct Pool<'a> {
    pub(crate) source: &'a str,
    pub(crate) extra: String,
}

impl Pool<'_> {
    pub(crate) fn get(&self, span: Span) -> &str {
        let (start, len) = (span.start as usize, span.len as usize);
        let (pool, start) = match start.checked_sub(self.source.len()) {
            Some(beyond) => (self.extra.as_str(), beyond),
            None => (self.source, start),
        };
        pool.get(start..start + len).unwrap_or_default()
    }

    /// The text of `from..to` in the source with its references resolved.
    fn decoded(&mut self, from: usize, to: usize, in_attribute: bool) -> Span {
        let raw = self.source.get(from..to).unwrap_or_default();
        if memchr3(b'&', b'\r', b'\0', raw.as_bytes()).is_none() {
            return span(from, to);
        }
        let start = self.source.len() + self.extra.len();
        decode_into(&mut self.extra, raw, in_attribute);
        span(start, self.source.len() + self.extra.len())
    }
}

pub(crate) fn span(from: usize, to: usize) -> Span {
    Span {
        start: u32::try_from(from).unwrap_or(u32::MAX),
        len: u32::try_from(to.saturating_sub(from)).unwrap_or(0),
    }
}

/// An attribute as it is kept in the tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttrSpan {
    pub(crate) attr: Attr,
    pub(crate) name: Span,
    pub(crate) value: Span,
}

/// A tag's name: the known tag, and the number that tells unknown ones apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) tag: Tag,
    pub(crate) key: u128,
}

impl Name {
    pub(crate) fn of(tag: Tag) -> Self {
        Self {
            tag,
            key: crate::tag::key(tag.name().as_bytes()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// The attributes are those from [`Tokenizer::attrs_from`] on.
    Start {
        name: Name,
        self_closing: bool,
    },
    End(Name),
    /// Undecoded text, as it stands from one offset to another.
    Text(usize, usize),
    Doctype {
        quirks: bool,
    },
    Eof,
}

#[derive(Debug)]
pub(crate) struct Tokenizer<'a> {
    pub(crate) pool: Pool<'a>,
    pub(crate) attrs: Vec<AttrSpan>,
    /// Where the attributes of the current tag begin.
    pub(crate) attrs_from: usize,
    /// The name of the current tag as it is written.
    pub(crate) name_span: Span,
    pos: usize,
}

impl<'a> Tokenizer<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self {
            pool: Pool {
                source,
                extra: String::new(),
            },
            attrs: Vec::with_capacity(source.len() / 40),
            attrs_from: 0,
            name_span: Span::default(),
            pos: 0,
        }
    }

    fn bytes(&self) -> &'a [u8] {
        self.pool.source.as_bytes()
    }

    fn from(&self, at: usize) -> &'a [u8] {
        self.bytes().get(at..).unwrap_or_default()
    }

    /// The next token; `in_foreign` is whether CDATA sections are allowed here.
    pub(crate) fn next(&mut self, in_foreign: bool) -> Token {
        loop {
            let rest = self.from(self.pos);
            match rest {
                [] => return Token::Eof,
                [b'<', b'/', c, ..] if c.is_ascii_alphabetic() => {
                    if let Some(token) = self.tag(self.pos + 2, true) {
                        return token;
                    }
                }
                [b'<', b'/', b'>', ..] => self.pos += 3,
                [b'<', c, ..] if c.is_ascii_alphabetic() => {
                    if let Some(token) = self.tag(self.pos + 1, false) {
                        return token;
                    }
                }
                [b'<', b'!', ..] => {
                    if let Some(token) = self.markup_declaration(in_foreign) {
                        return token;
                    }
                }
                [b'<', b'?', ..] | [b'<', b'/', _, ..] => self.skip_past_angle(),
                _ => return self.text(),
            }
        }
    }

    /// Text up to the next `<` that begins a tag or a comment.
    fn text(&mut self) -> Token {
        let start = self.pos;
        let mut at = start + usize::from(self.bytes().get(start) == Some(&b'<'));
        loop {
            at = memchr(b'<', self.from(at)).map_or(self.bytes().len(), |found| at + found);
            match self.bytes().get(at + 1) {
                Some(c) if c.is_ascii_alphabetic() || matches!(c, b'/' | b'!' | b'?') => break,
                None => {
                    at = self.bytes().len();
                    break;
                }
                Some(_) => at += 1,
            }
        }
        self.pos = at;
        Token::Text(start, at)
    }

    fn skip_past_angle(&mut self) {
        let length = self.bytes().len();
        self.pos = memchr(b'>', self.from(self.pos)).map_or(length, |at| self.pos + at + 1);
    }

    fn markup_declaration(&mut self, in_foreign: bool) -> Option<Token> {
        let rest = self.from(self.pos + 2);
        if rest.starts_with(b"--") {
            self.pos = self.comment_end(self.pos + 4);
            None
        } else if rest
            .get(..7)
            .is_some_and(|w| w.eq_ignore_ascii_case(b"doctype"))
        {
            let start = self.pos + 9;
            self.skip_past_angle();
            let text = self.pool.source.get(start..self.pos).unwrap_or_default();
            Some(Token::Doctype {
                quirks: is_quirky(text),
            })
        } else if in_foreign && rest.starts_with(b"[CDATA[") {
            let start = self.pos + 9;
            let end = find(self.from(start), b"]]>").map_or(self.bytes().len(), |at| start + at);
            self.pos = (end + 3).min(self.bytes().len());
            Some(Token::Text(start, end))
        } else {
            self.skip_past_angle();
            None
        }
    }

    /// The offset behind a comment whose text begins at `start`.
    fn comment_end(&self, start: usize) -> usize {
        let rest = self.from(start);
        if rest.starts_with(b">") {
            return start + 1;
        }
        if rest.starts_with(b"->") {
            return start + 2;
        }
        let mut at = start;
        while let Some(found) = find(self.from(at), b"--") {
            at += found + 2;
            match self.from(at) {
                [b'>', ..] => return at + 1,
                [b'!', b'>', ..] => return at + 2,
                [b'-', ..] => at -= 1,
                _ => {}
            }
        }
        self.bytes().len()
    }

    /// A tag whose name begins at `start`; `None` if the source ends within it.
    fn tag(&mut self, start: usize, end_tag: bool) -> Option<Token> {
        let bytes = self.bytes();
        let mut key = 0;
        let mut at = start;
        for &byte in self.from(start) {
            if matches!(byte, b'\t' | b'\n' | b'\x0C' | b'\r' | b' ' | b'/' | b'>') {
                break;
            }
            key = push(key, byte.to_ascii_lowercase());
            at += 1;
        }
        self.name_span = span(start, at);
        self.attrs_from = self.attrs.len();
        let mut self_closing = false;
        loop {
            match bytes.get(at) {
                None => {
                    self.pos = bytes.len();
                    self.attrs.truncate(self.attrs_from);
                    return None;
                }
                Some(b'>') => break,
                Some(b'/') => self_closing = true,
                Some(b'\t' | b'\n' | b'\x0C' | b'\r' | b' ') => {}
                Some(_) => {
                    self_closing = false;
                    at = self.attribute(at);
                    continue;
                }
            }
            at += 1;
        }
        self_closing = self_closing && bytes.get(at.wrapping_sub(1)) == Some(&b'/');
        self.pos = at + 1;
        let name = Name {
            tag: Tag::from_key(key),
            key,
        };
        if end_tag {
            self.attrs.truncate(self.attrs_from);
            return Some(Token::End(name));
        }
        Some(Token::Start { name, self_closing })
    }

    /// Reads the attribute that begins at `start`; returns the offset behind it.
    fn attribute(&mut self, start: usize) -> usize {
        let bytes = self.bytes();
        let mut key = 0;
        let mut at = start;
        for &byte in self.from(start) {
            let ends = matches!(byte, b'\t' | b'\n' | b'\x0C' | b'\r' | b' ' | b'/' | b'>')
                || (byte == b'=' && at > start);
            if ends {
                break;
            }
            key = push(key, byte.to_ascii_lowercase());
            at += 1;
        }
        let name = span(start, at);
        let after_name = at;
        at += spaces(self.from(at));
        if bytes.get(at) != Some(&b'=') {
            self.keep(key, name, Span::default());
            return after_name;
        }
        at += 1;
        at += spaces(self.from(at));
        let (value, end) = if let Some(&quote @ (b'"' | b'\'')) = bytes.get(at) {
            let from = at + 1;
            let to = memchr(quote, self.from(from)).map_or(bytes.len(), |n| from + n);
            ((from, to), (to + 1).min(bytes.len()))
        } else {
            let ends = |b: &u8| matches!(b, b'\t' | b'\n' | b'\x0C' | b'\r' | b' ' | b'>');
            let length = self.from(at).iter().take_while(|b| !ends(b)).count();
            ((at, at + length), at + length)
        };
        let value = self.pool.decoded(value.0, value.1, true);
        self.keep(key, name, value);
        end
    }

    fn keep(&mut self, key: u128, name: Span, value: Span) {
        self.attrs.push(AttrSpan {
            attr: Attr::from_key(key),
            name,
            value,
        });
    }

    /// Consumes the content of a raw text element and its end tag; the offsets of the content.
    pub(crate) fn raw_text(&mut self, tag: Tag) -> (usize, usize) {
        let start = self.pos;
        let end = match tag {
            Tag::Plaintext => self.bytes().len(),
            Tag::Script => self.script_end(start),
            _ => self.end_tag_from(start, tag.name().as_bytes()),
        };
        self.pos = end;
        if end < self.bytes().len() && self.tag(end + 2, true).is_none() {
            self.pos = self.bytes().len();
        }
        (start, end)
    }

    fn end_tag_from(&self, start: usize, name: &[u8]) -> usize {
        let mut at = start;
        while let Some(found) = memchr(b'<', self.from(at)) {
            at += found;
            if is_end_tag(self.from(at), name) {
                return at;
            }
            at += 1;
        }
        self.bytes().len()
    }

    /// Where the end tag of a script stands: not inside `<!-- <script>`.
    fn script_end(&self, start: usize) -> usize {
        let (mut at, mut escaped, mut double) = (start, false, false);
        while let Some(found) = memchr2(b'<', b'-', self.from(at)) {
            at += found;
            let rest = self.from(at);
            if rest.starts_with(b"-->") {
                (escaped, double) = (false, false);
                at += 2;
            } else if rest.starts_with(b"<!--") && !escaped {
                // `<!-->` closes at once, so the dashes are looked at again.
                escaped = true;
                at += 1;
            } else if is_end_tag(rest, b"script") {
                if !double {
                    return at;
                }
                double = false;
            } else if escaped && !double && is_start_tag(rest, b"script") {
                double = true;
            }
            at += 1;
        }
        self.bytes().len()
    }

    /// The text between two offsets, references resolved unless `raw`.
    pub(crate) fn content(&mut self, from: usize, to: usize, raw: bool) -> Span {
        if raw {
            span(from, to)
        } else {
            self.pool.decoded(from, to, false)
        }
    }

    /// Skips a line feed that stands right after `<pre>` and the like.
    pub(crate) fn skip_line_feed(&mut self) {
        match self.from(self.pos) {
            [b'\r', b'\n', ..] => self.pos += 2,
            [b'\n' | b'\r', ..] => self.pos += 1,
            _ => {}
        }
    }
}

fn spaces(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|b| matches!(b, b'\t' | b'\n' | b'\x0C' | b'\r' | b' '))
        .count()
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, needle)
}

fn is_start_tag(text: &[u8], name: &[u8]) -> bool {
    let after = text.get(1..).unwrap_or_default();
    after
        .get(..name.len())
        .is_some_and(|word| word.eq_ignore_ascii_case(name))
        && matches!(
            after.get(name.len()),
            Some(b'\t' | b'\n' | b'\x0C' | b'\r' | b' ' | b'/' | b'>')
        )
}

fn is_end_tag(text: &[u8], name: &[u8]) -> bool {
    text.get(1) == Some(&b'/') && is_start_tag(text.get(1..).unwrap_or_default(), name)
}

/// Whether this doctype (the text after the word) asks for quirks mode; 13.2.6.4.1, the common
/// part of its table.
fn is_quirky(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let name = text
        .trim_start()
        .split(|c: char| c.is_ascii_whitespace() || c == '>')
        .next();
    if name != Some("html") {
        return true;
    }
    let old = [
        "-//w3c//dtd html 3",
        "-//ietf//dtd html",
        "-//w3c//dtd html 4.0 ",
        "-//netscape",
    ];
    let frames = text.contains("-//w3c//dtd html 4.01 frameset")
        || text.contains("-//w3c//dtd html 4.01 transitional");
    old.iter().any(|id| text.contains(id)) || (frames && !text.contains("http://"))
}

//! Text into tags, text and character data, in one pass over the document.
//!
//! A strict reader ends at the first flaw. This one has no errors: a `<` that begins nothing is
//! text, a section that never ends gives way to the element around it, and what is cut off at the
//! end of the document is left out. Searches that found nothing are remembered, so that the whole
//! takes time in proportion to the length of the document, whatever it contains.

use memchr::{memchr, memmem};

use super::{part, rest};
use crate::issues::Issues;

/// A piece of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Character data in which references stand.
    Text(&'a str),
    /// Character data without references.
    CData(&'a str),
    Start(Tag<'a>),
    /// The qualified name.
    End(&'a str),
    /// What stands between `<!DOCTYPE` and its `>`.
    Doctype(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// The qualified name.
    pub(crate) name: &'a str,
    /// The text of the attributes.
    pub(crate) attributes: &'a str,
    /// Whether the tag ends in `/>`.
    pub(crate) empty: bool,
}

/// The tokens of a document.
#[derive(Debug)]
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    none_left: NoneLeft,
    /// Where the next `]]>` stands, once it was looked for; the end of the text if nowhere.
    cdata_end: usize,
    pub(crate) issues: Issues,
}

/// What no longer occurs in the rest of the document.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one fact each, and all may hold"
)]
struct NoneLeft {
    comment_end: bool,
    doctype_end: bool,
    instruction_end: bool,
    double_quote: bool,
    single_quote: bool,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a str, issues: Issues) -> Self {
        Self {
            text,
            at: 0,
            none_left: NoneLeft::default(),
            cdata_end: 0,
            issues,
        }
    }

    /// The byte at which the next token begins.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The next token. `open` is the qualified name of the innermost open element: its end tag
    /// also ends a CDATA section that has no end.
    pub(crate) fn next(&mut self, open: &str) -> Option<Token<'a>> {
        loop {
            let start = self.at;
            if self.byte(start)? != b'<' {
                let end = self.find_from(start, b'<').unwrap_or(self.text.len());
                self.at = end;
                return Some(Token::Text(part(self.text, start, end)));
            }
            let found = match self.byte(start + 1) {
                Some(b'/') => self.end_tag(start),
                Some(b'!') => self.declaration(start, open),
                Some(b'?') => self.instruction(start),
                Some(byte) if begins_name(byte) => self.start_tag(start),
                _ => Some(self.literal(start)),
            };
            if found.is_some() {
                return found;
            }
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn bytes_from(&self, at: usize) -> &'a [u8] {
        self.text.as_bytes().get(at..).unwrap_or_default()
    }

    fn find_from(&self, at: usize, byte: u8) -> Option<usize> {
        memchr(byte, self.bytes_from(at)).map(|found| at + found)
    }

    /// A `<` that begins no markup, and the text behind it.
    fn literal(&mut self, start: usize) -> Token<'a> {
        self.issues.note(start, "`<` that begins no tag");
        self.at = self.find_from(start + 1, b'<').unwrap_or(self.text.len());
        Token::Text(part(self.text, start, self.at))
    }

    fn cut_off(&mut self, start: usize) -> Option<Token<'a>> {
        self.issues.note(start, "the document ends inside a tag");
        self.at = self.text.len();
        None
    }

    fn end_tag(&mut self, start: usize) -> Option<Token<'a>> {
        let name_start = start + 2;
        if !self.byte(name_start).is_some_and(begins_name) {
            return if self.byte(name_start).is_some() {
                Some(self.literal(start))
            } else {
                self.cut_off(start)
            };
        }
        let Some(length) = memchr::memchr2(b'>', b'<', self.bytes_from(name_start)) else {
            return self.cut_off(start);
        };
        let end = name_start + length;
        self.at = if self.byte(end) == Some(b'>') {
            end + 1
        } else {
            end
        };
        let inside = part(self.text, name_start, end);
        let name = inside.split_ascii_whitespace().next().unwrap_or_default();
        Some(Token::End(name))
    }

    fn start_tag(&mut self, start: usize) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        while bytes.get(at).is_some_and(|byte| !ends_name(*byte)) {
            at += 1;
        }
        let name_end = at;
        let mut behind_equals = false;
        loop {
            match self.byte(at) {
                None => return self.cut_off(start),
                Some(b'>') => break,
                Some(b'<') => return Some(self.literal(start)),
                Some(quote @ (b'"' | b'\'')) if behind_equals => {
                    if let Some(close) = self.closing_quote(at, quote) {
                        at = close;
                    }
                    behind_equals = false;
                }
                Some(byte) => {
                    if !byte.is_ascii_whitespace() {
                        behind_equals = byte == b'=';
                    }
                }
            }
            at += 1;
        }
        self.at = at + 1;
        let empty = at > name_end && self.byte(at - 1) == Some(b'/');
        let name = part(self.text, start + 1, name_end);
        let attributes = part(self.text, name_end, if empty { at - 1 } else { at });
        Some(Token::Start(Tag {
            name,
            attributes,
            empty,
        }))
    }

    fn closing_quote(&mut self, at: usize, quote: u8) -> Option<usize> {
        let double = quote == b'"';
        if if double {
            self.none_left.double_quote
        } else {
            self.none_left.single_quote
        } {
            return None;
        }
        let found = self.find_from(at + 1, quote);
        if found.is_none() {
            self.issues.note(at, "a quoted value never ends");
            let none_left = &mut self.none_left;
            *(if double {
                &mut none_left.double_quote
            } else {
                &mut none_left.single_quote
            }) = true;
        }
        found
    }

    fn instruction(&mut self, start: usize) -> Option<Token<'a>> {
        let end = if self.none_left.instruction_end {
            None
        } else {
            memmem::find(self.bytes_from(start), b"?>")
        };
        if let Some(length) = end {
            self.at = start + length + 2;
            return None;
        }
        self.none_left.instruction_end = true;
        self.bogus(start)
    }

    /// `<?` or `<!` that is nothing known: left out up to the next `>`.
    fn bogus(&mut self, start: usize) -> Option<Token<'a>> {
        self.issues
            .note(start, "a declaration that is not understood");
        match memchr::memchr2(b'>', b'<', self.bytes_from(start + 1)) {
            Some(length) => {
                let end = start + 1 + length;
                self.at = if self.byte(end) == Some(b'>') {
                    end + 1
                } else {
                    end
                };
            }
            None => self.at = self.text.len(),
        }
        None
    }

    fn declaration(&mut self, start: usize, open: &str) -> Option<Token<'a>> {
        let bytes = self.bytes_from(start);
        if bytes.starts_with(b"<![CDATA[") {
            return Some(self.cdata(start + 9, open));
        }
        if bytes.starts_with(b"<!--") {
            return self.comment(start);
        }
        let doctype = bytes
            .get(2..9)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"doctype"));
        if doctype {
            self.doctype(start)
        } else {
            self.bogus(start)
        }
    }

    fn comment(&mut self, start: usize) -> Option<Token<'a>> {
        let inside = start + 4;
        if !self.none_left.comment_end {
            if let Some(length) = memmem::find(self.bytes_from(inside), b"-->") {
                self.at = inside + length + 3;
                return None;
            }
            self.none_left.comment_end = true;
            self.issues.note(start, "a comment never ends");
        }
        self.at = inside;
        None
    }

    fn cdata(&mut self, start: usize, open: &str) -> Token<'a> {
        if self.cdata_end < start {
            let found = memmem::find(self.bytes_from(start), b"]]>");
            self.cdata_end = found.map_or(self.text.len(), |length| start + length);
        }
        let ends = self.cdata_end < self.text.len();
        let section = part(self.text, start, self.cdata_end);
        let nested = memmem::find(section.as_bytes(), b"<![CDATA[");
        let unclosed = match nested {
            Some(to) => Some(part(section, 0, to)),
            None => (!ends).then_some(section),
        };
        if let Some(close) = unclosed.and_then(|section| find_end_tag(section, open)) {
            self.issues.note(start, "a CDATA section never ends");
            self.at = start + close;
            return Token::CData(part(section, 0, close));
        }
        self.at = self.cdata_end + if ends { 3 } else { 0 };
        if !ends {
            self.issues
                .note(start, "the document ends inside a CDATA section");
        }
        Token::CData(section)
    }

    /// `<!DOCTYPE` up to its `>`, with an internal subset in brackets and quoted values in it.
    fn doctype(&mut self, start: usize) -> Option<Token<'a>> {
        if self.none_left.doctype_end {
            return self.bogus(start);
        }
        let inside = start + 9;
        let mut brackets = 0_usize;
        let mut at = inside;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'[' => brackets += 1,
                b']' => brackets = brackets.saturating_sub(1),
                b'"' | b'\'' => match self.closing_quote(at, byte) {
                    Some(close) => at = close,
                    None => break,
                },
                b'>' if brackets == 0 => {
                    self.at = at + 1;
                    return Some(Token::Doctype(part(self.text, inside, at)));
                }
                _ => {}
            }
            at += 1;
        }
        self.none_left.doctype_end = true;
        self.bogus(start)
    }
}

/// Where the end tag of an element stands in a text.
fn find_end_tag(text: &str, name: &str) -> Option<usize> {
    if name.is_empty() {
        return None;
    }
    memmem::find_iter(text.as_bytes(), b"</").find(|at| {
        let behind = rest(text, at + 2);
        let ends = behind
            .as_bytes()
            .get(name.len())
            .is_none_or(|byte| ends_name(*byte));
        ends && behind
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
    })
}

fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80
}

fn ends_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<' | b'=' | b'"' | b'\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut tokens = Tokens::new(text, Issues::default());
        let mut seen = String::new();
        while let Some(token) = tokens.next("d") {
            let shown = match token {
                Token::Text(text) => format!("[{text}]"),
                Token::CData(text) => format!("C[{text}]"),
                Token::Start(tag) if tag.empty => format!("({}{}/)", tag.name, tag.attributes),
                Token::Start(tag) => format!("({}{})", tag.name, tag.attributes),
                Token::End(name) => format!("(/{name})"),
                Token::Doctype(text) => format!("D[{text}]"),
            };
            seen.push_str(&shown);
        }
        seen
    }

    #[test]
    fn well_formed_documents() {
        assert_eq!(
            read("<?xml version='1.0'?><a b=\"c>d\">e&amp;f<g/></a >"),
            "(a b=\"c>d\")[e&amp;f](g/)(/a)"
        );
        assert_eq!(read("<a><![CDATA[<b>]]><!-- <c> --></a>"), "(a)C[<b>](/a)");
        assert_eq!(
            read("<!DOCTYPE a [<!ENTITY b \"c>]\">]><a/>"),
            "D[ a [<!ENTITY b \"c>]\">]](a/)"
        );
    }

    #[test]
    fn broken_documents_have_tokens_too() {
        assert_eq!(read("5 < 6 <3"), "[5 ][< 6 ][<3]");
        assert_eq!(read("x <b y <i>z"), "[x ][<b y ](i)[z]");
        assert_eq!(read("<a b='never>text"), "(a b='never)[text]");
        assert_eq!(read("<a></b <c>"), "(a)(/b)(c)");
        assert_eq!(read("<a/ ></>"), "(a/ )[</>]");
        assert_eq!(read("<a>text<b c=\"d"), "(a)[text]");
        assert_eq!(read("<d><![CDATA[cut"), "(d)C[cut]");
    }

    #[test]
    fn a_section_without_end_ends_with_its_element() {
        assert_eq!(
            read("<d><![CDATA[one</d><e>two</e>"),
            "(d)C[one](/d)(e)[two](/e)"
        );
        let two = "<d><![CDATA[one</d><d><![CDATA[two]]></d>";
        assert_eq!(read(two), "(d)C[one](/d)(d)C[two](/d)");
        assert_eq!(
            read("<d><![CDATA[a <![CDATA[b]]></d>"),
            "(d)C[a <![CDATA[b](/d)"
        );
    }
}

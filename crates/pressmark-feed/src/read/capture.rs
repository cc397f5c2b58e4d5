//! The text of one element while it is read.

use crate::address::{Base, absolute};
use crate::read::element::Field;
use crate::text::{collapse, escape, has_tags, is_void, looks_like_html, plain};
use crate::xml::{Attributes, Entities, Tag, part};

/// What an element's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Plain text (Atom `type="text"`).
    Plain,
    /// HTML with its markup escaped or in a CDATA section.
    Html,
    /// HTML as elements of the document.
    Xhtml,
    /// Base64 of a text.
    Base64,
    /// RSS does not say.
    Unknown,
}

/// The longest line of text that is kept, in bytes.
const LONGEST_LINE: usize = 64 << 10;
/// The longest body that is kept, in bytes.
const LONGEST_BODY: usize = 8 << 20;
/// How deep elements may stand in a text.
const DEEPEST: usize = 256;

/// Where an element begins: in the text, and in the namespace declarations.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) byte: usize,
    pub(super) names: usize,
}

/// An element whose text is being read.
#[derive(Debug)]
pub(super) struct Capture<'a> {
    /// The qualified name of the element.
    pub(super) name: &'a str,
    /// The text of its attributes.
    pub(super) attributes: &'a str,
    pub(super) field: Field,
    pub(super) kind: Kind,
    pub(super) base: Base,
    /// Where in the text of the document it begins.
    pub(super) at: usize,
    text: String,
    /// The namespace declarations before the element.
    pub(super) names: usize,
    /// The open elements inside it, and the namespace declarations before each.
    inner: Vec<(&'a str, usize)>,
    /// How many more are open, deeper than is kept.
    deeper: usize,
    marked_up: bool,
    /// How many elements of the wrapper that XHTML content needs are open, or were: it is no
    /// part of the content.
    wrapper: Wrapper,
    full: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapper {
    None,
    Open,
    Closed,
}

impl<'a> Capture<'a> {
    pub(super) fn new(tag: Tag<'a>, field: Field, kind: Kind, base: Base, place: At) -> Self {
        Self {
            name: tag.name,
            attributes: tag.attributes,
            field,
            kind,
            base,
            at: place.byte,
            names: place.names,
            text: String::new(),
            inner: Vec::new(),
            deeper: 0,
            marked_up: false,
            wrapper: Wrapper::None,
            full: false,
        }
    }

    /// The innermost open element.
    pub(super) fn open_name(&self) -> &'a str {
        self.inner.last().map_or(self.name, |(open, _)| open)
    }

    /// Whether the text is HTML as elements of the document.
    pub(super) fn is_markup(&self) -> bool {
        self.kind == Kind::Xhtml
    }

    /// Whether the text is cut off at the longest that is kept.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Takes character data with references in it.
    pub(super) fn push_text(&mut self, text: &str, entities: &mut Entities) {
        let text = self.fitting(text);
        // Markup keeps its references: they mean the same in HTML.
        if self.kind == Kind::Xhtml || !self.inner.is_empty() {
            self.text.push_str(text);
        } else {
            entities.resolve(text, &mut self.text);
        }
    }

    /// Takes character data without references.
    pub(super) fn push_cdata(&mut self, text: &str) {
        let text = self.fitting(text);
        if self.kind == Kind::Xhtml {
            self.text.push_str(&escape(text));
        } else {
            self.text.push_str(text);
        }
    }

    /// As much of a text as there is room for.
    fn fitting<'t>(&mut self, text: &'t str) -> &'t str {
        let most = if self.field.is_body() {
            LONGEST_BODY
        } else {
            LONGEST_LINE
        };
        let room = if self.full {
            0
        } else {
            most.saturating_sub(self.text.len())
        };
        if text.len() <= room {
            return text;
        }
        self.full = true;
        part(text, 0, text.floor_char_boundary(room))
    }

    /// Takes the start tag of an element inside the text. `html` says that it is of HTML's
    /// namespace, in which prefixes mean nothing; `names` are the namespace declarations before
    /// it. Whether it stays open.
    pub(super) fn push_start(&mut self, tag: Tag<'a>, html: bool, names: usize) -> bool {
        if self.inner.len() >= DEEPEST {
            self.deeper += usize::from(!tag.empty);
            return false;
        }
        let local = local_name(tag.name);
        let is_wrapper = self.wrapper == Wrapper::None
            && self.kind == Kind::Xhtml
            && self.inner.is_empty()
            && local.eq_ignore_ascii_case("div")
            && self.text.trim().is_empty();
        if is_wrapper && !tag.empty {
            self.wrapper = Wrapper::Open;
            self.base = super::base_of(tag.attributes, &self.base);
            self.inner.push((tag.name, names));
            return true;
        }
        let name = if html { local } else { tag.name };
        self.marked_up = true;
        if self.fitting(tag.attributes) == tag.attributes {
            self.text.push('<');
            self.text.push_str(name);
            self.push_attributes(name, tag.attributes);
            self.text.push('>');
        }
        let opens = !tag.empty && !is_void(local);
        if opens {
            self.inner.push((tag.name, names));
        } else if !is_void(local) {
            self.push_end_tag(name);
        }
        opens
    }

    fn push_attributes(&mut self, name: &str, attributes: &str) {
        if memchr::memmem::find(attributes.as_bytes(), b"xml").is_none() {
            self.text.push_str(attributes.trim_end());
            return;
        }
        for attribute in Attributes::new(attributes).take(crate::text::MOST_ATTRIBUTES) {
            // Nothing but SVG and MathML has a namespace in HTML.
            let foreign = matches!(name, "svg" | "math") && attribute.name == "xmlns";
            if attribute.name.starts_with("xml") && !foreign {
                continue;
            }
            let quote = if attribute.value.contains('"') {
                '\''
            } else {
                '"'
            };
            self.text.push(' ');
            self.text.push_str(attribute.name);
            self.text.push('=');
            self.text.push(quote);
            self.text.push_str(attribute.value);
            self.text.push(quote);
        }
    }

    fn push_end_tag(&mut self, name: &str) {
        if !self.full {
            self.text.push_str("</");
            self.text.push_str(name);
            self.text.push('>');
        }
    }

    /// Closes the innermost element of that name inside the text, and what is open in it. The
    /// namespace declarations that stay; none when there is no such element.
    pub(super) fn push_end(&mut self, name: &str, html: bool) -> Option<usize> {
        if self.deeper > 0 {
            self.deeper -= 1;
            return Some(usize::MAX);
        }
        let is_open = |(open, _): &(&str, usize)| open.eq_ignore_ascii_case(name);
        let found = self.inner.iter().rposition(is_open)?;
        let mut names = usize::MAX;
        while self.inner.len() > found {
            let Some((open, before)) = self.inner.pop() else {
                break;
            };
            names = before;
            if self.inner.is_empty() && self.wrapper == Wrapper::Open {
                self.wrapper = Wrapper::Closed;
            } else {
                self.push_end_tag(if html { local_name(open) } else { open });
            }
        }
        Some(names)
    }

    /// The text as one line without markup, and as HTML where it has markup.
    pub(super) fn line(self) -> (String, Option<String>) {
        let (text, html) = match self.kind {
            Kind::Base64 => (from_base64(self.text), true),
            Kind::Plain => (self.text, self.marked_up),
            Kind::Html | Kind::Xhtml => (self.text, true),
            Kind::Unknown => {
                let html = self.marked_up || looks_like_html(&self.text);
                (self.text, html)
            }
        };
        if !html {
            return (collapse(&text), None);
        }
        let markup = has_tags(&text).then(|| absolute(text.trim().to_owned(), &self.base));
        (plain(&text), markup)
    }

    /// The text as HTML, addresses absolute.
    pub(super) fn html(self) -> String {
        let html = match self.kind {
            Kind::Plain if !self.marked_up => escape(&self.text),
            Kind::Base64 => from_base64(self.text),
            _ => self.text,
        };
        absolute(html, &self.base)
    }

    /// The text as it stands, without white space around it.
    pub(super) fn word(&self) -> &str {
        self.text
            .trim_matches(|next: char| next.is_whitespace() || next == '\u{feff}')
    }
}

fn local_name(name: &str) -> &str {
    name.find(':')
        .map_or(name, |colon| part(name, colon + 1, name.len()))
}

/// The HTML that Base64 stands for; what is no Base64 of text stays as it is.
fn from_base64(text: String) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let packed: String = text.split_ascii_whitespace().collect();
    let decoded = STANDARD
        .decode(packed)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded {
        Some(decoded) if looks_like_html(&decoded) => decoded,
        Some(decoded) => escape(&decoded),
        None => text,
    }
}

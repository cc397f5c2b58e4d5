//! References: `&amp;`, `&#8217;`, `&eacute;`, and those that a document declares itself.

use memchr::memchr;

use super::{latin, part, rest};

/// The references of one document, and how much of them may still be written out.
#[derive(Debug)]
pub(crate) struct Entities {
    declared: Vec<(String, String)>,
    /// What the declared ones may still bring, in bytes.
    budget: usize,
    /// Whether an ampersand was met that begins no reference.
    stray: bool,
}

/// More entities than this no feed declares.
const MOST_DECLARED: usize = 256;
/// The longest name of a reference, in bytes.
const LONGEST_NAME: usize = 32;
/// How deep declared entities may stand in each other.
const DEEPEST: usize = 8;
/// What all declared entities of a document may bring, in bytes.
const BUDGET: usize = 256 * 1024;

impl Default for Entities {
    fn default() -> Self {
        Self {
            declared: Vec::new(),
            budget: BUDGET,
            stray: false,
        }
    }
}

impl Entities {
    /// Takes the internal entities of a document type declaration (XML 1.0, 4.2.1). External and
    /// parameter entities are left alone: nothing outside the document is ever read.
    pub(crate) fn declare(&mut self, doctype: &str) {
        let mut at = 0;
        while let Some(found) = memchr::memmem::find(rest(doctype, at).as_bytes(), b"<!ENTITY") {
            at += found + 8;
            let Some((name, value)) = internal_entity(rest(doctype, at)) else {
                continue;
            };
            if self.declared.len() >= MOST_DECLARED {
                return;
            }
            if !self.declared.iter().any(|(known, _)| known == name) {
                self.declared.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Whether declared entities were worth more than they may be, and are left out since.
    pub(crate) fn exhausted(&self) -> bool {
        self.budget == 0
    }

    /// Whether an ampersand was met since the last question that begins no reference.
    pub(crate) fn take_stray(&mut self) -> bool {
        std::mem::take(&mut self.stray)
    }

    /// Appends `text` with its references resolved. What is no reference stays as it is.
    pub(crate) fn resolve(&mut self, text: &str, into: &mut String) {
        self.resolve_at(text, into, 0);
    }

    fn resolve_at(&mut self, text: &str, into: &mut String, depth: usize) {
        let mut at = 0;
        while let Some(found) = memchr(b'&', rest(text, at).as_bytes()) {
            into.push_str(part(text, at, at + found));
            at += found;
            let behind = rest(text, at + 1);
            at += 1 + self.reference(behind, into, depth);
        }
        into.push_str(rest(text, at));
    }

    /// Appends what the reference at the start of `text`, behind its `&`, means. The number of
    /// bytes it takes; 0 and an ampersand when it is none.
    fn reference(&mut self, text: &str, into: &mut String, depth: usize) -> usize {
        let bytes = text.as_bytes();
        match bytes {
            [b'l', b't', b';', ..] => return push(into, '<', 3),
            [b'g', b't', b';', ..] => return push(into, '>', 3),
            [b'a', b'm', b'p', b';', ..] => return push(into, '&', 4),
            [b'#', ..] => return numeric(text, into),
            _ => {}
        }
        let longest = bytes.get(..LONGEST_NAME).unwrap_or(bytes);
        let Some(name) = memchr(b';', longest).map(|end| part(text, 0, end)) else {
            return self.stray(into);
        };
        if let Some(character) = named(name) {
            return push(into, character, name.len() + 1);
        }
        let Some(index) = self.declared.iter().position(|(known, _)| known == name) else {
            return self.stray(into);
        };
        if depth < DEEPEST {
            let value = self
                .declared
                .get(index)
                .map(|(_, value)| value.clone())
                .unwrap_or_default();
            // Even an empty value takes time.
            let Some(budget) = self.budget.checked_sub(value.len() + 16) else {
                self.budget = 0;
                return name.len() + 1;
            };
            self.budget = budget;
            self.resolve_at(&value, into, depth + 1);
        }
        name.len() + 1
    }

    fn stray(&mut self, into: &mut String) -> usize {
        self.stray = true;
        push(into, '&', 0)
    }
}

/// Resolves the references of HTML in a text: numbers and the names of HTML 4.01.
pub(crate) fn decode_html(text: &str, into: &mut String) {
    Entities::default().resolve(text, into);
}

/// Whether a reference that HTML knows stands in the text.
pub(crate) fn has_reference(text: &str) -> bool {
    memchr::memchr_iter(b'&', text.as_bytes()).any(|at| {
        let behind = rest(text, at + 1);
        let longest = behind
            .as_bytes()
            .get(..LONGEST_NAME)
            .unwrap_or(behind.as_bytes());
        memchr(b';', longest).is_some_and(|end| {
            let name = part(behind, 0, end);
            match name.strip_prefix('#') {
                Some(number) => code(number).is_some(),
                None => named(name).is_some(),
            }
        })
    })
}

fn push(into: &mut String, character: char, taken: usize) -> usize {
    into.push(character);
    taken
}

fn named(name: &str) -> Option<char> {
    match name {
        "apos" => Some('\''),
        _ => latin::character(name),
    }
}

fn code(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    }
}

fn numeric(text: &str, into: &mut String) -> usize {
    let Some((number, taken)) = number_at(text) else {
        return push(into, '&', 0);
    };
    let Some(number) = code(number) else {
        // A number, but of no character.
        return push(into, char::REPLACEMENT_CHARACTER, taken);
    };
    if let 0xD800..0xDC00 = number {
        let low = rest(text, taken).strip_prefix('&').and_then(number_at);
        let low_code = low
            .and_then(|(low, _)| code(low))
            .filter(|low| (0xDC00..0xE000).contains(low));
        if let (Some((_, low_taken)), Some(low)) = (low, low_code) {
            let both = 0x10000 + ((number - 0xD800) << 10) + (low - 0xDC00);
            let character = char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER);
            return push(into, character, taken + 1 + low_taken);
        }
    }
    match number {
        0x80..0xA0 => push(into, windows_1252(number), taken),
        0x09 | 0x0A | 0x0D | 0x20.. => push(
            into,
            char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER),
            taken,
        ),
        // Characters that XML forbids.
        _ => taken,
    }
}

/// The digits of `#123;` or `#x1F;` with their `x`, and the length of the whole.
fn number_at(text: &str) -> Option<(&str, usize)> {
    let number = text.strip_prefix('#')?;
    let longest = number
        .as_bytes()
        .get(..LONGEST_NAME)
        .unwrap_or(number.as_bytes());
    let end = memchr(b';', longest)?;
    let number = part(number, 0, end);
    let digits = number.strip_prefix(['x', 'X']);
    let well = match digits {
        Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()),
    };
    well.then_some((number, end + 2))
}

/// What writers mean by `&#146;`: the byte in windows-1252.
fn windows_1252(number: u32) -> char {
    let byte = [u8::try_from(number).unwrap_or(b'?')];
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
    text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn internal_entity(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (name, behind) = text.split_once(|byte: char| byte.is_ascii_whitespace())?;
    let behind = behind.trim_start();
    let quote = behind
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, _) = rest(behind, 1).split_once(quote)?;
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> String {
        let mut out = String::new();
        Entities::default().resolve(text, &mut out);
        out
    }

    #[test]
    fn references_are_resolved_and_the_rest_stays() {
        assert_eq!(
            resolve("a &lt;b&gt; &amp;amp; &quot;&apos;"),
            "a <b> &amp; \"'"
        );
        assert_eq!(resolve("caf&eacute; &#8217;&#x2019;&#X27;"), "café ’’'");
        assert_eq!(
            resolve("R&D & &; &bogus; &copy=1 &lt=2"),
            "R&D & &; &bogus; &copy=1 &lt=2"
        );
        assert_eq!(
            resolve("&#146; &#55357;&#56832; &#55357; &#99999999999;"),
            "’ 😀 \u{fffd} \u{fffd}"
        );
        assert_eq!(resolve("a&#0;&#11;&#x1F;b &# &#; &#x;"), "ab &# &#; &#x;");
    }

    #[test]
    fn declared_entities_are_worth_so_much_and_no_more() {
        let mut entities = Entities::default();
        let ten = "&a;".repeat(10);
        entities.declare(&format!(
            "x [<!ENTITY s \"Site\"><!ENTITY a '{}'>",
            "A".repeat(1000)
        ));
        entities.declare(&format!(
            "<!ENTITY b \"{ten}\"><!ENTITY c SYSTEM \"file:///x\"><!ENTITY d \"&d;\">"
        ));
        let mut out = String::new();
        entities.resolve("&s; &c; &d;", &mut out);
        assert_eq!(out, "Site &c; ");
        entities.resolve(&"&b;".repeat(100_000), &mut out);
        assert!(out.len() <= BUDGET + 10 && entities.exhausted());
    }
}

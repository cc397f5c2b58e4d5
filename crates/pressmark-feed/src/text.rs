//! Titles, names and snippets: HTML into plain text and back.

use crate::xml::{Attributes, decode_html, has_reference, part, rest};

/// The words of a text with one blank between them.
pub(crate) fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A language tag as BCP 47 writes it: with hyphens.
pub(crate) fn language_tag(text: &str) -> Option<String> {
    let tag = collapse(text).replace('_', "-");
    (!tag.is_empty()).then_some(tag)
}

/// White space that separates words: no-break spaces are part of the text.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t' | '\n' | '\r' | '\u{feff}' | '\u{200b}'
    )
}

/// Plain text as HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(text, &mut out);
    out
}

/// Appends plain text as HTML.
pub(crate) fn escape_into(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

/// The text of a piece of HTML: tags left out, references resolved, white space collapsed.
pub(crate) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut at = 0;
    while let Some((start, name, end)) = next_tag(html, at) {
        text.push_str(part(html, at, start));
        let name = name.trim_start_matches('/');
        if is_block(name) {
            text.push(' ');
        }
        at = end;
        if name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("style") {
            at = next_tag(html, at).map_or(html.len(), |(.., end)| end);
        }
    }
    text.push_str(rest(html, at));
    let mut decoded = String::with_capacity(text.len());
    decode_html(&text, &mut decoded);
    collapse(&decoded)
}

/// Whether a text of which nobody said what it is has tags of HTML.
pub(crate) fn has_tags(text: &str) -> bool {
    next_tag(text, 0).is_some()
}

/// Whether a text of which nobody said what it is reads as HTML.
pub(crate) fn looks_like_html(text: &str) -> bool {
    has_tags(text) || has_reference(text)
}

/// The next tag of a known element or comment from a place on: its start, its name with the slash
/// of an end tag, and where the text goes on.
fn next_tag(html: &str, from: usize) -> Option<(usize, &str, usize)> {
    let mut at = from;
    while let Some(found) = memchr::memchr(b'<', rest(html, at).as_bytes()) {
        let start = at + found;
        let behind = rest(html, start + 1);
        if behind.starts_with("!--") {
            let end = behind
                .find("-->")
                .map_or(html.len(), |end| start + 1 + end + 3);
            return Some((start, "!--", end));
        }
        let slash = usize::from(behind.starts_with('/'));
        let name = rest(behind, slash);
        let length = name
            .bytes()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(name.len());
        if is_html(part(name, 0, length)) {
            let close = memchr::memchr2(b'>', b'<', rest(name, length).as_bytes());
            let close = close.map_or(html.len(), |close| start + 1 + slash + length + close);
            if html.as_bytes().get(close) == Some(&b'>') {
                return Some((start, part(behind, 0, slash + length), close + 1));
            }
        }
        at = start + 1;
    }
    None
}

fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 12] = [
        "br",
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "td",
        "tr",
        "h1",
        "h2",
        "h3",
        "blockquote",
    ];
    BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name))
}

/// Whether HTML has an element of that name that feeds use in text.
pub(crate) fn is_html(name: &str) -> bool {
    const ELEMENTS: &str = " a abbr acronym address article aside audio b bdi bdo big blink blockquote \
        br caption center cite code col colgroup dd del details dfn dir div dl dt em embed fieldset \
        figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i iframe img input ins kbd label \
        legend li main map mark math menu nav noscript object ol p picture pre q rp rt ruby s samp script \
        section select small source span strike strong style sub summary sup svg table tbody td \
        textarea tfoot th thead time tr tt u ul var video wbr ";
    if name.is_empty() || name.len() > 10 {
        return false;
    }
    ELEMENTS
        .split_ascii_whitespace()
        .any(|element| element.eq_ignore_ascii_case(name))
}

/// Whether HTML has an element of that name that has no end tag.
pub(crate) fn is_void(name: &str) -> bool {
    const VOID: [&str; 14] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr",
    ];
    VOID.iter()
        .any(|element| element.eq_ignore_ascii_case(name))
}

/// The value of an attribute of a start tag, references resolved.
pub(crate) fn attribute(attributes: &str, name: &str) -> Option<String> {
    let found = Attributes::new(attributes)
        .take(MOST_ATTRIBUTES)
        .find(|attribute| {
            let local = attribute.name;
            local.eq_ignore_ascii_case(name)
        })?;
    let mut value = String::with_capacity(found.value.len());
    decode_html(found.value, &mut value);
    Some(value)
}

/// More attributes than this are not looked at.
pub(crate) const MOST_ATTRIBUTES: usize = 64;

/// Whether a feed is Chinese, as it says, or else by the script of its title.
pub(crate) fn is_chinese(language: Option<&str>, title: &str) -> bool {
    if let Some(language) = language {
        return language.starts_with("zh");
    }
    let japanese = title.contains(|c| matches!(c, '\u{3040}'..='\u{30FF}'));
    !japanese && title.contains(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_references_become_text() {
        assert_eq!(
            plain("<b>Tom</b> &amp; Ann&#8217;s<br>day"),
            "Tom & Ann’s day"
        );
        assert_eq!(
            plain("5 < 6 and <unknown> stays, x<y>z"),
            "5 < 6 and <unknown> stays, x<y>z"
        );
        assert_eq!(plain(" a\n <!-- no --> b&nbsp;c "), "a b\u{a0}c");
        assert_eq!(plain("a <b c"), "a <b c");
    }

    #[test]
    fn what_nobody_declared_is_guessed() {
        assert!(looks_like_html("fish &amp; chips") && looks_like_html("a <em>b</em>"));
        assert!(!looks_like_html("R&D; 5 < 6, x <y> z") && !looks_like_html("&bogus;"));
    }
}

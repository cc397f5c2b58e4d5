//! Addresses made absolute: in elements, in attributes, and inside HTML.

use std::rc::Rc;

use pressmark_model::WebUrl;
use url::Url;

use crate::text::escape_into;
use crate::xml::{Attribute, Attributes, decode_html, part, rest};

/// The address that relative ones are read against; none at all until one is known.
pub(crate) type Base = Option<Rc<Url>>;

/// The base inside an element with this `xml:base`. One that is no address changes nothing.
pub(crate) fn inner_base(base: &Base, reference: &str) -> Base {
    let reference = reference.trim();
    let inner = match base {
        Some(base) => base.join(reference).ok(),
        None => Url::parse(reference).ok(),
    };
    inner
        .filter(|url| !url.cannot_be_a_base())
        .map(Rc::new)
        .or_else(|| base.clone())
}

/// The web address that a text means.
pub(crate) fn resolve(base: &Base, text: &str) -> Option<WebUrl> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    // A host without a scheme is no path.
    if text
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("www."))
    {
        return format!("http://{text}").parse().ok();
    }
    let url = match base {
        Some(base) => base.join(text).ok()?,
        None => Url::parse(text).ok()?,
    };
    WebUrl::try_from(url).ok()
}

/// HTML with its relative addresses made absolute; the very same text where there are none.
pub(crate) fn absolute(html: String, base: &Base) -> String {
    let Some(base) = base else { return html };
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', rest(&html, at).as_bytes()) {
        at += found + 1;
        let tag = rest(&html, at);
        let length = tag
            .bytes()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(tag.len());
        let name = part(tag, 0, length);
        let kinds = address_attributes(name);
        if kinds.is_empty() {
            continue;
        }
        let inside = part(tag, length, tag_end(tag));
        for attribute in Attributes::new(inside) {
            if !kinds
                .iter()
                .any(|kind| kind.eq_ignore_ascii_case(attribute.name))
            {
                continue;
            }
            if let Some(value) = absolute_value(&attribute, base) {
                let start = at + length + attribute.at;
                out.push_str(part(&html, copied, start));
                out.push_str(&value);
                copied = start + attribute.value.len();
            }
        }
        at += length + inside.len();
    }
    if copied == 0 {
        return html;
    }
    out.push_str(rest(&html, copied));
    out
}

/// Where the tag at the start of a text ends: at its `>` outside quotes.
fn tag_end(tag: &str) -> usize {
    let bytes = tag.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'>', b'"', b'\'', bytes.get(at..).unwrap_or_default())
    {
        at += found;
        let quote = bytes.get(at).copied().unwrap_or(b'>');
        if quote == b'>' {
            return at;
        }
        match memchr::memchr(quote, bytes.get(at + 1..).unwrap_or_default()) {
            Some(close) => at += close + 2,
            // A quote that never closes: the next `>` will do.
            None => {
                return at + memchr::memchr(b'>', bytes.get(at..).unwrap_or_default()).unwrap_or(0);
            }
        }
    }
    bytes.len()
}

/// The attributes of an HTML element that hold an address.
fn address_attributes(element: &str) -> &'static [&'static str] {
    let mut lower = [0_u8; 10];
    let Some(name) = lower.get_mut(..element.len()) else {
        return &[];
    };
    name.copy_from_slice(element.as_bytes());
    name.make_ascii_lowercase();
    match &*name {
        b"a" | b"area" | b"link" => &["href"],
        b"img" => &["src", "srcset", "longdesc", "usemap"],
        b"source" => &["src", "srcset"],
        b"audio" | b"iframe" | b"frame" | b"embed" | b"script" | b"track" | b"input" => &["src"],
        b"video" => &["src", "poster"],
        b"blockquote" | b"q" | b"ins" | b"del" => &["cite"],
        b"form" => &["action"],
        b"object" => &["data", "codebase"],
        b"body" | b"table" | b"td" => &["background"],
        _ => &[],
    }
}

fn absolute_value(attribute: &Attribute<'_>, base: &Url) -> Option<String> {
    let mut value = String::with_capacity(attribute.value.len());
    if attribute.name.eq_ignore_ascii_case("srcset") {
        return absolute_candidates(attribute.value, base);
    }
    if is_absolute(attribute.value.trim_start()) || attribute.value.is_empty() {
        return None;
    }
    decode_html(attribute.value, &mut value);
    let joined = base.join(value.trim()).ok()?;
    value.clear();
    escape_into(joined.as_str(), &mut value);
    Some(value)
}

/// The candidates of `srcset`: an address, and behind a blank its width or density.
fn absolute_candidates(value: &str, base: &Url) -> Option<String> {
    let mut changed = false;
    let mut candidates = Vec::new();
    for candidate in value.split(", ").flat_map(|piece| piece.split(",\n")) {
        let candidate = candidate.trim();
        let (address, size) = candidate
            .split_once(char::is_whitespace)
            .unwrap_or((candidate, ""));
        let joined = if is_absolute(address) {
            None
        } else {
            base.join(address).ok()
        };
        changed |= joined.is_some();
        let mut piece = String::new();
        match joined {
            Some(joined) => escape_into(joined.as_str(), &mut piece),
            None => piece.push_str(address),
        }
        if !size.is_empty() {
            piece.push(' ');
            piece.push_str(size.trim());
        }
        candidates.push(piece);
    }
    changed.then(|| candidates.join(", "))
}

/// Whether an address begins with a scheme.
fn is_absolute(address: &str) -> bool {
    let scheme = address
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')));
    scheme.is_some_and(|end| {
        end > 0
            && address.as_bytes().get(end) == Some(&b':')
            && address
                .as_bytes()
                .first()
                .is_some_and(u8::is_ascii_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        inner_base(&None, "http://a.example/dir/page")
    }

    #[test]
    fn addresses_inside_html() {
        for (html, expected) in [
            (
                "<p>none <a href='http://b.example/'>x</a>",
                "<p>none <a href='http://b.example/'>x</a>",
            ),
            (
                "<a title=\"a > b\" href=c>",
                "<a title=\"a > b\" href=http://a.example/dir/c>",
            ),
            (
                "<IMG SRC=\"/i.png\" alt=\"src=x\">",
                "<IMG SRC=\"http://a.example/i.png\" alt=\"src=x\">",
            ),
            (
                "<a href=\"?a=1&amp;b=2\">",
                "<a href=\"http://a.example/dir/page?a=1&amp;b=2\">",
            ),
            (
                "<a href=\"mailto:x\"><a href=\"//b.example/y\">",
                "<a href=\"mailto:x\"><a href=\"http://b.example/y\">",
            ),
            (
                "<img srcset=\"a.png 1x, http://b.example/b.png 2x\">",
                "<img srcset=\"http://a.example/dir/a.png 1x, http://b.example/b.png 2x\">",
            ),
            ("<a href=\"never closed", "<a href=\"never closed"),
        ] {
            assert_eq!(absolute(html.to_owned(), &base()), expected);
        }
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert_eq!(
            resolve(&base(), " x y ").unwrap().as_str(),
            "http://a.example/dir/x%20y"
        );
        assert_eq!(
            resolve(&None, "www.example.org/x").unwrap().as_str(),
            "http://www.example.org/x"
        );
        assert_eq!(resolve(&None, "x"), None);
        assert_eq!(resolve(&base(), "tag:example.org,2024:1"), None);
        assert_eq!(resolve(&base(), "http://[bad"), None);
        assert_eq!(inner_base(&base(), "http://["), base());
    }
}

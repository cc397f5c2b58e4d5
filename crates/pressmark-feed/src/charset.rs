//! Bytes into text.
//!
//! What a document is called and what it is are two things. In the order of what can be trusted: a
//! byte order mark; the shape of UTF-16 and UTF-32; bytes that are UTF-8, since text in another
//! encoding hardly ever is; UTF-8 with a few bad bytes; the label of HTTP and of the declaration, as
//! far as the bytes agree with it; and a guess from the bytes.

mod legacy;

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

use crate::issues::Issues;

/// How much of a document the guess looks at, in bytes.
const GUESSED: usize = 1 << 20;

/// Decodes a document. `content_type` is the HTTP header.
pub(crate) fn decode<'a>(
    bytes: &'a [u8],
    content_type: Option<&str>,
    issues: &mut Issues,
) -> Cow<'a, str> {
    if let Some(text) = by_shape(bytes) {
        return text;
    }
    let labels = Labels::of(bytes, content_type);
    let bad = match std::str::from_utf8(bytes) {
        Ok(text) if !(text.is_ascii() && has_iso_2022_jp(bytes)) => return Cow::Borrowed(text),
        Ok(_) => return with(ISO_2022_JP, bytes),
        Err(error) => error.valid_up_to(),
    };
    if mostly_utf8(
        bytes.get(bad..).unwrap_or_default(),
        bytes.get(..bad).unwrap_or_default(),
    ) {
        issues.note_whole("bytes that are not UTF-8");
        return String::from_utf8_lossy(bytes);
    }
    for label in [labels.declared_over_default(), labels.http, labels.declared]
        .into_iter()
        .flatten()
    {
        if let Some(text) = label.decode_without_bom_handling_and_without_replacement(bytes) {
            return text;
        }
    }
    if let Some(text) = labels.legacy.and_then(|label| legacy::decode(label, bytes)) {
        return Cow::Owned(text);
    }
    let guessed = guess(bytes);
    let Some(label) = labels.other_than_utf_8() else {
        return with(guessed, bytes);
    };
    issues.note_whole("bytes that are no text in the declared encoding");
    // One East Asian encoding under the name of another.
    let is_other = !label.is_single_byte() && !guessed.is_single_byte();
    let other =
        is_other.then(|| guessed.decode_without_bom_handling_and_without_replacement(bytes));
    other.flatten().unwrap_or_else(|| with(label, bytes))
}

fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Cow<'a, str> {
    encoding.decode_without_bom_handling(bytes).0
}

/// UTF-8, UTF-16 and UTF-32 as marks and zeros give them away.
fn by_shape(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xEF, 0xBB, 0xBF, behind @ ..] => Some(String::from_utf8_lossy(behind)),
        [0xFF, 0xFE, 0, 0, behind @ ..] | [b'<', 0, 0, 0, behind @ ..] => {
            let mark = bytes.first() == Some(&0xFF);
            Some(utf_32(
                if mark { behind } else { bytes },
                u32::from_le_bytes,
            ))
        }
        [0, 0, 0xFE, 0xFF, behind @ ..] => Some(utf_32(behind, u32::from_be_bytes)),
        [0, 0, 0, b'<', ..] => Some(utf_32(bytes, u32::from_be_bytes)),
        [0xFF, 0xFE, behind @ ..] => Some(with(UTF_16LE, behind)),
        [0xFE, 0xFF, behind @ ..] => Some(with(UTF_16BE, behind)),
        [b'<' | b'{', 0, ..] => Some(with(UTF_16LE, bytes)),
        [0, b'<' | b'{', 0, ..] => Some(with(UTF_16BE, bytes)),
        _ => None,
    }
}

fn utf_32(bytes: &[u8], number: impl Fn([u8; 4]) -> u32) -> Cow<'_, str> {
    let (characters, _) = bytes.as_chunks();
    let character =
        |bytes: &[u8; 4]| char::from_u32(number(*bytes)).unwrap_or(char::REPLACEMENT_CHARACTER);
    Cow::Owned(characters.iter().map(character).collect())
}

/// The names that HTTP and the document itself give to its encoding.
struct Labels<'b> {
    http: Option<&'static Encoding>,
    declared: Option<&'static Encoding>,
    /// A name that the web's standard does not know.
    legacy: Option<&'b [u8]>,
}

impl<'b> Labels<'b> {
    fn of(bytes: &'b [u8], content_type: Option<&'b str>) -> Self {
        let http = content_type.and_then(charset_of).map(str::as_bytes);
        let declared = declared_label(bytes.get(..1024).unwrap_or(bytes));
        Self {
            http: http.and_then(encoding),
            declared: declared.and_then(encoding),
            legacy: declared.or(http).filter(|label| encoding(label).is_none()),
        }
    }

    fn other_than_utf_8(&self) -> Option<&'static Encoding> {
        [self.http, self.declared]
            .into_iter()
            .flatten()
            .find(|label| *label != UTF_8)
    }

    /// Servers say ISO-8859-1 of everything: a declaration that says something else, and not
    /// UTF-8, which these bytes are not, was written by somebody.
    fn declared_over_default(&self) -> Option<&'static Encoding> {
        let default = self
            .http
            .is_some_and(|label| label == encoding_rs::WINDOWS_1252);
        self.declared.filter(|label| default && *label != UTF_8)
    }
}

/// Encodings of bytes in which no zeros stand: a document that was read this far is not UTF-16.
fn encoding(label: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label)
        .filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE)
}

fn charset_of(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let charset = name.trim().eq_ignore_ascii_case("charset");
        charset.then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// The value of `encoding` in the XML declaration, which need not be the first thing.
fn declared_label(start: &[u8]) -> Option<&[u8]> {
    let declaration = memchr::memmem::find(start, b"<?xml")?;
    let inside = start.get(declaration..)?;
    let inside = inside.get(..memchr::memchr(b'>', inside)?)?;
    let behind = inside.get(memchr::memmem::find(inside, b"encoding")? + 8..)?;
    let quote = behind
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\''))?;
    let value = behind.get(quote + 1..)?;
    value.get(..memchr::memchr(*behind.get(quote)?, value)?)
}

/// Escape sequences of ISO-2022-JP stand in ASCII bytes.
fn has_iso_2022_jp(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0x1B, bytes)
        .any(|at| matches!(bytes.get(at + 1..at + 3), Some(b"$B" | b"$@" | b"(J")))
}

/// Whether characters of UTF-8 are far more frequent than bytes that are none.
fn mostly_utf8(bytes: &[u8], valid: &[u8]) -> bool {
    const ENOUGH: usize = 2;
    let mut good = valid.iter().filter(|byte| **byte >= 0xC0).count();
    let mut bad = 0_usize;
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good >= bad.saturating_mul(ENOUGH)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes.get(..GUESSED).unwrap_or(bytes), true);
    detector.guess(None, Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], content_type: Option<&str>) -> String {
        decode(bytes, content_type, &mut Issues::default()).into_owned()
    }

    #[test]
    fn bytes_that_are_utf8_are_read_as_utf8_whatever_is_declared() {
        let text = "<?xml version='1.0' encoding='gb2312'?><a>新闻</a>";
        assert_eq!(
            decoded(text.as_bytes(), Some("text/xml; charset=iso-8859-1")),
            text
        );
    }

    #[test]
    fn one_bad_byte_spoils_one_character() {
        let mut bytes = "<a>新闻和报纸".as_bytes().to_vec();
        bytes.extend(b"\xFFend</a>");
        assert_eq!(decoded(&bytes, None), "<a>新闻和报纸\u{fffd}end</a>");
        let (mut bytes, ..) = encoding_rs::GBK.encode("<?xml encoding=\"gb2312\"?><a>新闻");
        bytes.to_mut().extend(b"\xFF</a>");
        assert_eq!(
            decoded(&bytes, None),
            "<?xml encoding=\"gb2312\"?><a>新闻\u{fffd}</a>"
        );
    }

    #[test]
    fn marks_and_zeros_give_unicode_away() {
        for (bytes, what) in [
            (&b"\xEF\xBB\xBF<a/>"[..], "a UTF-8 mark"),
            (b"\xFF\xFE<\0a\0/\0>\0", "UTF-16LE"),
            (b"\0<\0a\0/\0>", "UTF-16BE without a mark"),
            (b"\xFF\xFE\0\0<\0\0\0a\0\0\0/\0\0\0>\0\0\0", "UTF-32LE"),
            (b"\0\0\0<\0\0\0a\0\0\0/\0\0\0>", "UTF-32BE without a mark"),
        ] {
            assert_eq!(
                decoded(bytes, Some("text/xml; charset=koi8-r")),
                "<a/>",
                "{what}"
            );
        }
    }
}

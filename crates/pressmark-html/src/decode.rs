//! From bytes to text: the Encoding and HTML standards, and detection for what is mislabelled.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How far an encoding declared in the page itself is looked for. The standard's prescan reads
/// 1024 bytes, but lets the parser find a declaration later; pages need that.
const DECLARATION_WITHIN: usize = 16 * 1024;
/// How much of the page the detector reads.
const SAMPLE: usize = 256 * 1024;

/// The text of a document, and how it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The encoding's name in the Encoding standard, such as `UTF-8` or `gb18030`.
    pub encoding: &'static str,
    /// What told the encoding.
    pub told_by: ToldBy,
    /// Whether some bytes could not be read in it.
    pub had_errors: bool,
}

/// What told the encoding of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldBy {
    /// A byte order mark.
    ByteOrderMark,
    /// The `charset` of the HTTP header.
    Header,
    /// A `meta` element, or an XML declaration.
    Document,
    /// The bytes themselves.
    Detection,
}

/// Decodes a document: by its byte order mark, else the HTTP header, else its own declaration, else
/// by detection. A declaration that its own bytes contradict is not believed.
///
/// ```
/// let page = b"<meta charset=gb2312><p>\xd0\xc2\xce\xc5\xb1\xa8\xb5\xc0";
/// let decoded = pressmark_html::decode(page, Some("text/html"));
/// assert_eq!((decoded.encoding, decoded.text.ends_with("新闻报道")), ("GBK", true));
/// ```
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        return read(rest, encoding, ToldBy::ByteOrderMark);
    }
    let header = content_type.and_then(charset_of);
    let document = declared(bytes);
    // Text that is well-formed UTF-8 and not ASCII is nothing else, whatever it says.
    if let Ok(text) = std::str::from_utf8(bytes) {
        let told_by = if header == Some(UTF_8) {
            ToldBy::Header
        } else if document == Some(UTF_8) {
            ToldBy::Document
        } else {
            ToldBy::Detection
        };
        let seven_bit = [header, document]
            .into_iter()
            .flatten()
            .any(|encoding| encoding == encoding_rs::ISO_2022_JP);
        if !(seven_bit && text.is_ascii()) {
            return Decoded {
                text: text.to_owned(),
                encoding: UTF_8.name(),
                told_by,
                had_errors: false,
            };
        }
    }
    let declarations = [(header, ToldBy::Header), (document, ToldBy::Document)];
    let mut detected = None;
    for (encoding, told_by) in declarations {
        let Some(encoding) = encoding else { continue };
        let guess = *detected.get_or_insert_with(|| detect(bytes));
        if believable(encoding, guess, bytes) {
            return read(bytes, encoding, told_by);
        }
    }
    let guess = detected.unwrap_or_else(|| detect(bytes));
    read(bytes, guess, ToldBy::Detection)
}

fn read(bytes: &[u8], encoding: &'static Encoding, told_by: ToldBy) -> Decoded {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    Decoded {
        text: text.into_owned(),
        encoding: encoding.name(),
        told_by,
        had_errors,
    }
}

/// Whether the bytes bear the declared encoding out.
fn believable(declared: &'static Encoding, guess: &'static Encoding, bytes: &[u8]) -> bool {
    if declared == guess {
        return true;
    }
    let (text, had_errors) = declared.decode_without_bom_handling(bytes);
    let wrong = if had_errors {
        text.matches('\u{FFFD}').count()
    } else {
        0
    };
    let beyond_ascii = text.chars().filter(|c| !c.is_ascii()).count();
    if wrong * 20 > beyond_ascii {
        return false;
    }
    // A header that names a one-byte encoding by default, over a page in a many-byte one.
    let multibyte = |e: &'static Encoding| !e.is_single_byte();
    if declared.is_single_byte() && multibyte(guess) && guess != UTF_8 {
        return guess.decode_without_bom_handling(bytes).1;
    }
    let is_chinese =
        [encoding_rs::GBK, encoding_rs::GB18030, encoding_rs::BIG5].contains(&declared);
    if is_chinese && [encoding_rs::EUC_JP, encoding_rs::SHIFT_JIS].contains(&guess) {
        // The rows of kana are the same in GBK and EUC-JP, but Chinese has none.
        let kana = text
            .chars()
            .filter(|c| matches!(c, '\u{3041}'..='\u{30FE}'))
            .count();
        if kana * 10 > beyond_ascii {
            return false;
        }
    }
    if multibyte(declared) && multibyte(guess) && declared != UTF_8 && guess != UTF_8 {
        return plausibility(&text) >= plausibility(&guess.decode_without_bom_handling(bytes).0);
    }
    true
}

/// How much a text looks like Chinese, Japanese or Korean prose: kana, common punctuation and
/// Hangul for it; half-width kana, private and rare characters against it.
fn plausibility(text: &str) -> i64 {
    let (mut score, mut seen) = (0_i64, 0_i64);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        seen += 1;
        score += match c {
            '、' | '。' | '，' | '：' | '“' | '”' | '的' | '是' | '一' | '在' | '不' | '了'
            | '有' | '人' | '年' | '日' => 12,
            '\u{3041}'..='\u{30FE}' | '\u{AC00}'..='\u{D7A3}' => 3,
            '\u{4E00}'..='\u{9FA5}' => 2,
            '\u{FF61}'..='\u{FF9F}' | '\u{E000}'..='\u{F8FF}' | '\u{FFFD}' => -12,
            '\u{20000}'..='\u{3FFFF}' | '\u{3400}'..='\u{4DBF}' => -6,
            '\u{400}'..='\u{4FF}' | '\u{370}'..='\u{3FF}' => -2,
            _ => 0,
        };
    }
    score * 1000 / seen.max(1)
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    let sample = bytes.get(..SAMPLE.min(bytes.len())).unwrap_or_default();
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// The encoding that a `Content-Type` names.
fn charset_of(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("charset") {
            return None;
        }
        Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
    })
}

/// The encoding that the document names: the standard's prescan (13.2.3.2), or an XML declaration.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes
        .get(..DECLARATION_WITHIN.min(bytes.len()))
        .unwrap_or_default();
    let text: String = head
        .iter()
        .map(|b| char::from(*b).to_ascii_lowercase())
        .collect();
    if let Some(declaration) = text.strip_prefix("<?xml") {
        let declaration = declaration.split("?>").next().unwrap_or_default();
        if let Some(label) = value_of(declaration, "encoding") {
            return Encoding::for_label(label.as_bytes()).map(not_utf_16);
        }
    }
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if rest.starts_with("!--") {
            rest = rest
                .get(3..)
                .and_then(|r| r.find("-->").and_then(|at| r.get(at..)))
                .unwrap_or_default();
        } else if let Some(attributes) = rest.strip_prefix("meta") {
            let attributes = attributes.split('>').next().unwrap_or_default();
            let label = value_of(attributes, "charset");
            if let Some(encoding) = label.and_then(|label| Encoding::for_label(label.as_bytes())) {
                return Some(not_utf_16(encoding));
            }
        }
    }
    None
}

/// The value behind `name=`, quoted or not.
fn value_of<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, after) = text.split_once(name)?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    value
        .split(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | ';' | '/'))
        .next()
}

/// A document that names itself in ASCII is not UTF-16 (13.2.3.2, last steps).
fn not_utf_16(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16BE || encoding == UTF_16LE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    }
}

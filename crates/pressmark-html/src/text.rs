//! Plain text: one line a block, white space folded.

use crate::content::is_html_space;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Appends `text` to `out` with runs of white space (no-break and ideographic spaces among them) as
/// one space and invisible characters left out. `space` is whether white space is owed before the
/// next word; it is carried from call to call.
pub(crate) fn fold_into(out: &mut String, text: &str, space: &mut bool) {
    let bytes = text.as_bytes();
    out.reserve(text.len());
    let mut at = 0;
    while let Some(first) = bytes.get(at) {
        let start = at;
        // Most of a text is left as it is: it is found by its bytes, and copied at once.
        at += plain_run(bytes.get(at..).unwrap_or_default());
        let run = text.get(start..at).unwrap_or_default();
        if !run.is_empty() {
            add_word(out, run, space);
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let Some(c) = rest.chars().next() else { break };
        at += c.len_utf8();
        if first.is_ascii_whitespace() || c.is_whitespace() {
            *space = true;
        } else if !is_invisible(c) {
            add_word(out, text.get(start..at).unwrap_or_default(), space);
        }
    }
}

/// Whether a byte of UTF-8 cannot be of a white or invisible character. `0xC2`, `0xE1`, `0xE2`,
/// `0xE3` and `0xEF` begin characters that may be.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7E | 0x80..=0xC1 | 0xC3..=0xE0 | 0xE4..=0xEE | 0xF0..=0xFF)
}

#[expect(clippy::indexing_slicing, reason = "a byte is below 256")]
fn plain_length(bytes: &[u8]) -> usize {
    static PLAIN: [bool; 256] = {
        let mut plain = [false; 256];
        let mut byte = 0_u8;
        loop {
            plain[byte as usize] = is_plain(byte);
            if byte == u8::MAX {
                break plain;
            }
            byte += 1;
        }
    };
    let other = bytes.iter().position(|byte| !PLAIN[usize::from(*byte)]);
    other.unwrap_or(bytes.len())
}

/// As many bytes are looked at together as registers are wide.
const TOGETHER: usize = 16;

/// The length of the pieces, looked at each as a whole, that hold no such byte.
pub(crate) fn length_without(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    let (pieces, _) = bytes.as_chunks::<TOGETHER>();
    let is_free = |piece: &&[u8; TOGETHER]| {
        let found = |found: u8, byte: &u8| found | u8::from(is_such(*byte));
        piece.iter().fold(0, found) == 0
    };
    pieces.iter().take_while(is_free).count() * TOGETHER
}

/// The length of the plain words, one space between each two, that bytes begin with.
fn plain_run(bytes: &[u8]) -> usize {
    let mut at = plain_length(bytes);
    while at > 0 && bytes.get(at) == Some(&b' ') {
        let more = plain_length(bytes.get(at + 1..).unwrap_or_default());
        if more == 0 {
            break;
        }
        at += 1 + more;
    }
    at
}

/// The length of the plain words, one space between each two, that a text begins with; else of its
/// first word.
pub(crate) fn words_length(text: &str) -> usize {
    let run = plain_run(text.as_bytes());
    let (plain, after) = text.split_at_checked(run).unwrap_or((text, ""));
    let whole = after.is_empty() || after.starts_with(is_html_space);
    let length = if whole { Some(run) } else { plain.rfind(' ') };
    length
        .filter(|length| *length > 0)
        .or_else(|| text.find(is_html_space))
        .unwrap_or(text.len())
}

fn add_word(out: &mut String, word: &str, space: &mut bool) {
    if *space && !out.is_empty() && !out.ends_with('\n') {
        out.push(' ');
    }
    *space = false;
    out.push_str(word);
}

/// Characters without width and meaning for a reader: soft hyphen, zero-width space, word joiner,
/// byte order mark, and controls.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}')
        || (c.is_control() && !c.is_whitespace())
}

/// A text on one line: white space folded, the ends trimmed, invisible characters left out.
///
/// ```
/// assert_eq!(pressmark_html::fold(" a\u{a0}\n b\u{200b} "), "a b");
/// ```
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(&mut out, text, &mut false);
    out
}

/// The text of a piece of HTML, one line a block (`br` ends a line, too).
///
/// ```
/// assert_eq!(pressmark_html::plain_text("<p>a&nbsp; <b>b</b><ul><li>c<br>d"), "a b\nc\nd");
/// assert_eq!(pressmark_html::plain_text("no markup &amp; all"), "no markup & all");
/// ```
pub fn plain_text(html: &str) -> String {
    let tree = Tree::parse(html);
    let mut out = String::with_capacity(html.len() / 2);
    let mut space = false;
    let mut at = NodeId::ROOT;
    // The ends of the open blocks: a line ends where a block begins and where it ends.
    let mut ends: Vec<NodeId> = Vec::new();
    let end = tree.end(NodeId::ROOT);
    while at < end {
        while ends.last().is_some_and(|end| *end <= at) {
            ends.pop();
            end_line(&mut out, &mut space);
        }
        let tag = tree.tag(at);
        if tag == Tag::Text {
            fold_into(&mut out, tree.text(at), &mut space);
        } else if tag.is_hidden() {
            at = tree.end(at);
            continue;
        } else if matches!(tag, Tag::Td | Tag::Th) {
            space = true;
        } else if tag.is_block() || tag == Tag::Br {
            end_line(&mut out, &mut space);
            ends.push(tree.end(at));
        }
        at = NodeId::from_index(at.index() + 1);
    }
    out.truncate(out.trim_end().len());
    out
}

pub(crate) fn end_line(out: &mut String, space: &mut bool) {
    *space = false;
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

//! Plain text: one line a block, white space folded.

use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Appends `text` to `out` with runs of white space (no-break and ideographic spaces among them) as
/// one space and invisible characters left out. `space` is whether white space is owed before the
/// next word; it is carried from call to call.
pub(crate) fn fold_into(out: &mut String, text: &str, space: &mut bool) {
    let mut word_start = None;
    for (at, c) in text.char_indices() {
        let white = c.is_whitespace();
        if white || is_invisible(c) {
            if let Some(start) = word_start.take() {
                out.push_str(text.get(start..at).unwrap_or_default());
            }
            *space |= white;
        } else if word_start.is_none() {
            if *space && !out.is_empty() && !out.ends_with('\n') {
                out.push(' ');
            }
            *space = false;
            word_start = Some(at);
        }
    }
    if let Some(start) = word_start {
        out.push_str(text.get(start..).unwrap_or_default());
    }
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

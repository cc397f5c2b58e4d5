//! The content model of clean HTML, and how its text is escaped.

use crate::tag::Tag;
use crate::text::length_without;

/// What an open element is to the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A block with a tag.
    Block,
    /// A `p` that text outside of any block was given, or that was in the source.
    Paragraph,
    /// A block without a tag: only its bounds matter.
    Soft,
    /// An element inside a line.
    Inline,
    /// Nothing at all.
    Ignored,
}

/// An element that is open in the writer.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) tag: Tag,
    pub(crate) attrs: String,
    pub(crate) written: bool,
    /// The innermost block with a tag of its own, this element included.
    pub(crate) block: Option<Tag>,
    /// Where the innermost element that is not of a line stands, this one included.
    pub(crate) holder: Option<usize>,
}

impl Entry {
    pub(crate) fn is_cell(&self) -> bool {
        self.kind == Kind::Block && matches!(self.tag, Tag::Td | Tag::Th)
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The HTML, on one line except for preformatted text.
    pub html: String,
    /// The text, one line a block, captions left out.
    pub text: String,
}

pub(crate) fn is_html_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0C')
}

pub(crate) fn is_caption(tag: Tag) -> bool {
    tag == Tag::Figcaption
}

/// Elements that stand in a line of text.
pub(crate) fn is_inline(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::A
            | Tag::Abbr
            | Tag::B
            | Tag::Cite
            | Tag::Code
            | Tag::Del
            | Tag::Dfn
            | Tag::Em
            | Tag::I
            | Tag::Ins
            | Tag::Kbd
            | Tag::Mark
            | Tag::Q
            | Tag::S
            | Tag::Samp
            | Tag::Small
            | Tag::Strong
            | Tag::Sub
            | Tag::Sup
            | Tag::Time
            | Tag::U
            | Tag::Var
    )
}

pub(crate) fn is_allowed_block(tag: Tag) -> bool {
    tag.is_heading()
        || is_part(tag)
        || matches!(
            tag,
            Tag::Blockquote
                | Tag::Details
                | Tag::Dl
                | Tag::Figure
                | Tag::Ol
                | Tag::Pre
                | Tag::Table
                | Tag::Ul
        )
}

/// Whether a block may stand in the innermost block around it.
pub(crate) fn fits_into(tag: Tag, inside: Option<Tag>) -> bool {
    match tag {
        Tag::Li => matches!(inside, Some(Tag::Ul | Tag::Ol)),
        Tag::Dt | Tag::Dd => inside == Some(Tag::Dl),
        Tag::Figcaption => inside == Some(Tag::Figure),
        Tag::Summary => inside == Some(Tag::Details),
        Tag::Caption | Tag::Thead | Tag::Tbody | Tag::Tfoot => inside == Some(Tag::Table),
        Tag::Tr => matches!(inside, Some(Tag::Thead | Tag::Tbody | Tag::Tfoot)),
        Tag::Td | Tag::Th => inside == Some(Tag::Tr),
        _ => true,
    }
}

/// Blocks that stand only in a certain other one.
pub(crate) fn is_part(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Caption
            | Tag::Dd
            | Tag::Dt
            | Tag::Figcaption
            | Tag::Li
            | Tag::Summary
            | Tag::Tbody
            | Tag::Td
            | Tag::Tfoot
            | Tag::Th
            | Tag::Thead
            | Tag::Tr
    )
}

/// A text as HTML: `&`, `<` and `>` escaped, controls left out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text, false);
    out
}

/// Appends a text with `&`, `<`, `>` and, in attributes, `"` escaped; controls are left out.
pub(crate) fn escape_into(out: &mut String, text: &str, in_attribute: bool) {
    // `0xC2` begins the controls above ASCII.
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "without branches it is done for many bytes at once"
    )]
    let is_special = |byte: u8| {
        (byte < b' ')
            | (byte == b'&')
            | (byte == b'<')
            | (byte == b'>')
            | (byte == b'"')
            | (byte == 0x7F)
            | (byte == 0xC2)
    };
    out.reserve(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let bytes = rest.as_bytes();
        let free = length_without(bytes, is_special);
        let found = bytes.iter().skip(free).position(|byte| is_special(*byte));
        let length = found.map_or(rest.len(), |found| free + found);
        let (plain, special) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut chars = special.chars();
        match chars.next() {
            Some('&') => out.push_str("&amp;"),
            Some('<') => out.push_str("&lt;"),
            Some('>') => out.push_str("&gt;"),
            Some('"') if in_attribute => out.push_str("&quot;"),
            Some(c) if !is_dropped(c) => out.push(c),
            _ => {}
        }
        rest = chars.as_str();
    }
}

/// Controls, which clean HTML never has.
pub(crate) fn is_dropped(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
}

/// ` name="value"`, escaped, for [`crate::Writer::open`].
pub fn attribute(out: &mut String, name: &str, value: &str) {
    out.reserve(name.len() + value.len() + 4);
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape_into(out, value, true);
    out.push('"');
}

/// Parts of a table that hold nothing but other parts.
pub(crate) fn is_of_table(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Table | Tag::Thead | Tag::Tbody | Tag::Tfoot | Tag::Tr
    )
}

pub(crate) fn is_in_line(kind: Kind) -> bool {
    matches!(kind, Kind::Inline | Kind::Ignored)
}

/// Blocks that hold no text of their own, only other blocks.
pub(crate) fn is_flow(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Blockquote | Tag::Details | Tag::Figure | Tag::Ul | Tag::Ol | Tag::Dl
    ) || is_of_table(tag)
}

//! Characters that XML forbids.

use std::borrow::Cow;

use crate::issues::Issues;

/// Whether XML 1.0 allows the character (section 2.2).
pub(crate) fn is_allowed(character: char) -> bool {
    !matches!(character,
        '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether a control character stands in a text that XML forbids. Documents hardly ever have one,
/// and all of every document is looked at: no branches inside a chunk, so that many bytes are
/// looked at together.
fn has_control(bytes: &[u8]) -> bool {
    let is_control = |byte: &u8| {
        let blank = u8::from(*byte == b'\t') | u8::from(*byte == b'\n') | u8::from(*byte == b'\r');
        u8::from(*byte < 0x20) & (blank ^ 1)
    };
    let has = |bytes: &[u8]| bytes.iter().fold(0, |found, byte| found | is_control(byte)) != 0;
    let (chunks, end) = bytes.as_chunks::<128>();
    chunks.iter().any(|chunk| has(chunk)) || has(end)
}

/// The text without characters that XML forbids.
pub(crate) fn without<'a>(text: Cow<'a, str>, issues: &mut Issues) -> Cow<'a, str> {
    if !has_control(text.as_bytes()) {
        return text;
    }
    let kept: String = text
        .chars()
        .filter(|character| is_allowed(*character))
        .collect();
    // Padding at the end of a document is no flaw of what it says.
    if kept.len() < text.trim_end_matches('\0').len() {
        issues.note_whole("control characters are left out");
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> (Cow<'_, str>, usize) {
        let mut issues = Issues::default();
        let kept = without(text.into(), &mut issues);
        (kept, issues.finish(text).len())
    }

    #[test]
    fn controls_are_left_out_and_blanks_stay() {
        let blanks = "a\t\r\n ".repeat(100);
        assert!(matches!(kept(&blanks), (Cow::Borrowed(_), 0)));
        assert_eq!(
            kept(&format!("{blanks}\u{1}b\u{b}")),
            (format!("{blanks}b").into(), 1)
        );
        assert_eq!(kept("a\0\0"), ("a".into(), 0));
    }
}

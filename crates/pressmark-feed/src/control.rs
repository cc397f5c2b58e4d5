//! Characters that XML forbids.

use std::borrow::Cow;

use crate::issues::Issues;

/// Whether XML 1.0 allows the character (section 2.2).
pub(crate) fn is_allowed(character: char) -> bool {
    !matches!(character,
        '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// The text without characters that XML forbids.
pub(crate) fn without<'a>(text: Cow<'a, str>, issues: &mut Issues) -> Cow<'a, str> {
    // Counts without an early exit are done many bytes at a time.
    let controls = text.bytes().filter(|byte| *byte < 0x20).count();
    let blanks = text
        .bytes()
        .filter(|byte| matches!(byte, b'\n' | b'\r' | b'\t'))
        .count();
    if controls == blanks {
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

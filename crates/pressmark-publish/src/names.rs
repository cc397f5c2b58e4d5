//! File names of records.

use std::fmt;
use std::str::FromStr;

/// One more than the id of a source's first article.
const CEILING: i64 = 1_048_576;
/// What file systems allow in one name, in bytes (NTFS and APFS count shorter units).
const MAX_BYTES: usize = 255;

/// The number that a record's file name begins with. It counts down from 1048575, so that a
/// listing shows the newest article first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub i64);

impl FileId {
    /// The id of a source's `n`-th article, from 1. It falls below 1 after 1,048,575 articles.
    pub const fn of_nth(n: i64) -> Self {
        Self(CEILING.saturating_sub(n))
    }

    /// The id in a file name: the number before `_` or `.`.
    pub fn of_name(name: &str) -> Option<Self> {
        let (id, _) = name.split_once(['_', '.'])?;
        id.parse().ok()
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for FileId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// `<id>.md`, or with a title `<id>_<title>.md`.
///
/// The name is safe on every file system and needs no escape in an address but percent encoding:
/// at most 255 bytes, characters that mean something to one or the other in their full-width form,
/// none that cannot be seen.
pub fn file_name(id: FileId, title: Option<&str>) -> String {
    let title = title.map(safe).unwrap_or_default();
    let room = MAX_BYTES.saturating_sub(format!("{id}_.md").len());
    let end = (0..=room.min(title.len()))
        .rev()
        .find(|&at| title.is_char_boundary(at));
    let cut = title.get(..end.unwrap_or(0)).unwrap_or_default();
    match cut.trim_end_matches([' ', '.']) {
        "" => format!("{id}.md"),
        title => format!("{id}_{title}.md"),
    }
}

fn safe(title: &str) -> String {
    let shown: String = title
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_unseen(*c))
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '#' | '%' => full_width(c),
            _ => c,
        })
        .collect();
    let words: Vec<&str> = shown.split(' ').filter(|word| !word.is_empty()).collect();
    let name = words.join(" ");
    name.trim_matches([' ', '.']).to_owned()
}

/// The form of an ASCII character that is as wide as a Chinese one (U+FF01 to U+FF5E).
fn full_width(c: char) -> char {
    char::from_u32(u32::from(c) + 0xfee0).unwrap_or('_')
}

/// Characters that hide or turn round what stands beside them, and those that are none.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_id_counts_down() {
        assert_eq!(file_name(FileId::of_nth(1), None), "1048575.md");
        assert_eq!(file_name(FileId::of_nth(1_048_575), None), "1.md");
        assert_eq!(FileId::of_name("1047440_甲.乙.md"), Some(FileId(1_047_440)));
        assert_eq!(FileId::of_name("1047440.md"), Some(FileId(1_047_440)));
        assert_eq!(FileId::of_name("README.md"), None);
    }

    #[test]
    fn a_title_keeps_its_meaning() {
        let name = |title| file_name(FileId(7), Some(title));
        assert_eq!(name(" 甲：乙，“丙”\n 5.2 "), "7_甲：乙，“丙” 5.2.md");
        assert_eq!(name("A/B: 3% of *all*?"), "7_A／B： 3％ of ＊all＊？.md");
        assert_eq!(name("..."), "7.md");
        assert_eq!(name("\u{202e}\u{feff}\0 . "), "7.md");
    }

    #[test]
    fn a_long_title_is_cut_between_characters() {
        let name = file_name(FileId(1_048_575), Some(&"国".repeat(200)));
        assert_eq!(name.len(), "1048575_.md".len() + 81 * 3);
        let name = file_name(FileId(1_048_575), Some(&format!("{} . b", "a".repeat(242))));
        assert_eq!(name, format!("1048575_{}.md", "a".repeat(242)));
    }

    proptest! {
        #[test]
        fn every_name_is_safe(n in 1_i64..2_000_000, title in "\\PC{0,300}|(?s).{0,300}|[a. ]{0,400}") {
            let name = file_name(FileId::of_nth(n), Some(&title));
            prop_assert!(name.len() <= 255);
            prop_assert!(!name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']));
            prop_assert!(!name.chars().any(char::is_control));
            let stem = name.strip_suffix(".md").unwrap();
            prop_assert!(!stem.starts_with([' ', '.']) && !stem.ends_with([' ', '.']));
            prop_assert!(stem.starts_with(|c: char| c == '-' || c.is_ascii_digit()));
            prop_assert_eq!(FileId::of_name(&name), Some(FileId::of_nth(n)));
        }
    }
}

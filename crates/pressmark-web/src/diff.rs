//! What changed between two texts, by word (by character where a script has no spaces).
//!
//! Paragraphs are compared first; only those that differ are compared word by word.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The most pairs of words, and of paragraphs, that are compared: beyond it the old text is shown
/// as removed and the new one as added, so that no page is slow.
const MOST_PAIRS: usize = 25_000_000;
/// Unchanged paragraphs that stay on either side of a change.
const CONTEXT: usize = 1;

/// What a comparison shows, in the order of the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block<'a> {
    /// A paragraph of both texts.
    Same(&'a str),
    /// So many paragraphs of both texts, left out.
    Skipped(usize),
    /// A paragraph that differs.
    Changed(Vec<Piece>),
}

/// A part of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) side: Side,
    pub(crate) text: String,
}

/// Where a piece stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Both,
    Old,
    New,
}

/// Compares two texts of one line a paragraph.
pub(crate) fn compare<'a>(old: &'a str, new: &'a str) -> Vec<Block<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut blocks = Vec::new();
    for op in operations(&old, &new) {
        match op {
            DiffOp::Equal { old_index, len, .. } => {
                blocks.extend(
                    part(&old, old_index, len)
                        .iter()
                        .map(|line| Block::Same(line)),
                );
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                let (removed, added) = (op.old_range(), op.new_range());
                let removed = part(&old, removed.start, removed.len()).join("\n");
                let added = part(&new, added.start, added.len()).join("\n");
                blocks.extend(
                    paragraphs(words(&removed, &added))
                        .into_iter()
                        .map(Block::Changed),
                );
            }
        }
    }
    fold(blocks)
}

/// Compares two texts of one paragraph each.
pub(crate) fn compare_line(old: &str, new: &str) -> Vec<Piece> {
    words(old, new)
}

fn part<T>(items: &[T], from: usize, length: usize) -> &[T] {
    items.get(from..from + length).unwrap_or_default()
}

fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        let (old_len, new_len) = (old.len(), new.len());
        return vec![DiffOp::Replace {
            old_index: 0,
            old_len,
            new_index: 0,
            new_len,
        }];
    }
    capture_diff_slices(Algorithm::Myers, old, new)
}

/// The words of both texts in one sequence.
fn words(old: &str, new: &str) -> Vec<Piece> {
    let (old, new) = (tokens(old), tokens(new));
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |side, tokens: &[&str]| {
        if !tokens.is_empty() {
            pieces.push(Piece {
                side,
                text: tokens.concat(),
            });
        }
    };
    for op in operations(&old, &new) {
        let (removed, added) = (op.old_range(), op.new_range());
        if let DiffOp::Equal { .. } = op {
            push(Side::Both, part(&old, removed.start, removed.len()));
        } else {
            push(Side::Old, part(&old, removed.start, removed.len()));
            push(Side::New, part(&new, added.start, added.len()));
        }
    }
    gather(pieces)
}

/// Words, single characters of scripts without spaces, runs of blanks, and single marks.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut last = Kind::Single;
    for (at, c) in text.char_indices() {
        let kind = Kind::of(c);
        if at > start && (kind != last || kind == Kind::Single) {
            tokens.extend(text.get(start..at));
            start = at;
        }
        last = kind;
    }
    tokens.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Blank,
    Single,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            // Paragraphs end; Thai to Khmer, kana and Han are written without spaces.
            '\n'
            | '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{2e80}'..='\u{312f}'
            | '\u{31a0}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}' => Self::Single,
            c if c.is_whitespace() => Self::Blank,
            c if c.is_alphanumeric() || is_mark(c) => Self::Word,
            _ => Self::Single,
        }
    }
}

/// Combining marks that stand inside words.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{dff}' | '\'' | '’')
}

/// Drops the coincidences: what both sides share between two larger changes says nothing, and
/// would cut both into shreds. Then each change is what was removed, then what was added.
fn gather(mut pieces: Vec<Piece>) -> Vec<Piece> {
    loop {
        let gathered = gather_once(&pieces);
        if gathered.len() >= pieces.len() {
            return gathered;
        }
        pieces = gathered;
    }
}

fn gather_once(pieces: &[Piece]) -> Vec<Piece> {
    let mut gathered: Vec<Piece> = Vec::new();
    let (mut removed, mut added) = (String::new(), String::new());
    for (at, piece) in pieces.iter().enumerate() {
        match piece.side {
            Side::Old => removed.push_str(&piece.text),
            Side::New => added.push_str(&piece.text),
            Side::Both => {
                let before = removed.chars().count().max(added.chars().count());
                let shared = piece.text.chars().count();
                if shared <= before && shared <= change_after(pieces, at) {
                    removed.push_str(&piece.text);
                    added.push_str(&piece.text);
                } else {
                    flush(&mut gathered, &mut removed, &mut added);
                    gathered.push(piece.clone());
                }
            }
        }
    }
    flush(&mut gathered, &mut removed, &mut added);
    gathered
}

/// The length of the larger side of the change after a piece, in characters.
fn change_after(pieces: &[Piece], at: usize) -> usize {
    let change = pieces
        .iter()
        .skip(at + 1)
        .take_while(|piece| piece.side != Side::Both);
    change
        .map(|piece| piece.text.chars().count())
        .max()
        .unwrap_or(0)
}

fn flush(pieces: &mut Vec<Piece>, removed: &mut String, added: &mut String) {
    for (side, text) in [(Side::Old, removed), (Side::New, added)] {
        if !text.is_empty() {
            pieces.push(Piece {
                side,
                text: std::mem::take(text),
            });
        }
    }
}

/// Pieces into paragraphs, at the line ends of either text.
fn paragraphs(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut paragraphs = vec![Vec::new()];
    for piece in pieces {
        for (at, line) in piece.text.split('\n').enumerate() {
            if at > 0 {
                paragraphs.push(Vec::new());
            }
            if let Some(paragraph) = paragraphs.last_mut().filter(|_| !line.is_empty()) {
                paragraph.push(Piece {
                    side: piece.side,
                    text: line.to_owned(),
                });
            }
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// Leaves out what is the same and not beside a change.
fn fold(blocks: Vec<Block<'_>>) -> Vec<Block<'_>> {
    let changed: Vec<bool> = blocks
        .iter()
        .map(|block| matches!(block, Block::Changed(_)))
        .collect();
    let near_change = |at: usize| {
        let from = at.saturating_sub(CONTEXT);
        changed
            .iter()
            .skip(from)
            .take(at - from + CONTEXT + 1)
            .any(|changed| *changed)
    };
    let mut folded: Vec<Block<'_>> = Vec::new();
    for (at, block) in blocks.into_iter().enumerate() {
        if near_change(at) {
            folded.push(block);
        } else if let Some(Block::Skipped(skipped)) = folded.last_mut() {
            *skipped += 1;
        } else {
            folded.push(Block::Skipped(1));
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        let piece = |piece: &Piece| match piece.side {
            Side::Both => piece.text.clone(),
            Side::Old => format!("[-{}-]", piece.text),
            Side::New => format!("[+{}+]", piece.text),
        };
        pieces.iter().map(piece).collect()
    }

    fn all(old: &str, new: &str) -> Vec<String> {
        let block = |block: &Block<'_>| match block {
            Block::Same(text) => format!("={text}"),
            Block::Skipped(n) => format!("…{n}"),
            Block::Changed(pieces) => shown(pieces),
        };
        compare(old, new).iter().map(block).collect()
    }

    #[test]
    fn words_and_characters_are_what_changes() {
        assert_eq!(
            shown(&compare_line(
                "The board put it at 4.2 million.",
                "The board put it at 5.1 million."
            )),
            "The board put it at [-4.2-][+5.1+] million."
        );
        assert_eq!(
            shown(&compare_line(
                "首班渡轮清晨六点启航",
                "首班渡轮清晨六点十分启航"
            )),
            "首班渡轮清晨六点[+十分+]启航"
        );
        assert_eq!(shown(&compare_line("same", "same")), "same");
        assert_eq!(shown(&compare_line("", "new")), "[+new+]");
    }

    #[test]
    fn a_rewritten_sentence_is_not_cut_into_shreds() {
        let found = shown(&compare_line(
            "He resigned on a rainy morning in the capital",
            "She would fight on, her office said, and in court",
        ));
        assert!(found.matches("[-").count() <= 1, "{found}");
    }

    #[test]
    fn unchanged_paragraphs_far_from_a_change_are_left_out() {
        assert_eq!(
            all("a\nb\nc\nd old\ne\nf\ng", "a\nb\nc\nd new\ne\nf\ng\nh"),
            ["…2", "=c", "d [-old-][+new+]", "=e", "…1", "=g", "[+h+]"]
        );
        assert_eq!(all("a\nb", "a\nb"), ["…2"]);
        assert_eq!(all("", ""), Vec::<String>::new());
    }

    #[test]
    fn either_text_can_be_read_out_of_the_comparison() {
        let (old, new) = (
            "one two\nthree\nfour five six",
            "one 2\nfour fünf six\n三四",
        );
        let read = |side: Side| -> String {
            let mut text = String::new();
            for block in compare(old, new) {
                match block {
                    Block::Same(line) => text.push_str(line),
                    Block::Skipped(_) => {}
                    Block::Changed(pieces) => {
                        let of_side = |p: &&Piece| p.side == side || p.side == Side::Both;
                        pieces
                            .iter()
                            .filter(of_side)
                            .for_each(|p| text.push_str(&p.text));
                    }
                }
            }
            text
        };
        assert_eq!(read(Side::Old), old.replace('\n', ""));
        assert_eq!(read(Side::New), new.replace('\n', ""));
    }

    #[test]
    fn a_text_too_large_to_compare_is_shown_as_replaced() {
        let (old, new) = ("a b ".repeat(5_000), "c d ".repeat(5_000));
        let pieces = compare_line(&old, &new);
        assert_eq!(pieces.len(), 2);
    }
}

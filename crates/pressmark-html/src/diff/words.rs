//! The words of two texts in one sequence: what both have, what was removed, what was added.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Piece, Side};

/// The most pairs of words, and of paragraphs, that are compared: beyond it the old text is shown
/// as removed and the new one as added, so that no page is slow.
const MOST_PAIRS: usize = 25_000_000;

pub(super) fn part<T>(items: &[T], from: usize, length: usize) -> &[T] {
    items.get(from..from + length).unwrap_or_default()
}

pub(super) fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
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
pub(super) fn words(old: &str, new: &str) -> Vec<Piece> {
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

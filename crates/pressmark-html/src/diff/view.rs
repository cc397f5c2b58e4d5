//! A comparison as it is shown: in one column or in two, what is far from a change left out.

use super::{Block, Hunk, Pair, Piece, Side};

/// Every paragraph as a block; `shown` makes those of a hunk that differs.
pub(super) fn blocks<'a, C>(
    hunks: &[Hunk<'a>],
    shown: impl Fn(&[Piece]) -> Vec<C>,
) -> Vec<Block<'a, C>> {
    let mut blocks = Vec::new();
    for hunk in hunks {
        match hunk {
            Hunk::Same(lines) => blocks.extend(lines.iter().copied().map(Block::Same)),
            Hunk::Changed(pieces) => blocks.extend(shown(pieces).into_iter().map(Block::Changed)),
        }
    }
    blocks
}

/// Leaves out what is the same and not beside a change.
pub(super) fn fold<C>(blocks: Vec<Block<'_, C>>, context: usize) -> Vec<Block<'_, C>> {
    let is_changed = |block: &Block<'_, C>| matches!(block, Block::Changed(_));
    let mut since = usize::MAX;
    let mut near: Vec<bool> = Vec::with_capacity(blocks.len());
    for block in &blocks {
        since = if is_changed(block) {
            0
        } else {
            since.saturating_add(1)
        };
        near.push(since <= context);
    }
    let mut until = usize::MAX;
    for (block, near) in blocks.iter().zip(&mut near).rev() {
        until = if is_changed(block) {
            0
        } else {
            until.saturating_add(1)
        };
        *near |= until <= context;
    }
    let mut folded: Vec<Block<'_, C>> = Vec::new();
    for (block, near) in blocks.into_iter().zip(near) {
        if near {
            folded.push(block);
        } else if let Some(Block::Skipped(skipped)) = folded.last_mut() {
            *skipped += 1;
        } else {
            folded.push(Block::Skipped(1));
        }
    }
    folded
}

/// Pieces into paragraphs, at the line ends of either text.
pub(super) fn paragraphs(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut paragraphs = vec![Vec::new()];
    for piece in pieces {
        for (at, line) in piece.text.split('\n').enumerate() {
            if at > 0 {
                paragraphs.push(Vec::new());
            }
            push(paragraphs.last_mut(), piece.side, line);
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// The paragraphs of both sides, those beside each other that have most in common.
pub(super) fn pairs(pieces: &[Piece]) -> Vec<Pair> {
    let (mut old, mut new) = (vec![Vec::new()], vec![Vec::new()]);
    let mut common: Vec<Common> = Vec::new();
    for piece in pieces {
        for (at, line) in piece.text.split('\n').enumerate() {
            let sides: [(Side, &mut Vec<Vec<Piece>>); 2] =
                [(Side::Old, &mut old), (Side::New, &mut new)];
            for (side, column) in sides {
                if piece.side != Side::Both && piece.side != side {
                    continue;
                }
                if at > 0 {
                    column.push(Vec::new());
                }
                push(column.last_mut(), piece.side, line);
            }
            if piece.side == Side::Both {
                add(
                    &mut common,
                    old.len() - 1,
                    new.len() - 1,
                    line.chars().count(),
                );
            }
        }
    }
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    let (mut old_at, mut new_at) = (0, 0);
    let mut pairs = Vec::new();
    for counterpart in counterparts(&common) {
        let before_old: Vec<_> = old.by_ref().take(counterpart.old - old_at).collect();
        let before_new: Vec<_> = new.by_ref().take(counterpart.new - new_at).collect();
        zip(&mut pairs, before_old.into_iter(), before_new.into_iter());
        zip(&mut pairs, old.next().into_iter(), new.next().into_iter());
        (old_at, new_at) = (counterpart.old + 1, counterpart.new + 1);
    }
    zip(&mut pairs, old, new);
    pairs.retain(|pair| !pair.old.is_empty() || !pair.new.is_empty());
    pairs
}

fn push(paragraph: Option<&mut Vec<Piece>>, side: Side, line: &str) {
    if let Some(paragraph) = paragraph.filter(|_| !line.is_empty()) {
        paragraph.push(Piece {
            side,
            text: line.to_owned(),
        });
    }
}

/// How many characters two paragraphs, given by their places, have in common.
#[derive(Clone, Copy)]
struct Common {
    old: usize,
    new: usize,
    characters: usize,
}

fn add(common: &mut Vec<Common>, old: usize, new: usize, characters: usize) {
    match common.last_mut() {
        Some(last) if (last.old, last.new) == (old, new) => last.characters += characters,
        _ => common.push(Common {
            old,
            new,
            characters,
        }),
    }
}

/// The pairs of which each is the other's nearest. What both sides share comes in the order of
/// both, so the pairs never cross.
fn counterparts(common: &[Common]) -> impl Iterator<Item = &Common> {
    common
        .iter()
        .enumerate()
        .filter(|(at, pair)| {
            let is_nearest = |beside: &Common| beside.characters < pair.characters;
            let same = |beside: &Common| beside.old == pair.old || beside.new == pair.new;
            let before = common.iter().take(*at).rev().take_while(|c| same(c));
            let after = common.iter().skip(at + 1).take_while(|c| same(c));
            pair.characters > 0
                && before.clone().all(is_nearest)
                && after.clone().all(|c| c.characters <= pair.characters)
        })
        .map(|(_, pair)| pair)
}

fn zip(
    pairs: &mut Vec<Pair>,
    mut old: impl Iterator<Item = Vec<Piece>>,
    mut new: impl Iterator<Item = Vec<Piece>>,
) {
    loop {
        let (old, new) = (old.next(), new.next());
        if old.is_none() && new.is_none() {
            return;
        }
        pairs.push(Pair {
            old: old.unwrap_or_default(),
            new: new.unwrap_or_default(),
        });
    }
}

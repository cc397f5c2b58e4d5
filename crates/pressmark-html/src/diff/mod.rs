//! What changed between two texts: by paragraph, and inside those that differ by word (by character
//! where a script has no spaces).
//!
//! ```
//! use pressmark_html::diff::{Diff, Side};
//!
//! let diff = Diff::of("The board met.\nIt put it at 4.2 million.", "The board met.\nIt put it at 5.1 million.");
//! let added: Vec<&str> = diff
//!     .pieces()
//!     .filter(|piece| piece.side == Side::New)
//!     .map(|piece| piece.text.as_str())
//!     .collect();
//! assert_eq!(added, ["5.1"]);
//! assert_eq!(diff.inline(0).len(), 2); // one paragraph left out, one changed
//! ```

mod view;
mod words;

use similar::DiffOp;

use words::{operations, part, words};

/// A part of a text, and which of the two texts it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands.
    pub side: Side,
    /// The words, blanks and marks of it.
    pub text: String,
}

/// Where a piece stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In both texts.
    Both,
    /// In the old text only: it was removed.
    Old,
    /// In the new text only: it was added.
    New,
}

/// Paragraphs that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hunk<'a> {
    /// The same in both texts.
    Same(Vec<&'a str>),
    /// Different: the pieces of both sides in one sequence, line feeds between the paragraphs.
    Changed(Vec<Piece>),
}

/// One block of a comparison as it is shown; `C` is what is shown of a paragraph that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block<'a, C> {
    /// A paragraph of both texts.
    Same(&'a str),
    /// So many paragraphs of both texts, left out.
    Skipped(usize),
    /// A paragraph that differs.
    Changed(C),
}

/// A paragraph of the old text beside the one of the new text that took its place. Either is empty
/// where the other has no counterpart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    /// Pieces of [`Side::Both`] and [`Side::Old`].
    pub old: Vec<Piece>,
    /// Pieces of [`Side::Both`] and [`Side::New`].
    pub new: Vec<Piece>,
}

/// The comparison of two texts of one line a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff<'a> {
    hunks: Vec<Hunk<'a>>,
}

impl<'a> Diff<'a> {
    /// Compares two texts. Its time is bounded: texts too large to compare word by word are shown
    /// as replaced.
    pub fn of(old: &'a str, new: &'a str) -> Self {
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let hunk = |op: DiffOp| {
            let (removed, added) = (op.old_range(), op.new_range());
            let removed = part(&old, removed.start, removed.len());
            let added = part(&new, added.start, added.len());
            match op {
                DiffOp::Equal { .. } => Hunk::Same(removed.to_vec()),
                _ => Hunk::Changed(words(&removed.join("\n"), &added.join("\n"))),
            }
        };
        let hunks = operations(&old, &new).into_iter().map(hunk).collect();
        Self { hunks }
    }

    /// The hunks, in the order of the texts.
    pub fn hunks(&self) -> &[Hunk<'a>] {
        &self.hunks
    }

    /// The pieces of all paragraphs that differ, in the order of the texts.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.hunks.iter().flat_map(|hunk| match hunk {
            Hunk::Same(_) => &[],
            Hunk::Changed(pieces) => pieces.as_slice(),
        })
    }

    /// Whether both texts have the same paragraphs.
    pub fn is_same(&self) -> bool {
        self.hunks.iter().all(|hunk| matches!(hunk, Hunk::Same(_)))
    }

    /// One column: of a paragraph that differs, what was removed stands before what was added.
    /// `context` unchanged paragraphs stay on either side of a change; the others are left out.
    pub fn inline(&self, context: usize) -> Vec<Block<'a, Vec<Piece>>> {
        view::fold(view::blocks(&self.hunks, view::paragraphs), context)
    }

    /// Two columns: each paragraph that differs beside its counterpart, `context` as in
    /// [`Diff::inline`].
    pub fn side_by_side(&self, context: usize) -> Vec<Block<'a, Pair>> {
        view::fold(view::blocks(&self.hunks, view::pairs), context)
    }
}

/// Compares two texts of one paragraph each, word by word.
pub fn line(old: &str, new: &str) -> Vec<Piece> {
    words(old, new)
}

#[cfg(test)]
mod tests;

//! Texts that differ in where their paragraphs end.

use pressmark_html::diff::{Side, line};

/// Stands for a character that is to be left out; no text has it.
const LEFT_OUT: char = '\0';

/// A text without the difference between white space and the ends of paragraphs.
pub(super) fn squashed(text: &str) -> String {
    let mut squashed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let spaceless = |c: Option<char>| c.is_none_or(|c| ('\u{2e80}'..='\u{9fff}').contains(&c));
        if !spaceless(squashed.chars().next_back()) && !spaceless(word.chars().next()) {
            squashed.push(' ');
        }
        squashed.push_str(word);
    }
    squashed
}

/// Two texts, in which paragraphs end only where they end in both, or where the texts differ: that a
/// paragraph was split or joined says nothing.
pub(super) fn aligned(old: &str, new: &str) -> (String, String) {
    let pieces = line(&old.replace('\n', " "), &new.replace('\n', " "));
    let (mut old, mut new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let (mut old_at, mut new_at) = (0, 0);
    for piece in pieces {
        let length = piece.text.chars().count();
        let is_blank = piece.text.trim().is_empty();
        match piece.side {
            Side::Both => {
                // At the ends of what both share, a paragraph may end where something was put in.
                for at in 1..length.saturating_sub(1) {
                    let both = (old.get_mut(old_at + at), new.get_mut(new_at + at));
                    if let (Some(was), Some(is)) = both
                        && was != is
                    {
                        (*was, *is) = (' ', ' ');
                    }
                }
                (old_at, new_at) = (old_at + length, new_at + length);
            }
            Side::Old => old_at = pass(&mut old, old_at, length, is_blank),
            Side::New => new_at = pass(&mut new, new_at, length, is_blank),
        }
    }
    let whole = |text: Vec<char>| text.into_iter().filter(|c| *c != LEFT_OUT).collect();
    (whole(old), whole(new))
}

/// Passes a piece of a text by; a blank one, where no paragraph ends in the other text, is left out.
fn pass(text: &mut [char], at: usize, length: usize, is_blank: bool) -> usize {
    let end = at + length;
    if is_blank {
        text.iter_mut()
            .take(end)
            .skip(at)
            .for_each(|c| *c = LEFT_OUT);
    }
    end
}

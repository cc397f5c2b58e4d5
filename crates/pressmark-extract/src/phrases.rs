//! Phrases that are not of an article, in the languages of the world's news.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a phrase tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phrase {
    /// Another article is named: `read also`.
    More,
    /// The heading of a list of other things.
    Section,
    /// Something to subscribe to, to follow, to consent to or to pay for.
    Service,
    /// Who took the picture.
    Credit,
    /// Who wrote or edited it, or where it is from.
    Byline,
    /// When it was written.
    When,
}

/// A kind, how the line begins (`^`), what it is as a whole (`=`), or what is in it (`*`), in lower
/// case, one a line.
const TABLE: &str = include_str!("../data/phrases.txt");

/// The table, by how its phrases are looked for. The number is their place in it: the first wins.
#[derive(Debug, Default)]
struct Phrases {
    beginnings: HashMap<char, Vec<(usize, &'static str, Phrase)>>,
    wholes: HashMap<&'static str, (usize, Phrase)>,
    /// Those that may be anywhere, in lists of the same first two bytes, in the table's order. The
    /// first list is empty.
    parts: Vec<Vec<(usize, &'static str, Phrase)>>,
    /// Which list is that of two bytes. It is looked up for every byte of a text, so it is small.
    starts: Vec<u16>,
}

impl Phrases {
    fn add_part(&mut self, start: [u8; 2], part: (usize, &'static str, Phrase)) {
        self.starts.resize(1 << 16, 0);
        if self.parts.is_empty() {
            self.parts.push(Vec::new());
        }
        let Some(list) = self.starts.get_mut(pair(start)) else {
            return;
        };
        if *list == 0 {
            *list = u16::try_from(self.parts.len()).unwrap_or(0);
            self.parts.push(Vec::new());
        }
        if let Some(list) = self.parts.get_mut(usize::from(*list)) {
            list.push(part);
        }
    }
}

fn pair(bytes: [u8; 2]) -> usize {
    usize::from(u16::from_be_bytes(bytes))
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    let mut kind = Phrase::More;
    for (place, entry) in TABLE.lines().enumerate() {
        let Some((mark, phrase)) = entry.split_at_checked(1) else {
            continue;
        };
        let Some(first) = phrase.chars().next() else {
            continue;
        };
        match mark {
            "#" => {
                kind = match phrase {
                    "more" => Phrase::More,
                    "section" => Phrase::Section,
                    "service" => Phrase::Service,
                    "credit" => Phrase::Credit,
                    "byline" => Phrase::Byline,
                    _ => Phrase::When,
                }
            }
            "^" => phrases
                .beginnings
                .entry(first)
                .or_default()
                .push((place, phrase, kind)),
            "=" => {
                phrases.wholes.entry(phrase).or_insert((place, kind));
            }
            _ => {
                let Some(start) = phrase.as_bytes().first_chunk::<2>() else {
                    continue;
                };
                phrases.add_part(*start, (place, phrase, kind));
            }
        }
    }
    phrases
});

/// What a line of text tells, if it is such a phrase.
pub(crate) fn of(line: &str) -> Option<Phrase> {
    let mut lower = line.to_lowercase();
    if lower.contains('’') {
        lower = lower.replace('’', "'");
    }
    let lower = lower.trim_start_matches(|c: char| {
        !c.is_alphanumeric()
            && !matches!(
                c,
                '©' | '+' | '(' | '（' | '【' | '[' | '→' | '▶' | '▼' | '≫' | '※'
            )
    });
    let bare = lower.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '）'));
    let first = lower.chars().next()?;
    let beginning = PHRASES.beginnings.get(&first).and_then(|list| {
        list.iter()
            .find(|(_, phrase, _)| lower.starts_with(phrase))
            .map(|(n, _, kind)| (*n, *kind))
    });
    let whole = PHRASES.wholes.get(bare).copied();
    let part = part_of(lower);
    [beginning, whole, part]
        .into_iter()
        .flatten()
        .min_by_key(|(place, _)| *place)
        .map(|(_, kind)| kind)
}

/// The first phrase of the table that is anywhere in a line.
fn part_of(line: &str) -> Option<(usize, Phrase)> {
    let mut best: Option<(usize, Phrase)> = None;
    let phrases = &*PHRASES;
    for (at, start) in line.as_bytes().windows(2).enumerate() {
        let Some(start) = start.first_chunk::<2>() else {
            continue;
        };
        let list = phrases.starts.get(pair(*start)).copied().unwrap_or(0);
        if list == 0 {
            continue;
        }
        let Some(list) = phrases.parts.get(usize::from(list)) else {
            continue;
        };
        let rest = line.get(at..).unwrap_or_default();
        // Lists are in order: what is behind the best so far is not better.
        let better = |place: usize| best.is_none_or(|(first, _)| place < first);
        let mut list = list.iter().take_while(|(n, ..)| better(*n));
        if let Some((place, _, kind)) = list.find(|(_, phrase, _)| rest.starts_with(phrase)) {
            best = Some((*place, *kind));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_known_in_their_languages() {
        assert_eq!(of("Lesen Sie auch: Wetter"), Some(Phrase::More));
        assert_eq!(of("责任编辑：张三"), Some(Phrase::Byline));
        assert_eq!(of("Advertisement"), Some(Phrase::Service));
        assert_eq!(of("© Getty Images"), Some(Phrase::Credit));
        assert_eq!(of("The advertisement was on the wall."), None);
    }
}

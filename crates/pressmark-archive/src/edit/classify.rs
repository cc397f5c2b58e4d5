//! The classes of single changes.

use std::time::Duration;

use pressmark_html::diff::{Block, Diff, Hunk, Pair, Piece, Side, line};

use super::align::{aligned, squashed};
use super::noise::{self, Settled};
use super::numbers::{is_number_word, is_sign, numbers};
use super::owning;
use super::{EditClass, EditClasses};

/// Where less than this part of the longer one is shared, in percent, two paragraphs are two.
const SHARED_BY_EDITS: usize = 30;
/// Where less than this part of the longer one is shared, in percent, a link leads elsewhere.
const SHARED_BY_LINKS: usize = 50;
/// The longest text of removed pieces that is kept, in bytes.
const MOST_REMOVED: usize = 100_000;

/// Family names that most Chinese have. A name is told by them and by its length.
const SURNAMES: &str = "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧程曹袁邓鄧许許傅沈曾彭吕蘇苏卢盧蒋蔡贾丁魏薛叶葉阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
/// Words that turn the sense of a sentence round, and are spelled like others that do.
const TURNS: &str = "never neither either always should shall could would might without within inside \
     nothing something nobody somebody before because inclusive exclusive nicht nichts nie niemals \
     könnte konnte würde wurde müsste musste sollte wollte jamais toujours aucun aucune nunca siempre";

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) classes: EditClasses,
    pub(super) size: u32,
    pub(super) removed: String,
    /// The new text speaks of a correction, and the old one did not.
    pub(super) owned: bool,
}

impl Found {
    /// The headline differs.
    pub(super) fn headline(&mut self, old: &str, new: &str) {
        self.classes.insert(EditClass::Headline);
        for piece in line(old, new) {
            match piece.side {
                Side::Both => {}
                Side::Old => self.remove(&piece.text),
                Side::New => self.count(&piece.text),
            }
        }
    }

    /// What differs in the bodies, which were seen so long after each other.
    pub(super) fn body(&mut self, old: &Settled, new: &Settled, apart: Duration) {
        for hunk in Diff::of(&old.text, &new.text).hunks() {
            let Hunk::Changed(pieces) = hunk else {
                continue;
            };
            let side = |other: Side| {
                let of_side = pieces.iter().filter(|piece| piece.side != other);
                of_side.map(|piece| piece.text.as_str()).collect::<String>()
            };
            let (before, after) = (side(Side::New), side(Side::Old));
            if squashed(&before) == squashed(&after) {
                continue;
            }
            let (before, after) = aligned(&before, &after);
            for block in Diff::of(&before, &after).side_by_side(0) {
                if let Block::Changed(pair) = block {
                    self.pair(&pair, (old, new), apart);
                }
            }
        }
    }

    /// A paragraph, and the one that took its place.
    fn pair(&mut self, pair: &Pair, (olds, news): (&Settled, &Settled), apart: Duration) {
        let (old, new) = (text_of(&pair.old), text_of(&pair.new));
        let shared: usize = pair
            .new
            .iter()
            .filter(|piece| piece.side == Side::Both)
            .map(|piece| letters(&piece.text))
            .sum();
        let longer = letters(&old).max(letters(&new));
        let is_link =
            |settled: &Settled, line: &str| line.is_empty() || settled.links.contains(line);
        if is_link(olds, &old) && is_link(news, &new) && shared * 100 < longer * SHARED_BY_LINKS {
            // One story is recommended in the place of another.
            return;
        }
        self.owned |= owning::owns_up(&new) && !owning::owns_up(&old);
        // A cell of a table may be nothing but a number.
        let is_value = |line: &str| letters(line) > 0 && !line.contains(char::is_alphabetic);
        let are_values = is_value(&old) && is_value(&new);
        if shared * 100 >= longer * SHARED_BY_EDITS && shared > 0 || are_values {
            let aged = noise::aged(&old, &new, apart);
            self.paragraph(&old, aged.as_deref().unwrap_or(&new));
            return;
        }
        if letters(&old) > 0 {
            self.classes.insert(EditClass::ParagraphRemoved);
            self.remove(&old);
        }
        if letters(&new) > 0 {
            self.classes.insert(EditClass::ParagraphAdded);
            self.count(&new);
        }
    }

    /// A paragraph of which a part differs.
    fn paragraph(&mut self, old: &str, new: &str) {
        let pieces = line(old, new);
        let mut before = String::new();
        let mut at = 0;
        while let Some(piece) = pieces.get(at) {
            at += 1;
            let (removed, added) = match piece.side {
                Side::Both => {
                    before.push_str(&piece.text);
                    continue;
                }
                Side::New => ("", piece.text.as_str()),
                Side::Old => match pieces.get(at) {
                    Some(next) if next.side == Side::New => {
                        at += 1;
                        (piece.text.as_str(), next.text.as_str())
                    }
                    _ => (piece.text.as_str(), ""),
                },
            };
            let after = pieces.get(at).map_or("", |piece| piece.text.as_str());
            self.change(&Change {
                before: &before,
                removed,
                added,
                after,
            });
            before.push_str(added);
        }
    }

    fn change(&mut self, change: &Change<'_>) {
        let classes = change.classes();
        classes.iter().for_each(|class| self.classes.insert(class));
        self.remove(change.removed);
        self.count(change.added);
        if classes.contains(EditClass::Number)
            && letters(change.removed) + letters(change.added) == 0
        {
            // A sign or a decimal mark has no letters, and says as much as one.
            self.size = self.size.saturating_add(1);
        }
    }

    fn remove(&mut self, text: &str) {
        self.count(text);
        if self.removed.len() + text.len() < MOST_REMOVED {
            self.removed.push_str(text.trim());
            self.removed.push('\n');
        }
    }

    fn count(&mut self, text: &str) {
        let more = u32::try_from(letters(text)).unwrap_or(u32::MAX);
        self.size = self.size.saturating_add(more);
    }
}

/// One change within a paragraph: what stands before it, what was there, what is there, and what
/// stands after it up to the next change.
struct Change<'a> {
    before: &'a str,
    removed: &'a str,
    added: &'a str,
    after: &'a str,
}

impl Change<'_> {
    fn classes(&self) -> EditClasses {
        let mut classes = EditClasses::default();
        let number = self.numbers_differ();
        if !number && skeleton(self.removed) == skeleton(self.added) {
            classes.insert(EditClass::Typo);
            return classes;
        }
        if number {
            classes.insert(EditClass::Number);
        }
        if self.is_quoted() {
            classes.insert(EditClass::Quote);
        }
        let name = self.is_name();
        if name {
            classes.insert(EditClass::Name);
        }
        let words_differ = words(self.removed).ne(words(self.added));
        let only_number = number && !words_differ;
        if !name && !only_number {
            let class = if self.is_typo() {
                EditClass::Typo
            } else {
                EditClass::Wording
            };
            // Other words in a quotation are a changed quotation, and nothing else.
            if classes == EditClasses::default() {
                classes.insert(class);
            }
        }
        classes
    }

    /// Whether a number differs; its sign and its marks may stand in what is the same.
    fn numbers_differ(&self) -> bool {
        let is_part = |c: char| c.is_numeric() || is_sign(c) || matches!(c, '.' | ',' | '/' | ':');
        let unlike = |c: char| !is_part(c);
        let begins = self.before.rfind(unlike).map_or(0, |at| {
            at + self
                .before
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or(0, char::len_utf8)
        });
        let before = self.before.get(begins..).unwrap_or_default();
        let after = self
            .after
            .find(unlike)
            .and_then(|end| self.after.get(..end));
        let after = after.unwrap_or(self.after);
        let whole = |part: &str| numbers(&[before, part, after].concat());
        whole(self.removed) != whole(self.added)
    }

    /// Whether it stands, or brings itself, between quotation marks.
    fn is_quoted(&self) -> bool {
        let opened = |text: &str| {
            let (mut depth, mut straight) = (0_i32, false);
            for c in text.chars() {
                match c {
                    '“' | '«' | '「' | '『' | '„' | '‹' => depth += 1,
                    '”' | '»' | '」' | '』' | '›' => depth = (depth - 1).max(0),
                    '"' => straight = !straight,
                    _ => {}
                }
            }
            depth > 0 || straight
        };
        let marks =
            |text: &str| text.contains(['“', '”', '「', '」', '『', '』', '«', '»', '"', '„']);
        opened(self.before)
            || (letters(self.removed) > 0 || letters(self.added) > 0) && {
                marks(self.removed) || marks(self.added)
            }
    }

    /// Whether a name was put in the place of another, or a name was added or taken out.
    fn is_name(&self) -> bool {
        let sentence_begins = self
            .before
            .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '“' | '"' | '«' | '‘'))
            .chars()
            .next_back()
            .is_none_or(|c| matches!(c, '.' | '!' | '?' | ':' | '…'));
        let capital = |text: &str| {
            words(text)
                .enumerate()
                .filter(|(at, _)| *at > 0 || !sentence_begins)
                .any(|(_, word)| is_capitalised(word))
        };
        let all_capital = |text: &str| {
            let mut seen = false;
            words(text).all(|word| {
                seen = true;
                is_capitalised(word)
            }) && seen
        };
        if all_capital(self.removed) && all_capital(self.added) {
            // `He` for `She` begins many sentences; two or more capitals are a name all the same.
            return !sentence_begins
                || words(self.removed).count() + words(self.added).count() > 2
                || !is_pronoun(self.removed) && !is_pronoun(self.added);
        }
        if capital(self.removed) != capital(self.added)
            && words(self.removed).count().max(words(self.added).count()) <= 4
        {
            return true;
        }
        self.is_chinese_name()
    }

    /// Two to four characters that begin with a family name, in the place of others that do; or a
    /// character of a name, the family name of which stands before it.
    fn is_chinese_name(&self) -> bool {
        let is_name = |text: &str| {
            let text = text.trim();
            (2..=3).contains(&text.chars().count())
                && text.chars().all(is_han)
                && text.chars().next().is_some_and(|c| SURNAMES.contains(c))
        };
        is_name(self.removed) && is_name(self.added)
    }

    /// Whether one word became another that is spelled nearly like it.
    fn is_typo(&self) -> bool {
        let (old, new) = (self.removed.trim(), self.added.trim());
        if old.chars().all(is_han) && new.chars().all(is_han) {
            // One character for another of the same length; what turns the sense round is none.
            const HAN_TURNS: &str = "不没沒未无無非否是有死生上下男女左右前后後";
            return old.chars().count() == 1
                && new.chars().count() == 1
                && !HAN_TURNS.contains(old)
                && !HAN_TURNS.contains(new);
        }
        let (mut olds, mut news) = (words(old), words(new));
        let (Some(old), Some(new)) = (olds.next(), news.next()) else {
            return false;
        };
        if olds.next().is_some() || news.next().is_some() {
            return false;
        }
        let (old, new) = (old.to_lowercase(), new.to_lowercase());
        let length = old.chars().count().max(new.chars().count());
        // Other first letters make other words: `hired` and `fired`, `likely` and `unlikely`.
        let same_beginning = old.chars().next() == new.chars().next();
        let turns = |word: &str| TURNS.split_ascii_whitespace().any(|turn| turn == word);
        length >= 5
            && same_beginning
            && !turns(&old)
            && !turns(&new)
            && distance(&old, &new) <= if length >= 8 { 2 } else { 1 }
    }
}

fn text_of(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Letters and digits in lower case.
fn skeleton(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words that are no numbers.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '-'))
        .filter(|word| word.chars().any(char::is_alphabetic))
        .filter(|word| !is_number_word(word))
}

fn is_capitalised(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_some()
}

fn is_pronoun(text: &str) -> bool {
    const PRONOUNS: &[&str] = &[
        "he", "she", "it", "they", "we", "you", "the", "this", "that", "these", "those", "a", "an",
        "but", "and", "in", "on", "at", "as", "if", "when", "there", "his", "her", "their",
    ];
    words(text).any(|word| PRONOUNS.contains(&word.to_lowercase().as_str()))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// How many characters are to be changed to make one word the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, c) in one.chars().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (cell, o) in row.iter_mut().skip(1).zip(&other) {
            let here = (diagonal + usize::from(c != *o))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

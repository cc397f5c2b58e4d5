//! The classes of single changes.

use pressmark_html::diff::{Block, Diff, Pair, Piece, Side, line};

use super::noise;
use super::{EditClass, EditClasses};

/// Where less than this part of the longer one is shared, in percent, two paragraphs are two.
const SHARED_BY_EDITS: usize = 30;
/// The longest text of removed pieces that is kept, in bytes.
const MOST_REMOVED: usize = 100_000;

/// Family names that most Chinese have. A name is told by them and by its length.
const SURNAMES: &str = "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧程曹袁邓鄧许許傅沈曾彭吕蘇苏卢盧蒋蔡贾丁魏薛叶葉阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
const NUMERALS: &str = "〇零一二三四五六七八九十百千万萬亿億两兩几幾半";
const NUMBER_WORDS: &[&str] = &[
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "billion",
    "billions",
    "dozen",
    "dozens",
    "half",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "hundert",
    "tausend",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "sept",
    "huit",
    "neuf",
    "dix",
    "cent",
    "mille",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "cien",
    "mil",
];

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) classes: EditClasses,
    pub(super) size: u32,
    pub(super) removed: String,
    pub(super) added: String,
}

impl Found {
    /// The headline differs.
    pub(super) fn headline(&mut self, old: &str, new: &str) {
        self.classes.insert(EditClass::Headline);
        for piece in line(old, new) {
            match piece.side {
                Side::Both => {}
                Side::Old => self.remove(&piece.text),
                Side::New => self.add(&piece.text),
            }
        }
    }

    /// What differs in the bodies.
    pub(super) fn body(&mut self, diff: &Diff<'_>) {
        let pairs: Vec<Pair> = diff
            .side_by_side(0)
            .into_iter()
            .filter_map(|block| match block {
                Block::Changed(pair) => Some(pair),
                Block::Same(_) | Block::Skipped(_) => None,
            })
            .collect();
        for pair in &pairs {
            let (old, new) = (text_of(&pair.old), text_of(&pair.new));
            let shared: usize = pair
                .new
                .iter()
                .filter(|piece| piece.side == Side::Both)
                .map(|piece| letters(&piece.text))
                .sum();
            let longer = letters(&old).max(letters(&new));
            if shared * 100 >= longer * SHARED_BY_EDITS && shared > 0 {
                self.paragraph(&old, &new);
                continue;
            }
            if letters(&old) > 0 {
                self.classes.insert(EditClass::ParagraphRemoved);
                self.remove(&old);
            }
            if letters(&new) > 0 {
                self.classes.insert(EditClass::ParagraphAdded);
                self.add(&new);
            }
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
        if classes.contains(EditClass::Boilerplate) {
            return;
        }
        classes.iter().for_each(|class| self.classes.insert(class));
        self.remove(change.removed);
        self.add(change.added);
    }

    fn remove(&mut self, text: &str) {
        self.count(text);
        if self.removed.len() + text.len() < MOST_REMOVED {
            self.removed.push_str(text.trim());
            self.removed.push('\n');
        }
    }

    fn add(&mut self, text: &str) {
        self.count(text);
        self.added.push_str(text);
        self.added.push('\n');
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
        let same_letters = skeleton(self.removed) == skeleton(self.added);
        if same_letters {
            classes.insert(EditClass::Typo);
            return classes;
        }
        let number = numbers(self.removed) != numbers(self.added);
        if number && noise::is_relative(self.before, self.after) {
            classes.insert(EditClass::Boilerplate);
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
            const TURNS: &str = "不没沒未无無非否是有死生上下男女左右前后後";
            return old.chars().count() == 1
                && new.chars().count() == 1
                && !TURNS.contains(old)
                && !TURNS.contains(new);
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
        length >= 4 && distance(&old, &new) <= if length >= 8 { 2 } else { 1 }
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

/// The numbers of a text, in digits, in words, or in Chinese.
fn numbers(text: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut run = String::new();
    for c in text.chars() {
        if c.is_numeric() || NUMERALS.contains(c) {
            run.push(c);
        } else if !run.is_empty() && !matches!(c, '.' | ',' | '．' | '，') {
            numbers.push(std::mem::take(&mut run));
        }
    }
    if !run.is_empty() {
        numbers.push(run);
    }
    let in_words = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| is_number_word(word))
        .map(str::to_lowercase);
    numbers.extend(in_words);
    numbers
}

fn is_number_word(word: &str) -> bool {
    let lower = word.to_lowercase();
    NUMBER_WORDS.contains(&lower.as_str())
        || !word.is_empty() && word.chars().all(|c| NUMERALS.contains(c))
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

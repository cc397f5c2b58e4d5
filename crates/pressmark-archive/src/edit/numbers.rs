//! The numbers of a text.

const NUMERALS: &str = "〇零一二三四五六七八九十百千万萬亿億两兩几幾半";
const NUMBER_WORDS: &str = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
     sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty \
     ninety hundred hundreds thousand thousands million millions billion billions dozen \
     dozens half zwei drei vier fünf sechs sieben acht neun zehn hundert tausend deux trois \
     quatre cinq sept huit neuf dix cent mille dos tres cuatro cinco siete ocho nueve diez \
     cien mil";

/// The numbers of a text, in digits, in words, or in Chinese: with their signs, without the marks
/// between thousands, and with a point before decimals.
pub(super) fn numbers(text: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut run = String::new();
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let digit_follows = chars.peek().is_some_and(char::is_ascii_digit);
        if is_numeral(c) {
            run.push(c);
        } else if run.is_empty() && is_sign(c) && digit_follows && !before.is_alphanumeric() {
            run.push('-');
        } else if !run.is_empty() && digit_follows && matches!(c, '.' | ',') {
            run.push(c);
        } else if !run.is_empty() {
            numbers.push(plain_number(&run));
            run.clear();
        }
        before = c;
    }
    if !run.is_empty() {
        numbers.push(plain_number(&run));
    }
    let in_words = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| is_number_word(word))
        .map(str::to_lowercase);
    numbers.extend(in_words);
    numbers
}

/// `1,203` and `1.203` as `1203`; `1,5` as `1.5`.
fn plain_number(run: &str) -> String {
    let parts: Vec<&str> = run.split(['.', ',']).collect();
    let is_thousands = |part: &&str| part.len() == 3;
    match parts.as_slice() {
        [first, rest @ ..]
            if !rest.is_empty() && first.len() <= 4 && rest.iter().all(is_thousands) =>
        {
            parts.concat()
        }
        _ => parts.join("."),
    }
}

fn is_numeral(c: char) -> bool {
    c.is_numeric() || NUMERALS.contains(c)
}

pub(super) fn is_sign(c: char) -> bool {
    matches!(c, '-' | '−' | '–')
}

/// Whether a word is a number in words.
pub(super) fn is_number_word(word: &str) -> bool {
    let lower = word.to_lowercase();
    NUMBER_WORDS
        .split_ascii_whitespace()
        .any(|known| known == lower)
        || !word.is_empty() && word.chars().all(|c| NUMERALS.contains(c))
}

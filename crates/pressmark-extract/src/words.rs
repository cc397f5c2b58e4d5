//! Comparing texts without regard to case, punctuation and white space, in every script.

/// The letters and digits of a text in lower case, nothing between them.
pub(crate) fn key_of(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            key.push(c.to_ascii_lowercase());
        } else if !c.is_ascii() && c.is_alphanumeric() {
            key.extend(c.to_lowercase());
        }
    }
    key
}

/// The words of a text in lower case; every Han character and kana is a word.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if is_ideograph(c) {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            words.push(c.to_string());
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if !word.is_empty()
            && !matches!(c, '\u{300}'..='\u{36F}' | '\u{900}'..='\u{D7F}' | '\u{AD}')
        {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

pub(crate) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// How many of the words two texts share, of both together: from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "numbers of words are small")]
pub(crate) fn similar(one: &str, other: &str) -> f32 {
    let (one, mut other) = (words_of(one), words_of(other));
    let total = one.len() + other.len();
    if total == 0 {
        return 0.0;
    }
    let mut shared = 0;
    other.sort_unstable();
    let mut one = one;
    one.sort_unstable();
    let (mut a, mut b) = (one.iter().peekable(), other.iter().peekable());
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Equal => {
                shared += 1;
                a.next();
                b.next();
            }
            std::cmp::Ordering::Less => {
                a.next();
            }
            std::cmp::Ordering::Greater => {
                b.next();
            }
        }
    }
    (2 * shared) as f32 / total as f32
}

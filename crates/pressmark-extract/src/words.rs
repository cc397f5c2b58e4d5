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

/// The first characters of a text.
pub(crate) fn beginning(text: &str, characters: usize) -> &str {
    if text.len() <= characters {
        return text;
    }
    let end = text.char_indices().nth(characters);
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// Whether this is the key of a text that is told in parts.
pub(crate) fn is_key_of<'t>(key: &str, parts: impl IntoIterator<Item = &'t str>) -> bool {
    let mut rest = key.chars();
    for c in parts.into_iter().flat_map(str::chars) {
        if c.is_ascii_alphanumeric() {
            if rest.next() != Some(c.to_ascii_lowercase()) {
                return false;
            }
        } else if !c.is_ascii() && c.is_alphanumeric() {
            for c in c.to_lowercase() {
                if rest.next() != Some(c) {
                    return false;
                }
            }
        }
    }
    rest.next().is_none()
}

/// The words of a text without their order, in lower case, each as a number; every Han character
/// and kana is a word.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words(Vec<u64>);

impl Words {
    pub(crate) fn of(text: &str) -> Self {
        // FNV-1a, 64 bit.
        const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        let mixed = |hash: u64, c: char| (hash ^ u64::from(c)).wrapping_mul(0x0100_0000_01b3);
        let mut words = Vec::with_capacity(text.len() / 6);
        let mut word = None;
        for c in text.chars() {
            if is_ideograph(c) {
                words.extend(word.take());
                words.push(mixed(BASIS, c));
            } else if c.is_alphanumeric() {
                word = Some(c.to_lowercase().fold(word.unwrap_or(BASIS), mixed));
            } else if !matches!(c, '\u{300}'..='\u{36F}' | '\u{900}'..='\u{D7F}' | '\u{AD}') {
                words.extend(word.take());
            }
        }
        words.extend(word);
        words.sort_unstable();
        Self(words)
    }

    /// How many of the words two texts share, of both together: from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "numbers of words are small")]
    pub(crate) fn similar(&self, other: &Self) -> f32 {
        let total = self.0.len() + other.0.len();
        if total == 0 {
            return 0.0;
        }
        let mut shared = 0;
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
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
}

pub(crate) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

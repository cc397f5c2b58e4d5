//! The languages of the pages themselves: words, numbers, dates. What the outlets wrote is shown
//! in the language they wrote it in.

mod alarm;
pub(crate) mod dates;
mod failure;
mod hub;
mod words;

use std::fmt::Display;

pub(crate) use words::Words;

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The BCP 47 tag.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// Its name in itself.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// The word in `?lang=`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &words::ENGLISH,
            Self::Chinese => &words::CHINESE,
        }
    }

    /// The language that a tag means: its primary subtag decides.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The best language for an `Accept-Language` header (RFC 9110, 12.5.4); English for want of
    /// any other.
    pub(crate) fn accepted(header: &str) -> Self {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',') {
            let (tag, parameter) = range.split_once(';').unwrap_or((range, "q=1"));
            let quality = parameter.trim().strip_prefix("q=").map(str::parse::<f32>);
            let Some(language) = Self::of_tag(tag.trim()) else {
                continue;
            };
            let Some(Ok(quality)) = quality else { continue };
            if quality > best.map_or(0.0, |(quality, _)| quality) {
                best = Some((quality, language));
            }
        }
        best.map_or(Self::English, |(_, language)| language)
    }

    /// `one` or `many` with the number in the place of `{}`.
    pub(crate) fn count(self, n: u64, one: &str, many: &str) -> String {
        let word = if n == 1 { one } else { many };
        fill(word, [&self.number(n)])
    }

    /// A number with its digits in groups of three.
    pub(crate) fn number(self, n: u64) -> String {
        let separator = match self {
            Self::English | Self::Chinese => ',',
        };
        let digits = n.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(separator);
            }
            grouped.push(digit);
        }
        grouped
    }
}

/// The values in the places of the `{}` of a word, in their order.
pub(crate) fn fill<const N: usize>(word: &str, values: [&dyn Display; N]) -> String {
    let mut values = values.into_iter();
    let mut filled = String::with_capacity(word.len() + 16);
    for (at, piece) in word.split("{}").enumerate() {
        if at > 0
            && let Some(value) = values.next()
        {
            filled.push_str(&value.to_string());
        }
        filled.push_str(piece);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_in_both_languages_with_the_same_places() {
        for (key, english, chinese) in words::TABLE {
            assert!(
                !english.trim().is_empty() && !chinese.trim().is_empty(),
                "{key}"
            );
            let places = |word: &str| word.matches("{}").count();
            let one_or_many = key.ends_with("_one") || key.starts_with("failures_");
            assert!(places(english) == places(chinese) || one_or_many, "{key}");
            let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(!english.chars().any(han), "{key}: {english}");
            let wordless = matches!(*key, "by" | "and");
            assert!(wordless || chinese.chars().any(han), "{key}: {chinese}");
        }
    }

    #[test]
    fn the_preferred_language_decides() {
        for (header, language) in [
            ("", Language::English),
            ("fr-FR, *;q=0.1", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("zh-TW", Language::Chinese),
            ("de, en;q=0.5, zh;q=0.4", Language::English),
            ("en;q=0.2, zh;q=0.7", Language::Chinese),
            ("zh;q=0, en;q=0.1", Language::English),
            ("zh;q=x", Language::English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }

    #[test]
    fn numbers_and_plurals() {
        let english = Language::English;
        assert_eq!(english.number(1_234_567), "1,234,567");
        assert_eq!(english.number(123), "123");
        let words = english.words();
        assert_eq!(
            english.count(1, words.versions_one, words.versions_many),
            "1 version"
        );
        assert_eq!(
            english.count(0, words.versions_one, words.versions_many),
            "0 versions"
        );
        assert_eq!(fill("{} of {}", [&2, &3]), "2 of 3");
        assert_eq!(fill("a {} b {}", [&"{}"]), "a {} b ");
    }
}

//! Numbers, months, times of day and zones, as dates are made of them.

use std::collections::HashMap;
use std::sync::LazyLock;

use time::Time;

/// Month names in some forty languages: the number, then the words for it.
const MONTHS: &str = include_str!("../data/months.txt");

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'t> {
    /// A number, how many digits it has, and where it ends.
    Number(u64, usize),
    Word(&'t str),
    Mark(char),
    Space,
}

pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_ascii_digit() {
            let length = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let digits = rest.get(..length).unwrap_or_default();
            out.push(Token::Number(digits.parse().unwrap_or(u64::MAX), length));
            length
        } else if c.is_whitespace() {
            out.push(Token::Space);
            c.len_utf8()
        } else if c.is_alphabetic() && !is_ideograph(c) {
            let length = rest
                .find(|c: char| !(c.is_alphabetic() || is_joining(c)) || is_ideograph(c))
                .unwrap_or(rest.len());
            out.push(Token::Word(rest.get(..length).unwrap_or_default()));
            length
        } else {
            out.push(Token::Mark(c));
            c.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '년' | '월' | '일')
}

/// Vowel signs and other marks that stand inside words.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{900}'..='\u{D7F}' | '\u{E30}'..='\u{E4E}')
}

pub(crate) fn month(word: &str) -> Option<u64> {
    let word = word.to_lowercase();
    if word.chars().count() < 2 {
        return None;
    }
    NUMBERS.get(word.as_str()).copied()
}

/// The numbers of the months by their names; a name of two months is the earlier one's.
static NUMBERS: LazyLock<HashMap<&str, u64>> = LazyLock::new(|| {
    let mut numbers = HashMap::new();
    for line in MONTHS.lines() {
        let mut words = line.split(' ');
        let Some(number) = words.next().and_then(|number| number.parse().ok()) else {
            continue;
        };
        for word in words {
            numbers.entry(word).or_insert(number);
        }
    }
    numbers
});

/// A time of day near the beginning, and how many tokens it takes with what is before it.
pub(crate) fn clock(tokens: &[Token<'_>]) -> Option<(Time, usize)> {
    for (at, token) in tokens.iter().enumerate().take(16) {
        let Token::Number(hour, 1 | 2) = token else {
            continue;
        };
        let next = |n: usize| tokens.get(at + n);
        let minute_at = match next(1) {
            Some(
                Token::Mark(':' | '：' | '时' | '時' | '點' | '点') | Token::Word("h" | "H" | "u"),
            ) => 2,
            Some(Token::Mark('.')) if followed_by_oclock(tokens, at) => 2,
            _ => continue,
        };
        let minute_at = if next(minute_at) == Some(&Token::Space) {
            minute_at + 1
        } else {
            minute_at
        };
        let Some(Token::Number(minute, 1 | 2)) = next(minute_at) else {
            continue;
        };
        let mut used = at + minute_at + 1;
        let mut second = 0;
        if let (Some(Token::Mark(':')), Some(Token::Number(s, 2))) =
            (tokens.get(used), tokens.get(used + 1))
        {
            second = *s;
            used += 2;
            if let (Some(Token::Mark('.')), Some(Token::Number(..))) =
                (tokens.get(used), tokens.get(used + 1))
            {
                used += 2;
            }
        }
        let half = tokens
            .get(used..)
            .unwrap_or_default()
            .iter()
            .find(|t| **t != Token::Space);
        let half = half.map(|t| {
            if let Token::Word(w) = t {
                w.to_ascii_lowercase()
            } else {
                String::new()
            }
        });
        let hour = match half.as_deref() {
            Some("pm" | "p") if *hour < 12 => hour + 12,
            Some("am" | "a") if *hour == 12 => 0,
            _ => *hour,
        };
        if matches!(half.as_deref(), Some("pm" | "p" | "am" | "a")) {
            // `pm`, `p.m.`
            let belongs = |t: &Token<'_>| match t {
                Token::Space | Token::Mark('.') => true,
                Token::Word(word) => {
                    ["am", "pm", "a", "p", "m"].contains(&word.to_ascii_lowercase().as_str())
                }
                _ => false,
            };
            used += tokens
                .get(used..)
                .unwrap_or_default()
                .iter()
                .take_while(|t| belongs(t))
                .count();
        }
        let small = |n: u64| u8::try_from(n).ok();
        return Some((
            Time::from_hms(small(hour)?, small(*minute)?, small(second.min(59))?).ok()?,
            used,
        ));
    }
    None
}

fn followed_by_oclock(tokens: &[Token<'_>], at: usize) -> bool {
    tokens
        .iter()
        .skip(at + 3)
        .take(2)
        .any(|token| matches!(token, Token::Word("Uhr" | "uhr" | "am" | "pm")))
}

/// Seconds east of UTC of a zone written at the beginning of these tokens.
pub(crate) fn zone(tokens: &[Token<'_>]) -> Option<i32> {
    let mut solid = tokens.iter().filter(|token| **token != Token::Space);
    for _ in 0..3 {
        match solid.next()? {
            Token::Mark(sign @ ('+' | '-' | '−')) => {
                let Token::Number(number, digits) = solid.next()? else {
                    return None;
                };
                let number = i32::try_from(*number).ok()?;
                let seconds = match digits {
                    1 | 2 => {
                        let minutes = match (solid.next(), solid.next()) {
                            (Some(Token::Mark(':')), Some(Token::Number(m, 2))) => {
                                i32::try_from(*m).ok()?
                            }
                            _ => 0,
                        };
                        number * 3_600 + minutes * 60
                    }
                    4 => number / 100 * 3_600 + number % 100 * 60,
                    _ => return None,
                };
                if seconds > 15 * 3_600 {
                    return None;
                }
                return Some(if *sign == '+' { seconds } else { -seconds });
            }
            Token::Word(name) => {
                if let Some(hours) = zone_named(name) {
                    // `GMT+8`, `UTC+02:00`
                    if hours == 0.0
                        && let Some(Token::Mark('+' | '-')) = solid.clone().next()
                    {
                        continue;
                    }
                    #[expect(clippy::cast_possible_truncation, reason = "at most 14 hours")]
                    return Some((hours * 3_600.0) as i32);
                }
            }
            Token::Mark(_) => {}
            _ => return None,
        }
    }
    None
}

fn zone_named(name: &str) -> Option<f32> {
    Some(match name {
        "Z" | "z" | "UTC" | "GMT" | "WET" | "utc" => 0.0,
        "CET" | "MEZ" | "BST" | "IST1" | "WEST" | "WAT" => 1.0,
        "CEST" | "MESZ" | "EET" | "SAST" | "CAT" => 2.0,
        "EEST" | "MSK" | "МСК" | "EAT" | "TRT" => 3.0,
        "IST" => 5.5,
        "PKT" => 5.0,
        "ICT" | "WIB" => 7.0,
        "HKT" | "SGT" | "AWST" | "PHT" | "MYT" => 8.0,
        "JST" | "KST" => 9.0,
        "AEST" => 10.0,
        "AEDT" => 11.0,
        "NZST" => 12.0,
        "NZDT" => 13.0,
        "EST" | "CDT" | "ET" => -5.0,
        "EDT" | "AST" => -4.0,
        "CST" | "MDT" => -6.0,
        "MST" | "PDT" => -7.0,
        "PST" | "PT" => -8.0,
        "BRT" | "ART" => -3.0,
        _ => return None,
    })
}

//! Dates and times as pages write them.

use pressmark_model::{OffsetTimestamp, Timestamp};
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use crate::clock::{Token, clock, month, tokens, zone};

/// Words that make a time one before now.
const AGO: [&str; 14] = [
    " ago",
    "vor ",
    "il y a",
    "hace ",
    "fa",
    "前",
    "назад",
    "önce",
    "geleden",
    "temu",
    "sedan",
    "siden",
    "전",
    "há ",
];

/// How units of time begin, and their seconds.
const UNITS: [(&[&str], u64); 5] = [
    (&["min", "分", "мин", "dakika", "분"], 60),
    (
        &[
            "h", "std", "stund", "小时", "小時", "時間", "ora", "ore", "час", "saat", "uur",
            "godz", "tim", "시간",
        ],
        3_600,
    ),
    (
        &[
            "d", "tag", "jour", "día", "giorn", "天", "日", "дн", "ден", "gün", "dag", "일",
        ],
        86_400,
    ),
    (
        &[
            "w", "woche", "semaine", "semana", "settiman", "周", "週", "нед", "hafta", "vecka",
            "uge",
        ],
        604_800,
    ),
    (
        &["mo", "monat", "mois", "mes", "月", "мес", "ay"],
        2_592_000,
    ),
];

/// How much of a text is read, in bytes: no date is told later in it.
pub(crate) const LONGEST: usize = 300;

/// What a written date is read against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// No date of the page is later than this (and a day).
    pub(crate) captured_at: Timestamp,
    /// Seconds east of UTC where the text names no zone.
    pub(crate) offset: i32,
    /// `3/4/2025` is the fourth of March.
    pub(crate) month_first: bool,
    /// Of what year a day is that names none, if that is known. Else it is the last such day.
    pub(crate) year: Option<u64>,
}

/// A date in a text, and how precise it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) at: OffsetTimestamp,
    pub(crate) has_time: bool,
}

impl Reading {
    /// The first date in a text.
    pub(crate) fn read(&self, text: &str) -> Option<Found> {
        let text = text.trim();
        let tokens = tokens(text.get(..floor(text, LONGEST)).unwrap_or(text));
        let found = self
            .epoch(&tokens)
            .or_else(|| self.calendar(&tokens))
            .or_else(|| self.relative(text));
        found.filter(|found| self.is_possible(found.at))
    }

    /// The first day of the calendar in a text: not `3 hours ago`.
    pub(crate) fn day(&self, text: &str) -> Option<Found> {
        let text = text.trim();
        let tokens = tokens(text.get(..floor(text, 300)).unwrap_or(text));
        self.calendar(&tokens)
            .filter(|found| self.is_possible(found.at))
    }

    /// `06-30` or `[06/30 12:15]`, as lists of headlines have it: the last such day.
    pub(crate) fn month_and_day(&self, text: &str) -> Option<Found> {
        let bare = text.trim_matches(|c: char| !c.is_ascii_digit());
        let (month, rest) = bare.split_once(['-', '/'])?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (day, behind) = rest.split_at_checked(digits)?;
        let clock = behind.trim_start();
        let plain = clock.is_empty() || clock.len() >= 4 && clock.len() <= 8 && clock.contains(':');
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        let date = self.of_this_year(month, day).filter(|_| plain)?;
        self.day(&format!("{date} {clock}"))
    }

    /// Whether an article can be of this time: of the web's years, and not after its capture.
    fn is_possible(&self, at: OffsetTimestamp) -> bool {
        let day = std::time::Duration::from_hours(24);
        at.at() <= self.captured_at.plus(day) && at.to_local().year() >= 1980
    }

    fn epoch(&self, tokens: &[Token<'_>]) -> Option<Found> {
        let [Token::Number(number, digits)] = tokens else {
            return None;
        };
        let micros = match digits {
            10 => i64::try_from(*number).ok()?.checked_mul(1_000_000)?,
            13 => i64::try_from(*number).ok()?.checked_mul(1_000)?,
            _ => return None,
        };
        Some(Found {
            at: Timestamp::from_micros(micros).with_offset(self.offset),
            has_time: true,
        })
    }

    fn calendar(&self, tokens: &[Token<'_>]) -> Option<Found> {
        let (date, next) = (0..tokens.len()).find_map(|at| self.date_at(tokens, at))?;
        let after = tokens.get(next..).unwrap_or_default();
        let clock = clock(after).or_else(|| {
            // A time before the date, but not one of another sentence.
            let before = tokens.get(..next).unwrap_or_default();
            clock(before).map(|(time, _)| (time, 0))
        });
        let (time, used) = clock.unwrap_or((Time::MIDNIGHT, 0));
        let zone = zone(after.get(used..).unwrap_or_default());
        let offset = UtcOffset::from_whole_seconds(zone.unwrap_or(self.offset)).ok()?;
        let at = PrimitiveDateTime::new(date, time).assume_offset(offset);
        Some(Found {
            at: at.into(),
            has_time: clock.is_some(),
        })
    }

    /// The date that begins with this token, and the token behind it.
    fn date_at(&self, tokens: &[Token<'_>], at: usize) -> Option<(Date, usize)> {
        let solid: Vec<(usize, &Token<'_>)> = tokens
            .iter()
            .enumerate()
            .skip(at)
            .filter(|(_, token)| **token != Token::Space)
            .take(7)
            .collect();
        let token = |n: usize| solid.get(n).map(|(_, token)| *token);
        let end = |n: usize| solid.get(n).map_or(tokens.len(), |(index, _)| index + 1);
        match (token(0)?, token(1), token(2), token(3), token(4)) {
            // 20250610, 20250610T1200
            (Token::Number(n, 8), ..) => Some((date(n / 10_000, n / 100 % 100, n % 100)?, end(0))),
            // 2025-06-10, 2025年6月10日
            (
                Token::Number(y, 4),
                Some(Token::Mark('-' | '/' | '.' | '年' | '년' | '‑' | '–')),
                Some(Token::Number(m, 1 | 2)),
                Some(Token::Mark('-' | '/' | '.' | '月' | '월' | '‑' | '–')),
                Some(Token::Number(d, 1 | 2)),
            ) => Some((date(*y, *m, *d)?, end(4))),
            // 10.06.2025, 06/10/2025
            (
                Token::Number(a, 1 | 2),
                Some(Token::Mark(one @ ('-' | '/' | '.'))),
                Some(Token::Number(b, 1 | 2)),
                Some(Token::Mark('-' | '/' | '.')),
                Some(Token::Number(y, digits @ (2 | 4))),
            ) => {
                let year = if *digits == 2 { 2000 + y } else { *y };
                let us = *one == '/' && self.month_first;
                let found = if us {
                    date(year, *a, *b).or_else(|| date(year, *b, *a))
                } else {
                    date(year, *b, *a).or_else(|| date(year, *a, *b))
                };
                Some((found?, end(4)))
            }
            // 6月10日
            (
                Token::Number(m, 1 | 2),
                Some(Token::Mark('月' | '월')),
                Some(Token::Number(d, 1 | 2)),
                Some(Token::Mark('日' | '号' | '일')),
                _,
            ) => Some((self.of_this_year(*m, *d)?, end(3))),
            (Token::Number(..) | Token::Word(_), ..) => self.date_in_words(&solid, tokens.len()),
            _ => None,
        }
    }

    /// `10. Juni 2025`, `June 10, 2025`, `10 de junio de 2025`, `10-Jun-2025`, `June 10`.
    fn date_in_words(&self, solid: &[(usize, &Token<'_>)], length: usize) -> Option<(Date, usize)> {
        let mut words = solid.iter().enumerate().filter(|(_, (_, token))| {
            !matches!(token, Token::Mark('.' | ',' | '-' | '/' | 'º' | '\''))
                && !matches!(
                    token,
                    Token::Word(
                        "de" | "of"
                            | "del"
                            | "the"
                            | "st"
                            | "nd"
                            | "rd"
                            | "th"
                            | "den"
                            | "er"
                            | "d"
                    )
                )
        });
        let mut next = || words.next().map(|(n, (_, token))| (n, *token));
        let end = |n: usize| solid.get(n).map_or(length, |(index, _)| index + 1);
        let (first_at, first) = next()?;
        let (_, second) = next()?;
        let third = next();
        if first_at > 0 {
            return None;
        }
        let (day, month) = match (first, second) {
            (Token::Number(day, 1 | 2), Token::Word(word))
            | (Token::Word(word), Token::Number(day, 1 | 2)) => (*day, month(word)?),
            (Token::Number(year, 4), Token::Word(word)) => {
                let Some((n, Token::Number(day, 1 | 2))) = third else {
                    return None;
                };
                return Some((date(*year, month(word)?, *day)?, end(n)));
            }
            _ => return None,
        };
        match third {
            Some((n, Token::Number(year, 4))) => Some((date(*year, month, day)?, end(n))),
            Some((n, Token::Number(year, 2))) if *year > 12 => {
                Some((date(2000 + *year, month, day)?, end(n)))
            }
            _ => Some((self.of_this_year(month, day)?, end(1))),
        }
    }

    /// The year that a text is, or the month of a year.
    pub(crate) fn year_of(&self, text: &str) -> Option<u64> {
        const LONGEST: usize = 40;
        if text.len() > LONGEST {
            return None;
        }
        let mut year = None;
        for token in tokens(text) {
            match token {
                Token::Number(number, 4) if year.is_none() => year = Some(number),
                Token::Number(number, 1 | 2) if number <= 12 && text.contains(['月', '월']) => {}
                Token::Word(word) if month(word).is_some() => {}
                Token::Mark('年' | '月' | '년' | '월' | '.' | ',') | Token::Space => {}
                _ => return None,
            }
        }
        let this = u64::try_from(self.captured_at.to_utc().year()).ok()?;
        year.filter(|year| (1980..=this).contains(year))
    }

    /// The day without a year: of the year that is known, or next before the capture.
    fn of_this_year(&self, month: u64, day: u64) -> Option<Date> {
        if let Some(year) = self.year {
            return date(year, month, day);
        }
        let today = self.captured_at.to_utc().date();
        let year = u64::try_from(today.year()).ok()?;
        let this = date(year, month, day)?;
        if this > today.saturating_add(time::Duration::DAY) {
            date(year - 1, month, day)
        } else {
            Some(this)
        }
    }

    /// `2 hours ago`, `vor 3 Tagen`, `3小时前`.
    fn relative(&self, text: &str) -> Option<Found> {
        if text.chars().count() > 60 {
            return None;
        }
        let lower = text.to_lowercase();
        let at = |seconds: u64| {
            let then = self
                .captured_at
                .minus(std::time::Duration::from_secs(seconds));
            Some(Found {
                at: then.with_offset(self.offset),
                has_time: seconds < 86_400,
            })
        };
        if AGO.iter().any(|word| lower.contains(word)) {
            let number: u64 = lower
                .chars()
                .skip_while(|c| !c.is_ascii_digit())
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse()
                .unwrap_or(1);
            let after = lower.trim_start_matches(|c: char| !c.is_ascii_digit());
            let unit = after.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
            // "min" before "m…", so in this order.
            let seconds = UNITS
                .iter()
                .find(|(words, _)| words.iter().any(|w| unit.starts_with(w)))?
                .1;
            return at(number.checked_mul(seconds)?);
        }
        if [
            "yesterday",
            "gestern",
            "hier",
            "ayer",
            "ieri",
            "昨天",
            "昨日",
            "вчера",
            "dün",
        ]
        .iter()
        .any(|w| lower.starts_with(w))
        {
            return at(86_400);
        }
        None
    }
}

fn floor(text: &str, limit: usize) -> usize {
    let mut limit = limit.min(text.len());
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    limit
}

fn date(year: u64, month: u64, day: u64) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let year = i32::try_from(year)
        .ok()
        .filter(|year| (1900..2200).contains(year))?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let captured: OffsetTimestamp = "2025-07-01T12:00:00Z".parse().unwrap();
        let reading = Reading {
            captured_at: captured.at(),
            offset: 7_200,
            month_first: false,
            year: None,
        };
        reading.read(text).map(|found| found.at.to_string())
    }

    #[test]
    fn dates_are_read_as_pages_write_them() {
        for (text, want) in [
            ("2025-06-10T14:30:15.123Z", "2025-06-10T14:30:15Z"),
            ("2025-06-10T14:30:15+0900", "2025-06-10T14:30:15+09:00"),
            ("2025-06-10T14:30:15-05:30", "2025-06-10T14:30:15-05:30"),
            ("2025-06-10 14:30", "2025-06-10T14:30:00+02:00"),
            ("20250610", "2025-06-10T00:00:00+02:00"),
            (
                "2025年6月10日 08时05分 来源：x",
                "2025-06-10T08:05:00+02:00",
            ),
            ("10.06.2025, 14.30 Uhr", "2025-06-10T14:30:00+02:00"),
            (
                "Dienstag, 10. Juni 2025 um 14:30 Uhr",
                "2025-06-10T14:30:00+02:00",
            ),
            (
                "Published June 10, 2025, 2:30 p.m. EDT",
                "2025-06-10T14:30:00-04:00",
            ),
            ("Tue, 10 Jun 2025 12:00:00 GMT", "2025-06-10T12:00:00Z"),
            ("10 de junio de 2025", "2025-06-10T00:00:00+02:00"),
            ("10 czerwca 2025", "2025-06-10T00:00:00+02:00"),
            ("10 июня 2025, 09:15 МСК", "2025-06-10T09:15:00+03:00"),
            ("10th of June 2025", "2025-06-10T00:00:00+02:00"),
            ("1749558615", "2025-06-10T14:30:15+02:00"),
            ("3 hours ago", "2025-07-01T11:00:00+02:00"),
            ("2天前", "2025-06-29T14:00:00+02:00"),
            ("10 जून 2025", "2025-06-10T00:00:00+02:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn a_time_to_come_is_no_date_of_an_article() {
        for text in [
            "2026-01-01",
            "",
            "hello",
            "99/99/9999",
            "Call 030 1234567",
            "1/2",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

//! Dates in every form in which feeds write them.
//!
//! RFC 822, RFC 3339, the profiles of ISO 8601, what `asctime`, JavaScript and databases print, and
//! the same with the names of months of other languages. One scan collects numbers, the name of a
//! month, a time and a zone; which number is what is decided at the end. A date without a zone is in
//! UTC.

mod month;
mod zone;

use pressmark_model::{OffsetTimestamp, Timestamp};
use time::{Date, Month};

use crate::xml::{part, rest};
use zone::Zone;

/// No date is longer, in bytes.
const LONGEST: usize = 160;

/// The moment that a text of the world at large means.
pub(crate) fn parse(text: &str) -> Option<OffsetTimestamp> {
    parse_in(text, false)
}

/// The moment that a text means; in `chinese` ones `CST` is China's standard time.
pub(crate) fn parse_in(text: &str, chinese: bool) -> Option<OffsetTimestamp> {
    // White space may be anything, but a date is short.
    let mut words = text.split_whitespace();
    let mut short = String::new();
    for word in words.by_ref() {
        if short.len() + word.len() > LONGEST {
            return None;
        }
        short.push_str(word);
        short.push(' ');
    }
    let lower = short.trim_end().to_lowercase();
    let lower = lower.split('(').next().unwrap_or_default().trim_end();
    if lower.len() >= 9 && lower.bytes().all(|byte| byte.is_ascii_digit()) && lower.len() != 14 {
        return epoch(lower);
    }
    let mut scan = Scan {
        text: lower,
        chinese,
        ..Scan::default()
    };
    scan.run();
    scan.finish()
}

/// Seconds or milliseconds since 1970.
fn epoch(digits: &str) -> Option<OffsetTimestamp> {
    let number: i64 = digits.parse().ok()?;
    let at = match digits.len() {
        9..=11 => Timestamp::from_seconds(number),
        12..=14 => Timestamp::from_millis(number),
        15..=17 => Timestamp::from_micros(number),
        _ => return None,
    };
    Some(at.into())
}

/// A number of a date as it was written.
#[derive(Debug, Clone, Copy, Default)]
struct Number {
    value: i32,
    digits: usize,
    /// The character before it.
    before: u8,
}

#[derive(Debug, Default)]
struct Scan<'a> {
    text: &'a str,
    at: usize,
    numbers: Vec<Number>,
    month: Option<u8>,
    /// Microseconds since midnight.
    time: Option<i64>,
    afternoon: Option<bool>,
    zone: Option<Zone>,
    chinese: bool,
}

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

impl Scan<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The digits from a place on.
    fn digits(&self, at: usize) -> &str {
        let behind = rest(self.text, at);
        let end = behind
            .bytes()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(behind.len());
        part(behind, 0, end)
    }

    fn run(&mut self) {
        while let Some(next) = rest(self.text, self.at).chars().next() {
            match next {
                '0'..='9' => self.number(),
                '+' | '-' | '−' if self.begins_offset(next) => self.offset(next),
                _ if next.is_alphabetic() => self.word(),
                _ => self.at += next.len_utf8(),
            }
        }
    }

    fn begins_offset(&self, sign: char) -> bool {
        let digit = self.byte(self.at + sign.len_utf8()).is_ascii_digit();
        let zone = self.zone.is_none_or(|zone| matches!(zone, Zone::Greenwich));
        digit && zone && (self.time.is_some() || self.zone.is_some())
    }

    /// `+hhmm`, `+hh:mm`, `+hh`, `+h`.
    fn offset(&mut self, sign: char) {
        let start = self.at + sign.len_utf8();
        let hours = self.digits(start).to_owned();
        self.at = start + hours.len();
        let mut minutes = "";
        let mut whole_hours = hours.as_str();
        if hours.len() > 2 {
            whole_hours = part(&hours, 0, hours.len() - 2);
            minutes = rest(&hours, hours.len() - 2);
        }
        let behind_colon = self.digits(self.at + 1).to_owned();
        if self.byte(self.at) == b':' && behind_colon.len() == 2 && minutes.is_empty() {
            minutes = &behind_colon;
            self.at += 3;
        }
        let hours: i32 = whole_hours.parse().unwrap_or(99);
        let minutes: i32 = minutes.parse().unwrap_or(0);
        if hours < 24 && minutes < 60 {
            let seconds = hours * 3_600 + minutes * 60;
            self.zone = Some(Zone::Offset(if sign == '+' { seconds } else { -seconds }));
        }
    }

    fn number(&mut self) {
        let digits = self.digits(self.at).to_owned();
        let before = if self.at == 0 {
            0
        } else {
            self.byte(self.at - 1)
        };
        let end = self.at + digits.len();
        let value: i32 = digits.parse().unwrap_or(-1);
        let date_is_known = !self.numbers.is_empty();
        let is_clock = matches!(self.byte(end), b':' | b'h') && self.byte(end + 1).is_ascii_digit();
        if self.time.is_none() && is_clock {
            self.clock(value, end);
            return;
        }
        self.at = end;
        match digits.len() {
            4 | 6 if before == b't' && date_is_known && self.time.is_none() => {
                self.compact_time(&digits);
            }
            1 | 2 if before == b't' && date_is_known && self.time.is_none() => {
                self.set_time(value, 0, 0, 0);
            }
            1 | 2 if self.time.is_none() && self.is_half_day(end) => self.set_time(value, 0, 0, 0),
            6 if !date_is_known && self.text.len() == 6 => {
                for from in [0, 2, 4] {
                    let value = part(&digits, from, from + 2).parse().unwrap_or(-1);
                    self.numbers.push(Number {
                        value,
                        digits: 2,
                        before: b'-',
                    });
                }
            }
            8 | 14 if !date_is_known => {
                for (from, to) in [(0, 4), (4, 6), (6, 8)] {
                    let value = part(&digits, from, to).parse().unwrap_or(-1);
                    self.numbers.push(Number {
                        value,
                        digits: to - from,
                        before: b'-',
                    });
                }
                self.compact_time(rest(&digits, 8));
            }
            _ => self.numbers.push(Number {
                value,
                digits: digits.len(),
                before,
            }),
        }
    }

    fn is_half_day(&self, at: usize) -> bool {
        let behind = rest(self.text, at).trim_start();
        let word = behind
            .split(|next: char| !next.is_alphabetic())
            .next()
            .unwrap_or_default();
        matches!(word, "am" | "pm")
    }

    /// `hh:mm[:ss[.fraction]]` or `hhhmm`, the hour of which was read.
    fn clock(&mut self, hour: i32, colon: usize) {
        let minutes = self.digits(colon + 1).to_owned();
        self.at = colon + 1 + minutes.len();
        let mut seconds = String::new();
        if self.byte(self.at) == b':' {
            self.digits(self.at + 1).clone_into(&mut seconds);
            self.at += 1 + seconds.len();
        }
        let mut micros = 0;
        if matches!(self.byte(self.at), b'.' | b',') && self.byte(self.at + 1).is_ascii_digit() {
            let fraction = self.digits(self.at + 1).to_owned();
            self.at += 1 + fraction.len();
            micros = format!("{fraction:0<6}")
                .get(..6)
                .and_then(|six| six.parse().ok())
                .unwrap_or(0);
        }
        let number = |digits: &str| {
            if digits.is_empty() {
                0
            } else {
                digits.parse().unwrap_or(-1)
            }
        };
        self.set_time(hour, number(&minutes), number(&seconds), micros);
    }

    fn compact_time(&mut self, digits: &str) {
        let number = |from: usize| digits.get(from..from + 2).and_then(|two| two.parse().ok());
        if let Some(hour) = number(0) {
            self.set_time(hour, number(2).unwrap_or(0), number(4).unwrap_or(0), 0);
        }
    }

    fn set_time(&mut self, hour: i32, minute: i32, second: i32, micros: i64) {
        // What is more than the clock has, a leap second too, runs over into the next unit.
        if (0..48).contains(&hour) && (0..100).contains(&minute) && (0..100).contains(&second) {
            let seconds = i64::from(hour * 3_600 + minute * 60 + second);
            self.time = Some(seconds * SECOND + micros);
        }
    }

    fn word(&mut self) {
        let behind = rest(self.text, self.at);
        let end = behind
            .find(|next: char| !next.is_alphabetic())
            .unwrap_or(behind.len());
        let word = part(behind, 0, end);
        // Regions are written `Europe/Brussels`, `America/New_York`.
        if behind.as_bytes().get(end) == Some(&b'/') {
            let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
            if let Some(zone) = zone::region(part(behind, 0, end)) {
                self.zone = Some(zone);
                self.at += end;
                return;
            }
        }
        match word {
            "am" | "오전" | "上午" | "午前" | "قبل" | "πμ" => {
                self.afternoon = Some(false);
            }
            "pm" | "오후" | "下午" | "午後" | "μμ" => self.afternoon = Some(true),
            _ => {
                if let Some(month) = month::by_name(word) {
                    self.month = Some(month);
                } else if self.zone.is_none() && (self.time.is_some() || word == "gmt") {
                    self.zone = match word {
                        "cst" if self.chinese => Some(Zone::Offset(8 * 3_600)),
                        word => zone::by_name(word),
                    };
                }
            }
        }
        self.at += end;
    }

    /// Year, month and day.
    fn date(&self) -> Option<(i32, i32, i32)> {
        let numbers: Vec<Number> = self.numbers.iter().copied().take(3).collect();
        if let Some(month) = self.month {
            return match *numbers.as_slice() {
                [year] if year.digits == 4 => Some((year.value, month.into(), 1)),
                [year, day, ..] if year.digits == 4 => Some((year.value, month.into(), day.value)),
                [day, year, ..] => Some((full_year(year), month.into(), day.value)),
                _ => None,
            };
        }
        match *numbers.as_slice() {
            [year, month, day] if year.digits == 4 => Some((year.value, month.value, day.value)),
            // ISO 8601 without the century.
            [year, month, day] if day.digits == 2 && month.before == b'-' => {
                Some((full_year(year), month.value, day.value))
            }
            [first, second, year] => {
                let day_first = match second.before {
                    b'/' => first.value > 12,
                    _ => second.value <= 12,
                };
                let (day, month) = if day_first {
                    (first, second)
                } else {
                    (second, first)
                };
                Some((full_year(year), month.value, day.value))
            }
            [year, day] if year.digits == 4 && day.digits == 3 => {
                by_day_of_year(year.value, day.value)
            }
            [year, month] if year.digits == 4 => Some((year.value, month.value, 1)),
            [day] if day.digits == 7 => by_day_of_year(day.value / 1000, day.value % 1000),
            [year] if year.digits == 4 => Some((year.value, 1, 1)),
            _ => None,
        }
    }

    fn finish(self) -> Option<OffsetTimestamp> {
        let (year, month, day) = self.date()?;
        // Databases write the year 1 where they know nothing.
        if year < 1000 {
            return None;
        }
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        if !(1..=31).contains(&day) {
            return None;
        }
        // The 31st of a month that has 30 days is the 1st of the next.
        let first = Date::from_calendar_date(year, month, 1).ok()?;
        let date = first.checked_add(time::Duration::days(i64::from(day) - 1))?;
        let mut time = self.time.unwrap_or(0);
        match self.afternoon {
            Some(true) if time < 12 * HOUR => time += 12 * HOUR,
            Some(false) if (12 * HOUR..13 * HOUR).contains(&time) => time -= 12 * HOUR,
            _ => {}
        }
        let local = date.midnight().assume_utc().unix_timestamp() * SECOND + time;
        let offset = self
            .zone
            .map_or(0, |zone| zone.offset_at(local.div_euclid(SECOND)));
        let at = Timestamp::from_micros(local - i64::from(offset) * SECOND);
        Some(at.with_offset(offset))
    }
}

/// The year that one or two digits mean.
fn full_year(year: Number) -> i32 {
    match (year.digits, year.value) {
        (1 | 2, 0..90) => year.value + 2000,
        (1 | 2, _) => year.value + 1900,
        _ => year.value,
    }
}

fn by_day_of_year(year: i32, day: i32) -> Option<(i32, i32, i32)> {
    let date = Date::from_ordinal_date(year, u16::try_from(day).ok()?).ok()?;
    Some((year, u8::from(date.month()).into(), date.day().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cst_is_of_the_one_who_writes() {
        let text = "Wed May 01 10:30:00 CST 2024";
        let told = |chinese| parse_in(text, chinese).unwrap().to_string();
        assert_eq!(told(true), "2024-05-01T10:30:00+08:00");
        assert_eq!(told(false), "2024-05-01T10:30:00-06:00");
    }

    #[test]
    fn dates_as_they_are_written() {
        for (text, moment) in [
            ("Wed, 01 May 2024 10:30:00 GMT", "2024-05-01T10:30:00Z"),
            ("1 May 24 1:30 EST", "2024-05-01T01:30:00-05:00"),
            (
                "Wed, 01 May 2024 10:30:00 GMT+02:00",
                "2024-05-01T10:30:00+02:00",
            ),
            ("Wed May  1 10:30:00 UTC 2024", "2024-05-01T10:30:00Z"),
            (
                "Wed May 01 2024 10:30:00 GMT+0200 (Central European Summer Time)",
                "2024-05-01T10:30:00+02:00",
            ),
            ("Wed, 01 May 2024 24:00:00 GMT", "2024-05-02T00:00:00Z"),
            (
                "Wed, 01 May 2024 10:30:00 Europe/Brussels",
                "2024-05-01T10:30:00+02:00",
            ),
            ("May 1, 2024 12:30 AM", "2024-05-01T00:30:00Z"),
            ("Wednesday, May 1, 2024 - 3:09pm", "2024-05-01T15:09:00Z"),
            (
                "2024-05-01T10:30:00.25+0530",
                "2024-05-01T10:30:00.25+05:30",
            ),
            ("2024-05-01T23:59:60Z", "2024-05-02T00:00:00Z"),
            ("31 Jun 2024 25:10 GMT", "2024-07-02T01:10:00Z"),
            ("January 2nd, 2024 at 3:04 pm", "2024-01-02T15:04:00Z"),
            ("1 mai 2024 15h04", "2024-05-01T15:04:00Z"),
            ("240501", "2024-05-01T00:00:00Z"),
            ("2024-122", "2024-05-01T00:00:00Z"),
            ("20240501T103000Z", "2024-05-01T10:30:00Z"),
            ("20240501103000", "2024-05-01T10:30:00Z"),
            ("1714559400", "2024-05-01T10:30:00Z"),
            ("1714559400123", "2024-05-01T10:30:00.123Z"),
            ("5/14/2024 3:30:00 PM", "2024-05-14T15:30:00Z"),
            ("14.05.2024 10:30", "2024-05-14T10:30:00Z"),
            (
                "mar., 05 mars 2024 10:30:00 +0100",
                "2024-03-05T10:30:00+01:00",
            ),
            (
                "Ср, 01 мая 2024 10:30:00 +0300",
                "2024-05-01T10:30:00+03:00",
            ),
            ("2024年05月01日 10:30:00", "2024-05-01T10:30:00Z"),
            ("2024-05-01 오후 3:30:00", "2024-05-01T15:30:00Z"),
            ("2004-július-13T9:15-05:00", "2004-07-13T09:15:00-05:00"),
        ] {
            let read = parse(text).map(|moment| moment.to_string());
            assert_eq!(read.as_deref(), Some(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        let digits = "1".repeat(1 << 16);
        for text in [
            "",
            "  ",
            "soon",
            "12",
            "2024-13-01",
            "0001-01-01T00:00:00Z",
            "32 Feb 2024",
            "10:30",
            "May",
            &digits,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

//! Dates and lengths of time as each language writes them.

use pressmark_model::{OffsetTimestamp, Timestamp};
use time::{OffsetDateTime, Weekday};

use super::Language;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Language {
    /// The day, with its weekday.
    pub(crate) fn day(self, at: OffsetTimestamp) -> String {
        let at = at.to_local();
        let weekday = self.weekday(at.weekday());
        match self {
            Self::English => format!("{weekday}, {}", self.date(at)),
            Self::Chinese => format!("{} {weekday}", self.date(at)),
        }
    }

    /// The hour and minute.
    pub(crate) fn clock(self, at: OffsetTimestamp) -> String {
        let at = at.to_local();
        match self {
            Self::English | Self::Chinese => format!("{:02}:{:02}", at.hour(), at.minute()),
        }
    }

    /// The date, the time and the offset from UTC.
    pub(crate) fn moment(self, at: OffsetTimestamp) -> String {
        let date = self.date(at.to_local());
        let clock = self.clock(at);
        let offset = offset_name(at.offset_seconds());
        match self {
            Self::English => format!("{date}, {clock} {offset}"),
            Self::Chinese => format!("{date} {clock} ({offset})"),
        }
    }

    /// How long ago or how far off a moment is.
    pub(crate) fn distance(self, at: Timestamp, now: Timestamp) -> String {
        let words = self.words();
        let past = at <= now;
        let seconds = if past { now.since(at) } else { at.since(now) }.as_secs();
        let (n, [ago_one, ago_many, in_one, in_many]) = match seconds {
            0..60 if past => return words.just_now.to_owned(),
            0..3600 => (
                seconds.div_ceil(60).clamp(1, 59),
                [
                    words.minutes_ago_one,
                    words.minutes_ago_many,
                    words.in_minutes_one,
                    words.in_minutes_many,
                ],
            ),
            3600..86400 => (
                seconds / 3600,
                [
                    words.hours_ago_one,
                    words.hours_ago_many,
                    words.in_hours_one,
                    words.in_hours_many,
                ],
            ),
            _ => (
                seconds / 86400,
                [
                    words.days_ago_one,
                    words.days_ago_many,
                    words.in_days_one,
                    words.in_days_many,
                ],
            ),
        };
        if past {
            self.count(n, ago_one, ago_many)
        } else {
            self.count(n, in_one, in_many)
        }
    }

    fn date(self, at: OffsetDateTime) -> String {
        let month = u8::from(at.month());
        match self {
            Self::English => {
                let month = MONTHS
                    .get(usize::from(month) - 1)
                    .copied()
                    .unwrap_or_default();
                format!("{} {month} {}", at.day(), at.year())
            }
            Self::Chinese => format!("{}年{month}月{}日", at.year(), at.day()),
        }
    }

    fn weekday(self, day: Weekday) -> &'static str {
        let (english, chinese) = match day {
            Weekday::Monday => ("Monday", "星期一"),
            Weekday::Tuesday => ("Tuesday", "星期二"),
            Weekday::Wednesday => ("Wednesday", "星期三"),
            Weekday::Thursday => ("Thursday", "星期四"),
            Weekday::Friday => ("Friday", "星期五"),
            Weekday::Saturday => ("Saturday", "星期六"),
            Weekday::Sunday => ("Sunday", "星期日"),
        };
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

/// An offset from UTC as people write it: `UTC`, `UTC+8`, `UTC−3:30`.
pub(crate) fn offset_name(seconds: i32) -> String {
    let minutes = seconds.unsigned_abs() / 60;
    let sign = if seconds < 0 { '−' } else { '+' };
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> OffsetTimestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_keeps_the_offset_of_the_outlet() {
        let evening = at("2026-11-22T23:05:00+08:00");
        assert_eq!(
            Language::English.moment(evening),
            "22 November 2026, 23:05 UTC+8"
        );
        assert_eq!(
            Language::Chinese.moment(evening),
            "2026年11月22日 23:05 (UTC+8)"
        );
        assert_eq!(Language::English.day(evening), "Sunday, 22 November 2026");
        assert_eq!(Language::Chinese.day(evening), "2026年11月22日 星期日");
        assert_eq!(offset_name(0), "UTC");
        assert_eq!(offset_name(-12_600), "UTC−3:30");
        assert_eq!(offset_name(20_700), "UTC+5:45");
    }

    #[test]
    fn distances_are_rounded_to_one_unit() {
        let now = at("2026-11-22T12:00:00Z").at();
        let seconds = |n: i64| Timestamp::from_seconds(now.seconds() + n);
        for (n, english, chinese) in [
            (0, "just now", "刚刚"),
            (-59, "just now", "刚刚"),
            (-60, "1 minute ago", "1 分钟前"),
            (-3_599, "59 minutes ago", "59 分钟前"),
            (-7_300, "2 hours ago", "2 小时前"),
            (-90_000, "1 day ago", "1 天前"),
            (30, "in 1 minute", "1 分钟后"),
            (1_800, "in 30 minutes", "30 分钟后"),
            (3_600, "in 1 hour", "1 小时后"),
            (200_000, "in 2 days", "2 天后"),
        ] {
            assert_eq!(Language::English.distance(seconds(n), now), english);
            assert_eq!(Language::Chinese.distance(seconds(n), now), chinese);
        }
        let soon = Timestamp::from_micros(now.micros() + 1);
        assert_eq!(Language::English.distance(soon, now), "in 1 minute");
    }
}

//! Time zones by name.

use time::{Date, Month, OffsetDateTime, Weekday};

/// How far a clock is ahead of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// UTC by one of its names, behind which an offset may still follow.
    Greenwich,
    /// Seconds.
    Offset(i32),
    /// Minutes in winter, and how the clocks change.
    Region(i32, Summer),
}

/// The rule by which the clocks go forward by an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Summer {
    Never,
    /// From the last Sunday of March, 01:00 UTC, to the last of October.
    Europe,
    /// From the second Sunday of March, 02:00, to the first of November.
    America,
    /// From the first Sunday of October to the first of April.
    Australia,
}

impl Zone {
    /// Seconds ahead of UTC at a local time, which is given in seconds as if it were UTC.
    pub(super) fn offset_at(self, local: i64) -> i32 {
        match self {
            Self::Greenwich => 0,
            Self::Offset(seconds) => seconds,
            Self::Region(minutes, summer) => {
                let standard = minutes * 60;
                if summer.holds(local, standard) {
                    standard + 3_600
                } else {
                    standard
                }
            }
        }
    }
}

impl Summer {
    fn holds(self, local: i64, standard: i32) -> bool {
        let year = OffsetDateTime::from_unix_timestamp(local).map_or(1970, OffsetDateTime::year);
        let sunday = |month, nth| nth_sunday(year, month, nth);
        let hour = 3_600;
        match self {
            Self::Never => false,
            Self::Europe => {
                let utc = local - i64::from(standard);
                let from = sunday(Month::March, None) + hour;
                // In the hour that comes twice the first one is meant.
                (from..sunday(Month::October, None) + 2 * hour).contains(&utc)
            }
            Self::America => {
                let from = sunday(Month::March, Some(2)) + 2 * hour;
                (from..sunday(Month::November, Some(1)) + 2 * hour).contains(&local)
            }
            Self::Australia => {
                let from = sunday(Month::October, Some(1)) + 2 * hour;
                !(sunday(Month::April, Some(1)) + 3 * hour..from).contains(&local)
            }
        }
    }
}

/// Midnight of a Sunday of a month, in seconds; the last one without a number.
fn nth_sunday(year: i32, month: Month, nth: Option<u8>) -> i64 {
    let first = Date::from_calendar_date(year, month, 1).unwrap_or(Date::MIN);
    let sundays = (0..31).filter_map(|day| first.checked_add(time::Duration::days(day)));
    let mut sundays =
        sundays.filter(|day| day.month() == month && day.weekday() == Weekday::Sunday);
    let found = match nth {
        Some(nth) => sundays.nth(usize::from(nth).saturating_sub(1)),
        None => sundays.next_back(),
    };
    found.map_or(0, |date| date.midnight().assume_utc().unix_timestamp())
}

/// A zone by its abbreviation, in lower case; the letters as RFC 822 has them.
pub(super) fn by_name(word: &str) -> Option<Zone> {
    if matches!(word, "utc" | "gmt" | "ut" | "z" | "zulu" | "wet") {
        return Some(Zone::Greenwich);
    }
    let found = ABBREVIATIONS.iter().find(|(name, _)| *name == word);
    found.map(|(_, minutes)| Zone::Offset(minutes * 60))
}

/// A region of the time zone database, in lower case.
pub(super) fn region(name: &str) -> Option<Zone> {
    let found = REGIONS.iter().find(|(known, ..)| *known == name);
    found.map(|(_, minutes, summer)| Zone::Region(*minutes, *summer))
}

/// Minutes ahead of UTC. Where an abbreviation has several meanings, the one that feeds mean.
#[rustfmt::skip]
const ABBREVIATIONS: [(&str, i32); 70] = [
    ("est", -300), ("edt", -240), ("et", -300), ("cst", -360), ("cdt", -300), ("ct", -360),
    ("mst", -420), ("mdt", -360), ("mt", -420), ("pst", -480), ("pdt", -420), ("pt", -480),
    ("ast", -240), ("adt", -180), ("at", -240), ("nst", -210), ("ndt", -150), ("akst", -540),
    ("akdt", -480), ("hst", -600), ("brt", -180), ("brst", -120), ("art", -180), ("clt", -240),
    ("clst", -180), ("cot", -300), ("pet", -300), ("vet", -240), ("bst", 60), ("west", 60),
    ("cet", 60), ("cest", 120), ("mez", 60), ("mesz", 120), ("met", 60), ("mest", 120), ("eet", 120),
    ("eest", 180), ("oez", 120), ("oesz", 180), ("msk", 180), ("msd", 240), ("trt", 180), ("idt", 180),
    ("sast", 120), ("cat", 120), ("eat", 180), ("wat", 60), ("gst", 240), ("pkt", 300), ("ist", 330),
    ("npt", 345), ("ict", 420), ("wib", 420), ("hkt", 480), ("sgt", 480), ("myt", 480), ("awst", 480),
    ("jst", 540), ("kst", 540), ("acst", 570), ("acdt", 630), ("aest", 600), ("aedt", 660),
    ("nzst", 720), ("nzdt", 780), ("a", -60), ("n", 60), ("m", -720), ("y", 720),
];

#[rustfmt::skip]
const REGIONS: [(&str, i32, Summer); 56] = [
    ("europe/london", 0, Summer::Europe), ("europe/dublin", 0, Summer::Europe), ("europe/lisbon", 0, Summer::Europe),
    ("europe/amsterdam", 60, Summer::Europe), ("europe/belgrade", 60, Summer::Europe), ("europe/berlin", 60, Summer::Europe),
    ("europe/bratislava", 60, Summer::Europe), ("europe/brussels", 60, Summer::Europe), ("europe/budapest", 60, Summer::Europe),
    ("europe/copenhagen", 60, Summer::Europe), ("europe/ljubljana", 60, Summer::Europe), ("europe/luxembourg", 60, Summer::Europe),
    ("europe/madrid", 60, Summer::Europe), ("europe/oslo", 60, Summer::Europe), ("europe/paris", 60, Summer::Europe),
    ("europe/prague", 60, Summer::Europe), ("europe/rome", 60, Summer::Europe), ("europe/stockholm", 60, Summer::Europe),
    ("europe/vienna", 60, Summer::Europe), ("europe/warsaw", 60, Summer::Europe), ("europe/zagreb", 60, Summer::Europe),
    ("europe/zurich", 60, Summer::Europe), ("europe/athens", 120, Summer::Europe), ("europe/bucharest", 120, Summer::Europe),
    ("europe/helsinki", 120, Summer::Europe), ("europe/kiev", 120, Summer::Europe), ("europe/kyiv", 120, Summer::Europe),
    ("europe/riga", 120, Summer::Europe), ("europe/sofia", 120, Summer::Europe), ("europe/tallinn", 120, Summer::Europe),
    ("europe/vilnius", 120, Summer::Europe), ("europe/istanbul", 180, Summer::Never), ("europe/moscow", 180, Summer::Never),
    ("europe/minsk", 180, Summer::Never), ("america/new_york", -300, Summer::America), ("america/toronto", -300, Summer::America),
    ("america/detroit", -300, Summer::America), ("america/chicago", -360, Summer::America), ("america/denver", -420, Summer::America),
    ("america/phoenix", -420, Summer::Never), ("america/los_angeles", -480, Summer::America), ("america/vancouver", -480, Summer::America),
    ("america/sao_paulo", -180, Summer::Never), ("america/argentina/buenos_aires", -180, Summer::Never), ("america/bogota", -300, Summer::Never),
    ("asia/shanghai", 480, Summer::Never), ("asia/hong_kong", 480, Summer::Never), ("asia/taipei", 480, Summer::Never),
    ("asia/singapore", 480, Summer::Never), ("asia/tokyo", 540, Summer::Never), ("asia/seoul", 540, Summer::Never),
    ("asia/kolkata", 330, Summer::Never), ("asia/calcutta", 330, Summer::Never), ("asia/dubai", 240, Summer::Never),
    ("australia/sydney", 600, Summer::Australia), ("australia/melbourne", 600, Summer::Australia),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(name: &str, local: &str) -> i32 {
        let local: pressmark_model::OffsetTimestamp = format!("{local}:00Z").parse().unwrap();
        region(name).unwrap().offset_at(local.at().seconds()) / 3_600
    }

    #[test]
    fn summer_time_begins_and_ends() {
        assert_eq!(hours("europe/brussels", "2024-03-31T01:59"), 1);
        assert_eq!(hours("europe/brussels", "2024-03-31T03:00"), 2);
        assert_eq!(hours("europe/brussels", "2024-10-27T01:59"), 2);
        assert_eq!(hours("europe/brussels", "2024-10-27T03:00"), 1);
        assert_eq!(hours("america/new_york", "2024-03-10T03:00"), -4);
        assert_eq!(hours("america/new_york", "2024-11-03T02:00"), -5);
        assert_eq!(hours("australia/sydney", "2024-01-01T00:00"), 11);
        assert_eq!(hours("australia/sydney", "2024-07-01T00:00"), 10);
    }
}

//! Points in time: microseconds since the Unix epoch, with or without the offset that a page gave.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A point in time with the offset from UTC in which its author wrote it, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OffsetTimestamp {
    at: Timestamp,
    offset_seconds: i32,
}

/// A text that is no RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time such as `2026-01-31T12:00:00+08:00`: `{0}`")]
pub struct ParseTimeError(String);

/// Where the time comes from: the machine in the program, a test's own hand in tests.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// 9999-12-31T23:59:59Z, the last second that RFC 3339 can write.
const LAST: i64 = 253_402_300_799 * 1_000_000;
/// 0000-01-01T00:00:00Z.
const FIRST: i64 = -62_167_219_200 * 1_000_000;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// A timestamp from microseconds since the epoch; years before 0 and after 9999 are brought
    /// to the nearest one between.
    pub const fn from_micros(micros: i64) -> Self {
        Self(if micros < FIRST {
            FIRST
        } else if micros > LAST {
            LAST
        } else {
            micros
        })
    }

    /// A timestamp from seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// A timestamp from milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self::from_micros(millis.saturating_mul(1_000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, rounded down.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The time since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The moment that much later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_add(micros))
    }

    /// The moment that much earlier.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_sub(micros))
    }

    /// This moment as a calendar date and time in UTC.
    pub fn to_utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// This moment, written with this offset.
    pub const fn with_offset(self, offset_seconds: i32) -> OffsetTimestamp {
        OffsetTimestamp {
            at: self,
            offset_seconds,
        }
    }
}

impl OffsetTimestamp {
    /// The moment.
    pub const fn at(self) -> Timestamp {
        self.at
    }

    /// Seconds east of UTC.
    pub const fn offset_seconds(self) -> i32 {
        self.offset_seconds
    }

    /// This moment as a calendar date and time in its own offset.
    pub fn to_local(self) -> OffsetDateTime {
        let offset = UtcOffset::from_whole_seconds(self.offset_seconds).unwrap_or(UtcOffset::UTC);
        let utc = self.at.to_utc();
        utc.checked_to_offset(offset).unwrap_or(utc)
    }
}

impl From<OffsetDateTime> for OffsetTimestamp {
    fn from(moment: OffsetDateTime) -> Self {
        let micros = moment.unix_timestamp_nanos().div_euclid(1_000);
        Self {
            at: Timestamp::from_micros(i64::try_from(micros).unwrap_or(LAST)),
            // RFC 3339 writes offsets in whole minutes.
            offset_seconds: moment.offset().whole_seconds() / 60 * 60,
        }
    }
}

impl From<Timestamp> for OffsetTimestamp {
    fn from(at: Timestamp) -> Self {
        at.with_offset(0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.with_offset(0), f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for OffsetTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_local().format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for OffsetTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for OffsetTimestamp {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(Self::from)
            .map_err(|_| ParseTimeError(text.to_owned()))
    }
}

impl Serialize for OffsetTimestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OffsetTimestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_of_the_page_is_kept() {
        let moment: OffsetTimestamp = "2023-12-20T13:15:01+08:00".parse().unwrap();
        assert_eq!(moment.at().millis(), 1_703_049_301_000);
        assert_eq!(moment.to_string(), "2023-12-20T13:15:01+08:00");
        assert_eq!(moment.at().to_string(), "2023-12-20T05:15:01Z");
        assert!("yesterday".parse::<OffsetTimestamp>().is_err());
    }

    #[test]
    fn every_number_is_a_moment_that_can_be_written() {
        for micros in [i64::MIN, -1, 0, i64::MAX] {
            let moment = Timestamp::from_micros(micros);
            let text = moment.to_string();
            let read: OffsetTimestamp = text.parse().unwrap();
            assert_eq!(read.at(), moment, "{text}");
        }
    }
}

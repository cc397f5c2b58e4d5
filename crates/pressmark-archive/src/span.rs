//! Lengths of time as people write them: `10ms`, `2s`, `5m`, `1h`, `7d`.

use std::time::Duration;

/// A text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a length of time such as `10ms`, `2s`, `5m`, `1h` or `7d`: `{0}`")]
pub struct ParseSpanError(String);

const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Reads a length of time.
pub fn parse(text: &str) -> Result<Duration, ParseSpanError> {
    let wrong = || ParseSpanError(text.to_owned());
    let text = text.trim();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let (_, millis) = UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim())
        .ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number
        .checked_mul(*millis)
        .map(Duration::from_millis)
        .ok_or_else(wrong)
}

/// Writes a length of time, to the millisecond, in the largest unit that holds it whole.
pub fn format(span: Duration) -> String {
    let total = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let whole = UNITS
        .iter()
        .rev()
        .find(|(_, millis)| total >= *millis && total % millis == 0);
    match whole {
        Some((unit, millis)) => format!("{}{unit}", total / millis),
        None => format!("{total}ms"),
    }
}

/// Writes a length of time without the parts that do not matter: in seconds, minutes, hours or days.
pub fn rough(span: Duration) -> String {
    let unit = match span.as_secs() {
        0..60 => 1,
        60..3_600 => 60,
        3_600..172_800 => 3_600,
        _ => 86_400,
    };
    format(Duration::from_secs((span.as_secs() / unit).max(1) * unit))
}

/// An optional length of time in a configuration.
pub mod option {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes it as text.
    pub fn serialize<S: Serializer>(
        span: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => serializer.serialize_str(&super::format(*span)),
            None => serializer.serialize_none(),
        }
    }

    /// Reads it from text.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| super::parse(&text).map_err(serde::de::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written() {
        for (text, millis) in [
            ("10ms", 10),
            ("2s", 2_000),
            ("90s", 90_000),
            ("5m", 300_000),
            ("7d", 604_800_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)));
            assert_eq!(parse(&format(Duration::from_millis(millis))), parse(text));
        }
        assert_eq!(format(Duration::from_mins(2)), "2m");
        assert_eq!(format(Duration::ZERO), "0ms");
        for wrong in ["", "2", "s", "-1s", "1w", "99999999999999999999d", "1.5h"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rough_lengths_are_round() {
        assert_eq!(rough(Duration::from_secs(90_061)), "25h");
        assert_eq!(rough(Duration::from_secs(200_000)), "2d");
        assert_eq!(rough(Duration::from_secs(119)), "1m");
        assert_eq!(rough(Duration::ZERO), "1s");
    }
}

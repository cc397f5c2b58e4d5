//! The rhythm of a source: when it has published, and what its publisher says of that.

use std::time::Duration;

use pressmark_model::{Feed, Timestamp};
use serde::{Deserialize, Serialize};

/// So many of the last moments are remembered.
const REMEMBERED: usize = 48;
/// What is published within so many seconds is one moment: nobody polls more often.
const ONE_MOMENT: i64 = 300;
/// Moments that are assumed to be spread evenly over the day, beside those that were seen: a few
/// moments at one hour do not make it the only hour.
const PRIOR: f64 = 8.0;
/// After so long a silence a source is slower than it was.
const SILENCE: f64 = 16.0 * 3600.0;
/// … it is expected to publish so many times in as long a time.
const AFTER_SILENCE: f64 = 3.0;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const MINUTES_OF_A_DAY: u32 = 1440;
/// Nobody is polled more often on its own.
const LEAST_MINUTES: u32 = 5;

/// The rhythm of a source, learned from what it lists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rhythm {
    /// When it published, in seconds since 1970, the oldest first, each at least five minutes
    /// after the one before.
    pub moments: Vec<i64>,
    /// RSS `ttl` in minutes: it is not asked sooner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_minutes: Option<u32>,
    /// `sy:updatePeriod` by `sy:updateFrequency` in minutes. Many programs write it whatever the
    /// truth is: it counts until something was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_minutes: Option<u32>,
    /// RSS `skipHours`: hours in UTC in which it is not asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_hours: Vec<u8>,
    /// RSS `skipDays`: days in UTC, from 0 for Monday, on which it is not asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_days: Vec<u8>,
    /// So many minutes polls are apart at most, since its document has rolled over between two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_minutes: Option<u32>,
}

impl Rhythm {
    /// What the publisher says of the rhythm, beside the moments known before.
    #[must_use]
    pub fn said_by(&self, feed: &Feed) -> Self {
        Self {
            moments: self.moments.clone(),
            ttl_minutes: feed.ttl_minutes,
            update_minutes: feed.update_minutes,
            skip_hours: feed.skip_hours.clone(),
            skip_days: feed.skip_days.clone(),
            within_minutes: self.within_minutes,
        }
    }

    /// How far apart polls are at most, where its document has rolled over between two.
    pub fn within(&self) -> Option<Duration> {
        let minutes = self.within_minutes.map(u64::from);
        minutes.map(|minutes| Duration::from_secs(minutes * 60))
    }

    /// Notes that the document has rolled over within this time: from now on polls are half as far
    /// apart, or as they were allowed to be.
    pub(crate) fn rolled_over(&mut self, within: Duration) {
        let minutes = u32::try_from(within.as_secs() / 60).unwrap_or(u32::MAX);
        let most = self
            .within_minutes
            .map_or(minutes, |most| most.min(minutes));
        self.within_minutes =
            Some((most / 2).max(LEAST_MINUTES)).filter(|most| *most < MINUTES_OF_A_DAY);
    }

    /// Notes how many of the entries that are listed were known: while that is more than half of
    /// them, polls may be further apart again.
    pub(crate) fn overlapped(&mut self, known: usize, listed: usize) {
        if let Some(most) = self.within_minutes
            && known * 2 > listed
        {
            let longer = most + most / 8 + 1;
            self.within_minutes = Some(longer).filter(|most| *most < MINUTES_OF_A_DAY);
        }
    }

    /// Notes that entries were published at these times; what lies in the future was published
    /// `now`.
    pub fn note(&mut self, published: impl IntoIterator<Item = Timestamp>, now: Timestamp) {
        let now = now.seconds();
        let times = published.into_iter().map(|at| at.seconds().min(now));
        self.moments.extend(times);
        self.moments.sort_unstable();
        let mut last = None;
        self.moments.retain(|at| {
            let counts = last.is_none_or(|last| at - last >= ONE_MOMENT);
            if counts {
                last = Some(*at);
            }
            counts
        });
        let surplus = self.moments.len().saturating_sub(REMEMBERED);
        self.moments.drain(..surplus);
    }

    /// When it last published, as far as known.
    pub fn last(&self) -> Option<Timestamp> {
        self.moments.last().copied().map(Timestamp::from_seconds)
    }

    /// The usual time between two moments; `None` with fewer than two.
    pub fn usual_gap(&self) -> Option<Duration> {
        let (first, last) = (self.moments.first()?, self.moments.last()?);
        let gaps = u64::try_from(self.moments.len() - 1)
            .ok()
            .filter(|n| *n > 0)?;
        Some(Duration::from_secs((last - first).unsigned_abs() / gaps))
    }

    /// The longest time between two moments.
    pub fn longest_gap(&self) -> Option<Duration> {
        let gaps = self.moments.windows(2).filter_map(|pair| match pair {
            [before, after] => Some((after - before).unsigned_abs()),
            _ => None,
        });
        gaps.max().map(Duration::from_secs)
    }

    /// How often it publishes a second around `at`, as seen from `now`; `None` if nothing is known.
    pub(crate) fn rates(&self, now: Timestamp) -> Option<Rates> {
        let now = now.seconds();
        let (first, last) = (*self.moments.first()?, *self.moments.last()?);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a handful of moments, and spans of years in seconds"
        )]
        let (count, span, silence) = (
            self.moments.len() as f64,
            (now - first).max(HOUR) as f64,
            (now - last) as f64,
        );
        let mut mean = count / span;
        if silence > SILENCE {
            mean = mean.min(AFTER_SILENCE / (silence - SILENCE).max(1.0));
        }
        let mut shares = [PRIOR / 24.0; 24];
        for at in &self.moments {
            let hour = hour_of(*at);
            // An hour is not known to the minute: its neighbours have a part.
            for (hour, part) in [(hour + 23, 0.25), (hour, 0.5), (hour + 1, 0.25)] {
                if let Some(share) = shares.get_mut(hour % 24) {
                    *share += part;
                }
            }
        }
        for share in &mut shares {
            *share *= 24.0 / (PRIOR + count);
        }
        Some(Rates { mean, shares })
    }

    /// The first moment from `at` on that the publisher's `skipHours` and `skipDays` leave open;
    /// `at` itself if there is none within a day.
    pub(crate) fn open_from(&self, at: Timestamp) -> Timestamp {
        let skipped = |seconds: i64| {
            let hour =
                u8::try_from(hour_of(seconds)).is_ok_and(|hour| self.skip_hours.contains(&hour));
            // 1970 began on a Thursday.
            let day = (seconds.div_euclid(DAY) + 3).rem_euclid(7);
            hour || u8::try_from(day).is_ok_and(|day| self.skip_days.contains(&day))
        };
        let seconds = at.seconds();
        if !skipped(seconds) {
            return at;
        }
        let next_hour = (seconds.div_euclid(HOUR) + 1) * HOUR;
        let open = (0..24)
            .map(|hour| next_hour + hour * HOUR)
            .find(|at| !skipped(*at));
        open.map_or(at, Timestamp::from_seconds)
    }
}

/// How often a source publishes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    /// Times a second, over all.
    mean: f64,
    /// For each hour of the day in UTC, how many times as often as over all.
    shares: [f64; 24],
}

impl Rates {
    /// Times a second at this moment.
    pub(crate) fn at(&self, seconds: i64) -> f64 {
        self.mean * self.shares.get(hour_of(seconds)).copied().unwrap_or(1.0)
    }
}

fn hour_of(seconds: i64) -> usize {
    usize::try_from(seconds.rem_euclid(DAY) / HOUR).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_760_000_400; // 2025-10-09, a Thursday, 09:00 UTC

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn published(times: impl IntoIterator<Item = i64>) -> Rhythm {
        let mut rhythm = Rhythm::default();
        rhythm.note(times.into_iter().map(at), at(NOW));
        rhythm
    }

    #[test]
    fn moments_are_few_in_order_and_never_ahead() {
        let rhythm = published((0..100).map(|n| NOW + 900 - n * 400));
        assert_eq!(rhythm.moments.len(), REMEMBERED);
        assert!(rhythm.moments.is_sorted());
        assert_eq!(rhythm.last(), Some(at(NOW)));
        let burst = published([NOW - 1000, NOW - 900, NOW - 800, NOW - 100]);
        assert_eq!(burst.moments, [NOW - 1000, NOW - 100]);
        assert_eq!(burst.usual_gap(), Some(Duration::from_mins(15)));
    }

    #[test]
    fn the_hours_of_a_source_are_learned_and_silence_counts() {
        let daily = published((1..30).map(|day| NOW - day * DAY));
        let rates = daily.rates(at(NOW)).unwrap();
        assert!(rates.at(NOW) > 5.0 * rates.at(NOW + 12 * HOUR));
        let later = daily.rates(at(NOW + 90 * DAY)).unwrap();
        assert!(later.at(NOW) < rates.at(NOW) / 10.0);
        assert!(Rhythm::default().rates(at(NOW)).is_none());
    }

    #[test]
    fn polls_come_closer_while_a_document_rolls_over() {
        let mut rhythm = Rhythm::default();
        rhythm.overlapped(9, 10);
        assert_eq!(rhythm.within_minutes, None);
        rhythm.rolled_over(Duration::from_hours(2));
        assert_eq!(rhythm.within_minutes, Some(60));
        rhythm.rolled_over(Duration::from_hours(9));
        assert_eq!(rhythm.within_minutes, Some(30));
        rhythm.overlapped(5, 10);
        assert_eq!(rhythm.within_minutes, Some(30), "that is close enough");
        rhythm.overlapped(6, 10);
        assert_eq!(rhythm.within_minutes, Some(34));
        for _ in 0..40 {
            rhythm.overlapped(9, 10);
        }
        assert_eq!(rhythm.within_minutes, None);
        rhythm.rolled_over(Duration::from_hours(72));
        assert_eq!(rhythm.within_minutes, None, "nobody asked");
    }

    #[test]
    fn skipped_hours_and_days_end() {
        let rhythm = Rhythm {
            skip_hours: vec![9, 10],
            skip_days: vec![4],
            ..Rhythm::default()
        };
        assert_eq!(rhythm.open_from(at(NOW)), at(NOW + 2 * HOUR));
        assert_eq!(rhythm.open_from(at(NOW - 60)), at(NOW - 60));
        let friday = at(NOW + 15 * HOUR + 5);
        assert_eq!(rhythm.open_from(friday), at(NOW + 39 * HOUR));
        let always = Rhythm {
            skip_hours: (0..24).collect(),
            ..Rhythm::default()
        };
        assert_eq!(always.open_from(at(NOW)), at(NOW));
    }
}

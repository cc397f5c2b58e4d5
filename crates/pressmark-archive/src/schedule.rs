//! When to try again.

use std::time::Duration;

use pressmark_model::Timestamp;

use crate::failure::Failure;
use crate::rhythm::Rhythm;
use crate::websub::Reliance;

const SHORTEST_INTERVAL: Duration = Duration::from_mins(5);
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);
const DEFAULT_INTERVAL: Duration = Duration::from_mins(30);
/// A source of which a hub tells what is new is not asked sooner, only to be safe.
const PUSHED_INTERVAL: Duration = Duration::from_hours(6);
/// The rhythm is looked at in steps of this.
const STEP: Duration = Duration::from_mins(1);
const FIRST_RETRY: Duration = Duration::from_mins(1);
/// A page that its feed has just named may not be there yet, or not be readable yet.
const TRIES_OF_MISSING_PAGES: u32 = 4;

/// What decides when a source is polled again after a good answer.
#[derive(Debug, Clone, Copy)]
pub struct Poll<'a> {
    /// When it was polled.
    pub now: Timestamp,
    /// The user's interval: it is all that counts.
    pub interval: Option<Duration>,
    /// What is known of its rhythm.
    pub rhythm: &'a Rhythm,
    /// `Cache-Control: max-age` of the answer.
    pub max_age: Option<Duration>,
    /// How far a hub takes the place of polls.
    pub hub: Reliance,
    /// Chance, which spreads sources by up to a tenth.
    pub chance: u8,
}

impl Poll<'_> {
    /// How long until the next poll: the user's interval; else what was learned, at least the
    /// publisher's `ttl` and `max-age`, outside of `skipHours` and `skipDays`, between five minutes
    /// and a day; less where its document rolls over within that. Where a hub tells what is new it is six hours at least, but no longer than that
    /// is promised; what it has told and is not there yet is looked for sooner.
    pub fn wait(&self) -> Duration {
        if let Some(interval) = self.interval {
            return self.spread(interval);
        }
        let usual = self.usual();
        match self.hub {
            Reliance::None => usual,
            Reliance::Awaited(again) => usual.min(again),
            Reliance::Full(promised) => {
                let rare = self.spread(PUSHED_INTERVAL).min(promised);
                usual.max(rare)
            }
        }
    }

    fn spread(&self, base: Duration) -> Duration {
        base + base * u32::from(self.chance) / 2560
    }

    /// How long until the next poll without a hub and without the user's word.
    fn usual(&self) -> Duration {
        let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
        let least = self.rhythm.ttl_minutes.map(minutes).unwrap_or_default();
        let learned = self
            .learned()
            .unwrap_or_else(|| self.rhythm.update_minutes.map_or(DEFAULT_INTERVAL, minutes));
        let base = learned
            .min(self.rhythm.within().unwrap_or(LONGEST_INTERVAL))
            .max(least)
            .max(self.max_age.unwrap_or_default())
            .clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL);
        let at = self.now.plus(self.spread(base).min(LONGEST_INTERVAL));
        let open = self.rhythm.open_from(at).since(self.now);
        if open > LONGEST_INTERVAL {
            at.since(self.now)
        } else {
            open
        }
    }

    /// The square root rule: what a page of changing rate costs in delay, summed over its articles,
    /// is least for a number of requests if it is asked as often as the root of the rate says. The
    /// interval is the geometric mean of five minutes and the time until the next article is
    /// expected; as that changes with the hour, the wait ends when the frequencies of the hours
    /// until then sum up to one request.
    fn learned(&self) -> Option<Duration> {
        let rates = self.rhythm.rates(self.now)?;
        let (shortest, step) = (SHORTEST_INTERVAL.as_secs_f64(), STEP.as_secs_f64());
        let mut requests = 0.0;
        let mut waited = Duration::ZERO;
        while requests < 1.0 && waited < LONGEST_INTERVAL {
            let at = self.now.plus(waited).seconds();
            requests += step * (rates.at(at) / shortest).sqrt();
            waited += STEP;
        }
        Some(waited)
    }
}

/// How long until something that has failed `failures` times in a row is tried again: doubling
/// from a minute to a day, spread by `chance` to between half and the whole of it, and never
/// before the server's `Retry-After`, up to a day.
pub fn back_off(failures: u32, retry_after: Option<Duration>, chance: u8) -> Duration {
    let doubled = FIRST_RETRY * 2_u32.saturating_pow(failures.saturating_sub(1).min(16));
    let whole = doubled.min(LONGEST_INTERVAL);
    let spread = whole / 2 + whole / 2 * u32::from(chance) / 255;
    spread.max(retry_after.unwrap_or_default().min(LONGEST_INTERVAL))
}

/// When an entry whose capture failed is tried again; `None`: never. What only a change of rules
/// or settings can mend is tried once a day.
pub fn retry_entry(
    failure: &Failure,
    attempts: u32,
    now: Timestamp,
    chance: u8,
) -> Option<Timestamp> {
    match failure.kind() {
        "robots-denied" | "private-network" => return Some(now.plus(LONGEST_INTERVAL)),
        "status" | "no-article" if attempts < TRIES_OF_MISSING_PAGES => {}
        _ if failure.is_transient() => {}
        _ => return None,
    }
    let retry_after = match failure {
        Failure::Fetch { failure } => failure.retry_after(),
        _ => None,
    };
    Some(now.plus(back_off(attempts, retry_after, chance)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::fetch::FetchFailure;

    const MINUTE: Duration = Duration::from_mins(1);

    const NOW: i64 = 1_760_000_400; // 2025-10-09, 09:00 UTC
    const HOUR: i64 = 3600;

    fn poll(rhythm: &Rhythm) -> Poll<'_> {
        Poll {
            now: Timestamp::from_seconds(NOW),
            interval: None,
            rhythm,
            max_age: None,
            hub: Reliance::None,
            chance: 0,
        }
    }

    /// A source that published each time this number of seconds.
    fn every(seconds: i64) -> Rhythm {
        let mut rhythm = Rhythm::default();
        let times = (0..60).map(|n| Timestamp::from_seconds(NOW - n * seconds));
        rhythm.note(times, Timestamp::from_seconds(NOW));
        rhythm
    }

    #[test]
    fn the_user_decides_then_the_publisher_within_bounds() {
        let says = Rhythm {
            ttl_minutes: Some(60),
            ..Rhythm::default()
        };
        let user = Poll {
            interval: Some(MINUTE),
            ..poll(&says)
        };
        assert_eq!(user.wait(), MINUTE);
        assert_eq!(poll(&says).wait(), 60 * MINUTE);
        let unknown = Rhythm::default();
        assert_eq!(poll(&unknown).wait(), DEFAULT_INTERVAL);
        let cached = |max_age| Poll {
            max_age: Some(max_age),
            ..poll(&unknown)
        };
        assert_eq!(cached(40 * MINUTE).wait(), 40 * MINUTE);
        assert_eq!(cached(9999 * MINUTE).wait(), LONGEST_INTERVAL);
        let rolls = |ttl_minutes| Rhythm {
            within_minutes: Some(12),
            ttl_minutes,
            ..Rhythm::default()
        };
        assert_eq!(poll(&rolls(None)).wait(), 12 * MINUTE);
        assert_eq!(poll(&rolls(Some(20))).wait(), 20 * MINUTE);
        let spread = Poll {
            chance: 255,
            ..poll(&unknown)
        };
        assert!(spread.wait() > DEFAULT_INTERVAL);
        assert!(spread.wait() <= DEFAULT_INTERVAL * 11 / 10);
        let daily = Rhythm {
            update_minutes: Some(1440),
            ..Rhythm::default()
        };
        assert_eq!(poll(&daily).wait(), LONGEST_INTERVAL);
    }

    #[test]
    fn the_wait_is_the_geometric_mean_of_five_minutes_and_the_usual_gap() {
        for (seconds, least, most) in [
            (300, 5, 6),
            (HOUR, 15, 22),
            (24 * HOUR, 20, 100),
            (7 * 24 * HOUR, 60, 260),
        ] {
            let wait = poll(&every(seconds)).wait();
            assert!(
                wait >= least * MINUTE && wait <= most * MINUTE,
                "{seconds}: {wait:?}"
            );
        }
        let blog = every(24 * HOUR);
        let dead = Poll {
            now: Timestamp::from_seconds(NOW + 600 * 24 * HOUR),
            ..poll(&blog)
        };
        assert_eq!(dead.wait(), LONGEST_INTERVAL);
    }

    #[test]
    fn hours_that_are_skipped_are_not_asked_in() {
        let skips = Rhythm {
            skip_hours: vec![9, 10],
            ..every(300)
        };
        assert_eq!(poll(&skips).wait(), 120 * MINUTE);
        let never = Rhythm {
            skip_days: (0..7).collect(),
            ..every(300)
        };
        assert!(poll(&never).wait() < 10 * MINUTE);
    }

    #[test]
    fn a_hub_takes_the_place_of_most_polls() {
        let busy = every(300);
        let with = |hub| Poll { hub, ..poll(&busy) };
        let day = Duration::from_hours(24);
        assert_eq!(with(Reliance::Full(day)).wait(), PUSHED_INTERVAL);
        assert_eq!(with(Reliance::Full(60 * MINUTE)).wait(), 60 * MINUTE);
        assert!(with(Reliance::Full(MINUTE)).wait() < 10 * MINUTE);
        let unknown = Rhythm::default();
        let awaited = Poll {
            hub: Reliance::Awaited(10 * MINUTE),
            ..poll(&unknown)
        };
        assert_eq!(awaited.wait(), 10 * MINUTE);
        let user = Poll {
            interval: Some(MINUTE),
            ..with(Reliance::Full(day))
        };
        assert_eq!(user.wait(), MINUTE);
    }

    #[test]
    fn failures_double_the_wait_up_to_a_day() {
        assert_eq!(back_off(1, None, 255), MINUTE);
        assert_eq!(back_off(3, None, 255), 4 * MINUTE);
        assert_eq!(back_off(99, None, 255), LONGEST_INTERVAL);
        assert_eq!(back_off(3, None, 0), 2 * MINUTE);
        assert_eq!(back_off(1, Some(60 * MINUTE), 0), 60 * MINUTE);
    }

    #[test]
    fn a_missing_page_is_tried_a_few_times_and_a_refused_one_daily() {
        let missing = Failure::from(FetchFailure::Status {
            status: 404,
            retry_after: None,
        });
        let now = Timestamp::EPOCH;
        assert!(retry_entry(&missing, 1, now, 0).is_some());
        assert!(retry_entry(&missing, TRIES_OF_MISSING_PAGES, now, 0).is_none());
        let refused = Failure::from(FetchFailure::RobotsDenied { rule: "/".into() });
        assert_eq!(
            retry_entry(&refused, 1, now, 0),
            Some(now.plus(LONGEST_INTERVAL))
        );
        let large = Failure::from(FetchFailure::TooLarge { limit: 1 });
        assert!(retry_entry(&large, 1, now, 0).is_none());
        assert!(retry_entry(&Failure::from(FetchFailure::Cut), 50, now, 0).is_some());
    }
}

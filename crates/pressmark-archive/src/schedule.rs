//! When to try again.

use std::time::Duration;

use pressmark_model::Timestamp;

use crate::failure::Failure;

const SHORTEST_INTERVAL: Duration = Duration::from_mins(5);
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);
const DEFAULT_INTERVAL: Duration = Duration::from_mins(30);
const FIRST_RETRY: Duration = Duration::from_mins(1);
/// A page that its feed has just named may not be there yet, or not be readable yet.
const TRIES_OF_MISSING_PAGES: u32 = 4;

/// How long until a source is polled again after a good answer: the user's interval, else the
/// publisher's, else half an hour; never sooner than `max_age` allows. Up to a tenth is added by
/// `chance` (0 to 255), so that sources spread.
pub fn next_poll(
    user: Option<Duration>,
    publisher: Option<Duration>,
    max_age: Option<Duration>,
    chance: u8,
) -> Duration {
    let base = match user {
        Some(interval) => interval,
        None => publisher
            .unwrap_or(DEFAULT_INTERVAL)
            .max(max_age.unwrap_or_default())
            .clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL),
    };
    base + base * u32::from(chance) / 2560
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

    #[test]
    fn the_user_decides_then_the_publisher_within_bounds() {
        assert_eq!(next_poll(Some(MINUTE), Some(60 * MINUTE), None, 0), MINUTE);
        assert_eq!(next_poll(None, Some(MINUTE), None, 0), SHORTEST_INTERVAL);
        assert_eq!(next_poll(None, None, Some(40 * MINUTE), 0), 40 * MINUTE);
        assert_eq!(
            next_poll(None, Some(9999 * MINUTE), None, 0),
            LONGEST_INTERVAL
        );
        let spread = next_poll(None, None, None, 255);
        assert!(spread > DEFAULT_INTERVAL && spread <= DEFAULT_INTERVAL * 11 / 10);
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

//! When an article's page is looked at again: often while the article is young, seldom later.

use std::time::Duration;

use pressmark_model::Timestamp;
use serde::Deserialize;

use crate::span;

/// How articles are looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revisits {
    /// How often, by the article's age, the youngest first. Articles that are older than the last
    /// step says are not looked at again on their own.
    pub schedule: Vec<Step>,
    /// How far apart two sights of what is doubted must be before it is believed: of a gutted
    /// text, and of a page that is gone.
    pub confirm_after: Duration,
    /// The proxy of the visit that confirms that a page is gone: a second route to the outlet.
    pub second_route: Option<String>,
}

/// One line of the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Step {
    /// The time between two visits.
    pub every: Duration,
    /// The age up to which this holds; `None`: for ever.
    pub until: Option<Duration>,
}

/// A text that is no step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a step such as `3h until 1d` or `365d`: `{0}`")]
pub struct ParseStepError(String);

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

impl Default for Revisits {
    /// Every 20 minutes in the first hour, every 3 hours on the first day, daily in the first week,
    /// weekly in the first two months, then yearly: 25 visits in the first year.
    fn default() -> Self {
        let step = |every, until| Step { every, until };
        Self {
            schedule: vec![
                step(20 * MINUTE, Some(HOUR)),
                step(3 * HOUR, Some(DAY)),
                step(DAY, Some(7 * DAY)),
                step(7 * DAY, Some(60 * DAY)),
                step(365 * DAY, None),
            ],
            confirm_after: 6 * HOUR,
            second_route: None,
        }
    }
}

impl Revisits {
    /// When an article that is dated so is looked at after a visit now. Up to a tenth is added by
    /// `chance` (0 to 255), so that the articles of one day do not come at one moment.
    pub fn next(&self, dated: Timestamp, now: Timestamp, chance: u8) -> Option<Timestamp> {
        let age = now.since(dated);
        let holds = |step: &&Step| step.until.is_none_or(|until| age < until);
        let step = self.schedule.iter().find(holds)?;
        Some(now.plus(step.every + step.every * u32::from(chance) / 2560))
    }
}

/// How many revisits a turn takes that has so many first captures: a fifth of the places, and
/// enough to go on with where there is nothing else.
pub(crate) fn share(first_captures: usize) -> u32 {
    const ALONE: u32 = 50;
    match u32::try_from(first_captures).unwrap_or(u32::MAX) {
        0 => ALONE,
        captures => (captures / 4).max(1),
    }
}

impl std::str::FromStr for Step {
    type Err = ParseStepError;

    fn from_str(text: &str) -> Result<Self, ParseStepError> {
        let wrong = || ParseStepError(text.to_owned());
        let read = |text: &str| span::parse(text).ok().filter(|span| !span.is_zero());
        let (every, until) = match text.split_once(" until ") {
            Some((every, until)) => (every, Some(read(until).ok_or_else(wrong)?)),
            None => (text, None),
        };
        let every = read(every).ok_or_else(wrong)?;
        Ok(Self { every, until })
    }
}

impl TryFrom<String> for Step {
    type Error = ParseStepError;

    fn try_from(text: String) -> Result<Self, ParseStepError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ages at which an article is visited, from its first capture on.
    fn ages(plan: &Revisits, within: Duration, chance: u8) -> Vec<Duration> {
        let dated = Timestamp::from_seconds(1_760_000_000);
        let next = |now: &Timestamp| plan.next(dated, *now, chance);
        std::iter::successors(Some(dated), next)
            .skip(1)
            .map(|at| at.since(dated))
            .take_while(|age| *age <= within)
            .collect()
    }

    #[test]
    fn visits_follow_the_age() {
        let plan = Revisits::default();
        let first_day = ages(&plan, DAY, 0);
        let minutes: Vec<u64> = first_day.iter().map(|age| age.as_secs() / 60).collect();
        assert_eq!(minutes, [20, 40, 60, 240, 420, 600, 780, 960, 1140, 1320]);
        let year = ages(&plan, 365 * DAY, 0);
        assert_eq!(year.len(), 25);
        let later = ages(&plan, 10 * 365 * DAY, 0);
        assert!(later.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(later.len() - year.len(), 9, "once a year");
    }

    #[test]
    fn an_old_article_is_not_visited_as_if_it_were_new() {
        let plan = Revisits::default();
        let now = Timestamp::from_seconds(1_760_000_000);
        let wait = |age| plan.next(now.minus(age), now, 0).unwrap().since(now);
        assert_eq!(wait(Duration::ZERO), 20 * MINUTE);
        assert_eq!(wait(HOUR), 3 * HOUR);
        assert_eq!(wait(100 * DAY), 365 * DAY);
        let from_the_future = plan.next(now.plus(DAY), now, 0).unwrap();
        assert_eq!(from_the_future.since(now), 20 * MINUTE);
    }

    #[test]
    fn chance_spreads_by_up_to_a_tenth() {
        let plan = Revisits::default();
        let now = Timestamp::from_seconds(1_760_000_000);
        let wait = |chance| plan.next(now, now, chance).unwrap().since(now);
        assert!(wait(255) > wait(0) && wait(255) <= wait(0) * 11 / 10);
    }

    #[test]
    fn a_schedule_may_end_and_may_be_empty() {
        let mut plan = Revisits {
            schedule: vec!["1h until 2h".parse().unwrap()],
            ..Revisits::default()
        };
        assert_eq!(ages(&plan, DAY, 0), [HOUR, 2 * HOUR]);
        plan.schedule.clear();
        assert!(ages(&plan, DAY, 0).is_empty());
    }

    #[test]
    fn steps_are_read() {
        let step: Step = "3h until 1d".parse().unwrap();
        assert_eq!((step.every, step.until), (3 * HOUR, Some(DAY)));
        assert_eq!("365d".parse::<Step>().unwrap().until, None);
        for wrong in ["", "0s", "3h until", "3h until 0", "until 3h", "often"] {
            assert!(wrong.parse::<Step>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn revisits_take_a_fifth_of_the_places() {
        assert_eq!(share(0), 50);
        assert_eq!(share(1), 1);
        assert_eq!(share(40), 10);
    }
}

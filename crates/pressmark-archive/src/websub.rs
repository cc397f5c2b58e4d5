//! `WebSub` (W3C Recommendation of 23 January 2018): hubs tell when a feed has something new.
//!
//! A notification is taken as a hint to poll at once. What is archived is what the publisher's own
//! server answers: a pushed body is the word of a third party, and no record of what the publisher
//! showed.

mod keep;
mod offer;
mod receive;

use std::fmt;
use std::time::Duration;

use pressmark_model::{Slug, SourceId, Timestamp, WebUrl};
use serde::{Deserialize, Serialize};

use crate::ports::fetch::FetchFailure;
use crate::source::SourceSettings;

pub use offer::HubOffer;
pub use receive::{Confirmed, LARGEST_PUSH, Push, Question};

/// A push may be sent before the publisher's server, or a cache before it, has the new document:
/// it is asked again, at growing distances, for so long.
const ANSWER_WITHIN: Duration = Duration::from_hours(1);
const FIRST_AGAIN: Duration = Duration::from_mins(5);
/// What is new within so long after a push was told by it.
pub const TOLD_WITHIN: Duration = Duration::from_hours(2);

/// A subscription to a topic at a hub.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    /// What makes its callback unguessable: 32 hexadecimal digits.
    pub token: String,
    /// The source that it is for.
    pub source: SourceId,
    /// The hub and the topic.
    pub offer: HubOffer,
    /// What the hub signs with.
    pub secret: String,
    /// Whether it is wanted.
    pub state: SubscriptionState,
    /// When the hub was asked for what it has not confirmed yet.
    pub asked_at: Option<Timestamp>,
    /// Until when the hub has promised to push.
    pub lease_until: Option<Timestamp>,
    /// How often in a row it did not go as asked.
    pub failures: u32,
    /// Why not, the last time.
    pub trouble: Option<Trouble>,
    /// When something is to be done about it.
    pub next_at: Timestamp,
    /// When the hub last told of something new.
    pub pushed_at: Option<Timestamp>,
    /// When a poll last brought something that the hub had not told.
    pub missed_at: Option<Timestamp>,
    /// When a poll last brought something.
    pub answered_at: Option<Timestamp>,
    /// Counts how often it was stored.
    pub revision: i64,
}

/// Hides the secret.
impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("source", &self.source)
            .field("offer", &self.offer)
            .field("state", &self.state)
            .field("lease_until", &self.lease_until)
            .field("trouble", &self.trouble)
            .field("next_at", &self.next_at)
            .finish_non_exhaustive()
    }
}

/// Whether a subscription is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// It is asked for and renewed.
    Wanted,
    /// The hub has refused it: it is asked for again after a week.
    Denied,
    /// It is ended.
    Leaving,
}

impl SubscriptionState {
    /// The stored and shown name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Denied => "denied",
            Self::Leaving => "leaving",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Wanted, Self::Denied, Self::Leaving]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// Why a hub does not push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Trouble {
    /// It could not be asked.
    Unasked {
        /// Why not.
        failure: FetchFailure,
    },
    /// It was asked and has not come back to confirm.
    Unconfirmed,
    /// It has refused.
    Denied {
        /// Its reason, if it gave one.
        reason: Option<String>,
    },
}

impl Trouble {
    /// What the person can do about it, in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unasked { failure } => failure.hint(),
            Self::Unconfirmed => {
                "hubs must reach `websub/` below `base_url` from outside; the source is polled as before"
            }
            Self::Denied { .. } => {
                "the source is polled as before, and the hub is asked again after a week"
            }
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unasked { failure } => write!(f, "the hub could not be asked: {failure}"),
            Self::Unconfirmed => f.write_str("the hub has not come back to confirm"),
            Self::Denied { reason: None } => f.write_str("the hub refuses"),
            Self::Denied {
                reason: Some(reason),
            } => write!(f, "the hub refuses: {reason}"),
        }
    }
}

/// A source with a hub at which it has no subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The source.
    pub source: SourceId,
    /// Its short name.
    pub slug: Slug,
    /// What is polled.
    pub url: WebUrl,
    /// How it is watched, as `set` wrote it.
    pub settings: SourceSettings,
    /// What its feed offers.
    pub offer: HubOffer,
}

/// What is to be done about hubs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HubWork {
    /// Sources that may be subscribed.
    pub offered: Vec<Offered>,
    /// Sources that are subscribed.
    pub held: Vec<Offered>,
    /// Subscriptions about which something is to be done.
    pub due: Vec<Subscription>,
}

/// How far a hub takes the place of polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reliance {
    /// Not at all.
    None,
    /// It has told of something that no poll has brought yet: it is looked for at most so long
    /// from now.
    Awaited(Duration),
    /// It tells what is new, for so long at least.
    Full(Duration),
}

impl Subscription {
    /// Whether the hub has promised to push at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state == SubscriptionState::Wanted && self.lease_until.is_some_and(|end| end > now)
    }

    /// How far the hub takes the place of polls after one that has ended at `now`, and
    /// `brought` something new or not. A hub is relied on once it has pushed, until a poll brings
    /// something that it had not told.
    pub fn reliance(&self, now: Timestamp, brought: bool) -> Reliance {
        let (Some(end), Some(pushed)) = (self.lease_until, self.pushed_at) else {
            return Reliance::None;
        };
        let since = now.since(pushed);
        let missed = self.missed_at.is_some_and(|missed| missed > pushed)
            || (brought && since > TOLD_WITHIN);
        if !self.is_live(now) || missed {
            return Reliance::None;
        }
        let answered = brought || self.answered_at.is_some_and(|at| at >= pushed);
        if !answered && since < ANSWER_WITHIN {
            return Reliance::Awaited(since.max(FIRST_AGAIN));
        }
        Reliance::Full(end.since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn subscription() -> Subscription {
        let address = |text: &str| text.parse().unwrap();
        Subscription {
            token: "0".repeat(32),
            source: SourceId(1),
            offer: HubOffer {
                hub: address("https://hub.example/"),
                topic: address("https://news.example/feed"),
            },
            secret: "hush".to_owned(),
            state: SubscriptionState::Wanted,
            asked_at: None,
            lease_until: Some(at(100 * HOUR)),
            failures: 0,
            trouble: None,
            next_at: at(0),
            pushed_at: None,
            missed_at: None,
            answered_at: None,
            revision: 0,
        }
    }

    #[test]
    fn a_hub_is_relied_on_once_it_has_pushed() {
        let fresh = subscription();
        assert_eq!(fresh.reliance(at(HOUR), false), Reliance::None);
        let pushed = Subscription {
            pushed_at: Some(at(10 * HOUR)),
            ..fresh
        };
        let hours = |hours| Reliance::Full(Duration::from_hours(hours));
        assert_eq!(pushed.reliance(at(10 * HOUR), true), hours(90));
        let answered = Subscription {
            answered_at: Some(at(10 * HOUR + 1)),
            ..pushed.clone()
        };
        assert_eq!(answered.reliance(at(20 * HOUR), false), hours(80));
        assert_eq!(answered.reliance(at(20 * HOUR), true), Reliance::None);
        assert_eq!(answered.reliance(at(100 * HOUR), false), Reliance::None);
        let missed = Subscription {
            missed_at: Some(at(20 * HOUR)),
            ..answered.clone()
        };
        assert_eq!(missed.reliance(at(30 * HOUR), false), Reliance::None);
        let again = Subscription {
            pushed_at: Some(at(21 * HOUR)),
            ..missed
        };
        assert_eq!(again.reliance(at(30 * HOUR), false), hours(70));
        let leaving = Subscription {
            state: SubscriptionState::Leaving,
            ..answered
        };
        assert_eq!(leaving.reliance(at(20 * HOUR), false), Reliance::None);
        assert!(!format!("{leaving:?}").contains("hush"));
    }

    #[test]
    fn what_was_told_is_looked_for_until_it_is_there() {
        let pushed = Subscription {
            pushed_at: Some(at(HOUR)),
            answered_at: Some(at(HOUR - 1)),
            ..subscription()
        };
        let minutes = |minutes| Reliance::Awaited(Duration::from_mins(minutes));
        assert_eq!(pushed.reliance(at(HOUR + 1), false), minutes(5));
        assert_eq!(pushed.reliance(at(HOUR + 1200), false), minutes(20));
        assert!(matches!(
            pushed.reliance(at(2 * HOUR), false),
            Reliance::Full(_)
        ));
    }
}

//! What hubs say to a callback: that they will push, that they will not, and what is new.

use std::time::Duration;

use ring::hmac;

use super::{Subscription, SubscriptionState, Trouble};
use crate::archive::{Archive, ArchiveError};

/// A pushed body may be so long, in bytes; it is not kept.
pub const LARGEST_PUSH: usize = 16 << 20;
/// So long a lease is asked for, and assumed where a hub confirms without naming one.
pub(super) const LEASE: Duration = Duration::from_hours(240);
/// No lease is believed to be longer.
const LONGEST_LEASE: Duration = Duration::from_hours(90 * 24);
/// A subscription is not renewed sooner.
const SHORTEST_RENEWAL: Duration = Duration::from_mins(5);
/// A hub that has refused is asked again after so long.
const AFTER_REFUSAL: Duration = Duration::from_hours(7 * 24);
/// So much of a hub's reason is kept, in characters.
const LONGEST_REASON: usize = 300;
/// When two answers of a hub meet, the later one is settled again.
const TRIES: usize = 3;

/// What a hub asks or says by GET (`WebSub`, 5.2 and 5.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// `hub.mode`.
    pub mode: String,
    /// `hub.topic`.
    pub topic: String,
    /// `hub.challenge`.
    pub challenge: Option<String>,
    /// `hub.lease_seconds`.
    pub lease_seconds: Option<u64>,
    /// `hub.reason`.
    pub reason: Option<String>,
}

/// What to answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// Yes: the challenge is given back.
    Challenge(String),
    /// It was noted.
    Noted,
    /// Nothing of the kind was asked for.
    No,
}

/// A notification that comes in, piece by piece.
#[derive(Debug)]
pub struct Push {
    token: String,
    /// The keyed hash, and what the hub says it is. `None`: the signature cannot be right.
    signed: Option<(hmac::Key, hmac::Context, Vec<u8>)>,
}

impl Push {
    fn new(subscription: &Subscription, signature: Option<&str>) -> Self {
        let signed = signature
            .and_then(|text| text.trim().split_once('='))
            .and_then(|(method, digits)| Some((algorithm(method)?, unhex(digits)?)))
            .map(|(algorithm, said)| {
                let key = hmac::Key::new(algorithm, subscription.secret.as_bytes());
                let context = hmac::Context::with_key(&key);
                (key, context, said)
            });
        Self {
            token: subscription.token.clone(),
            signed,
        }
    }

    /// Takes the next piece of the body.
    pub fn update(&mut self, piece: &[u8]) {
        if let Some((_, context, _)) = &mut self.signed {
            context.update(piece);
        }
    }

    /// Whether the hub has signed the body, compared in a time that tells nothing of the right
    /// signature: not the two are compared, but their own keyed hashes.
    fn proves_genuine(self) -> bool {
        self.signed.is_some_and(|(key, context, said)| {
            let expected = hmac::sign(&key, context.sign().as_ref());
            hmac::verify(&key, &said, expected.as_ref()).is_ok()
        })
    }
}

impl Archive {
    /// Answers what a hub asks a callback. Unknown tokens, and what was not asked for, change
    /// nothing.
    pub async fn confirm(&self, token: &str, asked: &Question) -> Result<Confirmed, ArchiveError> {
        for _ in 0..TRIES {
            let Some(mut subscription) = self.subscription_of(token).await? else {
                return Ok(Confirmed::No);
            };
            if subscription.offer.topic.as_str() != asked.topic {
                return Ok(Confirmed::No);
            }
            let answer = match (asked.mode.as_str(), subscription.state, &asked.challenge) {
                ("subscribe", SubscriptionState::Wanted, Some(challenge)) => {
                    self.accept(&mut subscription, asked.lease_seconds);
                    Confirmed::Challenge(challenge.clone())
                }
                ("unsubscribe", SubscriptionState::Leaving, Some(challenge)) => {
                    self.catalog.drop_subscription(token).await?;
                    return Ok(Confirmed::Challenge(challenge.clone()));
                }
                ("denied", SubscriptionState::Wanted | SubscriptionState::Denied, _) => {
                    self.refuse(&mut subscription, asked.reason.as_deref());
                    Confirmed::Noted
                }
                _ => return Ok(Confirmed::No),
            };
            if self.catalog.put_subscription(&subscription).await? {
                return Ok(answer);
            }
        }
        Ok(Confirmed::No)
    }

    fn accept(&self, subscription: &mut Subscription, lease_seconds: Option<u64>) {
        let now = self.clock.now();
        let lease = lease_seconds.map_or(LEASE, Duration::from_secs);
        let lease = lease.clamp(SHORTEST_RENEWAL, LONGEST_LEASE);
        // A quarter of the lease is left for trying again, and up to a tenth more by chance.
        let renewal = lease * (1920 - u32::from(self.chance())) / 2560;
        subscription.asked_at = None;
        subscription.failures = 0;
        subscription.trouble = None;
        subscription.lease_until = Some(now.plus(lease));
        subscription.next_at = now.plus(renewal.max(SHORTEST_RENEWAL));
    }

    fn refuse(&self, subscription: &mut Subscription, reason: Option<&str>) {
        let reason = reason.map(|text| text.chars().take(LONGEST_REASON).collect::<String>());
        subscription.state = SubscriptionState::Denied;
        subscription.asked_at = None;
        subscription.lease_until = None;
        subscription.trouble = Some(Trouble::Denied {
            reason: reason.filter(|text| !text.trim().is_empty()),
        });
        subscription.next_at = self.clock.now().plus(AFTER_REFUSAL);
    }

    /// Begins to take a notification with this signature; `None` if nobody is subscribed by this
    /// token.
    pub async fn begin_push(
        &self,
        token: &str,
        signature: Option<&str>,
    ) -> Result<Option<Push>, ArchiveError> {
        let subscription = self.subscription_of(token).await?;
        let subscription = subscription.filter(|known| known.state != SubscriptionState::Leaving);
        Ok(subscription.map(|subscription| Push::new(&subscription, signature)))
    }

    /// Ends a notification: if it was signed, its source is due at once. Says whether it was.
    pub async fn end_push(&self, push: Push) -> Result<bool, ArchiveError> {
        let token = push.token.clone();
        let is_genuine = push.proves_genuine();
        if is_genuine {
            self.catalog.note_push(&token, self.clock.now()).await?;
        }
        Ok(is_genuine)
    }

    async fn subscription_of(&self, token: &str) -> Result<Option<Subscription>, ArchiveError> {
        let is_token = token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_token {
            return Ok(None);
        }
        Ok(self.catalog.subscription(token).await?)
    }
}

/// The methods of `WebSub`, 7.1.
fn algorithm(method: &str) -> Option<hmac::Algorithm> {
    match method.trim().to_ascii_lowercase().as_str() {
        "sha1" => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        "sha256" => Some(hmac::HMAC_SHA256),
        "sha384" => Some(hmac::HMAC_SHA384),
        "sha512" => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.trim().as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.chunks(2).map(|pair| match pair {
        &[high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    });
    pairs.collect()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genuine(method: &str, digits: &str) -> bool {
        // RFC 2202, test case 2, and RFC 4231, test case 2.
        let signed = algorithm(method)
            .zip(unhex(digits))
            .map(|(algorithm, said)| {
                let key = hmac::Key::new(algorithm, b"Jefe");
                let context = hmac::Context::with_key(&key);
                (key, context, said)
            });
        let mut push = Push {
            token: String::new(),
            signed,
        };
        push.update(b"what do ya want ");
        push.update(b"for nothing?");
        push.proves_genuine()
    }

    #[test]
    fn signatures_of_every_method_are_checked() {
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(genuine("sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
        assert!(genuine("sha256", sha256));
        assert!(genuine("SHA256", &sha256.to_uppercase()));
        assert!(genuine(
            "sha384",
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
             8e2240ca5e69e2c78b3239ecfab21649"
        ));
        assert!(genuine(
            "sha512",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ));
        for wrong in [
            "",
            "5b",
            sha256.trim_start_matches("5b"),
            "zz",
            &format!("{sha256}0"),
        ] {
            assert!(!genuine("sha256", wrong), "{wrong}");
        }
        assert!(!genuine("sha1", sha256) && !genuine("md5", sha256));
    }
}

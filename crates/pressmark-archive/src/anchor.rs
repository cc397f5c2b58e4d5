//! Anchoring: time stamping authorities say of a checkpoint when they have seen it (RFC 3161).
//!
//! The ledger's own times are those of this machine's clock. An authority's time stamp bounds them
//! from above: everything under the checkpoint was there by then.

use std::time::Duration;

use pressmark_model::{Digest, Timestamp, WebUrl};
use pressmark_proof::{Stamp, StampQuery};
use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::log::{Head, Log};
use crate::ports::catalog::CatalogError;
use crate::ports::fetch::{FetchOutcome, FetchPolicy, FetchRequest, Message, Purpose, Validators};

/// No answer is longer, in bytes: it has a few certificates at most.
const LONGEST_ANSWER: u64 = 1 << 18;
/// After the first failure an authority is asked again so soon, then after twice as long …
const FIRST_PAUSE: Duration = Duration::from_mins(1);
/// … up to this.
const LONGEST_PAUSE: Duration = Duration::from_hours(6);
/// An authority that fails for so long raises an alarm.
const ALARM_AFTER: Duration = Duration::from_hours(24);

/// Who is to stamp checkpoints, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorPlan {
    /// The addresses of authorities.
    pub tsas: Vec<WebUrl>,
    /// Each is asked at most so often, and only when the log has grown.
    pub interval: Duration,
}

/// A time stamp over a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The log's number.
    pub log: i64,
    /// How many leaves it had.
    pub size: u64,
    /// The authority's address, without credentials.
    pub tsa: String,
    /// When, by the authority's clock.
    pub stamped_at: Timestamp,
}

/// A time stamp with what it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchored {
    /// What it says.
    pub anchor: Anchor,
    /// The checkpoint as it was signed: the time stamp is over the SHA-256 of these bytes.
    pub checkpoint: String,
    /// The answer of the authority as it came (`.tsr`).
    pub token: Vec<u8>,
    /// The sum over all of it from when it was stored; none if that is yet to come.
    pub sum: Option<Digest>,
}

/// How it goes with an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchoring {
    /// Its address, without credentials.
    pub tsa: String,
    /// The log of the last checkpoint that it has stamped; 0 if there is none.
    pub log: i64,
    /// The size of that checkpoint.
    pub size: u64,
    /// When it may be asked again.
    pub next_at: Timestamp,
    /// How often it has failed since it last stamped one.
    pub failures: u32,
    /// When it failed last, since then.
    pub failed_at: Option<Timestamp>,
    /// Why.
    pub failure: Option<String>,
    /// When it failed first, since then.
    pub failing_since: Option<Timestamp>,
    /// Its last alarm.
    pub alarm: Option<AnchorAlarm>,
}

/// That an authority has failed for a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorAlarm {
    /// Since when it had failed.
    pub since: Timestamp,
    /// Why, when the alarm was raised.
    pub failure: String,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When it was mended: the authority stamped again, or is not asked any more.
    pub mended_at: Option<Timestamp>,
}

/// What a round of anchoring came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnchorRound {
    /// The time stamps that were made.
    pub made: Vec<Anchor>,
    /// The authorities that failed now.
    pub failed: Vec<Anchoring>,
    /// When there is something to do again, if the log does not grow before.
    pub next: Option<Duration>,
}

impl Anchor {
    /// Where the checkpoint is, in a log as files.
    pub fn checkpoint_path(&self) -> String {
        format!("anchor/{}/{}.checkpoint", self.size, self.name())
    }

    /// Where the answer of the authority is, in a log as files.
    pub fn path(&self) -> String {
        format!("anchor/{}/{}", self.size, self.file_name())
    }

    /// Its line in the list of time stamps: size, time, path and authority.
    pub fn line(&self) -> String {
        let (size, at, path, tsa) = (self.size, self.stamped_at, self.path(), &self.tsa);
        format!("{size} {at} {path} {tsa}\n")
    }

    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.tsr", self.name())
    }

    /// The authority's host, and what tells two at one host apart.
    fn name(&self) -> String {
        let url: Option<WebUrl> = self.tsa.parse().ok();
        let host = url.as_ref().map_or("tsa", WebUrl::host);
        let host = host.replace([':', '[', ']'], "");
        let digest = Digest::of(self.tsa.as_bytes()).hex();
        format!("{host}-{}", digest.get(..8).unwrap_or_default())
    }
}

impl Anchored {
    /// The sum over all of it.
    pub fn digest(&self) -> Digest {
        let Anchor {
            log,
            size,
            tsa,
            stamped_at,
        } = &self.anchor;
        let numbers = [
            *log,
            i64::try_from(*size).unwrap_or(-1),
            stamped_at.micros(),
        ];
        let numbers = numbers.map(i64::to_be_bytes);
        let texts = [tsa.as_bytes(), self.checkpoint.as_bytes(), &self.token];
        let lengths = texts.map(|text| text.len().to_be_bytes());
        let pieces = numbers.iter().chain(&lengths).map(<[u8; 8]>::as_slice);
        Digest::of_pieces(pieces.chain(texts))
    }

    /// The time stamp, verified and compared with what it is over; what is wrong with it, if
    /// anything is.
    pub fn verify(&self) -> Result<Stamp, String> {
        if self.sum.is_some_and(|sum| sum != self.digest()) {
            return Err("it is not as it was stored".to_owned());
        }
        let stamp = Stamp::from_bytes(&self.token).map_err(|error| error.to_string())?;
        if !stamp.covers(self.checkpoint.as_bytes()) {
            return Err("it is over something else than its checkpoint".to_owned());
        }
        if stamp.at != self.anchor.stamped_at {
            return Err("it says another time than the catalog".to_owned());
        }
        Ok(stamp)
    }
}

impl Anchoring {
    fn new(tsa: String) -> Self {
        Self {
            tsa,
            log: 0,
            size: 0,
            next_at: Timestamp::EPOCH,
            failures: 0,
            failed_at: None,
            failure: None,
            failing_since: None,
            alarm: None,
        }
    }

    /// The alarm that stands, if one does.
    pub fn standing(&self) -> Option<&AnchorAlarm> {
        let alarm = self.alarm.as_ref();
        alarm.filter(|alarm| alarm.mended_at.is_none())
    }

    fn has_stamped(&self, log: &Log) -> bool {
        self.log == log.number && self.size >= log.size()
    }

    /// How long it is to be left alone still. Where the clock went back, no longer than usual.
    fn pause(&self, now: Timestamp, interval: Duration) -> Duration {
        self.next_at.since(now).min(interval.max(LONGEST_PAUSE))
    }

    fn failed(&mut self, failure: String, now: Timestamp, interval: Duration) {
        let pause = FIRST_PAUSE * 2_u32.saturating_pow(self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        self.next_at = now.plus(pause.min(LONGEST_PAUSE).min(interval.max(FIRST_PAUSE)));
        self.failed_at = Some(now);
        let since = *self.failing_since.get_or_insert(now);
        if now.since(since) >= ALARM_AFTER && self.standing().is_none() {
            self.alarm = Some(AnchorAlarm {
                since,
                failure: failure.clone(),
                raised_at: now,
                mended_at: None,
            });
        }
        self.failure = Some(failure);
    }

    /// Its last alarm, which does not stand any more.
    fn mended(&self, now: Timestamp) -> Option<AnchorAlarm> {
        let mut alarm = self.alarm.clone()?;
        alarm.mended_at.get_or_insert(now);
        Some(alarm)
    }

    fn stamped(&mut self, anchor: &Anchor, now: Timestamp, interval: Duration) {
        *self = Self {
            log: anchor.log,
            size: anchor.size,
            next_at: now.plus(interval),
            alarm: self.mended(now),
            ..Self::new(anchor.tsa.clone())
        };
    }
}

impl Archive {
    /// Has the last checkpoint stamped by each authority whose turn it is. That one fails is
    /// stored, and keeps nothing else back. `now` asks all that have not stamped it.
    pub async fn anchor(&self, plan: &AnchorPlan, now: bool) -> Result<AnchorRound, CatalogError> {
        let mut round = AnchorRound::default();
        let known = self.catalog.anchoring().await?;
        self.forget_others(plan, &known).await?;
        // With a wrong clock it cannot be told whose turn it is.
        if plan.tsas.is_empty() || self.is_clock_doubtful() {
            return Ok(round);
        }
        let Some(log) = self.catalog.logs().await?.pop() else {
            return Ok(round);
        };
        let Some(head) = &log.head else {
            return Ok(round);
        };
        for url in &plan.tsas {
            let tsa = url.to_string();
            let state = known.iter().find(|state| state.tsa == tsa).cloned();
            let mut state = state.unwrap_or_else(|| Anchoring::new(tsa));
            if state.has_stamped(&log) {
                continue;
            }
            let pause = state.pause(self.now(), plan.interval);
            if pause.is_zero() || now {
                self.ask_for_stamp(url, &log, head, &mut state, plan.interval, &mut round)
                    .await?;
            }
            if !state.has_stamped(&log) {
                let wait = state.pause(self.now(), plan.interval);
                round.next = Some(round.next.map_or(wait, |next| next.min(wait)));
            }
        }
        Ok(round)
    }

    /// The alarm of an authority that is asked no more does not stand.
    async fn forget_others(
        &self,
        plan: &AnchorPlan,
        known: &[Anchoring],
    ) -> Result<(), CatalogError> {
        for state in known.iter().filter(|state| state.standing().is_some()) {
            if plan.tsas.iter().all(|url| url.to_string() != state.tsa) {
                let state = Anchoring {
                    alarm: state.mended(self.now()),
                    failing_since: None,
                    ..state.clone()
                };
                self.catalog.record_anchoring(&state, None).await?;
            }
        }
        Ok(())
    }

    async fn ask_for_stamp(
        &self,
        url: &WebUrl,
        log: &Log,
        head: &Head,
        state: &mut Anchoring,
        interval: Duration,
        round: &mut AnchorRound,
    ) -> Result<(), CatalogError> {
        match self.stamp(url, &head.checkpoint).await {
            Ok((token, stamp)) => {
                let anchor = Anchor {
                    log: log.number,
                    size: head.size,
                    tsa: state.tsa.clone(),
                    stamped_at: stamp.at,
                };
                state.stamped(&anchor, self.now(), interval);
                let mut made = Anchored {
                    anchor,
                    checkpoint: head.checkpoint.clone(),
                    token,
                    sum: None,
                };
                made.sum = Some(made.digest());
                self.catalog.record_anchoring(state, Some(&made)).await?;
                round.made.push(made.anchor);
            }
            Err(failure) => {
                state.failed(failure, self.now(), interval);
                self.catalog.record_anchoring(state, None).await?;
                round.failed.push(state.clone());
            }
        }
        Ok(())
    }

    /// The answer of an authority to the question for a time stamp over these bytes, judged; or
    /// why there is none.
    async fn stamp(&self, url: &WebUrl, checkpoint: &str) -> Result<(Vec<u8>, Stamp), String> {
        let nonce = u64::from_be_bytes(self.entropy.bytes());
        let query = StampQuery::new(checkpoint.as_bytes(), nonce);
        let request = FetchRequest {
            url: url.clone(),
            purpose: Purpose::Feed,
            validators: Validators::default(),
            policy: FetchPolicy {
                max_bytes: Some(LONGEST_ANSWER),
                ..FetchPolicy::default()
            },
            patience: Duration::ZERO,
        };
        let message = Message {
            content_type: "application/timestamp-query".to_owned(),
            body: query.to_der().into(),
        };
        let page = match self.fetch.post(request, message).await {
            FetchOutcome::Page(page) => page,
            FetchOutcome::Failed(failed) => return Err(failed.failure.to_string()),
            FetchOutcome::NotModified(_) => return Err("the server answered 304".to_owned()),
        };
        let stamp = query.judge(&page.body).map_err(|error| error.to_string())?;
        Ok((page.body.to_vec(), stamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_tried_again_ever_later() {
        let mut state = Anchoring::new("https://tsa.test/".to_owned());
        let (start, day) = (Timestamp::from_seconds(1_000_000), Duration::from_hours(24));
        let mut pauses = Vec::new();
        for _ in 0..12 {
            state.failed("no".to_owned(), start, day);
            pauses.push(state.pause(start, day).as_secs() / 60);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
        let before = start.minus(Duration::from_hours(24 * 400));
        assert_eq!(state.pause(before, day), day, "the clock went back");
    }

    #[test]
    fn a_day_of_failures_is_an_alarm_until_it_is_mended() {
        let mut state = Anchoring::new("https://tsa.test/".to_owned());
        let (start, day) = (Timestamp::from_seconds(1_000_000), Duration::from_hours(24));
        let at = |hours| start.plus(Duration::from_hours(hours));
        for hours in [0, 6, 23] {
            state.failed("closed".to_owned(), at(hours), day);
            assert_eq!(state.standing(), None, "{hours}");
        }
        for hours in [24, 30] {
            state.failed("closed".to_owned(), at(hours), day);
            let alarm = state.standing().unwrap();
            assert_eq!((alarm.since, alarm.raised_at), (start, at(24)));
        }
        let anchor = Anchor {
            log: 1,
            size: 9,
            tsa: state.tsa.clone(),
            stamped_at: at(31),
        };
        state.stamped(&anchor, at(31), day);
        assert_eq!((state.standing(), state.failing_since), (None, None));
        let told = state.alarm.clone().unwrap();
        assert_eq!((told.raised_at, told.mended_at), (at(24), Some(at(31))));
        // It may well break again.
        state.failed("closed".to_owned(), at(40), day);
        assert_eq!(state.standing(), None);
        state.failed("closed".to_owned(), at(65), day);
        assert_eq!(state.standing().map(|alarm| alarm.since), Some(at(40)));
    }

    #[test]
    fn files_are_named_after_the_authority() {
        let name = |tsa: &str| {
            let anchor = Anchor {
                log: 1,
                size: 1,
                tsa: tsa.to_owned(),
                stamped_at: Timestamp::EPOCH,
            };
            anchor.file_name()
        };
        let (one, other) = (name("https://tsa.test/a"), name("https://tsa.test/b"));
        assert!(one.starts_with("tsa.test-") && one.len() == 21 && one != other);
        assert!(name("http://[::1]/").starts_with("1-"));
    }
}

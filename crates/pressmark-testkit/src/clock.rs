//! A clock that moves only when it is told to, and chance that is the same in every run.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use pressmark_archive::entropy::Entropy;
use pressmark_model::{Clock, Timestamp};

/// A clock in a test's own hand.
///
/// ```
/// use std::time::Duration;
/// use pressmark_model::{Clock as _, Timestamp};
/// use pressmark_testkit::ManualClock;
///
/// let clock = ManualClock::at(Timestamp::from_seconds(60));
/// clock.advance(Duration::from_secs(5));
/// assert_eq!(clock.now(), Timestamp::from_seconds(65));
/// ```
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at this moment.
    pub const fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.micros()))
    }

    /// Moves it to this moment, forward or back.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.micros(), Ordering::SeqCst);
    }

    /// Moves it forward.
    pub fn advance(&self, span: Duration) {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Chance that gives the same bytes for the same seed (the `SplitMix64` sequence).
pub fn entropy(seed: u64) -> Entropy {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let state = AtomicU64::new(seed);
    Entropy::new(move |bytes| {
        for piece in bytes.chunks_mut(8) {
            let mut word = state.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            for (into, byte) in piece.iter_mut().zip(word.to_le_bytes()) {
                *into = byte;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_what_comes() {
        let (one, same, other) = (entropy(1), entropy(1), entropy(2));
        assert_eq!(one.bytes::<20>(), same.bytes::<20>());
        assert_ne!(one.bytes::<16>(), one.bytes::<16>());
        assert_ne!(same.bytes::<16>(), other.bytes::<16>());
    }
}

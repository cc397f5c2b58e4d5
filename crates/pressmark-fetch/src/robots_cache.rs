//! What each origin's robots.txt said, for a day at most.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pressmark_archive::ports::fetch::FetchFailure;
use pressmark_model::{Clock, Timestamp};
use tokio::time::Instant;

use crate::robots::Rules;

/// RFC 9309, 2.4.
const KEPT: Duration = Duration::from_hours(24);
/// Origins that are remembered before old ones are forgotten.
const REMEMBERED_ORIGINS: usize = 4096;

/// The rules by origin.
#[derive(Debug)]
pub(crate) struct RobotsCache {
    clock: Arc<dyn Clock>,
    origins: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Slot>>>>,
}

#[derive(Debug, Default)]
struct Slot {
    rules: Option<(Timestamp, Arc<Rules>)>,
    failed: Option<(Instant, FetchFailure)>,
}

impl RobotsCache {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            origins: Mutex::default(),
        }
    }

    /// The rules of an origin, asked for with `fetch` unless they are known. Whoever waits while
    /// another asks shares the answer; a failure is kept for nobody else.
    pub(crate) async fn rules(
        &self,
        origin: String,
        fetch: impl Future<Output = Result<Rules, FetchFailure>>,
    ) -> Result<Arc<Rules>, FetchFailure> {
        let came = Instant::now();
        let slot = self.slot(origin);
        let mut slot = slot.lock().await;
        if let Some((at, rules)) = &slot.rules
            && self.is_fresh(*at)
        {
            return Ok(Arc::clone(rules));
        }
        if let Some((at, failure)) = &slot.failed
            && *at > came
        {
            return Err(failure.clone());
        }
        match fetch.await {
            Ok(rules) => {
                let rules = Arc::new(rules);
                *slot = Slot {
                    rules: Some((self.clock.now(), Arc::clone(&rules))),
                    failed: None,
                };
                Ok(rules)
            }
            Err(failure) => {
                *slot = Slot {
                    rules: None,
                    failed: Some((Instant::now(), failure.clone())),
                };
                Err(failure)
            }
        }
    }

    fn is_fresh(&self, at: Timestamp) -> bool {
        let now = self.clock.now();
        at <= now && now.since(at) < KEPT
    }

    fn slot(&self, origin: String) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= REMEMBERED_ORIGINS {
            origins.retain(|_, slot| match slot.try_lock() {
                Ok(slot) => slot
                    .rules
                    .as_ref()
                    .is_some_and(|(at, _)| self.is_fresh(*at)),
                Err(_) => true,
            });
        }
        Arc::clone(origins.entry(origin).or_default())
    }
}

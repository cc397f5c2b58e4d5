//! Scripts and style sheets that the pages of a site have in common: kept as long as their server
//! says, so that they are asked for once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::exchange::Answer;
use crate::headers;

/// The most that is kept, in bytes.
const MOST: usize = 64 << 20;

/// An answer that is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: bytes::Bytes,
}

/// What is kept, by who asks and the address, with when it is stale.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<HashMap<String, (Kept, Instant)>>);

impl Shelf {
    /// The answer that was kept under this key.
    pub(super) fn take(&self, key: &str) -> Option<Kept> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (answer, stale) = kept.get(key)?;
        (Instant::now() < *stale).then(|| answer.clone())
    }

    /// Keeps an answer, if its server lets it be kept for everybody.
    pub(super) fn keep(&self, key: &str, answer: &Answer) {
        let private = headers::value(&answer.headers, "cache-control")
            .is_some_and(|value| value.contains("private"))
            || headers::value(&answer.headers, "vary").is_some_and(|vary| vary.contains('*'));
        let Some(max_age) = headers::max_age(&answer.headers) else {
            return;
        };
        if private || answer.status != 200 {
            return;
        }
        let now = Instant::now();
        let Some(stale) = now.checked_add(max_age) else {
            return;
        };
        let mut shelved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelved.retain(|_, (_, stale)| now < *stale);
        let kept: usize = shelved.values().map(|(kept, _)| kept.body.len()).sum();
        if kept + answer.body.len() > MOST {
            shelved.clear();
        }
        let kept = Kept {
            status: answer.status,
            headers: answer.headers.clone(),
            body: answer.body.clone(),
        };
        shelved.insert(key.to_owned(), (kept, stale));
    }
}

//! One at a time for each address, and for each content: what is under way is not begun again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pressmark_model::Digest;
use tokio::sync::OwnedMutexGuard;

type Lock = Arc<tokio::sync::Mutex<()>>;

/// The keys that somebody has, or waits for.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    locks: Mutex<HashMap<Digest, Lock>>,
}

impl Turns {
    /// Waits until nobody else has this key; it is given back when the guard is dropped.
    pub(super) async fn take(&self, key: Digest) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(key).or_default())
        };
        lock.lock_owned().await
    }
}

//! Connections kept for the next request: one per origin and proxy, for a short while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::connect::Connection;
use crate::proxy::Proxy;

/// Servers close idle connections after some seconds; one that is closed under the next request
/// costs a round trip.
const KEPT: Duration = Duration::from_secs(30);
/// The most that are kept.
const MOST: usize = 64;

/// Origin and proxy.
pub(crate) type Key = (String, Option<Proxy>);

/// Idle connections.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<HashMap<Key, (Connection, Instant)>>);

impl Pool {
    /// A connection that was kept and is still open.
    pub(crate) fn take(&self, key: &Key) -> Option<Connection> {
        let (connection, since) = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key)?;
        (since.elapsed() < KEPT && !connection.sender.is_closed()).then_some(connection)
    }

    /// Keeps a connection for the next request.
    pub(crate) fn keep(&self, key: Key, connection: Connection) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|_, (other, since)| since.elapsed() < KEPT && !other.sender.is_closed());
        if idle.len() < MOST && !connection.sender.is_closed() {
            idle.insert(key, (connection, Instant::now()));
        }
    }
}

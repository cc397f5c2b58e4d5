//! Turns that brought nothing new: most of them. They are stored together.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::gather::StoreError;
use crate::ports::catalog::{Catalog, QuietTurn};

/// So long others are waited for.
const WAIT: Duration = Duration::from_millis(50);
/// So many are stored at once.
const AT_ONCE: usize = 256;

/// The way to the task that stores them.
#[derive(Clone)]
pub(crate) struct QuietTurns {
    queue: mpsc::Sender<Waiting>,
}

struct Waiting {
    turn: QuietTurn,
    reply: oneshot::Sender<Result<(), StoreError>>,
}

impl fmt::Debug for QuietTurns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QuietTurns")
    }
}

impl QuietTurns {
    /// Starts the task; it ends when the last clone is dropped.
    pub(crate) fn start(catalog: Arc<dyn Catalog>) -> Self {
        let (queue, waiting) = mpsc::channel(AT_ONCE);
        tokio::spawn(store_all(catalog, waiting));
        Self { queue }
    }

    /// Stores a turn and gives its source back, together with others.
    pub(crate) async fn store(&self, turn: QuietTurn) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue
            .send(Waiting { turn, reply })
            .await
            .map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

async fn store_all(catalog: Arc<dyn Catalog>, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut batch, AT_ONCE).await > 0 {
        if batch.len() < AT_ONCE {
            tokio::time::sleep(WAIT).await;
            while batch.len() < AT_ONCE
                && let Ok(more) = waiting.try_recv()
            {
                batch.push(more);
            }
        }
        let (turns, replies): (Vec<_>, Vec<_>) = batch
            .drain(..)
            .map(|waiting| (waiting.turn, waiting.reply))
            .unzip();
        let stored = catalog
            .record_quiet(&turns)
            .await
            .map_err(|error| StoreError::Catalog(Arc::new(error)));
        for reply in replies {
            // Who does not wait any more does not need the answer.
            drop(reply.send(stored.clone()));
        }
    }
}

//! The `DevTools` protocol over a pair of pipes: JSON messages with a NUL after each.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use pressmark_archive::ports::render::RenderFailure;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::{mpsc, oneshot};

/// The longest message that is read, in bytes: a document at its limit, written as JSON.
const LONGEST: usize = 128 << 20;

/// The way to a running browser.
#[derive(Debug)]
pub(super) struct Link {
    next: AtomicU64,
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    board: Arc<Board>,
}

/// Who waits for what. `None` when the browser is gone.
#[derive(Debug, Default)]
struct Board(Mutex<Option<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    answers: HashMap<u64, oneshot::Sender<Result<Value, String>>>,
    sessions: HashMap<String, mpsc::UnboundedSender<Event>>,
}

/// What happened in a session.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) method: String,
    pub(super) params: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Command<'a, P> {
    id: u64,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    params: P,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: Option<u64>,
    method: Option<String>,
    session_id: Option<String>,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    result: Value,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

impl Link {
    /// A link over the ends of the two pipes that are ours.
    pub(super) fn new(
        to: impl AsyncWrite + Unpin + Send + 'static,
        from: impl AsyncRead + Unpin + Send + 'static,
    ) -> Self {
        let board = Arc::new(Board(Mutex::new(Some(Waiting::default()))));
        let (outgoing, queue) = mpsc::unbounded_channel();
        tokio::spawn(write(to, queue));
        tokio::spawn(read(from, Arc::clone(&board)));
        Self {
            next: AtomicU64::new(1),
            outgoing,
            board,
        }
    }

    /// Whether the browser is there.
    pub(super) fn is_open(&self) -> bool {
        self.board.with(|_| ()).is_some()
    }

    /// Sends a command without waiting for what it gives.
    pub(super) fn tell(&self, method: &str, session: Option<&str>, params: impl Serialize) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.send(id, method, session, params);
    }

    /// Sends a command and waits for what it gives.
    pub(super) async fn call(
        &self,
        method: &str,
        session: Option<&str>,
        params: impl Serialize,
    ) -> Result<Value, RenderFailure> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        self.board
            .with(|waiting| waiting.answers.insert(id, answer))
            .ok_or_else(gone)?;
        self.send(id, method, session, params);
        let refused = |message| RenderFailure::Browser {
            detail: format!("`{method}`: {message}"),
        };
        answered.await.map_err(|_| gone())?.map_err(refused)
    }

    /// What happens in a session from here on.
    pub(super) fn listen(&self, session: &str) -> mpsc::UnboundedReceiver<Event> {
        let (happened, events) = mpsc::unbounded_channel();
        self.board
            .with(|waiting| waiting.sessions.insert(session.to_owned(), happened));
        events
    }

    fn send(&self, id: u64, method: &str, session_id: Option<&str>, params: impl Serialize) {
        let command = Command {
            id,
            method,
            session_id,
            params,
        };
        // What cannot be sent is not answered: who waits for it learns that the browser is gone.
        if let Ok(mut message) = serde_json::to_vec(&command) {
            message.push(0);
            drop(self.outgoing.send(message));
        }
    }
}

impl Board {
    fn with<T>(&self, work: impl FnOnce(&mut Waiting) -> T) -> Option<T> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()
            .map(work)
    }

    fn deliver(&self, message: Message) {
        let Message {
            id,
            method,
            session_id,
            params,
            result,
            error,
        } = message;
        self.with(|waiting| match (id, method, session_id) {
            (Some(id), ..) => {
                if let Some(answer) = waiting.answers.remove(&id) {
                    drop(answer.send(error.map_or(Ok(result), |refusal| Err(refusal.message))));
                }
            }
            (None, Some(method), Some(session)) => {
                let happened = waiting.sessions.get(&session);
                let gone = happened
                    .is_some_and(|happened| happened.send(Event { method, params }).is_err());
                if gone {
                    waiting.sessions.remove(&session);
                }
            }
            _ => {}
        });
    }
}

/// A field of an answer that is a text.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn gone() -> RenderFailure {
    RenderFailure::Browser {
        detail: "it ended".to_owned(),
    }
}

async fn write(mut to: impl AsyncWrite + Unpin, mut queue: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(message) = queue.recv().await {
        if to.write_all(&message).await.is_err() {
            break;
        }
    }
}

/// Reads messages until the browser ends, or says what is none.
async fn read(from: impl AsyncRead + Unpin, board: Arc<Board>) {
    let mut from = BufReader::with_capacity(64 << 10, from);
    let mut message = Vec::new();
    while let Ok(bytes) = from.fill_buf().await {
        if bytes.is_empty() || message.len() > LONGEST {
            break;
        }
        let end = bytes.iter().position(|&byte| byte == 0);
        let (part, used) = match end {
            Some(end) => (bytes.get(..end).unwrap_or_default(), end + 1),
            None => (bytes, bytes.len()),
        };
        message.extend_from_slice(part);
        from.consume(used);
        if end.is_some() {
            match serde_json::from_slice(&message) {
                Ok(message) => board.deliver(message),
                Err(_) => break,
            }
            message = Vec::new();
        }
    }
    *board.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

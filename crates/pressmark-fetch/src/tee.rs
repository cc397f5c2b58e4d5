//! A stream that keeps what passes through it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What has passed since the last [`Recorder::start`].
#[derive(Debug, Default)]
struct Recording {
    sent: Vec<u8>,
    received: Vec<u8>,
    /// The most that is received before the stream fails.
    limit: usize,
    over_limit: bool,
}

/// The handle on a stream's recording.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recording>>);

impl Recorder {
    /// Forgets what has passed, and lets at most `limit` bytes be received from here on.
    pub(crate) fn start(&self, limit: usize) {
        self.with(|recording| {
            *recording = Recording {
                limit,
                ..Recording::default()
            }
        });
    }

    /// The bytes sent and received, which are forgotten.
    pub(crate) fn take(&self) -> (Vec<u8>, Vec<u8>) {
        self.with(|recording| {
            (
                std::mem::take(&mut recording.sent),
                std::mem::take(&mut recording.received),
            )
        })
    }

    /// Whether anything was received.
    pub(crate) fn has_received(&self) -> bool {
        self.with(|recording| !recording.received.is_empty())
    }

    /// Whether the stream failed for its limit.
    pub(crate) fn is_over_limit(&self) -> bool {
        self.with(|recording| recording.over_limit)
    }

    fn with<T>(&self, f: impl FnOnce(&mut Recording) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A stream of which a [`Recorder`] keeps both directions.
#[derive(Debug)]
pub(crate) struct Tee<S> {
    stream: S,
    recorder: Recorder,
}

impl<S> Tee<S> {
    pub(crate) fn new(stream: S, recorder: Recorder) -> Self {
        Self { stream, recorder }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tee<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let news = buf.filled().get(before..).unwrap_or_default();
        Poll::Ready(self.recorder.with(|recording| {
            if recording.received.len() + news.len() > recording.limit {
                recording.over_limit = true;
                return Err(io::Error::other("more is sent than is wanted"));
            }
            recording.received.extend_from_slice(news);
            Ok(())
        }))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tee<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        let sent = buf.get(..written).unwrap_or_default();
        self.recorder
            .with(|recording| recording.sent.extend_from_slice(sent));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

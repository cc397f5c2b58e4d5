//! The machine's own clock, time zone and chance, and its wish that the program ends: the only
//! place where they are asked.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use pressmark_archive::entropy::Entropy;
use pressmark_model::{Clock, Timestamp};

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the clock is read"
        )]
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::EPOCH.plus(since)
    }
}

/// The operating system's random bytes.
pub(crate) fn entropy() -> Entropy {
    Entropy::new(|bytes| {
        #[expect(
            clippy::expect_used,
            reason = "without chance nothing can be kept secret"
        )]
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    })
}

/// The machine's offset from UTC, in seconds; 0 where it cannot be told.
pub(crate) fn local_offset_seconds() -> i32 {
    LOCAL_OFFSET.get().copied().unwrap_or(0)
}

/// Asks for the machine's offset. It can only be asked while the process has one thread.
pub(crate) fn remember_local_offset() {
    let offset = time::UtcOffset::current_local_offset().map_or(0, time::UtcOffset::whole_seconds);
    LOCAL_OFFSET.get_or_init(|| offset);
}

static LOCAL_OFFSET: OnceLock<i32> = OnceLock::new();

/// Waits for Ctrl-C, or for the signal that service managers send. From the first call on, nothing
/// else ends the program at these.
pub(crate) async fn asked_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    drop(interrupted.await);
}

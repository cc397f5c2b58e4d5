//! Whether the machine's clock is to be believed: it is compared with the `Date` of what servers
//! answer. A clock that is far off makes captures doubtful and pauses anchoring; archiving goes on.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use pressmark_model::Timestamp;

use crate::ports::fetch::{Fetch, FetchOutcome, FetchRequest, FetchedPage, Message};

/// The latest answers of so many hosts count.
const HOSTS: usize = 21;
/// With fewer answers nothing can be told.
const FEWEST: usize = 3;
/// A clock that is farther off is doubted, in seconds.
const FAR: i64 = 600;

/// How far the clocks of the servers that answered lately are from this machine's.
#[derive(Debug, Default)]
pub(crate) struct ClockWatch(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// Host, and by how many seconds its clock is ahead; the latest answer last.
    ahead: VecDeque<(String, i64)>,
    answers: usize,
    is_doubted: bool,
}

impl ClockWatch {
    /// Whether the clock is far from the median of the others.
    pub(crate) fn is_doubtful(&self) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.is_doubted
    }

    fn look_at(&self, page: &FetchedPage) {
        let Some(date) = page.header("date").and_then(date) else {
            return;
        };
        // A cache tells how long ago it was that the server said so (RFC 9111, 5.1).
        let age = page.header("age").and_then(|age| age.trim().parse().ok());
        let date = date.plus(Duration::from_secs(age.unwrap_or(0)));
        self.note(page.final_url.host(), date.seconds() - page.at.seconds());
    }

    fn note(&self, host: &str, ahead: i64) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.ahead.retain(|(other, _)| other != host);
        seen.ahead.push_back((host.to_owned(), ahead));
        if seen.ahead.len() > HOSTS {
            seen.ahead.pop_front();
        }
        seen.answers = seen.answers.saturating_add(1);
        let mut sorted: Vec<i64> = seen.ahead.iter().map(|(_, ahead)| *ahead).collect();
        sorted.sort_unstable();
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
        let is_doubted = seen.answers >= FEWEST && median.abs() > FAR;
        if is_doubted && !seen.is_doubted {
            tracing::warn!(
                "the clock of this machine is {} s {} those of the servers: captures are marked",
                median.unsigned_abs(),
                if median > 0 { "behind" } else { "ahead of" },
            );
        }
        seen.is_doubted = is_doubted;
    }
}

/// A date of HTTP (RFC 9110, 5.6.7).
fn date(text: &str) -> Option<Timestamp> {
    let since = httpdate::parse_http_date(text).ok()?;
    let since = since.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp::EPOCH.plus(since))
}

/// The network, watched for what it says of the time.
pub(crate) struct WatchedFetch {
    pub(crate) inner: Arc<dyn Fetch>,
    pub(crate) clock_watch: Arc<ClockWatch>,
}

impl fmt::Debug for WatchedFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl WatchedFetch {
    fn seen(&self, outcome: FetchOutcome) -> FetchOutcome {
        if let FetchOutcome::Page(page) = &outcome {
            self.clock_watch.look_at(page);
        }
        outcome
    }
}

#[async_trait]
impl Fetch for WatchedFetch {
    async fn fetch(&self, request: FetchRequest) -> FetchOutcome {
        self.seen(self.inner.fetch(request).await)
    }

    async fn post(&self, request: FetchRequest, message: Message) -> FetchOutcome {
        self.seen(self.inner.post(request, message).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_the_hosts_counts() {
        let watch = ClockWatch::default();
        watch.note("far.test", 86_400);
        watch.note("far.test", 86_400);
        assert!(!watch.is_doubtful(), "too few answers");
        watch.note("far.test", 86_400);
        assert!(watch.is_doubtful(), "nobody says otherwise");
        watch.note("a.test", 1);
        watch.note("b.test", -2);
        assert!(!watch.is_doubtful(), "one server is wrong");
        for host in ["a.test", "b.test", "c.test"] {
            watch.note(host, -400 * 86_400);
        }
        assert!(watch.is_doubtful());
        for n in 0..HOSTS {
            watch.note(&format!("{n}.test"), 30);
        }
        assert!(!watch.is_doubtful(), "the clock was set right");
    }

    #[test]
    fn dates_of_http_are_read() {
        let at = date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(at.to_string(), "1994-11-06T08:49:37Z");
        assert_eq!(date("yesterday"), None);
    }
}

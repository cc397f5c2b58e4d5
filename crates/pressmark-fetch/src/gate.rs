//! Politeness: one request at a time and a gap per host, over all sources.
//!
//! Whoever wants to ask a host enters its gate and waits. The gate lets one in when the one before
//! has left and the gap has passed; the [`Permit`] is the place inside. Waiting or staying is
//! ended by dropping the future or the permit, so nothing has to be cleaned up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pressmark_model::{Clock, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Of so many places given while articles wait, at most one goes to a revisit.
const REVISIT_SHARE: u32 = 5;
/// A host is not shut for longer than this, whatever it asks for.
const LONGEST_CLOSURE: Duration = Duration::from_hours(24);
/// Hosts that are remembered before idle ones are forgotten.
const REMEMBERED_HOSTS: usize = 1024;

/// The queues before a host, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// What was begun and goes on: robots.txt, redirects, another try.
    Begun,
    /// Feeds.
    Feed,
    /// First captures and listings.
    First,
    /// Revisits.
    Revisit,
    /// Images: nobody waits for these.
    Image,
}

/// The gates of all hosts.
#[derive(Debug)]
pub(crate) struct Gates {
    clock: Arc<dyn Clock>,
    hosts: Mutex<Hosts>,
}

#[derive(Debug, Default)]
struct Hosts {
    gates: HashMap<String, Arc<Gate>>,
    /// At so many they are looked through for idle ones.
    prune_at: usize,
}

#[derive(Debug)]
struct Gate {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    busy: bool,
    left: Option<Instant>,
    closure: Option<Closure>,
    waiting: Vec<Ticket>,
    next_number: u64,
    since_revisit: u32,
}

/// The host has asked to be left alone.
#[derive(Debug, Clone, Copy)]
struct Closure {
    status: u16,
    until: Instant,
    /// The same by the clock: when it has jumped ahead (or a test has set it), the time has passed.
    until_clock: Timestamp,
}

#[derive(Debug, Clone)]
struct Ticket {
    number: u64,
    lane: Lane,
    wake: Arc<Notify>,
}

enum Turn {
    Now,
    NotBefore(Instant),
    AfterOthers,
    Closed(Closed),
}

/// The host is shut for longer than the caller would wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closed {
    /// The status with which it asked to be left alone.
    pub(crate) status: u16,
    /// For how long from now.
    pub(crate) remaining: Duration,
}

impl Gates {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            hosts: Mutex::default(),
        }
    }

    /// Waits for a place at this host, `gap` after the request before.
    pub(crate) async fn enter(
        &self,
        host: &str,
        lane: Lane,
        gap: Duration,
        patience: Duration,
    ) -> Result<Permit, Closed> {
        let place = Waiting::new(self.gate(host), lane);
        loop {
            match place.gate.turn(&place.ticket, gap, patience) {
                Turn::Now => return Ok(place.into_permit()),
                Turn::Closed(closed) => return Err(closed),
                Turn::AfterOthers => place.ticket.wake.notified().await,
                Turn::NotBefore(instant) => {
                    tokio::select! {
                        () = place.ticket.wake.notified() => {}
                        () = tokio::time::sleep_until(instant) => {}
                    }
                }
            }
        }
    }

    fn gate(&self, host: &str) -> Arc<Gate> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.gates.len() >= hosts.prune_at.max(REMEMBERED_HOSTS) {
            hosts
                .gates
                .retain(|_, gate| Arc::strong_count(gate) > 1 || !gate.is_forgettable());
            hosts.prune_at = hosts.gates.len() * 2;
        }
        let new = || {
            Arc::new(Gate {
                clock: Arc::clone(&self.clock),
                state: Mutex::default(),
            })
        };
        Arc::clone(hosts.gates.entry(host.to_owned()).or_insert_with(new))
    }
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_forgettable(&self) -> bool {
        let state = self.lock();
        let quiet = state
            .left
            .is_none_or(|left| left.elapsed() > Duration::from_mins(10));
        quiet && !state.busy && state.closed_for(&*self.clock).is_none()
    }

    /// Whose turn it is; takes the place if it is this ticket's.
    fn turn(&self, ticket: &Ticket, gap: Duration, patience: Duration) -> Turn {
        let mut state = self.lock();
        let closed = state.closed_for(&*self.clock);
        if let Some(closed) = closed.filter(|closed| closed.remaining > patience) {
            return Turn::Closed(closed);
        }
        if state.busy
            || state
                .first()
                .is_none_or(|first| first.number != ticket.number)
        {
            return Turn::AfterOthers;
        }
        let now = Instant::now();
        let opens = closed.map_or(now, |closed| now + closed.remaining);
        let start = state.left.map_or(opens, |left| opens.max(left + gap));
        if start > now {
            return Turn::NotBefore(start);
        }
        state.busy = true;
        state.waiting.retain(|other| other.number != ticket.number);
        match ticket.lane {
            Lane::Revisit => state.since_revisit = 0,
            Lane::First => state.since_revisit = state.since_revisit.saturating_add(1),
            Lane::Begun | Lane::Feed | Lane::Image => {}
        }
        Turn::Now
    }
}

impl State {
    fn closed_for(&self, clock: &dyn Clock) -> Option<Closed> {
        let closure = self.closure?;
        let remaining = closure.until.saturating_duration_since(Instant::now());
        let open = remaining.is_zero() || clock.now() >= closure.until_clock;
        (!open).then_some(Closed {
            status: closure.status,
            remaining,
        })
    }

    /// The next in: by lane, then by number; a revisit overtakes the articles when its share is
    /// due.
    fn first(&self) -> Option<&Ticket> {
        let due = self.since_revisit + 1 >= REVISIT_SHARE;
        let rank = |ticket: &&Ticket| {
            let lane = match ticket.lane {
                Lane::Begun => 0,
                Lane::Feed => 1,
                Lane::Revisit if due => 2,
                Lane::First => 3,
                Lane::Revisit => 4,
                Lane::Image => 5,
            };
            (lane, ticket.number)
        };
        self.waiting.iter().min_by_key(rank)
    }

    fn wake_first(&self) {
        if let Some(first) = self.first() {
            first.wake.notify_one();
        }
    }
}

/// A place in the queue, given up when dropped.
#[derive(Debug)]
struct Waiting {
    gate: Arc<Gate>,
    ticket: Ticket,
}

impl Waiting {
    fn new(gate: Arc<Gate>, lane: Lane) -> Self {
        let ticket = {
            let mut state = gate.lock();
            let ticket = Ticket {
                number: state.next_number,
                lane,
                wake: Arc::default(),
            };
            state.next_number += 1;
            state.waiting.push(ticket.clone());
            ticket
        };
        Self { gate, ticket }
    }

    fn into_permit(self) -> Permit {
        Permit {
            gate: Arc::clone(&self.gate),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state
            .waiting
            .retain(|other| other.number != self.ticket.number);
        if !state.busy {
            state.wake_first();
        }
    }
}

/// The right to send one request to a host, until it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Arc<Gate>,
}

impl Permit {
    /// Nobody enters for so long: the host has asked for it with this status.
    pub(crate) fn close_for(&self, span: Duration, status: u16) {
        let span = span.min(LONGEST_CLOSURE);
        let mut state = self.gate.lock();
        state.closure = Some(Closure {
            status,
            until: Instant::now() + span,
            until_clock: self.gate.clock.now().plus(span),
        });
        for ticket in &state.waiting {
            ticket.wake.notify_one();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.busy = false;
        state.left = Some(Instant::now());
        state.wake_first();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::EPOCH
        }
    }

    const GAP: Duration = Duration::from_secs(2);
    const MINUTE: Duration = Duration::from_mins(1);

    fn gates() -> Arc<Gates> {
        Arc::new(Gates::new(Arc::new(Still)))
    }

    async fn visit(gates: Arc<Gates>, lane: Lane, log: Arc<Mutex<Vec<(Lane, Instant)>>>) {
        let permit = gates.enter("a", lane, GAP, MINUTE).await.unwrap();
        log.lock().unwrap().push((lane, Instant::now()));
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(permit);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_to_a_host_come_one_by_one_with_a_gap_and_feeds_first() {
        let (gates, log) = (gates(), Arc::default());
        let order = [
            Lane::First,
            Lane::First,
            Lane::Revisit,
            Lane::Feed,
            Lane::Begun,
        ];
        let mut tasks = tokio::task::JoinSet::new();
        for lane in order {
            tasks.spawn(visit(Arc::clone(&gates), lane, Arc::clone(&log)));
            tokio::task::yield_now().await;
        }
        tasks.join_all().await;
        let log = log.lock().unwrap();
        let lanes: Vec<_> = log.iter().map(|&(lane, _)| lane).collect();
        let expected = [
            Lane::First,
            Lane::Begun,
            Lane::Feed,
            Lane::First,
            Lane::Revisit,
        ];
        assert_eq!(lanes, expected);
        for pair in log.windows(2) {
            let apart = pair[1].1 - pair[0].1;
            assert!(apart >= GAP + Duration::from_millis(300), "{apart:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_five_places_one_goes_to_a_revisit_while_articles_wait() {
        let (gates, log) = (gates(), Arc::default());
        let inside = gates.enter("a", Lane::Feed, GAP, MINUTE).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for lane in [[Lane::Revisit; 4].as_slice(), &[Lane::First; 16]].concat() {
            tasks.spawn(visit(Arc::clone(&gates), lane, Arc::clone(&log)));
        }
        tokio::task::yield_now().await;
        drop(inside);
        tasks.join_all().await;
        let log = log.lock().unwrap();
        let at: Vec<_> = (0..log.len())
            .filter(|&place| log[place].0 == Lane::Revisit)
            .collect();
        assert_eq!(at, [4, 9, 14, 19]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_waiter_or_permit_holds_nobody_up() {
        let gates = gates();
        let permit = gates.enter("a", Lane::First, GAP, MINUTE).await.unwrap();
        let waiting = tokio::spawn({
            let gates = Arc::clone(&gates);
            async move { gates.enter("a", Lane::Feed, GAP, MINUTE).await.map(drop) }
        });
        tokio::task::yield_now().await;
        waiting.abort();
        assert!(waiting.await.is_err());
        drop(permit);
        gates.enter("a", Lane::Revisit, GAP, MINUTE).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_leaves_the_queue_while_the_gap_passes_lets_the_next_one_know() {
        let gates = gates();
        drop(gates.enter("a", Lane::First, GAP, MINUTE).await.unwrap());
        let wait = |lane| {
            let gates = Arc::clone(&gates);
            tokio::spawn(async move { gates.enter("a", lane, GAP, MINUTE).await.map(drop) })
        };
        let (first, second) = (wait(Lane::Feed), wait(Lane::First));
        tokio::task::yield_now().await;
        first.abort();
        tokio::time::timeout(GAP * 2, second)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_do_not_wait_for_each_other() {
        let gates = gates();
        let begun = Instant::now();
        let _permit = gates.enter("a", Lane::First, GAP, MINUTE).await.unwrap();
        gates.enter("b", Lane::First, GAP, MINUTE).await.unwrap();
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_host_is_closed_for_all() {
        let gates = gates();
        let begun = Instant::now();
        let permit = gates.enter("a", Lane::First, GAP, MINUTE).await.unwrap();
        permit.close_for(Duration::from_secs(30), 503);
        drop(permit);
        let refused = gates
            .enter("a", Lane::Feed, GAP, Duration::from_secs(29))
            .await;
        assert_eq!(refused.unwrap_err().status, 503);
        gates.enter("a", Lane::Revisit, GAP, MINUTE).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_secs(30));
    }
}

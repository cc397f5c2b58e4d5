//! Watching: sources are claimed when they are due, read, and what they list is captured.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use pressmark_model::{EntryId, Slug, Timestamp};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::archive::{Archive, ArchiveError, LEASE};
use crate::entry::PendingEntry;
use crate::events::Event;
use crate::failure::Failure;
use crate::filter::Filters;
use crate::ports::catalog::Lease;
use crate::rhythm::Rhythm;
use crate::source::Source;
use crate::summary::PollSummary;

/// So many sources are claimed at a time; [`Archive`] has places for fewer.
const MOST_TURNS: usize = 1024;
/// After a turn has ended, it is seen so soon whether others are due.
const NEXT_LOOK: Duration = Duration::from_millis(100);
/// So many pages of one source are under way at a time; hosts are still asked one at a time.
const PAGES_AT_A_TIME: usize = 4;
/// More entries than this wait for the source's next turn.
const ENTRIES_A_TURN: u32 = 10_000;
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// After the store or the catalog failed, such as on a full disk.
pub(crate) const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(10);

/// A clock that is set back by less is one that is kept right.
const SMALL_STEP: Duration = Duration::from_mins(1);

/// Who is told what happens.
pub type Observer = Arc<dyn Fn(Event) + Send + Sync>;

/// How a round of polls is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollOptions {
    /// Poll the sources and try the waiting entries now, due or not.
    pub now: bool,
    /// Visit the archived pages that the sources still list again.
    pub revisit: bool,
    /// How long a `Retry-After` is waited out.
    pub patience: Duration,
}

/// A reading of one source's document, as its poll stored it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    pub(crate) new: u64,
    pub(crate) changed: u64,
    pub(crate) gap: bool,
    pub(crate) failure: Option<Failure>,
    /// The rhythm, where a document was read.
    pub(crate) rhythm: Option<Rhythm>,
    /// Nothing was new or waits: the turn is stored, and the source given back.
    pub(crate) given_back: bool,
}

impl Reading {
    fn event(&self, source: &Source, pending: u64) -> Event {
        Event::Read {
            source: source.slug.clone(),
            new: self.new,
            changed: self.changed,
            pending,
        }
    }
}

/// Whether a claimed source has entries that wait, or articles to look at again.
fn has_work(source: &Source, all: bool, now: Timestamp) -> bool {
    let status = &source.status;
    status.next_attempt_at.is_some_and(|at| all || at <= now)
        || status.next_visit_at.is_some_and(|at| at <= now)
}

impl Archive {
    /// Polls these sources once, many at a time; then fetches the images that are due.
    pub async fn poll(
        &self,
        sources: Vec<Source>,
        options: PollOptions,
        observer: Observer,
    ) -> Result<PollSummary, ArchiveError> {
        let mut turns = futures::stream::iter(sources)
            .map(|source| {
                let (archive, observer) = (self.clone(), Arc::clone(&observer));
                // A task each: pages are derived while others are fetched.
                tokio::spawn(
                    async move { archive.claim_and_visit(&source, options, &observer).await },
                )
            })
            .buffer_unordered(MOST_TURNS);
        let (mut total, mut first_error) = (PollSummary::default(), None);
        while let Some(turn) = turns.next().await {
            // One source's fault does not keep the others from their turn.
            match turn.map_err(ArchiveError::from).flatten() {
                Ok(summary) => total.add(summary),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        if let Some(error) = first_error {
            return Err(error);
        }
        self.fetch_media(&observer).await?;
        Ok(total)
    }

    /// Polls sources as they become due, until the future is dropped. `wake` makes it look at
    /// once, such as when a source was added. It returns when the disk did not take what was
    /// written ([`ArchiveError::is_unsynced`]); other errors are logged, and tried again after.
    pub async fn watch(&self, observer: Observer, wake: Arc<Notify>) -> ArchiveError {
        tokio::select! {
            error = self.watch_sources(Arc::clone(&observer), wake) => error,
            error = self.watch_media(observer) => error,
        }
    }

    async fn watch_sources(&self, observer: Observer, wake: Arc<Notify>) -> ArchiveError {
        let options = PollOptions {
            now: false,
            revisit: false,
            patience: Duration::ZERO,
        };
        let mut turns: JoinSet<Result<PollSummary, ArchiveError>> = JoinSet::new();
        let mut next_look = Instant::now();
        // Before the first look, the time of the last one is not known: it may lie in the future.
        let mut looked_at = None;
        loop {
            tokio::select! {
                Some(turn) = turns.join_next() => {
                    match turn.map_err(ArchiveError::from).flatten() {
                        Err(error) if error.is_unsynced() => return error,
                        Err(error) => log(&error),
                        Ok(_) => {}
                    }
                    next_look = next_look.min(Instant::now() + NEXT_LOOK);
                }
                () = wake.notified() => next_look = Instant::now(),
                () = tokio::time::sleep_until(next_look) => {
                    match self.look(&mut turns, &mut looked_at, options, &observer).await {
                        Ok(wait) => next_look = Instant::now() + wait,
                        Err(error) => return error,
                    }
                }
            }
        }
    }

    /// Begins the turns that are due. A clock that went back since the last look would keep them
    /// waiting for what it had said before.
    async fn look(
        &self,
        turns: &mut JoinSet<Result<PollSummary, ArchiveError>>,
        looked_at: &mut Option<Timestamp>,
        options: PollOptions,
        observer: &Observer,
    ) -> Result<Duration, ArchiveError> {
        let now = self.clock.now();
        if looked_at.is_none_or(|before| now.plus(SMALL_STEP) < before) {
            let planned = self.catalog.plan_anew(now, now.plus(LEASE)).await;
            if let Err(error) = planned {
                return pause_after(error.into());
            }
        }
        *looked_at = Some(now);
        self.begin_turns(turns, options, observer).await
    }

    /// Begins the turns that are due, while there is room for a good number of them; returns when
    /// to look again, or why not to.
    async fn begin_turns(
        &self,
        turns: &mut JoinSet<Result<PollSummary, ArchiveError>>,
        options: PollOptions,
        observer: &Observer,
    ) -> Result<Duration, ArchiveError> {
        let free = MOST_TURNS.saturating_sub(turns.len());
        if free < MOST_TURNS / 2 {
            return Ok(LONGEST_SLEEP);
        }
        let now = self.clock.now();
        let lease = self.lease(now);
        let limit = u32::try_from(free).unwrap_or(u32::MAX);
        let claimed = match self.catalog.claim_due_sources(now, lease, limit).await {
            Ok(claimed) => claimed,
            Err(error) => return pause_after(error.into()),
        };
        let is_all = claimed.len() < free;
        for source in claimed {
            let (archive, observer) = (self.clone(), Arc::clone(observer));
            turns.spawn(async move {
                archive
                    .visit_claimed(source, lease, options, &observer)
                    .await
            });
        }
        Ok(if is_all {
            self.until_next_due().await
        } else {
            NEXT_LOOK
        })
    }

    async fn until_next_due(&self) -> Duration {
        let due = self.catalog.next_due().await.ok().flatten();
        let wait = due.map_or(LONGEST_SLEEP, |due| due.since(self.clock.now()));
        wait.clamp(Duration::from_millis(200), LONGEST_SLEEP)
    }

    async fn claim_and_visit(
        &self,
        source: &Source,
        options: PollOptions,
        observer: &Observer,
    ) -> Result<PollSummary, ArchiveError> {
        let now = self.clock.now();
        let lease = self.lease(now);
        match self.catalog.claim_source(source.id, now, lease).await? {
            Some(source) => self.visit_claimed(source, lease, options, observer).await,
            None => Ok(PollSummary::busy()),
        }
    }

    /// Works on a claimed source, renewing the claim meanwhile, and gives it back. When storing
    /// failed while watching, the claim is kept for a while: nobody is to try again at once.
    async fn visit_claimed(
        &self,
        source: Source,
        lease: Lease,
        options: PollOptions,
        observer: &Observer,
    ) -> Result<PollSummary, ArchiveError> {
        let turn = tokio::select! {
            turn = self.visit(&source, lease.owner, options, observer) => turn,
            () = self.keep_claim(&source, lease) => Ok((PollSummary::busy(), false)),
        };
        let (summary, is_given_back) = match turn {
            Ok((summary, is_given_back)) => (Ok(summary), is_given_back),
            Err(error) => (Err(error), false),
        };
        if is_given_back {
            return summary;
        }
        let given_back = if summary.is_err() && !options.now {
            let until = self.clock.now().plus(PAUSE_AFTER_ERROR);
            let pause = Lease { until, ..lease };
            self.catalog.renew_lease(source.id, pause).await.map(drop)
        } else {
            self.catalog.release_source(source.id, lease.owner).await
        };
        if let Err(error) = given_back {
            tracing::warn!(source = %source.slug, %error, "a claim was not given back; it lapses");
        }
        summary
    }

    /// Renews a claim, and returns when it is lost or can no longer be believed.
    async fn keep_claim(&self, source: &Source, lease: Lease) {
        let mut until = lease.until;
        loop {
            tokio::time::sleep(LEASE / 4).await;
            let now = self.clock.now();
            let renewed = Lease {
                until: now.plus(LEASE),
                ..lease
            };
            match self.catalog.renew_lease(source.id, renewed).await {
                Ok(true) => until = renewed.until,
                Ok(false) => return,
                Err(_) if now >= until => return,
                Err(_) => {}
            }
        }
    }

    /// One turn; says with it whether the source was given back already.
    async fn visit(
        &self,
        source: &Source,
        owner: i64,
        options: PollOptions,
        observer: &Observer,
    ) -> Result<(PollSummary, bool), ArchiveError> {
        let now = self.clock.now();
        let due = options.now || source.status.next_poll_at <= now;
        let reading = if due {
            let waits = options.revisit || has_work(source, options.now, now);
            self.read_source(source, options.patience, owner, waits)
                .await?
        } else {
            Reading::default()
        };
        if options.revisit {
            self.catalog.request_revisits(source.id, now).await?;
        }
        let mut summary = PollSummary {
            new: reading.new,
            changed: reading.changed,
            sources: u64::from(reading.failure.is_none()),
            failed_sources: u64::from(reading.failure.is_some()),
            ..PollSummary::default()
        };
        let captured = if reading.given_back {
            observer(reading.event(source, 0));
            PollSummary::default()
        } else {
            let capture = || self.capture_waiting(source, &reading, options, observer);
            self.capturing.run(capture).await?
        };
        summary.add(captured);
        if due {
            self.judge_turn(source, &reading, captured.pages() > 0, observer)
                .await?;
        }
        observer(Event::Finished {
            source: source.slug.clone(),
            failure: reading.failure,
        });
        Ok((summary, reading.given_back))
    }

    /// Captures what waits.
    async fn capture_waiting(
        &self,
        source: &Source,
        reading: &Reading,
        options: PollOptions,
        observer: &Observer,
    ) -> Result<PollSummary, ArchiveError> {
        let now = self.clock.now();
        let when = (!options.now).then_some(now);
        let mut pending = self
            .catalog
            .pending_entries(source.id, when, ENTRIES_A_TURN)
            .await?;
        let mut summary = PollSummary {
            filtered: self.leave_out(source, &mut pending).await?,
            ..PollSummary::default()
        };
        // Documents list the newest first, and ids are to follow the publisher's time.
        pending.reverse();
        let first_captures = pending.len();
        // What has failed before comes after what has not: it may keep its host waiting.
        pending.sort_by_key(|pending| {
            (
                pending.attempts,
                pending.entry.published.or(pending.entry.updated),
            )
        });
        let visits = crate::revisit::share(first_captures);
        pending.extend(self.catalog.due_visits(source.id, now, visits).await?);
        observer(reading.event(source, pending.len() as u64));
        if reading.gap {
            observer(Event::Gap {
                source: source.slug.clone(),
            });
        }
        let visit = crate::visit::Visit::new(self, source, options.patience);
        let mut captures = futures::stream::iter(pending)
            .map(|pending| visit.capture(pending))
            .buffer_unordered(PAGES_AT_A_TIME);
        while let Some(event) = captures.next().await {
            let event = event?;
            summary.count(&event);
            observer(event);
        }
        drop(captures);
        visit.learn().await?;
        Ok(summary)
    }

    /// Leaves out the waiting entries that the source's filters do not admit; returns how many.
    /// A rule that cannot be used, which only the configuration file can hold, admits everything.
    async fn leave_out(
        &self,
        source: &Source,
        pending: &mut Vec<PendingEntry>,
    ) -> Result<u64, ArchiveError> {
        let filters = match Filters::of(&self.settings(source)) {
            Ok(filters) if filters.is_empty() => return Ok(0),
            Ok(filters) => filters,
            Err(error) => {
                tracing::warn!(source = %source.slug, %error, "the filters are not used");
                return Ok(0);
            }
        };
        let unwanted: Vec<EntryId> = pending
            .extract_if(.., |pending| !filters.admits(&pending.entry))
            .map(|pending| pending.id)
            .collect();
        if !unwanted.is_empty() {
            self.catalog.leave_out(&unwanted).await?;
        }
        Ok(unwanted.len() as u64)
    }

    /// The sources with these slugs, or all that are watched without any. The slugs that no source
    /// has come back as the error.
    pub async fn select(
        &self,
        slugs: &[Slug],
    ) -> Result<Result<Vec<Source>, Vec<Slug>>, ArchiveError> {
        let sources = self.catalog.sources().await?;
        if slugs.is_empty() {
            let active = |source: &Source| source.state == crate::source::SourceState::Active;
            return Ok(Ok(sources.into_iter().filter(active).collect()));
        }
        let unknown: Vec<Slug> = slugs
            .iter()
            .filter(|slug| sources.iter().all(|source| source.slug != **slug))
            .cloned()
            .collect();
        if unknown.is_empty() {
            Ok(Ok(sources
                .into_iter()
                .filter(|source| slugs.contains(&source.slug))
                .collect()))
        } else {
            Ok(Err(unknown))
        }
    }
}

/// What to do about an error while watching: wait, or give up.
fn pause_after(error: ArchiveError) -> Result<Duration, ArchiveError> {
    if error.is_unsynced() {
        return Err(error);
    }
    log(&error);
    Ok(PAUSE_AFTER_ERROR)
}

pub(crate) fn log(error: &ArchiveError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(%error, cause, "storing failed; watching goes on");
}

//! Places for work that mostly waits: few for what goes on, more for what hangs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// Places for work. Work that takes long gives up its place among the quick, so that what hangs
/// does not keep others waiting; of that, too, there is no more than a limit.
#[derive(Debug, Clone)]
pub(crate) struct Slots {
    quick: Arc<Semaphore>,
    all: Arc<Semaphore>,
    patience: Duration,
}

impl Slots {
    /// So many places for what takes no longer than `patience`, and so many over all.
    pub(crate) fn new(quick: usize, all: usize, patience: Duration) -> Self {
        Self {
            quick: Arc::new(Semaphore::new(quick)),
            all: Arc::new(Semaphore::new(all)),
            patience,
        }
    }

    /// Does the work when there is a place for it, first come, first served. It takes no memory
    /// before.
    pub(crate) async fn run<F: Future>(&self, work: impl FnOnce() -> F) -> F::Output {
        // They are never closed; without a permit the work is merely done at once.
        let _place = self.all.acquire().await.ok();
        let mut quick = self.quick.acquire().await.ok();
        let mut work = Box::pin(work());
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(self.patience) => drop(quick.take()),
        }
        work.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_hangs_does_not_keep_the_others_waiting() {
        let slots = Slots::new(2, 8, Duration::from_millis(250));
        let mut hanging = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let slots = slots.clone();
            hanging.spawn(async move { slots.run(|| tokio::time::sleep(Duration::MAX)).await });
        }
        tokio::task::yield_now().await;
        let begun = tokio::time::Instant::now();
        slots.run(async || {}).await;
        assert!(begun.elapsed() <= Duration::from_millis(600));
        let begun = tokio::time::Instant::now();
        slots.run(async || {}).await;
        assert_eq!(begun.elapsed(), Duration::ZERO, "all that hang are known");
        for _ in 0..4 {
            let slots = slots.clone();
            hanging.spawn(async move { slots.run(|| tokio::time::sleep(Duration::MAX)).await });
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let full = tokio::time::timeout(Duration::from_mins(1), slots.run(async || {}));
        assert!(full.await.is_err(), "there is a limit");
    }
}

//! Figures that each worker keeps for people to read.

use std::time::Duration;

use selvedge_sync::primitive::atomic::{AtomicU64, Ordering};

/// A count that one thread raises and anyone reads.
#[derive(Debug, Default)]
pub(crate) struct OwnedCount(AtomicU64);

impl OwnedCount {
    /// For the owning worker only.
    pub(super) fn add(&self, more: u64) {
        // Ordering: Relaxed; a figure for people, written by one thread.
        let count = self.0.load(Ordering::Relaxed);
        // Ordering: Relaxed, as above.
        self.0.store(count.wrapping_add(more), Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        // Ordering: Relaxed, as above.
        self.0.load(Ordering::Relaxed)
    }
}

/// What one worker has done so far.
#[derive(Debug, Default)]
pub(crate) struct WorkerCounts {
    pub(crate) parks: OwnedCount,
    pub(crate) unparks: OwnedCount,
    /// Successful thefts, not tasks.
    pub(crate) steals: OwnedCount,
    pub(crate) busy_nanos: OwnedCount,
    /// Polls that ended only after another thread had stood in for the worker.
    pub(crate) stuck_polls: OwnedCount,
}

impl WorkerCounts {
    pub(super) fn add_busy(&self, busy: Duration) {
        self.busy_nanos
            .add(u64::try_from(busy.as_nanos()).unwrap_or(u64::MAX));
    }
}

//! The part of a worker that others see: its queues, its parker, and whether it is stuck.

use selvedge_sync::primitive::atomic::{AtomicBool, AtomicU64, Ordering};

use super::lifo_slot::LifoSlot;
use super::local_queue::LocalQueue;
use super::metrics::WorkerCounts;
use crate::cache_line::CacheLine;
use crate::driver::parker::Parker;

#[derive(Debug)]
pub(crate) struct Seat {
    pub(super) queue: LocalQueue,
    pub(super) lifo: CacheLine<LifoSlot>,
    /// Odd while the worker is inside a poll. Written by the worker, sampled by the monitor.
    polls: CacheLine<AtomicU64>,
    /// Set by the monitor, or by `block_in_place`, when another thread stands in for this worker.
    stuck: AtomicBool,
    /// Set by the monitor once a period: look into the driver, however few polls that took.
    look_due: AtomicBool,
    pub(super) parker: Parker,
    pub(super) counts: WorkerCounts,
}

impl Seat {
    pub(super) fn new() -> Self {
        Self {
            queue: LocalQueue::new(),
            lifo: CacheLine(LifoSlot::new()),
            polls: CacheLine(AtomicU64::new(0)),
            stuck: AtomicBool::new(false),
            look_due: AtomicBool::new(false),
            parker: Parker::new(),
            counts: WorkerCounts::default(),
        }
    }

    /// Marks the begin or the end of a poll. For the worker only.
    pub(super) fn tick_poll(&self) {
        // Ordering: Relaxed; a sample that comes late costs the monitor one period.
        let polls = self.polls.0.load(Ordering::Relaxed);
        // Ordering: Relaxed, as above; only the worker writes, so no read-modify-write is needed.
        self.polls.0.store(polls + 1, Ordering::Relaxed);
    }

    /// The number of the poll the worker is in, if it is in one.
    pub(super) fn poll_under_way(&self) -> Option<u64> {
        // Ordering: Relaxed, as in `tick_poll`.
        let polls = self.polls.0.load(Ordering::Relaxed);
        (polls % 2 == 1).then_some(polls)
    }

    /// Polls so far.
    pub(super) fn polls(&self) -> u64 {
        // Ordering: Relaxed; a figure for people.
        self.polls.0.load(Ordering::Relaxed).div_ceil(2)
    }

    pub(super) fn set_look_due(&self) {
        // Ordering: Relaxed; publishes nothing, and a late look is one poll late.
        self.look_due.store(true, Ordering::Relaxed);
    }

    /// Is a look at the driver due? Not twice for one request. For the worker only.
    pub(super) fn take_look_due(&self) -> bool {
        // Ordering: Relaxed, as in `set_look_due`.
        let due = self.look_due.load(Ordering::Relaxed);
        if due {
            // Ordering: Relaxed, as above.
            self.look_due.store(false, Ordering::Relaxed);
        }
        due
    }

    pub(super) fn is_stuck(&self) -> bool {
        // Ordering: Relaxed; a hint. Who acts on it goes through `set_stuck` or `clear_stuck`.
        self.stuck.load(Ordering::Relaxed)
    }

    /// True if the seat was not stuck before.
    pub(super) fn set_stuck(&self) -> bool {
        // Ordering: AcqRel; one order of all changes, so that each set has one clear.
        !self.stuck.swap(true, Ordering::AcqRel)
    }

    /// True if the seat was stuck before.
    pub(super) fn clear_stuck(&self) -> bool {
        // Ordering: AcqRel, as above.
        self.stuck.swap(false, Ordering::AcqRel)
    }
}

//! What tests see of the timers of a runtime, and how they fire one shard alone.
#![cfg_attr(
    selvedge_loom,
    allow(dead_code, reason = "the models look at less than the tests")
)]

use std::time::Instant;

use super::{FirstPanic, Timers};

impl Timers {
    /// The earliest deadline of all shards. Takes no lock, unless timers were cancelled.
    ///
    /// It may be early by a few milliseconds or, for deadlines far away, more: see
    /// `Wheel::next_wake`. Never late.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.scale.start_of(self.first_refreshed()?)
    }

    /// As [`next_deadline`](Self::next_deadline), of one shard.
    pub(crate) fn next_deadline_shard(&self, index: usize) -> Option<Instant> {
        self.scale.start_of(self.shards[index].next_refreshed()?)
    }

    /// As [`fire_due`](Self::fire_due), of one shard. Takes no lock if nothing is due.
    ///
    /// # Panics
    ///
    /// As [`fire_due`](Self::fire_due).
    pub(crate) fn fire_due_shard(&self, index: usize, now: Instant) -> usize {
        let mut panic = FirstPanic::default();
        let fired = self.shards[index].fire_due(self.scale.at_or_before(now), &mut panic);
        panic.resume();
        fired
    }

    /// True if the shard has timers: then it is worth reading the clock for
    /// [`fire_due_shard`](Self::fire_due_shard).
    #[inline]
    pub(crate) fn has_timers(&self, index: usize) -> bool {
        self.shards[index].next().is_some()
    }
}

//! All timers of one runtime: its shards, and what its driver does with them.
//!
//! The life of a timer: at its first poll, a future files its [entry](super::entry) in the
//! [shard](super::shard) of the worker that polls it. Busy workers now and then, and whoever comes back
//! from the driver, look at all shards ([`fire_due`](Timers::fire_due)), so a timer also fires when its
//! own worker is busy.
//!
//! One turn of the driver:
//!
//! 1. [`prepare_park`](Timers::prepare_park) says how long to park.
//! 2. Park that long. An unpark that came since step 1 must end it at once.
//! 3. [`finish_park`](Timers::finish_park), then [`fire_due`](Timers::fire_due).
//!
//! Why no deadline is slept through: see [`parking`](super::parking).

use std::time::{Duration, Instant};

use selvedge_sync::primitive::{Arc, thread};

use super::clock::Clock;
use super::parking::DriverSleep;
use super::pool;
use super::shard::{RuntimeId, Shard, Tenant, TimerContext};
use super::tick::{Tick, TickScale};
use selvedge_sync::wake_batch::FirstPanic;

/// How long the driver may park.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParkFor {
    /// Until an event or an unpark: no timer is filed, or time stands still and somebody holds it.
    Event,
    /// That long at most.
    Timeout(Duration),
    /// Not at all: time stands still. Look for events without waiting; if there are none, nobody
    /// unparked and no task can run, call [`Clock::auto_advance`] with this instant.
    Jump(Instant),
}

/// The timers of a runtime.
#[derive(Debug)]
pub(crate) struct Timers {
    runtime: RuntimeId,
    scale: TickScale,
    clock: Arc<Clock>,
    shards: Box<[&'static Shard]>,
    driver: Arc<DriverSleep>,
}

impl Timers {
    /// Timers for `shards` workers. `unpark` ends the sleep of the driver, or the next one if it is
    /// awake; it may be called by any thread, while no lock of the timers is held. It must not own
    /// the timers, or they would never be dropped.
    pub(crate) fn new(
        shards: usize,
        clock: Arc<Clock>,
        unpark: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        assert!(shards > 0, "timers need a shard to be in");
        let runtime = pool::new_runtime_id();
        let scale = clock.scale();
        let driver = Arc::new(DriverSleep::new(unpark));
        let move_in = |_| {
            let shard = pool::take();
            shard.move_in(Tenant {
                runtime,
                scale,
                driver: Arc::clone(&driver),
            });
            shard
        };
        Self {
            runtime,
            scale,
            shards: (0..shards).map(move_in).collect(),
            clock,
            driver,
        }
    }

    /// The clock the deadlines refer to.
    pub(crate) fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    /// What the context of a thread should say. `wake_driver` is true for all threads but the
    /// worker that owns shard `index`.
    #[inline]
    pub(crate) fn context(&self, index: usize, wake_driver: bool) -> TimerContext {
        TimerContext {
            shard: self.shards[index],
            runtime: self.runtime,
            wake_driver,
        }
    }

    /// Fires the timers of all shards that are due at `now`; how many those were.
    ///
    /// # Panics
    ///
    /// If a waker panics; the panic goes on here after all the others were woken.
    pub(crate) fn fire_due(&self, now: Instant) -> usize {
        let now = self.scale.at_or_before(now);
        let mut panic = FirstPanic::default();
        let fire = |shard: &&Shard| shard.fire_due(now, &mut panic);
        let fired = self.shards.iter().map(fire).sum();
        panic.resume();
        fired
    }

    /// True if there are timers: then it is worth reading the clock for [`fire_due`](Self::fire_due).
    #[inline]
    pub(crate) fn has_any(&self) -> bool {
        self.first().is_some()
    }

    /// Announces that the driver is going to park, and says how long it may.
    ///
    /// For one thread at a time, the one that has the driver.
    pub(crate) fn prepare_park(&self) -> ParkFor {
        let deadline = self.announce_park();
        let Some(deadline) = deadline.and_then(|tick| self.scale.start_of(tick)) else {
            return ParkFor::Event;
        };
        if !self.clock.is_paused() {
            ParkFor::Timeout(deadline.saturating_duration_since(self.clock.now()))
        } else if self.clock.can_auto_advance() {
            ParkFor::Jump(deadline)
        } else {
            ParkFor::Event
        }
    }

    /// The steps D1 to D3 of `parking`: until when the driver may sleep.
    fn announce_park(&self) -> Option<Tick> {
        let first = self.first_refreshed();
        self.driver.announce(first);
        match (first, self.first()) {
            (Some(first), Some(again)) => Some(first.min(again)),
            (first, again) => first.or(again),
        }
    }

    /// Says that the driver is awake.
    pub(crate) fn finish_park(&self) {
        self.driver.awake();
    }

    /// Leaves the timers of shard `index` to the driver: for a worker that goes idle elsewhere.
    ///
    /// Unparks the driver if it would sleep past one. While the driver is awake this does nothing:
    /// whoever has it looks at all shards before it parks.
    pub(crate) fn hand_over(&self, index: usize) {
        if let Some(tick) = self.shards[index].next_refreshed() {
            if self.driver.is_needed_for(tick) {
                self.driver.unpark();
            }
        }
    }

    /// Keeps the driver from moving paused time until the result is dropped: for blocking jobs.
    /// `None`, and free, if time cannot be paused.
    pub(crate) fn hold_time(timers: &Arc<Self>) -> Option<TimeHold> {
        timers.clock.is_pausable().then(|| {
            timers.clock.hold();
            TimeHold(Arc::clone(timers))
        })
    }

    /// Ends all timers. Whoever polls one of them afterwards is told that its runtime is gone.
    /// Idempotent.
    ///
    /// # Panics
    ///
    /// If a waker panics; the panic goes on here after all the others were woken.
    pub(crate) fn shutdown(&self) {
        let mut panic = FirstPanic::default();
        self.move_out(&mut panic);
        panic.resume();
    }

    fn move_out(&self, panic: &mut FirstPanic) {
        for shard in &self.shards {
            shard.move_out(panic);
        }
    }

    fn first(&self) -> Option<Tick> {
        self.shards.iter().filter_map(|shard| shard.next()).min()
    }

    fn first_refreshed(&self) -> Option<Tick> {
        let next = |shard: &&Shard| shard.next_refreshed();
        self.shards.iter().filter_map(next).min()
    }
}

impl Drop for Timers {
    fn drop(&mut self) {
        let mut panic = FirstPanic::default();
        self.move_out(&mut panic);
        for shard in &self.shards {
            pool::give_back(shard);
        }
        // A second panic during unwinding would abort the process.
        if thread::panicking() {
            panic.swallow();
        } else {
            panic.resume();
        }
    }
}

/// While it exists, the driver does not move paused time.
#[derive(Debug)]
#[must_use = "dropping it lets time go on"]
pub(crate) struct TimeHold(Arc<Timers>);

impl Drop for TimeHold {
    fn drop(&mut self) {
        if self.0.clock.release() {
            self.0.driver.unpark();
        }
    }
}

#[cfg(test)]
mod probe;

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

#[cfg(all(test, selvedge_loom))]
mod loom;

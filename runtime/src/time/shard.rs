//! One worker's timers: a wheel behind a lock, and its next deadline for all to read.
//!
//! Each worker files the timers of the tasks it polls in its own shard, so the lock is free nearly
//! always. It is not free when a task moved and cancels a timer it filed elsewhere, or when the
//! driver fires timers for a worker that is busy.
//!
//! # Lifetime
//!
//! Shards are never freed. A runtime takes them from the [pool](super::pool) and gives them back,
//! and a sleeping future keeps a plain `&'static Shard`: no count of references is touched when a
//! timer is made or dropped. A future may outlive its runtime; it then finds the shard without
//! tenant, or with another one.
//!
//! # Invariants
//!
//! I1. All nodes of the wheel belong to entries of the tenant. Without tenant the wheel is empty.
//!
//! I2. `next` is not later than the earliest deadline in the wheel. It is written under the lock.
//!
//! I3. `next` may be too early when `stale` is set: its timer was cancelled. Too early costs one
//! needless look; finding the true one at each cancellation would cost more.
//!
//! I4. No waker is cloned, woken or dropped under the lock, and no other foreign code runs there.

use std::fmt;
use std::pin::Pin;

use selvedge_sync::primitive::atomic::{AtomicBool, AtomicU64, Ordering};
use selvedge_sync::primitive::{Arc, Mutex, MutexGuard};

use super::entry::{Entry, QueueStep, TimerQueue};
use super::parking::DriverSleep;
use super::tick::{Tick, TickScale};
use super::wheel::AlreadyDue;
use selvedge_sync::wake_batch::{FirstPanic, WakeBatch};

/// After every deadline: the shard has no timer.
const NO_DEADLINE: u64 = u64::MAX;

/// Wheel steps under one hold of the lock: about ten microseconds.
const STEPS_PER_LOCK_MAX: usize = 512;

/// Tells runtimes apart, also past ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RuntimeId(pub(super) u64);

/// The runtime that uses a shard.
pub(super) struct Tenant {
    pub(super) runtime: RuntimeId,
    pub(super) scale: TickScale,
    pub(super) driver: Arc<DriverSleep>,
}

/// The timers of one worker.
pub(crate) struct Shard {
    locked: Mutex<LockedShard>,
    next: AtomicU64,
    stale: AtomicBool,
}

/// What the lock of a [`Shard`] protects.
pub(super) struct LockedShard {
    pub(super) timers: TimerQueue,
    tenant: Option<Tenant>,
}

impl LockedShard {
    /// How the tenant counts time, if the tenant is that runtime.
    pub(super) fn scale(&self, runtime: RuntimeId) -> Option<TickScale> {
        let tenant = self.tenant.as_ref()?;
        (tenant.runtime == runtime).then_some(tenant.scale)
    }
}

/// The driver has to be unparked, once the lock is released.
#[must_use = "a driver that is not unparked sleeps past the new timer"]
pub(super) struct UnparkDriver(Arc<DriverSleep>);

impl UnparkDriver {
    /// Does it, if there is need. With no lock held.
    pub(super) fn now(need: Option<Self>) {
        if let Some(Self(driver)) = need {
            driver.unpark();
        }
    }
}

impl Shard {
    /// A shard without tenant.
    pub(super) fn new() -> Self {
        Self {
            locked: Mutex::new(LockedShard {
                timers: TimerQueue::new(),
                tenant: None,
            }),
            next: AtomicU64::new(NO_DEADLINE),
            stale: AtomicBool::new(false),
        }
    }

    /// Takes the lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, LockedShard> {
        self.locked.lock()
    }

    /// Gives the shard to a runtime.
    pub(super) fn move_in(&self, tenant: Tenant) {
        let mut locked = self.lock();
        assert!(locked.tenant.is_none(), "a shard has one tenant at a time");
        locked.timers.rewind();
        locked.tenant = Some(tenant);
    }

    /// Files a timer, with the lock held.
    ///
    /// `foreign` says that the caller is not the worker of this shard: then nobody else may look
    /// at the shard in time, and the driver has to be unparked if it sleeps too long.
    pub(super) fn file(
        &self,
        locked: &mut LockedShard,
        timer: Pin<&Entry>,
        tick: Tick,
        foreign: bool,
    ) -> Result<Option<UnparkDriver>, AlreadyDue> {
        locked.timers.insert(timer, tick)?;
        // Ordering: Relaxed; written under the lock only.
        if tick.get() < self.next.load(Ordering::Relaxed) {
            self.publish(Some(tick));
        }
        let tenant = locked.tenant.as_ref().filter(|_| foreign);
        Ok(tenant
            .filter(|tenant| tenant.driver.is_needed_for(tick))
            .map(|tenant| UnparkDriver(Arc::clone(&tenant.driver))))
    }

    /// Takes a filed timer off the wheel, with the lock held.
    pub(super) fn unfile(&self, locked: &mut LockedShard, timer: Pin<&Entry>) {
        let tick = locked.timers.remove(timer);
        if locked.timers.is_empty() {
            self.publish(None);
        // Ordering: Relaxed, both; written under the lock only.
        } else if tick.get() == self.next.load(Ordering::Relaxed) {
            self.stale.store(true, Ordering::Relaxed);
        }
    }

    /// The next deadline, or something earlier. Takes no lock.
    pub(super) fn next(&self) -> Option<Tick> {
        // Ordering: Relaxed; who must not miss a new deadline has a fence before this, paired with
        // that of `DriverSleep::is_needed_for`. Others read it for what it is worth.
        let next = self.next.load(Ordering::Relaxed);
        (next != NO_DEADLINE).then(|| Tick::new(next))
    }

    /// The next deadline. Takes the lock if the published one is stale.
    pub(super) fn next_refreshed(&self) -> Option<Tick> {
        // Ordering: Relaxed; a hint that it is worth taking the lock.
        if self.stale.load(Ordering::Relaxed) {
            let locked = self.lock();
            self.publish(locked.timers.next_wake());
        }
        self.next()
    }

    /// Fires all timers that are due at `now`; how many those were.
    ///
    /// A waker that panics leaves its panic in `panic`, and the others are woken.
    pub(super) fn fire_due(&self, now: Tick, panic: &mut FirstPanic) -> usize {
        if self.next().is_none_or(|next| now < next) {
            return 0;
        }
        let mut batch = WakeBatch::new();
        let mut fired = 0;
        loop {
            let mut locked = self.lock();
            let more = Self::collect_due(&mut locked, now, &mut batch, &mut fired);
            self.publish(locked.timers.next_wake());
            drop(locked);
            batch.wake_all_into(panic);
            if !more {
                return fired;
            }
        }
    }

    /// Ends what is due, until the batch is full or the lock was held long enough: then true.
    fn collect_due(
        locked: &mut LockedShard,
        now: Tick,
        batch: &mut WakeBatch,
        fired: &mut usize,
    ) -> bool {
        for _ in 0..STEPS_PER_LOCK_MAX {
            if batch.is_full() {
                return true;
            }
            match locked.timers.step(now) {
                QueueStep::Fired(waker) => {
                    batch.push(waker);
                    *fired += 1;
                }
                QueueStep::Continue => {}
                QueueStep::Done => return false,
            }
        }
        true
    }

    /// Ends all timers because the runtime is going away, and parts from it. Idempotent.
    ///
    /// Without tenant nothing is filed any more, so the loop ends.
    pub(super) fn move_out(&self, panic: &mut FirstPanic) {
        let mut batch = WakeBatch::new();
        loop {
            let mut locked = self.lock();
            let tenant = locked.tenant.take();
            while !batch.is_full() {
                let Some(waker) = locked.timers.abandon_any() else {
                    break;
                };
                batch.push(waker);
            }
            let done = locked.timers.is_empty();
            self.publish(locked.timers.next_wake());
            drop(locked);
            drop(tenant);
            batch.wake_all_into(panic);
            if done {
                return;
            }
        }
    }

    /// Stores the next deadline, with the lock held (I2).
    fn publish(&self, next: Option<Tick>) {
        // Ordering: Relaxed, both; see `next`.
        self.next
            .store(next.map_or(NO_DEADLINE, Tick::get), Ordering::Relaxed);
        self.stale.store(false, Ordering::Relaxed);
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shard")
            .field("next", &self.next())
            .finish_non_exhaustive()
    }
}

/// Where the current thread files timers; made by the runtime's context, cheap to copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimerContext {
    /// The shard of this worker, or any shard of the runtime on other threads.
    pub(crate) shard: &'static Shard,
    /// The runtime the shard belongs to now.
    pub(crate) runtime: RuntimeId,
    /// True on threads that are not the worker of `shard`: the driver has to be told of new timers.
    pub(crate) wake_driver: bool,
}

//! Until when the driver sleeps, and who has to wake it for an earlier timer.
//!
//! One thread at a time parks in the driver, until the earliest deadline it knows. A timer filed
//! later, on another thread, may be earlier still. Both sides announce what they do, then look at
//! what the other announced:
//!
//! ```text
//!   the parking driver (D)                        who files a timer (F)
//!   D1  first = earliest of all shards
//!   D2  until := first                            F1  shard.next := tick, under the shard's lock
//!       ── fence(SeqCst) ──                           ── fence(SeqCst) ──
//!   D3  again = earliest of all shards            F2  if tick < until: until := tick, unpark
//!   D4  parks until `again`
//!   D5  until := AWAKE
//! ```
//!
//! # Invariants
//!
//! I1. `until` is never later than the driver really sleeps. If it is earlier, an unpark has been
//! sent or is about to be sent by the thread that lowered it.
//!
//! I2. `AWAKE` is before every deadline: a driver that is awake is never unparked.
//!
//! # Why no timer is slept through
//!
//! The two fences are in one total order. If F's comes first, D3 reads what F1 stored, and the
//! driver parks until that tick at the latest. If D's comes first, F2 reads what D2 stored or
//! something later: `AWAKE` from D5, then the driver looks at all shards before it parks again; or
//! a value that is not greater than F's tick, then by I1 the driver wakes by then; or a greater one,
//! then F unparks. An unpark must stick: sent before D4 it makes D4 return at once.
//!
//! A worker that files a timer in its own shard need not do F2 then, only before it goes idle
//! without being the driver itself; see `Timers::hand_over`.

use std::fmt;

use selvedge_sync::primitive::atomic::{AtomicU64, Ordering};
use selvedge_sync::primitive::fence;

use super::tick::Tick;

/// Before every deadline (I2): not even tick zero is less than it.
const AWAKE: u64 = 0;

/// After every deadline: parked until an event.
const UNTIL_EVENT: u64 = u64::MAX;

const _: () = assert!(Tick::MAX.get() < UNTIL_EVENT, "no deadline means \"never\"");

/// Until when the driver of one runtime sleeps, and how to end that.
pub(crate) struct DriverSleep {
    until: AtomicU64,
    unpark: Box<dyn Fn() + Send + Sync>,
}

impl DriverSleep {
    /// A driver that is awake. `unpark` ends its sleep, or the next one if it is awake.
    pub(super) fn new(unpark: Box<dyn Fn() + Send + Sync>) -> Self {
        Self {
            until: AtomicU64::new(AWAKE),
            unpark,
        }
    }

    /// D2: the driver is going to sleep until `first`. Look at all shards once more after this.
    pub(super) fn announce(&self, first: Option<Tick>) {
        // Ordering: Relaxed; the fence orders it before D3, and nothing is published through it.
        self.until
            .store(first.map_or(UNTIL_EVENT, Tick::get), Ordering::Relaxed);
        // Ordering: SeqCst; pairs with the fence in `is_needed_for`.
        fence(Ordering::SeqCst);
    }

    /// D5: the driver does not sleep.
    pub(super) fn awake(&self) {
        // Ordering: Relaxed; a reader of the old value sends an unpark nobody needs.
        self.until.store(AWAKE, Ordering::Relaxed);
    }

    /// F2: true if the driver would sleep past `tick` and the caller has to [`unpark`](Self::unpark)
    /// it. The caller has stored `tick` where D3 looks.
    ///
    /// True for one of several threads that ask at once, so that a burst of new timers costs one
    /// unpark.
    pub(super) fn is_needed_for(&self, tick: Tick) -> bool {
        // Ordering: SeqCst; pairs with the fence in `announce`.
        fence(Ordering::SeqCst);
        // Ordering: Relaxed, both; the fences order them against D2, and the value is all there is.
        tick.get() < self.until.load(Ordering::Relaxed)
            && tick.get() < self.until.fetch_min(tick.get(), Ordering::Relaxed)
    }

    /// Ends the driver's sleep. Foreign code: call it with no lock held.
    pub(super) fn unpark(&self) {
        (self.unpark)();
    }
}

impl fmt::Debug for DriverSleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ordering: Relaxed; a snapshot for people.
        let until = self.until.load(Ordering::Relaxed);
        let mut out = f.debug_tuple("DriverSleep");
        match until {
            AWAKE => out.field(&"awake"),
            UNTIL_EVENT => out.field(&"until an event"),
            tick => out.field(&Tick::new(tick)),
        };
        out.finish()
    }
}

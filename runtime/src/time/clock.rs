//! The clock of a runtime: the one place where time comes from.
//!
//! A clock runs in real time, or stands still and is moved by hand: by a test, or by the driver, which
//! jumps to the next deadline when nothing else is left to do. As long as no clock of the process was
//! ever paused, reading any clock is one load and a read of the system's.
//!
//! ```text
//!   Running { base, since }   now = base + (real now - since)
//!   Paused { at }             now = at
//! ```
//!
//! # Invariants
//!
//! I1. Time never goes backwards: pausing, moving and resuming all start from the present `now`.
//!
//! I2. Time is moved by the driver only while nobody [holds](Clock::hold) it. Blocking jobs do: their
//! outcome may be an event that comes before the next deadline.

#[cfg(any(test, feature = "test-util"))]
mod control;
pub(super) mod ever_paused;

use std::time::Instant;

use selvedge_sync::primitive::Mutex;
use selvedge_sync::primitive::atomic::{AtomicUsize, Ordering};

use super::tick::TickScale;

/// Time, as one runtime sees it.
#[derive(Debug)]
pub(crate) struct Clock {
    origin: Instant,
    pausable: bool,
    course: Mutex<Course>,
    holders: AtomicUsize,
}

#[derive(Debug, Clone, Copy)]
enum Course {
    Running { base: Instant, since: Instant },
    Paused { at: Instant },
}

impl Course {
    fn now(self) -> Instant {
        match self {
            // Zero if the system's clock steps back, as some do.
            Self::Running { base, since } => base + since.elapsed(),
            Self::Paused { at } => at,
        }
    }
}

impl Clock {
    /// A clock that can be paused or not, and stands still from the start or not.
    ///
    /// # Panics
    ///
    /// If it is to start paused and cannot be paused.
    #[track_caller]
    pub(crate) fn new(pausable: bool, start_paused: bool) -> Self {
        assert!(
            pausable || !start_paused,
            "only a current-thread runtime can start with its time paused: build it with \
             `Builder::new_current_thread`"
        );
        let origin = Instant::now();
        let course = if start_paused {
            ever_paused::set();
            Course::Paused { at: origin }
        } else {
            Course::Running {
                base: origin,
                since: origin,
            }
        };
        Self {
            origin,
            pausable,
            course: Mutex::new(course),
            holders: AtomicUsize::new(0),
        }
    }

    /// The present.
    #[inline]
    pub(crate) fn now(&self) -> Instant {
        if self.pausable && ever_paused::get() {
            self.course.lock().now()
        } else {
            Instant::now()
        }
    }

    /// How timers count on this clock.
    pub(super) fn scale(&self) -> TickScale {
        if self.pausable {
            TickScale::exact(self.origin)
        } else {
            TickScale::real(self.origin)
        }
    }

    /// False if time never stands still.
    pub(super) fn is_pausable(&self) -> bool {
        self.pausable
    }

    /// True if time stands still.
    pub(crate) fn is_paused(&self) -> bool {
        self.pausable && ever_paused::get() && matches!(*self.course.lock(), Course::Paused { .. })
    }

    /// True if the driver may move time when nothing is left to do.
    pub(crate) fn can_auto_advance(&self) -> bool {
        // Ordering: Acquire; pairs with the Release in `release`: what the holder woke before it let
        // go can be seen now.
        self.is_paused() && self.holders.load(Ordering::Acquire) == 0
    }

    /// Moves a paused clock on to `to`, unless somebody holds it (I2); true if it stands there now.
    pub(crate) fn auto_advance(&self, to: Instant) -> bool {
        if !self.can_auto_advance() {
            return false;
        }
        match &mut *self.course.lock() {
            Course::Paused { at } => {
                *at = to.max(*at);
                true
            }
            Course::Running { .. } => false,
        }
    }

    /// Keeps the driver from moving time, until [`release`](Self::release) was called as often.
    pub(super) fn hold(&self) {
        // Ordering: Relaxed; the caller is a task or starts one, so the driver is not parking, and
        // what makes it park later is ordered after this.
        self.holders.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends a [`hold`](Self::hold); true if the driver may wait for that, and has to be unparked.
    pub(super) fn release(&self) -> bool {
        // Ordering: Release; pairs with the Acquire in `can_auto_advance`.
        let before = self.holders.fetch_sub(1, Ordering::Release);
        assert!(before > 0, "time was released more often than held");
        before == 1 && self.is_paused()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

//! `OneShotEvent`: an event that is set once and stays so.

use std::fmt;
use std::time::Duration;

use super::state::{Snapshot, WAITERS};
use super::{Event, EventWait};
use crate::primitive::atomic::Ordering;
use crate::time_limit::{Elapsed, TimeLimit};

/// An event that is set once and stays so: for what happens once, such as "ready" or "closed".
///
/// As [`Event`], without `clear`: who sees it set can rely on it.
///
/// # Fairness
///
/// All that wait are released together, and woken in the order in which they came.
///
/// # Examples
///
/// ```
/// use selvedge::sync::OneShotEvent;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// static READY: OneShotEvent = OneShotEvent::new();
///
/// assert!(READY.set(), "the first one sets it");
/// assert!(!READY.set());
/// READY.wait().await;
/// # }
/// ```
#[derive(Default)]
pub struct OneShotEvent {
    event: Event,
}

impl OneShotEvent {
    crate::primitive::const_fn! {
        /// An event that is not set.
        #[must_use]
        pub const fn new() -> Self {
            Self { event: Event::new() }
        }
    }

    /// True once the event is set.
    #[inline]
    pub fn is_set(&self) -> bool {
        self.event.is_set()
    }

    /// Sets the event for good and releases all that wait; true for the first call.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn set(&self) -> bool {
        let raised = self.event.raise();
        if raised == Raised::ReleaseWaiters {
            self.event.release_waiters();
        }
        raised != Raised::Before
    }

    /// Waits until the event is set.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn wait(&self) -> EventWait<'_> {
        self.event.wait()
    }

    /// As [`wait`](Self::wait), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_timeout(&self, limit: Duration) -> TimeLimit<EventWait<'_>> {
        self.event.wait_timeout(limit)
    }

    /// Blocks the thread until the event is set; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait(&self) {
        self.event.blocking_wait();
    }

    /// As [`blocking_wait`](Self::blocking_wait), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait_timeout(&self, limit: Duration) -> Result<(), Elapsed> {
        self.event.blocking_wait_timeout(limit)
    }
}

impl fmt::Debug for OneShotEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OneShotEvent")
            .field(&self.event.state())
            .finish()
    }
}

/// What who sets an event for good has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Raised {
    /// Nothing: it was set before.
    Before,
    /// Nothing: nobody waits.
    Alone,
    /// Call [`Event::release_waiters`].
    ReleaseWaiters,
}

/// For events that nobody clears.
impl Event {
    /// Sets the event for good, in one step and without its lock.
    pub(crate) fn raise(&self) -> Raised {
        let set = Snapshot::CLEAR.set_for_good();
        // Ordering: AcqRel; Release pairs with the Acquire of who sees the event set, Acquire lets
        // other setters' Releases pass on through this change.
        let before = Snapshot(self.word.fetch_or(set.0, Ordering::AcqRel));
        match (before.is_set(), before.has_waiters()) {
            (true, _) => Raised::Before,
            (false, false) => Raised::Alone,
            (false, true) => Raised::ReleaseWaiters,
        }
    }

    /// Releases those who wait for an event that was [raised](Self::raise).
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub(crate) fn release_waiters(&self) {
        let waiters = self.waiters.lock();
        // Ordering: AcqRel, so that the Releases of others pass on through this change.
        self.word.fetch_and(!WAITERS, Ordering::AcqRel);
        waiters.broadcast();
    }
}

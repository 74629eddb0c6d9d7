//! `Event`: a flag that tasks and threads wait for, and its kind that is set only once.
//!
//! # Picture
//!
//! ```text
//!               1 ───────────►              2 ────────────►
//!   waited for                   clear                         set
//!        │      ◄─────────── 3              ◄──────────── 4     ▲
//!        └────────────────────────── 2 ────────────────────────┘
//! ```
//! 1 the last waiter gives up · 2 `set` · 3 `wait` joins the queue · 4 `clear`
//!
//! # Invariants
//!
//! I1. `WAITERS` in the [state word](state::Snapshot) says that the queue has an open waiter. It
//! changes only under the lock, and is exact whenever the lock is free.
//!
//! I2. While `WAITERS` is set, `SET` of an [`Event`] changes only under the lock.
//!
//! I3. Who queued before a `set` is released by it, whatever comes after.
//!
//! # Why no waiter is forgotten
//!
//! `set` and a waiter that starts to wait both change the word, so one comes first. Either the
//! waiter finds `SET`, or `set` finds `WAITERS`, takes the lock, and with it finds the waiter queued:
//! the lock is held from setting the bit until the waiter is linked. The broadcast starts under that
//! lock, so that it covers exactly those who were queued then.
//!
//! An event that is never cleared needs less: after `SET` nobody joins, so `WAITERS` may stay until
//! the broadcast, which can come later. A tree of tokens is marked so under one lock, and its waiters
//! are released after it.
//!
//! `set` and `clear` of a set event are read-modify-writes even where nothing changes. A task that
//! clears, then looks at the data, then waits must see what came before each `set`: either it sees
//! `SET` again, or its `clear` comes after the `set` in the order of the word and acquires its data.

pub(crate) mod one_shot;
mod state;
pub(crate) mod wait;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

pub use self::one_shot::OneShotEvent;
use self::state::{Snapshot, WAITERS};
use self::wait::SetWait;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::thread_block::{block_thread_for, block_thread_on};
use crate::time_limit::{Elapsed, TimeLimit};
use crate::wait_list::{LockedQueue, WaitQueue, has_wait_queue};

/// A flag that is set and cleared, and that many wait for.
///
/// While it is set, [`wait`](Self::wait) returns at once. [`set`](Self::set) releases all that wait,
/// also when [`clear`](Self::clear) follows at once: who waits need not see the flag set to be
/// released by it. So a wait that has returned says that the event *was* set.
///
/// What happened before a `set` is visible to whom it releases, and to who clears it.
///
/// An event that is set only once is a [`OneShotEvent`]; one that also carries a value is a
/// [`SetOnce`](crate::SetOnce).
///
/// # Fairness
///
/// All that wait are released together, and woken in the order in which they came.
///
/// # Examples
///
/// A valve: workers go on while it is open.
///
/// ```
/// use selvedge::sync::Event;
/// use std::sync::Arc;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let open = Arc::new(Event::new());
/// let worker = selvedge::spawn({
///     let open = open.clone();
///     async move {
///         open.wait().await;
///         "worked"
///     }
/// });
/// open.set();
/// assert_eq!(worker.await.unwrap(), "worked");
/// open.clear();
/// assert!(!open.is_set());
/// # }
/// ```
pub struct Event {
    word: AtomicUsize,
    waiters: WaitQueue<()>,
}

has_wait_queue!(Event, waiters: ());

impl Event {
    crate::primitive::const_fn! {
        /// An event that is not set.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                word: AtomicUsize::new(Snapshot::CLEAR.0),
                waiters: WaitQueue::new(),
            }
        }
    }

    fn state(&self) -> Snapshot {
        // Ordering: Acquire; pairs with the Release of who set the event.
        Snapshot(self.word.load(Ordering::Acquire))
    }

    /// True while the event is set.
    #[inline]
    pub fn is_set(&self) -> bool {
        self.state().is_set()
    }

    /// Sets the event and releases all that wait.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn set(&self) {
        let mut current = self.state();
        while !current.has_waiters() {
            // Also done if the event is set, see the head of the file.
            // Ordering: AcqRel; Release pairs with the Acquire of who sees the event set or clears
            // it, Acquire lets other setters' Releases pass on through this change.
            match self.word.compare_exchange_weak(
                current.0,
                current.set().0,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return,
                Err(actual) => current = Snapshot(actual),
            }
        }
        let waiters = self.waiters.lock();
        // Ordering: AcqRel, as above.
        let _ = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                Some(Snapshot(word).set().0)
            });
        waiters.broadcast();
    }

    /// Clears the event: who comes from now on waits for the next [`set`](Self::set).
    ///
    /// Returns true if it was set.
    pub fn clear(&self) -> bool {
        let mut current = self.state();
        while current.is_set() {
            // Ordering: AcqRel; Acquire pairs with the Release of all who set the event, Release
            // lets theirs pass on through this change.
            match self.word.compare_exchange_weak(
                current.0,
                current.clear().0,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return true,
                Err(actual) => current = Snapshot(actual),
            }
        }
        false
    }

    /// Waits until the event is set.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: nobody else waits longer or shorter for it.
    #[track_caller]
    pub fn wait(&self) -> EventWait<'_> {
        EventWait {
            wait: SetWait::new(self, Location::caller()),
        }
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
        TimeLimit::new(self.wait(), limit)
    }

    /// Blocks the thread until the event is set; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait(&self) {
        block_thread_on(self.wait(), "blocking_wait", "await `wait`");
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
        block_thread_for(
            self.wait(),
            limit,
            "blocking_wait_timeout",
            "await `wait_timeout`",
        )
    }

    /// Restores I1 after an open waiter left.
    fn note_departure(&self, waiters: &mut LockedQueue<'_, ()>) {
        if !waiters.has_open() {
            // Ordering: AcqRel, so that the Releases of others pass on through this change.
            self.word.fetch_and(!WAITERS, Ordering::AcqRel);
        }
    }
}

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Event").field(&self.state()).finish()
    }
}

pin_project! {
    /// The future of [`Event::wait`] and [`OneShotEvent::wait`].
    ///
    /// Once it is complete it stays so: polling it again gives `Ready`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct EventWait<'a> {
        #[pin]
        wait: SetWait<&'a Event>,
    }
}

impl Future for EventWait<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll_set(cx)
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

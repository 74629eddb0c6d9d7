//! `Semaphore`: a number of permits, given out in the order in which they are asked for.
//!
//! # Invariants
//!
//! I1. `WAITERS` in the [state word](state::Snapshot) is set while the queue has an open waiter. It
//! changes only under the lock.
//!
//! I2. While somebody waits, no permit is free: what comes back goes to the first in the queue,
//! also if it is not all that one needs. So nobody who asks later overtakes.
//!
//! I3. A permit is free, gathered by a waiter, or handed out. A waiter that is dropped, or told
//! that the semaphore is closed, gives back what it gathered.
//!
//! # Why no waiter is forgotten
//!
//! Giving back and starting to wait both change the word, so one comes first. Either the waiter
//! finds the permits, or who gives back finds `WAITERS`, takes the lock, and with it finds the
//! waiter queued: the lock is held from setting the bit until the waiter is linked. Closing takes
//! the lock and releases all that are queued; who comes later sees `CLOSED` before it queues.

mod acquire;
mod blocking;
mod error;
mod permit;
mod state;
pub(crate) mod wait;

use std::fmt;
use std::panic::Location;

pub(crate) use self::acquire::check_count;
pub use self::acquire::{SemaphoreAcquire, SemaphoreAcquireOwned};
pub use self::error::{AcquireError, TryAcquireError};
pub(crate) use self::permit::merged;
pub use self::permit::{OwnedSemaphorePermit, SemaphorePermit};
use self::state::{PERMITS_MAX, Refused, Snapshot};
use crate::identity::Identity;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::wait_list::{Departure, LockedQueue, WaitQueue, has_wait_queue};
use crate::waiting::Waiting;
use crate::wake_batch::{FirstPanic, WakeBatch};

/// Limits how many do something at once.
///
/// A permit gives itself back when it is dropped. What came before it was given back is visible to who
/// gets it next.
///
/// # Fairness
///
/// Permits are given out first come, first served: who asks for many is not overtaken by those who
/// ask for few later. Everybody is served, provided that permits are given back, and that those who
/// are served poll their futures: a future that has its permits keeps them while it is not polled.
/// One that is forgotten (`mem::forget`) after it was served keeps them for good, as a forgotten permit
/// does.
///
/// # Examples
///
/// ```
/// use selvedge::sync::Semaphore;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let connections = Semaphore::new(2);
/// let first = connections.acquire().await.unwrap();
/// let second = connections.acquire().await.unwrap();
/// assert!(connections.try_acquire().is_err());
/// drop(first);
/// assert!(connections.try_acquire().is_ok());
/// # drop(second);
/// # }
/// ```
pub struct Semaphore {
    word: AtomicUsize,
    waiters: WaitQueue<usize>,
    identity: Identity,
}

has_wait_queue!(Semaphore, waiters: usize);

impl Semaphore {
    /// The most permits a semaphore has: `usize::MAX >> 3`.
    pub const MAX_PERMITS: usize = PERMITS_MAX;

    /// A semaphore with so many free permits.
    ///
    /// # Panics
    ///
    /// If they are more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn new(permits: usize) -> Self {
        Self::const_new(permits)
    }

    crate::primitive::const_fn! {
        /// As [`new`](Self::new), for statics.
        #[track_caller]
        pub const fn const_new(permits: usize) -> Self {
            Self {
                word: AtomicUsize::new(Snapshot::new(permits).0),
                waiters: WaitQueue::new(),
                identity: Identity::new(),
            }
        }
    }

    /// The same with a name, for reports.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::Semaphore;
    ///
    /// static CONNECTIONS: Semaphore = Semaphore::const_new(8).named("connections");
    /// assert_eq!(CONNECTIONS.name(), Some("connections"));
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.identity = self.identity.named(name);
        self
    }

    /// Its name, if it was given one.
    pub const fn name(&self) -> Option<&'static str> {
        self.identity.name()
    }

    /// Where it was made.
    pub const fn created_at(&self) -> &'static Location<'static> {
        self.identity.created_at()
    }

    /// Who waits for permits now, first come first.
    ///
    /// It is a snapshot for reports, and may be of the past already.
    pub fn waiting(&self) -> Vec<Waiting> {
        self.waiters.lock().waiting_in(0)
    }

    #[inline]
    fn state(&self) -> Snapshot {
        // Ordering: Acquire, so that a change that starts from this state sees what came before.
        Snapshot(self.word.load(Ordering::Acquire))
    }

    /// How many permits are free now.
    pub fn available_permits(&self) -> usize {
        self.state().permits()
    }

    /// True after [`close`](Self::close).
    pub fn is_closed(&self) -> bool {
        self.state().is_closed()
    }

    /// Takes at most `n` free permits out of circulation for good; gives how many.
    pub fn forget_permits(&self, n: usize) -> usize {
        // Ordering: AcqRel, so that the Releases of others pass on through this change.
        let before = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                Some(Snapshot(word).forget(n).0.0)
            });
        before.map_or(0, |word| Snapshot(word).forget(n).1)
    }

    /// Adds `n` permits, first for those who wait.
    ///
    /// # Panics
    ///
    /// If there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS) free ones.
    #[inline]
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        let current = self.state();
        let free = (!current.has_waiters()).then(|| current.add(n)).flatten();
        let Some(next) = free.filter(|_| n > 0) else {
            return self.add_slowly(n);
        };
        // Ordering: AcqRel; Release pairs with the Acquire of who takes the permits, Acquire lets
        // others' Releases pass on through this change.
        let added =
            self.word
                .compare_exchange(current.0, next.0, Ordering::AcqRel, Ordering::Relaxed);
        if added.is_err() {
            self.add_slowly(n);
        }
    }

    #[cold]
    #[track_caller]
    fn add_slowly(&self, n: usize) {
        if n == 0 {
            return;
        }
        let mut current = self.state();
        while !current.has_waiters() {
            let next = too_many_unless(current.add(n));
            // Ordering: AcqRel, as in `add_permits`; Acquire, as in `state`.
            match self.word.compare_exchange_weak(
                current.0,
                next.0,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return,
                Err(actual) => current = Snapshot(actual),
            }
        }
        self.grant(n);
    }

    /// Gives permits to those who wait, in order, and frees the rest.
    #[track_caller]
    fn grant(&self, mut left: usize) {
        let mut batch = WakeBatch::new();
        let mut panic = FirstPanic::default();
        loop {
            let mut waiters = self.waiters.lock();
            while !batch.is_full() {
                let satisfied = waiters.with_front(|missing| {
                    let given = left.min(*missing);
                    *missing -= given;
                    left -= given;
                    *missing == 0
                });
                if satisfied != Some(true) {
                    break;
                }
                if let Some(waker) = waiters.depart(Departure::Front) {
                    batch.push(waker);
                }
            }
            let more = batch.is_full();
            let mut fits = true;
            if !more && !waiters.has_open() {
                // Ordering: AcqRel, as in `add_permits`.
                fits = self
                    .word
                    .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                        Snapshot(word).add(left).map(|next| next.0)
                    })
                    .is_ok();
            }
            drop(waiters);
            batch.wake_all_into(&mut panic);
            too_many_unless(fits.then_some(()));
            if !more {
                break;
            }
        }
        panic.resume_in_drop();
    }

    /// Restores I1 after a waiter left.
    fn note_departure(&self, waiters: &mut LockedQueue<'_, usize>) {
        if !waiters.has_open() {
            // Ordering: AcqRel, so that the Releases of others pass on through this change.
            let _ = self
                .word
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                    Snapshot(word).add(0).map(|next| next.0)
                });
        }
    }

    /// Gives out no permit any more, and tells so those who wait.
    ///
    /// Permits that are out can still be given back.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn close(&self) {
        let waiters = self.waiters.lock();
        // Ordering: AcqRel; Release pairs with the Acquire of who sees that it is closed.
        let _ = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                Some(Snapshot(word).close().0)
            });
        waiters.broadcast();
    }

    /// Takes permits that are free, unless others are quicker.
    #[inline]
    fn take_at_once(&self, count: usize) -> bool {
        let current = self.state();
        let Ok(next) = current.take(count) else {
            return false;
        };
        // Ordering: AcqRel; Acquire pairs with the Release of who gave the permits back, Release lets
        // those before us pass on through this change.
        let taken =
            self.word
                .compare_exchange(current.0, next.0, Ordering::AcqRel, Ordering::Relaxed);
        taken.is_ok()
    }

    /// Takes permits that are free.
    pub(crate) fn try_take(&self, count: usize) -> Result<(), TryAcquireError> {
        let mut current = self.state();
        loop {
            let next = current.take(count).map_err(|refused| match refused {
                Refused::Closed => TryAcquireError::Closed,
                Refused::NoPermits => TryAcquireError::NoPermits,
            })?;
            // Ordering: AcqRel, as in `take_at_once`; Acquire, as in `state`.
            match self.word.compare_exchange_weak(
                current.0,
                next.0,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return Ok(()),
                Err(actual) => current = Snapshot(actual),
            }
        }
    }
}

#[track_caller]
fn too_many_unless<T>(fits: Option<T>) -> T {
    fits.expect("a semaphore has at most `Semaphore::MAX_PERMITS` permits: give back each one once")
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Semaphore")
            .field(&self.state())
            .field(&self.identity)
            .finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

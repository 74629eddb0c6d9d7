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

mod permit;
mod state;
mod wait;

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

pub use self::permit::{OwnedSemaphorePermit, SemaphorePermit};
use self::state::{PERMITS_MAX, Refused, Snapshot};
use self::wait::PermitWait;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::thread_block::block_thread_on;
use crate::wait_list::{Departure, LockedQueue, WaitQueue, has_wait_queue};
use crate::wake_batch::{FirstPanic, WakeBatch};

/// The semaphore was [closed](Semaphore::close).
#[derive(Debug)]
pub struct AcquireError(());

/// Why permits could not be taken at once.
#[derive(Debug, PartialEq, Eq)]
pub enum TryAcquireError {
    /// The semaphore was [closed](Semaphore::close).
    Closed,
    /// There are not enough free permits, or others wait for them.
    NoPermits,
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("semaphore closed, no permit will be given out")
    }
}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "semaphore closed, no permit will be given out",
            Self::NoPermits => "not enough free permits, try again or wait with `acquire`",
        })
    }
}

impl Error for AcquireError {}
impl Error for TryAcquireError {}

/// Limits how many do something at once.
///
/// Permits are given out first come, first served: who asks for many is not overtaken by those who
/// ask for few later.
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
            }
        }
    }

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

    /// Waits for a permit.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue; permits it had go to the next.
    #[track_caller]
    pub fn acquire(&self) -> SemaphoreAcquire<'_> {
        self.acquire_many(1)
    }

    /// Waits for `n` permits, which are taken as one.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// If `n` is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    #[track_caller]
    pub fn acquire_many(&self, n: u32) -> SemaphoreAcquire<'_> {
        check_count(n);
        SemaphoreAcquire {
            wait: PermitWait::new(self, n as usize, Location::caller()),
            semaphore: self,
        }
    }

    /// As [`acquire`](Self::acquire), with a permit that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    #[track_caller]
    pub fn acquire_owned(self: Arc<Self>) -> SemaphoreAcquireOwned {
        self.acquire_many_owned(1)
    }

    /// As [`acquire_many`](Self::acquire_many), with permits that keep the semaphore alive.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// If `n` is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    #[track_caller]
    pub fn acquire_many_owned(self: Arc<Self>, n: u32) -> SemaphoreAcquireOwned {
        check_count(n);
        SemaphoreAcquireOwned {
            wait: PermitWait::new(self.clone(), n as usize, Location::caller()),
            semaphore: Some(self),
        }
    }

    /// Takes a permit if one is free; never waits.
    ///
    /// # Errors
    ///
    /// If none is free, or the semaphore is closed.
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes `n` permits if they are free; never waits.
    ///
    /// # Errors
    ///
    /// If fewer are free, or the semaphore is closed.
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_take(n as usize)?;
        Ok(SemaphorePermit {
            semaphore: self,
            permits: n as usize,
        })
    }

    /// As [`try_acquire`](Self::try_acquire), with a permit that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// If none is free, or the semaphore is closed.
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As [`try_acquire_many`](Self::try_acquire_many), with permits that keep the semaphore
    /// alive.
    ///
    /// # Errors
    ///
    /// If fewer are free, or the semaphore is closed.
    pub fn try_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_take(n as usize)?;
        Ok(OwnedSemaphorePermit {
            semaphore: self,
            permits: n as usize,
        })
    }

    /// Blocks the thread until it has a permit; for plain threads.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        block_thread_on(self.acquire(), "blocking_acquire", "await `acquire`")
    }

    /// Blocks the thread until it has `n` permits; for plain threads.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        let wait = self.acquire_many(n);
        block_thread_on(wait, "blocking_acquire_many", "await `acquire_many`")
    }

    /// As [`blocking_acquire`](Self::blocking_acquire), with a permit that keeps the semaphore
    /// alive.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        let wait = self.acquire_owned();
        block_thread_on(wait, "blocking_acquire_owned", "await `acquire_owned`")
    }

    /// As [`blocking_acquire_many`](Self::blocking_acquire_many), with permits that keep the
    /// semaphore alive.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        let wait = self.acquire_many_owned(n);
        block_thread_on(
            wait,
            "blocking_acquire_many_owned",
            "await `acquire_many_owned`",
        )
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
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        if n == 0 {
            return;
        }
        let mut current = self.state();
        while !current.has_waiters() {
            let next = too_many_unless(current.add(n));
            // Ordering: AcqRel; Release pairs with the Acquire of who takes the permits, Acquire
            // lets others' Releases pass on through this change.
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
        panic.resume();
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

    /// Takes permits that are free.
    fn try_take(&self, count: usize) -> Result<(), TryAcquireError> {
        let mut current = self.state();
        loop {
            let next = current.take(count).map_err(|refused| match refused {
                Refused::Closed => TryAcquireError::Closed,
                Refused::NoPermits => TryAcquireError::NoPermits,
            })?;
            // Ordering: AcqRel; Acquire pairs with the Release of who gave the permits back,
            // Release lets those before us pass on through this change.
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
fn check_count(n: u32) {
    assert!(
        n as usize <= Semaphore::MAX_PERMITS,
        "ask for at most `Semaphore::MAX_PERMITS` permits"
    );
}

#[track_caller]
fn too_many_unless<T>(fits: Option<T>) -> T {
    fits.expect("a semaphore has at most `Semaphore::MAX_PERMITS` permits: give back each one once")
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Semaphore").field(&self.state()).finish()
    }
}

pin_project! {
    /// The future of [`Semaphore::acquire`] and [`Semaphore::acquire_many`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct SemaphoreAcquire<'a> {
        #[pin]
        wait: PermitWait<&'a Semaphore>,
        semaphore: &'a Semaphore,
    }
}

pin_project! {
    /// The future of [`Semaphore::acquire_owned`] and [`Semaphore::acquire_many_owned`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct SemaphoreAcquireOwned {
        #[pin]
        wait: PermitWait<Arc<Semaphore>>,
        semaphore: Option<Arc<Semaphore>>,
    }
}

impl<'a> Future for SemaphoreAcquire<'a> {
    type Output = Result<SemaphorePermit<'a>, AcquireError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        ready!(this.wait.as_mut().poll_acquire(cx))?;
        Poll::Ready(Ok(SemaphorePermit {
            semaphore: this.semaphore,
            permits: this.wait.permits(),
        }))
    }
}

impl Future for SemaphoreAcquireOwned {
    type Output = Result<OwnedSemaphorePermit, AcquireError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        ready!(this.wait.as_mut().poll_acquire(cx))?;
        let semaphore = this.semaphore.take();
        Poll::Ready(Ok(OwnedSemaphorePermit {
            // `poll_acquire` hands out the permits once.
            semaphore: semaphore.expect("the future has returned its permits"),
            permits: this.wait.permits(),
        }))
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

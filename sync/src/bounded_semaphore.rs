//! `BoundedSemaphore`: a semaphore that never has more permits than it was made with.
//!
//! # Invariants
//!
//! I1. Permits that are free, gathered by a waiter, in a guard, or out without a guard (`loose`) are as
//! many as the semaphore was made with.
//!
//! I2. A permit becomes loose only where a guard, or the semaphore, forgets it. What comes back without
//! a guard was loose: so the [semaphore](crate::semaphore) below never has too many.
//!
//! # Why no waiter is forgotten
//!
//! All waits are those of the semaphore below, which is given each permit that comes back.

mod acquire;
mod blocking;
mod permit;

use std::error::Error;
use std::fmt;
use std::panic::Location;

pub use self::acquire::{BoundedSemaphoreAcquire, BoundedSemaphoreAcquireOwned};
pub use self::permit::{BoundedSemaphorePermit, OwnedBoundedSemaphorePermit};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::semaphore::Semaphore;
use crate::semaphore::wait::HasSemaphore;
use crate::wait_list::has_wait_queue;

/// More permits were to be given back than are out without a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseError(());

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "more permits given back than were forgotten, release each of them once and leave the others to \
             their guards",
        )
    }
}

impl Error for ReleaseError {}

/// A [`Semaphore`] whose permits cannot become more than it was made with.
///
/// A permit that was [forgotten](BoundedSemaphorePermit::forget) is given back with
/// [`release`](Self::release), for instance by another task. To release one that nobody has taken is an
/// error, at the call that does it. With a plain semaphore it would be one permit too many from then on,
/// and a limit that is exceeded in silence.
///
/// # Fairness
///
/// That of [`Semaphore`].
///
/// # Examples
///
/// ```
/// use selvedge::sync::BoundedSemaphore;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let machines = BoundedSemaphore::new(2);
/// machines.acquire().await.unwrap().forget();
/// assert_eq!(machines.available_permits(), 1);
/// // When the work is done, elsewhere:
/// machines.release().unwrap();
/// assert!(machines.release().is_err(), "all are back");
/// # }
/// ```
pub struct BoundedSemaphore {
    semaphore: Semaphore,
    bound: usize,
    /// Permits that are out without a guard.
    loose: AtomicUsize,
}

has_wait_queue!(BoundedSemaphore, semaphore as Semaphore);

impl HasSemaphore for BoundedSemaphore {
    #[inline]
    fn semaphore(&self) -> &Semaphore {
        &self.semaphore
    }
}

impl BoundedSemaphore {
    /// The most permits a semaphore has: [`Semaphore::MAX_PERMITS`].
    pub const MAX_PERMITS: usize = Semaphore::MAX_PERMITS;

    crate::primitive::const_fn! {
        /// A semaphore with so many permits, all of them free.
        ///
        /// # Panics
        ///
        /// If they are more than [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[must_use]
        #[track_caller]
        pub const fn new(permits: usize) -> Self {
            Self {
                semaphore: Semaphore::const_new(permits),
                bound: permits,
                loose: AtomicUsize::new(0),
            }
        }
    }

    /// The same with a name, for reports.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.semaphore = self.semaphore.named(name);
        self
    }

    /// Its name, if it was given one.
    pub const fn name(&self) -> Option<&'static str> {
        self.semaphore.name()
    }

    /// Where it was made.
    pub const fn created_at(&self) -> &'static Location<'static> {
        self.semaphore.created_at()
    }

    /// How many permits there are: free ones, and all that are out.
    pub const fn bound(&self) -> usize {
        self.bound
    }

    /// How many permits are free now.
    pub fn available_permits(&self) -> usize {
        self.semaphore.available_permits()
    }

    /// True after [`close`](Self::close).
    pub fn is_closed(&self) -> bool {
        self.semaphore.is_closed()
    }

    /// Gives out no permit any more, and tells so those who wait.
    ///
    /// Permits that are out can still be given back.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn close(&self) {
        self.semaphore.close();
    }

    /// Gives a permit back that was forgotten.
    ///
    /// # Errors
    ///
    /// If none is out without a guard.
    pub fn release(&self) -> Result<(), ReleaseError> {
        self.add_permits(1)
    }

    /// Gives `n` permits back that were forgotten; all, or none.
    ///
    /// # Errors
    ///
    /// If fewer are out without a guard.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn add_permits(&self, n: usize) -> Result<(), ReleaseError> {
        // Ordering: Relaxed; the number says how many may come back, and the semaphore below publishes
        // what came before they do.
        let taken = self
            .loose
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |loose| {
                loose.checked_sub(n)
            });
        match taken {
            Ok(_) => {
                self.semaphore.add_permits(n);
                Ok(())
            }
            Err(_) => Err(ReleaseError(())),
        }
    }

    /// Takes at most `n` free permits, as if they had been acquired and forgotten; gives how many.
    pub fn forget_permits(&self, n: usize) -> usize {
        let forgotten = self.semaphore.forget_permits(n);
        self.note_loose(forgotten);
        forgotten
    }

    /// Permits are out without a guard from now on.
    fn note_loose(&self, n: usize) {
        // Ordering: Relaxed, as in `add_permits`.
        self.loose.fetch_add(n, Ordering::Relaxed);
    }
}

impl fmt::Debug for BoundedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedSemaphore")
            .field("semaphore", &self.semaphore)
            .field("bound", &self.bound)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

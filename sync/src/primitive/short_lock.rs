//! A lock for sections of a few instructions: one read-modify-write in, a plain store out.
//!
//! The futex locks of `std` and `parking_lot` need a second read-modify-write to unlock, to learn whether
//! somebody sleeps. Here nobody is ever woken: who finds the lock taken looks again for a microsecond or
//! two, then lets other threads run, then sleeps for times that grow from some fifty microseconds to one
//! millisecond. So an uncontended pair takes two thirds of the time; and when a holder loses its CPU in the
//! middle of a section, which is a hundred thousand times shorter than its turn on it, those who wait for
//! it come up to a millisecond later than they could.
//!
//! A waiter of a higher priority than the holder's sleeps as well, so the holder gets to run.
//!
//! Not for sections that run foreign code, block or wait: [`Mutex`](super::Mutex) is for those.
//!
//! # Invariants
//!
//! I1. `held` is true while there is a guard, and is set by who makes it.
//!
//! # Rejected
//!
//! Waking a sleeper from the store: without a fence the waker may not see that somebody sleeps, and with
//! one the store costs what it saved.
#![allow(unsafe_code, reason = "the value is behind the lock")]

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};

use super::atomic::{AtomicBool, Ordering};
use super::{UnsafeCell, rest};

/// One at a time gets at a value, for a few instructions. Never poisoned.
pub struct ShortLock<T: ?Sized> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: who has the lock has the value, no more.
unsafe impl<T: ?Sized + Send> Send for ShortLock<T> {}
// SAFETY: sharing the lock gives one at a time the value, on any thread and exclusively.
unsafe impl<T: ?Sized + Send> Sync for ShortLock<T> {}

// A panic under the lock leaves the value as `std`'s mutex would, but for the poison.
impl<T: ?Sized> UnwindSafe for ShortLock<T> {}
impl<T: ?Sized> RefUnwindSafe for ShortLock<T> {}

/// The right to the value of a [`ShortLock`].
#[must_use = "the lock is given back when the guard is dropped"]
pub struct ShortLockGuard<'a, T: ?Sized> {
    lock: &'a ShortLock<T>,
}

// SAFETY: sharing the guard shares the value and nothing else.
unsafe impl<T: ?Sized + Sync> Sync for ShortLockGuard<'_, T> {}

impl<T> ShortLock<T> {
    super::const_fn! {
        /// A free lock around `value`.
        pub const fn new(value: T) -> Self {
            Self {
                held: AtomicBool::new(false),
                value: UnsafeCell::new(value),
            }
        }
    }
}

impl<T: ?Sized> ShortLock<T> {
    /// Waits for the lock.
    #[inline]
    pub fn lock(&self) -> ShortLockGuard<'_, T> {
        if !self.take() {
            self.wait();
        }
        ShortLockGuard { lock: self }
    }

    #[inline]
    fn take(&self) -> bool {
        // Ordering: Acquire; pairs with the Release of the unlock, so that the value is as the last
        // holder left it. Relaxed if it fails: nothing follows from that.
        self.held
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// The rest of [`lock`](Self::lock); returns with the lock.
    #[cold]
    fn wait(&self) {
        let mut looks = 0;
        loop {
            // Ordering: Relaxed; a look that leaves the line where it is, `take` decides.
            if !self.held.load(Ordering::Relaxed) && self.take() {
                return;
            }
            rest(looks);
            looks = looks.saturating_add(1);
        }
    }
}

impl<T: ?Sized> Drop for ShortLockGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // Ordering: Release; pairs with the Acquire in `take`.
        self.lock.held.store(false, Ordering::Release);
    }
}

impl<T: ?Sized> Deref for ShortLockGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard has the lock (I1), and is borrowed for as long as the value.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized> DerefMut for ShortLockGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and this borrow is exclusive.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: ?Sized> fmt::Debug for ShortLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShortLock").finish_non_exhaustive()
    }
}

impl<T: ?Sized> fmt::Debug for ShortLockGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShortLockGuard").finish_non_exhaustive()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

//! The futures of `lock` and `lock_owned`.
#![allow(unsafe_code, reason = "what refers to a mutex leads to its lock")]

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
// Users own their mutexes through this one, in models too.
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::raw::RawMutex;
use super::wait::LockWait;
use super::{Mutex, MutexGuard, OwnedMutexGuard};
use crate::thread_block::Foresees;
use crate::wait_list::HostRef;

/// Leads to the lock of a mutex.
pub(crate) struct BorrowedMutex<'a, T: ?Sized>(pub(super) &'a Mutex<T>);

/// Leads to the lock of a mutex, and keeps the mutex.
pub(crate) struct OwnedMutex<T: ?Sized>(pub(super) Arc<Mutex<T>>);

impl<T: ?Sized> Clone for BorrowedMutex<'_, T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<T: ?Sized> Clone for OwnedMutex<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

// SAFETY: a reference borrows the mutex, which therefore stays; its lock is a field, and nobody who has
// no more than a shared reference replaces it.
unsafe impl<T: ?Sized> HostRef for BorrowedMutex<'_, T> {
    type Host = RawMutex;

    #[inline]
    fn host(&self) -> &RawMutex {
        &self.0.raw
    }
}

// SAFETY: the mutex is on the heap and ends with the last `Arc`; its lock is a field, as
// above.
unsafe impl<T: ?Sized> HostRef for OwnedMutex<T> {
    type Host = RawMutex;

    #[inline]
    fn host(&self) -> &RawMutex {
        &self.0.raw
    }
}

pin_project! {
    /// The future of [`Mutex::lock`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Lock<'a, T>
    where
        T: ?Sized,
    {
        #[pin]
        wait: LockWait<BorrowedMutex<'a, T>>,
    }
}

pin_project! {
    /// The future of [`Mutex::lock_owned`].
    #[must_use = "futures do nothing unless polled"]
    pub struct LockOwned<T>
    where
        T: ?Sized,
    {
        #[pin]
        wait: LockWait<OwnedMutex<T>>,
    }
}

impl<'a, T: ?Sized> Lock<'a, T> {
    #[inline]
    pub(super) fn new(mutex: &'a Mutex<T>, place: &'static Location<'static>) -> Self {
        Self {
            wait: LockWait::new(BorrowedMutex(mutex), place),
        }
    }
}

impl<T: ?Sized> LockOwned<T> {
    #[inline]
    pub(super) fn new(mutex: Arc<Mutex<T>>, place: &'static Location<'static>) -> Self {
        Self {
            wait: LockWait::new(OwnedMutex(mutex), place),
        }
    }
}

impl<'a, T: ?Sized> Future for Lock<'a, T> {
    type Output = MutexGuard<'a, T>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let locked = ready!(self.project().wait.poll_lock(cx));
        Poll::Ready(MutexGuard::of_locked(locked.0))
    }
}

impl<T: ?Sized> Future for LockOwned<T> {
    type Output = OwnedMutexGuard<T>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let locked = ready!(self.project().wait.poll_lock(cx));
        Poll::Ready(OwnedMutexGuard::of_locked(locked.0))
    }
}

impl<T: ?Sized> Foresees for Lock<'_, T> {
    fn would_get_on(&self) -> bool {
        self.wait.would_get_on()
    }
}

impl<T: ?Sized> Foresees for LockOwned<T> {
    fn would_get_on(&self) -> bool {
        self.wait.would_get_on()
    }
}

impl<T: ?Sized> fmt::Debug for Lock<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}

impl<T: ?Sized> fmt::Debug for LockOwned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockOwned").finish_non_exhaustive()
    }
}

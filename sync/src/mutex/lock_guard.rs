//! From a guard to its lock, and back when it was taken again.

use std::ops::DerefMut;
use std::sync::Arc;

use super::lock::{BorrowedMutex, OwnedMutex};
use super::raw::RawMutex;
use super::{MutexGuard, OwnedMutexGuard};
use crate::wait_list::HostRef;

/// A guard of a whole [`Mutex`](super::Mutex): [`MutexGuard`] or [`OwnedMutexGuard`].
///
/// Implemented for no other type.
#[allow(private_bounds, reason = "nobody else can implement it")]
pub trait LockGuard: DerefMut + Relockable {}

/// A guard that can be made again.
pub(crate) trait Relockable: Sized {
    /// What leads to the lock.
    type Host: HostRef<Host = RawMutex> + Clone;

    fn host(&self) -> Self::Host;

    /// The caller has taken the lock, and passes it on to the guard.
    fn relocked(host: Self::Host) -> Self;
}

impl<T: ?Sized> LockGuard for MutexGuard<'_, T> {}
impl<T: ?Sized> LockGuard for OwnedMutexGuard<T> {}

impl<'a, T: ?Sized> Relockable for MutexGuard<'a, T> {
    type Host = BorrowedMutex<'a, T>;

    fn host(&self) -> Self::Host {
        BorrowedMutex(MutexGuard::mutex(self))
    }

    fn relocked(host: Self::Host) -> Self {
        MutexGuard::of_locked(host.0)
    }
}

impl<T: ?Sized> Relockable for OwnedMutexGuard<T> {
    type Host = OwnedMutex<T>;

    fn host(&self) -> Self::Host {
        OwnedMutex(Arc::clone(OwnedMutexGuard::mutex(self)))
    }

    fn relocked(host: Self::Host) -> Self {
        OwnedMutexGuard::of_locked(host.0)
    }
}

//! The value inside a read-write lock, and who may touch it.
#![allow(
    unsafe_code,
    reason = "the value is shared between threads by the rules of the lock"
)]

use super::RwLock;

// SAFETY: the lock owns the value.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}
// SAFETY: several threads read the value at once, so it is `Sync`; each of them may write it, and so
// move it, so it is `Send`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

impl<T: ?Sized> RwLock<T> {
    /// The value, which nobody else can reach.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: borrowed for itself, so there is no guard.
        unsafe { self.value_mut() }
    }

    /// Where the value is, for who reads.
    #[inline]
    pub(super) fn data(&self) -> *const T {
        self.value.with(|value| value)
    }

    /// The value.
    ///
    /// # Safety
    ///
    /// While the reference lives nobody writes: the caller holds an access of any kind.
    #[inline]
    pub(super) unsafe fn value(&self) -> &T {
        // SAFETY: that of the caller.
        self.value.with(|value| unsafe { &*value })
    }

    /// The value.
    ///
    /// # Safety
    ///
    /// While the reference lives nobody else reads or writes: the caller holds the access to write, and
    /// uses it once at a time.
    #[inline]
    #[allow(
        clippy::mut_from_ref,
        reason = "the guard that calls this is borrowed for itself"
    )]
    pub(super) unsafe fn value_mut(&self) -> &mut T {
        // SAFETY: that of the caller.
        self.value.with_mut(|value| unsafe { &mut *value })
    }
}

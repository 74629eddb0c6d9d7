//! Guards to write.
#![allow(
    unsafe_code,
    reason = "whoever has the access to write has the value for itself"
)]

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard,
    RwLockMappedWriteGuard, RwLockReadGuard, RwLockUpgradableReadGuard, shown_as_value,
};
use crate::rwlock::RwLock;
use crate::rwlock::held::{Held, Write};
use crate::rwlock::raw::RawRwLock;

/// Exclusive access to the value of an [`RwLock`].
///
/// Writing ends when it is dropped.
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    held: Held<&'a RawRwLock, Write>,
    lock: &'a RwLock<T>,
}

/// As [`RwLockWriteGuard`], and keeps the lock alive.
#[must_use = "the lock is released when the guard is dropped"]
pub struct OwnedRwLockWriteGuard<T: ?Sized> {
    held: Held<Arc<RwLock<T>>, Write>,
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// `held` is of `lock`.
    #[inline]
    pub(in crate::rwlock) fn new(held: Held<&'a RawRwLock, Write>, lock: &'a RwLock<T>) -> Self {
        Self { held, lock }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// An associated function, so that it does not hide a method of the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::{RwLock, RwLockWriteGuard};
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pair = RwLock::new((1, 2));
    /// *RwLockWriteGuard::map(pair.write().await, |pair| &mut pair.1) += 1;
    /// assert_eq!(*pair.read().await, (1, 3));
    /// # }
    /// ```
    #[inline]
    pub fn map<F, U: ?Sized>(mut this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let data: *mut U = f(&mut this);
        RwLockMappedWriteGuard::of_part(this.held, data)
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    ///
    /// If `f` gives `None`: the guard as it was.
    #[inline]
    pub fn try_map<F, U: ?Sized>(
        mut this: Self,
        f: F,
    ) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let data: *mut U = match f(&mut this) {
            Some(data) => data,
            None => return Err(this),
        };
        Ok(RwLockMappedWriteGuard::of_part(this.held, data))
    }

    /// Makes of it a guard that may be narrowed, and no longer downgraded.
    #[inline]
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockWriteGuard::map(this, |value| value)
    }

    /// Ends writing and goes on reading, in one step: nobody writes in between.
    ///
    /// Who waits to read comes in as well, unless the [policy](super::super::RwLockPolicy) puts a writer
    /// before it.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::RwLock;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let lock = RwLock::new(1);
    /// let mut write = lock.write().await;
    /// *write += 1;
    /// let read = write.downgrade();
    /// assert_eq!(*lock.read().await, *read);
    /// # }
    /// ```
    #[inline]
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        Self::downgrade_map(self, |value| value)
    }

    /// [Downgrades](Self::downgrade) to a guard of a part of the value.
    ///
    /// `f` runs before others come in, and must not change the value through a cell: those who read
    /// next might not see it change.
    #[inline]
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let data: *const U = f(&this);
        RwLockReadGuard::of_part(this.held.downgrade(), data)
    }

    /// [Downgrades](Self::downgrade) to a guard of a part of the value, if there is one.
    ///
    /// # Errors
    ///
    /// If `f` gives `None`: the guard as it was.
    #[inline]
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let data: *const U = match f(&this) {
            Some(data) => data,
            None => return Err(this),
        };
        Ok(RwLockReadGuard::of_part(this.held.downgrade(), data))
    }

    /// Ends writing and goes on reading, with the right to become the writer again.
    #[inline]
    pub fn downgrade_to_upgradable(self) -> RwLockUpgradableReadGuard<'a, T> {
        RwLockUpgradableReadGuard::new(self.held.downgrade(), self.lock)
    }
}

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    #[inline]
    pub(in crate::rwlock) fn new(held: Held<Arc<RwLock<T>>, Write>) -> Self {
        Self { held }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// An associated function, so that it does not hide a method of the value.
    #[inline]
    pub fn map<F, U: ?Sized>(mut this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let data: *mut U = f(&mut this);
        OwnedRwLockMappedWriteGuard::of_part(this.held, data)
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    ///
    /// If `f` gives `None`: the guard as it was.
    #[inline]
    pub fn try_map<F, U: ?Sized>(
        mut this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let data: *mut U = match f(&mut this) {
            Some(data) => data,
            None => return Err(this),
        };
        Ok(OwnedRwLockMappedWriteGuard::of_part(this.held, data))
    }

    /// Makes of it a guard that may be narrowed, and no longer downgraded.
    #[inline]
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        OwnedRwLockWriteGuard::map(this, |value| value)
    }

    /// As [`RwLockWriteGuard::downgrade`].
    #[inline]
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        Self::downgrade_map(self, |value| value)
    }

    /// As [`RwLockWriteGuard::downgrade_map`].
    #[inline]
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let data: *const U = f(&this);
        OwnedRwLockReadGuard::of_part(this.held.downgrade(), data)
    }

    /// As [`RwLockWriteGuard::try_downgrade_map`].
    ///
    /// # Errors
    ///
    /// If `f` gives `None`: the guard as it was.
    #[inline]
    pub fn try_downgrade_map<F, U: ?Sized>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let data: *const U = match f(&this) {
            Some(data) => data,
            None => return Err(this),
        };
        Ok(OwnedRwLockReadGuard::of_part(this.held.downgrade(), data))
    }

    /// As [`RwLockWriteGuard::downgrade_to_upgradable`].
    #[inline]
    pub fn downgrade_to_upgradable(self) -> OwnedRwLockUpgradableReadGuard<T> {
        OwnedRwLockUpgradableReadGuard::new(self.held.downgrade())
    }

    /// The lock that is written.
    #[inline]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.held.lock()
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: nobody else has access while `held` lives.
        unsafe { self.lock.value() }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: nobody else has access while `held` lives.
        unsafe { self.lock.value_mut() }
    }
}

impl<T: ?Sized> Deref for OwnedRwLockWriteGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: nobody else has access while `held` lives.
        unsafe { self.held.lock().value() }
    }
}

impl<T: ?Sized> DerefMut for OwnedRwLockWriteGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: nobody else has access while `held` lives.
        unsafe { self.held.lock().value_mut() }
    }
}

shown_as_value!([T: ?Sized] RwLockWriteGuard<'_, T>, T);
shown_as_value!([T: ?Sized] OwnedRwLockWriteGuard<T>, T);

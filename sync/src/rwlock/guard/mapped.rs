//! Guards to write a part of the value.
#![allow(
    unsafe_code,
    reason = "a part of the value is reached through a pointer that forgets the type of the lock"
)]

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::shown_as_value;
use crate::rwlock::RwLock;
use crate::rwlock::held::{Held, Write};
use crate::rwlock::raw::RawRwLock;

/// Exclusive access to a part of the value of an [`RwLock`].
///
/// Made by [`RwLockWriteGuard::map`](super::RwLockWriteGuard::map). It cannot be downgraded: others
/// would read the rest of the value while this one holds a reference that it got for writing.
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized> {
    /// Keeps everybody out; says nothing about `T`, which is a part of the value.
    held: Held<&'a RawRwLock, Write>,
    /// Valid, and ours alone, as long as `held` lives.
    data: *mut T,
    value: PhantomData<&'a mut T>,
}

/// As [`RwLockMappedWriteGuard`], and keeps the lock alive.
///
/// `T` is the value of the lock, `U` the part of it that this guard gives access to.
#[must_use = "the lock is released when the guard is dropped"]
pub struct OwnedRwLockMappedWriteGuard<T: ?Sized, U: ?Sized = T> {
    held: Held<Arc<RwLock<T>>, Write>,
    /// Valid, and ours alone, as long as `held` lives.
    data: *mut U,
}

// SAFETY: the guard is a `&mut T`, and a way to release the lock from any thread.
unsafe impl<T: ?Sized + Send + Sync> Send for RwLockMappedWriteGuard<'_, T> {}
// SAFETY: a shared guard is a `&T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockMappedWriteGuard<'_, T> {}
// SAFETY: as `RwLockMappedWriteGuard`; and the last guard drops the `T`, wherever it is by then.
unsafe impl<T, U> Send for OwnedRwLockMappedWriteGuard<T, U>
where
    T: ?Sized + Send + Sync,
    U: ?Sized + Send + Sync,
{
}
// SAFETY: as above.
unsafe impl<T, U> Sync for OwnedRwLockMappedWriteGuard<T, U>
where
    T: ?Sized + Send + Sync,
    U: ?Sized + Send + Sync,
{
}

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    /// `data` belongs to the value of the lock that is held.
    #[inline]
    pub(super) fn of_part(held: Held<&'a RawRwLock, Write>, data: *mut T) -> Self {
        Self {
            held,
            data,
            value: PhantomData,
        }
    }

    /// Narrows the guard to a part of the part.
    ///
    /// An associated function, so that it does not hide a method of the value.
    #[inline]
    pub fn map<F, U: ?Sized>(mut this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let data: *mut U = f(&mut this);
        RwLockMappedWriteGuard::of_part(this.held, data)
    }

    /// Narrows the guard to a part of the part, if there is one.
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
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockMappedWriteGuard<T, U> {
    /// `data` belongs to the value of the lock that is held.
    #[inline]
    pub(super) fn of_part(held: Held<Arc<RwLock<T>>, Write>, data: *mut U) -> Self {
        Self { held, data }
    }

    /// Narrows the guard to a part of the part.
    ///
    /// An associated function, so that it does not hide a method of the value.
    #[inline]
    pub fn map<F, V: ?Sized>(mut this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, V>
    where
        F: FnOnce(&mut U) -> &mut V,
    {
        let data: *mut V = f(&mut this);
        OwnedRwLockMappedWriteGuard::of_part(this.held, data)
    }

    /// Narrows the guard to a part of the part, if there is one.
    ///
    /// # Errors
    ///
    /// If `f` gives `None`: the guard as it was.
    #[inline]
    pub fn try_map<F, V: ?Sized>(
        mut this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, V>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        let data: *mut V = match f(&mut this) {
            Some(data) => data,
            None => return Err(this),
        };
        Ok(OwnedRwLockMappedWriteGuard::of_part(this.held, data))
    }

    /// The lock that is written.
    #[inline]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.held.lock()
    }
}

impl<T: ?Sized> Deref for RwLockMappedWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: valid while `held` lives, and nobody else has access until then.
        unsafe { &*self.data }
    }
}

impl<T: ?Sized> DerefMut for RwLockMappedWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: valid while `held` lives, and nobody else has access until then.
        unsafe { &mut *self.data }
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedRwLockMappedWriteGuard<T, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: valid while `held` lives, and nobody else has access until then.
        unsafe { &*self.data }
    }
}

impl<T: ?Sized, U: ?Sized> DerefMut for OwnedRwLockMappedWriteGuard<T, U> {
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: valid while `held` lives, and nobody else has access until then.
        unsafe { &mut *self.data }
    }
}

shown_as_value!([T: ?Sized] RwLockMappedWriteGuard<'_, T>, T);
shown_as_value!([T: ?Sized, U: ?Sized] OwnedRwLockMappedWriteGuard<T, U>, U);

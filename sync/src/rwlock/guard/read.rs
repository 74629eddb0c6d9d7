//! Guards to read.
#![allow(
    unsafe_code,
    reason = "a part of the value is reached through a pointer that forgets the type of the lock"
)]

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use super::shown_as_value;
use crate::rwlock::RwLock;
use crate::rwlock::held::{Held, Read};
use crate::rwlock::raw::RawRwLock;

/// Shared access to the value of an [`RwLock`], or to a part of it.
///
/// Reading ends when it is dropped.
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    /// Keeps writers out; says nothing about `T`, which may be a part of the value.
    held: Held<&'a RawRwLock, Read>,
    /// Valid for reads as long as `held` lives.
    data: *const T,
    value: PhantomData<&'a T>,
}

/// As [`RwLockReadGuard`], and keeps the lock alive.
///
/// `T` is the value of the lock, `U` the part of it that this guard gives access to.
#[must_use = "the lock is released when the guard is dropped"]
pub struct OwnedRwLockReadGuard<T: ?Sized, U: ?Sized = T> {
    held: Held<Arc<RwLock<T>>, Read>,
    /// Valid for reads as long as `held` lives.
    data: *const U,
}

// SAFETY: the guard is a `&T`, and a way to release the lock from any thread.
unsafe impl<T: ?Sized + Sync> Send for RwLockReadGuard<'_, T> {}
// SAFETY: a shared guard is a `&T`. `Send` as for the other guards.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockReadGuard<'_, T> {}
// SAFETY: as `RwLockReadGuard`; and the last guard drops the `T`, wherever it is by then.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Sync> Send for OwnedRwLockReadGuard<T, U> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Sync for OwnedRwLockReadGuard<T, U> {}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// `held` is of `lock`.
    #[inline]
    pub(in crate::rwlock) fn new(held: Held<&'a RawRwLock, Read>, lock: &'a RwLock<T>) -> Self {
        Self::of_part(held, lock.data())
    }

    /// `data` belongs to the value of the lock that is held.
    #[inline]
    pub(super) fn of_part(held: Held<&'a RawRwLock, Read>, data: *const T) -> Self {
        Self {
            held,
            data,
            value: PhantomData,
        }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// An associated function, so that it does not hide a method of the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::{RwLock, RwLockReadGuard};
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pair = RwLock::new((1, 2));
    /// let second = RwLockReadGuard::map(pair.read().await, |pair| &pair.1);
    /// assert_eq!(*second, 2);
    /// # }
    /// ```
    #[inline]
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let data: *const U = f(&this);
        RwLockReadGuard::of_part(this.held, data)
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    ///
    /// If `f` gives `None`: the guard as it was.
    #[inline]
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let data: *const U = match f(&this) {
            Some(data) => data,
            None => return Err(this),
        };
        Ok(RwLockReadGuard::of_part(this.held, data))
    }
}

impl<T: ?Sized> OwnedRwLockReadGuard<T> {
    #[inline]
    pub(in crate::rwlock) fn new(held: Held<Arc<RwLock<T>>, Read>) -> Self {
        let data = held.lock().data();
        Self { held, data }
    }
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockReadGuard<T, U> {
    /// `data` belongs to the value of the lock that is held.
    #[inline]
    pub(super) fn of_part(held: Held<Arc<RwLock<T>>, Read>, data: *const U) -> Self {
        Self { held, data }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// An associated function, so that it does not hide a method of the value.
    #[inline]
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        let data: *const V = f(&this);
        OwnedRwLockReadGuard::of_part(this.held, data)
    }

    /// Narrows the guard to a part of the value, if there is one.
    ///
    /// # Errors
    ///
    /// If `f` gives `None`: the guard as it was.
    #[inline]
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        let data: *const V = match f(&this) {
            Some(data) => data,
            None => return Err(this),
        };
        Ok(OwnedRwLockReadGuard::of_part(this.held, data))
    }

    /// The lock that is read.
    #[inline]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.held.lock()
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: valid while `held` lives, and nobody writes until then.
        unsafe { &*self.data }
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedRwLockReadGuard<T, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: valid while `held` lives, and nobody writes until then.
        unsafe { &*self.data }
    }
}

shown_as_value!([T: ?Sized] RwLockReadGuard<'_, T>, T);
shown_as_value!([T: ?Sized, U: ?Sized] OwnedRwLockReadGuard<T, U>, U);

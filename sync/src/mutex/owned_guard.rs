//! The guards that keep their mutex alive.
#![allow(unsafe_code, reason = "a guard is the proof that the value is ours")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
// Users own their mutexes through this one, in models too.
use std::sync::Arc;

use super::Mutex;

/// The right to the value of a [`Mutex`] that it keeps alive; gives the lock back when it is dropped.
///
/// Forgetting it leaves the mutex locked, and alive, for ever.
#[must_use = "the lock is given back when the guard is dropped"]
#[clippy::has_significant_drop]
pub struct OwnedMutexGuard<T: ?Sized> {
    held: Held<T>,
}

/// The right to a part of the value of a [`Mutex`] that it keeps alive; made by
/// [`OwnedMutexGuard::map`].
///
/// Gives the lock back when it is dropped.
#[must_use = "the lock is given back when the guard is dropped"]
#[clippy::has_significant_drop]
pub struct OwnedMappedMutexGuard<T: ?Sized, U: ?Sized = T> {
    value: NonNull<U>,
    held: Held<T>,
    /// Of this very type, as behind `&mut`.
    _value: PhantomData<*mut U>,
}

/// A held lock and its mutex.
struct Held<T: ?Sized>(Arc<Mutex<T>>);

impl<T: ?Sized> Drop for Held<T> {
    #[inline]
    fn drop(&mut self) {
        self.0.raw.unlock();
    }
}

// SAFETY: sharing a guard shares the value, for which `T: Sync` is needed, and the mutex, for which
// `T: Send` is. Sending one sends the `Arc`, which the compiler looks after.
unsafe impl<T: ?Sized + Send + Sync> Sync for OwnedMutexGuard<T> {}
// SAFETY: sending the guard sends the only way to a part of the value, and perhaps the last reference to
// the mutex with the rest of it.
unsafe impl<T: ?Sized + Send, U: ?Sized + Send> Send for OwnedMappedMutexGuard<T, U> {}
// SAFETY: sharing the guard shares the part of the value; of the rest no more than its end can be seen.
unsafe impl<T: ?Sized + Send + Sync, U: ?Sized + Send + Sync> Sync for OwnedMappedMutexGuard<T, U> {}

impl<T: ?Sized> OwnedMutexGuard<T> {
    /// The caller has taken the lock, and passes it on to the guard.
    #[inline]
    pub(super) fn of_locked(mutex: Arc<Mutex<T>>) -> Self {
        Self { held: Held(mutex) }
    }

    /// Narrows the guard to a part of the value.
    #[inline]
    pub fn map<U, F>(mut this: Self, f: F) -> OwnedMappedMutexGuard<T, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        let value = NonNull::from(f(&mut this));
        OwnedMappedMutexGuard::of_part(value, this.held)
    }

    /// Narrows the guard to a part of the value, if that is there.
    ///
    /// # Errors
    ///
    /// The guard as it was, if `f` gives `None`.
    #[inline]
    pub fn try_map<U, F>(mut this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let Some(value) = f(&mut this).map(NonNull::from) else {
            return Err(this);
        };
        Ok(OwnedMappedMutexGuard::of_part(value, this.held))
    }

    /// The mutex of this guard.
    #[inline]
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.held.0
    }
}

impl<T: ?Sized> Deref for OwnedMutexGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock, and is borrowed for as long as the value.
        self.held.0.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized> DerefMut for OwnedMutexGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and this borrow is exclusive.
        self.held.0.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: ?Sized, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    /// `value` is a part of what `held` protects.
    #[inline]
    fn of_part(value: NonNull<U>, held: Held<T>) -> Self {
        Self {
            value,
            held,
            _value: PhantomData,
        }
    }

    /// Narrows the guard further.
    #[inline]
    pub fn map<S, F>(mut this: Self, f: F) -> OwnedMappedMutexGuard<T, S>
    where
        S: ?Sized,
        F: FnOnce(&mut U) -> &mut S,
    {
        let value = NonNull::from(f(&mut this));
        OwnedMappedMutexGuard::of_part(value, this.held)
    }

    /// Narrows the guard further, if that part is there.
    ///
    /// # Errors
    ///
    /// The guard as it was, if `f` gives `None`.
    #[inline]
    pub fn try_map<S, F>(mut this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, S>, Self>
    where
        S: ?Sized,
        F: FnOnce(&mut U) -> Option<&mut S>,
    {
        let Some(value) = f(&mut this).map(NonNull::from) else {
            return Err(this);
        };
        Ok(OwnedMappedMutexGuard::of_part(value, this.held))
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedMappedMutexGuard<T, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: a part of the value of a mutex that the guard holds locked and alive, found through an
        // exclusive borrow of the guard it was made from; it is borrowed for as long as this guard.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized, U: ?Sized> DerefMut for OwnedMappedMutexGuard<T, U> {
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as in `deref`, and this borrow is exclusive.
        unsafe { self.value.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Debug> fmt::Debug for OwnedMappedMutexGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Display> fmt::Display for OwnedMappedMutexGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

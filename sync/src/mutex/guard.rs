//! The guards that borrow their mutex.
#![allow(unsafe_code, reason = "a guard is the proof that the value is ours")]

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::Mutex;
use super::raw::RawMutex;

/// The right to the value of a [`Mutex`]; gives the lock back when it is dropped.
///
/// Forgetting it leaves the mutex locked for ever.
#[must_use = "the lock is given back when the guard is dropped"]
#[clippy::has_significant_drop]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
}

/// The right to a part of the value of a [`Mutex`]; made by [`MutexGuard::map`].
///
/// Gives the lock back when it is dropped.
#[must_use = "the lock is given back when the guard is dropped"]
#[clippy::has_significant_drop]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    value: NonNull<T>,
    held: Held<'a>,
    _value: PhantomData<&'a mut T>,
}

// SAFETY: sharing a guard shares the value, for which `T: Sync` is needed, and the mutex, for which
// `T: Send` is. Sending one sends the reference to the mutex, which the compiler looks after.
unsafe impl<T: ?Sized + Send + Sync> Sync for MutexGuard<'_, T> {}
// SAFETY: sending the guard sends the only way to the value.
unsafe impl<T: ?Sized + Send> Send for MappedMutexGuard<'_, T> {}
// SAFETY: sharing the guard shares the value and nothing else.
unsafe impl<T: ?Sized + Sync> Sync for MappedMutexGuard<'_, T> {}

/// A held lock without the value.
struct Held<'a>(&'a RawMutex);

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.unlock();
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The caller has taken the lock, and passes it on to the guard.
    #[inline]
    pub(crate) fn of_locked(mutex: &'a Mutex<T>) -> Self {
        Self { mutex }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// An associated function: a method would hide one of the value's.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::{Mutex, MutexGuard};
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let pair = Mutex::new((1, "one"));
    /// let mut number = MutexGuard::map(pair.lock().await, |pair| &mut pair.0);
    /// *number += 1;
    /// drop(number);
    /// assert_eq!(pair.lock().await.0, 2);
    /// # }
    /// ```
    #[inline]
    pub fn map<U, F>(mut this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        let value = NonNull::from(f(&mut this));
        MappedMutexGuard::of_part(value, this.into_held())
    }

    /// Narrows the guard to a part of the value, if that is there.
    ///
    /// # Errors
    ///
    /// The guard as it was, if `f` gives `None`.
    #[inline]
    pub fn try_map<U, F>(mut this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let Some(value) = f(&mut this).map(NonNull::from) else {
            return Err(this);
        };
        Ok(MappedMutexGuard::of_part(value, this.into_held()))
    }

    /// The mutex of this guard.
    #[inline]
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.mutex
    }

    #[inline]
    fn into_held(self) -> Held<'a> {
        Held(&ManuallyDrop::new(self).mutex.raw)
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.mutex.raw.unlock();
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock, and is borrowed for as long as the value.
        self.mutex.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and this borrow is exclusive.
        self.mutex.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    /// `value` is a part of what `held` protects.
    #[inline]
    fn of_part(value: NonNull<T>, held: Held<'a>) -> Self {
        Self {
            value,
            held,
            _value: PhantomData,
        }
    }

    /// Narrows the guard further.
    #[inline]
    pub fn map<U, F>(mut this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        let value = NonNull::from(f(&mut this));
        MappedMutexGuard::of_part(value, this.held)
    }

    /// Narrows the guard further, if that part is there.
    ///
    /// # Errors
    ///
    /// The guard as it was, if `f` gives `None`.
    #[inline]
    pub fn try_map<U, F>(mut this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let Some(value) = f(&mut this).map(NonNull::from) else {
            return Err(this);
        };
        Ok(MappedMutexGuard::of_part(value, this.held))
    }
}

impl<T: ?Sized> Deref for MappedMutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: a part of the value of a mutex that the guard holds locked, found through an exclusive
        // borrow of the guard it was made from; it is borrowed for as long as this guard.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for MappedMutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and this borrow is exclusive.
        unsafe { self.value.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

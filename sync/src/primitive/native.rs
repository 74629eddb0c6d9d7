//! The native side of the loom switch: thin covers over `std`.

use std::sync::{self, PoisonError};
use std::time::Duration;

pub use std::hint;
pub use std::sync::atomic::fence;
pub use std::sync::{Arc, MutexGuard, RwLockReadGuard, RwLockWriteGuard, atomic};
pub use std::thread;

pub use super::short_lock::{ShortLock, ShortLockGuard};

/// Looks that a thread takes at once: a microsecond or two.
const LOOKS_AT_ONCE: u32 = 50;

/// How often a thread looks before it goes to sleep, which costs it and its waker several microseconds.
pub const LOOKS_BEFORE_SLEEP: u32 = LOOKS_AT_ONCE + 10;

/// The same, if the last sleep was short: as many more as a sleep costs.
pub const LOOKS_AFTER_NAP: u32 = LOOKS_AT_ONCE + 100;

/// Passes the time after the look with this number: first at once, then after the other threads.
pub fn linger(look: u32) {
    if look < LOOKS_AT_ONCE {
        hint::spin_loop();
    } else {
        thread::yield_now();
    }
}

/// How often a thread looks at a lock before it queues: for four microseconds or so.
pub const LOOKS_BEFORE_POLL: u32 = 4;

/// Passes the time after the look with this number, at first a third of a microsecond, away from the lock.
pub fn keep_away(look: u32) {
    for _ in 0..16 << look {
        hint::spin_loop();
    }
}

/// Looks of [`rest`] with twice the pause of the one before: together a microsecond or two.
const RESTS_AT_ONCE: u32 = 6;

/// The looks of [`rest`] before it sleeps.
const RESTS_BEFORE_SLEEP: u32 = RESTS_AT_ONCE + 10;

/// Passes the time after the look with this number, in a wait that nobody ends: longer and longer.
///
/// So whoever has the lock, and wants it again, gets on meanwhile with its cache to itself.
pub(super) fn rest(look: u32) {
    match look.checked_sub(RESTS_BEFORE_SLEEP) {
        None if look < RESTS_AT_ONCE => (0..1_u32 << look).for_each(|_| hint::spin_loop()),
        None => thread::yield_now(),
        Some(sleeps) => thread::sleep(Duration::from_micros(60 << (sleeps / 4).min(4))),
    }
}

/// A mutex without poisoning.
#[derive(Debug, Default)]
pub struct Mutex<T: ?Sized>(sync::Mutex<T>);

impl<T> Mutex<T> {
    /// A free mutex around `value`.
    pub const fn new(value: T) -> Self {
        Self(sync::Mutex::new(value))
    }

    /// The value, when nobody can hold the lock any more.
    pub fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the lock.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(sync::TryLockError::WouldBlock) => None,
        }
    }
}

/// A readers-writer lock without poisoning.
#[derive(Debug, Default)]
pub struct RwLock<T: ?Sized>(sync::RwLock<T>);

impl<T> RwLock<T> {
    /// A free lock around `value`.
    pub const fn new(value: T) -> Self {
        Self(sync::RwLock::new(value))
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits for the lock, to share it with other readers.
    #[inline]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the lock, to have it alone.
    #[inline]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A condition variable for [`Mutex`].
#[derive(Debug, Default)]
pub struct Condvar(sync::Condvar);

impl Condvar {
    /// A condition variable nobody waits on.
    pub const fn new() -> Self {
        Self(sync::Condvar::new())
    }

    /// Releases the lock, waits for a notification, takes the lock again. May wake for nothing.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`wait`](Self::wait), for at most `timeout`; true if the time ran out.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> (MutexGuard<'a, T>, bool) {
        let (guard, result) = self
            .0
            .wait_timeout(guard, timeout)
            .unwrap_or_else(PoisonError::into_inner);
        (guard, result.timed_out())
    }

    /// Wakes one waiter.
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes every waiter.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// Interior mutability whose accesses are visible as closures, so that a model can track them.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct UnsafeCell<T: ?Sized>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    /// A cell around `value`.
    pub const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// Runs `f` with a pointer for shared access; the caller vouches that nobody writes meanwhile.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    /// Runs `f` with a pointer for exclusive access; the caller vouches that nobody else has one.
    #[inline(always)]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

#[doc(hidden)]
#[macro_export]
macro_rules! __selvedge_thread_local {
    ($($(#[$attr:meta])* $vis:vis static $name:ident: $ty:ty = $init:expr;)*) => {
        ::std::thread_local! { $($(#[$attr])* $vis static $name: $ty = const { $init };)* }
    };
}
pub use crate::__selvedge_thread_local as thread_local;

#[doc(hidden)]
#[macro_export]
macro_rules! __selvedge_const_fn {
    ($(#[$attr:meta])* $vis:vis const fn $($rest:tt)*) => { $(#[$attr])* $vis const fn $($rest)* };
}
pub use crate::__selvedge_const_fn as const_fn;

#[doc(hidden)]
#[macro_export]
macro_rules! __selvedge_array_of {
    ($value:expr; $count:expr) => {
        [const { $value }; $count]
    };
}
pub use crate::__selvedge_array_of as array_of;

//! The modelled side of the loom switch: the same names over loom's types.

use std::time::Duration;

pub use loom::cell::UnsafeCell;
pub use loom::hint;
pub use loom::sync::atomic::fence;
pub use loom::sync::{Arc, MutexGuard, RwLockReadGuard, RwLockWriteGuard, atomic};
pub use loom::thread;

/// Looking twice shows a model nothing new.
pub const LOOKS_BEFORE_SLEEP: u32 = 0;

/// As above.
pub const LOOKS_AFTER_NAP: u32 = 0;

/// Lets another thread go on.
pub fn linger(_look: u32) {
    thread::yield_now();
}

/// As for [`LOOKS_BEFORE_SLEEP`].
pub const LOOKS_BEFORE_POLL: u32 = 0;

/// Lets another thread go on.
pub fn keep_away(_look: u32) {
    thread::yield_now();
}

/// Models of other things take a lock that loom knows; the algorithm has models of its own.
pub type ShortLock<T> = Mutex<T>;
/// The guard of a [`ShortLock`].
pub type ShortLockGuard<'a, T> = MutexGuard<'a, T>;

/// As [`linger`], for a wait that nobody ends.
#[cfg(test)]
pub(super) fn rest(look: u32) {
    linger(look);
}

/// A mutex without poisoning.
#[derive(Debug, Default)]
pub struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    /// A free mutex around `value`.
    pub fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    /// The value, when nobody can hold the lock any more.
    pub fn into_inner(self) -> T {
        self.0.into_inner().expect("loom mutexes are not poisoned")
    }

    /// Waits for the lock.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().expect("loom mutexes are not poisoned")
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok()
    }
}

/// A readers-writer lock without poisoning.
#[derive(Debug, Default)]
pub struct RwLock<T>(loom::sync::RwLock<T>);

impl<T> RwLock<T> {
    /// A free lock around `value`.
    pub fn new(value: T) -> Self {
        Self(loom::sync::RwLock::new(value))
    }

    /// Waits for the lock, to share it with other readers.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().expect("loom locks are not poisoned")
    }

    /// Waits for the lock, to have it alone.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().expect("loom locks are not poisoned")
    }
}

/// A condition variable for [`Mutex`].
#[derive(Debug, Default)]
pub struct Condvar(loom::sync::Condvar);

impl Condvar {
    /// A condition variable nobody waits on.
    pub fn new() -> Self {
        Self(loom::sync::Condvar::new())
    }

    /// Releases the lock, waits for a notification, takes the lock again.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).expect("loom mutexes are not poisoned")
    }

    /// As [`wait`](Self::wait): a model has no time, so this never times out.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _timeout: Duration,
    ) -> (MutexGuard<'a, T>, bool) {
        (self.wait(guard), false)
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

#[doc(hidden)]
#[macro_export]
macro_rules! __selvedge_thread_local {
    ($($(#[$attr:meta])* $vis:vis static $name:ident: $ty:ty = $init:expr;)*) => {
        ::loom::thread_local! { $($(#[$attr])* $vis static $name: $ty = $init;)* }
    };
}
pub use crate::__selvedge_thread_local as thread_local;

#[doc(hidden)]
#[macro_export]
macro_rules! __selvedge_const_fn {
    ($(#[$attr:meta])* $vis:vis const fn $($rest:tt)*) => { $(#[$attr])* $vis fn $($rest)* };
}
pub use crate::__selvedge_const_fn as const_fn;

#[doc(hidden)]
#[macro_export]
macro_rules! __selvedge_array_of {
    ($value:expr; $count:expr) => {
        ::std::array::from_fn::<_, { $count }, _>(|_| $value)
    };
}
pub use crate::__selvedge_array_of as array_of;

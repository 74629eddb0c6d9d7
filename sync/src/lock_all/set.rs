//! What can be locked together: arrays, vectors, slices and tuples of references to locks.

use crate::mutex::{Mutex, MutexGuard, RawMutex};

/// A lock, whatever it protects.
#[derive(Clone, Copy)]
pub(crate) struct AnyLock<'a>(pub(super) &'a RawMutex);

impl AnyLock<'_> {
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }
}

/// Locks that [`lock_all`](super::lock_all) takes together.
///
/// Arrays, vectors and slices of `&Mutex<T>`, and tuples of up to six.
pub trait LockSet<'a> {
    /// Their guards, in the same order.
    type Guards;
}

/// Locks that are taken together.
pub(crate) trait SetOfLocks<'a>: LockSet<'a> {
    /// An array, or else a vector.
    type InOrder: AsRef<[AnyLock<'a>]> + AsMut<[AnyLock<'a>]>;

    fn locks(&self) -> Self::InOrder;

    /// The caller has taken all of them, and passes them on to the guards.
    fn locked(self) -> Self::Guards;
}

/// One of several locks that are taken together.
pub(crate) trait OneLock<'a>: Copy {
    type Guard;

    fn lock(self) -> AnyLock<'a>;

    /// The caller has taken it, and passes it on to the guard.
    fn locked(self) -> Self::Guard;
}

impl<'a, T: ?Sized> OneLock<'a> for &'a Mutex<T> {
    type Guard = MutexGuard<'a, T>;

    fn lock(self) -> AnyLock<'a> {
        AnyLock(self.raw())
    }

    fn locked(self) -> MutexGuard<'a, T> {
        MutexGuard::of_locked(self)
    }
}

impl<'a, T: ?Sized, const N: usize> LockSet<'a> for [&'a Mutex<T>; N] {
    type Guards = [MutexGuard<'a, T>; N];
}

impl<'a, T: ?Sized, const N: usize> SetOfLocks<'a> for [&'a Mutex<T>; N] {
    type InOrder = [AnyLock<'a>; N];

    fn locks(&self) -> Self::InOrder {
        self.map(OneLock::lock)
    }

    fn locked(self) -> Self::Guards {
        self.map(OneLock::locked)
    }
}

impl<'a, T: ?Sized> LockSet<'a> for &[&'a Mutex<T>] {
    type Guards = Vec<MutexGuard<'a, T>>;
}

impl<'a, T: ?Sized> SetOfLocks<'a> for &[&'a Mutex<T>] {
    type InOrder = Vec<AnyLock<'a>>;

    fn locks(&self) -> Self::InOrder {
        self.iter().copied().map(OneLock::lock).collect()
    }

    fn locked(self) -> Self::Guards {
        self.iter().copied().map(OneLock::locked).collect()
    }
}

impl<'a, T: ?Sized> LockSet<'a> for Vec<&'a Mutex<T>> {
    type Guards = Vec<MutexGuard<'a, T>>;
}

impl<'a, T: ?Sized> SetOfLocks<'a> for Vec<&'a Mutex<T>> {
    type InOrder = Vec<AnyLock<'a>>;

    fn locks(&self) -> Self::InOrder {
        self.as_slice().locks()
    }

    fn locked(self) -> Self::Guards {
        self.into_iter().map(OneLock::locked).collect()
    }
}

macro_rules! tuple {
    ($count:literal: $($value:ident $index:tt),+) => {
        impl<'a, $($value: ?Sized),+> LockSet<'a> for ($(&'a Mutex<$value>,)+) {
            type Guards = ($(MutexGuard<'a, $value>,)+);
        }

        impl<'a, $($value: ?Sized),+> SetOfLocks<'a> for ($(&'a Mutex<$value>,)+) {
            type InOrder = [AnyLock<'a>; $count];

            fn locks(&self) -> Self::InOrder {
                [$(OneLock::lock(self.$index)),+]
            }

            fn locked(self) -> Self::Guards {
                ($(OneLock::locked(self.$index),)+)
            }
        }
    };
}

tuple!(1: A 0);
tuple!(2: A 0, B 1);
tuple!(3: A 0, B 1, C 2);
tuple!(4: A 0, B 1, C 2, D 3);
tuple!(5: A 0, B 1, C 2, D 3, E 4);
tuple!(6: A 0, B 1, C 2, D 3, E 4, F 5);

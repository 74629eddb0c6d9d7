//! What can be locked together: arrays, vectors, slices and tuples of references to locks.

use crate::mutex::{Mutex, MutexGuard, RawMutex};
use crate::wait_list::HostRef;

/// Locks that [`lock_all`](super::lock_all) takes together.
///
/// Arrays, vectors and slices of `&Mutex<T>`, and tuples of up to six.
pub trait LockSet {
    /// Their guards, in the same order.
    type Guards;
}

/// Locks that are taken together.
///
/// No lifetime is a parameter of this trait: a task that awaits such a future could not be `Send` then,
/// for all the compiler knows.
pub(crate) trait SetOfLocks: LockSet {
    /// A lock, whatever it protects.
    type Raw: HostRef<Host = RawMutex> + Copy;
    /// An array, or else a vector.
    type InOrder: AsRef<[Self::Raw]> + AsMut<[Self::Raw]>;

    fn locks(&self) -> Self::InOrder;

    /// The caller has taken all of them, and passes them on to the guards.
    fn locked(self) -> Self::Guards;
}

impl<'a, T: ?Sized, const N: usize> LockSet for [&'a Mutex<T>; N] {
    type Guards = [MutexGuard<'a, T>; N];
}

impl<'a, T: ?Sized, const N: usize> SetOfLocks for [&'a Mutex<T>; N] {
    type Raw = &'a RawMutex;
    type InOrder = [&'a RawMutex; N];

    fn locks(&self) -> Self::InOrder {
        self.map(Mutex::raw)
    }

    fn locked(self) -> Self::Guards {
        self.map(MutexGuard::of_locked)
    }
}

impl<'a, T: ?Sized> LockSet for &[&'a Mutex<T>] {
    type Guards = Vec<MutexGuard<'a, T>>;
}

impl<'a, T: ?Sized> SetOfLocks for &[&'a Mutex<T>] {
    type Raw = &'a RawMutex;
    type InOrder = Vec<&'a RawMutex>;

    fn locks(&self) -> Self::InOrder {
        self.iter().map(|lock| lock.raw()).collect()
    }

    fn locked(self) -> Self::Guards {
        self.iter().copied().map(MutexGuard::of_locked).collect()
    }
}

impl<'a, T: ?Sized> LockSet for Vec<&'a Mutex<T>> {
    type Guards = Vec<MutexGuard<'a, T>>;
}

impl<'a, T: ?Sized> SetOfLocks for Vec<&'a Mutex<T>> {
    type Raw = &'a RawMutex;
    type InOrder = Vec<&'a RawMutex>;

    fn locks(&self) -> Self::InOrder {
        self.as_slice().locks()
    }

    fn locked(self) -> Self::Guards {
        self.into_iter().map(MutexGuard::of_locked).collect()
    }
}

macro_rules! tuple {
    ($count:literal: $($value:ident $index:tt),+) => {
        impl<'a, $($value: ?Sized),+> LockSet for ($(&'a Mutex<$value>,)+) {
            type Guards = ($(MutexGuard<'a, $value>,)+);
        }

        impl<'a, $($value: ?Sized),+> SetOfLocks for ($(&'a Mutex<$value>,)+) {
            type Raw = &'a RawMutex;
            type InOrder = [&'a RawMutex; $count];

            fn locks(&self) -> Self::InOrder {
                [$(self.$index.raw()),+]
            }

            fn locked(self) -> Self::Guards {
                ($(MutexGuard::of_locked(self.$index),)+)
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

//! Counters that many threads add to: behind a lock, in one atomic, and striped.
//!
//! # Which one
//!
//! | | One addition | Under contention | What [`sum`](Counter::sum) gives | Size |
//! |---|---|---|---|---|
//! | [`LockedCounter`] | lock and unlock | one at a time, threads may sleep | the count at one moment | 16 bytes |
//! | [`AtomicCounter`] | one atomic addition | one at a time, the cache line travels | the count at one moment | 8 bytes |
//! | [`Counter`] | one atomic addition | each thread in its own cache line | the count if nobody adds meanwhile | 2 KiB |
//!
//! Choose [`AtomicCounter`] unless a profile shows that threads fight for it, [`Counter`] for what is counted
//! in every request and read once a second, and [`LockedCounter`] to learn, or to see what the others save.
//!
//! All count from zero in an `i64`, which wraps, and have the same methods. None publishes other data:
//! who sees a count knows nothing about what else the counting thread has written.
//!
//! # Why the striped count is exact in the end
//!
//! An addition is one atomic change of one stripe, so none is lost, and [`take`](Counter::take) moves each
//! stripe's count in one atomic change, so none is given twice. A sum reads one stripe after the other: each
//! addition is in it that was over before the call (in the sense of *happens before*), none that began
//! after its end, and of those between some. So it is exact when the adding threads were joined, or are
//! otherwise known to be done; and where counts only grow, it is a count that lies between those at the
//! beginning and the end of the call. With additions and subtractions at once it may be a number that the
//! count never was.

use std::fmt;

use crate::primitive::Mutex;
use crate::primitive::atomic::{AtomicI64, Ordering};
use crate::thread_number;

/// Stripes of a counter, a power of two: as many as the cores of most machines. Models have two threads.
const STRIPES: usize = if cfg!(selvedge_loom) { 2 } else { 16 };

/// A part of the count, aligned to two cache lines: the hardware fetches them in pairs.
#[repr(align(128))]
struct Stripe(AtomicI64);

/// A count in stripes, of which each thread uses one: adding is cheap on many cores, reading is not.
///
/// The [module](self) compares it to the others, and says what its sums mean.
///
/// # Examples
///
/// ```
/// use selvedge::sync::counter::Counter;
/// use std::thread;
///
/// static REQUESTS: Counter = Counter::new();
///
/// thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| {
///             for _ in 0..1_000 {
///                 REQUESTS.increment();
///             }
///         });
///     }
/// });
/// assert_eq!(REQUESTS.take(), 4_000);
/// assert_eq!(REQUESTS.sum(), 0);
/// ```
pub struct Counter {
    stripes: [Stripe; STRIPES],
}

impl Counter {
    crate::primitive::const_fn! {
        /// A counter at zero.
        pub const fn new() -> Self {
            Self {
                stripes: crate::primitive::array_of!(Stripe(AtomicI64::new(0)); STRIPES),
            }
        }
    }

    /// Adds `n`.
    #[inline]
    pub fn add(&self, n: i64) {
        self.add_as(thread_number::get(), n);
    }

    /// Subtracts `n`.
    #[inline]
    pub fn sub(&self, n: i64) {
        self.add(n.wrapping_neg());
    }

    /// Adds one.
    #[inline]
    pub fn increment(&self) {
        self.add(1);
    }

    /// Subtracts one.
    #[inline]
    pub fn decrement(&self) {
        self.sub(1);
    }

    /// As the thread with this number.
    #[inline]
    fn add_as(&self, thread: usize, n: i64) {
        // Ordering: Relaxed; a count, which publishes nothing.
        self.stripes[thread % STRIPES]
            .0
            .fetch_add(n, Ordering::Relaxed);
    }

    /// The count, exact if nobody changes it meanwhile. See the [module](self) for what it is otherwise.
    pub fn sum(&self) -> i64 {
        // Ordering: Relaxed, as in `add_as`.
        self.fold(|stripe| stripe.load(Ordering::Relaxed))
    }

    /// The count, which starts from zero again. Each addition is in one `take` or still there: what all of
    /// them give and the last sum make up all that was added.
    pub fn take(&self) -> i64 {
        // Ordering: Relaxed, as in `add_as`.
        self.fold(|stripe| stripe.swap(0, Ordering::Relaxed))
    }

    /// Forgets the count. Additions made meanwhile may be forgotten with it.
    pub fn reset(&self) {
        self.take();
    }

    fn fold(&self, part: impl Fn(&AtomicI64) -> i64) -> i64 {
        let parts = self.stripes.iter().map(|stripe| part(&stripe.0));
        parts.fold(0, i64::wrapping_add)
    }
}

/// A count in one atomic: adding and reading are one instruction each, and all see one order of changes.
///
/// # Examples
///
/// ```
/// use selvedge::sync::counter::AtomicCounter;
///
/// let open = AtomicCounter::new();
/// open.add(3);
/// open.decrement();
/// assert_eq!(open.sum(), 2);
/// ```
pub struct AtomicCounter {
    count: AtomicI64,
}

impl AtomicCounter {
    crate::primitive::const_fn! {
        /// A counter at zero.
        pub const fn new() -> Self {
            Self {
                count: AtomicI64::new(0),
            }
        }
    }

    /// Adds `n`.
    #[inline]
    pub fn add(&self, n: i64) {
        // Ordering: Relaxed; a count, which publishes nothing.
        self.count.fetch_add(n, Ordering::Relaxed);
    }

    /// Subtracts `n`.
    #[inline]
    pub fn sub(&self, n: i64) {
        self.add(n.wrapping_neg());
    }

    /// Adds one.
    #[inline]
    pub fn increment(&self) {
        self.add(1);
    }

    /// Subtracts one.
    #[inline]
    pub fn decrement(&self) {
        self.sub(1);
    }

    /// The count.
    #[inline]
    pub fn sum(&self) -> i64 {
        // Ordering: Relaxed, as in `add`.
        self.count.load(Ordering::Relaxed)
    }

    /// The count, which starts from zero again.
    pub fn take(&self) -> i64 {
        // Ordering: Relaxed, as in `add`.
        self.count.swap(0, Ordering::Relaxed)
    }

    /// Forgets the count.
    pub fn reset(&self) {
        self.take();
    }
}

/// A count behind a lock: the plainest that is right.
///
/// A thread that is interrupted while it adds keeps all others waiting.
///
/// # Examples
///
/// ```
/// use selvedge::sync::counter::LockedCounter;
///
/// let open = LockedCounter::new();
/// open.add(3);
/// open.decrement();
/// assert_eq!(open.sum(), 2);
/// ```
pub struct LockedCounter {
    count: Mutex<i64>,
}

impl LockedCounter {
    crate::primitive::const_fn! {
        /// A counter at zero.
        pub const fn new() -> Self {
            Self {
                count: Mutex::new(0),
            }
        }
    }

    /// Adds `n`.
    pub fn add(&self, n: i64) {
        let mut count = self.count.lock();
        *count = count.wrapping_add(n);
    }

    /// Subtracts `n`.
    pub fn sub(&self, n: i64) {
        self.add(n.wrapping_neg());
    }

    /// Adds one.
    pub fn increment(&self) {
        self.add(1);
    }

    /// Subtracts one.
    pub fn decrement(&self) {
        self.sub(1);
    }

    /// The count.
    pub fn sum(&self) -> i64 {
        *self.count.lock()
    }

    /// The count, which starts from zero again.
    pub fn take(&self) -> i64 {
        std::mem::take(&mut *self.count.lock())
    }

    /// Forgets the count.
    pub fn reset(&self) {
        self.take();
    }
}

/// What all three can do besides.
macro_rules! count_like_a_number {
    ($($counter:ident),*) => {$(
        impl Default for $counter {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Debug for $counter {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($counter)).field(&self.sum()).finish()
            }
        }
    )*};
}

count_like_a_number!(Counter, AtomicCounter, LockedCounter);

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

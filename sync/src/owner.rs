//! Who holds a lock, or waits: a task when inside one, a thread otherwise.

use std::fmt;
use std::num::NonZeroU64;

use crate::context::{self, THREAD};
use crate::primitive::atomic::{AtomicU64, Ordering};

/// Set in the number of an owner that was made up, so that it is neither that of a task nor of a thread.
const MADE_UP: u64 = 1 << 62;

/// Somebody who can hold a lock or wait for one.
///
/// Under a runtime that does not [enter](crate::context::enter) its tasks, all that run on one thread
/// look the same: they are that thread.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner(NonZeroU64);

impl Owner {
    /// Who runs here: the task being polled, or else the thread.
    #[inline]
    pub fn current() -> Self {
        Self(context::current_runner())
    }

    /// An owner that is neither a task nor a thread, and nobody else.
    ///
    /// For [`ReentrantMutex::lock_as`](crate::ReentrantMutex::lock_as), where tasks are not told apart.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::Owner;
    ///
    /// assert_ne!(Owner::unique(), Owner::unique());
    /// ```
    pub fn unique() -> Self {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        // Ordering: Relaxed; each owner gets another number, and nothing is published with it.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(NonZeroU64::MIN.saturating_add(number) | MADE_UP)
    }

    /// The id of the task, if it is one.
    pub fn task(self) -> Option<NonZeroU64> {
        (self.0.get() & (THREAD | MADE_UP) == 0).then_some(self.0)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.task() {
            Some(task) => write!(f, "task {task}"),
            None if self.0.get() & THREAD != 0 => write!(f, "thread {}", self.0.get() & !THREAD),
            None => write!(f, "owner {}", self.0.get() & !MADE_UP),
        }
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Who took a lock last; its holder, while it is locked.
pub(crate) struct Holder(AtomicU64);

impl Holder {
    crate::primitive::const_fn! {
        /// Nobody so far.
        pub(crate) const fn new() -> Self {
            Self(AtomicU64::new(0))
        }
    }

    /// Called by who has just taken the lock.
    #[inline]
    pub(crate) fn set_current(&self) {
        // Ordering: Relaxed; the holder is shown to people and detectors, nothing is published with it.
        self.0.store(Owner::current().0.get(), Ordering::Relaxed);
    }

    /// Called by who hands the lock to somebody else.
    pub(crate) fn set(&self, owner: Option<Owner>) {
        let word = owner.map_or(0, |owner| owner.0.get());
        // Ordering: Relaxed, as in `set_current`.
        self.0.store(word, Ordering::Relaxed);
    }

    /// Who took the lock last; ask only of a lock that is taken.
    pub(crate) fn get(&self) -> Option<Owner> {
        // Ordering: Relaxed, as in `set_current`.
        NonZeroU64::new(self.0.load(Ordering::Relaxed)).map(Owner)
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.get(), f)
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

//! The state word of a semaphore as a plain value.

use std::fmt;

/// No permit is given out any more.
const CLOSED: usize = 1;
/// Somebody waits in the queue.
const WAITERS: usize = 1 << 1;
/// One permit; the upper bits count them.
const PERMIT: usize = 1 << 2;

/// The most permits a semaphore has: one bit of the count stays free.
pub(super) const PERMITS_MAX: usize = usize::MAX >> 3;

/// The state word.
///
/// | Bits | Meaning |
/// |---|---|
/// | 2.. | free permits, at most [`PERMITS_MAX`] |
/// | 1 | `WAITERS` |
/// | 0 | `CLOSED` |
///
/// Valid: with `WAITERS` there are no free permits, since they go to who waits, and no `CLOSED`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

/// Why permits cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Closed,
    NoPermits,
}

/// What somebody who starts to wait got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnWait {
    /// All of it.
    Granted,
    /// Not so many that it need not queue; so many are missing.
    Enqueue { missing: usize },
}

impl Snapshot {
    #[track_caller]
    pub(super) const fn new(permits: usize) -> Self {
        assert!(
            permits <= PERMITS_MAX,
            "a semaphore has at most `Semaphore::MAX_PERMITS` permits"
        );
        Self(permits * PERMIT)
    }

    #[inline]
    pub(super) const fn permits(self) -> usize {
        self.0 / PERMIT
    }

    #[inline]
    pub(super) const fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    #[inline]
    pub(super) const fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    const fn is_valid(self) -> bool {
        self.permits() <= PERMITS_MAX
            && !(self.has_waiters() && (self.is_closed() || self.permits() > 0))
    }

    /// Takes `count` permits if they are free.
    #[inline]
    pub(super) const fn take(self, count: usize) -> Result<Self, Refused> {
        debug_assert!(self.is_valid());
        if self.is_closed() {
            Err(Refused::Closed)
        } else if self.permits() < count || (self.has_waiters() && count > 0) {
            Err(Refused::NoPermits)
        } else {
            Ok(Self(self.0 - count * PERMIT))
        }
    }

    /// Takes `count` permits, or all there are and a place in the queue.
    pub(super) const fn take_or_wait(self, count: usize) -> Option<(Self, OnWait)> {
        match self.take(count) {
            Ok(next) => Some((next, OnWait::Granted)),
            Err(Refused::Closed) => None,
            Err(Refused::NoPermits) => {
                let missing = count - self.permits();
                Some((Self(WAITERS), OnWait::Enqueue { missing }))
            }
        }
    }

    /// Takes at most `count` permits; gives how many.
    pub(super) const fn forget(self, count: usize) -> (Self, usize) {
        debug_assert!(self.is_valid());
        let forgotten = if count < self.permits() {
            count
        } else {
            self.permits()
        };
        (Self(self.0 - forgotten * PERMIT), forgotten)
    }

    /// Adds permits that nobody waits for; `None` if they are too many.
    ///
    /// Clears `WAITERS`: who has waiters gives the permits to them first.
    #[inline]
    pub(super) const fn add(self, count: usize) -> Option<Self> {
        debug_assert!(self.is_valid());
        if count > PERMITS_MAX - self.permits() {
            None
        } else {
            Some(Self((self.0 & !WAITERS) + count * PERMIT))
        }
    }

    /// Gives out nothing any more; nobody waits after this.
    pub(super) const fn close(self) -> Self {
        debug_assert!(self.is_valid());
        Self((self.0 & !WAITERS) | CLOSED)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} permits", self.permits())?;
        f.write_str(match (self.is_closed(), self.has_waiters()) {
            (true, _) => ", closed",
            (false, true) => ", waited for",
            (false, false) => "",
        })
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

//! The state word of an event as a plain value.

use std::fmt;

/// The event is set.
const SET: usize = 1;
/// Somebody waits in the queue whom no broadcast covers.
pub(super) const WAITERS: usize = 1 << 1;

/// The state word.
///
/// | `WAITERS` | `SET` | |
/// |---|---|---|
/// | 0 | 0 | clear |
/// | 0 | 1 | set |
/// | 1 | 0 | waited for: changes only under the lock of the queue |
/// | 1 | 1 | set for good, and those who wait are about to be released |
///
/// An event that can be cleared is never in the last state: who sets it releases those who wait
/// under the same lock, so that nobody is released who came after a `clear`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

impl Snapshot {
    pub(super) const CLEAR: Self = Self(0);

    pub(super) const fn is_set(self) -> bool {
        self.0 & SET != 0
    }

    pub(super) const fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    /// Sets the event, and has the waiters released.
    pub(super) const fn set(self) -> Self {
        Self((self.0 | SET) & !WAITERS)
    }

    /// Sets the event for good. Its waiters are still to be released.
    pub(super) const fn set_for_good(self) -> Self {
        Self(self.0 | SET)
    }

    pub(super) const fn clear(self) -> Self {
        Self(self.0 & !SET)
    }

    /// Starts to wait; `None` if there is no need.
    pub(super) const fn start_wait(self) -> Option<Self> {
        if self.is_set() {
            None
        } else {
            Some(Self(self.0 | WAITERS))
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_set(), self.has_waiters()) {
            (false, false) => "clear",
            (true, false) => "set",
            (false, true) => "waited for",
            (true, true) => "set, waiters leave",
        })
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

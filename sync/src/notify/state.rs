//! The state word of a `Notify` as a plain value.

use std::fmt;

/// A notification that the next waiter takes.
pub(super) const PERMIT: usize = 1;
/// Somebody waits in the queue whom no broadcast covers.
pub(super) const WAITERS: usize = 1 << 1;
/// One call of `notify_waiters`; the upper bits count them.
const CALL: usize = 1 << 2;

/// The state word.
///
/// | Bits | Meaning |
/// |---|---|
/// | 2.. | calls of `notify_waiters`, wrapping |
/// | 1 | `WAITERS` |
/// | 0 | `PERMIT` |
///
/// The count tells a future whether a broadcast came between its creation and its first poll. It
/// would miss one if exactly 2^62 came (2^30 on 32-bit targets).
///
/// | `WAITERS` | `PERMIT` | |
/// |---|---|---|
/// | 0 | 0 | idle |
/// | 0 | 1 | notified |
/// | 1 | 0 | waited for: changes only under the lock of the queue |
/// | 1 | 1 | never: a permit goes to who waits |
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

/// What somebody who starts to wait finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnWait {
    /// A broadcast came since the future was created: nothing to take, no need to wait.
    Covered,
    /// There was a permit, and it was taken.
    TookPermit,
    /// Nothing: join the queue.
    Enqueue,
}

impl Snapshot {
    pub(super) const fn has_permit(self) -> bool {
        self.0 & PERMIT != 0
    }

    pub(super) const fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    /// Which broadcast was the last.
    pub(super) const fn calls(self) -> usize {
        self.0 / CALL
    }

    const fn is_valid(self) -> bool {
        !(self.has_permit() && self.has_waiters())
    }

    /// Leaves a permit; for when nobody waits.
    pub(super) const fn store_permit(self) -> Self {
        debug_assert!(self.is_valid() && !self.has_waiters());
        Self(self.0 | PERMIT)
    }

    /// A future created after `calls` broadcasts starts to wait.
    pub(super) const fn start_wait(self, calls: usize) -> (Self, OnWait) {
        debug_assert!(self.is_valid());
        if self.calls() != calls {
            (self, OnWait::Covered)
        } else if self.has_permit() {
            (Self(self.0 & !PERMIT), OnWait::TookPermit)
        } else {
            (Self(self.0 | WAITERS), OnWait::Enqueue)
        }
    }

    /// A broadcast: nobody waits after it, and a permit stays.
    pub(super) const fn broadcast(self) -> Self {
        debug_assert!(self.is_valid());
        Self(self.0.wrapping_add(CALL) & !WAITERS)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match (self.has_waiters(), self.has_permit()) {
            (false, false) => "idle",
            (false, true) => "notified",
            (true, false) => "waited for",
            (true, true) => "invalid",
        };
        write!(f, "{phase}, {} broadcasts", self.calls())
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn transitions_keep_the_state_valid() {
        for bits in [0, PERMIT, WAITERS] {
            for calls in [0, 1, usize::MAX / CALL] {
                let state = Snapshot(bits | calls.wrapping_mul(CALL));
                assert!(state.is_valid());
                assert_eq!(state.calls(), calls);

                let after = state.broadcast();
                assert!(after.is_valid() && !after.has_waiters());
                assert_eq!(after.has_permit(), state.has_permit(), "{state:?}");
                assert_ne!(after.calls(), calls);

                let (next, found) = state.start_wait(calls);
                assert!(next.is_valid());
                assert_eq!(found == OnWait::TookPermit, state.has_permit());
                assert_eq!(found == OnWait::Enqueue, next.has_waiters());
                assert_eq!(state.broadcast().start_wait(calls).1, OnWait::Covered);
                if !state.has_waiters() {
                    let notified = state.store_permit();
                    assert!(notified.is_valid() && notified.has_permit());
                    assert_eq!(notified.calls(), calls);
                }
            }
        }
    }
}

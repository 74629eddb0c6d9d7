//! The state word of a watch channel as a plain value.

use std::fmt;

/// The last sender is gone.
const CLOSED: usize = 1;
/// Somebody may be in the queue.
const WAITERS: usize = 1 << 1;
/// One value sent; the upper bits count them.
pub(super) const STEP: usize = 1 << 2;

/// Which value it is: a count of those sent, wrapping.
///
/// A receiver would miss a change if exactly 2^62 values came between two looks (2^30 on 32-bit
/// targets).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version(usize);

impl Version {
    /// The value a channel is made with.
    pub(super) const INITIAL: Self = Self(0);

    /// The version before this one.
    pub(super) const fn before(self) -> Self {
        Self(self.0.wrapping_sub(STEP))
    }
}

/// The state word.
///
/// | Bits | Meaning |
/// |---|---|
/// | 2.. | the [`Version`] |
/// | 1 | `WAITERS` |
/// | 0 | `CLOSED` |
///
/// Every combination is valid. `WAITERS` changes only under the lock of the queue, the version only
/// under the lock of the value, `CLOSED` is set once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

/// What somebody finds who waits for another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnWait {
    /// This is one he has not seen.
    Changed(Version),
    /// He has seen the last one.
    Closed,
    /// There is none: queue, with `WAITERS` set.
    Enqueue,
}

/// What somebody has to do who has changed the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnChange {
    /// Nothing: nobody waits.
    Nothing,
    /// Wake all that are in the queue.
    WakeAll,
}

impl Snapshot {
    pub(super) const fn new(version: Version) -> Self {
        Self(version.0)
    }

    pub(super) const fn version(self) -> Version {
        Version(self.0 & !(STEP - 1))
    }

    pub(super) const fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    pub(super) const fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    /// What a receiver finds who has seen `seen`.
    pub(super) fn look(self, seen: Version) -> OnWait {
        if self.version() != seen {
            OnWait::Changed(self.version())
        } else if self.is_closed() {
            OnWait::Closed
        } else {
            OnWait::Enqueue
        }
    }

    /// Somebody is about to queue.
    pub(super) const fn announce_waiter(self) -> Self {
        Self(self.0 | WAITERS)
    }

    /// The queue is about to be emptied.
    pub(super) const fn forget_waiters(self) -> Self {
        Self(self.0 & !WAITERS)
    }

    /// The value was changed.
    pub(super) const fn change(self) -> (Self, OnChange) {
        (Self(self.0.wrapping_add(STEP)), self.duty())
    }

    /// The last sender is gone.
    pub(super) const fn close(self) -> (Self, OnChange) {
        (Self(self.0 | CLOSED), self.duty())
    }

    const fn duty(self) -> OnChange {
        if self.has_waiters() {
            OnChange::WakeAll
        } else {
            OnChange::Nothing
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiters = if self.has_waiters() {
            ", waited for"
        } else {
            ""
        };
        let closed = if self.is_closed() { ", closed" } else { "" };
        write!(f, "version {}{waiters}{closed}", self.0 / STEP)
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn transitions_change_what_they_say() {
        let last = 0_usize.wrapping_sub(STEP);
        for version in [0, STEP, 2 * STEP, last] {
            for bits in 0..STEP {
                let state = Snapshot(version | bits);
                let seen = state.version();
                assert_eq!(Snapshot::new(seen).0, version);
                let duty = if state.has_waiters() {
                    OnChange::WakeAll
                } else {
                    OnChange::Nothing
                };

                let (changed, owed) = state.change();
                assert_eq!(owed, duty);
                assert_eq!(changed.version().before(), seen);
                assert_eq!(changed.0 % STEP, bits, "only the version changes");
                assert_eq!(changed.look(seen), OnWait::Changed(changed.version()));

                let (closed, owed) = state.close();
                assert_eq!(owed, duty);
                assert_eq!(
                    (closed.version(), closed.look(seen)),
                    (seen, OnWait::Closed)
                );
                assert_eq!(closed.has_waiters(), state.has_waiters());
                assert_eq!(closed.look(seen.before()), OnWait::Changed(seen));

                assert_eq!(state.look(seen) == OnWait::Enqueue, !state.is_closed());
                let waited_for = state.announce_waiter();
                assert!(waited_for.has_waiters());
                assert_eq!(waited_for.forget_waiters(), state.forget_waiters());
                assert!(!state.forget_waiters().has_waiters());
                assert_eq!(waited_for.look(seen), state.look(seen));
            }
        }
    }
}

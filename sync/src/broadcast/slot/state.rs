//! The state word of a cell in the ring as a plain value.

use std::fmt;

/// Somebody has the value for himself.
const BUSY: usize = 1;
/// One receiver that has not read the value; the upper bits count them.
const READER: usize = 1 << 1;

/// The most receivers a channel can have.
pub(in crate::broadcast) const RECEIVERS_MAX: usize = usize::MAX / READER / 2;

/// The state word.
///
/// | Bits | Meaning |
/// |---|---|
/// | 1.. | how many receivers have not read the value |
/// | 0 | `BUSY` |
///
/// | `BUSY` | Readers | There is a value | Who may touch it |
/// |---|---|---|---|
/// | 0 | 0 | no | nobody |
/// | 0 | n | yes | nobody |
/// | 1 | any | as before | who set the bit |
///
/// While the bit is set the word does not change, so who set it gives the cell back with a store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

/// What a reader has to do with the value it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnRead {
    /// Leave it: others come for it.
    Leave,
    /// Take it out: this was the last one.
    Take,
}

impl Snapshot {
    /// No value, and free.
    pub(super) const EMPTY: Self = Self(0);

    pub(super) const fn is_busy(self) -> bool {
        self.0 & BUSY != 0
    }

    /// How many receivers have not read the value.
    pub(super) const fn readers(self) -> usize {
        self.0 / READER
    }

    const fn is_valid(self) -> bool {
        self.readers() <= RECEIVERS_MAX
    }

    /// A new value for so many receivers; gives the cell back.
    pub(super) const fn filled(readers: usize) -> Self {
        debug_assert!(readers > 0 && readers <= RECEIVERS_MAX);
        Self(readers * READER)
    }

    /// Takes a cell that is free.
    pub(super) const fn seize(self) -> Option<Self> {
        debug_assert!(self.is_valid());
        if self.is_busy() {
            return None;
        }
        Some(Self(self.0 | BUSY))
    }

    /// Gives the cell back as it was.
    pub(super) const fn release(self) -> Self {
        debug_assert!(self.is_busy());
        Self(self.0 & !BUSY)
    }

    /// Gives the cell back after one of the receivers has read the value.
    pub(super) const fn finish_read(self) -> (Self, OnRead) {
        debug_assert!(self.is_busy() && self.readers() > 0);
        let next = Self(self.release().0 - READER);
        let duty = if next.readers() == 0 {
            OnRead::Take
        } else {
            OnRead::Leave
        };
        (next, duty)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let busy = if self.is_busy() { "busy, " } else { "" };
        write!(f, "{busy}{} readers to come", self.readers())
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn transitions_keep_the_state_valid() {
        for readers in [0, 1, 2, 3, RECEIVERS_MAX] {
            for busy in [0, BUSY] {
                let state = Snapshot((readers * READER) | busy);
                assert!(state.is_valid());
                assert_eq!((state.readers(), state.is_busy()), (readers, busy != 0));
                let Some(held) = state.seize() else {
                    assert!(state.is_busy());
                    continue;
                };
                assert!(held.is_valid() && held.is_busy());
                assert_eq!(held.readers(), readers);
                assert_eq!(held.release(), state);
                if readers == 0 {
                    assert_eq!(state, Snapshot::EMPTY);
                    continue;
                }
                assert_eq!(Snapshot::filled(readers), state);
                let (next, duty) = held.finish_read();
                assert!(next.is_valid() && !next.is_busy());
                assert_eq!(next.readers(), readers - 1);
                assert_eq!(duty == OnRead::Take, next == Snapshot::EMPTY);
            }
        }
    }
}

//! The state word of a task tracker as a plain value.

use std::fmt;

/// The tracker is closed.
const CLOSED: usize = 1;
/// One task; the upper bits count them.
const TASK: usize = 1 << 1;

/// The state word.
///
/// | Bits | Meaning |
/// |---|---|
/// | 1.. | tasks that are tracked |
/// | 0 | `CLOSED` |
///
/// All are valid. A tracker has memory for fewer than 2^63 tasks (2^31 on 32-bit targets), so the
/// count does not overflow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

impl Snapshot {
    pub(super) const OPEN: Self = Self(0);

    pub(super) const fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    pub(super) const fn tasks(self) -> usize {
        self.0 / TASK
    }

    /// Closed and empty: what waits are for.
    pub(super) const fn is_over(self) -> bool {
        self.0 == CLOSED
    }

    pub(super) const fn close(self) -> Self {
        Self(self.0 | CLOSED)
    }

    pub(super) const fn reopen(self) -> Self {
        Self(self.0 & !CLOSED)
    }

    pub(super) const fn add_task(self) -> Self {
        Self(self.0 + TASK)
    }

    pub(super) const fn remove_task(self) -> Self {
        debug_assert!(self.tasks() > 0);
        Self(self.0 - TASK)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gate = if self.is_closed() { "closed" } else { "open" };
        write!(f, "{} tasks, {gate}", self.tasks())
    }
}

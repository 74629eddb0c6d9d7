//! The state word of a mutex as a plain value.

use std::fmt;

/// Somebody holds the lock, or was handed it. The lowest bit: unlocking subtracts it.
pub(super) const LOCKED: usize = 1;
/// Somebody waits in the queue.
const WAITERS: usize = 1 << 1;
/// The first in the queue was woken and has not looked since: nobody else need be woken.
const WOKEN: usize = 1 << 2;
/// The lock goes to the first in the queue; others cannot take it when it is free.
const HANDOFF: usize = 1 << 3;

/// The state word.
///
/// | `LOCKED` | `HANDOFF` | `WOKEN` | Meaning | Who acts next |
/// |---|---|---|---|---|
/// | 0 | 0 | 0 | free; with `WAITERS`, an unlocker is on its way to wake the first | anybody takes it |
/// | 0 | 0 | 1 | free, the first in the queue was woken | anybody takes it |
/// | 0 | 1 | 0 | in transit: an unlocker is on its way to hand it over | that unlocker |
/// | 1 | 0 | 0 | held; the unlocker wakes the first, if there are `WAITERS` | the holder |
/// | 1 | 0 | 1 | held, and the first was woken and will find it so | both |
/// | 1 | 1 | 0 | held; the unlocker hands it over | the holder |
///
/// Valid: `WOKEN` and `HANDOFF` come with `WAITERS`, and never together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

/// What is owed to the first in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Duty {
    /// Nothing: nobody waits, or the holder or a woken waiter will see to it.
    None,
    /// To be woken; it competes for the lock.
    Wake,
    /// The lock, which is taken on its behalf.
    Grant,
}

/// What came of a waiter's look at the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnLook {
    /// It has the lock.
    Taken,
    /// It goes on waiting.
    Waits,
}

/// A waiter that has left the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// It was woken and had not looked since.
    pub(super) woken: bool,
    /// It asked for the lock to be handed to it.
    pub(super) asked_for_handoff: bool,
    /// Nobody is left in the queue.
    pub(super) last: bool,
}

impl Snapshot {
    pub(super) const FREE: Self = Self(0);

    pub(super) const fn is_locked(self) -> bool {
        self.0 & LOCKED != 0
    }

    pub(super) const fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    const fn has_woken(self) -> bool {
        self.0 & WOKEN != 0
    }

    pub(super) const fn hands_off(self) -> bool {
        self.0 & HANDOFF != 0
    }

    const fn is_valid(self) -> bool {
        self.0 < HANDOFF << 1
            && (self.has_waiters() || !(self.has_woken() || self.hands_off()))
            && !(self.has_woken() && self.hands_off())
    }

    /// Takes the lock if it is free for all.
    #[inline]
    pub(super) const fn take(self) -> Option<Self> {
        debug_assert!(self.is_valid());
        if self.is_locked() || self.hands_off() {
            None
        } else {
            Some(Self(self.0 | LOCKED))
        }
    }

    /// Takes the lock, or a place in the queue; a `fair` lock is always handed over.
    pub(super) const fn take_or_wait(self, fair: bool) -> (Self, OnLook) {
        match self.take() {
            Some(next) => (next, OnLook::Taken),
            None => (self.join(fair), OnLook::Waits),
        }
    }

    /// Somebody joins the queue; settle it if the lock is free.
    pub(super) const fn join(self, fair: bool) -> Self {
        debug_assert!(self.is_valid());
        let handoff = if fair { HANDOFF } else { 0 };
        Self(self.0 | WAITERS | handoff)
    }

    /// A waiter in the queue looks at the lock. One that was woken and loses may ask for a handoff.
    pub(super) const fn look(self, woken: bool, ask_for_handoff: bool) -> (Self, OnLook) {
        debug_assert!(self.has_waiters() && (self.has_woken() || !woken));
        if let Some(next) = self.take() {
            return (next, OnLook::Taken);
        }
        let mut word = self.0;
        if woken {
            word &= !WOKEN;
            if ask_for_handoff {
                word |= HANDOFF;
            }
        }
        (Self(word), OnLook::Waits)
    }

    /// Sees to it that somebody cares for the first in the queue.
    pub(super) const fn settle(self) -> (Self, Duty) {
        debug_assert!(self.is_valid());
        if self.is_locked() || !self.has_waiters() || self.has_woken() {
            (self, Duty::None)
        } else if self.hands_off() {
            (Self(self.0 | LOCKED), Duty::Grant)
        } else {
            (Self(self.0 | WOKEN), Duty::Wake)
        }
    }

    /// Forgets what was noted about a waiter that has left.
    pub(super) const fn leave(self, left: Left, fair: bool) -> Self {
        debug_assert!(self.is_valid() && self.has_waiters());
        let mut word = self.0;
        if left.woken {
            word &= !WOKEN;
        }
        if left.asked_for_handoff && !fair {
            word &= !HANDOFF;
        }
        if left.last {
            word &= LOCKED;
        }
        Self(word)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_locked(), self.hands_off()) {
            (true, _) => "locked",
            (false, true) => "handed over",
            (false, false) => "free",
        })?;
        f.write_str(match (self.has_waiters(), self.has_woken()) {
            (true, true) => ", first in the queue woken",
            (true, false) => ", waited for",
            (false, _) => "",
        })?;
        if self.is_locked() && self.hands_off() {
            f.write_str(", will be handed over")?;
        }
        Ok(())
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

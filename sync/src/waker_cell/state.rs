//! The state of a waker cell as a plain value: who may touch its slot.

use std::fmt;

/// A registration is writing the slot.
const REGISTERING: usize = 1;
/// A wake is emptying the slot, or asks the running registration to wake for it.
pub(super) const WAKING: usize = 1 << 1;
/// The slot holds a waker.
const FULL: usize = 1 << 2;

/// The state word of a waker cell.
///
/// | Bits | Meaning |
/// |---|---|
/// | 2 | `FULL`: the slot holds a waker |
/// | 1 | `WAKING` |
/// | 0 | `REGISTERING` |
///
/// | `WAKING` | `REGISTERING` | Who may touch the slot |
/// |---|---|---|
/// | 0 | 0 | nobody |
/// | 0 | 1 | the registration |
/// | 1 | 0 | the wake that set the bit |
/// | 1 | 1 | the registration, which then wakes |
///
/// `FULL` is exact while nobody may touch the slot, and left as it was while somebody does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

/// What a registration that found the slot in this state has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnRegister {
    /// The slot is its own: write it, then finish.
    Write,
    /// Somebody else is at the slot: wake the task instead, it will come again.
    WakeNow,
}

/// What a registration has to do with the waker it wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnFinish {
    /// It is registered; the slot is no longer ours.
    Done,
    /// A wake came meanwhile: empty the slot, which is still ours, clear, and wake.
    TakeAndWake,
}

/// What a wake has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnWake {
    /// The slot is its own: empty it, then clear.
    Take,
    /// The registration or the other wake, which will see our bit, does it.
    Leave,
}

impl Snapshot {
    /// No waker, nobody at the slot.
    pub(super) const EMPTY: Self = Self(0);

    pub(super) const fn is_full(self) -> bool {
        self.0 & FULL != 0
    }

    const fn is_registering(self) -> bool {
        self.0 & REGISTERING != 0
    }

    const fn is_waking(self) -> bool {
        self.0 & WAKING != 0
    }

    /// A registration asks for the slot.
    pub(super) const fn start_register(self) -> (Self, OnRegister) {
        if self.is_registering() || self.is_waking() {
            (self, OnRegister::WakeNow)
        } else {
            (Self(self.0 | REGISTERING), OnRegister::Write)
        }
    }

    /// The registration has left a waker in the slot.
    pub(super) const fn finish_register(self) -> (Self, OnFinish) {
        debug_assert!(self.is_registering());
        if self.is_waking() {
            (self, OnFinish::TakeAndWake)
        } else {
            (Self(FULL), OnFinish::Done)
        }
    }

    /// A wake asks for the slot.
    pub(super) const fn start_wake(self) -> (Self, OnWake) {
        let next = Self(self.0 | WAKING);
        if self.is_registering() || self.is_waking() {
            (next, OnWake::Leave)
        } else {
            (next, OnWake::Take)
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_waking(), self.is_registering()) {
            (false, false) if self.is_full() => "registered",
            (false, false) => "empty",
            (false, true) => "registering",
            (true, false) => "waking",
            (true, true) => "registering, to be woken",
        })
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Snapshot> {
        (0..8).map(Snapshot)
    }

    #[test]
    fn only_one_side_gets_the_slot() {
        for state in all() {
            let held = state.is_registering() || state.is_waking();
            let (registering, on_register) = state.start_register();
            let (waking, on_wake) = state.start_wake();
            assert_eq!(on_register == OnRegister::Write, !held, "{state:?}");
            assert_eq!(on_wake == OnWake::Take, !held, "{state:?}");
            assert_eq!(registering.is_full(), state.is_full());
            assert_eq!(waking.0, state.0 | WAKING);
            assert_eq!(waking.start_wake().1, OnWake::Leave);
            assert_eq!(registering.start_register().1, OnRegister::WakeNow);
        }
    }

    #[test]
    fn a_wake_during_a_registration_is_handed_to_it() {
        for state in [Snapshot::EMPTY, Snapshot(FULL)] {
            let (registering, _) = state.start_register();
            assert_eq!(
                registering.finish_register(),
                (Snapshot(FULL), OnFinish::Done)
            );
            let (both, on_wake) = registering.start_wake();
            assert_eq!(on_wake, OnWake::Leave);
            assert_eq!(both.finish_register().1, OnFinish::TakeAndWake);
            assert_eq!(format!("{both:?}"), "registering, to be woken");
        }
    }
}

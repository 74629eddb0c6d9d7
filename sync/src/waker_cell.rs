//! One waiter, many wakers: the slot that holds the waker of a single waiting task.
//!
//! # Invariants
//!
//! I1. The slot is touched only by whom the table of states (`waker_cell/state.rs`) names.
//!
//! I2. No foreign code runs while the slot is held: a waker is cloned before the slot is asked
//! for, and woken or dropped after it was given back. A panic in any of them therefore leaves the
//! cell as usable as before.
//!
//! # Protocol
//!
//! | Waiter | Notifier |
//! |---|---|
//! | W1. `register` | N1. make the condition true |
//! | W2. check the condition, `Pending` if false | N2. `wake` |
//!
//! # Why no wake-up is lost
//!
//! W1 and N2 both change the same word, so one comes first. If N2 does, W1 acquires what N1 wrote
//! and W2 sees the condition. If W1 does, N2 finds the waker, or finds the registration still
//! running, which then finds N2's bit and wakes. A registration that is refused, because a wake or
//! another registration holds the slot, wakes its own task, which comes back to W1.
//!
//! # Rejected
//!
//! Cloning while the slot is held saves a word change when the waker differs from the stored one,
//! but a clone that panics then leaves the slot held for ever.
#![allow(
    unsafe_code,
    reason = "the slot is shared under the protocol of the state word"
)]

mod state;

use std::fmt;
use std::task::Waker;

use self::state::{OnFinish, OnRegister, OnWake, Snapshot, WAKING};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::{UnsafeCell, hint};

/// Holds the waker of one waiting task for any number of notifiers.
///
/// If two tasks register, the last one is woken; if they do so at the same moment, the one that
/// lost is woken at once and may register again.
pub struct WakerCell {
    word: AtomicUsize,
    slot: UnsafeCell<Option<Waker>>,
}

// SAFETY: a `Waker` may be used and dropped on any thread, and the state word gives the slot to
// one thread at a time (I1).
unsafe impl Send for WakerCell {}
// SAFETY: as above.
unsafe impl Sync for WakerCell {}

impl WakerCell {
    crate::primitive::const_fn! {
        /// A cell without a waker.
        pub const fn new() -> Self {
            Self {
                word: AtomicUsize::new(Snapshot::EMPTY.0),
                slot: UnsafeCell::new(None),
            }
        }
    }

    /// Leaves `waker` to be woken by the next [`wake`](Self::wake).
    ///
    /// Register first, check the condition second: a wake between the two is then not lost. Does
    /// not clone a waker that [would wake](Waker::will_wake) the same task as the one held.
    ///
    /// # Panics
    ///
    /// If cloning, dropping or waking a waker panics; the cell can be used afterwards.
    pub fn register(&self, waker: &Waker) {
        // Ordering: Relaxed; a guess that only saves a clone, `start_register` decides.
        if Snapshot(self.word.load(Ordering::Relaxed)).is_full() {
            match self.start_register() {
                OnRegister::WakeNow => return come_again(waker),
                OnRegister::Write => {}
            }
            // SAFETY: `start_register` gave us the slot until `finish_register`.
            let same = self
                .slot
                .with(|slot| unsafe { (*slot).as_ref().is_some_and(|held| held.will_wake(waker)) });
            // Not the same: the waker held stays for the moment of the clone.
            self.finish_register();
            if same {
                return;
            }
        }
        let fresh = waker.clone();
        match self.start_register() {
            OnRegister::WakeNow => come_again(waker),
            OnRegister::Write => {
                // SAFETY: `start_register` gave us the slot until `finish_register`.
                let stale = self.slot.with_mut(|slot| unsafe { (*slot).replace(fresh) });
                self.finish_register();
                drop(stale);
            }
        }
    }

    /// Wakes the registered task, if any.
    ///
    /// Make the condition true first.
    ///
    /// # Panics
    ///
    /// If the waker panics; the cell can be used afterwards.
    pub fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }

    /// Takes the waker out, to be woken by the caller or not at all.
    pub fn take(&self) -> Option<Waker> {
        // The same change as `Snapshot::start_wake`, as one instruction.
        // Ordering: AcqRel; acquires the slot as `finish_register` left it, releases the condition
        // to the next `start_register` and to a registration that wakes for us.
        let before = Snapshot(self.word.fetch_or(WAKING, Ordering::AcqRel));
        match before.start_wake().1 {
            OnWake::Leave => None,
            // SAFETY: `start_wake` gave us the slot until `clear`.
            OnWake::Take => unsafe { self.take_and_clear() },
        }
    }

    fn start_register(&self) -> OnRegister {
        // Ordering: Acquire; pairs with the Release of the last change, so that the slot, and the
        // condition of a notifier that came before us, are visible.
        let mut current = Snapshot(self.word.load(Ordering::Acquire));
        loop {
            let (next, duty) = current.start_register();
            if duty == OnRegister::WakeNow {
                return duty;
            }
            // Ordering: AcqRel; Acquire as above. Release keeps what earlier notifiers published
            // visible through this change.
            match self.word.compare_exchange_weak(
                current.0,
                next.0,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return duty,
                Err(actual) => current = Snapshot(actual),
            }
        }
    }

    /// Gives the slot back with a waker in it; wakes that one if a notifier asked meanwhile.
    fn finish_register(&self) {
        // Ordering: Relaxed; the exchange below confirms it.
        let mut current = Snapshot(self.word.load(Ordering::Relaxed));
        loop {
            let (next, duty) = current.finish_register();
            if duty == OnFinish::TakeAndWake {
                // SAFETY: a registration that is to be woken for keeps the slot until `clear`.
                if let Some(waker) = unsafe { self.take_and_clear() } {
                    waker.wake();
                }
                return;
            }
            // Ordering: AcqRel; releases the slot to the Acquire of `take` and `start_register`.
            // Relaxed on failure: `take_and_clear` acquires.
            match self.word.compare_exchange_weak(
                current.0,
                next.0,
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(actual) => current = Snapshot(actual),
            }
        }
    }

    /// Empties the slot and gives it back.
    ///
    /// # Safety
    ///
    /// The state word must give the slot to the caller (I1).
    unsafe fn take_and_clear(&self) -> Option<Waker> {
        // SAFETY: the slot is the caller's.
        let waker = self.slot.with_mut(|slot| unsafe { (*slot).take() });
        // While one side holds the slot, others only add `WAKING`, which is answered by the wake
        // that follows; so the word can be replaced.
        // Ordering: AcqRel; Release gives the slot to the next Acquire, Acquire collects the
        // conditions of notifiers that left their wake to us.
        self.word.swap(Snapshot::EMPTY.0, Ordering::AcqRel);
        waker
    }
}

/// Sends a task whose registration was refused round again.
fn come_again(waker: &Waker) {
    waker.wake_by_ref();
    // Until the other side is done with the slot this is a spin loop.
    hint::spin_loop();
}

impl Default for WakerCell {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WakerCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ordering: Relaxed; for display only.
        let state = Snapshot(self.word.load(Ordering::Relaxed));
        f.debug_tuple("WakerCell").field(&state).finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

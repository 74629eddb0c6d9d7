//! A thread that sleeps until it is woken: one word, and a lock only for who really sleeps.
//!
//! # Picture
//!
//! ```text
//!            wake                      wake
//!   AWAKE ─────────► WOKEN    ASLEEP ────────► WOKEN   (and rouse)
//!     ▲                │         ▲
//!     └──── sleep ─────┘         └── sleep, from AWAKE
//! ```
//!
//! # Invariants
//!
//! I1. Only the sleeping thread leaves `WOKEN`, and it does not sleep without having done so.
//!
//! I2. `ASLEEP` is set under the lock, which the sleeper holds until it waits for `wake_up`.
//!
//! # Why no wake is lost
//!
//! A wake and the step to `ASLEEP` change the same word, so one comes first. Either the sleeper finds
//! `WOKEN` and does not sleep; or the waker finds `ASLEEP`, and takes the lock after the sleeper has let
//! go of it by waiting (I2), so that its signal finds the sleeper.

use std::cell::Cell;
use std::sync::Arc;
use std::task::Wake;
use std::time::{Duration, Instant};

use crate::primitive::atomic::{AtomicU8, Ordering};
use crate::primitive::{Condvar, LOOKS_AFTER_NAP, LOOKS_BEFORE_SLEEP, Mutex, linger};

/// Nobody woke the thread since it last slept.
const AWAKE: u8 = 0;
/// Somebody did.
const WOKEN: u8 = 1;
/// It sleeps, or is about to.
const ASLEEP: u8 = 2;

/// A sleep that ends sooner was not worth it.
const NAP: Duration = Duration::from_micros(100);

/// How long a thread looks before it sleeps: longer while its sleeps turn out to be short.
#[derive(Default)]
pub(super) struct Patience {
    napped: Cell<bool>,
}

impl Patience {
    fn looks(&self) -> u32 {
        match self.napped.get() {
            true => LOOKS_AFTER_NAP,
            false => LOOKS_BEFORE_SLEEP,
        }
    }
}

/// What a thread sleeps on.
pub(super) struct Sleeper {
    word: AtomicU8,
    lock: Mutex<()>,
    wake_up: Condvar,
}

impl Sleeper {
    pub(super) fn new() -> Self {
        Self {
            word: AtomicU8::new(AWAKE),
            lock: Mutex::new(()),
            wake_up: Condvar::new(),
        }
    }

    /// Sleeps until woken since the last sleep, or until the end; false if that came first.
    ///
    /// It looks a few times first: to sleep and to be woken costs far more than that.
    ///
    /// It is woken: see [above](self).
    pub(super) fn sleep(&self, end: Option<Instant>, patience: Option<&Patience>) -> bool {
        let looks = patience.map_or(LOOKS_BEFORE_SLEEP, Patience::looks);
        for look in 0..looks {
            if self.leave_woken() {
                return true;
            }
            linger(look);
        }
        let Some(patience) = patience else {
            return self.sleep_at_once(end);
        };
        let start = Instant::now();
        let woken = self.sleep_at_once(end);
        patience.napped.set(start.elapsed() < NAP);
        woken
    }

    fn sleep_at_once(&self, end: Option<Instant>) -> bool {
        let mut guard = self.lock.lock();
        // Ordering: Acquire if it fails; pairs with the Release of `wake`. Relaxed otherwise: nothing is
        // published but the word.
        let to_sleep =
            self.word
                .compare_exchange(AWAKE, ASLEEP, Ordering::Relaxed, Ordering::Acquire);
        if to_sleep.is_ok() {
            while !self.is_woken() {
                guard = match end {
                    None => self.wake_up.wait(guard),
                    Some(end) => {
                        let left = end.saturating_duration_since(Instant::now());
                        if left.is_zero() {
                            return self.give_up();
                        }
                        self.wake_up.wait_timeout(guard, left).0
                    }
                };
            }
        }
        self.leave_woken()
    }

    /// Ends a sleep that nobody ended; true if somebody did at the last moment.
    fn give_up(&self) -> bool {
        // Ordering: Acquire; pairs with the Release of `wake`.
        self.word.swap(AWAKE, Ordering::Acquire) == WOKEN
    }

    fn is_woken(&self) -> bool {
        // Ordering: Relaxed; `leave_woken` acquires.
        self.word.load(Ordering::Relaxed) == WOKEN
    }

    /// From woken to awake, where only this thread comes from (I1).
    fn leave_woken(&self) -> bool {
        self.is_woken() && {
            // Ordering: Acquire; pairs with the Release of `wake`, so that the poll that follows sees
            // what the waker did before.
            self.word.swap(AWAKE, Ordering::Acquire) == WOKEN
        }
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Ordering: Release; pairs with the Acquire of the sleeper.
        if self.word.swap(WOKEN, Ordering::Release) == ASLEEP {
            drop(self.lock.lock());
            self.wake_up.notify_one();
        }
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;

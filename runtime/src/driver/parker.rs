//! Where one worker sleeps: in the driver if that is free, else on a condition variable.
//!
//! # States
//!
//! | State | Meaning |
//! |---|---|
//! | `AWAKE` | running, no wake-up pending |
//! | `ON_CONDVAR` | asleep, or about to be, on the condition variable |
//! | `IN_DRIVER` | asleep, or about to be, in the reactor |
//! | `NOTIFIED` | a wake-up is pending; the next park returns at once |
//!
//! # Why no wake-up is lost
//!
//! `unpark` swaps in `NOTIFIED`. If it found the sleeper `ON_CONDVAR` it takes the mutex before it
//! notifies; the sleeper holds that mutex from its own transition until it waits, so the notification
//! cannot fall in between. If it found it `IN_DRIVER` it unparks the reactor, which remembers one
//! wake-up even if nobody is in it yet. If it found it `AWAKE`, the sleeper's transition fails and the
//! park returns. Wake-ups may be spurious; callers look again.

use std::time::Duration;

use selvedge_sync::primitive::atomic::{AtomicU32, Ordering};
use selvedge_sync::primitive::{Condvar, Mutex};

const AWAKE: u32 = 0;
const ON_CONDVAR: u32 = 1;
const IN_DRIVER: u32 = 2;
const NOTIFIED: u32 = 3;

#[derive(Debug)]
pub(crate) struct Parker {
    state: AtomicU32,
    mutex: Mutex<()>,
    condvar: Condvar,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self {
            state: AtomicU32::new(AWAKE),
            mutex: Mutex::new(()),
            condvar: Condvar::new(),
        }
    }

    /// Goes to sleep in `state`; false, with the wake-up used up, if one was pending.
    fn enter(&self, state: u32) -> bool {
        // Ordering: Acquire on failure; pairs with the Release in `unpark`. Relaxed on success: the
        // condition variable's mutex or the reactor orders what follows.
        if self
            .state
            .compare_exchange(AWAKE, state, Ordering::Relaxed, Ordering::Acquire)
            .is_ok()
        {
            return true;
        }
        self.leave();
        false
    }

    /// Wakes up; uses up a pending wake-up.
    fn leave(&self) {
        // Ordering: Acquire; pairs with the Release in `unpark`: what was done before the wake-up is
        // seen after it.
        self.state.swap(AWAKE, Ordering::Acquire);
    }

    /// Sleeps on the condition variable, for at most `timeout`.
    pub(crate) fn park(&self, timeout: Option<Duration>) {
        let mut guard = self.mutex.lock();
        if !self.enter(ON_CONDVAR) {
            return;
        }
        match timeout {
            None => {
                // Ordering: Relaxed; `leave` acquires.
                while self.state.load(Ordering::Relaxed) == ON_CONDVAR {
                    guard = self.condvar.wait(guard);
                }
            }
            // A spurious end of the wait is passed on: the caller looks again.
            Some(timeout) => (guard, _) = self.condvar.wait_timeout(guard, timeout),
        }
        drop(guard);
        self.leave();
    }

    /// Sleeps by `turn`, which waits in the reactor.
    pub(crate) fn park_in_driver(&self, turn: impl FnOnce()) {
        /// Leaves also when a waker panics in the turn.
        struct Leave<'a>(&'a Parker);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.leave();
            }
        }
        if self.enter(IN_DRIVER) {
            let _leave = Leave(self);
            turn();
        }
    }

    /// Is a wake-up pending?
    pub(crate) fn is_notified(&self) -> bool {
        // Ordering: Relaxed; the leave that follows acquires.
        self.state.load(Ordering::Relaxed) == NOTIFIED
    }

    /// Wakes the sleeper, or lets its next park return at once. `unpark_driver` is called if it
    /// sleeps in the driver.
    pub(crate) fn unpark(&self, unpark_driver: impl FnOnce()) {
        // Ordering: Release; pairs with the Acquire in `enter` and `leave`.
        match self.state.swap(NOTIFIED, Ordering::Release) {
            ON_CONDVAR => {
                drop(self.mutex.lock());
                self.condvar.notify_one();
            }
            IN_DRIVER => unpark_driver(),
            _ => {}
        }
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;

//! Wakers gathered under a lock and woken after it.
//!
//! Waking runs foreign code: it may take the same lock again, or panic. So whoever notifies
//! several waiters moves their wakers into a [`WakeBatch`], unlocks, and only then wakes them.
//! Declare the batch *before* taking the lock: should anything unwind, the lock is released first
//! and the batch, dropped second, still wakes what it holds.
//!
//! # Invariants
//!
//! I1. `wakers[next..end]` is initialised, the rest is not; `next <= end <= WAKE_BATCH_CAP`.
//!
//! I2. A waker that entered the batch is woken exactly once, whatever the others do: the batch
//! moves it out before it calls it, and a panic is kept until all the others were called.
//!
//! A batch is never shared, so it has no model.
#![allow(
    unsafe_code,
    reason = "an array of wakers that is not initialised up front: a batch costs nothing until used"
)]

use std::any::Any;
use std::fmt;
use std::mem::{self, MaybeUninit};
use std::panic::{self, AssertUnwindSafe};
use std::task::Waker;

use crate::primitive::thread;

/// Wakers a [`WakeBatch`] holds: half a kibibyte of stack, and one lock per 32 wakes.
pub const WAKE_BATCH_CAP: usize = 32;

/// Up to [`WAKE_BATCH_CAP`] wakers, woken in the order they came.
pub struct WakeBatch {
    wakers: [MaybeUninit<Waker>; WAKE_BATCH_CAP],
    next: usize,
    end: usize,
}

impl WakeBatch {
    /// An empty batch.
    #[inline]
    pub const fn new() -> Self {
        Self {
            wakers: [const { MaybeUninit::uninit() }; WAKE_BATCH_CAP],
            next: 0,
            end: 0,
        }
    }

    /// True when no waker can be added before [`wake_all`](Self::wake_all).
    #[inline]
    pub const fn is_full(&self) -> bool {
        self.end == WAKE_BATCH_CAP
    }

    /// True when there is nobody to wake.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.next == self.end
    }

    /// Adds a waker.
    ///
    /// # Panics
    ///
    /// If the batch [is full](Self::is_full): unlock and wake first.
    #[inline]
    #[track_caller]
    pub fn push(&mut self, waker: Waker) {
        assert!(
            !self.is_full(),
            "the batch is full: unlock, then call `wake_all`"
        );
        self.wakers[self.end].write(waker);
        self.end += 1;
    }

    /// Wakes everyone in the batch and leaves it empty.
    ///
    /// Call it with no lock held.
    ///
    /// # Panics
    ///
    /// If a waker panics, the panic goes on here after all the others were woken.
    pub fn wake_all(&mut self) {
        let mut panic = FirstPanic::default();
        self.wake_all_into(&mut panic);
        panic.resume();
    }

    /// As [`wake_all`](Self::wake_all), but leaves a panic in `panic`, so that further batches
    /// can follow.
    pub fn wake_all_into(&mut self, panic: &mut FirstPanic) {
        while !self.is_empty() {
            panic.catch(|| {
                while let Some(waker) = self.pop_front() {
                    waker.wake();
                }
            });
        }
        self.next = 0;
        self.end = 0;
    }

    fn pop_front(&mut self) -> Option<Waker> {
        if self.is_empty() {
            return None;
        }
        // SAFETY: the slot is initialised (I1), and leaves the initialised range below.
        let waker = unsafe { self.wakers[self.next].assume_init_read() };
        self.next += 1;
        Some(waker)
    }
}

impl Default for WakeBatch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for WakeBatch {
    fn drop(&mut self) {
        if self.is_empty() {
            return;
        }
        let mut panic = FirstPanic::default();
        self.wake_all_into(&mut panic);
        panic.resume_in_drop();
    }
}

impl fmt::Debug for WakeBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WakeBatch")
            .field("len", &(self.end - self.next))
            .finish()
    }
}

/// The first of several panics, kept while the remaining foreign code is still called.
///
/// Later payloads are dropped on the spot, which is foreign code as well: one that panics in turn
/// is leaked.
#[derive(Debug, Default)]
pub struct FirstPanic(Option<Box<dyn Any + Send>>);

impl FirstPanic {
    /// Runs `f`, keeps its panic if it is the first.
    #[inline]
    pub fn catch(&mut self, f: impl FnOnce()) {
        if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(f)) {
            if self.0.is_none() {
                self.0 = Some(payload);
            } else {
                drop_quietly(payload);
            }
        }
    }

    /// Goes on panicking, if there was a panic.
    #[inline]
    pub fn resume(self) {
        if let Some(payload) = self.0 {
            panic::resume_unwind(payload);
        }
    }

    /// As [`resume`](Self::resume), but ends the panic here if the thread unwinds already: a second
    /// panic would abort the process.
    pub fn resume_in_drop(self) {
        if thread::panicking() {
            self.swallow();
        } else {
            self.resume();
        }
    }

    /// Ends the panic here: for a thread that already unwinds.
    pub fn swallow(self) {
        if let Some(payload) = self.0 {
            drop_quietly(payload);
        }
    }
}

/// Drops a payload; never panics.
fn drop_quietly(payload: Box<dyn Any + Send>) {
    if let Err(another) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(another);
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

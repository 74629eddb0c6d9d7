//! Stand-in for `selvedge_sync::wake_batch`, with the part of its interface that timers use.

use std::any::Any;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::task::Waker;

const WAKE_BATCH_CAP: usize = 32;

/// Wakers gathered under a lock and woken after it.
#[derive(Debug)]
pub(super) struct WakeBatch(Vec<Waker>);

impl WakeBatch {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(WAKE_BATCH_CAP))
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() == WAKE_BATCH_CAP
    }

    pub(super) fn push(&mut self, waker: Waker) {
        assert!(!self.is_full(), "the batch is full: unlock, then wake");
        self.0.push(waker);
    }

    pub(super) fn wake_all_into(&mut self, panic: &mut FirstPanic) {
        for waker in self.0.drain(..) {
            panic.catch(|| waker.wake());
        }
    }
}

/// The first of several panics, kept while the remaining foreign code is still called.
#[derive(Debug, Default)]
pub(super) struct FirstPanic(Option<Box<dyn Any + Send>>);

impl FirstPanic {
    fn catch(&mut self, f: impl FnOnce()) {
        if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(f)) {
            if self.0.is_none() {
                self.0 = Some(payload);
            } else {
                mem::forget(payload);
            }
        }
    }

    pub(super) fn resume(self) {
        if let Some(payload) = self.0 {
            panic::resume_unwind(payload);
        }
    }

    pub(super) fn forget(self) {
        mem::forget(self);
    }
}

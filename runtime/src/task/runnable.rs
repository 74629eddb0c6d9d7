//! The right to poll a task once.
#![allow(
    unsafe_code,
    reason = "a runnable is the proof that makes polling through a pointer sound"
)]

use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::task::Context;

use selvedge_sync::context::{self, Budget};

use super::header::Header;
use super::raw;
use super::state::OnPending;
use super::waker;

/// The right to poll a task once; exists while the task is queued or being polled.
///
/// Dropping it drops the task, as if it had been aborted.
#[derive(Debug)]
pub(crate) struct Runnable(NonNull<Header>);

// SAFETY: `allocate` is given a future that is Send, or a scheduler that brings every runnable back
// to the thread of its future.
unsafe impl Send for Runnable {}

impl Runnable {
    /// # Safety
    /// A transition of the task's state made this runnable, or [`into_raw`](Self::into_raw) gave
    /// the pointer and this is its only use.
    pub(crate) unsafe fn from_raw(task: NonNull<Header>) -> Self {
        Self(task)
    }

    /// The runnable as a pointer, to be turned back with [`from_raw`](Self::from_raw).
    pub(crate) fn into_raw(self) -> NonNull<Header> {
        ManuallyDrop::new(self).0
    }

    pub(crate) fn header(&self) -> &Header {
        // SAFETY: a task that is not complete is not freed.
        unsafe { self.0.as_ref() }
    }

    /// Polls the task once; gives the runnable back if the task was woken meanwhile.
    pub(crate) fn run(self) -> Option<Self> {
        self.poll_once(Budget::initial(), false)
    }

    /// Polls blocking work, which is ready after that. Work, joiner and drops may block this thread.
    pub(crate) fn run_blocking(self) {
        let again = self.poll_once(Budget::unlimited(), true);
        debug_assert!(again.is_none(), "blocking work is ready after one poll");
    }

    /// Drops a task whose drop, or whose joiner, may block this thread.
    pub(crate) fn cancel_blocking(self) {
        ManuallyDrop::new(self).cancel(true);
    }

    /// True if this is the runnable of that task.
    pub(crate) fn is_of(&self, task: &Header) -> bool {
        ptr::eq(self.header(), task)
    }

    #[inline]
    fn poll_once(self, budget: Budget, may_block: bool) -> Option<Self> {
        let header = self.header();
        let state = header.state.start_poll();
        if state.is_cancelled() {
            ManuallyDrop::new(self).cancel(may_block);
            return None;
        }
        header.note.clear();
        // SAFETY: this runnable keeps the memory until the poll is over.
        let waker = unsafe { waker::borrowed(self.0) };
        let mut cx = Context::from_waker(&waker);
        let mut poll = || {
            // SAFETY: this is the runnable, and the task is not complete.
            let polled = unsafe { (header.vtable.poll)(self.0, &mut cx) };
            if polled.is_ready() {
                let task = self.0;
                // SAFETY: the poll has stored the outcome, and this is the runnable.
                unsafe { raw::finish(task) };
            }
            polled
        };
        let polled = context::enter(header.id.0, Some(&header.note), budget, || {
            if may_block {
                context::allow_blocking(poll)
            } else {
                poll()
            }
        });
        let this = ManuallyDrop::new(self);
        if polled.is_ready() {
            return None;
        }
        // SAFETY: not complete, so not freed; after this transition only if it says `Again`.
        match unsafe { this.0.as_ref() }
            .state
            .finish_poll(state.wakes_to_answer())
        {
            OnPending::Idle => None,
            OnPending::Again => Some(ManuallyDrop::into_inner(this)),
        }
    }

    /// Drops the future and ends the task. The runnable is used up.
    fn cancel(&mut self, may_block: bool) {
        let header = self.header();
        let cancel = || {
            // SAFETY: this is the runnable, so the future is there.
            unsafe { (header.vtable.cancel)(self.0) };
            // SAFETY: `cancel` has stored the outcome.
            unsafe { raw::finish(self.0) };
        };
        context::enter(header.id.0, None, Budget::unlimited(), || {
            if may_block {
                context::allow_blocking(cancel);
            } else {
                cancel();
            }
        });
    }
}

impl Drop for Runnable {
    fn drop(&mut self) {
        self.cancel(false);
    }
}

//! Blocking work as a task: one poll, on a thread of the blocking pool.
#![allow(
    unsafe_code,
    reason = "implements a trait whose methods are unsafe to call"
)]

use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

use selvedge_sync::context::{self, Budget};

use super::header::Header;
use super::id::Id;
use super::join::JoinHandle;
use super::origin::Origin;
use super::raw::{self, Schedule};
use super::runnable::Runnable;
use crate::blocking::Job;
use crate::time::TimeHold;

/// The work as a future that is ready after one poll.
struct BlockingWork<F>(Option<F>);

impl<F> Unpin for BlockingWork<F> {}

impl<F: FnOnce() -> R, R> Future for BlockingWork<F> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<R> {
        let work = self.0.take().expect("blocking work is polled once");
        Poll::Ready(context::allow_blocking(work))
    }
}

/// What the pool runs. Paused time stands still until the task is over *and* its joiner was woken:
/// between the two the runtime would look idle, and time would jump to the joiner's timeout.
#[derive(Debug)]
pub(crate) struct BlockingJob {
    task: Runnable,
    _time: Option<TimeHold>,
}

impl BlockingJob {
    /// The work as a job, and the right to its output.
    pub(super) fn new<F, R>(
        work: F,
        origin: Origin,
        time: Option<TimeHold>,
    ) -> (Self, JoinHandle<R>)
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let work = BlockingWork(Some(work));
        let (task, join) = raw::allocate(work, ptr::null::<NoScheduler>(), Id::next(), origin);
        (Self { task, _time: time }, join)
    }
}

impl Job for BlockingJob {
    fn run(self) {
        let Self { task, _time } = self;
        let again = task.run_with_budget(Budget::unlimited());
        debug_assert!(again.is_none(), "blocking work is ready after one poll");
    }

    fn cancel(self) {
        drop(self);
    }
}

/// Blocking work is never woken, and in no registry.
struct NoScheduler;

impl Schedule for NoScheduler {
    unsafe fn schedule(_this: *const Self, task: Runnable) {
        debug_assert!(false, "the only runnable of blocking work is the pool's");
        drop(task);
    }

    unsafe fn unregister(_this: *const Self, _task: &Header) {}
}

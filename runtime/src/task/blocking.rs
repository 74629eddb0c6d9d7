//! Blocking work as a task: one poll, on a thread of the blocking pool.

#![allow(
    unsafe_code,
    reason = "implements a trait whose methods are unsafe to call"
)]

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use selvedge_sync::context::{self, Budget};

use super::header::Header;
use super::id::Id;
use super::join::JoinHandle;
use super::origin::Origin;
use super::raw::{self, Schedule};
use super::runnable::Runnable;
use crate::blocking::{Job, Rejection};
use crate::handle::Handle;
use crate::time::{TimeHold, Timers};

/// Runs `work` on a thread where it may block, without stopping tasks.
///
/// The pool grows up to `max_blocking_threads` (512 by default); beyond that, work waits its turn.
/// Work that has begun cannot be aborted, and the shutdown of the runtime waits for it; work that has
/// not is cancelled.
///
/// # Panics
///
/// Outside a runtime; or if the pool has no thread and the operating system refuses one. While it has
/// some, work waits for those.
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// let sum = selvedge::task::spawn_blocking(|| (1..=1_000_000_u64).sum::<u64>());
/// assert_eq!(sum.await.unwrap(), 500_000_500_000);
/// # }
/// ```
#[track_caller]
pub fn spawn_blocking<F, R>(work: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    spawn_blocking_on(&Handle::current(), work, None, Location::caller())
}

/// Runs blocking work for a given runtime.
#[track_caller]
pub(crate) fn spawn_blocking_on<F, R>(
    handle: &Handle,
    work: F,
    name: Option<&str>,
    place: &'static Location<'static>,
) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let scheduler = handle.scheduler();
    let origin = name.map_or_else(|| Origin::at(place), |name| Origin::named(name, place));
    let time = Timers::hold_time(&scheduler.driver.timers);
    let work = BlockingWork(Some(work));
    let (task, join) = raw::allocate(work, std::ptr::null::<NoScheduler>(), Id::next(), origin);
    let job = BlockingJob { task, _time: time };
    if let Err(rejected) = scheduler.blocking.submit(job) {
        // Dropping the runnable cancels the task, outside the pool's lock.
        drop(rejected.job);
        if let Rejection::NoThread(error) = rejected.cause {
            panic!("the operating system refuses a thread for blocking work: {error}");
        }
    }
    join
}

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

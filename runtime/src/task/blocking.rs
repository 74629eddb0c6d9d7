//! Blocking work as a task: one poll, on a thread of the blocking pool.

#![allow(
    unsafe_code,
    reason = "implements a trait whose methods are unsafe to call"
)]

use std::io;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use selvedge_sync::TaskTrackerToken;

use super::blocking_job::BlockingJob;
use super::header::Header;
use super::id::Id;
use super::join::JoinHandle;
use super::origin::Origin;
use super::raw::{self, Schedule};
use super::runnable::Runnable;
use crate::blocking::{BlockingPool, Rejected, Rejection};
use crate::handle::Handle;
use crate::reactor;
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
    let origin = name.map_or_else(|| Origin::at(place), |name| Origin::named(name, place));
    match submit(handle, work, origin, false) {
        Ok(join) | Err((join, Rejection::ShutDown)) => join,
        Err((_, Rejection::NoThread(error))) => {
            panic!("the operating system refuses a thread for blocking work: {error}")
        }
    }
}

/// Runs work that others were told is done: once this has returned, it is run even if the runtime shuts
/// down before, and the shutdown waits for it as for work that has begun.
///
/// # Errors
///
/// The runtime has shut down (see [`is_rt_shutdown_err`](crate::runtime::is_rt_shutdown_err)), or it has
/// no thread for blocking work and the operating system refuses one. The work was dropped.
///
/// # Panics
///
/// Outside a runtime.
#[track_caller]
pub(crate) fn spawn_mandatory_blocking<F, R>(work: F) -> io::Result<JoinHandle<R>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    submit(
        &Handle::current(),
        work,
        Origin::at(Location::caller()),
        true,
    )
    .map_err(refused)
}

/// As [`spawn_blocking`], for work whose refusal is an error like any other.
///
/// # Errors
///
/// As for [`spawn_mandatory_blocking`].
///
/// # Panics
///
/// Outside a runtime.
#[track_caller]
pub(crate) fn try_spawn_blocking<F, R>(work: F) -> io::Result<JoinHandle<R>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    submit(
        &Handle::current(),
        work,
        Origin::at(Location::caller()),
        false,
    )
    .map_err(refused)
}

/// Why work was refused; its task is cancelled.
fn refused<R>((_, cause): (JoinHandle<R>, Rejection)) -> io::Error {
    match cause {
        Rejection::ShutDown => reactor::gone(),
        Rejection::NoThread(error) => error,
    }
}

/// Hands work to the pool. Work that the pool does not take is dropped, and its task is cancelled.
fn submit<F, R>(
    handle: &Handle,
    work: F,
    origin: Origin,
    is_mandatory: bool,
) -> Result<JoinHandle<R>, (JoinHandle<R>, Rejection)>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let scheduler = handle.scheduler();
    let terms = Terms {
        origin,
        time: Timers::hold_time(&scheduler.driver.timers),
        is_mandatory,
        group: None,
    };
    submit_job(&scheduler.blocking, work, terms).map_err(RefusedWork::into_cancelled)
}

/// What goes with a piece of blocking work.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) origin: Origin,
    pub(crate) time: Option<TimeHold>,
    /// The work is done even if the pool is shut down before.
    pub(crate) is_mandatory: bool,
    /// Gone when nothing of the work is left but its result, if that is wanted.
    pub(crate) group: Option<TaskTrackerToken>,
}

/// Work that a pool did not take, as the task that was made of it.
pub(crate) struct RefusedWork<F, R> {
    join: JoinHandle<R>,
    rejected: Rejected<BlockingJob>,
    work: PhantomData<F>,
}

/// Hands work to a pool.
pub(crate) fn submit_job<F, R>(
    pool: &BlockingPool<BlockingJob>,
    work: F,
    terms: Terms,
) -> Result<JoinHandle<R>, RefusedWork<F, R>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    // SAFETY: work and result borrow nothing that ends.
    unsafe { submit_borrowing(pool, work, terms) }
}

/// As [`submit_job`], for work that borrows.
///
/// # Safety
/// The caller sees to it that what `work` and its result borrow remains valid until the group's token is
/// gone and the handle, too.
pub(crate) unsafe fn submit_borrowing<F, R>(
    pool: &BlockingPool<BlockingJob>,
    work: F,
    terms: Terms,
) -> Result<JoinHandle<R>, RefusedWork<F, R>>
where
    F: FnOnce() -> R + Send,
    R: Send,
{
    let Terms { origin, .. } = terms;
    let work = BlockingWork(Some(work));
    let (task, join) = raw::allocate(work, std::ptr::null::<NoScheduler>(), Id::next(), origin);
    let job = BlockingJob::new(task, terms.time, terms.is_mandatory, terms.group);
    match pool.submit(job) {
        Ok(()) => Ok(join),
        Err(rejected) => Err(RefusedWork {
            join,
            rejected,
            work: PhantomData,
        }),
    }
}

impl<F: FnOnce() -> R, R> RefusedWork<F, R> {
    /// Drops the work, and gives the handle of its task, which is cancelled.
    pub(crate) fn into_cancelled(self) -> (JoinHandle<R>, Rejection) {
        // Dropping the runnable cancels the task, outside the pool's lock.
        drop(self.rejected.job);
        (self.join, self.rejected.cause)
    }

    /// Gives the work back, and why. The task is cancelled.
    pub(crate) fn into_work(self) -> (F, Rejection) {
        let Rejected { job, cause } = self.rejected;
        // SAFETY: `submit_borrowing` has made the task of these types, and nobody has polled it.
        let work = unsafe { raw::reclaim::<BlockingWork<F>, NoScheduler>(job.into_task()) };
        (work.0.expect("work that was not done is there"), cause)
    }
}

/// The work as a future that is ready after one poll.
struct BlockingWork<F>(Option<F>);

impl<F> Unpin for BlockingWork<F> {}

impl<F: FnOnce() -> R, R> Future for BlockingWork<F> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<R> {
        let work = self.0.take().expect("blocking work is polled once");
        Poll::Ready(work())
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

//! Handing blocking work to the pool of a runtime.

use std::panic::Location;

use super::blocking_job::BlockingJob;
use super::join::JoinHandle;
use super::origin::Origin;
use crate::blocking::Rejection;
use crate::handle::Handle;
use crate::time::Timers;

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
    let (job, join) = BlockingJob::new(work, origin, time);
    if let Err(rejected) = scheduler.blocking.submit(job) {
        // Dropping the runnable cancels the task, outside the pool's lock.
        drop(rejected.job);
        if let Rejection::NoThread(error) = rejected.cause {
            panic!("the operating system refuses a thread for blocking work: {error}");
        }
    }
    join
}

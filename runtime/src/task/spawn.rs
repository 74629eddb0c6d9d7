//! Spawning a future that may move between threads.
#![allow(
    unsafe_code,
    reason = "the scheduler leaves it to its callers that the future may move"
)]

use std::panic::Location;
use std::sync::Arc;

use super::join::JoinHandle;
use super::runnable::Runnable;
use crate::context;
use crate::handle::Handle;
use crate::scheduler::Scheduler;

/// Futures from this size on are boxed before they are moved into their task, so that a large one is
/// not copied through several stack frames.
const INLINE_BYTES_MAX: usize = if cfg!(debug_assertions) {
    2 * 1024
} else {
    16 * 1024
};

/// Spawns a task: the runtime polls `future` from now on, whether or not the handle is awaited.
///
/// The task may run on any worker, and may start before this call returns. Dropping the handle
/// detaches it. When the runtime shuts down, the future is dropped at its next `await`; spawning on a
/// runtime that shuts down gives a handle that is cancelled already.
///
/// # Panics
///
/// Outside a runtime; see [`Handle::enter`].
///
/// ```
/// # #[selvedge::main] async fn main() {
/// let task = selvedge::spawn(async { 6 * 7 });
/// assert_eq!(task.await.unwrap(), 42);
/// # }
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    // SAFETY: future and output are Send.
    unsafe { spawn_here(future, None, Location::caller()) }
}

/// Spawns on a given runtime.
pub(crate) fn spawn_on<F>(
    handle: &Handle,
    future: F,
    name: Option<&str>,
    place: &'static Location<'static>,
) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    // SAFETY: future and output are Send.
    let (handle, refused) = unsafe { spawn_unchecked(handle.scheduler(), future, name, place) };
    drop(refused);
    handle
}

/// Spawns on the runtime this thread is inside.
///
/// # Panics
///
/// If it is inside none.
///
/// # Safety
/// As [`Scheduler::spawn`].
#[track_caller]
unsafe fn spawn_here<F: Future + 'static>(
    future: F,
    name: Option<&str>,
    place: &'static Location<'static>,
) -> JoinHandle<F::Output> {
    let spawned = context::with_scheduler(|scheduler| match scheduler {
        // SAFETY: as promised by the caller.
        Some(scheduler) => Ok(unsafe { spawn_unchecked(scheduler, future, name, place) }),
        None => Err(future),
    });
    match spawned {
        Ok((handle, refused)) => {
            drop(refused);
            handle
        }
        Err(_future) => panic!("{}", context::NO_RUNTIME),
    }
}

/// Spawns on a given runtime, boxing a large future first.
///
/// # Safety
/// As [`Scheduler::spawn`].
pub(super) unsafe fn spawn_unchecked<F: Future + 'static>(
    scheduler: &Arc<Scheduler>,
    future: F,
    name: Option<&str>,
    place: &'static Location<'static>,
) -> (JoinHandle<F::Output>, Option<Runnable>) {
    if size_of::<F>() > INLINE_BYTES_MAX {
        // SAFETY: as promised by the caller.
        unsafe { scheduler.spawn(Box::pin(future), name, place) }
    } else {
        // SAFETY: as above.
        unsafe { scheduler.spawn(future, name, place) }
    }
}

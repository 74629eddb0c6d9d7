//! Which worker this thread is: the thread-local that makes spawning and waking from a task cheap.
#![allow(
    unsafe_code,
    reason = "the thread-local holds a borrowed worker as a pointer"
)]

use std::cell::Cell;
use std::ptr;

use super::worker::Worker;

thread_local! {
    static CURRENT: Cell<*const Worker> = const { Cell::new(ptr::null()) };
}

/// Runs `f` with `worker` as this thread's worker; the former one is back afterwards.
pub(super) fn enter<R>(worker: &Worker, f: impl FnOnce() -> R) -> R {
    struct Restore(*const Worker);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let _restore = Restore(CURRENT.replace(worker));
    f()
}

/// Which of the workers this thread is, as counted by the `worker_` figures of
/// [`RuntimeMetrics`](crate::runtime::RuntimeMetrics); `None` if it runs no tasks.
///
/// | Here | Index |
/// |---|---|
/// | a task of a multi-thread runtime | 0 or more, below the number of workers |
/// | a task or `block_on` of a current-thread runtime | 0 |
/// | `block_on` of a multi-thread runtime, blocking threads, other threads | none |
/// | [`Handle::block_on`](crate::runtime::Handle::block_on), and `block_on` while another thread runs the tasks | none |
///
/// A task may be polled by another worker after each `.await`. Two threads can have the same index at
/// a time: while a worker is stuck, or in [`block_in_place`](crate::task::block_in_place), another
/// thread may stand in for it.
///
/// ```
/// # #[selvedge::main] async fn main() {
/// use selvedge::runtime::worker_index;
///
/// assert_eq!(worker_index(), None);
/// assert!(selvedge::spawn(async { worker_index() }).await.unwrap().is_some());
/// # }
/// ```
pub fn worker_index() -> Option<usize> {
    // The seats of stand-ins come after those of the workers.
    with(|worker| worker.map(|worker| worker.index % worker.scheduler.workers()))
}

/// Calls `f` with this thread's worker, if it is one.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
    let worker = CURRENT.get();
    // SAFETY: `enter` set the pointer from a reference that outlives its closure and restores the
    // former one before it returns; this thread is inside that closure, and so is `f`.
    f(unsafe { worker.as_ref() })
}

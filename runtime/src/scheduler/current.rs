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

/// Calls `f` with this thread's worker, if it is one.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
    let worker = CURRENT.get();
    // SAFETY: `enter` set the pointer from a reference that outlives its closure and restores the
    // former one before it returns; this thread is inside that closure, and so is `f`.
    f(unsafe { worker.as_ref() })
}

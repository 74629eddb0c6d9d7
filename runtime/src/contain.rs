//! Foreign code whose panic ends here: wakers, hooks, jobs and drops, where nobody is left to tell.

use selvedge_sync::wake_batch::FirstPanic;

/// Runs foreign code and survives its panic, which the panic hook has reported by then.
pub(crate) fn contain<R>(foreign: impl FnOnce() -> R) -> Option<R> {
    let mut panic = FirstPanic::default();
    let mut result = None;
    panic.catch(|| result = Some(foreign()));
    panic.swallow();
    result
}

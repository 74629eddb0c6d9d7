//! STAND-IN for the runtime's context: what the timers ask of it, and no more.

use std::cell::RefCell;

use selvedge_sync::primitive::Arc;

use crate::time::{Clock, TimerContext, Timers};

#[derive(Clone)]
struct Seat {
    timers: Arc<Timers>,
    here: TimerContext,
}

thread_local! {
    static SEAT: RefCell<Option<Seat>> = const { RefCell::new(None) };
}

/// Where this thread files timers.
///
/// # Panics
///
/// Outside of any runtime.
#[track_caller]
pub(crate) fn timers() -> TimerContext {
    try_timers().expect(
        "there is no runtime here that could watch the clock: call this from a task, or inside \
         `Runtime::block_on` or `Handle::enter`",
    )
}

/// As [`timers`]; `None` outside of any runtime.
pub(crate) fn try_timers() -> Option<TimerContext> {
    SEAT.with(|seat| seat.borrow().as_ref().map(|seat| seat.here))
}

/// The timers of the runtime this thread is in, for rare use.
pub(crate) fn with_timers<R>(f: impl FnOnce(&Arc<Timers>) -> R) -> Option<R> {
    let timers = SEAT.with(|seat| seat.borrow().as_ref().map(|seat| Arc::clone(&seat.timers)))?;
    Some(f(&timers))
}

/// The clock of the runtime this thread is in.
pub(crate) fn with_clock<R>(f: impl FnOnce(&Clock) -> R) -> Option<R> {
    with_timers(|timers| f(timers.clock()))
}

/// For tests: this thread is in the runtime of `timers` until the result is dropped.
#[cfg(test)]
pub(crate) fn enter_timers(timers: &Arc<Timers>, shard: usize, wake_driver: bool) -> impl Drop {
    struct Restore(Option<Seat>);
    impl Drop for Restore {
        fn drop(&mut self) {
            SEAT.with(|seat| *seat.borrow_mut() = self.0.take());
        }
    }
    let seat = Seat {
        timers: Arc::clone(timers),
        here: timers.context(shard, wake_driver),
    };
    Restore(SEAT.with(|current| current.borrow_mut().replace(seat)))
}

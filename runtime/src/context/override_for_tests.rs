//! For unit tests of timers and sockets: this thread is inside parts of a runtime only.

use std::cell::RefCell;

use selvedge_sync::primitive::Arc;

use crate::reactor::Reactor;
use crate::time::{TimerContext, Timers};

thread_local! {
    static REACTOR: RefCell<Option<Arc<Reactor>>> = const { RefCell::new(None) };
    static TIMERS: RefCell<Option<(Arc<Timers>, TimerContext)>> = const { RefCell::new(None) };
}

pub(super) fn reactor() -> Option<Arc<Reactor>> {
    REACTOR.with_borrow(Option::clone)
}

pub(super) fn timers() -> Option<(Arc<Timers>, TimerContext)> {
    TIMERS.with_borrow(Option::clone)
}

/// Runs the closure when dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Puts this thread inside `reactor` until the guard is dropped.
pub(crate) fn enter_reactor(reactor: Arc<Reactor>) -> impl Drop {
    let mut former = REACTOR.replace(Some(reactor));
    OnDrop(move || REACTOR.set(former.take()))
}

/// Puts this thread inside the runtime of `timers` until the guard is dropped.
pub(crate) fn enter_timers(timers: &Arc<Timers>, shard: usize, wake_driver: bool) -> impl Drop {
    let here = timers.context(shard, wake_driver);
    let mut former = TIMERS.replace(Some((Arc::clone(timers), here)));
    OnDrop(move || TIMERS.set(former.take()))
}

//! Stands in for the runtime's context: which reactor this thread is inside of.

use std::cell::RefCell;

use selvedge_sync::primitive::Arc;

use crate::reactor::Reactor;

std::thread_local! {
    static REACTOR: RefCell<Option<Arc<Reactor>>> = const { RefCell::new(None) };
}

/// The reactor of the runtime this thread is inside of.
///
/// # Panics
///
/// There is none.
#[track_caller]
pub(crate) fn reactor() -> Arc<Reactor> {
    let reactor = REACTOR.with_borrow(Option::clone);
    reactor.expect("no runtime here: use sockets inside a runtime, such as in `Runtime::block_on`")
}

/// Puts this thread inside `reactor` until the guard is dropped.
#[cfg(test)]
pub(crate) fn enter_reactor(reactor: Arc<Reactor>) -> impl Drop {
    struct Leave(Option<Arc<Reactor>>);
    impl Drop for Leave {
        fn drop(&mut self) {
            REACTOR.set(self.0.take());
        }
    }
    Leave(REACTOR.replace(Some(reactor)))
}

//! `block_on` for a thread that runs no tasks: poll, sleep until woken, poll.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use selvedge_sync::context;

use crate::driver::parker::Parker;

/// Wakes the thread that sleeps on it.
struct ThreadWaker(Parker);

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        self.0.unpark(|| {});
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark(|| {});
    }
}

thread_local! {
    /// Kept from call to call. A waker of an earlier call that still wakes costs a needless poll.
    static WAKER: (Arc<ThreadWaker>, Waker) = {
        let thread = Arc::new(ThreadWaker(Parker::new()));
        let waker = Waker::from(Arc::clone(&thread));
        (thread, waker)
    };
}

/// Polls `future` on this thread until it is ready.
///
/// It is woken: a wake-up between the poll and the park makes the park return at once.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    WAKER.with(|(thread, waker)| {
        let mut cx = Context::from_waker(waker);
        loop {
            match context::enter_main(|| future.as_mut().poll(&mut cx)) {
                Poll::Ready(output) => return output,
                Poll::Pending => thread.0.park(None),
            }
        }
    })
}

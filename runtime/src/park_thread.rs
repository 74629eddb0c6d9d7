//! `block_on` for a thread that runs no tasks: poll, sleep until woken, poll.

use std::cell::Cell;
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

/// What a thread in `block_on` sleeps on, and the waker that wakes it.
struct Sleeper {
    thread: Arc<ThreadWaker>,
    waker: Waker,
}

thread_local! {
    /// Kept from call to call. A waker of an earlier call that still wakes costs a needless poll.
    /// Taken out during a call: a call inside it must not use up the outer one's wake-ups.
    static SLEEPER: Cell<Option<Sleeper>> = const { Cell::new(None) };
}

impl Sleeper {
    fn new() -> Self {
        let thread = Arc::new(ThreadWaker(Parker::new()));
        let waker = Waker::from(Arc::clone(&thread));
        Self { thread, waker }
    }
}

/// Polls `future` on this thread until it is ready.
///
/// It is woken: a wake-up between the poll and the park makes the park return at once.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    // The thread may be ending, and its thread-locals gone.
    let kept = SLEEPER.try_with(Cell::take).ok().flatten();
    let sleeper = kept.unwrap_or_else(Sleeper::new);
    let mut cx = Context::from_waker(&sleeper.waker);
    let output = loop {
        match context::enter_main(|| future.as_mut().poll(&mut cx)) {
            Poll::Ready(output) => break output,
            Poll::Pending => sleeper.thread.0.park(None),
        }
    };
    let _ = SLEEPER.try_with(|kept| kept.set(Some(sleeper)));
    output
}

//! `block_on` for a thread that runs no tasks: poll, sleep until woken, poll.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::context;
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

/// What a thread sleeps on, and what wakes it.
struct Bed {
    thread: Arc<ThreadWaker>,
    waker: Waker,
    /// How many calls of [`block_on`] use it, each inside a poll of the former.
    users: Cell<usize>,
}

impl Bed {
    fn new() -> Self {
        let thread = Arc::new(ThreadWaker(Parker::new()));
        Self {
            waker: Waker::from(Arc::clone(&thread)),
            thread,
            users: Cell::new(0),
        }
    }
}

thread_local! {
    /// Kept from call to call. A waker of an earlier call that still wakes costs a needless poll.
    static BED: Bed = Bed::new();
}

/// One call's use of a bed.
struct InUse<'a>(&'a Bed);

impl<'a> InUse<'a> {
    fn new(bed: &'a Bed) -> Self {
        bed.users.set(bed.users.get() + 1);
        Self(bed)
    }
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        let users = self.0.users.get() - 1;
        self.0.users.set(users);
        if users > 0 {
            // This call may have slept through wake-ups of the one around, or taken them for its own.
            self.0.thread.0.unpark(|| {});
        }
    }
}

/// Polls `future` on this thread until it is ready.
///
/// It is woken: a wake-up between the poll and the park makes the park return at once. A call inside
/// another, within `block_in_place`, leaves a wake-up behind for that.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match BED.try_with(|bed| sleep_and_poll(bed, future.as_mut())) {
        Ok(output) => output,
        // The thread is ending, and its bed is gone.
        Err(_) => sleep_and_poll(&Bed::new(), future),
    }
}

fn sleep_and_poll<F: Future>(bed: &Bed, mut future: Pin<&mut F>) -> F::Output {
    let _in_use = InUse::new(bed);
    let mut cx = Context::from_waker(&bed.waker);
    loop {
        match context::poll_main(|| future.as_mut().poll(&mut cx)) {
            Poll::Ready(output) => return output,
            Poll::Pending => bed.thread.0.park(None),
        }
    }
}

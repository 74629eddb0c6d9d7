//! Blocks a plain thread until a future is ready.
//!
//! The bridge for the `blocking_*` functions: they are for threads that run no tasks.

use std::future::Future;
use std::pin::pin;
// `Wake` asks for this one.
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::context;
use crate::primitive::{Condvar, Mutex};

/// A thread that sleeps until it is woken.
struct SleepingThread {
    woken: Mutex<bool>,
    wake_up: Condvar,
}

impl SleepingThread {
    /// Sleeps until woken since the last sleep.
    ///
    /// It is woken: `wake` sets the flag under the lock, and the flag is looked at under the lock
    /// before each wait.
    fn sleep(&self) {
        let mut woken = self.woken.lock();
        while !*woken {
            woken = self.wake_up.wait(woken);
        }
        *woken = false;
    }
}

impl Wake for SleepingThread {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        *self.woken.lock() = true;
        self.wake_up.notify_one();
    }
}

/// Runs `future` on this thread, which sleeps while it is pending.
///
/// # Panics
///
/// If the thread is inside a poll: `what` must not block it, `instead` is the advice.
#[track_caller]
pub(crate) fn block_thread_on<F: Future>(future: F, what: &str, instead: &str) -> F::Output {
    assert!(
        context::may_block(),
        "Cannot block the current thread from within a runtime: `{what}` would stop other tasks with \
         it; in a task, {instead}"
    );
    let mut future = pin!(future);
    let thread = Arc::new(SleepingThread {
        woken: Mutex::new(false),
        wake_up: Condvar::new(),
    });
    let waker = Waker::from(thread.clone());
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        thread.sleep();
    }
}

//! Blocks a plain thread until a future is ready.
//!
//! The bridge for the `blocking_*` functions: they are for threads that run no tasks.

use std::future::Future;
use std::pin::pin;
// `Wake` asks for this one.
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use crate::context;
use crate::primitive::{Condvar, Mutex};
use crate::time_limit::Elapsed;

/// A thread that sleeps until it is woken.
struct SleepingThread {
    woken: Mutex<bool>,
    wake_up: Condvar,
}

impl SleepingThread {
    /// Sleeps until woken since the last sleep, or until the end; false if that came first.
    ///
    /// It is woken: `wake` sets the flag under the lock, and the flag is looked at under the lock
    /// before each wait.
    fn sleep(&self, end: Option<Instant>) -> bool {
        let mut woken = self.woken.lock();
        while !*woken {
            woken = match end {
                None => self.wake_up.wait(woken),
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    self.wake_up.wait_timeout(woken, left).0
                }
            };
        }
        *woken = false;
        true
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
    check_may_block(what, instead);
    match run(future, None) {
        Some(output) => output,
        None => unreachable!("without an end the wait does not end early"),
    }
}

/// As [`block_thread_on`], for at most `limit`, in the system's time: a thread cannot sleep in another.
///
/// # Errors
///
/// If the time was up first; the future has then been dropped.
///
/// # Panics
///
/// As [`block_thread_on`].
#[track_caller]
pub(crate) fn block_thread_for<F: Future>(
    future: F,
    limit: Duration,
    what: &str,
    instead: &str,
) -> Result<F::Output, Elapsed> {
    check_may_block(what, instead);
    // A limit that no clock can express is no limit.
    run(future, Instant::now().checked_add(limit)).ok_or(Elapsed(()))
}

#[track_caller]
fn check_may_block(what: &str, instead: &str) {
    assert!(
        context::may_block(),
        "Cannot block the current thread from within a runtime: `{what}` would stop other tasks with \
         it; in a task, {instead}"
    );
}

/// None if the end came first.
fn run<F: Future>(future: F, end: Option<Instant>) -> Option<F::Output> {
    let mut future = pin!(future);
    // Mostly there is nothing to wait for, and then nothing need be allocated to be woken by.
    let mut cx = Context::from_waker(Waker::noop());
    if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
        return Some(output);
    }
    let thread = Arc::new(SleepingThread {
        woken: Mutex::new(false),
        wake_up: Condvar::new(),
    });
    let waker = Waker::from(thread.clone());
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Some(output);
        }
        if !thread.sleep(end) {
            return None;
        }
    }
}

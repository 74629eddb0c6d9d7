//! Blocks a plain thread until a future is ready.
//!
//! The bridge for the `blocking_*` functions: they are for threads that run no tasks.
//!
//! Exempt from semver: for `selvedge-sync` and `selvedge-runtime` only.

mod looking;
mod sleeper;

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
// `Wake` asks for this one.
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

pub(crate) use self::looking::{Foresees, Looking};
use self::sleeper::{Patience, Sleeper};
use crate::context;
use crate::time_limit::Elapsed;

crate::primitive::thread_local! {
    /// What this thread slept on last, for the next time; none while it is in use.
    static KEPT: Cell<Option<Sleeping>> = Cell::new(None);
}

/// What a thread sleeps on, and the waker of that.
///
/// A waker somebody has kept from an earlier wait may end a later sleep, which costs one poll.
struct Sleeping {
    sleeper: Arc<Sleeper>,
    waker: Waker,
    patience: Patience,
}

impl Sleeping {
    fn new() -> Self {
        let sleeper = Arc::new(Sleeper::new());
        let waker = Waker::from(sleeper.clone());
        Self {
            sleeper,
            waker,
            patience: Patience::default(),
        }
    }
}

/// A [`Sleeping`] in use; the thread keeps it afterwards.
struct InUse(Option<Sleeping>);

impl InUse {
    /// A wait inside a wait, as in the drop of a future, gets another one.
    fn take() -> Self {
        // A thread that is ending keeps none.
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        Self(Some(kept.unwrap_or_else(Sleeping::new)))
    }

    fn get(&self) -> &Sleeping {
        self.0.as_ref().expect("it is taken out by `drop` only")
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let sleeping = self.0.take();
        // One that cannot be kept is dropped with the closure.
        let _ending = KEPT.try_with(move |kept| kept.set(sleeping));
    }
}

/// Runs `future` on this thread, which sleeps while it is pending.
///
/// # Panics
///
/// If the thread is inside a poll: `what` must not block it, `instead` is the advice.
#[track_caller]
pub fn block_thread_on<F: Future>(future: F, what: &str, instead: &str) -> F::Output {
    check_may_block(what, instead);
    run_to_end(future, false)
}

/// As [`block_thread_on`], for what another thread is to do soon: looks longer before it sleeps again, if
/// the last sleep was short. A lock gains nothing by that.
///
/// # Panics
///
/// As [`block_thread_on`].
#[track_caller]
pub(crate) fn block_thread_on_peer<F: Future>(future: F, what: &str, instead: &str) -> F::Output {
    check_may_block(what, instead);
    run_to_end(future, true)
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
pub fn block_thread_for<F: Future>(
    future: F,
    limit: Duration,
    what: &str,
    instead: &str,
) -> Result<F::Output, Elapsed> {
    check_may_block(what, instead);
    // A limit that no clock can express is no limit.
    run(future, Instant::now().checked_add(limit), false).ok_or(Elapsed(()))
}

/// Panics if the thread is inside a poll, as [`block_thread_on`] does.
#[track_caller]
#[inline]
pub fn check_may_block(what: &str, instead: &str) {
    assert!(
        context::may_block(),
        "Cannot block the current thread from within a runtime: `{what}` would stop other tasks with \
         it; in a task, {instead}"
    );
}

fn run_to_end<F: Future>(future: F, patient: bool) -> F::Output {
    match run(future, None, patient) {
        Some(output) => output,
        None => unreachable!("without an end the wait does not end early"),
    }
}

/// None if the end came first.
fn run<F: Future>(future: F, end: Option<Instant>, patient: bool) -> Option<F::Output> {
    let in_use = InUse::take();
    let thread = in_use.get();
    let patience = patient.then_some(&thread.patience);
    let mut future = pin!(future);
    let mut cx = Context::from_waker(&thread.waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Some(output);
        }
        if !thread.sleeper.sleep(end, patience) {
            return None;
        }
    }
}

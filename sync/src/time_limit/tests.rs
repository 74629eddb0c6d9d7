//! The limit ends a wait, and only a wait.

use std::future;
use std::panic;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Wake, Waker};

use super::*;
use crate::Semaphore;
use crate::counting_waker::idle_context;
use crate::thread_block::block_thread_on;

#[test]
fn what_is_ready_arms_no_timer_and_beats_a_limit_of_nothing() {
    let mut wait = pin!(TimeLimit::new(future::ready(5), Duration::ZERO));
    assert_eq!(wait.as_mut().poll(&mut idle_context()), Poll::Ready(Ok(5)));
    assert!(wait.alarm.is_none());
}

#[test]
fn a_wait_ends_with_its_limit_without_any_runtime() {
    let wait = TimeLimit::new(future::pending::<()>(), Duration::from_millis(1));
    assert_eq!(block_thread_on(wait, "test", "-"), Err(Elapsed(())));
}

#[test]
fn a_limit_no_clock_can_express_is_a_long_one() {
    let mut wait = pin!(TimeLimit::new(future::pending::<()>(), Duration::MAX));
    assert!(wait.as_mut().poll(&mut idle_context()).is_pending());
}

#[test]
fn a_wait_without_budget_still_looks_at_its_limit() {
    let semaphore = Semaphore::new(1);
    let mut wait = pin!(TimeLimit {
        wait: semaphore.acquire(),
        limit: Duration::ZERO,
        alarm: Some(Box::pin(future::ready(()))),
    });
    let polled = context::with_budget(exhausted(), || wait.as_mut().poll(&mut idle_context()));
    assert!(
        matches!(polled, Poll::Ready(Err(Elapsed(())))),
        "{polled:?}"
    );
}

fn exhausted() -> context::Budget {
    context::with_budget(context::Budget::initial(), || {
        while let Poll::Ready(unit) = context::poll_proceed(&mut idle_context()) {
            unit.made_progress();
        }
        context::budget()
    })
}

#[test]
fn regression_a_waker_that_panics_does_not_end_the_clock_of_all_others() {
    struct Panics(mpsc::Sender<()>);
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            let _ = self.0.send(());
            panic::resume_unwind(Box::new("from a waker"));
        }
    }
    let (woken, is_woken) = mpsc::channel();
    let waker = Waker::from(Arc::new(Panics(woken)));
    let mut wait = pin!(TimeLimit::new(future::pending::<()>(), Duration::ZERO));
    let polled = wait.as_mut().poll(&mut Context::from_waker(&waker));
    if polled.is_pending() {
        is_woken.recv().unwrap();
    }
    let wait = TimeLimit::new(future::pending::<()>(), Duration::from_millis(1));
    assert_eq!(block_thread_on(wait, "test", "-"), Err(Elapsed(())));
}

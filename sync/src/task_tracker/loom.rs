//! Models of the task tracker: each attacks "no waiter is forgotten" (one that is deadlocks the
//! model), or a wait that is over too early.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Whichever of them comes last ends the wait, and what the task did is visible. Bound 3: 8 630
/// executions.
#[test]
fn the_last_drop_races_close_and_wait() {
    check("the_last_drop_races_close_and_wait", THREE, || {
        let tracker = TaskTracker::new();
        let data = crate::primitive::Arc::new(AtomicUsize::new(0));
        let task = {
            let (token, data) = (tracker.token(), data.clone());
            spawn(move || {
                data.store(1, Ordering::Relaxed);
                drop(token);
            })
        };
        let closer = {
            let tracker = tracker.clone();
            spawn(move || assert!(tracker.close()))
        };
        start();
        block_on(tracker.wait());
        assert_eq!(data.load(Ordering::Relaxed), 1);
        task.join().unwrap();
        closer.join().unwrap();
    });
}

/// A wait that was created before is over, though the tracker is reopened at once. Unbounded: 259
/// executions.
#[test]
fn reopen_races_the_first_poll() {
    check("reopen_races_the_first_poll", UNBOUNDED, || {
        let tracker = TaskTracker::new();
        tracker.close();
        let token = tracker.token();
        let wait = tracker.wait();
        let task = {
            let tracker = tracker.clone();
            spawn(move || {
                drop(token);
                tracker.reopen();
            })
        };
        start();
        block_on(wait);
        task.join().unwrap();
        assert!(poll_once(Box::pin(tracker.wait()).as_mut()).is_pending());
    });
}

/// A wait that is created after the tracker was reopened is not over because the tracker was closed
/// and empty before. Unbounded: 209 executions.
#[test]
fn the_last_drop_races_reopen_and_a_new_wait() {
    check(
        "the_last_drop_races_reopen_and_a_new_wait",
        UNBOUNDED,
        || {
            let tracker = TaskTracker::new();
            tracker.close();
            let token = tracker.token();
            let task = spawn(move || drop(token));
            start();
            tracker.reopen();
            let mut wait = Box::pin(tracker.wait());
            assert!(poll_once(wait.as_mut()).is_pending());
            task.join().unwrap();
            assert!(poll_once(wait.as_mut()).is_pending(), "open");
        },
    );
}

/// A wait is dropped while another one ends. Bound 3: 9 231 executions.
#[test]
fn the_last_drop_races_cancel_and_close() {
    check("the_last_drop_races_cancel_and_close", THREE, || {
        let tracker = TaskTracker::new();
        let token = tracker.token();
        let mut leaves = Box::pin(tracker.wait());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let mut stays = Box::pin(tracker.wait());
        assert!(poll_once(stays.as_mut()).is_pending());
        let task = spawn(move || drop(token));
        let closer = {
            let tracker = tracker.clone();
            spawn(move || tracker.close())
        };
        start();
        drop(leaves);
        block_on(stays);
        task.join().unwrap();
        assert!(closer.join().unwrap());
    });
}

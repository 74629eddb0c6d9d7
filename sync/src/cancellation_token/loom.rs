//! Models of tokens: each attacks "no waiter is forgotten" (one that is deadlocks the model), I1 or I2.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A child made while its parent is cancelled is cancelled. Unbounded: 1 680 executions.
#[test]
fn cancel_races_child_token() {
    check("cancel_races_child_token", UNBOUNDED, || {
        let parent = CancellationToken::new();
        let cancels = {
            let parent = parent.clone();
            spawn(move || parent.cancel())
        };
        start();
        let child = parent.child_token();
        block_on(child.cancelled());
        cancels.join().unwrap();
        assert!(parent.is_cancelled());
    });
}

/// Who sees a token cancelled sees those below it cancelled, and what came before (I2). Unbounded:
/// 39 executions.
#[test]
fn cancel_races_a_look() {
    check("cancel_races_a_look", UNBOUNDED, || {
        let parent = CancellationToken::new();
        let child = parent.child_token();
        let grandchild = child.child_token();
        let data = crate::primitive::Arc::new(AtomicUsize::new(0));
        let cancels = {
            let (parent, data) = (parent.clone(), data.clone());
            spawn(move || {
                data.store(1, Ordering::Relaxed);
                parent.cancel();
            })
        };
        start();
        if parent.is_cancelled() {
            assert_eq!(data.load(Ordering::Relaxed), 1);
            assert!(child.is_cancelled());
        }
        if child.is_cancelled() {
            assert!(grandchild.is_cancelled());
        }
        cancels.join().unwrap();
    });
}

/// The token between a parent and a grandchild is dropped while the parent is cancelled: whether
/// the grandchild hangs on it still or not, it is reached (I1). Unbounded: 1 985 executions.
#[test]
fn cancel_races_drop_of_the_token_between() {
    check("cancel_races_drop_of_the_token_between", UNBOUNDED, || {
        let parent = CancellationToken::new();
        let between = parent.child_token();
        let grandchild = between.child_token();
        let mut wait = pin!(grandchild.cancelled());
        assert!(poll_once(wait.as_mut()).is_pending());
        let cancels = {
            let parent = parent.clone();
            spawn(move || parent.cancel())
        };
        start();
        drop(between);
        block_on(wait);
        cancels.join().unwrap();
    });
}

/// Two handles of a child are dropped while the parent is cancelled: the last one takes the child
/// out of the tree once, or finds it gone. Bound 3: 470 executions.
#[test]
fn two_drops_race_cancel() {
    check("two_drops_race_cancel", THREE, || {
        let parent = CancellationToken::new();
        let child = parent.child_token();
        let drops = {
            let child = child.clone();
            spawn(move || drop(child))
        };
        let cancels = {
            let parent = parent.clone();
            spawn(move || parent.cancel())
        };
        start();
        drop(child);
        drops.join().unwrap();
        cancels.join().unwrap();
        assert!(parent.is_cancelled());
    });
}

/// Parent and child are cancelled at once; a wait for the child is dropped, and one is released.
/// The call that returns first has cancelled what it was called for. Bound 3: 55 200 executions.
#[test]
fn two_cancels_race_cancel_of_a_wait() {
    check("two_cancels_race_cancel_of_a_wait", THREE, || {
        let parent = CancellationToken::new();
        let child = parent.child_token();
        let mut leaves = Box::pin(child.cancelled());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let mut stays = Box::pin(child.clone().cancelled_owned());
        assert!(poll_once(stays.as_mut()).is_pending());
        let cancels = [parent.clone(), child.clone()].map(|token| {
            let child = child.clone();
            spawn(move || {
                token.cancel();
                assert!(child.is_cancelled());
            })
        });
        start();
        drop(leaves);
        block_on(stays);
        for cancel in cancels {
            cancel.join().unwrap();
        }
    });
}

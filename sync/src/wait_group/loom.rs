//! Models of the wait group: each attacks "no waiter is forgotten" (one that is deadlocks the model),
//! or that what the members did is visible.

use std::task::Waker;

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Unbounded: 1 648 executions.
#[test]
fn the_last_drop_races_wait() {
    check("the_last_drop_races_wait", UNBOUNDED, || {
        let group = WaitGroup::new();
        let data = crate::primitive::Arc::new(AtomicUsize::new(0));
        let member = {
            let (group, data) = (group.clone(), data.clone());
            spawn(move || {
                data.store(1, Ordering::Relaxed);
                drop(group);
            })
        };
        start();
        block_on(group.wait());
        assert_eq!(data.load(Ordering::Relaxed), 1);
        member.join().unwrap();
    });
}

/// What all members did is visible, also of those that were not the last. Bound 3: 6 514
/// executions.
#[test]
fn two_drops_race_wait() {
    check("two_drops_race_wait", THREE, || {
        let group = WaitGroup::new();
        let data = crate::primitive::Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let members = [0, 1].map(|number| {
            let (group, data) = (group.clone(), data.clone());
            spawn(move || {
                data[number].store(1, Ordering::Relaxed);
                drop(group);
            })
        });
        start();
        block_on(group.wait());
        for part in data.iter() {
            assert_eq!(part.load(Ordering::Relaxed), 1);
        }
        for member in members {
            member.join().unwrap();
        }
    });
}

/// One of two waits is dropped while the last handle is. Bound 3: 2 806 executions.
#[test]
fn the_last_drop_races_cancel_and_wait() {
    check("the_last_drop_races_cancel_and_wait", THREE, || {
        let group = WaitGroup::new();
        let mut leaves = Box::pin(group.clone().wait());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let waits = {
            let wait = group.clone().wait();
            spawn(move || block_on(wait))
        };
        let member = spawn(move || drop(group));
        start();
        drop(leaves);
        waits.join().unwrap();
        member.join().unwrap();
    });
}

//! Models of the barrier: each attacks "no waiter is forgotten" (one that is deadlocks the model) or
//! I2 (a round that lost or kept an arrival is complete too late or too early).

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::thread::JoinHandle;

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn arrival(barrier: &Arc<Barrier>) -> JoinHandle<bool> {
    let barrier = barrier.clone();
    spawn(move || block_on(barrier.wait()).is_leader())
}

/// Two rounds of two, and what came before an arrival is visible after it. Unbounded: 21 554
/// executions.
#[test]
fn arrival_races_arrival_and_the_next_round() {
    check("arrival_races_arrival", UNBOUNDED, || {
        let barrier = Arc::new(Barrier::new(2));
        let data = Arc::new(AtomicUsize::new(0));
        let other = {
            let (barrier, data) = (barrier.clone(), data.clone());
            spawn(move || {
                data.store(1, Ordering::Relaxed);
                let first = block_on(barrier.wait()).is_leader();
                let second = block_on(barrier.wait()).is_leader();
                [first, second]
            })
        };
        start();
        let first = block_on(barrier.wait()).is_leader();
        assert_eq!(data.load(Ordering::Relaxed), 1);
        let second = block_on(barrier.wait()).is_leader();
        let others = other.join().unwrap();
        assert_eq!([!first, !second], others, "one leader a round");
    });
}

/// L-75: the waiter of a barrier for two is dropped while another arrives; a third is there in case
/// that the arrival was taken back. Unbounded: 736 executions.
#[test]
fn arrival_races_cancel() {
    check("arrival_races_cancel", UNBOUNDED, || {
        let barrier = Arc::new(Barrier::new(2));
        let has_left = Arc::new(AtomicUsize::new(0));
        let mut leaves = Box::pin(barrier.wait());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let other = {
            let (barrier, has_left) = (barrier.clone(), has_left.clone());
            spawn(move || {
                let alone = has_left.load(Ordering::Acquire) == 1;
                (alone, block_on(barrier.wait()).is_leader())
            })
        };
        start();
        drop(leaves);
        has_left.store(1, Ordering::Release);
        let mut extra = Box::pin(barrier.wait());
        let led = match poll_once(extra.as_mut()) {
            Poll::Ready(result) => result.is_leader(),
            Poll::Pending => false,
        };
        let (alone, other_led) = other.join().unwrap();
        assert_ne!(led, other_led, "one leader");
        let taken_back = led || poll_once(extra.as_mut()).is_ready();
        assert!(taken_back || !alone, "who has left does not count");
        drop(extra);
        assert_eq!(*barrier.waiters.lock().state(), 0, "I1");
    });
}

/// Three arrive, and a fourth that has arrived leaves: the last to arrive finds all the others.
/// Bound 3: 6 242 executions.
#[test]
fn three_arrivals_race_cancel() {
    check("three_arrivals_race_cancel", THREE, || {
        let barrier = Arc::new(Barrier::new(3));
        let mut leaves = Box::pin(barrier.wait());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let others = [arrival(&barrier), arrival(&barrier)];
        start();
        drop(leaves);
        // If the one that left was in the round, this one is in the next, alone.
        let mut last = Box::pin(barrier.wait());
        let led = match poll_once(last.as_mut()) {
            Poll::Ready(result) => result.is_leader(),
            Poll::Pending => false,
        };
        let led_by = others.map(|other| other.join().unwrap());
        let leaders = led_by.iter().chain([&led]).filter(|led| **led).count();
        assert_eq!(leaders, 1);
        drop(last);
        assert_eq!(*barrier.waiters.lock().state(), 0, "I1");
    });
}

/// Two leave at once, without and with a round that completes meanwhile. Bound 3: 617 executions.
#[test]
fn cancel_races_cancel_and_the_last_arrival() {
    check("cancel_races_cancel", THREE, || {
        let barrier = Arc::new(Barrier::new(3));
        let mut leaves = Box::pin(barrier.wait());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let other = {
            let barrier = barrier.clone();
            spawn(move || {
                let mut wait = Box::pin(barrier.wait());
                poll_once(wait.as_mut()).is_ready()
            })
        };
        let last = {
            let barrier = barrier.clone();
            spawn(move || {
                let mut wait = Box::pin(barrier.wait());
                poll_once(wait.as_mut()).is_ready()
            })
        };
        start();
        drop(leaves);
        let complete = [other.join().unwrap(), last.join().unwrap()];
        assert!(complete != [true, true], "one leader");
        assert_eq!(*barrier.waiters.lock().state(), 0, "I1");
        assert!(poll_once(Box::pin(barrier.wait()).as_mut()).is_pending());
    });
}

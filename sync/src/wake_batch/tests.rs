//! Wakers are woken in order, whatever they do.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

use super::*;

/// Writes its number into a log when woken; panics if told to.
struct Numbered {
    number: usize,
    panics: bool,
    log: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Numbered {
    fn wake(self: Arc<Self>) {
        self.log.lock().unwrap().push(self.number);
        assert!(!self.panics, "waker {}", self.number);
    }
}

fn waker(number: usize, panics: bool, log: &Arc<Mutex<Vec<usize>>>) -> Waker {
    Waker::from(Arc::new(Numbered {
        number,
        panics,
        log: log.clone(),
    }))
}

#[test]
fn wakes_in_order_and_can_be_filled_again() {
    let log = Arc::default();
    let mut batch = WakeBatch::new();
    for round in 0..3 {
        for number in 0..WAKE_BATCH_CAP {
            assert!(!batch.is_full());
            batch.push(waker(round * WAKE_BATCH_CAP + number, false, &log));
        }
        assert!(batch.is_full());
        batch.wake_all();
        assert!(batch.is_empty());
    }
    let woken = log.lock().unwrap();
    assert!(woken.iter().copied().eq(0..3 * WAKE_BATCH_CAP));
}

#[test]
fn panicking_wakers_do_not_keep_the_others_asleep() {
    let log = Arc::default();
    let mut batch = WakeBatch::new();
    for number in 0..6 {
        batch.push(waker(number, number % 2 == 1, &log));
    }
    let payload = panic::catch_unwind(AssertUnwindSafe(|| batch.wake_all())).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "waker 1");
    assert_eq!(*log.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
    assert!(batch.is_empty());
    batch.push(waker(6, false, &log));
    batch.wake_all();
    assert_eq!(log.lock().unwrap().last(), Some(&6));
}

#[test]
fn a_dropped_batch_wakes_also_while_unwinding() {
    let log = Arc::default();
    drop({
        let mut batch = WakeBatch::new();
        batch.push(waker(0, false, &log));
        batch
    });
    let payload = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut batch = WakeBatch::new();
        batch.push(waker(1, true, &log));
        batch.push(waker(2, false, &log));
        panic!("the first panic");
    }))
    .unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"the first panic"));
    assert_eq!(*log.lock().unwrap(), [0, 1, 2]);
}

#[test]
#[should_panic(expected = "the batch is full")]
fn a_full_batch_refuses() {
    let mut batch = WakeBatch::new();
    for _ in 0..=WAKE_BATCH_CAP {
        batch.push(Waker::noop().clone());
    }
}

//! Models of the watch channel: each attacks "no version is missed" (one that is deadlocks the
//! model) or the order of value and version (I1).

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Watches until the end; gives the last value.
fn watch(mut rx: Receiver<u8>) -> u8 {
    let mut last = 0;
    while block_on(rx.changed()).is_ok() {
        let value = rx.borrow_and_update();
        assert!(*value >= last);
        last = *value;
    }
    last
}

/// The last value and the end.
#[test]
fn send_and_drop_race_changed() {
    // L-89.
    check("send_and_drop_race_changed", UNBOUNDED, || {
        let (tx, rx) = channel(0);
        let watcher = spawn(move || watch(rx));
        start();
        tx.send(1).unwrap();
        drop(tx);
        assert_eq!(watcher.join().unwrap(), 1);
    });
}

/// As above, with two receivers, of which one may find `WAITERS` set by the other.
#[test]
fn send_races_two_receivers() {
    check("send_races_two_receivers", THREE, || {
        let (tx, mut rx) = channel(0);
        let mut other = rx.clone();
        let watcher = spawn(move || block_on(other.changed()).is_ok());
        let sender = spawn(move || {
            tx.send(1).unwrap();
            tx
        });
        start();
        block_on(rx.changed()).unwrap();
        assert!(watcher.join().unwrap());
        drop(sender.join().unwrap());
    });
}

/// Two senders, of which one may empty the queue for the other.
#[test]
fn two_sends_race_a_receiver() {
    check("two_sends_race_a_receiver", THREE, || {
        let (tx, mut rx) = channel(0_u8);
        let senders = [1, 2].map(|value| {
            let tx = tx.clone();
            spawn(move || tx.send_modify(|sum| *sum += value))
        });
        start();
        assert_eq!(*block_on(rx.wait_for(|sum| *sum == 3)).unwrap(), 3);
        for sender in senders {
            sender.join().unwrap();
        }
        assert_eq!(*tx.borrow(), 3);
    });
}

/// A wait that is given up, and one that is not.
#[test]
fn send_races_cancel_of_changed() {
    check("send_races_cancel_of_changed", THREE, || {
        let (tx, rx) = channel(0);
        let (mut leaves, mut stays) = (rx.clone(), rx);
        let mut wait = Box::pin(leaves.changed());
        assert!(poll_once(wait.as_mut()).is_pending());
        let watcher = spawn(move || block_on(stays.changed()).is_ok());
        let sender = spawn(move || {
            tx.send(1).unwrap();
            tx
        });
        start();
        drop(wait);
        assert!(watcher.join().unwrap());
        drop(sender.join().unwrap());
        assert!(matches!(
            poll_once(pin!(leaves.changed())),
            Poll::Ready(Ok(()))
        ));
    });
}

/// The value and its version belong together.
#[test]
fn send_races_borrow_and_update() {
    check("send_races_borrow_and_update", UNBOUNDED, || {
        let (tx, mut rx) = channel(0);
        let sender = spawn(move || {
            tx.send(1).unwrap();
            tx
        });
        start();
        let first = *rx.borrow_and_update();
        let told = matches!(poll_once(pin!(rx.changed())), Poll::Ready(Ok(())));
        assert!(first == 0 || !told, "the value was seen");
        drop(sender.join().unwrap());
        let told = told || rx.has_changed().is_err() && rx.borrow().has_changed();
        assert_eq!(first == 0, told);
    });
}

/// The last receiver and who waits for that.
#[test]
fn drop_of_two_receivers_races_closed() {
    check("drop_of_two_receivers_races_closed", THREE, || {
        let (tx, rx) = channel(0);
        let drops = [rx.clone(), rx].map(|rx| spawn(move || drop(rx)));
        start();
        block_on(tx.closed());
        assert!(tx.send(1).is_err());
        for end in drops {
            end.join().unwrap();
        }
    });
}

/// What the sender did before is seen by who sees the version, without looking at the value.
#[test]
fn who_sees_a_version_sees_what_came_before() {
    use crate::primitive::Arc;
    use crate::primitive::atomic::{AtomicUsize, Ordering};
    check(
        "who_sees_a_version_sees_what_came_before",
        UNBOUNDED,
        || {
            let (tx, mut rx) = channel(0);
            let before = Arc::new(AtomicUsize::new(0));
            let sender = {
                let before = before.clone();
                spawn(move || {
                    // Ordering: Relaxed; the version is to publish it.
                    before.store(1, Ordering::Relaxed);
                    tx.send(1).unwrap();
                })
            };
            start();
            if poll_once(pin!(rx.changed())).is_ready() {
                // Ordering: Relaxed; as above.
                assert_eq!(before.load(Ordering::Relaxed), 1);
            }
            sender.join().unwrap();
        },
    );
}

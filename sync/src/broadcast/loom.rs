//! Models of the broadcast channel. A wake-up that is lost deadlocks the model; a value touched by
//! two makes loom's cells panic; a message that is lost or comes twice is missing in the count.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::error::{RecvError, TryRecvError};
use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::UnsafeCell;

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// What a receiver gets until the channel ends: how many are lost, and the rest.
fn receive_all(mut rx: Receiver<u8>) -> (u64, Vec<u8>) {
    let (mut lost, mut got) = (0, Vec::new());
    loop {
        match block_on(rx.recv()) {
            Ok(value) => got.push(value),
            Err(RecvError::Lagged(missed)) => lost += missed,
            Err(RecvError::Closed) => return (lost, got),
        }
    }
}

/// A payload whose clone writes to a cell, as one that is not `Sync` may.
struct NotSync(UnsafeCell<u8>);

// It is `Send`, and loom's cell is so on this condition.
impl Clone for NotSync {
    fn clone(&self) -> Self {
        self.0.with_mut(|_| ());
        Self(UnsafeCell::new(0))
    }
}

/// Attacks I1 of the slot: clones of one message are made one at a time, and the last reader drops
/// it.
#[test]
fn two_receivers_race_for_a_clone() {
    //
    check("two_receivers_race_for_a_clone", UNBOUNDED, || {
        let (tx, mut first) = channel(1);
        let mut second = tx.subscribe();
        assert!(tx.send(NotSync(UnsafeCell::new(0))).is_ok());
        let other = spawn(move || second.try_recv().is_ok());
        start();
        assert!(first.try_recv().is_ok());
        assert!(other.join().unwrap() && tx.is_empty());
    });
}

/// Attacks I1 of the slot, with a message that comes while both receivers look or wait for it.
#[test]
fn send_races_two_receivers_that_clone() {
    // L-86.
    check("send_races_two_receivers_that_clone", THREE, || {
        let (tx, mut first) = channel(2);
        let mut second = tx.subscribe();
        let other = spawn(move || block_on(second.recv()).is_ok());
        let sender = spawn(move || tx.send(NotSync(UnsafeCell::new(0))).is_ok());
        start();
        assert!(block_on(first.recv()).is_ok());
        assert!(other.join().unwrap() && sender.join().unwrap());
    });
}

/// Attacks I3: what is overwritten is counted as lost, and nothing else.
#[test]
fn overwriting_races_a_slow_receiver() {
    // L-87.
    check("overwriting_races_a_slow_receiver", UNBOUNDED, || {
        let (tx, mut rx) = channel(1);
        tx.send(1).unwrap();
        let sender = spawn(move || tx.send(2).unwrap());
        start();
        let early = match rx.try_recv() {
            Ok(value) => [0, value],
            Err(TryRecvError::Lagged(missed)) => [missed as u8, 0],
            Err(end) => panic!("{end}: there is a message at any time"),
        };
        sender.join().unwrap();
        // The first was received or counted as lost, and the second comes after it.
        assert!(early == [0, 1] || early == [1, 0], "{early:?}");
        assert_eq!(rx.try_recv(), Ok(2));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

/// Attacks I3: a receiver that goes counts its messages as read, whatever is overwritten meanwhile.
#[test]
fn drop_of_a_receiver_races_overflow() {
    // L-88.
    check("drop_of_a_receiver_races_overflow", UNBOUNDED, || {
        let (tx, rx) = channel(1);
        let mut stays = tx.subscribe();
        tx.send(1).unwrap();
        let leaver = spawn(move || drop(rx));
        start();
        tx.send(2).unwrap();
        leaver.join().unwrap();
        assert_eq!(tx.len(), 1);
        assert_eq!(stays.try_recv(), Err(TryRecvError::Lagged(1)));
        assert_eq!(stays.try_recv(), Ok(2));
        assert!(tx.is_empty());
    });
}

/// Attacks "no wake-up is lost".
#[test]
fn end_races_recv() {
    check("end_races_recv", UNBOUNDED, || {
        let (tx, rx) = channel(2);
        let receiver = spawn(move || receive_all(rx));
        start();
        tx.send(1).unwrap();
        drop(tx);
        assert_eq!(receiver.join().unwrap(), (0, vec![1]));
    });
}

/// Attacks "no wake-up is lost", with a wait that is given up and taken up again.
#[test]
fn send_races_cancel_of_recv() {
    check("send_races_cancel_of_recv", UNBOUNDED, || {
        let (tx, mut rx) = channel(2);
        let sender = spawn(move || tx.send(1).unwrap());
        start();
        let first = poll_once(Box::pin(rx.recv()).as_mut());
        let got = match first {
            Poll::Ready(got) => got,
            Poll::Pending => block_on(rx.recv()),
        };
        assert_eq!(got, Ok(1));
        assert_eq!(sender.join().unwrap(), 1);
    });
}

/// Attacks I2: the queue with one who leaves it and one who stays.
#[test]
fn send_races_cancel_and_another_wait() {
    check("send_races_cancel_and_another_wait", THREE, || {
        let (tx, mut rx) = channel(2);
        let mut leaves = tx.subscribe();
        let mut wait = Box::pin(leaves.recv());
        assert!(poll_once(wait.as_mut()).is_pending());
        let sender = spawn(move || tx.send(1).unwrap());
        let receiver = spawn(move || block_on(rx.recv()));
        start();
        drop(wait);
        assert_eq!(sender.join().unwrap(), 2);
        assert_eq!(receiver.join().unwrap(), Ok(1));
        assert_eq!(leaves.try_recv(), Ok(1));
    });
}

/// Attacks "no wake-up is lost" for those who wait for the last receiver.
#[test]
fn drop_of_two_receivers_races_closed() {
    check("drop_of_two_receivers_races_closed", THREE, || {
        let (tx, first) = channel::<u8>(1);
        let second = tx.subscribe();
        let drops = [first, second].map(|rx| spawn(move || drop(rx)));
        start();
        block_on(tx.closed());
        assert!(tx.send(1).is_err());
        for end in drops {
            end.join().unwrap();
        }
    });
}

/// Attacks the end of the channel: a weak sender becomes a strong one, or the channel has ended.
#[test]
fn upgrade_races_the_end() {
    check("upgrade_races_the_end", UNBOUNDED, || {
        let (tx, mut rx) = channel(1);
        let weak = tx.downgrade();
        let upgrade = spawn(move || weak.upgrade().is_some_and(|tx| tx.send(1).is_ok()));
        start();
        drop(tx);
        let sent = upgrade.join().unwrap();
        let got = poll_once(pin!(rx.recv()));
        let end = if sent { Ok(1) } else { Err(RecvError::Closed) };
        assert_eq!(got, Poll::Ready(end));
    });
}

/// Attacks I3: two senders at once, on one slot and with numbers that wrap.
#[test]
fn two_sends_race_a_receiver() {
    check("two_sends_race_a_receiver", THREE, || {
        let (tx, rx) = channel_from(1, u64::MAX);
        let senders = [1, 2].map(|value| {
            let tx = tx.clone();
            spawn(move || tx.send(value).unwrap())
        });
        drop(tx);
        start();
        let (lost, mut got) = receive_all(rx);
        for sender in senders {
            assert_eq!(sender.join().unwrap(), 1);
        }
        got.sort_unstable();
        assert_eq!(lost as usize + got.len(), 2);
        assert!(!got.is_empty());
    });
}

//! Models of `mpmc` channels: each attacks "no waiter is forgotten" (one that is deadlocks the model), or
//! the conservation of messages (I3, I4 of the core).

use std::future::Future;
use std::pin::Pin;
// Counts payloads; not a part of the protocol.
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// I2, I3: a receiver that is dropped passes on the message it was promised. Unbounded: 1,036
/// executions.
#[test]
fn send_races_cancel_of_a_recv() {
    check("send_races_cancel_of_a_recv", UNBOUNDED, || {
        let (tx, rx) = channel(1);
        let mut leaves = Box::pin(rx.recv());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let mut heir = Box::pin(rx.recv());
        assert!(poll_once(heir.as_mut()).is_pending());
        let sender = spawn(move || tx.try_send(1).unwrap());
        start();
        drop(leaves);
        assert_eq!(block_on(heir.as_mut()), Some(1));
        sender.join().unwrap();
    });
}

/// I1, I2: two receivers, one place. Bound 3: 93,396 executions.
#[test]
fn two_receivers_race_for_messages() {
    check("two_receivers_race_for_messages", THREE, || {
        let (tx, rx) = channel(1);
        let receivers = [(); 2].map(|()| {
            let rx = rx.clone();
            spawn(move || block_on(rx.recv()).unwrap())
        });
        start();
        block_on(tx.send(1)).unwrap();
        block_on(tx.send(2)).unwrap();
        let sum: u32 = receivers
            .map(|receiver| receiver.join().unwrap())
            .iter()
            .sum();
        assert_eq!(sum, 3);
    });
}

/// The end comes to every receiver, and to each message its one. Bound 3: 2,705 executions.
#[test]
fn close_races_send_and_recv() {
    check("close_races_send_and_recv", THREE, || {
        let (tx, rx) = channel(1);
        let closer = tx.clone();
        let sender = spawn(move || usize::from(block_on(tx.send(())).is_ok()));
        let receiver = {
            let rx = rx.clone();
            spawn(move || usize::from(block_on(rx.recv()).is_some()))
        };
        start();
        closer.close();
        let mut got = 0;
        while block_on(rx.recv()).is_some() {
            got += 1;
        }
        assert_eq!(got + receiver.join().unwrap(), sender.join().unwrap());
    });
}

/// The last message that is taken, or passed on, from a closed channel is its end for all others.
/// Unbounded: 18,725 executions.
#[test]
fn cancel_of_a_promise_races_recv_of_a_closed_channel() {
    check(
        "cancel_of_a_promise_races_recv_of_a_closed_channel",
        UNBOUNDED,
        || {
            let (tx, rx) = channel(1);
            let mut promised = Box::pin(rx.recv());
            assert!(poll_once(promised.as_mut()).is_pending());
            tx.try_send(1).unwrap();
            drop(tx);
            let other = {
                let rx = rx.clone();
                spawn(move || block_on(rx.recv()))
            };
            start();
            drop(promised);
            let here = block_on(rx.recv());
            assert_eq!(here.xor(other.join().unwrap()), Some(1));
        },
    );
}

/// I4: every message is dropped once. Unbounded: 881 executions.
#[test]
fn send_races_drop_of_the_last_receiver() {
    check("send_races_drop_of_the_last_receiver", UNBOUNDED, || {
        let (tx, rx) = channel(1);
        let message = Arc::new(());
        let payload = message.clone();
        let weak = rx.downgrade();
        let receiver = spawn(move || drop(rx));
        start();
        drop(tx.try_send(payload.clone()));
        drop(block_on(tx.send(payload)));
        receiver.join().unwrap();
        assert!(weak.upgrade().is_none());
        assert_eq!(Arc::strong_count(&message), 1);
    });
}

//! Models of `mpsc` channels: each attacks "no waiter is forgotten" (one that is deadlocks the model), or
//! the conservation of messages and room (I3, I4 of the core).

use std::future::Future;
use std::pin::{Pin, pin};
// Counts payloads; not a part of the protocol.
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::error::{SendError, TrySendError};
use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::atomic::{AtomicBool, Ordering};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// I1, I2: the room of the only message goes back and forth. Bound 3: 179,546 executions.
#[test]
fn two_senders_race_for_one_place() {
    check("two_senders_race_for_one_place", THREE, || {
        let (tx, mut rx) = channel(1);
        let senders = [1, 2].map(|n| {
            let tx = tx.clone();
            spawn(move || block_on(tx.send(n)).unwrap())
        });
        drop(tx);
        start();
        let mut sum = 0;
        while let Some(n) = block_on(rx.recv()) {
            sum += n;
        }
        assert_eq!(sum, 3);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

/// I3: a permit that is dropped, or used, after a close ends the wait of the receiver. Unbounded:
/// 319 and 588 executions.
#[test]
fn permit_races_close_and_recv() {
    for sends in [false, true] {
        check("permit_races_close_and_recv", UNBOUNDED, move || {
            let (tx, mut rx) = channel(1);
            let sender = spawn(move || match tx.try_reserve() {
                Ok(permit) if sends => {
                    permit.send(());
                    1
                }
                Ok(_) => 0,
                Err(refused) => {
                    assert_eq!(refused, TrySendError::Closed(()));
                    0
                }
            });
            start();
            rx.close();
            let mut got = 0;
            while block_on(rx.recv()).is_some() {
                got += 1;
            }
            assert_eq!(got, sender.join().unwrap());
        });
    }
}

/// I3: a reservation that waits while the channel is closed gives back what it gathered. Unbounded:
/// 852,701 executions.
#[test]
fn a_wait_for_two_races_close() {
    check("a_wait_for_two_races_close", UNBOUNDED, || {
        let (tx, mut rx) = channel(2);
        tx.try_send(()).unwrap();
        let sender = spawn(move || match block_on(tx.reserve_many(2)) {
            Ok(permits) => permits.map(|permit| permit.send(())).count(),
            Err(SendError(())) => 0,
        });
        start();
        assert_eq!(block_on(rx.recv()), Some(()));
        rx.close();
        let mut got = 0;
        while block_on(rx.recv()).is_some() {
            got += 1;
        }
        assert_eq!(got, sender.join().unwrap());
    });
}

/// I4: every message is dropped once, also one that is sent into a permit after the receiver has gone.
/// Unbounded: 1,562 executions.
#[test]
fn send_races_drop_of_the_receiver() {
    check("send_races_drop_of_the_receiver", UNBOUNDED, || {
        let (tx, rx) = channel(1);
        let message = Arc::new(());
        let payload = message.clone();
        let sender = spawn(move || {
            let permit = tx.try_reserve();
            if let Ok(permit) = permit {
                permit.send(payload.clone());
            }
            drop(block_on(tx.send(payload)));
        });
        start();
        drop(rx);
        sender.join().unwrap();
        assert_eq!(Arc::strong_count(&message), 1);
    });
}

/// Nothing is lost when the last sender goes right after it sent. Unbounded: 3,330 executions.
#[test]
fn drop_of_the_last_sender_races_recv() {
    check("drop_of_the_last_sender_races_recv", UNBOUNDED, || {
        let (tx, mut rx) = unbounded_channel();
        let sender = spawn(move || tx.send(1).unwrap());
        start();
        assert_eq!(block_on(rx.recv()), Some(1));
        assert_eq!(block_on(rx.recv()), None);
        sender.join().unwrap();
    });
}

/// After a close nothing is added, and what was sent is there. Unbounded: 1,101 executions.
#[test]
fn len_after_close_is_what_is_left() {
    check("len_after_close_is_what_is_left", UNBOUNDED, || {
        let (tx, mut rx) = unbounded_channel();
        let sender = spawn(move || (0..2).filter(|n| tx.send(*n).is_ok()).count());
        start();
        rx.close();
        let len = rx.len();
        assert_eq!(rx.is_empty(), len == 0);
        for n in 0..len {
            assert_eq!(rx.len(), len - n);
            assert_eq!(block_on(rx.recv()), Some(n));
        }
        assert_eq!(block_on(rx.recv()), None);
        assert_eq!(sender.join().unwrap(), len);
    });
}

/// I1, I3: room that was given to a wait which ends goes to the next in the queue. Bound 3: 10,346
/// executions.
#[test]
fn recv_races_cancel_of_a_send() {
    check("recv_races_cancel_of_a_send", THREE, || {
        let (tx, mut rx) = channel(1);
        tx.try_send(0).unwrap();
        let mut leaves = Box::pin(tx.send(1));
        assert!(poll_once(leaves.as_mut()).is_pending());
        let heir = {
            let tx = tx.clone();
            spawn(move || block_on(tx.send(2)).unwrap())
        };
        let receiver = spawn(move || {
            assert_eq!(block_on(rx.recv()), Some(0));
            assert_eq!(block_on(rx.recv()), Some(2));
        });
        start();
        drop(leaves);
        heir.join().unwrap();
        receiver.join().unwrap();
    });
}

/// A receive that is given up leaves the message to the next one. Unbounded: 4,328 executions.
#[test]
fn send_races_cancel_of_a_recv() {
    check("send_races_cancel_of_a_recv", UNBOUNDED, || {
        let (tx, mut rx) = channel(1);
        {
            let mut leaves = pin!(rx.recv());
            assert!(poll_once(leaves.as_mut()).is_pending());
        }
        let sender = spawn(move || tx.try_send(1).unwrap());
        start();
        let first = {
            let mut leaves = pin!(rx.recv());
            poll_once(leaves.as_mut())
        };
        if first.is_pending() {
            assert_eq!(block_on(rx.recv()), Some(1));
        }
        assert_eq!(block_on(rx.recv()), None);
        sender.join().unwrap();
    });
}

/// Who waits for the close is released by it. Unbounded: 2,081 executions.
#[test]
fn drop_of_the_receiver_races_closed() {
    check("drop_of_the_receiver_races_closed", UNBOUNDED, || {
        let (tx, rx) = unbounded_channel::<()>();
        let receiver = spawn(move || drop(rx));
        start();
        block_on(tx.closed());
        assert!(tx.is_closed());
        receiver.join().unwrap();
    });
}

/// A sender that finds no room, because messages are in hand, is told when one is given out (the protocol
/// of the hand). Unbounded: 475 executions.
#[test]
fn giving_out_races_a_send() {
    check("giving_out_races_a_send", UNBOUNDED, || {
        let (tx, mut rx) = channel(2);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        // Takes both out of the shared buffer.
        assert_eq!(rx.try_recv(), Ok(1));
        tx.try_send(3).unwrap();
        let sender = spawn(move || block_on(tx.send(4)).unwrap());
        start();
        assert_eq!(rx.try_recv(), Ok(2));
        // Before the next receive, which takes the lock anyway.
        sender.join().unwrap();
        assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(3), Ok(4)));
    });
}

/// The bound is exact while messages are in hand: a place is free at once for who asks after the message
/// was given out, and for one only. Bound 3: 1,079 executions.
#[test]
fn giving_out_races_two_senders() {
    check("giving_out_races_two_senders", THREE, || {
        let (tx, mut rx) = channel(2);
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        tx.try_send(3).unwrap();
        let senders = [4, 5].map(|n| {
            let tx = tx.clone();
            spawn(move || usize::from(tx.try_send(n).is_ok()))
        });
        start();
        assert_eq!(rx.try_recv(), Ok(2));
        let last = usize::from(tx.try_send(6).is_ok());
        let sent: usize = senders.map(|sender| sender.join().unwrap()).iter().sum();
        assert_eq!(sent + last, 1);
        assert_eq!((rx.len(), rx.capacity()), (2, 0));
    });
}

/// Who finds the place of a message that was given out sees what the receiver did before. Unbounded:
/// 18 executions.
#[test]
fn a_place_from_the_hand_carries_what_came_before() {
    check(
        "a_place_from_the_hand_carries_what_came_before",
        UNBOUNDED,
        || {
            let (tx, mut rx) = channel(2);
            tx.try_send(1).unwrap();
            tx.try_send(2).unwrap();
            assert_eq!(rx.try_recv(), Ok(1));
            tx.try_send(3).unwrap();
            let done = Arc::new(AtomicBool::new(false));
            let seen = done.clone();
            let sender = spawn(move || {
                if tx.try_send(4).is_ok() {
                    assert!(seen.load(Ordering::Relaxed));
                }
            });
            start();
            done.store(true, Ordering::Relaxed);
            assert_eq!(rx.try_recv(), Ok(2));
            sender.join().unwrap();
        },
    );
}

//! Models of the oneshot channel: each attacks the ownership table (parts touched by two, or after
//! they were freed, make loom's cells panic), leaks of the value (a loom `Arc`), or "no wake-up is
//! lost" (a lost one deadlocks the model).

use ::loom::future::block_on;
use std::future::poll_fn;
use std::task::Waker;

use super::*;
use crate::model_check::{UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;

type Value = Arc<u8>;

fn channel() -> (Sender<Value>, Receiver<Value>) {
    super::channel()
}

fn poll_once<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop()))
}

fn check_end(end: Result<Value, RecvError>, sent: bool) {
    assert_eq!(end.is_ok(), sent, "what was sent is what was received");
}

/// Unbounded: 4 753 executions.
#[test]
fn send_races_wait() {
    check("send_races_wait", UNBOUNDED, || {
        let (tx, rx) = channel();
        let sender = spawn(move || tx.send(Value::new(1)).is_ok());
        start();
        let end = block_on(rx);
        assert!(sender.join().unwrap());
        check_end(end, true);
    });
}

/// Unbounded: 4 753 executions.
#[test]
fn drop_of_the_sender_races_wait() {
    check("drop_of_the_sender_races_wait", UNBOUNDED, || {
        let (tx, rx) = channel();
        let sender = spawn(move || drop(tx));
        start();
        check_end(block_on(rx), false);
        sender.join().unwrap();
    });
}

/// Unbounded: 252 executions.
#[test]
fn send_races_blocking_recv() {
    check("send_races_blocking_recv", UNBOUNDED, || {
        let (tx, rx) = channel();
        let sender = spawn(move || tx.send(Value::new(1)).is_ok());
        start();
        check_end(rx.blocking_recv(), true);
        assert!(sender.join().unwrap());
    });
}

/// Unbounded: 32 835 executions.
#[test]
fn send_races_a_receiver_that_moves() {
    check("send_races_a_receiver_that_moves", UNBOUNDED, || {
        let (tx, mut rx) = channel();
        let sender = spawn(move || tx.send(Value::new(1)).is_ok());
        start();
        // Another waker than the one that waits below.
        match poll_once(&mut rx) {
            Poll::Ready(end) => check_end(end, true),
            Poll::Pending => check_end(block_on(rx), true),
        }
        assert!(sender.join().unwrap());
    });
}

/// Unbounded: 135 executions.
#[test]
fn send_races_drop_of_a_polled_receiver() {
    //
    check("send_races_drop_of_a_polled_receiver", UNBOUNDED, || {
        let (tx, mut rx) = channel();
        assert!(poll_once(&mut rx).is_pending());
        let sender = spawn(move || drop(tx.send(Value::new(1))));
        start();
        drop(rx);
        sender.join().unwrap();
    });
}

/// Unbounded: 412 executions.
#[test]
fn poll_and_drop_race_send() {
    // R-114, with the registration racing as well.
    check("poll_and_drop_race_send", UNBOUNDED, || {
        let (tx, mut rx) = channel();
        let sender = spawn(move || drop(tx.send(Value::new(1))));
        start();
        if let Poll::Ready(end) = poll_once(&mut rx) {
            check_end(end, true);
        }
        drop(rx);
        sender.join().unwrap();
    });
}

/// Unbounded: 160 executions.
#[test]
fn send_races_close_then_try_recv() {
    //
    check("send_races_close_then_try_recv", UNBOUNDED, || {
        let (tx, mut rx) = channel();
        let sender = spawn(move || tx.send(Value::new(1)).is_ok());
        start();
        rx.close();
        let received = rx.try_recv();
        assert!(!matches!(received, Err(TryRecvError::Empty)));
        let sent = sender.join().unwrap();
        assert_eq!(received.is_ok(), sent, "nothing is lost or received twice");
    });
}

/// Unbounded: 1 044 executions.
#[test]
fn send_races_poll_close_and_poll() {
    // R-113, with a waker.
    check("send_races_poll_close_and_poll", UNBOUNDED, || {
        let (tx, mut rx) = channel();
        let sender = spawn(move || tx.send(Value::new(1)).is_ok());
        start();
        let end = match poll_once(&mut rx) {
            Poll::Ready(end) => end,
            Poll::Pending => {
                rx.close();
                block_on(rx)
            }
        };
        let sent = sender.join().unwrap();
        check_end(end, sent);
    });
}

/// Unbounded: 4 233 executions.
#[test]
fn closed_races_drop_of_the_receiver() {
    check("closed_races_drop_of_the_receiver", UNBOUNDED, || {
        let (mut tx, mut rx) = channel();
        assert!(poll_once(&mut rx).is_pending());
        let receiver = spawn(move || drop(rx));
        start();
        block_on(tx.closed());
        assert!(tx.send(Value::new(1)).is_err());
        receiver.join().unwrap();
    });
}

/// Unbounded: 2 729 executions.
#[test]
fn closed_and_send_race_close() {
    check("closed_and_send_race_close", UNBOUNDED, || {
        let (mut tx, mut rx) = channel();
        let receiver = spawn(move || {
            rx.close();
            rx.try_recv().is_ok()
        });
        start();
        block_on(poll_fn(|cx| {
            let _ = tx.poll_closed(cx);
            Poll::Ready(())
        }));
        let sent = tx.send(Value::new(1)).is_ok();
        assert_eq!(receiver.join().unwrap(), sent);
    });
}

/// Unbounded: 4 853 executions.
#[test]
fn both_sides_wait_and_drop() {
    check("both_sides_wait_and_drop", UNBOUNDED, || {
        let (mut tx, mut rx) = channel();
        let receiver = spawn(move || {
            let _ = poll_once(&mut rx);
        });
        start();
        let _ = poll_once(tx.closed());
        drop(tx);
        receiver.join().unwrap();
    });
}

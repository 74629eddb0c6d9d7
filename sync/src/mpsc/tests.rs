//! Behaviour of the ends of an `mpsc` channel, one step at a time.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::error::{SendError, TryRecvError, TrySendError};
use super::*;
use crate::counting_waker::{CountingWaker, idle_context};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

#[test]
fn messages_arrive_in_order() {
    let (tx, mut rx) = channel(2);
    assert_eq!(poll(pin!(tx.send(1))), Poll::Ready(Ok(())));
    assert_eq!(tx.try_send(2), Ok(()));
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)));
    let mut third = pin!(tx.send(3));
    assert!(poll(third.as_mut()).is_pending());
    assert_eq!(poll(pin!(rx.recv())), Poll::Ready(Some(1)));
    assert_eq!(
        tx.try_send(4),
        Err(TrySendError::Full(4)),
        "the room is the waiter's"
    );
    assert_eq!(poll(third.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(rx.try_recv(), Ok(3));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn the_receiver_is_woken_once_for_a_message() {
    let (tx, mut rx) = channel(2);
    let (count, waker) = CountingWaker::pair();
    let mut recv = pin!(rx.recv());
    let mut cx = Context::from_waker(&waker);
    assert!(recv.as_mut().poll(&mut cx).is_pending());
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(count.wakes(), 1);
    assert_eq!(recv.as_mut().poll(&mut cx), Poll::Ready(Some(1)));
}

#[test]
fn a_permit_keeps_a_closed_channel_from_ending() {
    let (tx, mut rx) = channel(2);
    let permit = tx.try_reserve().unwrap();
    assert_eq!(tx.capacity(), 1);
    rx.close();
    assert!(tx.is_closed() && rx.is_closed());
    assert_eq!(tx.try_send(1), Err(TrySendError::Closed(1)));
    let (count, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    {
        let mut recv = pin!(rx.recv());
        assert!(recv.as_mut().poll(&mut cx).is_pending());
        permit.send(7);
        assert_eq!(count.wakes(), 1);
        assert_eq!(recv.as_mut().poll(&mut cx), Poll::Ready(Some(7)));
    }
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn close_ends_the_waits_of_senders() {
    let (tx, mut rx) = channel(1);
    tx.try_send(1).unwrap();
    let (count, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    let mut send = pin!(tx.send(2));
    let mut closed = pin!(tx.closed());
    assert!(send.as_mut().poll(&mut cx).is_pending());
    assert!(closed.as_mut().poll(&mut cx).is_pending());
    rx.close();
    assert_eq!(count.wakes(), 2);
    assert_eq!(send.as_mut().poll(&mut cx), Poll::Ready(Err(SendError(2))));
    assert!(closed.as_mut().poll(&mut cx).is_ready());
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn a_dropped_receiver_drops_the_messages() {
    let (tx, rx) = unbounded_channel();
    let message = std::sync::Arc::new(());
    for _ in 0..3000 {
        tx.send(message.clone()).unwrap();
    }
    drop(rx);
    assert_eq!(std::sync::Arc::strong_count(&message), 1);
    assert!(tx.send(message).is_err());
}

#[test]
fn the_last_sender_ends_the_channel() {
    let (tx, mut rx) = unbounded_channel();
    let weak = tx.downgrade();
    let again = weak.upgrade().unwrap();
    assert_eq!((rx.sender_strong_count(), rx.sender_weak_count()), (2, 1));
    tx.send(1).unwrap();
    drop((tx, again));
    assert!(weak.upgrade().is_none());
    assert!(rx.is_closed() && rx.len() == 1);
    assert_eq!(poll(pin!(rx.recv())), Poll::Ready(Some(1)));
    assert_eq!(poll(pin!(rx.recv())), Poll::Ready(None));
}

#[test]
fn recv_many_lets_as_many_senders_in() {
    let (tx, mut rx) = channel(2);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let mut sends: Vec<_> = (3..6).map(|n| Box::pin(tx.send(n))).collect();
    for send in &mut sends {
        assert!(poll(send.as_mut()).is_pending());
    }
    let mut got = Vec::new();
    assert_eq!(poll(pin!(rx.recv_many(&mut got, 8))), Poll::Ready(2));
    let ready: Vec<_> = sends
        .iter_mut()
        .map(|send| poll(send.as_mut()).is_ready())
        .collect();
    assert_eq!(ready, [true, true, false]);
    assert_eq!(poll(pin!(rx.recv_many(&mut got, 1))), Poll::Ready(1));
    assert_eq!(got, [1, 2, 3]);
}

//! Behaviour of the ends of an `mpmc` channel, one step at a time.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::error::{SendError, TryRecvError, TrySendError};
use super::*;
use crate::context::{self, Budget};
use crate::counting_waker::{CountingWaker, idle_context};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

#[test]
fn receivers_are_served_in_order_of_arrival() {
    let (tx, rx) = channel(4);
    let mut recvs: Vec<_> = (0..3).map(|_| Box::pin(rx.recv())).collect();
    let counts: Vec<_> = recvs
        .iter_mut()
        .map(|recv| {
            let (count, waker) = CountingWaker::pair();
            assert!(
                recv.as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
            count
        })
        .collect();
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(
        counts.iter().map(|count| count.wakes()).collect::<Vec<_>>(),
        [1, 1, 0]
    );
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "both are promised");
    assert_eq!(rx.len(), 2);
    assert!(poll(recvs[2].as_mut()).is_pending());
    assert_eq!(
        poll(recvs[1].as_mut()),
        Poll::Ready(Some(1)),
        "who comes first gets the older"
    );
    assert_eq!(poll(recvs[0].as_mut()), Poll::Ready(Some(2)));
}

#[test]
fn a_dropped_receiver_passes_its_promise_on() {
    let (tx, rx) = channel(4);
    let (count, waker) = CountingWaker::pair();
    let mut heir;
    {
        let mut leaves = pin!(rx.recv());
        assert!(poll(leaves.as_mut()).is_pending());
        heir = Box::pin(rx.recv());
        assert!(
            heir.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        tx.try_send(1).unwrap();
        assert_eq!(count.wakes(), 0);
    }
    assert_eq!(count.wakes(), 1);
    assert_eq!(poll(heir.as_mut()), Poll::Ready(Some(1)));
}

#[test]
fn a_promise_without_heir_becomes_a_free_message() {
    let (tx, rx) = channel(4);
    {
        let mut leaves = pin!(rx.recv());
        assert!(poll(leaves.as_mut()).is_pending());
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn the_end_is_told_when_the_last_message_is_taken() {
    let (tx, rx) = channel(4);
    let mut first = pin!(rx.recv());
    assert!(poll(first.as_mut()).is_pending());
    let (count, waker) = CountingWaker::pair();
    let mut second = pin!(rx.recv());
    assert!(
        second
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    tx.try_send(1).unwrap();
    assert!(tx.close());
    assert!(!rx.close(), "only once");
    assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
    assert_eq!(count.wakes(), 0, "the promise may come to it yet");
    assert_eq!(poll(first.as_mut()), Poll::Ready(Some(1)));
    assert_eq!(count.wakes(), 1);
    assert_eq!(poll(second.as_mut()), Poll::Ready(None));
}

#[test]
fn the_end_of_one_side_is_the_end_of_the_last_handle() {
    let (tx, rx) = channel(1);
    let (tx2, rx2) = (tx.clone(), rx.clone());
    drop((tx, rx));
    tx2.try_send(1).unwrap();
    let mut send = pin!(tx2.send(2));
    assert!(poll(send.as_mut()).is_pending());
    let weak = rx2.downgrade();
    drop(rx2);
    assert!(weak.upgrade().is_none());
    assert_eq!(poll(send.as_mut()), Poll::Ready(Err(SendError(2))));
    assert!(tx2.is_closed() && tx2.is_empty());
}

#[test]
fn without_budget_a_receiver_keeps_its_turn() {
    let (tx, rx) = channel(4);
    tx.try_send(1).unwrap();
    let (count, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    let mut turn = pin!(rx.recv());
    let task = std::num::NonZeroU64::MIN;
    context::enter(task, None, Budget::initial(), || {
        while context::budget().has_remaining() {
            let _ = context::poll_proceed(&mut cx).map(|unit| unit.made_progress());
        }
        assert!(turn.as_mut().poll(&mut cx).is_pending());
    });
    assert_eq!(count.wakes(), 1);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "it has a promise");
    assert_eq!(poll(turn.as_mut()), Poll::Ready(Some(1)));
}

#[test]
fn recv_many_takes_what_is_promised_to_nobody_else() {
    let (tx, rx) = unbounded_channel();
    let mut other = pin!(rx.recv());
    assert!(poll(other.as_mut()).is_pending());
    let mut got = Vec::new();
    {
        let mut many = pin!(rx.recv_many(&mut got, 3));
        assert!(poll(many.as_mut()).is_pending());
        (0..6).for_each(|n| tx.try_send(n).unwrap());
        assert_eq!(poll(many.as_mut()), Poll::Ready(3));
    }
    assert_eq!(got, [0, 1, 2]);
    assert_eq!(rx.try_recv_many(&mut got, 9), Ok(2));
    assert_eq!(poll(other.as_mut()), Poll::Ready(Some(5)));
    assert_eq!(rx.try_recv_many(&mut got, 9), Err(TryRecvError::Empty));
}

#[test]
fn a_sender_without_bound_never_waits() {
    let (tx, rx) = unbounded_channel();
    for n in 0..5000 {
        assert_eq!(poll(pin!(tx.send(n))), Poll::Ready(Ok(())));
    }
    assert_eq!((tx.max_capacity(), rx.len()), (None, 5000));
    assert!((0..5000).all(|n| rx.try_recv() == Ok(n)));
}

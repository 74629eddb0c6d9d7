//! Values, ends and waits of a channel on one thread, and blocking on others.

use std::num::NonZeroU64;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::*;
use crate::context::{Budget, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};

fn poll<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    Pin::new(&mut future).poll(&mut idle_context())
}

fn poll_with<F: Future + Unpin>(mut future: F, waker: &std::task::Waker) -> Poll<F::Output> {
    Pin::new(&mut future).poll(&mut Context::from_waker(waker))
}

#[test]
fn a_value_reaches_the_receiver_that_waits() {
    let (count, waker) = CountingWaker::pair();
    let (tx, mut rx) = channel();
    assert_eq!(format!("{tx:?} {rx:?}"), "Sender(open) Receiver(open)");
    assert!(poll_with(&mut rx, &waker).is_pending());
    assert_eq!(format!("{rx:?}"), "Receiver(open, receiver waits)");
    assert_eq!(tx.send(5), Ok(()));
    assert_eq!(count.wakes(), 1);
    assert_eq!(poll(&mut rx), Poll::Ready(Ok(5)));
    assert_eq!(format!("{rx:?}"), "Receiver(terminated)");
    assert_eq!(Arc::strong_count(&count), 2, "no waker is left behind");
}

#[test]
fn a_dropped_sender_ends_the_channel() {
    let (count, waker) = CountingWaker::pair();
    let (tx, mut rx) = channel::<u8>();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert!(poll_with(&mut rx, &waker).is_pending());
    drop(tx);
    assert_eq!(count.wakes(), 1);
    assert!(rx.is_empty() && !rx.is_terminated());
    assert_eq!(poll(&mut rx), Poll::Ready(Err(RecvError(()))));
    assert!(rx.is_terminated());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_dropped_receiver_is_seen_by_the_sender() {
    let (count, waker) = CountingWaker::pair();
    let (mut tx, rx) = channel();
    assert!(!tx.is_closed());
    assert!(poll_with(tx.closed(), &waker).is_pending());
    assert!(
        tx.poll_closed(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert_eq!(Arc::strong_count(&count), 3, "the same waker is kept");
    drop(rx);
    assert_eq!(count.wakes(), 1);
    assert!(tx.is_closed());
    assert!(poll(tx.closed()).is_ready());
    assert_eq!(tx.send("back"), Err("back"));
}

#[test]
fn closing_refuses_later_values_and_keeps_earlier_ones() {
    let (mut tx, mut rx) = channel();
    let (count, waker) = CountingWaker::pair();
    assert!(poll_with(&mut rx, &waker).is_pending());
    assert!(poll_with(tx.closed(), &waker).is_pending());
    rx.close();
    rx.close();
    assert_eq!((count.wakes(), Arc::strong_count(&count)), (1, 2));
    assert_eq!(tx.send(1), Err(1));
    assert_eq!(poll(&mut rx), Poll::Ready(Err(RecvError(()))));

    let (tx, mut rx) = channel();
    tx.send(2).unwrap();
    rx.close();
    assert!(!rx.is_empty());
    assert_eq!(rx.try_recv(), Ok(2));
    rx.close();
    assert!(rx.is_terminated() && rx.is_empty());
}

#[test]
fn regression_r109_a_receiver_that_moves_leaves_no_waker_behind() {
    let (first, first_waker) = CountingWaker::pair();
    let (second, second_waker) = CountingWaker::pair();
    let (mut tx, mut rx) = channel();
    for waker in [&first_waker, &first_waker, &second_waker] {
        assert!(poll_with(&mut rx, waker).is_pending());
        assert!(poll_with(tx.closed(), waker).is_pending());
    }
    assert_eq!(Arc::strong_count(&first), 2);
    assert_eq!(Arc::strong_count(&second), 4);
    tx.send(()).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
    assert_eq!(Arc::strong_count(&second), 2, "the sender's went too");
    drop(rx);
}

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_value_is_dropped_once_wherever_it_ends() {
    let drops = Arc::new(AtomicUsize::new(0));
    let dropped = || drops.swap(0, Ordering::Relaxed);
    let channel = || channel::<Counted>();

    let (tx, rx) = channel();
    assert!(tx.send(Counted(drops.clone())).is_ok());
    assert_eq!(dropped(), 0);
    drop(rx);
    assert_eq!(dropped(), 1, "sent, never received");

    let (tx, mut rx) = channel();
    rx.close();
    drop(tx.send(Counted(drops.clone())));
    drop(rx);
    assert_eq!(dropped(), 1, "given back");

    let (tx, mut rx) = channel();
    assert!(tx.send(Counted(drops.clone())).is_ok());
    drop(rx.try_recv());
    drop(rx);
    assert_eq!(dropped(), 1, "received");
}

#[test]
fn a_value_whose_drop_panics_does_not_keep_the_channel() {
    struct Bomb(#[expect(dead_code, reason = "counts by being dropped")] Counted);
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("bomb");
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = channel();
    assert!(tx.send(Bomb(Counted(drops.clone()))).is_ok());
    assert!(panic::catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

#[test]
#[should_panic(expected = "check `is_terminated` first")]
fn polling_a_terminated_receiver_panics_with_advice() {
    let (tx, mut rx) = channel::<()>();
    drop(tx);
    assert!(rx.try_recv().is_err());
    let _ = poll(&mut rx);
}

#[test]
fn plain_threads_block_and_are_woken() {
    for send in [true, false] {
        let (tx, rx) = channel();
        let receiver = thread::spawn(move || rx.blocking_recv());
        if send {
            tx.send(8).unwrap();
        } else {
            drop(tx);
        }
        let expected = if send { Ok(8) } else { Err(RecvError(())) };
        assert_eq!(receiver.join().unwrap(), expected);
    }
}

#[test]
fn blocking_in_a_task_panics_with_advice() {
    let (_tx, rx) = channel::<()>();
    let payload = context::enter(NonZeroU64::MIN, None, Budget::initial(), || {
        panic::catch_unwind(AssertUnwindSafe(|| rx.blocking_recv())).unwrap_err()
    });
    let message = payload.downcast_ref::<String>().unwrap();
    assert!(message.contains("await the receiver"), "{message}");
}

#[test]
fn waits_are_noted_and_charged_when_they_end() {
    let note = WaitNote::new();
    let line = line!() + 1;
    let (mut tx, mut rx) = channel::<()>();
    context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert!(poll(&mut rx).is_pending());
        let (kind, place) = note.get().unwrap();
        assert_eq!((kind, place.line()), (WaitKind::Channel, line));
        assert!(poll(tx.closed()).is_pending());
        assert_ne!(note.get().unwrap().1.line(), line, "where `closed` is");
        assert_eq!(context::budget(), Budget::initial());
        drop(tx);
        assert!(poll(&mut rx).is_ready());
        assert_ne!(context::budget(), Budget::initial());
    });
}

#[test]
fn a_task_without_budget_is_sent_round_again() {
    let (count, waker) = CountingWaker::pair();
    let (tx, rx) = channel();
    tx.send(1).unwrap();
    let mut rx = pin!(rx);
    context::enter(NonZeroU64::MIN, None, Budget::initial(), || {
        while context::budget().has_remaining() {
            let Poll::Ready(unit) = context::poll_proceed(&mut idle_context()) else {
                unreachable!("there is budget left")
            };
            unit.made_progress();
        }
        assert!(poll_with(rx.as_mut(), &waker).is_pending());
    });
    assert_eq!(count.wakes(), 1);
    assert_eq!(poll(rx), Poll::Ready(Ok(1)));
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync + Unpin>() {}
    check::<Sender<std::cell::Cell<u8>>>();
    check::<Receiver<std::cell::Cell<u8>>>();
    check::<Closed<'_, std::cell::Cell<u8>>>();
}

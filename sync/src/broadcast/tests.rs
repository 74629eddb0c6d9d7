//! Messages, who gets them, who lags, and when they are dropped.

use std::cell::Cell;
use std::future::Future;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::thread;

use super::error::{RecvError, SendError, TryRecvError};
use super::*;
use crate::context::{self, BUDGET_PER_POLL, Budget, WaitKind, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};
use crate::wake_batch::WAKE_BATCH_CAP;

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

/// Receives until there is nothing more; how many were lost, and what was not.
fn drain<T: Clone>(rx: &mut Receiver<T>) -> (u64, Vec<T>) {
    let (mut lost, mut got) = (0, Vec::new());
    loop {
        match rx.try_recv() {
            Ok(value) => got.push(value),
            Err(TryRecvError::Lagged(missed)) => lost += missed,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return (lost, got),
        }
    }
}

#[test]
fn every_receiver_gets_every_message() {
    let (tx, mut first) = channel(4);
    let mut second = tx.subscribe();
    assert_eq!(tx.send(1).unwrap(), 2);
    assert_eq!(tx.send(2).unwrap(), 2);
    let mut late = second.resubscribe();
    assert_eq!(tx.send(3).unwrap(), 3);
    assert_eq!(drain(&mut first), (0, vec![1, 2, 3]));
    assert_eq!(drain(&mut second), (0, vec![1, 2, 3]));
    assert_eq!(drain(&mut late), (0, vec![3]));
}

#[test]
fn without_receivers_the_message_comes_back() {
    let (tx, rx) = channel(1);
    drop(rx);
    assert_eq!(tx.send("back"), Err(SendError("back")));
    let mut rx = tx.subscribe();
    assert_eq!(tx.send("there"), Ok(1));
    assert_eq!(rx.try_recv(), Ok("there"));
}

#[test]
fn lag_is_exact_wherever_the_numbers_wrap() {
    for first in [0, u64::MAX, u64::MAX - 1, u64::MAX - 5, 1 << 63, 7] {
        for capacity in [1_u64, 2, 4] {
            for sent in 0..12_u64 {
                let (tx, mut rx) = channel_from(capacity as usize, first);
                let mut keeps_up = tx.subscribe();
                for message in 0..sent {
                    tx.send(message).unwrap();
                    assert_eq!(keeps_up.try_recv(), Ok(message));
                }
                assert_eq!(rx.len() as u64, sent);
                let lost = sent.saturating_sub(capacity);
                assert_eq!(tx.len() as u64, sent.min(capacity));
                assert_eq!(drain(&mut rx), (lost, (lost..sent).collect()));
                assert_eq!((tx.len(), rx.len()), (0, 0));
                assert!(tx.is_empty() && rx.is_empty());
                tx.send(99).unwrap();
                assert_eq!(drain(&mut keeps_up), (0, vec![99]));
            }
        }
    }
}

#[test]
fn positions_near_the_wrap() {
    let tail = |ended| ring::Tail {
        next: 1,
        receivers: 1,
        ended,
    };
    use ring::Position;
    assert_eq!(tail(false).position(1, 4), Position::AtEnd);
    assert_eq!(tail(true).position(1, 4), Position::Ended);
    assert_eq!(tail(true).position(0, 4), Position::Behind);
    assert_eq!(
        tail(false).position(1_u64.wrapping_sub(4), 4),
        Position::Behind
    );
    assert_eq!(
        tail(false).position(1_u64.wrapping_sub(5), 4),
        Position::Lagged(1)
    );
}

#[test]
fn what_is_left_is_received_after_the_last_sender() {
    let (tx, mut rx) = channel(2);
    let weak = tx.downgrade();
    let other = weak.upgrade().unwrap();
    tx.send(1).unwrap();
    drop(tx);
    other.send(2).unwrap();
    assert_eq!((rx.sender_strong_count(), rx.sender_weak_count()), (1, 1));
    drop(other);
    assert!(rx.is_closed() && weak.upgrade().is_none());
    assert_eq!(poll(pin!(rx.recv())), Poll::Ready(Ok(1)));
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(poll(pin!(rx.recv())), Poll::Ready(Err(RecvError::Closed)));
    let mut new = rx.resubscribe();
    assert_eq!(new.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_message_wakes_all_who_wait_and_no_one_else() {
    let (tx, mut rx) = channel(4);
    let mut receivers: Vec<_> = (0..2 * WAKE_BATCH_CAP + 1)
        .map(|_| tx.subscribe())
        .collect();
    let (wakes, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    let count = receivers.len();
    let mut waits: Vec<_> = receivers.iter_mut().map(|rx| Box::pin(rx.recv())).collect();
    for wait in &mut waits {
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    tx.send(7).unwrap();
    assert_eq!(wakes.wakes(), count);
    tx.send(8).unwrap();
    assert_eq!(wakes.wakes(), count, "nobody waits");
    for wait in &mut waits {
        assert_eq!(wait.as_mut().poll(&mut cx), Poll::Ready(Ok(7)));
    }
    drop(waits);
    assert_eq!(drain(&mut rx), (0, vec![7, 8]));
    let mut waits: Vec<_> = receivers.iter_mut().map(|rx| Box::pin(rx.recv())).collect();
    for wait in &mut waits {
        assert_eq!(wait.as_mut().poll(&mut cx), Poll::Ready(Ok(8)));
        assert!(wait.as_mut().poll(&mut cx).is_pending(), "the next one");
    }
    drop(tx);
    assert_eq!(wakes.wakes(), 2 * count);
    for wait in &mut waits {
        let end = wait.as_mut().poll(&mut cx);
        assert_eq!(end, Poll::Ready(Err(RecvError::Closed)));
    }
}

#[test]
fn a_cancelled_wait_loses_nothing() {
    let (tx, mut rx) = channel(2);
    let (wakes, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    {
        let mut wait = pin!(rx.recv());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    tx.send(1).unwrap();
    assert_eq!(wakes.wakes(), 0);
    {
        let wait = pin!(rx.recv());
        assert_eq!(poll(wait), Poll::Ready(Ok(1)));
    }
    {
        let mut wait = pin!(rx.recv());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
        tx.send(2).unwrap();
        assert_eq!(wakes.wakes(), 1);
    }
    assert_eq!(rx.try_recv(), Ok(2), "woken, dropped, and still there");
}

#[test]
fn a_forgotten_wait_loses_nothing() {
    let (tx, mut rx) = channel(2);
    for woken in [false, true] {
        let mut wait = Box::pin(rx.recv());
        assert!(poll(wait.as_mut()).is_pending());
        if woken {
            tx.send(1).unwrap();
        }
        mem::forget(wait);
        if !woken {
            tx.send(1).unwrap();
        }
        assert_eq!(rx.try_recv(), Ok(1));
    }
    // The memory that the queue points at is leaked, not freed.
    drop(tx);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let (tx, mut rx) = channel(1);
    let (first, first_waker) = CountingWaker::pair();
    let (second, second_waker) = CountingWaker::pair();
    let mut wait = pin!(rx.recv());
    for waker in [&first_waker, &second_waker, &second_waker] {
        let mut cx = Context::from_waker(waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    tx.send(1).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn a_message_is_dropped_with_its_last_reading() {
    let message = Arc::new(());
    let (tx, mut first) = channel(2);
    let mut second = tx.subscribe();
    let third = tx.subscribe();
    tx.send(message.clone()).unwrap();
    drop(first.try_recv().unwrap());
    drop(third);
    assert_eq!(Arc::strong_count(&message), 2);
    drop(second.try_recv().unwrap());
    assert_eq!(Arc::strong_count(&message), 1);

    for _ in 0..5 {
        tx.send(message.clone()).unwrap();
    }
    assert_eq!(Arc::strong_count(&message), 3, "no more than the capacity");
    drop(first);
    assert_eq!(tx.len(), 2);
    drop(second);
    assert_eq!((Arc::strong_count(&message), tx.len()), (1, 0));
}

#[test]
fn closed_waits_for_the_last_receiver_and_reopens() {
    let (tx, rx) = channel::<()>(1);
    let other = tx.subscribe();
    let (wakes, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    let mut closed = pin!(tx.closed());
    assert!(closed.as_mut().poll(&mut cx).is_pending());
    drop(rx);
    assert_eq!(wakes.wakes(), 0);
    drop(other);
    assert_eq!(wakes.wakes(), 1);
    let again = tx.subscribe();
    assert!(closed.as_mut().poll(&mut cx).is_pending(), "open again");
    drop(again);
    assert_eq!(wakes.wakes(), 2);
    assert!(closed.as_mut().poll(&mut cx).is_ready());
    assert!(poll(pin!(Sender::<()>::new(1).closed())).is_ready());
}

/// A payload that is `Send` but not `Sync`, and counts in a way that a race would break.
struct Counted(Cell<usize>, Arc<AtomicUsize>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        let clones = self.0.get();
        thread::yield_now();
        self.0.set(clones + 1);
        self.1.fetch_add(1, Ordering::Relaxed);
        Self(Cell::new(0), self.1.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_sub(self.0.get(), Ordering::Relaxed);
    }
}

#[test]
fn clones_of_a_message_are_made_one_at_a_time() {
    let balance = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = channel(64);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let mut rx = rx.resubscribe();
            thread::spawn(move || {
                let mut received = 0;
                while rx.blocking_recv().is_ok() {
                    received += 1;
                }
                received
            })
        })
        .collect();
    drop(rx);
    for _ in 0..64 {
        assert!(tx.send(Counted(Cell::new(0), balance.clone())).is_ok());
    }
    drop(tx);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 64);
    }
    assert_eq!(
        balance.load(Ordering::Relaxed),
        0,
        "no clone was miscounted"
    );
}

/// Panics, without a report.
fn unwind() {
    panic::resume_unwind(Box::new("hostile"));
}

/// A payload whose clone does something.
struct OnClone(Rc<dyn Fn()>);

impl Clone for OnClone {
    fn clone(&self) -> Self {
        (self.0)();
        Self(self.0.clone())
    }
}

#[test]
fn a_clone_that_panics_counts_as_a_reading() {
    let left = Rc::new(());
    let alive = left.clone();
    let (tx, mut first) = channel(2);
    let mut second = tx.subscribe();
    let hostile = move || {
        let _alive = &alive;
        unwind();
    };
    assert!(tx.send(Some(OnClone(Rc::new(hostile)))).is_ok());
    assert!(tx.send(None).is_ok());
    for rx in [&mut first, &mut second] {
        let caught = panic::catch_unwind(AssertUnwindSafe(|| rx.try_recv().is_ok()));
        assert!(caught.is_err());
        assert!(matches!(rx.try_recv(), Ok(None)));
    }
    assert_eq!(Rc::strong_count(&left), 1, "read by all, and dropped");
    assert!(tx.is_empty());
}

#[test]
fn a_clone_may_send_on_its_channel() {
    let (tx, mut rx) = channel::<(u32, OnClone)>(1);
    let idle: Rc<dyn Fn()> = Rc::new(|| ());
    let sends: Rc<dyn Fn()> = {
        let (tx, idle) = (tx.clone(), idle.clone());
        Rc::new(move || {
            for number in 2..=3 {
                assert!(tx.send((number, OnClone(idle.clone()))).is_ok());
            }
        })
    };
    assert!(tx.send((1, OnClone(sends.clone()))).is_ok());
    assert_eq!(rx.try_recv().map(|message| message.0), Ok(1));
    assert_eq!(
        rx.try_recv().map(|message| message.0),
        Err(TryRecvError::Lagged(1))
    );
    assert_eq!(rx.try_recv().map(|message| message.0), Ok(3));
    assert!(tx.is_empty());
    assert!(tx.send((4, OnClone(idle.clone()))).is_ok());
    assert_eq!(drain(&mut rx).1.len(), 1);
    drop((tx, rx, sends));
    assert_eq!(Rc::strong_count(&idle), 1, "nothing is left in the ring");
}

#[test]
fn a_message_overwritten_during_its_clone_goes_with_the_next_use_of_its_slot() {
    let (tx, mut rx) = channel::<(Rc<()>, OnClone)>(1);
    let _lags = tx.subscribe();
    let idle: Rc<dyn Fn()> = Rc::new(|| ());
    let overwritten = Rc::new(());
    let sends: Rc<dyn Fn()> = {
        let (tx, idle) = (tx.clone(), idle.clone());
        Rc::new(move || drop(tx.send((Rc::new(()), OnClone(idle.clone())))))
    };
    assert!(tx.send((overwritten.clone(), OnClone(sends))).is_ok());
    assert!(rx.try_recv().is_ok());
    assert_eq!(tx.len(), 1);
    assert!(tx.send((Rc::new(()), OnClone(idle))).is_ok());
    assert_eq!(Rc::strong_count(&overwritten), 1);
}

/// A payload whose drop does something.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl<F: Fn()> Clone for OnDrop<F> {
    fn clone(&self) -> Self {
        panic!("not received");
    }
}

#[test]
fn a_displaced_message_is_dropped_without_a_lock() {
    let (tx, rx) = channel::<OnDrop<Box<dyn Fn()>>>(1);
    let drops = Rc::new(Cell::new(0));
    let message = || {
        let (tx, drops) = (tx.clone(), drops.clone());
        OnDrop(Box::new(move || {
            assert_eq!(tx.len(), tx.receiver_count());
            drops.set(drops.get() + 1);
        }) as Box<dyn Fn()>)
    };
    for _ in 0..3 {
        assert!(tx.send(message()).is_ok());
    }
    assert_eq!(drops.get(), 2);
    drop(rx);
    assert_eq!(drops.get(), 3);
}

#[test]
fn a_drop_that_panics_leaves_the_rest_in_order() {
    let drops = Rc::new(Cell::new(0));
    let message = || {
        let drops = drops.clone();
        OnDrop(Box::new(move || {
            drops.set(drops.get() + 1);
            unwind();
        }) as Box<dyn Fn()>)
    };
    let (tx, rx) = channel(2);
    let mut closed = pin!(tx.closed());
    let (wakes, waker) = CountingWaker::pair();
    assert!(
        closed
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    for _ in 0..2 {
        assert!(tx.send(message()).is_ok());
    }
    let caught = panic::catch_unwind(AssertUnwindSafe(|| tx.send(message()).is_ok()));
    assert!(caught.is_err());
    assert_eq!((drops.get(), tx.len()), (1, 2), "sent all the same");
    assert!(panic::catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
    assert_eq!((drops.get(), tx.len()), (3, 0));
    assert_eq!(wakes.wakes(), 1);
}

#[test]
fn what_completes_costs_a_unit_of_budget() {
    let task = std::num::NonZeroU64::MIN;
    let (tx, mut rx) = channel(2);
    context::enter(task, None, Budget::initial(), || {
        for _ in 0..BUDGET_PER_POLL {
            tx.send(()).unwrap();
            assert!(poll(pin!(rx.recv())).is_ready());
        }
        tx.send(()).unwrap();
        let (wakes, waker) = CountingWaker::pair();
        let mut cx = Context::from_waker(&waker);
        assert!(pin!(rx.recv()).poll(&mut cx).is_pending());
        assert_eq!(wakes.wakes(), 1);
        for _ in 0..4 {
            tx.send(()).unwrap();
        }
        assert!(pin!(rx.recv()).poll(&mut cx).is_pending());
        assert_eq!(rx.len(), 5, "nothing was lost for want of budget");
    });
    assert_eq!(
        poll(pin!(rx.recv())),
        Poll::Ready(Err(RecvError::Lagged(3)))
    );
}

#[test]
fn a_wait_is_noted() {
    let (tx, mut rx) = channel::<()>(1);
    let note = WaitNote::new();
    let task = std::num::NonZeroU64::MIN;
    context::enter(task, Some(&note), Budget::initial(), || {
        assert!(poll(pin!(rx.recv())).is_pending());
        let (kind, place) = note.get().unwrap();
        assert_eq!((kind, place.file()), (WaitKind::Channel, file!()));
        note.clear();
        assert!(poll(pin!(tx.closed())).is_pending());
        assert_eq!(note.get().unwrap().0, WaitKind::Channel);
    });
}

#[test]
fn debug_shows_the_channel() {
    let (tx, rx) = channel::<u8>(3);
    tx.send(1).unwrap();
    let shown = format!("{tx:?} {rx:?}");
    assert!(shown.contains("capacity: 4, unread: 1, senders: 1, receivers: 1"));
}

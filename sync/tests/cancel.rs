//! Waiters that are dropped after any number of polls, woken or not: the others must not notice,
//! and what a dropped one was given must not be lost.
#![cfg(not(selvedge_loom))]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use selvedge_sync::{Notify, Semaphore, oneshot};

/// A future on a bench: polled by hand, its wakes counted.
struct Seat<'a, T> {
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
    wakes: Arc<Wakes>,
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl<'a, T> Seat<'a, T> {
    fn new(future: impl Future<Output = T> + 'a) -> Self {
        Self {
            future: Box::pin(future),
            wakes: Arc::default(),
        }
    }

    fn poll(&mut self) -> Poll<T> {
        let waker = Waker::from(self.wakes.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }
}

/// When the future in the middle of the queue is dropped.
#[derive(Debug, Clone, Copy)]
struct Cancel {
    polls: usize,
    /// The event that wakes it happens before it is dropped, and it is not polled in between.
    woken: bool,
}

fn cancels(polls_max: usize) -> impl Iterator<Item = Cancel> {
    (0..=polls_max).flat_map(|polls| [false, true].map(|woken| Cancel { polls, woken }))
}

/// Seats `count` futures, polls all but the one that is to be dropped once, in order, and that one
/// as often as it says.
fn seat<'a, F: Future<Output = ()> + 'a>(
    count: usize,
    victim: usize,
    cancel: Cancel,
    make: impl Fn() -> F,
) -> Vec<Seat<'a, ()>> {
    let mut seats: Vec<_> = (0..count).map(|_| Seat::new(make())).collect();
    for (index, seat) in seats.iter_mut().enumerate() {
        let polls = if index == victim { cancel.polls } else { 1 };
        for _ in 0..polls {
            assert!(seat.poll().is_pending());
        }
    }
    seats
}

/// How many of the seats are done, in which order they are seated.
fn ready(seats: &mut [Seat<'_, ()>]) -> Vec<usize> {
    let is_ready = |(index, seat): (usize, &mut Seat<'_, ()>)| {
        let ready = seat.poll().is_ready();
        assert_eq!(seat.wakes() > 0, ready, "exactly the ready ones were woken");
        ready.then_some(index)
    };
    seats.iter_mut().enumerate().filter_map(is_ready).collect()
}

#[test]
fn notify_one_reaches_the_next_one_in_line() {
    for victim in 0..3 {
        for cancel in cancels(3) {
            let notify = Notify::new();
            let mut seats = seat(3, victim, cancel, || notify.notified());
            let queued = cancel.polls > 0;
            // Everybody up to the victim is notified, so that it is its turn.
            let before = if queued { victim } else { 0 };
            for _ in 0..before {
                notify.notify_one();
            }
            if cancel.woken {
                notify.notify_one();
            }
            drop(seats.remove(victim));
            let expected: Vec<_> = (0..before + usize::from(cancel.woken)).collect();
            let reached = expected.iter().copied().filter(|index| *index < 2);
            assert!(
                ready(&mut seats).into_iter().eq(reached),
                "victim {victim}, {cancel:?}"
            );
            // With nobody left to pass it on to, the notification is the permit.
            let permit = Seat::new(notify.notified()).poll().is_ready();
            assert_eq!(permit, expected.len() > 2, "victim {victim}, {cancel:?}");
        }
    }
}

#[test]
fn notify_last_goes_to_the_one_before() {
    for cancel in cancels(3).filter(|cancel| cancel.polls > 0) {
        let notify = Notify::new();
        let mut seats = seat(3, 2, cancel, || notify.notified());
        if cancel.woken {
            notify.notify_last();
        }
        seats.pop();
        let expected: &[usize] = if cancel.woken { &[1] } else { &[] };
        assert_eq!(ready(&mut seats), expected, "{cancel:?}");
        assert!(Seat::new(notify.notified()).poll().is_pending());
    }
}

#[test]
fn notify_waiters_owes_nothing_to_the_dropped() {
    for victim in 0..3 {
        for cancel in cancels(3) {
            let notify = Notify::new();
            let mut seats = seat(3, victim, cancel, || notify.notified());
            if cancel.woken {
                notify.notify_waiters();
            }
            drop(seats.remove(victim));
            let expected: &[usize] = if cancel.woken { &[0, 1] } else { &[] };
            assert_eq!(ready(&mut seats), expected, "{cancel:?}");
            assert!(Seat::new(notify.notified()).poll().is_pending());
        }
    }
}

#[test]
fn a_cancelled_wait_for_a_value_can_be_started_again() {
    for cancel in cancels(3) {
        let (tx, mut rx) = oneshot::channel();
        let mut tx = Some(tx);
        let mut wait = Seat::new(&mut rx);
        for _ in 0..cancel.polls {
            assert!(wait.poll().is_pending());
        }
        if cancel.woken {
            tx.take().map(|tx| tx.send(1)).unwrap().unwrap();
            assert_eq!(wait.wakes(), cancel.polls.min(1), "{cancel:?}");
        }
        drop(wait);
        if let Some(tx) = tx {
            tx.send(1).unwrap();
        }
        assert_eq!(Seat::new(rx).poll(), Poll::Ready(Ok(1)), "{cancel:?}");
    }
}

#[test]
fn a_cancelled_wait_for_the_end_can_be_started_again() {
    for cancel in cancels(3) {
        let (mut tx, rx) = oneshot::channel::<()>();
        let mut rx = Some(rx);
        let mut wait = Seat::new(tx.closed());
        for _ in 0..cancel.polls {
            assert!(wait.poll().is_pending());
        }
        if cancel.woken {
            rx = None;
            assert_eq!(wait.wakes(), cancel.polls.min(1), "{cancel:?}");
        }
        drop(wait);
        assert_eq!(Seat::new(tx.closed()).poll().is_ready(), rx.is_none());
        drop(rx);
        assert!(Seat::new(tx.closed()).poll().is_ready());
    }
}

#[test]
fn permits_of_the_dropped_go_to_the_next_in_line() {
    for victim in 0..3 {
        for cancel in cancels(3) {
            let semaphore = Semaphore::new(1);
            let mut seats = seat(3, victim, cancel, || {
                let wait = semaphore.acquire_many(2);
                async { wait.await.unwrap().forget() }
            });
            // One permit is gathered by the first in the queue, 2 for everybody but one are
            // missing; so the victim goes while it has none, a part, or all.
            let queued = cancel.polls > 0;
            let before = if queued { victim } else { 0 };
            semaphore.add_permits(2 * before);
            if cancel.woken {
                semaphore.add_permits(1);
            }
            drop(seats.remove(victim));
            let total = 1 + 2 * before + usize::from(cancel.woken);
            let expected: Vec<_> = (0..2.min(total / 2)).collect();
            assert_eq!(ready(&mut seats), expected, "victim {victim}, {cancel:?}");
            // What is left is gathered by the next, or free.
            let left = total - 2 * expected.len();
            drop(seats);
            assert_eq!(semaphore.available_permits(), left, "{victim} {cancel:?}");
        }
    }
}

//! Models of the wait queue: each attacks I1-I4 (a touched node that is not ours makes loom's cell
//! panic) or "no waiter is forgotten" (a forgotten one deadlocks the model).

use std::future::poll_fn;
use std::pin::Pin;

use ::loom::future::block_on;

use super::*;
use crate::model_check::{UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;

struct Queue {
    waiters: WaitQueue<()>,
}

has_wait_queue!(Queue, waiters: ());

fn queue() -> Arc<Queue> {
    Arc::new(Queue {
        waiters: WaitQueue::new(),
    })
}

fn enqueued(queue: &Queue) -> Pin<Box<Waiter<&Queue>>> {
    let mut waiter = Box::pin(Waiter::new(queue, (), Location::caller()));
    waiter.as_mut().lock().enqueue(Some(Waker::noop().clone()));
    waiter
}

fn wait(mut waiter: Pin<&mut Waiter<&Queue>>) -> Departure {
    block_on(poll_fn(|cx| {
        waiter.as_mut().poll_departure(Some(cx.waker()))
    }))
}

fn depart_one(queue: &Queue) -> bool {
    let mut locked = queue.waiters.lock();
    if !locked.has_open() {
        return false;
    }
    let waker = locked.depart(Departure::Front);
    drop(locked);
    if let Some(waker) = waker {
        waker.wake();
    }
    true
}

/// Unbounded: 390 executions.
#[test]
fn depart_races_a_poll_with_another_waker() {
    check("depart_races_a_poll_with_another_waker", UNBOUNDED, || {
        let queue = queue();
        let mut waiter = enqueued(&queue);
        let notifier = {
            let queue = queue.clone();
            spawn(move || assert!(depart_one(&queue)))
        };
        start();
        assert_eq!(wait(waiter.as_mut()), Departure::Front);
        notifier.join().unwrap();
    });
}

/// Unbounded: 15 executions.
#[test]
fn depart_races_drop() {
    check("depart_races_drop", UNBOUNDED, || {
        let queue = queue();
        let (first, second) = (enqueued(&queue), enqueued(&queue));
        let notifier = {
            let queue = queue.clone();
            spawn(move || assert!(depart_one(&queue)))
        };
        start();
        drop(first);
        notifier.join().unwrap();
        drop(second);
        assert!(!queue.waiters.lock().has_open());
    });
}

/// Unbounded: 818 executions.
#[test]
fn broadcast_races_drop_and_enqueue() {
    check("broadcast_races_drop_and_enqueue", UNBOUNDED, || {
        let queue = queue();
        let (first, mut second) = (enqueued(&queue), enqueued(&queue));
        let notifier = {
            let queue = queue.clone();
            spawn(move || queue.waiters.lock().broadcast())
        };
        start();
        drop(first);
        let third = enqueued(&queue);
        assert_eq!(wait(second.as_mut()), Departure::Broadcast);
        drop(third);
        notifier.join().unwrap();
        assert!(queue.waiters.lock().list(0).head.is_none());
    });
}

/// Unbounded: 22 executions.
#[test]
fn two_broadcasts_race() {
    check("two_broadcasts_race", UNBOUNDED, || {
        let queue = queue();
        let mut first = enqueued(&queue);
        let notifier = {
            let queue = queue.clone();
            spawn(move || {
                queue.waiters.lock().broadcast();
                depart_one(&queue)
            })
        };
        start();
        queue.waiters.lock().broadcast();
        assert_eq!(wait(first.as_mut()), Departure::Broadcast);
        assert!(!notifier.join().unwrap(), "nobody is left");
    });
}

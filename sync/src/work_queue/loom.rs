//! Models of the work queue: each attacks I1 or I2 (a forgotten waiter deadlocks the model, and the ledger
//! asserts its counts), or the loss of items (a loom `Arc` that is leaked is reported).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::Arc as Counted;
use crate::primitive::thread::JoinHandle;

type Item = Counted<u8>;

fn item(number: u8) -> Item {
    Counted::new(number)
}

fn queue(capacity: usize) -> WorkQueue<Item> {
    WorkQueue::new(capacity)
}

fn on_thread<R: 'static>(
    queue: &WorkQueue<Item>,
    f: impl FnOnce(&WorkQueue<Item>) -> R + 'static,
) -> JoinHandle<R> {
    let queue = queue.clone();
    spawn(move || f(&queue))
}

fn get(queue: &WorkQueue<Item>) -> Option<u8> {
    block_on(queue.get()).ok().map(|job| **job)
}

fn is_pending<F: Future + ?Sized>(future: Pin<&mut F>) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    matches!(future.poll(&mut cx), Poll::Pending)
}

/// I1, both ways: the producer waits for room, the worker for items.
/// Unbounded: 294347 executions.
#[test]
fn put_races_get() {
    check("work_queue::put_races_get", UNBOUNDED, || {
        let queue = queue(1);
        let producer = on_thread(&queue, |queue| {
            for number in 0..2 {
                block_on(queue.put(item(number))).unwrap();
            }
        });
        start();
        assert_eq!((get(&queue), get(&queue)), (Some(0), Some(1)));
        producer.join().unwrap();
        assert_eq!(queue.unfinished(), 0);
    });
}

/// I2: a worker leaves while an item is granted to it; another one gets that.
/// Bound 3: 1437 executions.
#[test]
fn cancel_of_a_get_races_put() {
    check("work_queue::cancel_of_a_get_races_put", THREE, || {
        let queue = queue(1);
        let mut leaves = Box::pin(queue.get());
        assert!(is_pending(leaves.as_mut()));
        let worker = on_thread(&queue, get);
        let producer = on_thread(&queue, |queue| queue.try_put(item(1)).is_ok());
        start();
        drop(leaves);
        assert_eq!(worker.join().unwrap(), Some(1));
        assert!(producer.join().unwrap());
        assert_eq!(queue.unfinished(), 0);
    });
}

/// I2: a producer leaves while room is granted to it; another one gets that.
/// Bound 3: 12502 executions.
#[test]
fn cancel_of_a_put_races_get() {
    check("work_queue::cancel_of_a_put_races_get", THREE, || {
        let queue = queue(1);
        queue.try_put(item(0)).unwrap();
        let mut leaves = Box::pin(queue.put(item(7)));
        assert!(is_pending(leaves.as_mut()));
        let producer = on_thread(&queue, |queue| block_on(queue.put(item(1))).is_ok());
        let worker = on_thread(&queue, |queue| (get(queue), get(queue)));
        start();
        drop(leaves);
        assert_eq!(worker.join().unwrap(), (Some(0), Some(1)));
        assert!(producer.join().unwrap());
        assert_eq!(queue.len(), 0);
    });
}

/// All waits end; what was put before the shutdown is got, or still there.
/// Bound 3: 5155 executions.
#[test]
fn shutdown_races_put_and_get() {
    check("work_queue::shutdown_races_put_and_get", THREE, || {
        let queue = queue(1);
        let producer = on_thread(&queue, |queue| {
            let first = block_on(queue.put(item(1))).is_ok();
            first && block_on(queue.put(item(2))).is_ok()
        });
        let worker = on_thread(&queue, get);
        start();
        queue.shutdown(false);
        let (both, got) = (producer.join().unwrap(), worker.join().unwrap());
        let left = std::iter::from_fn(|| get(&queue)).count();
        let put = got.iter().count() + left;
        assert!(
            if both { put == 2 } else { put <= 1 },
            "{both} {got:?} {left}"
        );
        block_on(queue.join());
    });
}

/// The end discards items while they are granted, got, and waited for.
/// Bound 3: 7063 executions.
#[test]
fn shutdown_at_once_races_get_and_join() {
    check(
        "work_queue::shutdown_at_once_races_get_and_join",
        THREE,
        || {
            let queue = queue(2);
            let mut granted = Box::pin(queue.get());
            assert!(is_pending(granted.as_mut()));
            queue.try_put(item(1)).unwrap();
            let worker = on_thread(&queue, |queue| {
                let _got_or_told = get(queue);
            });
            let joiner = on_thread(&queue, |queue| block_on(queue.join()));
            start();
            queue.shutdown(true);
            assert!(block_on(granted).is_err());
            worker.join().unwrap();
            joiner.join().unwrap();
        },
    );
}

/// While a queue drains, an item that comes back goes to who waits, and the last one out tells the rest.
/// Bound 3: 13961 executions.
#[test]
fn cancel_races_get_while_draining() {
    check("work_queue::cancel_races_get_while_draining", THREE, || {
        let queue = queue(1);
        let mut leaves = Box::pin(queue.get());
        assert!(is_pending(leaves.as_mut()));
        queue.try_put(item(1)).unwrap();
        queue.shutdown(false);
        let workers = [(); 2].map(|()| on_thread(&queue, get));
        start();
        drop(leaves);
        let [one, other] = workers.map(|worker| worker.join().unwrap());
        assert_eq!(one.or(other), Some(1));
        assert!(one.is_none() || other.is_none());
    });
}

/// The last job wakes who joins.
/// Bound 3: 3378 executions.
#[test]
fn done_races_done_and_join() {
    check("work_queue::done_races_done_and_join", THREE, || {
        let queue = queue(2);
        for number in 0..2 {
            queue.try_put(item(number)).unwrap();
        }
        let workers = [(); 2].map(|()| {
            let job = queue.try_get().unwrap();
            spawn(move || drop(job))
        });
        start();
        block_on(queue.join());
        assert_eq!(queue.unfinished(), 0);
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

//! The order of the queue, and leaving it from everywhere.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use super::*;
use crate::counting_waker::CountingWaker;
use crate::wake_batch::WAKE_BATCH_CAP;

/// A primitive that is nothing but its queue; each waiter has a number.
struct Queue {
    waiters: WaitQueue<usize>,
}

has_wait_queue!(Queue, waiters: usize);

type Boxed<'q> = Pin<Box<Waiter<&'q Queue>>>;

fn queue() -> Queue {
    Queue {
        waiters: WaitQueue::new(),
    }
}

fn enqueue(queue: &Queue, number: usize) -> Boxed<'_> {
    let mut waiter = Box::pin(Waiter::new(queue, number, Location::caller()));
    waiter.as_mut().lock().enqueue(None);
    waiter
}

fn departure(waiter: &mut Boxed<'_>) -> Option<Departure> {
    match waiter.as_mut().poll_departure(None) {
        Poll::Ready(departure) => Some(departure),
        Poll::Pending => None,
    }
}

fn front(queue: &Queue) -> Option<usize> {
    queue.waiters.lock().with_front(|number| *number)
}

#[test]
fn the_queue_is_first_in_first_out() {
    let queue = queue();
    let mut waiters: Vec<_> = (0..3).map(|number| enqueue(&queue, number)).collect();
    for (number, waiter) in waiters.iter_mut().enumerate() {
        assert_eq!(front(&queue), Some(number));
        assert_eq!(departure(waiter), None);
        queue.waiters.lock().depart(Departure::Front);
        assert_eq!(departure(waiter), Some(Departure::Front));
        assert!(!waiter.is_queued());
    }
    assert!(!queue.waiters.lock().has_open());
}

#[test]
fn the_last_one_can_be_chosen() {
    let queue = queue();
    let mut waiters: Vec<_> = (0..3).map(|number| enqueue(&queue, number)).collect();
    queue.waiters.lock().depart(Departure::Back);
    assert_eq!(departure(&mut waiters[2]), Some(Departure::Back));
    assert_eq!(departure(&mut waiters[1]), None);
    assert_eq!(front(&queue), Some(0));
}

#[test]
fn every_waiter_can_leave_from_every_place() {
    for len in 1..=4 {
        for leaver in 0..len {
            let queue = queue();
            let mut waiters: Vec<_> = (0..len).map(|number| enqueue(&queue, number)).collect();
            drop(waiters.remove(leaver));
            let mut order = Vec::new();
            while let Some(number) = front(&queue) {
                order.push(number);
                queue.waiters.lock().depart(Departure::Front);
            }
            assert!(
                order
                    .into_iter()
                    .eq((0..len).filter(|number| *number != leaver))
            );
        }
    }
}

#[test]
fn a_waiter_can_queue_again() {
    let queue = queue();
    let mut waiter = enqueue(&queue, 7);
    for _ in 0..2 {
        queue.waiters.lock().depart(Departure::Front);
        assert_eq!(departure(&mut waiter), Some(Departure::Front));
        waiter.as_mut().lock().enqueue(None);
    }
    assert_eq!(waiter.as_mut().lock().withdraw(), None);
    assert!(!queue.waiters.lock().has_open());
}

#[test]
fn a_broadcast_reaches_more_than_one_batch_in_order() {
    let queue = queue();
    let (count, waker) = CountingWaker::pair();
    let mut waiters: Vec<_> = (0..2 * WAKE_BATCH_CAP + 1)
        .map(|number| {
            let mut waiter = Box::pin(Waiter::new(&queue, number, Location::caller()));
            waiter.as_mut().lock().enqueue(Some(waker.clone()));
            waiter
        })
        .collect();
    queue.waiters.lock().broadcast();
    assert_eq!(count.wakes(), waiters.len());
    assert_eq!(Arc::strong_count(&count), 2);
    for waiter in &mut waiters {
        assert_eq!(departure(waiter), Some(Departure::Broadcast));
    }
}

#[test]
fn who_is_covered_is_nobody_elses_front() {
    let queue = queue();
    let mut covered = enqueue(&queue, 0);
    let mut dropped = enqueue(&queue, 1);
    // The state between two batches of a broadcast.
    let mut locked = queue.waiters.lock();
    locked.list(0).epoch += 1;
    locked.list(0).open = None;
    drop(locked);
    assert!(!queue.waiters.lock().has_open());
    let mut late = enqueue(&queue, 2);
    assert_eq!(front(&queue), Some(2));

    assert_eq!(
        dropped.as_mut().lock().withdraw(),
        Some(Departure::Broadcast)
    );
    drop(dropped);
    assert_eq!(departure(&mut covered), Some(Departure::Broadcast));
    assert_eq!(departure(&mut late), None);
    queue.waiters.lock().depart(Departure::Back);
    assert_eq!(departure(&mut late), Some(Departure::Back));
    assert!(queue.waiters.lock().list(0).head.is_none());
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let queue = queue();
    let (first, first_waker) = CountingWaker::pair();
    let (second, second_waker) = CountingWaker::pair();
    let mut waiter = pin!(Waiter::new(&queue, 0, Location::caller()));
    waiter.as_mut().lock().enqueue(Some(first_waker.clone()));
    for waker in [&first_waker, &second_waker, &second_waker] {
        assert!(waiter.as_mut().poll_departure(Some(waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&first), 2);
    assert_eq!(Arc::strong_count(&second), 3, "the same waker is kept");
    let chosen = queue.waiters.lock().depart(Departure::Front);
    chosen.unwrap().wake();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn who_is_woken_without_being_released_keeps_its_place() {
    let queue = queue();
    let (count, waker) = CountingWaker::pair();
    let mut first = Box::pin(Waiter::new(&queue, 1, Location::caller()));
    first.as_mut().lock().enqueue(Some(waker.clone()));
    let _second = enqueue(&queue, 2);
    let taken = queue.waiters.lock().wake_front();
    taken.unwrap().wake();
    assert_eq!(count.wakes(), 1);
    assert!(
        queue.waiters.lock().wake_front().is_none(),
        "it has not looked yet"
    );
    assert!(first.as_mut().poll_departure(Some(&waker)).is_pending());
    assert_eq!(front(&queue), Some(1));
    assert!(queue.waiters.lock().wake_front().is_some());
}

/// Two lists and a number under one lock.
struct Pair {
    waiters: WaitQueue<(), u32, [WaitList<()>; 2]>,
}

has_wait_queue!([] Pair, waiters: ((), u32, 2));

#[test]
fn lists_under_one_lock_are_told_apart() {
    let pair = Pair {
        waiters: WaitQueue::with_state(5),
    };
    let mut left = Box::pin(Waiter::new(&pair, (), Location::caller()));
    let mut right = Box::pin(Waiter::new(&pair, (), Location::caller()));
    left.as_mut().lock().enqueue(None);
    right.as_mut().lock().enqueue_in(1, None);
    *right.as_mut().lock().queue().state() += 1;
    let mut locked = pair.waiters.lock();
    assert_eq!(*locked.state(), 6);
    let waiting = locked.waiting_in(1);
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].owner(), Some(Owner::current()));
    assert_eq!(waiting[0].place().file(), file!());
    locked.depart_in(1, Departure::Front);
    assert!(locked.has_open() && !locked.has_open_in(1));
    locked.broadcast();
    assert_eq!(
        right.as_mut().poll_departure(None),
        Poll::Ready(Departure::Front)
    );
    assert_eq!(
        left.as_mut().poll_departure(None),
        Poll::Ready(Departure::Broadcast)
    );
}

/// A broadcast covers a waiter whose waker panics when it is dropped as the waiter finds out.
#[test]
fn what_a_waiter_learns_survives_the_panic_of_its_waker() {
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for Panics {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("planted");
            }
        }
    }
    for poll_again in [false, true] {
        let queue = queue();
        let mut waiters: Vec<_> = (0..=WAKE_BATCH_CAP)
            .map(|number| enqueue(&queue, number))
            .collect();
        let mut last = waiters.pop().unwrap();
        let panics = Waker::from(Arc::new(Panics));
        last.as_mut().lock().set_waker(panics);
        let mut learns = None;
        let learning = std::panic::AssertUnwindSafe(|| learns = departure(&mut last));
        // As in the middle of the broadcast, which has not come to the last one.
        queue.waiters.lock().cover();
        let learned = std::panic::catch_unwind(learning);
        assert!(learned.is_err(), "it learns {learns:?}");
        if poll_again {
            assert_eq!(departure(&mut last), Some(Departure::Broadcast));
        }
        drop((last, waiters));
        assert!(queue.waiters.lock().is_empty());
    }
}

/// In the middle of a broadcast, those it has not come to are not there for others.
#[test]
fn who_is_covered_is_not_chosen() {
    struct Looks {
        queue: Queue,
        seen: std::sync::Mutex<Vec<Option<usize>>>,
    }
    impl std::task::Wake for Looks {
        fn wake(self: Arc<Self>) {
            let newcomer = enqueue(&self.queue, 100);
            self.seen.lock().unwrap().push(front(&self.queue));
            drop(newcomer);
            self.seen.lock().unwrap().push(front(&self.queue));
        }
    }
    let looks = Arc::new(Looks {
        queue: queue(),
        seen: std::sync::Mutex::default(),
    });
    let mut waiters: Vec<_> = (0..2 * WAKE_BATCH_CAP)
        .map(|number| enqueue(&looks.queue, number))
        .collect();
    for waiter in &mut waiters {
        let waker = Waker::noop().clone();
        waiter.as_mut().lock().set_waker(waker);
    }
    let first = waiters[0].as_mut();
    first.lock().set_waker(Waker::from(looks.clone()));
    looks.queue.waiters.lock().broadcast();
    assert_eq!(*looks.seen.lock().unwrap(), [Some(100), None]);
    for waiter in &mut waiters {
        assert_eq!(departure(waiter), Some(Departure::Broadcast));
    }
}

//! `WorkQueue`: every item is worked on once, or comes back, whoever leaves.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::thread;
use std::time::Duration;

use selvedge_sync::WorkQueue;
use selvedge_sync::work_queue::PutTimeoutError;

use crate::executors::{any_executor, spawn, until, watched, yield_now};
use crate::support::cancel::{cancels, ready, seat};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Census, Seat, panic_of, panics, poll, poll_once};

any_executor! {
    async fn every_item_is_worked_on_once() {
        let queue = WorkQueue::new(2);
        let done = Arc::new(Mutex::new(BTreeSet::new()));
        let workers: Vec<_> = (0..3).map(|_| {
            let (queue, done) = (queue.clone(), done.clone());
            spawn(async move {
                while let Ok(job) = queue.get().await {
                    yield_now().await;
                    assert!(done.lock().unwrap().insert(*job));
                }
            })
        }).collect();
        let blocking = thread::spawn({
            let (queue, done) = (queue.clone(), done.clone());
            move || while let Ok(job) = queue.blocking_get() {
                assert!(done.lock().unwrap().insert(*job));
            }
        });
        let producers: Vec<_> = (0..3).map(|producer| {
            let queue = queue.clone();
            spawn(async move {
                for number in 0..30 {
                    queue.put((producer, number)).await.unwrap();
                }
            })
        }).collect();
        for producer in producers {
            producer.await;
        }
        queue.join().await;
        assert_eq!(done.lock().unwrap().len(), 90);
        queue.shutdown(false);
        for worker in workers {
            worker.await;
        }
        blocking.join().unwrap();
    }

    async fn a_shutdown_ends_all_waits() {
        let queue = WorkQueue::<u32>::new(1);
        let gets: Vec<_> = (0..2).map(|_| {
            let queue = queue.clone();
            spawn(async move { queue.get().await.is_err() })
        }).collect();
        yield_now().await;
        queue.shutdown(true);
        for get in gets {
            assert!(get.await);
        }
        let full = WorkQueue::new(1);
        full.put(1).await.unwrap();
        let puts = spawn({
            let full = full.clone();
            async move { full.put(2).await.unwrap_err().into_inner() }
        });
        let joins = spawn({
            let full = full.clone();
            async move { full.join().await }
        });
        yield_now().await;
        full.shutdown(true);
        assert_eq!(puts.await, 2);
        joins.await;
    }

    async fn a_time_limit_gives_the_item_back() {
        let queue = WorkQueue::new(1);
        let short = Duration::from_millis(1);
        assert!(queue.get_timeout(short).await.is_err());
        assert!(queue.put_timeout(1, short).await.is_ok());
        assert_eq!(queue.put_timeout(2, short).await, Err(PutTimeoutError::Timeout(2)));
        assert!(queue.join_timeout(short).await.is_err());
        assert_eq!(*queue.get_timeout(short).await.unwrap().unwrap(), 1);
        assert!(queue.join_timeout(short).await.is_ok());
        queue.shutdown(false);
        assert_eq!(queue.put_timeout(3, short).await, Err(PutTimeoutError::ShutDown(3)));
    }

    async fn urgent_items_come_first() {
        let queue = WorkQueue::unbounded_priority(|item: &i64| *item);
        for number in [3, 1, 2] {
            queue.put(number).await.unwrap();
        }
        let worker = spawn({
            let queue = queue.clone();
            async move {
                let mut order = Vec::new();
                while let Ok(job) = queue.get().await {
                    order.push(job.into_inner());
                }
                order
            }
        });
        queue.join().await;
        queue.shutdown(false);
        until(|| queue.is_empty()).await;
        assert_eq!(worker.await, [1, 2, 3]);
    }
}

watched! {
    fn r_077_items_granted_to_the_cancelled_go_to_the_next() {
        for victim in 0..3 {
            for cancel in cancels(3) {
                let queue = WorkQueue::new(3);
                let mut seats = seat(3, victim, cancel, || {
                    let get = queue.get();
                    async { drop(get.await.unwrap()) }
                });
                // Everybody up to the victim gets an item, so that it is its turn.
                let before = if cancel.polls > 0 { victim } else { 0 };
                let items = before + usize::from(cancel.woken);
                for number in 0..items {
                    queue.try_put(number).unwrap();
                }
                drop(seats.remove(victim));
                let expected: Vec<_> = (0..items.min(2)).collect();
                assert_eq!(ready(&mut seats), expected, "victim {victim}, {cancel:?}");
                assert_eq!(queue.len(), items - expected.len());
                drop(seats);
                assert_eq!(queue.unfinished(), queue.len());
            }
        }
    }

    fn r_077_room_granted_to_the_cancelled_goes_to_the_next() {
        for victim in 0..3 {
            for cancel in cancels(3) {
                let census = Census::new();
                let queue = WorkQueue::new(3);
                for _ in 0..3 {
                    queue.try_put(census.value(0)).unwrap();
                }
                let mut seats = seat(3, victim, cancel, || {
                    let put = queue.put(census.value(1));
                    async { put.await.unwrap() }
                });
                let before = if cancel.polls > 0 { victim } else { 0 };
                let rooms = before + usize::from(cancel.woken);
                for _ in 0..rooms {
                    drop(queue.try_get().unwrap());
                }
                drop(seats.remove(victim));
                let expected: Vec<_> = (0..rooms.min(2)).collect();
                assert_eq!(ready(&mut seats), expected, "victim {victim}, {cancel:?}");
                drop(seats);
                assert_eq!(queue.len(), 3 - rooms + expected.len());
                assert_eq!(census.alive(), queue.len(), "the others were dropped");
            }
        }
    }

    fn blocking_in_a_task_is_refused_with_advice() {
        let inside = |f: fn(&WorkQueue<u8>)| panic_of(|| {
            let queue = WorkQueue::new(1);
            selvedge_sync::context::enter(
                std::num::NonZeroU64::MIN,
                None,
                selvedge_sync::context::Budget::initial(),
                || f(&queue),
            )
        });
        assert!(inside(|queue| queue.blocking_put(1).unwrap()).contains("await `put`"));
        assert!(inside(|queue| drop(queue.blocking_get())).contains("await `get`"));
        assert!(inside(|queue| queue.blocking_join()).contains("await `join`"));
    }

    fn panics_of_wakers_lose_no_items_and_no_room() {
        for when in EVENTS {
            for granted in [true, false] {
                let (hooked, armed) = bomb(when);
                let census = Census::new();
                let (queue, waker) = (WorkQueue::new(1), hooked.waker());
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    let mut get = Box::pin(queue.get());
                    for waker in [&waker, Waker::noop(), &waker] {
                        assert!(poll(get.as_mut(), waker).is_pending());
                    }
                    if granted {
                        queue.try_put(census.value(1)).unwrap();
                    }
                });
                armed.store(false, Ordering::Relaxed);
                assert_eq!(panicked, when != Event::Wake || granted, "{when:?}");
                let put = usize::from(granted && when == Event::Wake);
                assert_eq!((queue.len(), queue.unfinished()), (put, put), "{when:?}");
                if put == 0 {
                    queue.try_put(census.value(2)).unwrap();
                }
                let mut next = Seat::waiting(queue.put(census.value(3)));
                assert!(poll_once(queue.get()).is_some_and(|job| job.is_ok()));
                assert!(next.woken().is_ok());
                drop((next, waker));
                queue.shutdown(true);
                assert_eq!((census.alive(), hooked.alive()), (0, 0), "{when:?}");
            }
        }
    }

    /// what a waker owns goes back to the queue that is waking or dropping it.
    fn r_007_wakers_may_own_jobs_and_use_the_queue() {
        for when in EVENTS {
            for end in [true, false] {
                let queue = WorkQueue::new(2);
                queue.try_put(1).unwrap();
                queue.try_put(2).unwrap();
                let owned = Mutex::new(queue.try_get().ok());
                let entered = Arc::new(AtomicUsize::new(0));
                let hooked = reentrant({
                    let (queue, entered) = (queue.clone(), entered.clone());
                    move |event| {
                        entered.fetch_add(1, Ordering::SeqCst);
                        assert!(queue.len() <= 2);
                        if event == when {
                            drop(owned.lock().unwrap().take());
                        }
                    }
                });
                let waker = hooked.waker();
                queue.try_put(3).unwrap();
                let mut put = Box::pin(queue.put(4));
                let mut join = Box::pin(queue.join());
                for waker in [&waker, Waker::noop(), &waker] {
                    assert!(poll(put.as_mut(), waker).is_pending());
                    assert!(poll(join.as_mut(), waker).is_pending());
                }
                if end {
                    queue.shutdown(true);
                } else {
                    drop(queue.try_get().unwrap());
                }
                drop((put, join, waker));
                assert!(entered.load(Ordering::SeqCst) > 2);
                queue.shutdown(true);
                assert_eq!(queue.unfinished(), 0, "{when:?}");
                assert_eq!(hooked.alive(), 0);
            }
        }
    }
}

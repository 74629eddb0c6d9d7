//! `Promise`: settled once, from anywhere, for everybody.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::thread;

use selvedge_sync::{Promise, PromiseError, PromiseFuture, PromiseState};

use crate::executors::{any_executor, spawn, until, watched, yield_now};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Census, Counted, Seat, panic_of, panics, poll};

type Future<T> = PromiseFuture<T, &'static str>;

fn promise<T>() -> (Promise<T, &'static str>, Future<T>) {
    let promise = Promise::new();
    let future = promise.future();
    (promise, future)
}

any_executor! {
    async fn tasks_threads_and_callbacks_get_the_same() {
        let (promise, future) = promise();
        let called = Arc::new(AtomicUsize::new(0));
        future.on_done({
            let called = called.clone();
            move |result: Result<&usize, _>| called.store(*result.unwrap(), Ordering::SeqCst)
        });
        let tasks: Vec<_> = (0..3).map(|_| spawn({
            let future = future.clone();
            async move { future.await }
        })).collect();
        let blocked = thread::spawn({
            let future = future.clone();
            move || future.result().copied().map_err(Clone::clone)
        });
        yield_now().await;
        spawn(async move { promise.resolve(42) }).await.unwrap();
        for task in tasks {
            assert_eq!(task.await, Ok(42));
        }
        assert_eq!(blocked.join().unwrap(), Ok(42));
        assert_eq!((&future).await, Ok(&42));
        assert_eq!(called.load(Ordering::SeqCst), 42);
    }

    async fn a_worker_that_panics_breaks_its_promise() {
        let (promise, future) = promise::<u32>();
        thread::spawn(move || {
            let _promise = promise;
            std::panic::resume_unwind(Box::new("worker"));
        });
        assert_eq!(future.await, Err(PromiseError::Broken));
    }

    async fn a_producer_stops_when_nobody_wants_it() {
        let (promise, future) = promise::<u32>();
        let producer = spawn(async move {
            promise.cancelled().await;
            promise.resolve(1)
        });
        yield_now().await;
        assert!(future.cancel());
        assert_eq!(producer.await, Err(1));
        assert_eq!(future.state(), PromiseState::Cancelled);
    }

    async fn exactly_one_of_many_settles_it() {
        for _ in 0..20 {
            let (promise, future) = promise::<u32>();
            let cancels: Vec<_> = (0..3).map(|_| spawn({
                let future = future.clone();
                async move { future.cancel() }
            })).collect();
            let resolves = spawn(async move { promise.resolve(1).is_ok() });
            let mut settled = usize::from(resolves.await);
            for cancel in cancels {
                settled += usize::from(cancel.await);
            }
            assert_eq!(settled, 1);
            until(|| future.done()).await;
        }
    }
}

watched! {
    fn r_019_a_wait_can_be_dropped_after_any_poll() {
        for polls in 0..3 {
            for settled_before in [false, true] {
                let census = Census::new();
                let (promise, future) = promise();
                let mut stays = Seat::waiting(future.wait());
                let mut leaves = Seat::new(future.wait());
                for _ in 0..polls {
                    assert!(leaves.poll().is_pending());
                }
                let mut leaves = Some(leaves);
                if !settled_before {
                    leaves = None;
                }
                promise.resolve(census.value(1)).unwrap();
                drop(leaves);
                assert_eq!(stays.woken().unwrap().number, 1);
                drop(stays);
                drop(future);
                assert_eq!(census.alive(), 0);
            }
        }
    }

    fn blocking_in_a_task_is_refused_with_advice() {
        let message = panic_of(|| {
            let (_promise, future) = promise::<u32>();
            selvedge_sync::context::enter(
                std::num::NonZeroU64::MIN,
                None,
                selvedge_sync::context::Budget::initial(),
                || future.result().is_ok(),
            )
        });
        assert!(message.contains("await the future"), "{message}");
    }

    fn hostile_wakers_do_not_keep_the_outcome_from_the_others() {
        for when in EVENTS {
            let (hooked, armed) = bomb(when);
            let census = Census::new();
            let (promise, future) = promise::<Counted>();
            let waker = hooked.waker();
            let mut hostile = Box::pin(future.wait());
            assert!(poll(hostile.as_mut(), &waker).is_pending());
            let mut friendly = Seat::waiting(future.wait());
            let called = Arc::new(AtomicUsize::new(0));
            future.on_done({
                let called = called.clone();
                move |_| { called.fetch_add(1, Ordering::SeqCst); }
            });
            armed.store(true, Ordering::Relaxed);
            let panicked = panics(|| drop(promise.resolve(census.value(1))));
            armed.store(false, Ordering::Relaxed);
            assert_eq!(panicked, when == Event::Wake, "{when:?}");
            assert!(friendly.woken().is_ok());
            assert_eq!(called.load(Ordering::SeqCst), 1);
            assert!(poll(hostile.as_mut(), Waker::noop()).is_ready());
            drop((hostile, friendly, waker));
            drop(future);
            assert_eq!((census.alive(), hooked.alive()), (0, 0));
        }
    }

    fn wakers_and_callbacks_may_use_the_promise() {
        let (promise, future) = promise::<u32>();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let log = |name: &'static str| {
            let calls = calls.clone();
            move |_: Result<&u32, &PromiseError<&str>>| calls.lock().unwrap().push(name)
        };
        let hooked = reentrant({
            let (future, from_waker) = (future.clone(), calls.clone());
            move |_event| {
                drop(future.clone());
                assert!(!future.cancel());
                let calls = from_waker.clone();
                future.on_done(move |_| calls.lock().unwrap().push("waker"));
            }
        });
        let waker = hooked.waker();
        assert!(promise.start());
        let mut wait = Box::pin(future.wait());
        assert!(poll(wait.as_mut(), &waker).is_pending());
        future.on_done(log("callback"));
        promise.resolve(1).unwrap();
        drop(wait);
        drop(waker);
        let calls = calls.lock().unwrap();
        assert_eq!(calls[..2], ["waker", "callback"], "{calls:?}");
    }
}

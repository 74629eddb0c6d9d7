//! States, who is told, in which order, and who gets the value.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::thread;

use super::*;
use crate::counting_waker::{CountingWaker, idle_context};
use crate::wake_batch::WAKE_BATCH_CAP;

type Tested = (
    Promise<Arc<u32>, &'static str>,
    PromiseFuture<Arc<u32>, &'static str>,
);

fn promise() -> Tested {
    let promise = Promise::new();
    let future = promise.future();
    (promise, future)
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

fn polled<F: IntoFuture>(future: F) -> Option<F::Output> {
    match poll(pin!(future.into_future())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// A place where callbacks leave their names.
type Log = Arc<Mutex<Vec<String>>>;

fn logged(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().unwrap())
}

fn log_on_done(future: &PromiseFuture<Arc<u32>, &'static str>, log: &Log, name: &'static str) {
    let log = log.clone();
    future.on_done(move |result| log.lock().unwrap().push(format!("{name} {result:?}")));
}

#[test]
fn the_states_follow_each_other() {
    let (pending, future) = promise();
    assert_eq!(
        (future.state(), future.done()),
        (PromiseState::Pending, false)
    );
    assert_eq!(future.try_result(), None);
    assert!(pending.start() && pending.start());
    assert_eq!(future.state(), PromiseState::Running);
    assert!(!future.cancel(), "it has begun");
    pending.resolve(Arc::new(1)).unwrap();
    assert_eq!(
        (future.state(), future.done()),
        (PromiseState::Resolved, true)
    );
    assert_eq!(future.try_result(), Some(Ok(&Arc::new(1))));
    assert!(!future.cancel());

    let (rejects, future) = promise();
    rejects.reject("no").unwrap();
    assert_eq!(future.state(), PromiseState::Rejected);
    assert_eq!(polled(&future), Some(Err(&PromiseError::Rejected("no"))));

    let (breaks, future) = promise();
    drop(breaks);
    assert_eq!(future.state(), PromiseState::Rejected);
    assert_eq!(polled(future), Some(Err(PromiseError::Broken)));
}

#[test]
fn a_cancelled_promise_gives_everything_back() {
    let (promise, future) = promise();
    let mut told = Box::pin(promise.cancelled());
    let (count, waker) = CountingWaker::pair();
    assert!(
        told.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert!(future.cancel());
    assert!(!future.cancel(), "once");
    assert_eq!(count.wakes(), 1);
    assert!(poll(told.as_mut()).is_ready());
    assert!(poll(told.as_mut()).is_ready(), "it stays so");
    drop(told);
    assert!(promise.is_cancelled() && !promise.start());
    let late = promise.future();
    assert_eq!(promise.resolve(Arc::new(5)), Err(Arc::new(5)));
    for handle in [future, late] {
        assert_eq!(handle.state(), PromiseState::Cancelled);
        assert_eq!(polled(handle), Some(Err(PromiseError::Cancelled)));
    }
    let rejects: Promise<u8, u8> = Promise::new();
    assert!(rejects.future().cancel());
    assert_eq!(rejects.reject(6), Err(6));
}

#[test]
fn all_who_wait_are_woken_once_and_before_the_callbacks() {
    let (promise, future) = promise();
    let (count, waker) = CountingWaker::pair();
    let mut waits: Vec<_> = (0..WAKE_BATCH_CAP + 2)
        .map(|_| Box::pin(future.wait()))
        .collect();
    for wait in &mut waits {
        assert!(
            wait.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    drop(waits.remove(1));
    let woken = Arc::new(Mutex::new(0));
    future.on_done({
        let (count, woken) = (count.clone(), woken.clone());
        move |_| *woken.lock().unwrap() = count.wakes()
    });
    promise.resolve(Arc::new(1)).unwrap();
    assert_eq!(
        (count.wakes(), *woken.lock().unwrap()),
        (waits.len(), waits.len())
    );
    for wait in &mut waits {
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(&Arc::new(1))));
    }
}

#[test]
fn callbacks_are_called_in_order_also_those_that_come_later() {
    let (promise, future) = promise();
    let log = Log::default();
    log_on_done(&future, &log, "first");
    future.on_done({
        let (log, own) = (log.clone(), future.clone());
        move |_| {
            log_on_done(&own, &log, "from a callback");
            log.lock()
                .unwrap()
                .push(format!("second, {:?}", own.state()));
        }
    });
    log_on_done(&future, &log, "third");
    assert_eq!(logged(&log), [""; 0]);
    promise.resolve(Arc::new(1)).unwrap();
    let expected = [
        "first Ok(1)",
        "second, Resolved",
        "third Ok(1)",
        "from a callback Ok(1)",
    ];
    assert_eq!(logged(&log), expected);
    log_on_done(&future, &log, "late");
    assert_eq!(logged(&log), ["late Ok(1)"]);
    drop(future);
    assert_eq!(Arc::strong_count(&log), 1, "nothing is kept");
}

#[test]
fn a_panicking_callback_or_waker_does_not_stop_the_others() {
    let (promise, future) = promise();
    let log = Log::default();
    future.on_done(|_| resume_unwind(Box::new("first")));
    log_on_done(&future, &log, "second");
    future.on_done(|_| resume_unwind(Box::new("third")));
    log_on_done(&future, &log, "fourth");
    let settled = catch_unwind(AssertUnwindSafe(|| promise.resolve(Arc::new(1))));
    assert_eq!(*settled.unwrap_err().downcast::<&str>().unwrap(), "first");
    assert_eq!(logged(&log), ["second Ok(1)", "fourth Ok(1)"]);
    assert_eq!(polled(future.take()).unwrap().unwrap(), Ok(Arc::new(1)));
}

#[test]
fn a_promise_broken_by_a_panic_swallows_those_of_callbacks() {
    let (promise, future) = promise();
    let log = Log::default();
    future.on_done(|_| resume_unwind(Box::new("second")));
    log_on_done(&future, &log, "callback");
    let worker = catch_unwind(AssertUnwindSafe(|| {
        let _promise = promise;
        resume_unwind(Box::new("first"));
    }));
    assert_eq!(*worker.unwrap_err().downcast::<&str>().unwrap(), "first");
    assert_eq!(logged(&log), ["callback Err(Broken)"]);
}

#[test]
fn the_only_handle_moves_the_value_out() {
    let (promise, future) = promise();
    let value = Arc::new(1);
    let future = future.try_take().unwrap_err();
    promise.resolve(value.clone()).unwrap();
    let other = future.clone();
    let future = polled(future.take()).unwrap().unwrap_err();
    assert_eq!(polled(other), Some(Ok(value.clone())), "cloned");
    assert_eq!(Arc::strong_count(&value), 2);
    assert_eq!(polled(future), Some(Ok(value.clone())), "moved");
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_value_that_callbacks_read_stays_in_place() {
    let (promise, future) = promise();
    let mut take = Box::pin(future.clone().take());
    assert!(poll(take.as_mut()).is_pending());
    let slot = Arc::new(Mutex::new(Some(future)));
    let (count, waker) = CountingWaker::pair();
    assert!(
        take.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    slot.lock().unwrap().as_ref().unwrap().on_done({
        let (slot, count) = (slot.clone(), count.clone());
        move |result| {
            let own = slot.lock().unwrap().take().unwrap();
            drop(own.try_take().unwrap_err());
            assert_eq!((result, count.wakes()), (Ok(&Arc::new(1)), 0));
        }
    });
    promise.resolve(Arc::new(1)).unwrap();
    assert_eq!(count.wakes(), 1);
    let Poll::Ready(Ok(taken)) = poll(take.as_mut()) else {
        panic!("it is the only handle, and nobody is called any more");
    };
    assert_eq!(taken, Ok(Arc::new(1)));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(take.as_mut()))).is_err());
}

#[test]
fn a_callback_cannot_take_what_it_reads() {
    let (promise, future) = promise();
    let slot = Arc::new(Mutex::new(None));
    let own = slot.clone();
    future.on_done(move |result| {
        let only: PromiseFuture<_, _> = own.lock().unwrap().take().unwrap();
        let only = only.try_take().unwrap_err();
        assert_eq!(result, Ok(&Arc::new(1)));
        *own.lock().unwrap() = Some(only);
    });
    *slot.lock().unwrap() = Some(future);
    promise.resolve(Arc::new(1)).unwrap();
    let only = slot.lock().unwrap().take().unwrap();
    assert_eq!(only.try_take().unwrap(), Ok(Arc::new(1)));
}

#[test]
fn plain_threads_wait() {
    let (promise, future) = promise();
    assert_eq!(future.result_timeout(Duration::ZERO), Err(Elapsed(())));
    let threads = [(); 2].map(|()| {
        let future = future.clone();
        thread::spawn(move || future.result().cloned().map_err(Clone::clone))
    });
    let taker = thread::spawn(move || future.blocking_take());
    promise.resolve(Arc::new(3)).unwrap();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok(Arc::new(3)));
    }
    // Whether it was the last one is up to the threads.
    if let Err(future) = taker.join().unwrap() {
        assert_eq!(future.result_timeout(Duration::ZERO), Ok(Ok(&Arc::new(3))));
        assert_eq!(future.try_take().unwrap(), Ok(Arc::new(3)));
    }
}

#[test]
fn callbacks_of_a_forgotten_promise_end_with_the_last_handle() {
    let (promise, future) = promise();
    let log = Log::default();
    log_on_done(&future, &log, "never");
    std::mem::forget(promise);
    assert_eq!(polled(&future), None);
    drop(future);
    // The allocation is kept by the forgotten promise, and the callback with it.
    assert_eq!(Arc::strong_count(&log), 2);
    assert_eq!(logged(&log), [""; 0]);
}

#[test]
fn errors_say_what_happened() {
    let promise: Promise<u8> = Promise::new();
    let future = promise.future();
    assert_eq!(
        format!("{promise:?} {future:?}"),
        "Promise(Pending) PromiseFuture(Pending)"
    );
    let wait = future.wait();
    assert!(format!("{wait:?}").starts_with("PromiseWait(Waiter"));
    promise.reject(Arc::new(std::fmt::Error)).unwrap();
    let error = future.try_result().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the promise was rejected");
    assert!(error.source().is_some());
    assert!(PromiseError::<std::fmt::Error>::Broken.source().is_none());
}

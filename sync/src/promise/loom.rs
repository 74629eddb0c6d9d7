//! Models of the promise: each attacks I1, I2, I3 (a result that is moved out while somebody reads it makes
//! loom's cell panic) or "no waiter is forgotten" (one that is deadlocks the model).

use std::future::Future;
use std::task::{Context, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::{Arc as Counted, UnsafeCell};

/// A value whose uses loom watches, also the end of it.
struct Watched(Counted<UnsafeCell<u8>>);

impl Watched {
    fn new() -> Self {
        Self(Counted::new(UnsafeCell::new(0)))
    }

    fn read(&self) {
        self.0.with(|_| ());
    }

    /// As its owner.
    fn write(self) {
        self.0.with_mut(|_| ());
    }
}

fn promise() -> (Promise<Watched, ()>, PromiseFuture<Watched, ()>) {
    let promise = Promise::new();
    let future = promise.future();
    (promise, future)
}

fn read(result: Result<&Watched, &PromiseError<()>>) -> bool {
    result.map(Watched::read).is_ok()
}

/// No waiter is forgotten; the value is visible, and ends once.
/// Unbounded: 1585 executions.
#[test]
fn resolve_races_wait() {
    check("promise::resolve_races_wait", UNBOUNDED, || {
        let (promise, future) = promise();
        let producer = spawn(move || promise.resolve(Watched::new()).is_ok());
        start();
        assert!(read(block_on(future.wait())));
        drop(future);
        assert!(producer.join().unwrap());
    });
}

/// No waiter is forgotten when the promise is dropped.
/// Unbounded: 404 executions.
#[test]
fn drop_of_the_promise_races_wait() {
    check("promise::drop_of_the_promise_races_wait", UNBOUNDED, || {
        let (promise, future) = promise();
        let producer = spawn(move || drop(promise));
        start();
        let result = block_on(future.wait());
        assert!(matches!(result, Err(PromiseError::Broken)));
        producer.join().unwrap();
    });
}

/// I1: one of them settles it, and all see the same.
/// Bound 3: 4801 executions.
#[test]
fn cancel_races_resolve_and_start() {
    check("promise::cancel_races_resolve_and_start", THREE, || {
        let (promise, future) = promise();
        let producer = spawn(move || {
            let started = promise.start();
            let resolved = promise.resolve(Watched::new()).is_ok();
            assert_eq!(
                started, resolved,
                "a promise that has begun is not cancelled"
            );
            resolved
        });
        let reader = {
            let future = future.clone();
            spawn(move || read(block_on(future.wait())))
        };
        start();
        let cancelled = future.cancel();
        let resolved = producer.join().unwrap();
        assert_ne!(cancelled, resolved);
        assert_eq!(reader.join().unwrap(), resolved);
    });
}

/// The producer is told.
/// Unbounded: 492 executions.
#[test]
fn cancel_races_the_wait_for_it() {
    check("promise::cancel_races_the_wait_for_it", UNBOUNDED, || {
        let (promise, future) = promise();
        let reader = spawn(move || assert!(future.cancel()));
        start();
        block_on(promise.cancelled());
        assert!(promise.is_cancelled());
        reader.join().unwrap();
    });
}

/// A waiter leaves while the promise is settled; another stays.
/// Bound 3: 3093 executions.
#[test]
fn cancel_of_a_wait_races_resolve() {
    check("promise::cancel_of_a_wait_races_resolve", THREE, || {
        let (promise, future) = promise();
        let mut leaves = Box::pin(future.wait());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(leaves.as_mut().poll(&mut cx).is_pending());
        let producer = spawn(move || promise.resolve(Watched::new()).is_ok());
        let reader = {
            let future = future.clone();
            spawn(move || read(block_on(future.wait())))
        };
        start();
        drop(leaves);
        assert!(reader.join().unwrap());
        assert!(producer.join().unwrap());
    });
}

/// I2: each is called once, and in order, by whichever thread.
/// Unbounded: 79 executions.
#[test]
fn on_done_races_resolve() {
    check("promise::on_done_races_resolve", UNBOUNDED, || {
        let (promise, future) = promise();
        let producer = spawn(move || promise.resolve(Watched::new()).is_ok());
        start();
        let calls = Counted::new(AtomicUsize::new(0));
        for number in 0..2 {
            let calls = calls.clone();
            future.on_done(move |result| {
                assert!(read(result));
                // Ordering: Relaxed; one thread calls them, or they are called in turn.
                assert_eq!(calls.fetch_add(1, Ordering::Relaxed), number);
            });
        }
        assert!(producer.join().unwrap());
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    });
}

/// I3: the value is not moved out while a callback reads it.
/// Unbounded: 6760 executions.
#[test]
fn take_races_a_callback() {
    check("promise::take_races_a_callback", UNBOUNDED, || {
        let (promise, future) = promise();
        future.on_done(|result| assert!(read(result)));
        let producer = spawn(move || promise.resolve(Watched::new()).is_ok());
        start();
        let Ok(Ok(value)) = block_on(future.take()) else {
            panic!("it is the only handle");
        };
        value.write();
        assert!(producer.join().unwrap());
    });
}

/// I3: nor by somebody who does not wait until the callbacks have run.
/// Unbounded: 104 executions.
#[test]
fn try_take_races_a_callback() {
    check("promise::try_take_races_a_callback", UNBOUNDED, || {
        let (promise, future) = promise();
        future.on_done(|result| assert!(read(result)));
        let producer = spawn(move || promise.resolve(Watched::new()).is_ok());
        start();
        if let Ok(Ok(value)) = future.try_take() {
            value.write();
        }
        assert!(producer.join().unwrap());
    });
}

/// I3: the value is not moved out while another handle reads it.
/// Unbounded: 25 executions.
#[test]
fn take_races_another_handle() {
    check("promise::take_races_another_handle", UNBOUNDED, || {
        let (promise, future) = promise();
        assert!(promise.resolve(Watched::new()).is_ok());
        let reader = {
            let future = future.clone();
            spawn(move || read(future.try_result().expect("it is done")))
        };
        start();
        if let Ok(Ok(value)) = future.try_take() {
            value.write();
        }
        assert!(reader.join().unwrap());
    });
}

/// I3: a cancelled promise may make handles while its outcome is taken.
/// Unbounded: 70 executions.
#[test]
fn take_races_a_new_handle() {
    check("promise::take_races_a_new_handle", UNBOUNDED, || {
        let (promise, future) = promise();
        assert!(future.cancel());
        let producer = spawn(move || {
            matches!(
                block_on(promise.future().wait()),
                Err(PromiseError::Cancelled)
            )
        });
        start();
        if let Ok(result) = future.try_take() {
            assert!(matches!(result, Err(PromiseError::Cancelled)));
        }
        assert!(producer.join().unwrap());
    });
}

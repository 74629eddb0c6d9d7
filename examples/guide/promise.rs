//! Promise: a result that comes later, for any number of tasks, threads and callbacks.
//!
//! *Shows*: the states; several waiters and a callback that all get the one result; a wait that gives up, which
//! takes nothing from the others; a cancellation, refused once the work has begun; and a worker that fails
//! before it keeps its promise, which its waiters are told instead of waiting for ever.
//!
//! *Run with*: `cargo run --example guide_promise`
//!
//! *Try this*: `mem::forget` the promise instead of dropping it: now its waiters do wait for ever.
//!
//! *Key line*: threads: [Pending, Running, Resolved]; 3 waiters and a callback got 42

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use selvedge::sync::{Promise, PromiseError, PromiseFuture, PromiseState};

const SHORT: Duration = Duration::from_millis(20);
const ANSWER: u32 = 42;

type Future = PromiseFuture<u32, &'static str>;

fn main() {
    with_tasks();
    with_threads();
}

fn promise() -> (Promise<u32, &'static str>, Future) {
    let promise = Promise::new();
    let future = promise.future();
    (promise, future)
}

/// Where a callback leaves what it got.
fn callback_on(future: &Future) -> Arc<AtomicU32> {
    let got = Arc::new(AtomicU32::new(0));
    let result = Arc::clone(&got);
    future.on_done(move |answer| result.store(*answer.unwrap(), Relaxed));
    got
}

#[selvedge::main]
async fn with_tasks() {
    let (work, future) = promise();
    let (called, pending) = (callback_on(&future), future.state());
    let waiters = [(); 3].map(|()| selvedge::spawn(future.clone().into_future()));
    assert!(future.wait_timeout(SHORT).await.is_err(), "in vain");
    assert!(work.start());
    let running = future.state();
    assert!(!future.cancel(), "too late");
    selvedge::spawn(async { work.resolve(ANSWER) });
    for waiter in waiters {
        assert_eq!(waiter.await.unwrap(), Ok(ANSWER));
    }
    let states = [pending, running, future.state()];
    drop(future.take().await); // Unlike the other waits, this one is over after the callbacks.
    report("tasks", states, called.load(Relaxed));

    let (work, future) = promise();
    let worker = selvedge::spawn(async move {
        work.cancelled().await; // In a `select!`, beside the work.
        work.resolve(ANSWER)
    });
    assert!(future.cancel());
    let refused = worker.await.unwrap();
    println!("tasks: cancelled: the worker is told, resolve gives {refused:?}");
    assert_eq!(future.await, Err(PromiseError::Cancelled));

    let (work, future) = promise();
    selvedge::spawn(async move { drop(work) });
    println!("tasks: {}", future.await.unwrap_err());
}

fn with_threads() {
    let (work, future) = promise();
    let (called, pending) = (callback_on(&future), future.state());
    let running = thread::scope(|scope| {
        let waiters = [(); 3].map(|()| scope.spawn(|| future.result()));
        assert!(future.result_timeout(SHORT).is_err(), "in vain");
        assert!(work.start());
        let running = future.state();
        assert!(!future.cancel(), "too late");
        scope.spawn(|| work.resolve(ANSWER));
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Ok(&ANSWER));
        }
        running
    });
    let states = [pending, running, future.state()];
    report("threads", states, called.load(Relaxed));

    let (work, future) = promise();
    assert!(future.cancel());
    let refused = thread::spawn(move || work.resolve(ANSWER)).join().unwrap();
    println!("threads: cancelled: resolve gives {refused:?}");
    assert_eq!(future.result(), Err(&PromiseError::Cancelled));

    let (work, future) = promise();
    thread::spawn(move || drop(work));
    println!("threads: {}", future.result().unwrap_err());
}

fn report(world: &str, states: [PromiseState; 3], called: u32) {
    println!("{world}: {states:?}; 3 waiters and a callback got {called}");
    assert_eq!(called, ANSWER);
    use PromiseState::{Pending, Resolved, Running};
    assert_eq!(states, [Pending, Running, Resolved]);
}

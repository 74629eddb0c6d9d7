//! Thread pool: a few threads for many jobs, and the same verbs for tasks.
//!
//! *Shows*: submit and wait, with and without a limit of time; `map`, whose results come in order;
//! `as_completed`, as they come; a callback; and the end of a pool, which waits for its jobs.
//! `guide_failures` shows jobs that fail or are cancelled.
//!
//! *Run with*: `cargo run --example guide_thread_pool`
//!
//! *Try this*: make the pool of one thread, and ask for the first job of `as_completed`: it waits for ever.
//!
//! *Key line*: threads: as_completed ["quick", "waited"]

use std::sync::mpsc::channel;
use std::time::Duration;

use selvedge::pool::ThreadPool;
use selvedge::sync::oneshot;
use selvedge::task::{self, as_completed};
use selvedge::time::timeout;

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(20);

fn main() {
    with_threads();
    with_tasks();
}

fn with_threads() {
    let pool = ThreadPool::new(2);
    assert_eq!(pool.submit(|| 6 * 7).result().expect("no panic"), 42);

    // A limit of time ends the wait, not the job: the handle may be asked again.
    let (open, gate) = channel();
    let mut slow = pool.submit(move || gate.recv().is_ok());
    assert!(slow.result_timeout(SHORT).is_err());
    open.send(()).expect("the job waits");
    assert!(
        slow.result_timeout(LONG)
            .expect("in time")
            .expect("no panic")
    );

    // In order; the limit is for all of them together.
    let mut squares = pool.map(1..=4, |n| n * n);
    let squares = squares
        .blocking_timeout(LONG)
        .map(|square| square.expect("in time"));
    let squares: Result<Vec<u64>, _> = squares.collect();
    println!("threads: map {:?}", squares.expect("no panic"));

    // As they come: the first one goes on when the second one's result is here.
    let (open, gate) = channel();
    let first = pool.submit(move || gate.recv().map_or("nobody", |()| "waited"));
    let mut both = as_completed([first, pool.submit(|| "quick")]).into_iter();
    let quick = both.next().expect("two jobs").expect("no panic");
    open.send(()).expect("the job waits");
    let waited = both.next().expect("two jobs").expect("no panic");
    println!("threads: as_completed {:?}", [quick, waited]);

    // A callback is called by the thread that did the job; here it sends the result on.
    let (send, results) = channel();
    pool.submit(|| "done")
        .on_done(move |result| _ = send.send(result.ok()));
    assert_eq!(results.recv(), Ok(Some("done")));

    pool.shutdown(true, false); // As dropping it would: waits until all jobs are done.
}

#[selvedge::main]
async fn with_tasks() {
    let task = selvedge::spawn(async { 6 * 7 });
    assert_eq!(task.await.expect("no panic"), 42);

    let (open, gate) = oneshot::channel();
    let mut slow = selvedge::spawn(async move { gate.await.is_ok() });
    assert!(timeout(SHORT, &mut slow).await.is_err());
    open.send(()).expect("the task waits");
    assert!(
        timeout(LONG, slow)
            .await
            .expect("in time")
            .expect("no panic")
    );

    let squares = timeout(LONG, task::map(2, 1..=4_u64, async |n| n * n)).await;
    println!(
        "tasks: map {:?}",
        squares.expect("in time").expect("no panic")
    );

    let (open, gate) = oneshot::channel();
    let first = selvedge::spawn(async move { gate.await.map_or("nobody", |()| "waited") });
    let mut both = as_completed([first, selvedge::spawn(async { "quick" })]);
    let quick = both.next().await.expect("two tasks").expect("no panic");
    open.send(()).expect("the task waits");
    let waited = both.next().await.expect("two tasks").expect("no panic");
    println!("tasks: as_completed {:?}", [quick, waited]);
    assert_eq!([quick, waited], ["quick", "waited"]);

    let (send, result) = oneshot::channel();
    selvedge::spawn(async { "done" }).on_done(move |result| _ = send.send(result.ok()));
    assert_eq!(result.await, Ok(Some("done")));

    // A task may await what a pool computes.
    let pool = ThreadPool::new(1);
    println!(
        "tasks: {} from a pool",
        pool.submit(|| 42).await.expect("no panic")
    );
}

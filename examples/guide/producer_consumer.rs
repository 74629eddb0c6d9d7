//! Producer and consumer: a bounded queue between them, and how both know that all is done.
//!
//! *Shows*: a full queue that makes its producers wait (backpressure); `join`, which waits until each item was
//! worked on, not only taken; the end by `shutdown`, and by a sentinel. A consumer that takes the sentinel and
//! forgets to say that it is done leaves `join` waiting for ever; a time limit tells. Here an item is done when
//! its `Job` is dropped, so that one has to go out of one's way to forget it.
//!
//! *Run with*: `cargo run --example guide_producer_consumer`
//!
//! *Try this*: let a consumer panic at an item. Its job counts as done, and the others take over.
//!
//! *Key line*: threads, sentinel forgotten: join times out, 1 unfinished

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use std::{mem, thread};

use selvedge::sync::{Elapsed, Job, WorkQueue};
use selvedge::task::{JoinSet, yield_now};

const CAPACITY: usize = 2;
const ITEMS: usize = 20;
const SHORT: Duration = Duration::from_millis(20);

fn main() {
    with_tasks();
    with_threads();
}

#[selvedge::main]
async fn with_tasks() {
    let queue = WorkQueue::new(CAPACITY);
    queue.put(0).await.unwrap();
    queue.put(1).await.unwrap();
    assert!(queue.put_timeout(2, SHORT).await.is_err());
    println!("tasks: the queue is full, the third put waits for room");

    let done = Arc::new(AtomicUsize::new(0));
    let mut consumers = JoinSet::new();
    for _ in 0..2 {
        let (queue, done) = (queue.clone(), Arc::clone(&done));
        consumers.spawn(async move {
            while let Ok(_job) = queue.get().await {
                yield_now().await;
                done.fetch_add(1, Relaxed);
            }
        });
    }
    for item in 2..ITEMS {
        queue.put(item).await.unwrap();
    }
    queue.join().await;
    report_done("tasks", &done);
    queue.shutdown(false); // Who gets from the empty queue is told now.
    consumers.join_all().await;

    for forgets in [false, true] {
        let queue = WorkQueue::new(CAPACITY);
        let consumer = selvedge::spawn({
            let queue = queue.clone();
            async move { while goes_on(queue.get().await.unwrap(), forgets) {} }
        });
        queue.put(Some(1)).await.unwrap();
        queue.put(None).await.unwrap();
        consumer.await.expect("a consumer that ends");
        report("tasks", forgets, &queue.join_timeout(SHORT).await, &queue);
    }
}

/// Works on an item; false at the sentinel.
fn goes_on(job: Job<Option<u32>>, forgets: bool) -> bool {
    let end = job.is_none();
    if end && forgets {
        mem::forget(job); // As `get` without `task_done` elsewhere.
    }
    !end
}

fn with_threads() {
    let (queue, done) = (WorkQueue::new(CAPACITY), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Ok(_job) = queue.blocking_get() {
                    done.fetch_add(1, Relaxed);
                }
            });
        }
        (0..ITEMS).for_each(|item| queue.blocking_put(item).unwrap());
        queue.blocking_join();
        report_done("threads", &done);
        queue.shutdown(false);
    });

    for forgets in [false, true] {
        let queue = WorkQueue::new(CAPACITY);
        thread::scope(|scope| {
            scope.spawn(|| while goes_on(queue.blocking_get().unwrap(), forgets) {});
            queue.blocking_put(Some(1)).unwrap();
            queue.blocking_put(None).unwrap();
        });
        let joined = queue.blocking_join_timeout(SHORT);
        report("threads", forgets, &joined, &queue);
    }
}

fn report_done(world: &str, done: &AtomicUsize) {
    let done = done.load(Relaxed);
    println!("{world}: {done} of {ITEMS} items done when join returns");
    assert_eq!(done, ITEMS);
}

fn report<T>(world: &str, forgets: bool, joined: &Result<(), Elapsed>, queue: &WorkQueue<T>) {
    let how = if forgets { "forgotten" } else { "done" };
    let end = joined.map_or("times out", |()| "returns");
    let unfinished = queue.unfinished();
    println!("{world}, sentinel {how}: join {end}, {unfinished} unfinished");
    assert!(joined.is_err() == forgets && unfinished == usize::from(forgets));
}

//! Lost update: `counter + 1` is read, add, write; who writes in between is overwritten.
//!
//! *Shows*: an increment in two steps, which loses updates, beside a locked one and an atomic one, which never
//! do. Tasks lose only where there is an `.await` between the steps. Threads may lose anywhere.
//!
//! *Run with*: `cargo run --example guide_lost_update`
//!
//! *Try this*: remove the `yield_now` from the tasks. Nothing is lost then, as they share one thread; with
//! `#[selvedge::main]`, on several, they are as unsafe as threads.
//!
//! *Key line*: fixed, threads: 0 of 80000 lost

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Barrier, Mutex};
use std::thread;

const WORKERS: u32 = 4;
const ROUNDS: u32 = 20_000;
const ALL: u32 = WORKERS * ROUNDS;

fn main() {
    with_tasks();
    with_threads();
}

#[selvedge::main(flavor = "current_thread")]
async fn with_tasks() {
    use selvedge::sync::Mutex;
    use selvedge::task::{JoinSet, yield_now};
    use std::sync::Arc;

    let (broken, fixed) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(0)));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let (broken, fixed) = (Arc::clone(&broken), Arc::clone(&fixed));
        workers.spawn(async move {
            for _ in 0..ROUNDS {
                let seen = broken.load(Relaxed);
                yield_now().await; // Stands for any wait: here the others run.
                broken.store(seen + 1, Relaxed);
            }
            for _ in 0..ROUNDS {
                let mut count = fixed.lock().await;
                let seen = *count;
                yield_now().await; // The same wait, but the others cannot get in.
                *count = seen + 1;
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended.expect("a worker that ends");
    }
    let (broken, fixed) = (ALL - broken.load(Relaxed), ALL - *fixed.lock().await);
    println!("broken, tasks: {broken} of {ALL} lost");
    println!("fixed, tasks: {fixed} of {ALL} lost");
    assert!(broken > 0 && fixed == 0);
}

fn with_threads() {
    let (broken, locked, atomic) = (AtomicU32::new(0), Mutex::new(0), AtomicU32::new(0));
    on_each_thread(|| {
        for _ in 0..ROUNDS {
            let seen = broken.load(Relaxed);
            thread::yield_now(); // Only makes likely what may happen here at any time.
            broken.store(seen + 1, Relaxed);
        }
        for _ in 0..ROUNDS {
            *locked.lock().unwrap() += 1;
            atomic.fetch_add(1, Relaxed); // One step: nobody comes in between.
        }
    });
    // Differs from run to run, and may be nothing at all: such an error hides in tests.
    println!(
        "broken, threads, as it comes: {} of {ALL} lost",
        ALL - broken.load(Relaxed)
    );

    // The same two steps, but all have read before anybody writes.
    let (broken, all_have_read) = (AtomicU32::new(0), Barrier::new(WORKERS as usize));
    on_each_thread(|| {
        let seen = broken.load(Relaxed);
        all_have_read.wait();
        broken.store(seen + 1, Relaxed);
    });
    let lost = WORKERS - broken.into_inner();
    println!("broken, threads, at the worst moment: {lost} of {WORKERS} lost");
    assert_eq!(lost, WORKERS - 1);

    let (locked, atomic) = (
        ALL - locked.into_inner().unwrap(),
        ALL - atomic.into_inner(),
    );
    println!("fixed, threads: {locked} of {ALL} lost, with an atomic {atomic}");
    assert!(locked == 0 && atomic == 0);
}

fn on_each_thread(work: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(&work);
        }
    });
}

//! Condition variable: wait until a value under a lock is as it should be.
//!
//! *Shows*: why the wait belongs into a loop with a predicate. Without one, a notification that came before the
//! wait is lost (here a time limit tells; without it the wait is for ever), and who is woken finds that another
//! one was quicker. `wait_while` is the loop.
//!
//! *Run with*: `cargo run --example guide_condition_variable`
//!
//! *Try this*: put `notify_one` after the wait has begun: the broken version works. It is broken all the same.
//!
//! *Key line*: threads, with a predicate: returns at once

use std::sync::Arc;
use std::thread;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(50);

/// What two consumers share.
#[derive(Default)]
struct Stock {
    apples: u32,
    waiting: u32,
    found_nothing: u32,
}

fn main() {
    with_tasks();
    with_threads();
}

#[selvedge::main]
async fn with_tasks() {
    use selvedge::sync::{Condvar, Mutex};
    let (ready, changed) = (Mutex::new(false), Condvar::new());
    *ready.lock().await = true;
    changed.notify_one(); // Nobody waits yet, and a condition variable remembers nothing.

    let (guard, result) = changed.wait_timeout(ready.lock().await, SHORT).await;
    println!(
        "tasks, without a predicate: lost wake-up, timed out: {}",
        result.timed_out()
    );
    assert!(result.timed_out());
    let _ready = changed.wait_while(guard, |ready| !*ready).await;
    println!("tasks, with a predicate: returns at once");

    let shared = Arc::new((Mutex::new(Stock::default()), Condvar::new()));
    let consumers = [(); 2].map(|()| {
        let shared = Arc::clone(&shared);
        selvedge::spawn(async move {
            let mut stock = shared.0.lock().await;
            stock.waiting += 1;
            if stock.apples == 0 {
                stock = shared.1.wait(stock).await; // `if` instead of a loop.
            }
            match stock.apples.checked_sub(1) {
                Some(left) => stock.apples = left,
                None => stock.found_nothing += 1,
            }
        })
    });
    while shared.0.lock().await.waiting < 2 {
        selvedge::task::yield_now().await;
    }
    shared.0.lock().await.apples = 1;
    shared.1.notify_all();
    for consumer in consumers {
        consumer.await.expect("a consumer that ends");
    }
    let nothing = shared.0.lock().await.found_nothing;
    println!("tasks, `if` instead of a loop: 2 were woken for 1 apple, {nothing} found nothing");
    assert_eq!(nothing, 1);
}

fn with_threads() {
    use std::sync::{Condvar, Mutex};
    let (ready, changed) = (Mutex::new(false), Condvar::new());
    *ready.lock().unwrap() = true;
    changed.notify_one();

    // A wait of std may also return for no reason at all: one more reason for the loop.
    let (guard, result) = changed.wait_timeout(ready.lock().unwrap(), SHORT).unwrap();
    println!(
        "threads, without a predicate: lost wake-up, timed out: {}",
        result.timed_out()
    );
    let _ready = changed.wait_while(guard, |ready| !*ready);
    println!("threads, with a predicate: returns at once");

    let (stock, arrival) = (Mutex::new(Stock::default()), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut stock = stock.lock().unwrap();
                stock.waiting += 1;
                if stock.apples == 0 {
                    stock = arrival.wait(stock).unwrap();
                }
                match stock.apples.checked_sub(1) {
                    Some(left) => stock.apples = left,
                    None => stock.found_nothing += 1,
                }
            });
        }
        while stock.lock().unwrap().waiting < 2 {
            thread::yield_now();
        }
        stock.lock().unwrap().apples = 1;
        arrival.notify_all();
    });
    let nothing = stock.into_inner().unwrap().found_nothing;
    println!("threads, `if` instead of a loop: 2 were woken for 1 apple, {nothing} found nothing");
    assert!(nothing >= 1);
}

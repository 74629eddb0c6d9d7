//! Deadlock: each of two holds what the other one waits for.
//!
//! *Shows*: two that take the locks A and B in opposite order, made to collide by a barrier; how a time limit
//! finds out, and the locks tell who holds what and who waits; the way out. A task can be aborted where it
//! waits, and what it holds is free. A thread cannot be: there the wait itself must have a limit.
//!
//! *Run with*: `cargo run --example guide_deadlock`, then `cargo run --example guide_deadlock_prevention`
//!
//! *Try this*: let both take A first. The barrier then waits for ever: it needs both to hold one.
//!
//! *Key line*: threads: the first gives up B after a time, the second gets A: true

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use selvedge::sync::{Barrier, Mutex};
use selvedge::task::yield_now;
use selvedge::time::timeout;

const SHORT: Duration = Duration::from_millis(50);

fn main() {
    with_tasks();
    with_threads();
}

struct Locks {
    a: Mutex<()>,
    b: Mutex<()>,
}

impl Locks {
    fn new() -> Self {
        Self {
            a: Mutex::new(()).named("A"),
            b: Mutex::new(()).named("B"),
        }
    }

    /// True if who holds A waits for B, and who holds B waits for A.
    fn in_a_circle(&self) -> bool {
        let waits = |lock: &Mutex<()>, owner| {
            let waiting = lock.waiting();
            waiting.iter().any(|waiting| waiting.owner() == owner)
        };
        let (of_a, of_b) = (self.a.holder(), self.b.holder());
        of_a.is_some() && of_b.is_some() && waits(&self.b, of_a) && waits(&self.a, of_b)
    }

    fn report(&self) {
        for lock in [&self.a, &self.b] {
            let name = lock.name().unwrap_or_default();
            let holder = lock.holder();
            for waiting in lock.waiting() {
                let (owner, line) = (waiting.owner(), waiting.place().line());
                println!("  {name} is held by {holder:?}, {owner:?} waits for it in line {line}");
            }
        }
    }
}

#[selvedge::main]
async fn with_tasks() {
    let shared = Arc::new((Locks::new(), Barrier::new(2)));
    let first = selvedge::spawn({
        let shared = Arc::clone(&shared);
        async move {
            let (locks, both_hold_one) = &*shared;
            let _a = locks.a.lock().await;
            both_hold_one.wait().await;
            let _b = locks.b.lock().await;
        }
    });
    let mut second = selvedge::spawn({
        let shared = Arc::clone(&shared);
        async move {
            let (locks, both_hold_one) = &*shared;
            let _b = locks.b.lock().await;
            both_hold_one.wait().await;
            let _a = locks.a.lock().await;
        }
    });
    let late = timeout(SHORT, &mut second).await.is_err();
    while !shared.0.in_a_circle() {
        yield_now().await; // They are on their way.
    }
    println!("tasks: not done in time: {late}; a circle:");
    shared.0.report();

    first.abort();
    let aborted = first.await.is_err_and(|error| error.is_cancelled());
    let done = second.await.is_ok();
    println!("tasks: the first is aborted: {aborted}, the second gets A: {done}");
    assert!(late && aborted && done);
}

fn with_threads() {
    let (locks, both_hold_one) = (Locks::new(), std::sync::Barrier::new(2));
    let (gave_up, got_it) = thread::scope(|scope| {
        let first = scope.spawn(|| {
            let _a = locks.a.blocking_lock();
            both_hold_one.wait();
            locks.b.blocking_lock_timeout(SHORT).is_err()
        });
        let second = scope.spawn(|| {
            let _b = locks.b.blocking_lock();
            both_hold_one.wait();
            // Gets it when the first has given up: one limit is enough to end the circle.
            drop(locks.a.blocking_lock());
            true
        });
        (first.join().unwrap(), second.join().unwrap())
    });
    println!("threads: the first gives up B after a time, the second gets A: {got_it}");
    assert!(gave_up && got_it);
}

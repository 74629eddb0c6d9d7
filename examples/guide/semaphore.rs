//! Semaphore: so many at once, and no more. With one permit it keeps apart, with none it signals.
//!
//! *Shows*: ten jobs over three connections, beside ten jobs that do not ask; a binary semaphore as a lock
//! around two steps; a semaphore without permits as a signal: who gives the permit did not take it.
//!
//! *Run with*: `cargo run --example guide_semaphore`
//!
//! *Try this*: give the ten jobs ten connections.
//!
//! *Key line*: threads, limited: 10 jobs, never more than 3 connections

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use selvedge::sync::{Barrier, Semaphore};
use selvedge::task::{JoinSet, yield_now};

const JOBS: usize = 10;
const CONNECTIONS: usize = 3;

/// Counts who is inside.
#[derive(Default)]
struct Gauge {
    inside: AtomicUsize,
    peak: AtomicUsize,
    jobs: AtomicUsize,
}

impl Gauge {
    /// True for the first ones: they wait for each other, so that all connections are in use once.
    fn enter(&self) -> bool {
        let inside = self.inside.fetch_add(1, Relaxed) + 1;
        self.peak.fetch_max(inside, Relaxed);
        self.jobs.fetch_add(1, Relaxed) < CONNECTIONS
    }

    fn leave(&self) {
        self.inside.fetch_sub(1, Relaxed);
    }

    fn report(&self, world: &str) {
        let (jobs, peak) = (self.jobs.load(Relaxed), self.peak.load(Relaxed));
        println!("{world}, limited: {jobs} jobs, never more than {peak} connections");
        assert!(jobs == JOBS && peak == CONNECTIONS);
    }
}

fn main() {
    with_tasks();
    with_threads();
}

#[selvedge::main]
async fn with_tasks() {
    // Without a limit everybody at once: nobody leaves before all are in.
    let unlimited = Arc::new((Gauge::default(), Barrier::new(JOBS)));
    let limited = Arc::new((Gauge::default(), Barrier::new(CONNECTIONS)));
    let pool = Arc::new(Semaphore::new(CONNECTIONS));
    let mut jobs = JoinSet::new();
    for _ in 0..JOBS {
        let (unlimited, limited) = (Arc::clone(&unlimited), Arc::clone(&limited));
        let pool = Arc::clone(&pool);
        jobs.spawn(async move {
            unlimited.0.enter();
            unlimited.1.wait().await;

            let _connection = pool.acquire().await.unwrap();
            if limited.0.enter() {
                limited.1.wait().await;
            }
            limited.0.leave();
        });
    }
    jobs.join_all().await;
    let peak = unlimited.0.peak.load(Relaxed);
    println!("tasks, without a limit: {peak} connections");
    limited.0.report("tasks");

    let (binary, ready) = (Semaphore::new(1), Semaphore::new(0));
    let count = AtomicUsize::new(0);
    let add = async || {
        let _alone = binary.acquire().await.unwrap();
        let seen = count.load(Relaxed);
        yield_now().await;
        count.store(seen + 1, Relaxed);
        ready.add_permits(1); // Nobody took this one.
    };
    let waits = async { ready.acquire_many(2).await.unwrap().forget() };
    selvedge::join!(waits, add(), add());
    println!("tasks, binary: {} of 2 increments", count.load(Relaxed));
    assert_eq!(count.into_inner(), 2);
}

fn with_threads() {
    let (gauge, first) = (Gauge::default(), std::sync::Barrier::new(CONNECTIONS));
    let (pool, ready) = (Semaphore::new(CONNECTIONS), Semaphore::new(0));
    let (binary, count) = (Semaphore::new(1), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..JOBS {
            scope.spawn(|| {
                let connection = pool.blocking_acquire().unwrap();
                if gauge.enter() {
                    first.wait();
                }
                gauge.leave();
                drop(connection);

                let _alone = binary.blocking_acquire().unwrap();
                count.store(count.load(Relaxed) + 1, Relaxed);
                ready.add_permits(1);
            });
        }
        ready.blocking_acquire_many(JOBS as u32).unwrap().forget();
    });
    gauge.report("threads");
    let count = count.into_inner();
    println!("threads, binary: {count} of {JOBS} increments");
    assert_eq!(count, JOBS);
}

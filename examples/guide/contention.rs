//! Contention: those who need the same lock wait for each other. Less of it is shared, less is waited.
//!
//! *Shows*: workers that count under one lock, under a lock for each part of the keys (stripes), each for
//! itself with a sum in the end (partitions), and in atomics; and how often they found a lock taken.
//!
//! *Run with*: `cargo run --release --example guide_contention`
//!
//! *Try this*: take the `yield_now`s away. A lock held for some nanoseconds is rarely found taken.
//!
//! *Key line*: partitions and atomics: nobody waits

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use selvedge::sync::Mutex;
use selvedge::task::{JoinSet, yield_now};

const WORKERS: u64 = 8;
const ROUNDS: u64 = 250;
const PARTS: usize = 16;

/// For tasks and threads alike; fair, so that nobody takes one many times while the others wait once.
static LOCKED: [Mutex<u64>; PARTS] = [const { Mutex::new(0).fair() }; PARTS];
/// How often a lock was found taken.
static WAITS: AtomicU64 = AtomicU64::new(0);
static ATOMIC: [AtomicU64; PARTS] = [const { AtomicU64::new(0) }; PARTS];

#[derive(Clone, Copy, Debug)]
enum Way {
    OneLock,
    Stripes,
    Partitions,
    Atomics,
}

fn main() {
    for run in [with_tasks, with_threads] {
        let ways = [Way::OneLock, Way::Stripes, Way::Partitions, Way::Atomics];
        let [one_lock, stripes, partitions, atomics] = ways.map(run);
        assert!(stripes < one_lock, "stripes are found taken less often");
        assert!(partitions == 0 && atomics == 0);
    }
    println!("partitions and atomics: nobody waits");
}

fn report(who: &str, way: Way, start: Instant) -> u64 {
    let (took, way) = (start.elapsed().as_millis(), format!("{way:?}"));
    let waits = WAITS.swap(0, Relaxed);
    println!("{who}, {way:<10} {took:>4} ms, {waits:>4} times a lock was found taken");
    let mut counted = 0;
    for (lock, atomic) in LOCKED.iter().zip(&ATOMIC) {
        let mut count = lock.try_lock().expect("all workers have ended");
        counted += std::mem::take(&mut *count) + atomic.swap(0, Relaxed);
    }
    assert_eq!(counted, WORKERS * ROUNDS, "nothing may be lost");
    waits
}

/// The parts of the keys that a worker counts; each has another order.
fn parts(worker: u64) -> impl Iterator<Item = usize> {
    (0..ROUNDS).map(move |round| (worker * 7 + round * 5) as usize % PARTS)
}

#[selvedge::main]
async fn with_tasks(way: Way) -> u64 {
    async fn under(lock: &Mutex<u64>) {
        let mut count = match lock.try_lock() {
            Ok(count) => count,
            Err(_) => (WAITS.fetch_add(1, Relaxed), lock.lock().await).1,
        };
        yield_now().await; // Stands for work that needs the lock.
        *count += 1;
    }
    let (start, mut workers) = (Instant::now(), JoinSet::new());
    for worker in 0..WORKERS {
        workers.spawn(async move {
            let mut own = 0;
            for part in parts(worker) {
                match way {
                    Way::OneLock => under(&LOCKED[0]).await,
                    Way::Stripes => under(&LOCKED[part]).await,
                    Way::Partitions => own += 1,
                    Way::Atomics => _ = ATOMIC[part].fetch_add(1, Relaxed),
                }
            }
            ATOMIC[0].fetch_add(own, Relaxed);
        });
    }
    workers.join_all().await;
    report("tasks", way, start)
}

fn with_threads(way: Way) -> u64 {
    fn under(lock: &Mutex<u64>) {
        let mut count = lock.try_lock().unwrap_or_else(|_| {
            WAITS.fetch_add(1, Relaxed);
            lock.blocking_lock()
        });
        thread::yield_now();
        *count += 1;
    }
    let work = |worker| {
        let mut own = 0;
        for part in parts(worker) {
            match way {
                Way::OneLock => under(&LOCKED[0]),
                Way::Stripes => under(&LOCKED[part]),
                Way::Partitions => own += 1,
                Way::Atomics => _ = ATOMIC[part].fetch_add(1, Relaxed),
            }
        }
        ATOMIC[0].fetch_add(own, Relaxed);
    };
    let start = Instant::now();
    thread::scope(|scope| (0..WORKERS).for_each(|it| _ = scope.spawn(move || work(it))));
    report("threads", way, start)
}

//! Contention: those who need the same lock wait for each other. Less of it is shared, less is waited.
//!
//! *Shows*: workers that count under one lock, under a lock for each part of the keys (stripes), each for
//! itself with a sum in the end (partitions), and in atomics; and how often they found a lock taken.
//!
//! *Run with*: `cargo run --release --example guide_contention`
//!
//! *Try this*: take the `yield_now`s away. A lock that is held for some nanoseconds is rarely found taken, and
//! then stripes are not worth their trouble.
//!
//! *Key line*: partitions and atomics: nobody waits

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

use selvedge::sync::Mutex;
use selvedge::task::{JoinSet, yield_now};

const WORKERS: usize = 8;
const ROUNDS: usize = 1_000;
const PARTS: usize = 16;

/// Tasks and threads use the same locks. They are fair, so that each wait is seen: a lock that barges lets the
/// same worker have it many times while the others wait once.
static LOCKED: [Mutex<u64>; PARTS] = [const { Mutex::new(0).fair() }; PARTS];
static ATOMIC: [AtomicU64; PARTS] = [const { AtomicU64::new(0) }; PARTS];

#[derive(Clone, Copy, Debug)]
enum Way {
    OneLock,
    Stripes,
    Partitions,
    Atomics,
}

/// How often a worker found a lock taken, and what it counted for itself.
#[derive(Default)]
struct Ended {
    waits: u64,
    own: u64,
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

fn report(who: &str, way: Way, start: Instant, ended: &[Ended]) -> u64 {
    let (took, way) = (start.elapsed().as_millis(), format!("{way:?}"));
    let waits = ended.iter().map(|worker| worker.waits).sum();
    println!("{who}, {way:<10} {took:>4} ms, {waits:>4} times a lock was found taken");
    let mut counted: u64 = ended.iter().map(|worker| worker.own).sum();
    for (lock, atomic) in LOCKED.iter().zip(&ATOMIC) {
        let mut count = lock.try_lock().expect("all workers have ended");
        counted += std::mem::take(&mut *count) + atomic.swap(0, Relaxed);
    }
    assert_eq!(counted, (WORKERS * ROUNDS) as u64, "nothing may be lost");
    waits
}

/// The parts of the keys that a worker counts; each has another order.
fn parts(worker: usize) -> impl Iterator<Item = usize> {
    (0..ROUNDS).map(move |round| (worker * 7 + round * 5) % PARTS)
}

#[selvedge::main]
async fn with_tasks(way: Way) -> u64 {
    async fn under(lock: &Mutex<u64>, ended: &mut Ended) {
        let free = lock.try_lock();
        ended.waits += u64::from(free.is_err());
        let mut count = match free {
            Ok(count) => count,
            Err(_) => lock.lock().await,
        };
        yield_now().await; // Stands for work that needs the lock.
        *count += 1;
    }
    let (start, mut workers) = (Instant::now(), JoinSet::new());
    for worker in 0..WORKERS {
        workers.spawn(async move {
            let mut ended = Ended::default();
            for part in parts(worker) {
                match way {
                    Way::OneLock => under(&LOCKED[0], &mut ended).await,
                    Way::Stripes => under(&LOCKED[part], &mut ended).await,
                    Way::Partitions => ended.own += 1,
                    Way::Atomics => _ = ATOMIC[part].fetch_add(1, Relaxed),
                }
            }
            ended
        });
    }
    report("tasks", way, start, &workers.join_all().await)
}

fn with_threads(way: Way) -> u64 {
    fn under(lock: &Mutex<u64>, ended: &mut Ended) {
        let free = lock.try_lock().ok();
        ended.waits += u64::from(free.is_none());
        let mut count = free.unwrap_or_else(|| lock.blocking_lock());
        thread::yield_now();
        *count += 1;
    }
    let work = |worker| {
        let mut ended = Ended::default();
        for part in parts(worker) {
            match way {
                Way::OneLock => under(&LOCKED[0], &mut ended),
                Way::Stripes => under(&LOCKED[part], &mut ended),
                Way::Partitions => ended.own += 1,
                Way::Atomics => _ = ATOMIC[part].fetch_add(1, Relaxed),
            }
        }
        ended
    };
    let start = Instant::now();
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| thread::spawn(move || work(worker)))
        .collect();
    let ended = workers
        .into_iter()
        .map(|worker| worker.join().expect("no panic"));
    report("threads", way, start, &ended.collect::<Vec<_>>())
}

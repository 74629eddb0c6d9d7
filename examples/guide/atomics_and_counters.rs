//! Atomics and counters: one that loses, three that count, and one in a queue that is a lock in disguise.
//!
//! *Shows*: V1, in two steps; V2, behind a lock; V3, a number in a queue that is taken out, raised and put back;
//! an atomic; stripes of atomics. What each costs; and what becomes of V3 if who took it out does not come back.
//!
//! *Run with*: `cargo run --release --example guide_atomics_and_counters`
//!
//! *Try this*: set `WORKERS` to 1.
//!
//! *Key line*: the number in the queue is gone, the one behind a lock is not

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use selvedge::sync::Mutex;
use selvedge::sync::counter::{AtomicCounter, Counter, LockedCounter};
use selvedge::sync::mpmc::{Receiver, Sender, channel};
use selvedge::task::{JoinSet, yield_now};

const WORKERS: i64 = 4;
const ROUNDS: i64 = 10_000;

/// Each step is atomic, but others come in between.
static V1: AtomicI64 = AtomicI64::new(0);
static V2: LockedCounter = LockedCounter::new();
/// Who has taken the number out is alone with it, as with a lock. To read it one has to take it out as well.
static V3: LazyLock<(Sender<i64>, Receiver<i64>)> = LazyLock::new(|| {
    let queue = channel(1);
    queue.0.try_send(0).expect("room for one number");
    queue
});
static ATOMIC: AtomicCounter = AtomicCounter::new();
static PARTS: Counter = Counter::new();

fn main() {
    let in_two_steps = || async {
        let seen = V1.load(Relaxed);
        yield_now().await; // Stands for any wait.
        V1.store(seen + 1, Relaxed);
    };
    assert!(with_tasks("V1", in_two_steps, || V1.swap(0, Relaxed)) > 0);
    let in_two_steps = || V1.store(V1.load(Relaxed) + 1, Relaxed);
    with_threads("V1", in_two_steps, || V1.swap(0, Relaxed)); // Loses as it comes: perhaps nothing.

    let in_a_queue = || async {
        let number = V3.1.recv().await.expect("an open queue");
        V3.0.send(number + 1).await.expect("an open queue");
    };
    let reset = || {
        let number = V3.1.try_recv().expect("nobody adds any more");
        V3.0.try_send(0).map(|()| number).expect("it was taken out")
    };
    let blocking_in_a_queue = || {
        let number = V3.1.blocking_recv().expect("an open queue");
        V3.0.blocking_send(number + 1).expect("an open queue");
    };
    let lost = with_tasks("V2", || async { V2.increment() }, || V2.take())
        + with_threads("V2", || V2.increment(), || V2.take())
        + with_tasks("V3", in_a_queue, reset)
        + with_threads("V3", blocking_in_a_queue, reset)
        + with_tasks("atomic", || async { ATOMIC.increment() }, || ATOMIC.take())
        + with_threads("atomic", || ATOMIC.increment(), || ATOMIC.take())
        + with_tasks("stripes", || async { PARTS.increment() }, || PARTS.take())
        + with_threads("stripes", || PARTS.increment(), || PARTS.take());
    assert_eq!(lost, 0);
    who_does_not_come_back();
}

fn report(name: &str, who: &str, start: Instant, counted: i64) -> i64 {
    let all = WORKERS * ROUNDS;
    let (each, lost) = (start.elapsed() / all as u32, all - counted);
    println!("{name:<7} {who:<7} {each:>9.1?} each, {lost:>5} of {all} lost");
    lost
}

#[selvedge::main]
async fn with_tasks<F>(name: &str, add: fn() -> F, take: impl Fn() -> i64) -> i64
where
    F: Future<Output = ()> + Send + 'static,
{
    let (start, mut workers) = (Instant::now(), JoinSet::new());
    for _ in 0..WORKERS {
        workers.spawn(async move {
            for _ in 0..ROUNDS {
                add().await;
            }
        });
    }
    workers.join_all().await;
    report(name, "tasks", start, take())
}

fn with_threads(name: &str, add: fn(), take: impl Fn() -> i64) -> i64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| (0..ROUNDS).for_each(|_| add()));
        }
    });
    report(name, "threads", start, take())
}

/// A task is aborted in the middle of its two additions.
#[selvedge::main(flavor = "current_thread")]
async fn who_does_not_come_back() {
    static LOCKED: Mutex<i64> = Mutex::new(0);
    let adding = selvedge::spawn(async {
        let _both = (LOCKED.lock().await, V3.1.recv().await);
        std::future::pending::<()>().await;
    });
    yield_now().await;
    adding.abort();
    assert!(adding.await.is_err());
    assert!(LOCKED.try_lock().is_ok(), "the guard has unlocked it");
    let next = V3.1.recv_timeout(Duration::from_millis(50)).await;
    assert!(next.is_err(), "nobody will put it back");
    println!("the number in the queue is gone, the one behind a lock is not");
}

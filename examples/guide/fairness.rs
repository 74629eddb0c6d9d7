//! Fairness: who waits for a lock, and who comes along and takes it first.
//!
//! *Shows*: a greedy user of a lock beside a modest one, with a lock that barges, as most locks do, and with a fair
//! one, which is handed over in the order of arrival; and how often the greedy one went first although the other
//! waited. Selvedge's lock bounds that: after half a millisecond the one that waits is next.
//!
//! *Run with*: `cargo run --release --example guide_fairness`
//!
//! *Try this*: raise `TURNS`. The fair lock stays at 0.
//!
//! *Key line*: fair, threads: overtaken 0 times

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use selvedge::sync::Mutex;
use selvedge::task::yield_now;

/// What the modest one wants, and then stops.
const TURNS: u64 = 100;

/// What the lock protects.
#[derive(Default)]
struct Turns {
    modest: u64,
    overtaken: u64,
    /// When the greedy one gave the lock back, the modest one waited, and had had so many turns.
    waited: Option<u64>,
}

impl Turns {
    /// A turn of the greedy one. True if it has to go on.
    fn greedy(&mut self, modest_waits: bool) -> bool {
        self.overtaken += u64::from(self.waited == Some(self.modest));
        self.waited = modest_waits.then_some(self.modest);
        self.modest < TURNS
    }
}

fn main() {
    let barging = || Arc::new(Mutex::new(Turns::default()));
    let fair = || Arc::new(Mutex::new(Turns::default()).fair());
    assert!(with_tasks("barging", barging()) > 0);
    assert_eq!(with_tasks("fair", fair()), 0);
    with_threads("barging", &barging()); // As often as it comes.
    assert_eq!(with_threads("fair", &fair()), 0);
}

fn report(name: &str, who: &str, start: Instant, overtaken: u64) -> u64 {
    let took = start.elapsed();
    println!("{name}, {who}: overtaken {overtaken} times in {TURNS} turns, {took:.1?}");
    overtaken
}

#[selvedge::main(flavor = "current_thread")]
async fn with_tasks(name: &str, lock: Arc<Mutex<Turns>>) -> u64 {
    let start = Instant::now();
    let shared = Arc::clone(&lock);
    let modest = selvedge::spawn(async move {
        for _ in 0..TURNS {
            shared.lock().await.modest += 1;
            yield_now().await;
        }
    });
    let shared = Arc::clone(&lock);
    let greedy = selvedge::spawn(async move {
        loop {
            let mut turns = shared.lock().await;
            yield_now().await; // The modest one comes, and has to wait.
            if !turns.greedy(!shared.waiting().is_empty()) {
                break;
            }
        }
    });
    modest.await.expect("a task that ends");
    greedy.await.expect("a task that ends");
    report(name, "tasks", start, lock.lock().await.overtaken)
}

fn with_threads(name: &str, lock: &Mutex<Turns>) -> u64 {
    let start = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..TURNS {
                lock.blocking_lock().modest += 1;
                thread::yield_now();
            }
        });
        while lock.blocking_lock().greedy(!lock.waiting().is_empty()) {}
    });
    let overtaken = lock.blocking_lock().overtaken;
    report(name, "threads", start, overtaken)
}

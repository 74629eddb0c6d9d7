//! Rate limiter: so many requests at once, and from then on one per so much time, whoever asks.
//!
//! *Shows*: a bucket of tokens, one of which drips in each period. Who looks how long to wait, and takes the token
//! when it has waited, shares it with all that looked meanwhile. Who takes the token first, and then waits, has
//! it alone. Nobody holds the lock while it waits, so that a plain `std::sync::Mutex` is right in tasks, too.
//!
//! *Run with*: `cargo run --example guide_rate_limiter`
//!
//! *Try this*: set `BURST` to 1: the requests come one by one from the beginning. (A `Semaphore` limits another
//! thing: how many are under way. Quick requests do not become rarer by it.)
//!
//! *Key line*: taken first, threads: 0 of 12 requests too early

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use selvedge::task::JoinSet;
use selvedge::time::sleep;

const REQUESTS: u32 = 12;
const BURST: u32 = 4;
const PERIOD: Duration = Duration::from_millis(20);

/// The bucket as one number: when it will be full again.
struct Limiter(Mutex<Instant>);

impl Limiter {
    fn new(now: Instant) -> Arc<Limiter> {
        Arc::new(Limiter(Mutex::new(now)))
    }

    /// How long to wait for a token, if nobody else takes one.
    fn look(&self, now: Instant) -> Duration {
        let full = *self.0.lock().unwrap();
        (full + PERIOD).saturating_duration_since(now + PERIOD * BURST)
    }

    /// Takes a token, which is there after so long.
    fn take(&self, now: Instant) -> Duration {
        let mut full = self.0.lock().unwrap();
        let missing = (*full + PERIOD).saturating_duration_since(now + PERIOD * BURST);
        *full = now.max(*full) + PERIOD;
        missing
    }
}

/// Compares when requests were made to when each was due: the burst at the start, then one per period.
fn report(how: &str, mut made: Vec<Duration>) -> usize {
    made.sort();
    let due = (0..REQUESTS).map(|n| PERIOD * n.saturating_sub(BURST - 1));
    let early = made.iter().zip(due).filter(|(made, due)| *made < due);
    let (early, last) = (early.count(), made.last().expect("some requests"));
    println!("{how}: {early} of {REQUESTS} requests too early, the last after {last:.0?}");
    early
}

fn main() {
    with_tasks();
    with_threads();
}

#[selvedge::main]
async fn with_tasks() {
    let start = Instant::now();
    let limiter = Limiter::new(start);
    // Wrong: all look before anybody takes.
    let waits: Vec<_> = (0..REQUESTS).map(|_| limiter.look(start)).collect();
    let mut requests = JoinSet::new();
    for wait in waits {
        let limiter = Arc::clone(&limiter);
        requests.spawn(async move {
            sleep(wait).await;
            limiter.take(Instant::now());
            wait
        });
    }
    let early = report("looked first, tasks", requests.join_all().await);
    assert!(early > 0);

    // Right.
    let start = Instant::now();
    let limiter = Limiter::new(start);
    let mut requests = JoinSet::new();
    for _ in 0..REQUESTS {
        let limiter = Arc::clone(&limiter);
        requests.spawn(async move {
            sleep(limiter.take(Instant::now())).await;
            start.elapsed()
        });
    }
    let early = report("taken first, tasks", requests.join_all().await);
    assert_eq!(early, 0);
}

fn with_threads() {
    for (how, looks) in [("looked first", true), ("taken first", false)] {
        let start = Instant::now();
        let limiter = &Limiter::new(start);
        let made = thread::scope(|scope| {
            let looked: Vec<_> = (0..REQUESTS).map(|_| limiter.look(start)).collect();
            let request = |wait| {
                scope.spawn(move || {
                    if looks {
                        thread::sleep(wait);
                        limiter.take(Instant::now());
                        return wait;
                    }
                    thread::sleep(limiter.take(Instant::now()));
                    start.elapsed()
                })
            };
            let requests: Vec<_> = looked.into_iter().map(request).collect();
            let made = requests.into_iter().map(|request| request.join());
            made.collect::<Result<Vec<_>, _>>().expect("no panic")
        });
        assert_eq!(report(&format!("{how}, threads"), made) > 0, looks);
    }
}

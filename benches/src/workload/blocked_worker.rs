//! How long does a ticking task stand still while every worker is blocked?
//!
//! **Workload.** A task sleeps 1 ms over and over. After a while two tasks block the two workers for
//! 200 ms with `std::thread::sleep`, as a careless call to a file system or a C library would. The
//! figure is the longest time between two ticks.
//!
//! **What misleads.** Blocking a worker is a mistake, and the runtime that forgives it pays somewhere
//! else, in threads or in a watching thread's wake-ups: look at the other rows for that. Only the
//! worst tick counts, so one pause of the machine spoils a reading; take the median of many rounds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, WORKERS, on_both};

const TICK: Duration = Duration::from_millis(1);
const BLOCK: Duration = Duration::from_millis(200);
/// Time to tick undisturbed, before and after.
const CALM: Duration = Duration::from_millis(20);
const ATTEMPTS_MAX: usize = 5;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::gauge(
            "blocked_worker",
            "worst gap of a 1 ms ticker, all workers blocked 200 ms",
            "ms",
        )
        .selvedge(on_selvedge::gap)
        .tokio(on_tokio::gap)
        .smol(on_smol::gap)
        .std(on_std::gap),
    ]
}

/// Keeps the longest time between two ticks.
struct Gap {
    last: Instant,
    longest: Duration,
}

impl Gap {
    fn start() -> Gap {
        Gap {
            last: Instant::now(),
            longest: Duration::ZERO,
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        self.longest = self.longest.max(now - self.last);
        self.last = now;
    }

    fn ms(&self) -> f64 {
        self.longest.as_secs_f64() * 1e3
    }
}

/// What the blocking tasks and the ticker know of each other.
#[derive(Default)]
struct Blockade {
    began: AtomicUsize,
    ended: AtomicUsize,
    complete: AtomicBool,
    ticker_ends: AtomicBool,
}

impl Blockade {
    /// Blocks this worker, once the others are blocked too or have had their chance.
    fn block(&self) {
        // Ordering: SeqCst throughout; these are a handful of accesses and need no thought.
        self.began.fetch_add(1, Ordering::SeqCst);
        let start = Instant::now();
        while self.began.load(Ordering::SeqCst) < WORKERS && start.elapsed() < BLOCK {
            thread::yield_now();
        }
        if self.began.load(Ordering::SeqCst) == WORKERS {
            self.complete.store(true, Ordering::SeqCst);
            thread::sleep(BLOCK);
        }
        self.ended.fetch_add(1, Ordering::SeqCst);
    }

    fn ticking(&self) -> bool {
        !self.ticker_ends.load(Ordering::SeqCst)
    }

    /// From a foreign thread: lets the ticker tick, blocks the workers, lets it tick again.
    fn stage(&self, mut spawn_blocker: impl FnMut()) {
        thread::sleep(CALM);
        (0..WORKERS).for_each(|_| spawn_blocker());
        while self.ended.load(Ordering::SeqCst) < WORKERS {
            thread::sleep(TICK);
        }
        thread::sleep(CALM);
        self.ticker_ends.store(true, Ordering::SeqCst);
    }
}

/// Tries until all workers were blocked at the same time.
fn worst_gap(mut attempt: impl FnMut(Arc<Blockade>) -> f64) -> f64 {
    for _ in 0..ATTEMPTS_MAX {
        let blockade = Arc::new(Blockade::default());
        let gap = attempt(blockade.clone());
        if blockade.complete.load(Ordering::SeqCst) {
            return gap;
        }
    }
    panic!("in {ATTEMPTS_MAX} attempts the blocking tasks never ran side by side");
}

on_both! {
    async fn ticker(blockade: Arc<Blockade>) -> f64 {
        let mut gap = Gap::start();
        while blockade.ticking() {
            rt::time::sleep(TICK).await;
            gap.tick();
        }
        gap.ms()
    }

    pub(super) fn gap() -> Course {
        let runtime = multi_thread();
        Course::gauge(move || worst_gap(|blockade| {
            let ticker = runtime.spawn(ticker(blockade.clone()));
            blockade.stage(|| {
                let blockade = blockade.clone();
                runtime.spawn(async move { blockade.block() });
            });
            runtime.block_on(ticker).unwrap()
        }))
    }
}

mod on_smol {
    use smol::Timer;

    use super::*;

    async fn ticker(blockade: Arc<Blockade>) -> f64 {
        let mut gap = Gap::start();
        while blockade.ticking() {
            Timer::after(TICK).await;
            gap.tick();
        }
        gap.ms()
    }

    pub(super) fn gap() -> Course {
        let pool = SmolPool::start();
        Course::gauge(move || {
            worst_gap(|blockade| {
                let ticker = pool.executor().spawn(ticker(blockade.clone()));
                blockade.stage(|| {
                    let blockade = blockade.clone();
                    pool.executor()
                        .spawn(async move { blockade.block() })
                        .detach();
                });
                smol::future::block_on(ticker)
            })
        })
    }
}

mod on_std {
    use super::*;

    pub(super) fn gap() -> Course {
        Course::gauge(|| {
            worst_gap(|blockade| {
                let ticking = blockade.clone();
                let ticker = thread::spawn(move || {
                    let mut gap = Gap::start();
                    while ticking.ticking() {
                        thread::sleep(TICK);
                        gap.tick();
                    }
                    gap.ms()
                });
                blockade.stage(|| {
                    let blockade = blockade.clone();
                    thread::spawn(move || blockade.block());
                });
                ticker.join().unwrap()
            })
        })
    }
}

//! What happens to a CPU-bound job, and to a 1 ms ticker beside it, when one of them blocks.
//!
//! A thread that sleeps harms nobody: the kernel runs another one. A task that sleeps without
//! `await` keeps its worker from running anything else. This is the comparison threads can win.

use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use selvedge::task::{JoinSet, spawn_blocking};
use selvedge::time::sleep;

use super::sample::Sample;
use super::{Load, Side, crashed};

/// How often the ticker wants to run.
const TICK: Duration = Duration::from_millis(1);
/// No more chunks than this, so that threads are not judged by how many the system allows.
const CHUNKS_MAX: usize = 500;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => {
            let wrong = tasks(load, Blocker::InTheTask)?;
            let right = tasks(load, Blocker::InThePool)?;
            Ok(Sample::of("total", wrong.total)
                .with("gap", wrong.gap)
                .with("cured_total", right.total)
                .with("cured_gap", right.gap))
        }
        Side::Threads => threads(load),
    }
}

/// Burns CPU time in proportion to `steps`.
pub(crate) fn compute(steps: usize) -> u64 {
    (0..steps as u64).fold(black_box(1), |hash, step| {
        (hash ^ step).wrapping_mul(0x100_0000_01b3)
    })
}

/// How many steps of [`compute`] take one millisecond here: the best of a few tries.
pub(crate) fn steps_per_ms() -> usize {
    const STEPS: usize = 200_000;
    let quickest = (0..20).map(|_| {
        let start = Instant::now();
        black_box(compute(STEPS));
        start.elapsed()
    });
    let ms = quickest.min().unwrap_or(TICK).as_secs_f64() * 1e3;
    (STEPS as f64 / ms.max(1e-6)) as usize
}

/// The job takes `budget` if all workers do nothing else, and the blocker sleeps as long.
fn chunks(load: &Load) -> usize {
    let ideal = load.budget.as_millis() as usize * load.workers;
    ideal.min(CHUNKS_MAX).min(load.threads).max(1)
}

/// Where the blocking call of the tasks side is made.
#[derive(Clone, Copy)]
enum Blocker {
    InTheTask,
    InThePool,
}

/// Both are in seconds.
struct Outcome {
    total: f64,
    gap: f64,
}

fn tasks(load: &Load, place: Blocker) -> io::Result<Outcome> {
    let (chunks, steps, nap) = (chunks(load), load.steps_per_ms, load.budget);
    let runtime = super::runtime(load.workers)?;
    let driver = runtime.spawn(async move {
        let start = Instant::now();
        let done = Arc::new(AtomicBool::new(false));
        let ticker = selvedge::spawn(tick(done.clone()));
        let mut job = JoinSet::new();
        for chunk in 0..chunks {
            job.spawn(async move {
                black_box(compute(steps));
            });
            if chunk == chunks / 4 {
                match place {
                    Blocker::InTheTask => job.spawn(async move { thread::sleep(nap) }),
                    Blocker::InThePool => job.spawn(async move {
                        // If the sleep could not run, the total time would show it.
                        let _ = spawn_blocking(move || thread::sleep(nap)).await;
                    }),
                };
            }
        }
        while let Some(ended) = job.join_next().await {
            ended.map_err(|_| crashed("a chunk"))?;
        }
        let total = start.elapsed();
        // Ordering: Relaxed; the ticker only has to see it some time.
        done.store(true, Ordering::Relaxed);
        let gap = ticker.await.map_err(|_| crashed("the ticker"))?;
        Ok(Outcome {
            total: total.as_secs_f64(),
            gap: gap.as_secs_f64(),
        })
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the driver"))?
}

/// Ticks until `done` and returns by how much the latest tick was late.
async fn tick(done: Arc<AtomicBool>) -> Duration {
    let mut latest = Duration::ZERO;
    // Ordering: Relaxed; nothing is published by the flag.
    while !done.load(Ordering::Relaxed) {
        let asleep = Instant::now();
        sleep(TICK).await;
        latest = latest.max(asleep.elapsed().saturating_sub(TICK));
    }
    latest
}

/// [`tick`] for a thread.
fn tick_in_thread(done: &AtomicBool) -> Duration {
    let mut latest = Duration::ZERO;
    // Ordering: Relaxed; nothing is published by the flag.
    while !done.load(Ordering::Relaxed) {
        let asleep = Instant::now();
        thread::sleep(TICK);
        latest = latest.max(asleep.elapsed().saturating_sub(TICK));
    }
    latest
}

fn threads(load: &Load) -> io::Result<Sample> {
    let (chunks, steps, nap) = (chunks(load), load.steps_per_ms, load.budget);
    let start = Instant::now();
    let done = Arc::new(AtomicBool::new(false));
    let theirs = done.clone();
    let ticker = thread::Builder::new().spawn(move || tick_in_thread(&theirs))?;
    let mut job = Vec::new();
    let mut refused = 0;
    for chunk in 0..chunks {
        match thread::Builder::new().spawn(move || black_box(compute(steps))) {
            Ok(handle) => job.push(handle),
            Err(_) => {
                refused += 1;
                black_box(compute(steps));
            }
        }
        if chunk == chunks / 4 {
            let nap = move || {
                thread::sleep(nap);
                0
            };
            job.push(thread::Builder::new().spawn(nap)?);
        }
    }
    for handle in job {
        handle.join().map_err(|_| crashed("a chunk"))?;
    }
    let total = start.elapsed();
    // Ordering: Relaxed; the ticker only has to see it some time.
    done.store(true, Ordering::Relaxed);
    let gap = ticker.join().map_err(|_| crashed("the ticker"))?;
    let mut sample = Sample::of("total", total.as_secs_f64()).with("gap", gap.as_secs_f64());
    if refused > 0 {
        sample.note(format!(
            "blocker: the system refused {refused} of {chunks} threads; the thread that wanted \
             to start them computed their chunks itself"
        ));
    }
    Ok(sample)
}

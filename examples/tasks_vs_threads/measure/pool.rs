//! What it costs to have a small job done: by a task, by a pool of threads, by a thread of its own.

use std::hint::black_box;
use std::io;
use std::thread;
use std::time::Instant;

use selvedge::pool::ThreadPool;

use super::blocker::compute;
use super::meter::Meter;
use super::sample::Sample;
use super::{Load, Side, crashed};

/// How many jobs are under way at once.
const BATCH: usize = 100;
/// A job takes about this part of a millisecond.
const JOBS_PER_MS: usize = 100;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => tasks(load),
        Side::Threads => Ok(pooled(load)?.and(spawned(load)?)),
    }
}

fn tasks(load: &Load) -> io::Result<Sample> {
    let (steps, budget) = (load.steps_per_ms / JOBS_PER_MS, load.short());
    let runtime = super::runtime(load.workers)?;
    let driver = runtime.spawn(async move {
        let mut jobs = Vec::with_capacity(BATCH);
        let mut done = 0;
        let (meter, start) = (Meter::start(), Instant::now());
        while start.elapsed() < budget {
            jobs.extend((0..BATCH).map(|_| selvedge::spawn(async move { compute(steps) })));
            for job in jobs.drain(..) {
                black_box(job.await.map_err(|_| crashed("a job"))?);
                done += 1;
            }
        }
        Ok(meter.per_one("each", done))
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the driver"))?
}

/// A pool with as many threads as the runtime has workers.
fn pooled(load: &Load) -> io::Result<Sample> {
    let steps = load.steps_per_ms / JOBS_PER_MS;
    let pool = ThreadPool::new(load.workers);
    let mut jobs = Vec::with_capacity(BATCH);
    let mut done = 0;
    let (meter, start) = (Meter::start(), Instant::now());
    while start.elapsed() < load.short() {
        jobs.extend((0..BATCH).map(|_| pool.submit(move || compute(steps))));
        for job in jobs.drain(..) {
            black_box(job.result().map_err(|_| crashed("a job"))?);
            done += 1;
        }
    }
    Ok(meter.per_one("pooled", done))
}

fn spawned(load: &Load) -> io::Result<Sample> {
    let steps = load.steps_per_ms / JOBS_PER_MS;
    let batch = BATCH.min(load.threads);
    let mut jobs = Vec::with_capacity(batch);
    let mut done = 0;
    let (meter, start) = (Meter::start(), Instant::now());
    while start.elapsed() < load.short() {
        for _ in 0..batch {
            jobs.push(thread::Builder::new().spawn(move || compute(steps))?);
        }
        for job in jobs.drain(..) {
            black_box(job.join().map_err(|_| crashed("a job"))?);
            done += 1;
        }
    }
    Ok(meter.per_one("spawned", done))
}

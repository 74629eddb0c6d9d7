//! What it costs to have a small job done: by a task, by a pool of threads, by a thread of its own.

use std::hint::black_box;
use std::io;
use std::thread;
use std::time::Instant;

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

/// As many threads as the runtime has workers take jobs from one channel.
fn pooled(load: &Load) -> io::Result<Sample> {
    let steps = load.steps_per_ms / JOBS_PER_MS;
    let (submit, jobs) = crossbeam_channel::unbounded::<Box<dyn FnOnce() -> u64 + Send>>();
    let (finish, results) = crossbeam_channel::unbounded();
    let mut pool = Vec::new();
    for _ in 0..load.workers {
        let (jobs, finish) = (jobs.clone(), finish.clone());
        pool.push(thread::Builder::new().spawn(move || {
            for job in jobs {
                // The one who submitted it may have gone.
                let _ = finish.send(job());
            }
        })?);
    }
    let mut done = 0;
    let (meter, start) = (Meter::start(), Instant::now());
    while start.elapsed() < load.short() {
        for _ in 0..BATCH {
            let job = Box::new(move || compute(steps));
            submit.send(job).map_err(|_| crashed("the pool"))?;
        }
        for _ in 0..BATCH {
            black_box(results.recv().map_err(|_| crashed("the pool"))?);
            done += 1;
        }
    }
    let sample = meter.per_one("pooled", done);
    drop(submit);
    for worker in pool {
        worker.join().map_err(|_| crashed("a thread of the pool"))?;
    }
    Ok(sample)
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

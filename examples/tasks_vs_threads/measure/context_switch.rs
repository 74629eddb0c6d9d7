//! What it costs to leave one task or thread and to go on with another.
//!
//! There are more of them than CPUs and all give way all the time. For threads the kernel may
//! answer `thread::yield_now` without a switch, so the switches it counted are taken, not the
//! calls; where it does not count them (no `/proc`), the calls are.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use selvedge::task::{JoinSet, yield_now};

use super::process::switches_of_this_thread;
use super::sample::Sample;
use super::{Load, Side, crashed};

/// How many take turns on one CPU.
const PER_CPU: usize = 4;
/// Give way this many times between two looks at the clock.
const BETWEEN_LOOKS: u64 = 64;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    let cpus = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(load.workers);
    match side {
        Side::Tasks => tasks(load, cpus),
        Side::Threads => threads(load.budget, cpus),
    }
}

fn tasks(load: &Load, cpus: usize) -> io::Result<Sample> {
    let runtime = super::runtime(load.workers)?;
    let budget = load.budget;
    let driver = runtime.spawn(async move {
        let start = Instant::now();
        let mut set = JoinSet::new();
        for _ in 0..PER_CPU * cpus {
            set.spawn(async move {
                let mut yields: u64 = 0;
                while start.elapsed() < budget {
                    for _ in 0..BETWEEN_LOOKS {
                        yield_now().await;
                    }
                    yields += BETWEEN_LOOKS;
                }
                yields
            });
        }
        let mut yields = 0;
        while let Some(ended) = set.join_next().await {
            yields += ended.map_err(|_| crashed("a task"))?;
        }
        Ok(per_switch(start.elapsed(), cpus, yields))
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the driver"))?
}

fn threads(budget: Duration, cpus: usize) -> io::Result<Sample> {
    let start = Instant::now();
    let mut handles = Vec::new();
    // `yield_now` gives way only to threads of the same CPU, and the threads stay where the
    // kernel's balancer puts them, so all CPUs are used: one group of threads for each.
    let all = thread::available_parallelism().map_or(cpus, usize::from);
    for _ in 0..PER_CPU * all {
        handles.push(thread::Builder::new().spawn(move || {
            let mut calls = 0;
            while start.elapsed() < budget {
                for _ in 0..BETWEEN_LOOKS {
                    thread::yield_now();
                }
                calls += BETWEEN_LOOKS;
            }
            switches_of_this_thread().unwrap_or(calls)
        })?);
    }
    let mut switches = 0;
    for handle in handles {
        switches += handle.join().map_err(|_| crashed("a thread"))?;
    }
    Ok(per_switch(start.elapsed(), all, switches))
}

fn per_switch(wall: Duration, cpus: usize, switches: u64) -> Sample {
    Sample::of(
        "each",
        wall.as_secs_f64() * cpus as f64 / switches.max(1) as f64,
    )
}

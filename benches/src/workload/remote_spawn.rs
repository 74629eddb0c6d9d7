//! What does a spawn from a thread outside the runtime cost, alone and in competition?
//!
//! **Workload.** One thread, then four, which belong to no runtime. Each spawns a thousand detached
//! tasks through a handle, parks until they are done, and starts over.
//!
//! **What misleads.** With four threads and two workers on two CPUs the scheduler of the system
//! decides who runs when, and a preempted lock holder costs more than any queue; more CPUs change the
//! picture. The wait after each thousand keeps the queue short: a runtime that lets its queue grow
//! without end would otherwise look good until memory runs out.

use std::thread;

use crate::countdown::Countdown;
use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const BATCH: usize = 1000;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "remote_spawn_1",
            "spawn and run one detached task, from one foreign thread",
        )
        .selvedge(on_selvedge::from_one)
        .tokio(on_tokio::from_one)
        .smol(on_smol::from_one),
        Row::wall(
            "remote_spawn_4",
            "spawn and run one detached task, from four foreign threads",
        )
        .selvedge(on_selvedge::from_four)
        .tokio(on_tokio::from_four)
        .smol(on_smol::from_four),
    ]
}

/// Runs `batch` over and over on `threads` threads, all of them new.
fn on_threads(threads: usize, laps: u64, batch: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..laps).for_each(|_| batch()));
        }
    });
}

on_both! {
    fn from(threads: usize) -> Course {
        let runtime = multi_thread();
        Course::timed(BATCH * threads, move |laps| {
            let handle = runtime.handle();
            on_threads(threads, laps, || {
                let done = Countdown::new(BATCH);
                for _ in 0..BATCH {
                    let done = done.clone();
                    handle.spawn(async move { done.arrive() });
                }
                done.wait_blocking();
            });
        })
    }

    pub(super) fn from_one() -> Course {
        from(1)
    }

    pub(super) fn from_four() -> Course {
        from(4)
    }
}

mod on_smol {
    use super::*;

    fn from(threads: usize) -> Course {
        let pool = SmolPool::start();
        Course::timed(BATCH * threads, move |laps| {
            let executor = pool.executor();
            on_threads(threads, laps, || {
                let done = Countdown::new(BATCH);
                for _ in 0..BATCH {
                    let done = done.clone();
                    executor.spawn(async move { done.arrive() }).detach();
                }
                done.wait_blocking();
            });
        })
    }

    pub(super) fn from_one() -> Course {
        from(1)
    }

    pub(super) fn from_four() -> Course {
        from(4)
    }
}

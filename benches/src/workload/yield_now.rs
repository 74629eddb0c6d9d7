//! What does one trip through the run queue cost?
//!
//! **Workload.** 200 tasks yield 1000 times each; spawning and joining them is less than a hundredth
//! of the work. With two workers, and on the current-thread runtime.
//!
//! **What misleads.** smol's `yield_now` wakes its task while it is being polled; that of the others
//! hands the task over after the poll. With two workers the time on the wall is that of both
//! together: halve the CPU time, not this figure, to compare with one thread. A runtime that never
//! looks at its reactor meanwhile would win here and lose in `blocked_worker` and under load.

use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both, smol_local};

const TASKS: usize = 200;
const YIELDS: usize = 1000;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall("yield_multi", "one yield of one of 200 tasks, two workers")
            .selvedge(on_selvedge::multi)
            .tokio(on_tokio::multi)
            .smol(on_smol::multi),
        Row::wall(
            "yield_current",
            "one yield of one of 200 tasks, current-thread",
        )
        .selvedge(on_selvedge::current)
        .tokio(on_tokio::current)
        .smol(on_smol::current),
    ]
}

on_both! {
    async fn yielders(laps: u64) {
        for _ in 0..laps {
            let tasks: Vec<_> = (0..TASKS)
                .map(|_| rt::spawn(async {
                    for _ in 0..YIELDS {
                        rt::task::yield_now().await;
                    }
                }))
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
    }

    pub(super) fn multi() -> Course {
        let runtime = multi_thread();
        Course::timed(TASKS * YIELDS, move |laps| on_worker(&runtime, yielders(laps)))
    }

    pub(super) fn current() -> Course {
        let runtime = current_thread();
        Course::timed(TASKS * YIELDS, move |laps| runtime.block_on(yielders(laps)))
    }
}

mod on_smol {
    use super::*;

    async fn yielder() {
        for _ in 0..YIELDS {
            smol::future::yield_now().await;
        }
    }

    pub(super) fn multi() -> Course {
        let pool = SmolPool::start();
        let executor = pool.executor();
        Course::timed(TASKS * YIELDS, move |laps| {
            pool.on_worker(async move {
                for _ in 0..laps {
                    let tasks: Vec<_> = (0..TASKS).map(|_| executor.spawn(yielder())).collect();
                    for task in tasks {
                        task.await;
                    }
                }
            })
        })
    }

    pub(super) fn current() -> Course {
        let executor = smol_local();
        Course::timed(TASKS * YIELDS, move |laps| {
            smol::block_on(executor.run(async move {
                for _ in 0..laps {
                    let tasks: Vec<_> = (0..TASKS).map(|_| executor.spawn(yielder())).collect();
                    for task in tasks {
                        task.await;
                    }
                }
            }))
        })
    }
}

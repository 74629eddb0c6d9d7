//! What does a task cost from spawn to join?
//!
//! **Workload.** The task is empty. It is spawned and joined a thousand at a time from a worker;
//! one at a time from a worker; detached from a worker, where only the end of the whole thousand is
//! awaited; a thousand at a time from the future in `block_on`, which runs on no worker; and a
//! thousand at a time on the current-thread runtime.
//!
//! **What misleads.** An empty future shows the runtime's cost and nothing else; real tasks dilute
//! it. In a batch the second worker may steal, so wall time depends on whether waking it pays off:
//! look at the CPU column. `one` hardly leaves the worker's own slot and shows no queue at all.
//! The future in `block_on` is a remote spawner for a multi-thread runtime, although many programs
//! do all their spawning from there.

use crate::countdown::Countdown;
use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both, smol_local};

const BATCH: usize = 1000;
/// A thread costs a hundred times more than a task, and a batch must stay within one run.
const THREAD_BATCH: usize = 100;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "spawn_join_batch",
            "spawn and join one of 1000 empty tasks, from a worker",
        )
        .selvedge(on_selvedge::batch)
        .tokio(on_tokio::batch)
        .smol(on_smol::batch)
        .std(on_std::batch),
        Row::wall(
            "spawn_join_one",
            "spawn an empty task and join it at once, from a worker",
        )
        .selvedge(on_selvedge::one)
        .tokio(on_tokio::one)
        .smol(on_smol::one)
        .std(on_std::one),
        Row::wall(
            "spawn_detached",
            "spawn and run one of 1000 detached tasks, from a worker",
        )
        .selvedge(on_selvedge::detached)
        .tokio(on_tokio::detached)
        .smol(on_smol::detached),
        Row::wall(
            "spawn_join_outside",
            "spawn and join one of 1000 empty tasks, from `block_on`",
        )
        .selvedge(on_selvedge::outside)
        .tokio(on_tokio::outside)
        .smol(on_smol::outside),
        Row::wall(
            "spawn_join_current",
            "spawn and join one of 1000 empty tasks, current-thread",
        )
        .selvedge(on_selvedge::current)
        .tokio(on_tokio::current)
        .smol(on_smol::current),
    ]
}

on_both! {
    async fn batches(laps: u64) {
        let mut handles = Vec::with_capacity(BATCH);
        for _ in 0..laps {
            handles.extend((0..BATCH).map(|_| rt::spawn(async {})));
            for handle in handles.drain(..) {
                handle.await.unwrap();
            }
        }
    }

    pub(super) fn batch() -> Course {
        let runtime = multi_thread();
        Course::timed(BATCH, move |laps| on_worker(&runtime, batches(laps)))
    }

    pub(super) fn one() -> Course {
        let runtime = multi_thread();
        Course::timed(BATCH, move |laps| on_worker(&runtime, async move {
            for _ in 0..laps * BATCH as u64 {
                rt::spawn(async {}).await.unwrap();
            }
        }))
    }

    pub(super) fn detached() -> Course {
        let runtime = multi_thread();
        Course::timed(BATCH, move |laps| on_worker(&runtime, async move {
            for _ in 0..laps {
                let done = Countdown::new(BATCH);
                for _ in 0..BATCH {
                    let done = done.clone();
                    rt::spawn(async move { done.arrive() });
                }
                done.wait().await;
            }
        }))
    }

    pub(super) fn outside() -> Course {
        let runtime = multi_thread();
        Course::timed(BATCH, move |laps| runtime.block_on(batches(laps)))
    }

    pub(super) fn current() -> Course {
        let runtime = current_thread();
        Course::timed(BATCH, move |laps| runtime.block_on(batches(laps)))
    }
}

mod on_smol {
    use smol::Executor;

    use super::*;

    async fn batches(executor: &'static Executor<'static>, laps: u64) {
        let mut handles = Vec::with_capacity(BATCH);
        for _ in 0..laps {
            handles.extend((0..BATCH).map(|_| executor.spawn(async {})));
            for handle in handles.drain(..) {
                handle.await;
            }
        }
    }

    pub(super) fn batch() -> Course {
        let pool = SmolPool::start();
        Course::timed(BATCH, move |laps| {
            pool.on_worker(batches(pool.executor(), laps))
        })
    }

    pub(super) fn one() -> Course {
        let pool = SmolPool::start();
        let executor = pool.executor();
        Course::timed(BATCH, move |laps| {
            pool.on_worker(async move {
                for _ in 0..laps * BATCH as u64 {
                    executor.spawn(async {}).await;
                }
            })
        })
    }

    pub(super) fn detached() -> Course {
        let pool = SmolPool::start();
        let executor = pool.executor();
        Course::timed(BATCH, move |laps| {
            pool.on_worker(async move {
                for _ in 0..laps {
                    let done = Countdown::new(BATCH);
                    for _ in 0..BATCH {
                        let done = done.clone();
                        executor.spawn(async move { done.arrive() }).detach();
                    }
                    done.wait().await;
                }
            })
        })
    }

    pub(super) fn outside() -> Course {
        let pool = SmolPool::start();
        Course::timed(BATCH, move |laps| {
            smol::block_on(batches(pool.executor(), laps))
        })
    }

    pub(super) fn current() -> Course {
        let executor = smol_local();
        Course::timed(BATCH, move |laps| {
            smol::block_on(executor.run(async move {
                let mut handles = Vec::with_capacity(BATCH);
                for _ in 0..laps {
                    handles.extend((0..BATCH).map(|_| executor.spawn(async {})));
                    for handle in handles.drain(..) {
                        handle.await;
                    }
                }
            }))
        })
    }
}

mod on_std {
    use std::thread;

    use super::*;

    pub(super) fn batch() -> Course {
        Course::timed(THREAD_BATCH, |laps| {
            for _ in 0..laps {
                let threads: Vec<_> = (0..THREAD_BATCH).map(|_| thread::spawn(|| {})).collect();
                for thread in threads {
                    thread.join().unwrap();
                }
            }
        })
    }

    pub(super) fn one() -> Course {
        Course::timed(1, |laps| {
            for _ in 0..laps {
                thread::spawn(|| {}).join().unwrap();
            }
        })
    }
}

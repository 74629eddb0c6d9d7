//! What does handing a closure to the blocking pool and joining it cost?
//!
//! **Workload.** A task submits a hundred empty closures and joins all of them, over and over.
//!
//! **What misleads.** The closures are empty, so the figure is queue plus thread wake-ups, and a pool
//! that wakes fewer threads wins; with closures that really block it would be the other way round.
//! Look at the CPU column. The pool's threads stay alive between runs.

use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const BATCH: usize = 100;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "spawn_blocking",
            "run one of 100 empty closures in the blocking pool and join it",
        )
        .selvedge(on_selvedge::batch)
        .tokio(on_tokio::batch)
        .smol(on_smol::batch)
        .std(on_std::batch),
    ]
}

on_both! {
    pub(super) fn batch() -> Course {
        let runtime = multi_thread();
        Course::timed(BATCH, move |laps| on_worker(&runtime, async move {
            let mut handles = Vec::with_capacity(BATCH);
            for _ in 0..laps {
                handles.extend((0..BATCH).map(|_| rt::task::spawn_blocking(|| {})));
                for handle in handles.drain(..) {
                    handle.await.unwrap();
                }
            }
        }))
    }
}

mod on_smol {
    use super::*;

    pub(super) fn batch() -> Course {
        let pool = SmolPool::start();
        Course::timed(BATCH, move |laps| {
            pool.on_worker(async move {
                let mut handles = Vec::with_capacity(BATCH);
                for _ in 0..laps {
                    handles.extend((0..BATCH).map(|_| smol::unblock(|| {})));
                    for handle in handles.drain(..) {
                        handle.await;
                    }
                }
            })
        })
    }
}

mod on_std {
    use std::thread;

    use super::*;

    pub(super) fn batch() -> Course {
        Course::timed(BATCH, |laps| {
            for _ in 0..laps {
                let threads: Vec<_> = (0..BATCH).map(|_| thread::spawn(|| {})).collect();
                for thread in threads {
                    thread.join().unwrap();
                }
            }
        })
    }
}

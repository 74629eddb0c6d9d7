//! What does a task cost that is spawned by the task before it?
//!
//! **Workload.** A chain of 1000: each task spawns the next and ends; the last one tells the waiting
//! task. There is never more than one task ready.
//!
//! **What misleads.** The whole chain fits into one worker's own slot. A runtime that wakes the
//! second worker for each link burns CPU for nothing, and may even look no slower for it.

use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const DEPTH: usize = 1000;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "chained_spawn",
            "one link of a chain of 1000 tasks, each spawning the next",
        )
        .selvedge(on_selvedge::chain)
        .tokio(on_tokio::chain)
        .smol(on_smol::chain),
    ]
}

on_both! {
    use rt::sync::oneshot;

    fn link(done: oneshot::Sender<()>, left: usize) {
        if left == 0 {
            done.send(()).unwrap();
        } else {
            rt::spawn(async move { link(done, left - 1) });
        }
    }

    pub(super) fn chain() -> Course {
        let runtime = multi_thread();
        Course::timed(DEPTH, move |laps| on_worker(&runtime, async move {
            for _ in 0..laps {
                let (done, end) = oneshot::channel();
                link(done, DEPTH);
                end.await.unwrap();
            }
        }))
    }
}

mod on_smol {
    use smol::Executor;
    use smol::channel::{Sender, bounded};

    use super::*;

    fn link(executor: &'static Executor<'static>, done: Sender<()>, left: usize) {
        if left == 0 {
            done.try_send(()).unwrap();
        } else {
            executor
                .spawn(async move { link(executor, done, left - 1) })
                .detach();
        }
    }

    pub(super) fn chain() -> Course {
        let pool = SmolPool::start();
        let executor = pool.executor();
        Course::timed(DEPTH, move |laps| {
            pool.on_worker(async move {
                for _ in 0..laps {
                    let (done, end) = bounded(1);
                    link(executor, done, DEPTH);
                    end.recv().await.unwrap();
                }
            })
        })
    }
}

//! What does it cost sixteen tasks to wait for each other?
//!
//! **Workload.** 16 tasks on two workers meet at one barrier again and again and do nothing between.
//! An operation is one `wait` of one task.
//!
//! **What misleads.** Fifteen of sixteen waits end with a wake-up, so this is a row about waking many
//! at once. Who wakes them in which order, and whether the other worker is roused for it, moves it by
//! a factor.

use std::sync::Arc;

use crate::row::{Course, Row};

const TASKS: usize = 16;
const ROUNDS: usize = 100;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall("barrier_16", "one task's wait for the other 15")
            .selvedge(on_selvedge::meetings)
            .tokio(on_tokio::meetings)
            .peer("tokio on selvedge", tokio_on_selvedge::meetings)
            .peer("async-lock", on_async_lock::meetings)
            .peer("mea", on_mea::meetings),
    ]
}

macro_rules! barrier {
    ($name:ident, $executor:ident, $new:expr, |$shared:ident| $wait:expr) => {
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) fn meetings() -> Course {
                let runtime = multi_thread();
                Course::timed(TASKS * ROUNDS, move |laps| {
                    on_worker(&runtime, async move {
                        let barrier = Arc::new($new);
                        let task = |_| {
                            let barrier = barrier.clone();
                            rt::spawn(async move {
                                let $shared = &*barrier;
                                for _ in 0..laps * ROUNDS as u64 {
                                    $wait;
                                }
                            })
                        };
                        let tasks: Vec<_> = (0..TASKS).map(task).collect();
                        for task in tasks {
                            task.await.unwrap();
                        }
                    })
                })
            }
        }
    };
}

barrier!(
    on_selvedge,
    any_executor,
    rt::sync::Barrier::new(TASKS),
    |barrier| barrier.wait().await
);
barrier!(
    on_tokio,
    tokio_executor,
    rt::sync::Barrier::new(TASKS),
    |barrier| barrier.wait().await
);
barrier!(
    tokio_on_selvedge,
    any_executor,
    ::tokio::sync::Barrier::new(TASKS),
    |barrier| { barrier.wait().await }
);
barrier!(
    on_async_lock,
    any_executor,
    async_lock::Barrier::new(TASKS),
    |barrier| { barrier.wait().await }
);
barrier!(
    on_mea,
    any_executor,
    mea::barrier::Barrier::new(TASKS as u32),
    |barrier| { barrier.wait().await }
);

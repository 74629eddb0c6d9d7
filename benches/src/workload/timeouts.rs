//! What does a timer cost that never fires?
//!
//! **Workload.** `timeout_ready`: a timeout around a future that is ready at its first poll.
//! `sleep_cancelled`: a sleep that is created, polled once and dropped, as a timeout does whose
//! future has to wait. Deadlines differ by milliseconds within a second. Both in a task on a worker.
//!
//! **What misleads.** There is only ever one timer in the structure: a heap looks as good as a wheel.
//! `timeout_ready` may never touch the timer at all, which is as it should be. The driver sleeps
//! meanwhile, and a timer that comes before all others may have to wake it: that is part of the
//! price of `sleep_cancelled`. smol has no timeout; its variant races the future against a `Timer`,
//! polling the future first.

use std::future;
use std::hint::black_box;
use std::pin::pin;
use std::time::Duration;

use smol::future::poll_once;

use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const TIMERS: usize = 1000;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall("timeout_ready", "a timeout around a ready future")
            .selvedge(on_selvedge::timeout_ready)
            .tokio(on_tokio::timeout_ready)
            .smol(on_smol::timeout_ready),
        Row::wall("sleep_cancelled", "a sleep created, polled once and dropped")
            .selvedge(on_selvedge::sleep_cancelled)
            .tokio(on_tokio::sleep_cancelled)
            .smol(on_smol::sleep_cancelled),
    ]
}

/// Far enough that no timer ever fires.
fn far(index: u64) -> Duration {
    Duration::from_millis(10_000 + index % 1000)
}

on_both! {
    pub(super) fn timeout_ready() -> Course {
        let runtime = multi_thread();
        Course::timed(TIMERS, move |laps| on_worker(&runtime, async move {
            for index in 0..laps * TIMERS as u64 {
                let ready = future::ready(black_box(index));
                black_box(rt::time::timeout(far(index), ready).await.unwrap());
            }
        }))
    }

    pub(super) fn sleep_cancelled() -> Course {
        let runtime = multi_thread();
        Course::timed(TIMERS, move |laps| on_worker(&runtime, async move {
            for index in 0..laps * TIMERS as u64 {
                let mut sleep = pin!(rt::time::sleep(far(index)));
                assert!(poll_once(sleep.as_mut()).await.is_none());
            }
        }))
    }
}

mod on_smol {
    use smol::Timer;

    use super::*;

    pub(super) fn timeout_ready() -> Course {
        let pool = SmolPool::start();
        Course::timed(TIMERS, move |laps| {
            pool.on_worker(async move {
                for index in 0..laps * TIMERS as u64 {
                    let ready = async { Some(black_box(index)) };
                    let expired = async {
                        Timer::after(far(index)).await;
                        None
                    };
                    black_box(smol::future::or(ready, expired).await.unwrap());
                }
            })
        })
    }

    pub(super) fn sleep_cancelled() -> Course {
        let pool = SmolPool::start();
        Course::timed(TIMERS, move |laps| {
            pool.on_worker(async move {
                for index in 0..laps * TIMERS as u64 {
                    let mut sleep = pin!(Timer::after(far(index)));
                    assert!(poll_once(sleep.as_mut()).await.is_none());
                }
            })
        })
    }
}

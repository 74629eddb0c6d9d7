//! What does a timer cost that never fires?
//!
//! **Workload.** `timeout_ready`: a timeout around a future that is ready at its first poll.
//! `sleep_cancelled`: a sleep that is created, polled once and dropped, as a timeout does whose
//! future has to wait; meanwhile an older timer is pending, as on any busy server.
//! `sleep_cancelled_first`: the same without an older timer, and with deadlines that move closer, so
//! that each sleep would be the first to fire. All in a task on a worker.
//!
//! **What misleads.** There are never more than two timers in the structure: a heap looks as good as
//! a wheel. The driver sleeps meanwhile, and the first to fire has to wake it when nobody else will
//! look at the clock: that is the price of `sleep_cancelled_first`, and it hangs on whether the other
//! worker is asleep. smol has no timeout; its variant races the future against a `Timer` made
//! beforehand, polling the future first.

use std::future;
use std::hint::black_box;
use std::pin::pin;
use std::time::Duration;

use smol::future::poll_once;

use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const TIMERS: usize = 1000;
/// No timer of these workloads ever fires.
const FAR: Duration = Duration::from_secs(60);
const DAY_MS: u64 = 86_400_000;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall("timeout_ready", "a timeout around a ready future")
            .selvedge(on_selvedge::timeout_ready)
            .tokio(on_tokio::timeout_ready)
            .smol(on_smol::timeout_ready),
        Row::wall(
            "sleep_cancelled",
            "a sleep polled once and dropped, an older one pending",
        )
        .selvedge(on_selvedge::sleep_cancelled)
        .tokio(on_tokio::sleep_cancelled)
        .smol(on_smol::sleep_cancelled),
        Row::wall(
            "sleep_cancelled_first",
            "a sleep polled once and dropped, the first to fire",
        )
        .selvedge(on_selvedge::sleep_cancelled_first)
        .tokio(on_tokio::sleep_cancelled_first)
        .smol(on_smol::sleep_cancelled_first),
    ]
}

/// Longer than any run, shorter than the others.
const OLDER: Duration = Duration::from_secs(30);

/// Some different deadlines in no order.
fn later(index: u64) -> Duration {
    FAR + Duration::from_millis(index * 619 % 1000)
}

/// Durations that become shorter by a millisecond each time, faster than time goes by.
fn sooner(index: u64) -> Duration {
    FAR + Duration::from_millis(DAY_MS - index % DAY_MS)
}

on_both! {
    pub(super) fn timeout_ready() -> Course {
        let runtime = multi_thread();
        Course::timed(TIMERS, move |laps| on_worker(&runtime, async move {
            for index in 0..laps * TIMERS as u64 {
                let ready = future::ready(black_box(index));
                black_box(rt::time::timeout(later(index), ready).await.unwrap());
            }
        }))
    }

    async fn create_and_drop(duration: Duration) {
        let sleep = pin!(rt::time::sleep(duration));
        assert!(poll_once(sleep).await.is_none());
    }

    pub(super) fn sleep_cancelled() -> Course {
        let runtime = multi_thread();
        Course::timed(TIMERS, move |laps| on_worker(&runtime, async move {
            let mut older = pin!(rt::time::sleep(OLDER));
            assert!(poll_once(older.as_mut()).await.is_none());
            for index in 0..laps * TIMERS as u64 {
                create_and_drop(later(index)).await;
            }
        }))
    }

    pub(super) fn sleep_cancelled_first() -> Course {
        let runtime = multi_thread();
        let mut created = 0;
        Course::timed(TIMERS, move |laps| {
            let indices = created..created + laps * TIMERS as u64;
            created = indices.end;
            on_worker(&runtime, async move {
                for index in indices {
                    create_and_drop(sooner(index)).await;
                }
            });
        })
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
                    let timer = Timer::after(later(index));
                    let ready = async { Some(black_box(index)) };
                    let expired = async {
                        timer.await;
                        None
                    };
                    black_box(smol::future::or(ready, expired).await.unwrap());
                }
            })
        })
    }

    async fn create_and_drop(duration: Duration) {
        let sleep = pin!(Timer::after(duration));
        assert!(poll_once(sleep).await.is_none());
    }

    pub(super) fn sleep_cancelled() -> Course {
        let pool = SmolPool::start();
        Course::timed(TIMERS, move |laps| {
            pool.on_worker(async move {
                let mut older = pin!(Timer::after(OLDER));
                assert!(poll_once(older.as_mut()).await.is_none());
                for index in 0..laps * TIMERS as u64 {
                    create_and_drop(later(index)).await;
                }
            })
        })
    }

    pub(super) fn sleep_cancelled_first() -> Course {
        let pool = SmolPool::start();
        let mut created = 0;
        Course::timed(TIMERS, move |laps| {
            let indices = created..created + laps * TIMERS as u64;
            created = indices.end;
            pool.on_worker(async move {
                for index in indices {
                    create_and_drop(sooner(index)).await;
                }
            });
        })
    }
}

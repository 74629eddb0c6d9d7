//! What does a timer cost that fires, when there are very many?
//!
//! **Workload.** 200 000 tasks sleep once each, for durations scattered over 200 ms; the run ends
//! with the last of them.
//!
//! **What misleads.** The wall time is given by the workload, so CPU time is what counts. It holds a
//! spawn and a wake-up for each timer as well; take `spawn_detached` off for the timer alone. Peers
//! round deadlines up to a millisecond, which lets them fire hundreds at once; finer timers have to
//! work harder for the same figure.

use std::time::Duration;

use crate::countdown::Countdown;
use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const SLEEPS: u64 = 200_000;
const SPREAD_US: u64 = 200_000;
/// Shares no factor with the spread: neighbours in time are spawned far apart.
const SCATTER: u64 = 7919;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::cpu(
            "sleeps_200k",
            "one of 200 000 tasks, each sleeping once, over 200 ms",
        )
        .selvedge(on_selvedge::sleeps)
        .tokio(on_tokio::sleeps)
        .smol(on_smol::sleeps),
    ]
}

fn scattered(index: u64) -> Duration {
    Duration::from_micros(1 + index * SCATTER % SPREAD_US)
}

on_both! {
    pub(super) fn sleeps() -> Course {
        let runtime = multi_thread();
        Course::timed(SLEEPS as usize, move |laps| on_worker(&runtime, async move {
            for _ in 0..laps {
                let done = Countdown::new(SLEEPS as usize);
                for index in 0..SLEEPS {
                    let done = done.clone();
                    rt::spawn(async move {
                        rt::time::sleep(scattered(index)).await;
                        done.arrive();
                    });
                }
                done.wait().await;
            }
        }))
    }
}

mod on_smol {
    use smol::Timer;

    use super::*;

    pub(super) fn sleeps() -> Course {
        let pool = SmolPool::start();
        let executor = pool.executor();
        Course::timed(SLEEPS as usize, move |laps| {
            pool.on_worker(async move {
                for _ in 0..laps {
                    let done = Countdown::new(SLEEPS as usize);
                    for index in 0..SLEEPS {
                        let done = done.clone();
                        let sleeper = executor.spawn(async move {
                            Timer::after(scattered(index)).await;
                            done.arrive();
                        });
                        sleeper.detach();
                    }
                    done.wait().await;
                }
            })
        })
    }
}

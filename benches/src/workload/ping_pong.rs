//! What does a message to another task and back cost?
//!
//! **Workload.** `ping_pong_spawn`: a thousand tasks at once, each of which spawns a partner, sends
//! it a oneshot and awaits one in return; the shape is that of a request handed to a fresh task.
//! `ping_pong_tasks`: two tasks that live on, each waking the other through a `Notify`.
//! `ping_pong_threads`: the same, but one side is the future in `block_on`, so that every message
//! has to wake a thread; with all threads on one CPU, and with the two sides on a CPU each.
//!
//! **What misleads.** `ping_pong_tasks` is best done by one worker while the other sleeps; a runtime
//! that shares the two tasks out loses, and rightly so. On two CPUs, `ping_pong_threads` measures
//! above all how the kernel wakes an idle CPU; a runtime that spins before it sleeps wins on the wall
//! there, pays in CPU time, and loses on one CPU. smol has no `Notify`: its stand-in, a bounded
//! channel of capacity 1, does a little more.

use std::sync::Arc;

use crate::countdown::Countdown;
use crate::placement::Placement::{self, OneCpu, TwoCpus};
use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const PINGS: usize = 1000;
const TRIPS: usize = 100;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "ping_pong_spawn",
            "spawn a task that spawns a partner, a oneshot each way",
        )
        .selvedge(on_selvedge::spawning)
        .tokio(on_tokio::spawning)
        .smol(on_smol::spawning),
        Row::wall(
            "ping_pong_tasks",
            "round trip between two tasks of the pool",
        )
        .selvedge(on_selvedge::tasks)
        .tokio(on_tokio::tasks)
        .smol(on_smol::tasks),
        Row::wall(
            "ping_pong_threads_one_cpu",
            "`block_on` and a task in turn, all on one CPU",
        )
        .selvedge(|| on_selvedge::threads(OneCpu))
        .tokio(|| on_tokio::threads(OneCpu))
        .smol(|| on_smol::threads(OneCpu))
        .std(|| on_std::threads(OneCpu)),
        Row::wall(
            "ping_pong_threads_two_cpus",
            "`block_on` and a task in turn, a CPU each",
        )
        .selvedge(|| on_selvedge::threads(TwoCpus))
        .tokio(|| on_tokio::threads(TwoCpus))
        .smol(|| on_smol::threads(TwoCpus))
        .std(|| on_std::threads(TwoCpus)),
    ]
}

on_both! {
    use rt::sync::{Notify, oneshot};

    async fn ping(done: Arc<Countdown>) {
        let (ping, pinged) = oneshot::channel();
        let (pong, ponged) = oneshot::channel();
        rt::spawn(async move {
            pinged.await.unwrap();
            pong.send(()).unwrap();
        });
        ping.send(()).unwrap();
        ponged.await.unwrap();
        done.arrive();
    }

    pub(super) fn spawning() -> Course {
        let runtime = multi_thread();
        Course::timed(PINGS, move |laps| on_worker(&runtime, async move {
            for _ in 0..laps {
                let done = Countdown::new(PINGS);
                for _ in 0..PINGS {
                    rt::spawn(ping(done.clone()));
                }
                done.wait().await;
            }
        }))
    }

    async fn round_trips(laps: u64) {
        let trips = laps * TRIPS as u64;
        let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (pinged, ponger) = (ping.clone(), pong.clone());
        let partner = rt::spawn(async move {
            for _ in 0..trips {
                pinged.notified().await;
                ponger.notify_one();
            }
        });
        for _ in 0..trips {
            ping.notify_one();
            pong.notified().await;
        }
        partner.await.unwrap();
    }

    pub(super) fn tasks() -> Course {
        let runtime = multi_thread();
        Course::timed(TRIPS, move |laps| on_worker(&runtime, round_trips(laps)))
    }

    pub(super) fn threads(placement: Placement) -> Course {
        let runtime = multi_thread_at(placement);
        Course::timed(TRIPS, move |laps| {
            let _pin = placement.pin_client();
            runtime.block_on(round_trips(laps));
        })
    }
}

mod on_smol {
    use smol::Executor;
    use smol::channel::bounded;

    use super::*;

    async fn ping(executor: &'static Executor<'static>, done: Arc<Countdown>) {
        let (ping, pinged) = bounded(1);
        let (pong, ponged) = bounded(1);
        let partner = executor.spawn(async move {
            pinged.recv().await.unwrap();
            pong.send(()).await.unwrap();
        });
        partner.detach();
        ping.send(()).await.unwrap();
        ponged.recv().await.unwrap();
        done.arrive();
    }

    pub(super) fn spawning() -> Course {
        let pool = SmolPool::start();
        let executor = pool.executor();
        Course::timed(PINGS, move |laps| {
            pool.on_worker(async move {
                for _ in 0..laps {
                    let done = Countdown::new(PINGS);
                    for _ in 0..PINGS {
                        executor.spawn(ping(executor, done.clone())).detach();
                    }
                    done.wait().await;
                }
            })
        })
    }

    async fn round_trips(executor: &'static Executor<'static>, laps: u64) {
        let trips = laps * TRIPS as u64;
        let (ping, pinged) = bounded(1);
        let (pong, ponged) = bounded(1);
        let partner = executor.spawn(async move {
            for _ in 0..trips {
                pinged.recv().await.unwrap();
                pong.send(()).await.unwrap();
            }
        });
        for _ in 0..trips {
            ping.send(()).await.unwrap();
            ponged.recv().await.unwrap();
        }
        partner.await;
    }

    pub(super) fn tasks() -> Course {
        let pool = SmolPool::start();
        Course::timed(TRIPS, move |laps| {
            pool.on_worker(round_trips(pool.executor(), laps))
        })
    }

    pub(super) fn threads(placement: Placement) -> Course {
        let pool = SmolPool::start_at(placement);
        Course::timed(TRIPS, move |laps| {
            let _pin = placement.pin_client();
            smol::block_on(round_trips(pool.executor(), laps));
        })
    }
}

mod on_std {
    use std::sync::mpsc::sync_channel;
    use std::thread;

    use super::*;

    pub(super) fn threads(placement: Placement) -> Course {
        Course::timed(TRIPS, move |laps| {
            let _pin = placement.pin_client();
            let trips = laps * TRIPS as u64;
            let (ping, pinged) = sync_channel(1);
            let (pong, ponged) = sync_channel(1);
            let partner = thread::spawn(move || {
                placement.pin_server();
                for _ in 0..trips {
                    pinged.recv().unwrap();
                    pong.send(()).unwrap();
                }
            });
            for _ in 0..trips {
                ping.send(()).unwrap();
                ponged.recv().unwrap();
            }
            partner.join().unwrap();
        })
    }
}

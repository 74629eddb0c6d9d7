//! What does one notification between two tasks cost, without the scheduler's choices?
//!
//! **Workload.** Two tasks of a current-thread runtime in turn, each of which notifies the other and
//! waits: a round trip is two notifications and two turns. `ping_pong_tasks` is the same on several
//! workers.
//!
//! **What misleads.** Most of it is the wake-up and the switch of tasks; `tokio on selvedge` tells the
//! share of the primitive.

use std::sync::Arc;

use crate::row::{Course, Row};

const TRIPS: usize = 1000;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "notify_ping_pong",
            "round trip between two tasks of one thread",
        )
        .selvedge(on_selvedge::ping_pong)
        .tokio(on_tokio::ping_pong)
        .peer("tokio on selvedge", tokio_on_selvedge::ping_pong),
    ]
}

macro_rules! notify {
    ($name:ident, $executor:ident, $notify:ty) => {
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) fn ping_pong() -> Course {
                let runtime = current_thread();
                Course::timed(TRIPS, move |laps| {
                    runtime.block_on(async move {
                        rt::spawn(round_trips(laps * TRIPS as u64)).await.unwrap();
                    })
                })
            }

            async fn round_trips(trips: u64) {
                let (ping, pong) = (Arc::new(<$notify>::new()), Arc::new(<$notify>::new()));
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
        }
    };
}

notify!(on_selvedge, any_executor, rt::sync::Notify);
notify!(on_tokio, tokio_executor, rt::sync::Notify);
notify!(tokio_on_selvedge, any_executor, ::tokio::sync::Notify);

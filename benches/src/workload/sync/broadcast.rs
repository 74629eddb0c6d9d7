//! What does a message cost that eight tasks receive?
//!
//! **Workload.** One task sends 64 messages at a time and waits until eight others have received them
//! all; the channel holds 128, so nobody falls behind. An operation is one message at one receiver.
//!
//! **What misleads.** The messages are numbers, whose clone is free, and they come in bursts: the
//! receivers are woken once for many. `watch_8` is the row with one wake-up each. The broadcast channel
//! of `mea` 0.6.7 is missing: on two workers it reports a lag of 2⁶⁴ − 127 messages where there is none.

use std::hint::black_box;

use crate::countdown::Countdown;
use crate::row::{Course, Row};

const RECEIVERS: usize = 8;
const BURST: u64 = 64;
const CAPACITY: usize = 128;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall("broadcast_8", "message at one of 8 receivers")
            .selvedge(on_selvedge::bursts)
            .tokio(on_tokio::bursts)
            .peer("tokio on selvedge", tokio_on_selvedge::bursts),
    ]
}

macro_rules! broadcast {
    ($name:ident, $executor:ident, $channel:expr, |$sender:ident, $value:ident| $send:expr) => {
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) fn bursts() -> Course {
                let runtime = multi_thread();
                Course::timed(RECEIVERS * BURST as usize, move |laps| {
                    on_worker(&runtime, async move {
                        let ($sender, _) = $channel;
                        let seen = Countdown::new(RECEIVERS);
                        for _ in 0..RECEIVERS {
                            let (mut receiver, seen) = ($sender.subscribe(), seen.clone());
                            rt::spawn(async move {
                                for _ in 0..laps {
                                    for _ in 0..BURST {
                                        black_box(receiver.recv().await.unwrap());
                                    }
                                    seen.arrive();
                                }
                            });
                        }
                        for _ in 0..laps {
                            seen.restart(RECEIVERS);
                            for $value in 0..BURST {
                                $send;
                            }
                            seen.wait().await;
                        }
                    })
                })
            }
        }
    };
}

broadcast!(
    on_selvedge,
    any_executor,
    rt::sync::broadcast::channel(CAPACITY),
    |sender, value| sender.send(value).unwrap()
);
broadcast!(
    on_tokio,
    tokio_executor,
    rt::sync::broadcast::channel(CAPACITY),
    |sender, value| { sender.send(value).unwrap() }
);
broadcast!(
    tokio_on_selvedge,
    any_executor,
    ::tokio::sync::broadcast::channel(CAPACITY),
    |sender, value| sender.send(value).unwrap()
);

//! What does the life of a oneshot channel cost?
//!
//! **Workload.** One task creates the channel, sends and receives, without waiting in between: an
//! allocation, the few steps of the protocol, and the end of both halves.
//!
//! **What misleads.** Nobody waits; `ping_pong_spawn` is the row where somebody does. The allocation is
//! a large part of it, and here it always finds the block that was just freed.

use std::hint::black_box;

use crate::row::{Course, Row};

const CHANNELS: u64 = 1000;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall("oneshot", "create, send, receive in one task")
            .selvedge(on_selvedge::lives)
            .tokio(on_tokio::lives)
            .peer("tokio on selvedge", tokio_on_selvedge::lives)
            .peer("mea", on_mea::lives)
            .peer("crossfire", on_crossfire::lives),
    ]
}

macro_rules! oneshot {
    ($name:ident, $executor:ident, $channel:expr, |$sender:ident, $value:ident| $send:expr, |$receiver:ident| $receive:expr) => {
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) fn lives() -> Course {
                let runtime = multi_thread();
                Course::timed(CHANNELS as usize, move |laps| {
                    on_worker(&runtime, async move {
                        for $value in 0..laps * CHANNELS {
                            let ($sender, $receiver) = $channel;
                            $send;
                            black_box($receive);
                        }
                    })
                })
            }
        }
    };
}

oneshot!(
    on_selvedge,
    any_executor,
    rt::sync::oneshot::channel(),
    |sender, value| sender.send(black_box(value)).unwrap(),
    |receiver| receiver.await.unwrap()
);
oneshot!(
    on_tokio,
    tokio_executor,
    rt::sync::oneshot::channel(),
    |sender, value| sender.send(black_box(value)).unwrap(),
    |receiver| receiver.await.unwrap()
);
oneshot!(
    tokio_on_selvedge,
    any_executor,
    ::tokio::sync::oneshot::channel(),
    |sender, value| sender.send(black_box(value)).unwrap(),
    |receiver| receiver.await.unwrap()
);
oneshot!(
    on_mea,
    any_executor,
    mea::oneshot::channel(),
    |sender, value| sender.send(black_box(value)).unwrap(),
    |receiver| receiver.await.unwrap()
);
oneshot!(
    on_crossfire,
    any_executor,
    crossfire::oneshot::oneshot(),
    |sender, value| sender.send(black_box(value)),
    |receiver| receiver.await.unwrap()
);

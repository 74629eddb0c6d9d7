//! What does a message through a channel with one receiver cost?
//!
//! **Workload.** `mpsc_same_task`: one task sends and receives in turn, capacity 100.
//! `mpsc_cap1_P` and `mpsc_cap100_P`: P tasks send as fast as they can to one task, through a channel
//! for 1 and for 100 messages. `mpsc_unbounded_4`: 4 senders without a limit. A message is a `u64`;
//! the receiver is a task, too, and the senders are spawned anew for each run.
//!
//! **What misleads.** Whether sender and receiver share a worker decides more than the channel does,
//! and no placement is forced here: the wider the quartiles, the more it moved. `kanal` and `crossfire`
//! spin and yield the thread before a task suspends, which two free CPUs reward. With capacity 1 the
//! rows count wake-ups; without a limit, the memory that piles up. `crossfire`'s and `tachyonix`'s
//! are true single-consumer channels, those of `kanal`, `flume` and `async-channel` have many receivers,
//! of which one is used.

use std::hint::black_box;

use crate::row::{Course, Row};

const MESSAGES: u64 = 6400;

pub(super) fn rows() -> Vec<Row> {
    vec![
        bounded(
            Row::wall("mpsc_same_task", "send and receive, one task"),
            |of| of.same_task,
        ),
        bounded(
            Row::wall("mpsc_cap1_1", "message, capacity 1, one sender"),
            |of| of.narrow_1,
        ),
        bounded(
            Row::wall("mpsc_cap1_4", "message, capacity 1, 4 senders"),
            |of| of.narrow_4,
        ),
        bounded(
            Row::wall("mpsc_cap1_64", "message, capacity 1, 64 senders"),
            |of| of.narrow_64,
        ),
        bounded(
            Row::wall("mpsc_cap100_1", "message, capacity 100, one sender"),
            |of| of.wide_1,
        ),
        bounded(
            Row::wall("mpsc_cap100_4", "message, capacity 100, 4 senders"),
            |of| of.wide_4,
        ),
        bounded(
            Row::wall("mpsc_cap100_64", "message, capacity 100, 64 senders"),
            |of| of.wide_64,
        ),
        Row::wall("mpsc_unbounded_4", "message, no limit, 4 senders")
            .selvedge(unbounded_selvedge::flow::<4>)
            .tokio(unbounded_tokio::flow::<4>)
            .peer("tokio on selvedge", unbounded_tokio_on_selvedge::flow::<4>)
            .peer("mea", unbounded_mea::flow::<4>)
            .peer("kanal", unbounded_kanal::flow::<4>)
            .peer("flume", unbounded_flume::flow::<4>)
            .peer("crossfire", unbounded_crossfire::flow::<4>)
            .peer("async-channel", unbounded_async_channel::flow::<4>),
    ]
}

/// The courses of one crate.
struct Courses {
    same_task: fn() -> Course,
    narrow_1: fn() -> Course,
    narrow_4: fn() -> Course,
    narrow_64: fn() -> Course,
    wide_1: fn() -> Course,
    wide_4: fn() -> Course,
    wide_64: fn() -> Course,
}

fn bounded(row: Row, course: fn(Courses) -> fn() -> Course) -> Row {
    row.selvedge(course(on_selvedge::COURSES))
        .tokio(course(on_tokio::COURSES))
        .peer("tokio on selvedge", course(tokio_on_selvedge::COURSES))
        .peer("mea", course(on_mea::COURSES))
        .peer("kanal", course(on_kanal::COURSES))
        .peer("flume", course(on_flume::COURSES))
        .peer("crossfire", course(on_crossfire::COURSES))
        .peer("tachyonix", course(on_tachyonix::COURSES))
        .peer("async-channel", course(on_async_channel::COURSES))
}

macro_rules! bounded {
    (
        $name:ident, $executor:ident, |$capacity:ident| $channel:expr,
        |$sender:ident, $value:ident| $send:expr, |$receiver:ident| $receive:expr
    ) => {
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) const COURSES: Courses = Courses {
                same_task,
                narrow_1: flow::<1, 1>,
                narrow_4: flow::<1, 4>,
                narrow_64: flow::<1, 64>,
                wide_1: flow::<100, 1>,
                wide_4: flow::<100, 4>,
                wide_64: flow::<100, 64>,
            };

            fn same_task() -> Course {
                let runtime = multi_thread();
                Course::timed(MESSAGES as usize, move |laps| {
                    on_worker(&runtime, async move {
                        let $capacity = 100;
                        #[allow(unused_mut, reason = "not every receiver needs it")]
                        let ($sender, mut $receiver) = $channel;
                        for $value in 0..laps * MESSAGES {
                            $send;
                            black_box($receive);
                        }
                    })
                })
            }

            fn flow<const CAPACITY: usize, const SENDERS: u64>() -> Course {
                let runtime = multi_thread();
                Course::timed(MESSAGES as usize, move |laps| {
                    on_worker(&runtime, async move {
                        let $capacity = CAPACITY;
                        #[allow(unused_mut, reason = "not every receiver needs it")]
                        let (sender, mut $receiver) = $channel;
                        for _ in 0..SENDERS {
                            let $sender = sender.clone();
                            rt::spawn(async move {
                                for $value in 0..laps * (MESSAGES / SENDERS) {
                                    $send;
                                }
                            });
                        }
                        for _ in 0..laps * MESSAGES {
                            black_box($receive);
                        }
                    })
                })
            }
        }
    };
}

macro_rules! unbounded {
    (
        $name:ident, $executor:ident, $channel:expr,
        |$sender:ident, $value:ident| $send:expr, |$receiver:ident| $receive:expr
    ) => {
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) fn flow<const SENDERS: u64>() -> Course {
                let runtime = multi_thread();
                Course::timed(MESSAGES as usize, move |laps| {
                    on_worker(&runtime, async move {
                        #[allow(unused_mut, reason = "not every receiver needs it")]
                        let (sender, mut $receiver) = $channel;
                        for _ in 0..SENDERS {
                            let $sender = sender.clone();
                            rt::spawn(async move {
                                for $value in 0..laps * (MESSAGES / SENDERS) {
                                    $send;
                                }
                            });
                        }
                        for _ in 0..laps * MESSAGES {
                            black_box($receive);
                        }
                    })
                })
            }
        }
    };
}

bounded!(
    on_selvedge,
    any_executor,
    |capacity| rt::sync::mpsc::channel(capacity),
    |sender, value| sender.send(value).await.unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
bounded!(
    on_tokio,
    tokio_executor,
    |capacity| rt::sync::mpsc::channel(capacity),
    |sender, value| sender.send(value).await.unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
bounded!(
    tokio_on_selvedge,
    any_executor,
    |capacity| ::tokio::sync::mpsc::channel(capacity),
    |sender, value| sender.send(value).await.unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
bounded!(
    on_mea,
    any_executor,
    |capacity| mea::mpsc::bounded(capacity),
    |sender, value| sender.send(value).await.unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
bounded!(
    on_kanal,
    any_executor,
    |capacity| kanal::bounded_async(capacity),
    |sender, value| sender.send(value).await.unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
bounded!(
    on_flume,
    any_executor,
    |capacity| flume::bounded(capacity),
    |sender, value| sender.send_async(value).await.unwrap(),
    |receiver| receiver.recv_async().await.unwrap()
);
bounded!(
    on_crossfire,
    any_executor,
    |capacity| crossfire::mpsc::bounded_async::<u64>(capacity),
    |sender, value| sender.send(value).await.unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
bounded!(
    on_tachyonix,
    any_executor,
    |capacity| tachyonix::channel(capacity),
    |sender, value| sender.send(value).await.unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
bounded!(
    on_async_channel,
    any_executor,
    |capacity| async_channel::bounded(capacity),
    |sender, value| sender.send(value).await.unwrap(),
    |receiver| receiver.recv().await.unwrap()
);

unbounded!(
    unbounded_selvedge,
    any_executor,
    rt::sync::mpsc::unbounded_channel(),
    |sender, value| sender.send(value).unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
unbounded!(
    unbounded_tokio,
    tokio_executor,
    rt::sync::mpsc::unbounded_channel(),
    |sender, value| sender.send(value).unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
unbounded!(
    unbounded_tokio_on_selvedge,
    any_executor,
    ::tokio::sync::mpsc::unbounded_channel(),
    |sender, value| sender.send(value).unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
unbounded!(
    unbounded_mea,
    any_executor,
    mea::mpsc::unbounded(),
    |sender, value| sender.send(value).unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
unbounded!(
    unbounded_kanal,
    any_executor,
    kanal::unbounded_async(),
    |sender, value| sender.send(value).await.unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
unbounded!(
    unbounded_flume,
    any_executor,
    flume::unbounded(),
    |sender, value| sender.send(value).unwrap(),
    |receiver| receiver.recv_async().await.unwrap()
);
unbounded!(
    unbounded_crossfire,
    any_executor,
    crossfire::mpsc::unbounded_async::<u64>(),
    |sender, value| sender.send(value).unwrap(),
    |receiver| receiver.recv().await.unwrap()
);
unbounded!(
    unbounded_async_channel,
    any_executor,
    async_channel::unbounded(),
    |sender, value| sender.try_send(value).unwrap(),
    |receiver| receiver.recv().await.unwrap()
);

//! What does a message between plain threads cost, with the blocking calls of async channels?
//!
//! **Workload.** `mpsc_threads_1` and `mpsc_threads_4`: so many threads send as fast as they can to one
//! thread through a channel for 100 messages; outside any runtime.
//!
//! **What misleads.** A row about how threads are put to sleep and woken, and about who spins first:
//! the channels of `std` and `crossbeam` do. Starting the threads is part of it.

use std::hint::black_box;
use std::thread;

use crate::row::{Course, Row};

const MESSAGES: u64 = 6400;
const CAPACITY: usize = 100;

pub(super) fn rows() -> Vec<Row> {
    vec![
        every(
            Row::wall("mpsc_threads_1", "message, capacity 100, one thread sends"),
            |of| of.one,
        ),
        every(
            Row::wall("mpsc_threads_4", "message, capacity 100, 4 threads send"),
            |of| of.four,
        ),
    ]
}

/// The courses of one crate.
struct Courses {
    one: fn() -> Course,
    four: fn() -> Course,
}

fn every(row: Row, course: fn(Courses) -> fn() -> Course) -> Row {
    row.selvedge(course(on_selvedge::COURSES))
        .tokio(course(on_tokio::COURSES))
        .peer("kanal", course(on_kanal::COURSES))
        .peer("flume", course(on_flume::COURSES))
        .peer("crossfire", course(on_crossfire::COURSES))
        .peer("async-channel", course(on_async_channel::COURSES))
        .std(course(on_std::COURSES))
        .yardstick("crossbeam", course(on_crossbeam::COURSES))
}

macro_rules! channel {
    (
        $name:ident, $channel:expr,
        |$sender:ident, $value:ident| $send:expr, |$receiver:ident| $receive:expr
    ) => {
        mod $name {
            use super::*;

            pub(super) const COURSES: Courses = Courses {
                one: flow::<1>,
                four: flow::<4>,
            };

            fn flow<const SENDERS: u64>() -> Course {
                Course::timed(MESSAGES as usize, move |laps| {
                    #[allow(unused_mut, reason = "not every receiver needs it")]
                    let (sender, mut $receiver) = $channel;
                    thread::scope(|scope| {
                        for _ in 0..SENDERS {
                            let $sender = sender.clone();
                            scope.spawn(move || {
                                for $value in 0..laps * (MESSAGES / SENDERS) {
                                    $send.unwrap();
                                }
                            });
                        }
                        for _ in 0..laps * MESSAGES {
                            black_box($receive.unwrap());
                        }
                    });
                })
            }
        }
    };
}

channel!(
    on_selvedge,
    crate::runtimes::subject::sync::mpsc::channel(CAPACITY),
    |sender, value| sender.blocking_send(value),
    |receiver| receiver.blocking_recv()
);
channel!(
    on_tokio,
    tokio::sync::mpsc::channel(CAPACITY),
    |sender, value| sender.blocking_send(value),
    |receiver| receiver.blocking_recv()
);
channel!(
    on_kanal,
    kanal::bounded(CAPACITY),
    |sender, value| sender.send(value),
    |receiver| receiver.recv()
);
channel!(
    on_flume,
    flume::bounded(CAPACITY),
    |sender, value| sender.send(value),
    |receiver| receiver.recv()
);
channel!(
    on_crossfire,
    crossfire::mpsc::bounded_blocking::<u64>(CAPACITY),
    |sender, value| sender.send(value),
    |receiver| receiver.recv()
);
channel!(
    on_async_channel,
    async_channel::bounded(CAPACITY),
    |sender, value| sender.send_blocking(value),
    |receiver| receiver.recv_blocking()
);
channel!(
    on_std,
    std::sync::mpsc::sync_channel(CAPACITY),
    |sender, value| sender.send(value),
    |receiver| receiver.recv()
);
channel!(
    on_crossbeam,
    crossbeam_channel::bounded(CAPACITY),
    |sender, value| sender.send(value),
    |receiver| receiver.recv()
);

//! What does an async mutex cost threads that block on it?
//!
//! **Workload.** 2 and 64 plain threads, outside any runtime, each of which takes the lock with the
//! blocking call, adds one to the number in it and lets go, 6400 times in all.
//!
//! **What misleads.** Starting the threads is part of it; a run has many laps to hide that. The lock
//! is held for a nanosecond: a thread that has it takes it many times before another CPU asks. A lock
//! that goes to who waits longest changes threads each time and wakes one for it; that is what
//! fairness costs threads, and the thread locks of `std` and `parking_lot` do not offer it.

use std::sync::Arc;
use std::thread;

use crate::row::{Course, Row};

const SECTIONS: usize = 6400;

pub(super) fn rows() -> Vec<Row> {
    vec![
        every(
            Row::wall("mutex_threads_2", "blocking lock and unlock, 2 threads"),
            |of| of.two,
        ),
        every(
            Row::wall("mutex_threads_64", "blocking lock and unlock, 64 threads"),
            |of| of.many,
        ),
    ]
}

/// The courses of one crate.
struct Courses {
    two: fn() -> Course,
    many: fn() -> Course,
}

fn every(row: Row, course: fn(Courses) -> fn() -> Course) -> Row {
    row.selvedge(course(on_selvedge::COURSES))
        .tokio(course(on_tokio::COURSES))
        .peer("async-lock", course(on_async_lock::COURSES))
        .peer("saa", course(on_saa::COURSES))
        .std(course(on_std::COURSES))
        .yardstick("parking_lot", course(on_parking_lot::COURSES))
}

macro_rules! mutex {
    ($name:ident, $mutex:ty, |$shared:ident| $lock:expr) => {
        mod $name {
            use super::*;

            pub(super) const COURSES: Courses = Courses {
                two: contended::<2>,
                many: contended::<64>,
            };

            fn sections($shared: &$mutex, times: u64) {
                for _ in 0..times {
                    *$lock += 1;
                }
            }

            fn contended<const THREADS: usize>() -> Course {
                Course::timed(SECTIONS, move |laps| {
                    let mutex = Arc::new(<$mutex>::new(0));
                    let share = laps * (SECTIONS / THREADS) as u64;
                    thread::scope(|scope| {
                        for _ in 0..THREADS {
                            scope.spawn(|| sections(&mutex, share));
                        }
                    });
                })
            }
        }
    };
}

mutex!(
    on_selvedge,
    crate::runtimes::subject::sync::Mutex<u64>,
    |mutex| mutex.blocking_lock()
);
mutex!(on_tokio, tokio::sync::Mutex<u64>, |mutex| mutex
    .blocking_lock());
mutex!(on_async_lock, async_lock::Mutex<u64>, |mutex| mutex
    .lock_blocking());
mutex!(on_saa, saa::Mutex<u64>, |mutex| mutex.lock());
mutex!(on_std, std::sync::Mutex<u64>, |mutex| mutex.lock().unwrap());
mutex!(on_parking_lot, parking_lot::Mutex<u64>, |mutex| mutex
    .lock());

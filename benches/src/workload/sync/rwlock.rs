//! What does a read-write lock cost readers, and what do rare writers change?
//!
//! **Workload.** `rwlock_read`: one task takes the lock to read, looks at the number in it and lets
//! go. `rwlock_read_64`: 64 tasks do. `rwlock_99_64`: of a hundred times, 64 tasks read 99 times and
//! write once. Nobody awaits while holding the lock.
//!
//! **What misleads.** Readers share one word, so that what counts with many is the traffic of its
//! cache line; two CPUs show the beginning of that. Who is preferred (readers, writers, who comes
//! first) decides how often a reader waits, and no two of these locks agree on it.

use std::hint::black_box;
use std::sync::Arc;

use crate::row::{Course, Row};

const SECTIONS: usize = 6400;
/// One section of so many writes.
const WRITE_ONE_IN: u64 = 100;

pub(super) fn rows() -> Vec<Row> {
    vec![
        every(
            Row::wall("rwlock_read", "read lock and unlock, one task"),
            |of| of.uncontended,
        )
        .peer("saa", on_saa::COURSES.uncontended),
        every(
            Row::wall("rwlock_read_64", "read lock and unlock, 64 tasks"),
            |of| of.readers,
        ),
        every(
            Row::wall("rwlock_99_64", "lock and unlock, 99 % to read, 64 tasks"),
            |of| of.mixed,
        ),
    ]
}

/// The courses of one crate.
struct Courses {
    uncontended: fn() -> Course,
    readers: fn() -> Course,
    mixed: fn() -> Course,
}

fn every(row: Row, course: fn(Courses) -> fn() -> Course) -> Row {
    row.selvedge(course(on_selvedge::COURSES))
        .tokio(course(on_tokio::COURSES))
        .peer("tokio on selvedge", course(tokio_on_selvedge::COURSES))
        .peer("async-lock", course(on_async_lock::COURSES))
        .peer("mea", course(on_mea::COURSES))
}

macro_rules! rwlock {
    ($name:ident, $executor:ident, $lock:ty, |$shared:ident| $read:expr, $write:expr) => {
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) const COURSES: Courses = Courses {
                uncontended,
                readers: many::<false>,
                mixed: many::<true>,
            };

            async fn sections<const WRITES: bool>($shared: &$lock, times: u64) {
                for section in 0..times {
                    if WRITES && section % WRITE_ONE_IN == 0 {
                        *$write += 1;
                    } else {
                        black_box(*$read);
                    }
                }
            }

            fn uncontended() -> Course {
                let runtime = multi_thread();
                Course::timed(SECTIONS, move |laps| {
                    on_worker(&runtime, async move {
                        let lock = <$lock>::new(0);
                        sections::<false>(&lock, laps * SECTIONS as u64).await;
                    })
                })
            }

            fn many<const WRITES: bool>() -> Course {
                const TASKS: usize = 64;
                let runtime = multi_thread();
                Course::timed(SECTIONS, move |laps| {
                    on_worker(&runtime, async move {
                        let lock = Arc::new(<$lock>::new(0));
                        let share = laps * (SECTIONS / TASKS) as u64;
                        let task = |_| {
                            let lock = lock.clone();
                            rt::spawn(async move { sections::<WRITES>(&lock, share).await })
                        };
                        let tasks: Vec<_> = (0..TASKS).map(task).collect();
                        for task in tasks {
                            task.await.unwrap();
                        }
                    })
                })
            }
        }
    };
}

rwlock!(
    on_selvedge,
    any_executor,
    rt::sync::RwLock<u64>,
    |lock| lock.read().await,
    lock.write().await
);
rwlock!(
    on_tokio,
    tokio_executor,
    ::tokio::sync::RwLock<u64>,
    |lock| lock.read().await,
    lock.write().await
);
rwlock!(
    tokio_on_selvedge,
    any_executor,
    ::tokio::sync::RwLock<u64>,
    |lock| lock.read().await,
    lock.write().await
);
rwlock!(
    on_async_lock,
    any_executor,
    async_lock::RwLock<u64>,
    |lock| lock.read().await,
    lock.write().await
);
rwlock!(
    on_mea,
    any_executor,
    mea::rwlock::RwLock<u64>,
    |lock| lock.read().await,
    lock.write().await
);
rwlock!(
    on_saa,
    any_executor,
    saa::RwLock<u64>,
    |lock| saa::read_async(lock).await,
    saa::write_async(lock).await
);

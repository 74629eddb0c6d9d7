//! What does a mutex cost, free, fought over, and held over an await?
//!
//! **Workload.** Each task takes the lock, adds one to the number in it and lets go.
//! `mutex_uncontended`: one task. `mutex_2` and `mutex_64`: so many tasks on two workers.
//! `mutex_held_2` and `mutex_held_64`: the same, but the holder yields before it lets go, so that
//! everybody else finds the lock taken and has to wait for it.
//!
//! **What misleads.** Without the yield the lock is held for a nanosecond, and a waiter that spins
//! that long never suspends; with two workers a lock that favours the worker which has it is never
//! fought over at all. `async-lock` lets newcomers overtake, `tokio` and `mea` do not. With the
//! yield, an operation is a turn of the scheduler above all.

use std::sync::Arc;

use crate::row::{Course, Row};

const SECTIONS: usize = 6400;

pub(super) fn rows() -> Vec<Row> {
    vec![
        every(
            Row::wall("mutex_uncontended", "lock and unlock, one task"),
            |of| of.uncontended,
        )
        .peer("saa", on_saa::COURSES.uncontended),
        every(Row::wall("mutex_2", "lock and unlock, 2 tasks"), |of| {
            of.two
        }),
        every(Row::wall("mutex_64", "lock and unlock, 64 tasks"), |of| {
            of.many
        }),
        every(
            Row::wall("mutex_held_2", "lock, yield and unlock, 2 tasks"),
            |of| of.two_held,
        ),
        every(
            Row::wall("mutex_held_64", "lock, yield and unlock, 64 tasks"),
            |of| of.many_held,
        ),
    ]
}

/// The courses of one crate.
struct Courses {
    uncontended: fn() -> Course,
    two: fn() -> Course,
    many: fn() -> Course,
    two_held: fn() -> Course,
    many_held: fn() -> Course,
}

fn every(row: Row, course: fn(Courses) -> fn() -> Course) -> Row {
    row.selvedge(course(on_selvedge::COURSES))
        .tokio(course(on_tokio::COURSES))
        .peer("tokio on selvedge", course(tokio_on_selvedge::COURSES))
        .peer("async-lock", course(on_async_lock::COURSES))
        .peer("mea", course(on_mea::COURSES))
}

macro_rules! mutex {
    ($name:ident, $executor:ident, $mutex:ty, |$shared:ident| $lock:expr) => {
        #[allow(
            clippy::await_holding_lock,
            reason = "the lint takes the guard of `saa` for one of a thread"
        )]
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) const COURSES: Courses = Courses {
                uncontended,
                two: contended::<2, false>,
                many: contended::<64, false>,
                two_held: contended::<2, true>,
                many_held: contended::<64, true>,
            };

            async fn sections<const HELD: bool>($shared: &$mutex, times: u64) {
                for _ in 0..times {
                    let mut guard = $lock;
                    *guard += 1;
                    if HELD {
                        rt::task::yield_now().await;
                    }
                }
            }

            fn uncontended() -> Course {
                let runtime = multi_thread();
                Course::timed(SECTIONS, move |laps| {
                    on_worker(&runtime, async move {
                        let mutex = <$mutex>::new(0);
                        sections::<false>(&mutex, laps * SECTIONS as u64).await;
                    })
                })
            }

            fn contended<const TASKS: usize, const HELD: bool>() -> Course {
                let runtime = multi_thread();
                Course::timed(SECTIONS, move |laps| {
                    on_worker(&runtime, async move {
                        let mutex = Arc::new(<$mutex>::new(0));
                        let share = laps * (SECTIONS / TASKS) as u64;
                        let task = |_| {
                            let mutex = mutex.clone();
                            rt::spawn(async move { sections::<HELD>(&mutex, share).await })
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

mutex!(on_selvedge, any_executor, rt::sync::Mutex<u64>, |mutex| {
    mutex.lock().await
});
mutex!(
    on_tokio,
    tokio_executor,
    ::tokio::sync::Mutex<u64>,
    |mutex| mutex.lock().await
);
mutex!(
    tokio_on_selvedge,
    any_executor,
    ::tokio::sync::Mutex<u64>,
    |mutex| mutex.lock().await
);
mutex!(
    on_async_lock,
    any_executor,
    async_lock::Mutex<u64>,
    |mutex| mutex.lock().await
);
mutex!(on_mea, any_executor, mea::mutex::Mutex<u64>, |mutex| mutex
    .lock()
    .await);
mutex!(on_saa, any_executor, saa::Mutex<u64>, |mutex| {
    saa::lock_async(mutex).await
});

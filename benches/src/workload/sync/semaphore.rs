//! What does a permit cost when there is one, and when sixteen want each?
//!
//! **Workload.** `semaphore_uncontended`: one task takes a permit of several and gives it back.
//! `semaphore_64`: 64 tasks share 4 permits, and each yields with its permit in hand, so that most
//! have to wait.
//!
//! **What misleads.** `semaphore_64` is made of turns of the scheduler above all: a semaphore that
//! hands its permits on in order makes every operation two of them, one that lets newcomers overtake
//! makes do with fewer.

use std::sync::Arc;

use crate::row::{Course, Row};

const PERMITS: u64 = 6400;

pub(super) fn rows() -> Vec<Row> {
    vec![
        every(
            Row::wall("semaphore_uncontended", "acquire and release, one task"),
            |of| of.uncontended,
        )
        .peer("saa", on_saa::COURSES.uncontended),
        every(
            Row::wall(
                "semaphore_64",
                "acquire, yield and release, 64 tasks, 4 permits",
            ),
            |of| of.contended,
        ),
    ]
}

/// The courses of one crate.
struct Courses {
    uncontended: fn() -> Course,
    contended: fn() -> Course,
}

fn every(row: Row, course: fn(Courses) -> fn() -> Course) -> Row {
    row.selvedge(course(on_selvedge::COURSES))
        .tokio(course(on_tokio::COURSES))
        .peer("tokio on selvedge", course(tokio_on_selvedge::COURSES))
        .peer("async-lock", course(on_async_lock::COURSES))
        .peer("mea", course(on_mea::COURSES))
}

macro_rules! semaphore {
    ($name:ident, $executor:ident, $new:expr, |$shared:ident| $acquire:expr) => {
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) const COURSES: Courses = Courses {
                uncontended,
                contended,
            };

            fn uncontended() -> Course {
                let runtime = multi_thread();
                Course::timed(PERMITS as usize, move |laps| {
                    on_worker(&runtime, async move {
                        let semaphore = $new;
                        let $shared = &semaphore;
                        for _ in 0..laps * PERMITS {
                            let _permit = $acquire;
                        }
                    })
                })
            }

            fn contended() -> Course {
                const TASKS: u64 = 64;
                let runtime = multi_thread();
                Course::timed(PERMITS as usize, move |laps| {
                    on_worker(&runtime, async move {
                        let semaphore = Arc::new($new);
                        let task = |_| {
                            let semaphore = semaphore.clone();
                            rt::spawn(async move {
                                let $shared = &*semaphore;
                                for _ in 0..laps * (PERMITS / TASKS) {
                                    let _permit = $acquire;
                                    rt::task::yield_now().await;
                                }
                            })
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

semaphore!(
    on_selvedge,
    any_executor,
    rt::sync::Semaphore::new(4),
    |semaphore| { semaphore.acquire().await.unwrap() }
);
semaphore!(
    on_tokio,
    tokio_executor,
    rt::sync::Semaphore::new(4),
    |semaphore| { semaphore.acquire().await.unwrap() }
);
semaphore!(
    tokio_on_selvedge,
    any_executor,
    ::tokio::sync::Semaphore::new(4),
    |semaphore| { semaphore.acquire().await.unwrap() }
);
semaphore!(
    on_async_lock,
    any_executor,
    async_lock::Semaphore::new(4),
    |semaphore| { semaphore.acquire().await }
);
semaphore!(
    on_mea,
    any_executor,
    mea::semaphore::Semaphore::new(4),
    |semaphore| { semaphore.acquire(1).await }
);
semaphore!(
    on_saa,
    any_executor,
    saa::Semaphore::with_permits(4),
    |semaphore| { SaaPermit::acquire(semaphore).await }
);

/// The guard that `saa` leaves to its users.
struct SaaPermit<'a>(&'a saa::Semaphore);

impl SaaPermit<'_> {
    async fn acquire(semaphore: &saa::Semaphore) -> SaaPermit<'_> {
        semaphore.acquire_async().await;
        SaaPermit(semaphore)
    }
}

impl Drop for SaaPermit<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

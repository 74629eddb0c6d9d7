//! What it costs to take a lock that others want too.

use std::io;
use std::sync::Arc;

use selvedge::sync::Mutex;
use selvedge::task::yield_now;

use super::crew::{self, BATCH};
use super::sample::Sample;
use super::{Load, Side};

/// How many want the lock.
const CONTENDERS: usize = 8;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => {
            let lock = Arc::new(Mutex::new(0_u64));
            let waiting = crew::of_tasks(load, "each", CONTENDERS, move |_, until| {
                let lock = lock.clone();
                async move {
                    let mut done = 0;
                    while !until.over() {
                        for _ in 0..BATCH {
                            *lock.lock().await += 1;
                        }
                        done += BATCH;
                    }
                    done
                }
            })?;
            let lock = Arc::new(std::sync::Mutex::new(0_u64));
            let blocking = crew::of_tasks(load, "std", CONTENDERS, move |_, until| {
                let lock = lock.clone();
                async move {
                    let mut done = 0;
                    while !until.over() {
                        for _ in 0..BATCH {
                            *lock.lock().unwrap_or_else(|e| e.into_inner()) += 1;
                        }
                        done += BATCH;
                        yield_now().await;
                    }
                    done
                }
            })?;
            Ok(waiting.and(blocking))
        }
        Side::Threads => {
            let lock = std::sync::Mutex::new(0_u64);
            let std = crew::of_threads(load, "each", CONTENDERS, move |_, until| {
                let mut done = 0;
                while !until.over() {
                    for _ in 0..BATCH {
                        *lock.lock().unwrap_or_else(|e| e.into_inner()) += 1;
                    }
                    done += BATCH;
                }
                done
            })?;
            let lock = parking_lot::Mutex::new(0_u64);
            let parking_lot =
                crew::of_threads(load, "parking_lot", CONTENDERS, move |_, until| {
                    let mut done = 0;
                    while !until.over() {
                        for _ in 0..BATCH {
                            *lock.lock() += 1;
                        }
                        done += BATCH;
                    }
                    done
                })?;
            Ok(std.and(parking_lot))
        }
    }
}

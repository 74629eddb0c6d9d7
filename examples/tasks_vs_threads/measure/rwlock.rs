//! What it costs to read a value that is now and then written.

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use selvedge::sync::RwLock;

use super::crew::{self, BATCH};
use super::sample::Sample;
use super::{Load, Side};

/// How many use the value.
const USERS: usize = 8;
/// One operation in so many is a write.
const READS_PER_WRITE: u64 = 16;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => {
            let value = Arc::new(RwLock::new(0_u64));
            crew::of_tasks(load, "each", USERS, move |_, until| {
                let value = value.clone();
                async move {
                    let mut done = 0;
                    while !until.over() {
                        for turn in 0..BATCH {
                            if turn % READS_PER_WRITE == 0 {
                                *value.write().await += 1;
                            } else {
                                black_box(*value.read().await);
                            }
                        }
                        done += BATCH;
                    }
                    done
                }
            })
        }
        Side::Threads => {
            let value = std::sync::RwLock::new(0_u64);
            let std = crew::of_threads(load, "each", USERS, move |_, until| {
                let mut done = 0;
                while !until.over() {
                    for turn in 0..BATCH {
                        if turn % READS_PER_WRITE == 0 {
                            *value.write().unwrap_or_else(|e| e.into_inner()) += 1;
                        } else {
                            black_box(*value.read().unwrap_or_else(|e| e.into_inner()));
                        }
                    }
                    done += BATCH;
                }
                done
            })?;
            let value = parking_lot::RwLock::new(0_u64);
            let parking_lot = crew::of_threads(load, "parking_lot", USERS, move |_, until| {
                let mut done = 0;
                while !until.over() {
                    for turn in 0..BATCH {
                        if turn % READS_PER_WRITE == 0 {
                            *value.write() += 1;
                        } else {
                            black_box(*value.read());
                        }
                    }
                    done += BATCH;
                }
                done
            })?;
            Ok(std.and(parking_lot))
        }
    }
}

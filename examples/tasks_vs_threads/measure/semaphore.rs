//! What it costs to share three connections among ten jobs.

use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use selvedge::sync::Semaphore;
use selvedge::task::yield_now;

use super::crew::{self, BATCH};
use super::sample::Sample;
use super::{Load, Side};

const JOBS: usize = 10;
const CONNECTIONS: usize = 3;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => {
            let free = Arc::new(Semaphore::new(CONNECTIONS));
            crew::of_tasks(load, "each", JOBS, move |_, until| {
                let free = free.clone();
                async move {
                    let mut done = 0;
                    while !until.over() {
                        for _ in 0..BATCH {
                            // Nobody closes the semaphore.
                            let connection = free.acquire().await;
                            yield_now().await;
                            done += u64::from(connection.is_ok());
                        }
                    }
                    done
                }
            })
        }
        Side::Threads => {
            let free = Permits::new(CONNECTIONS);
            crew::of_threads(load, "each", JOBS, move |_, until| {
                let mut done = 0;
                while !until.over() {
                    for _ in 0..BATCH {
                        free.acquire();
                        thread::yield_now();
                        free.release();
                    }
                    done += BATCH;
                }
                done
            })
        }
    }
}

/// A semaphore of what std has.
struct Permits {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Permits {
    fn new(count: usize) -> Permits {
        Permits {
            free: Mutex::new(count),
            freed: Condvar::new(),
        }
    }

    /// Waits for a permit. It is woken: by `release`, which adds one under the lock.
    fn acquire(&self) {
        let free = self.free.lock().unwrap_or_else(|e| e.into_inner());
        let mut free = self
            .freed
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(|e| e.into_inner());
        *free -= 1;
    }

    fn release(&self) {
        *self.free.lock().unwrap_or_else(|e| e.into_inner()) += 1;
        self.freed.notify_one();
    }
}

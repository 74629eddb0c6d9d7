//! What it costs to add to shared numbers: behind one lock, behind many, and in atomics.

use std::io;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use selvedge::sync::Mutex;
use selvedge::task::yield_now;

use super::crew::{self, BATCH};
use super::sample::Sample;
use super::{Load, Side};

/// How many numbers there are.
const NUMBERS: usize = 64;

/// A number that shares no cache line with its neighbours.
#[derive(Default)]
#[repr(align(128))]
struct Padded<T>(T);

fn stripes<T: Default>(count: usize) -> Arc<Vec<Padded<T>>> {
    Arc::new(iter::repeat_with(Padded::default).take(count).collect())
}

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    let many = match side {
        Side::Tasks => task_locks,
        Side::Threads => thread_locks,
    };
    let one_lock = many(load, "lock", 1)?;
    let striped = many(load, "stripes", NUMBERS)?;
    let atomics = match side {
        Side::Tasks => task_atomics(load),
        Side::Threads => thread_atomics(load),
    };
    Ok(one_lock.and(striped).and(atomics?))
}

/// Contender `number` adds to a number that wanders, so that all meet everywhere.
fn place(number: usize, turn: u64, count: usize) -> usize {
    (number.wrapping_mul(7) + turn as usize) % count
}

fn task_locks(load: &Load, name: &str, count: usize) -> io::Result<Sample> {
    let numbers = stripes::<Mutex<u64>>(count);
    crew::of_tasks(load, name, load.contenders, move |number, until| {
        let numbers = numbers.clone();
        async move {
            let mut done = 0;
            while !until.over() {
                for turn in 0..BATCH {
                    *numbers[place(number, turn, count)].0.lock().await += 1;
                }
                done += BATCH;
                yield_now().await;
            }
            done
        }
    })
}

fn thread_locks(load: &Load, name: &str, count: usize) -> io::Result<Sample> {
    let numbers = stripes::<std::sync::Mutex<u64>>(count);
    crew::of_threads(load, name, load.contenders, move |number, until| {
        let mut done = 0;
        while !until.over() {
            for turn in 0..BATCH {
                let lock = &numbers[place(number, turn, count)].0;
                *lock.lock().unwrap_or_else(|e| e.into_inner()) += 1;
            }
            done += BATCH;
        }
        done
    })
}

fn task_atomics(load: &Load) -> io::Result<Sample> {
    let numbers = stripes::<AtomicU64>(NUMBERS);
    crew::of_tasks(load, "atomics", load.contenders, move |number, until| {
        let numbers = numbers.clone();
        async move {
            let mut done = 0;
            while !until.over() {
                for turn in 0..BATCH {
                    // Ordering: Relaxed; it counts and publishes nothing.
                    let atomic = &numbers[place(number, turn, NUMBERS)].0;
                    atomic.fetch_add(1, Ordering::Relaxed);
                }
                done += BATCH;
                yield_now().await;
            }
            done
        }
    })
}

fn thread_atomics(load: &Load) -> io::Result<Sample> {
    let numbers = stripes::<AtomicU64>(NUMBERS);
    crew::of_threads(load, "atomics", load.contenders, move |number, until| {
        let mut done = 0;
        while !until.over() {
            for turn in 0..BATCH {
                // Ordering: Relaxed; it counts and publishes nothing.
                let atomic = &numbers[place(number, turn, NUMBERS)].0;
                atomic.fetch_add(1, Ordering::Relaxed);
            }
            done += BATCH;
        }
        done
    })
}

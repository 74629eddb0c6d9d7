//! How much memory does a task hold while it waits?
//!
//! **Workload.** 200 000 detached tasks that wait for ever, in a child process of this binary. An
//! idle task holds the smallest future there is, of no size; a sleeping task sleeps for an hour. Each
//! has been polled once before the reading. The figure is what the resident set grew by, as
//! `/proc/self/smaps_rollup` has it, divided by the number of tasks.
//!
//! **What misleads.** The resident set counts what the allocator took from the system, hence its
//! rounding and its slack, and queues that grew while the tasks were spawned; that is what a user
//! pays. It does not show what a counting allocator would: the sum of the sizes asked for. The future
//! of a sleeping task holds the `Sleep` itself. Threads are counted by a few hundred, and only for
//! the part of their stacks that they have touched. Linux only.

use std::pin::Pin;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const TASKS: usize = 200_000;
/// Spawned before the first reading, so that what is paid once is not counted.
const WARM_UP: usize = 2_000;
/// Spawned at once; then all of them are polled before more are spawned.
const CHUNK: usize = 1_000;
const THREADS: usize = 400;
const HOUR: Duration = Duration::from_secs(3600);

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::gauge(
            "memory_idle",
            "an idle task with the smallest future",
            "bytes/task",
        )
        .selvedge(|| in_child("selvedge", "idle"))
        .tokio(|| in_child("tokio", "idle"))
        .smol(|| in_child("smol", "idle"))
        .std(|| in_child("std", "idle")),
        Row::gauge("memory_sleeping", "a task that sleeps", "bytes/task")
            .selvedge(|| in_child("selvedge", "sleeping"))
            .tokio(|| in_child("tokio", "sleeping"))
            .smol(|| in_child("smol", "sleeping")),
    ]
}

/// Measures in a process of its own, which no other workload has touched.
fn in_child(entrant: &'static str, what: &'static str) -> Course {
    Course::gauge(move || {
        let binary = std::env::current_exe().expect("the system knows this binary");
        let output = Command::new(binary)
            .args(["--memory-child", entrant, what])
            .output()
            .expect("this binary can be started again");
        let text = String::from_utf8_lossy(&output.stdout);
        match text.trim().parse() {
            Ok(bytes) if output.status.success() => bytes,
            _ => panic!(
                "{entrant} {what}: {}",
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    })
}

/// The child's side: bytes for each waiting task.
///
/// # Panics
///
/// If there is no such measurement, or off Linux.
pub fn child(entrant: &str, what: &str) -> f64 {
    match (entrant, what) {
        ("selvedge", "idle") => on_selvedge::idle(),
        ("selvedge", "sleeping") => on_selvedge::sleeping(),
        ("tokio", "idle") => on_tokio::idle(),
        ("tokio", "sleeping") => on_tokio::sleeping(),
        ("smol", "idle") => on_smol::idle(),
        ("smol", "sleeping") => on_smol::sleeping(),
        ("std", "idle") => growth(THREADS / 4, THREADS, || {
            thread::spawn(|| {
                count_poll();
                thread::sleep(HOUR);
            });
        }),
        _ => panic!("no such measurement: {entrant} {what}"),
    }
}

/// How many tasks have been polled.
static POLLED: AtomicUsize = AtomicUsize::new(0);

fn count_poll() {
    // Ordering: Relaxed; only the number counts.
    POLLED.fetch_add(1, Ordering::Relaxed);
}

/// Waits for ever; the smallest future that can tell it has been polled.
struct Idle;

impl Future for Idle {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        count_poll();
        Poll::Pending
    }
}

/// Growth of the resident set for each of `count` calls of `spawn`.
fn growth(warm_up: usize, count: usize, mut spawn: impl FnMut()) -> f64 {
    let mut spawned = 0;
    let mut spawn_up_to = |target: usize| {
        while spawned < target {
            let chunk = CHUNK.min(target - spawned);
            (0..chunk).for_each(|_| spawn());
            spawned += chunk;
            // Ordering: Relaxed; only the number counts.
            while POLLED.load(Ordering::Relaxed) < spawned {
                thread::yield_now();
            }
        }
    };
    spawn_up_to(warm_up);
    let before = resident_bytes();
    spawn_up_to(warm_up + count);
    resident_bytes().saturating_sub(before) as f64 / count as f64
}

fn resident_bytes() -> u64 {
    let path = "/proc/self/smaps_rollup";
    let text = std::fs::read_to_string(path).expect("the resident set is read the way of Linux");
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    1024 * kilobytes
        .and_then(|number| number.parse::<u64>().ok())
        .expect("Rss: <number> kB")
}

on_both! {
    pub(super) fn idle() -> f64 {
        let runtime = multi_thread();
        growth(WARM_UP, TASKS, || drop(runtime.spawn(Idle)))
    }

    pub(super) fn sleeping() -> f64 {
        let runtime = multi_thread();
        growth(WARM_UP, TASKS, || {
            drop(runtime.spawn(async {
                count_poll();
                rt::time::sleep(HOUR).await;
            }));
        })
    }
}

mod on_smol {
    use smol::Timer;

    use super::*;

    pub(super) fn idle() -> f64 {
        let pool = SmolPool::start();
        growth(WARM_UP, TASKS, || pool.executor().spawn(Idle).detach())
    }

    pub(super) fn sleeping() -> f64 {
        let pool = SmolPool::start();
        growth(WARM_UP, TASKS, || {
            let sleeper = pool.executor().spawn(async {
                count_poll();
                Timer::after(HOUR).await;
            });
            sleeper.detach();
        })
    }
}

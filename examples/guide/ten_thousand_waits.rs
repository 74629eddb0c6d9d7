//! Ten thousand waits: at once with a task for each, and in rounds with as many threads as one can have.
//!
//! *Shows*: 10 000 waits of 50 ms, each in a task of its own; the same with 500 threads, which have to wait twenty
//! times each; and how many threads the process had meanwhile.
//!
//! *Run with*: `cargo run --release --example guide_ten_thousand_waits`
//!
//! *Try this*: set `THREADS` to `WAITS`. On most systems it works, and is quick, but costs the memory of 10 000
//! stacks: `guide_threads_and_tasks` shows how much.
//!
//! *Key line*: 10000 waits, tasks: 10000 at once

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use selvedge::task::JoinSet;
use selvedge::time::sleep;

const WAITS: usize = 10_000;
const THREADS: usize = 500;
const WAIT: Duration = Duration::from_millis(50);

fn main() {
    let with_tasks = with_tasks();
    let with_threads = with_threads();
    assert!(with_tasks < with_threads || with_threads == 0);
}

/// Threads of this process, from Linux's `/proc`; 0 elsewhere.
fn threads_now() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

fn report(who: &str, at_once: usize, start: Instant, threads: usize) -> usize {
    let took = start.elapsed();
    println!("{WAITS} waits, {who}: {at_once} at once, {took:.0?}, on {threads} threads");
    assert!(
        took >= WAIT * (WAITS / at_once) as u32,
        "no wait is shorter"
    );
    threads
}

#[selvedge::main]
async fn with_tasks() -> usize {
    let start = Instant::now();
    let waits: JoinSet<()> = (0..WAITS).map(|_| sleep(WAIT)).collect();
    let threads = threads_now();
    waits.join_all().await;
    report("tasks", WAITS, start, threads)
}

fn with_threads() -> usize {
    let start = Instant::now();
    let threads = thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..WAITS / THREADS).for_each(|_| thread::sleep(WAIT)));
        }
        threads_now()
    });
    report("threads", THREADS, start, threads)
}

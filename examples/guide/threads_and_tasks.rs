//! Threads and tasks: what one takes, and what it costs to start one and to switch between two.
//!
//! *Shows*: small measurements of both, side by side. `tasks_vs_threads` measures with more care.
//!
//! *Run with*: `cargo run --release --example guide_threads_and_tasks`
//!
//! *Try this*: set `TASKS` to 1 000 000.
//!
//! *Key line*: a switch between tasks:

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use std::{fs, thread};

use selvedge::sync::Event;
use selvedge::task::{JoinSet, yield_now};

const TASKS: usize = 10_000;
const THREADS: usize = 500;
const SWITCHES: u32 = 20_000;

fn main() {
    let (task, thread) = (with_tasks(), with_threads());
    if let (Some(task), Some(thread)) = (task, thread) {
        assert!(task[0] < thread[0], "a thread has a stack of its own");
    }
}

/// Resident and reserved memory of this process, from Linux's `/proc`.
fn memory() -> Option<[usize; 2]> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let bytes = |name| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? * 1024)
    };
    Some([bytes("VmRSS:")?, bytes("VmSize:")?])
}

fn report_one(
    who: &str,
    count: usize,
    start: Duration,
    before: Option<[usize; 2]>,
) -> Option<[usize; 2]> {
    let growth = |after: usize, before| after.saturating_sub(before) / count;
    let each = memory().zip(before);
    let each = each.map(|(after, before)| [0, 1].map(|it| growth(after[it], before[it])));
    println!(
        "one of {count} {who}: started in {:?}; resident and reserved bytes: {each:?}",
        start / count as u32
    );
    each
}

fn report_switch(who: &str, start: Instant) {
    let each = start.elapsed().as_nanos() / u128::from(SWITCHES);
    println!("a switch between {who}: {each} ns");
}

#[selvedge::main]
async fn with_tasks() -> Option<[usize; 2]> {
    static WAITING: AtomicUsize = AtomicUsize::new(0);
    static GATE: Event = Event::new();
    let (before, start, mut tasks) = (memory(), Instant::now(), JoinSet::new());
    for _ in 0..TASKS {
        tasks.spawn(async {
            WAITING.fetch_add(1, Relaxed);
            GATE.wait().await;
        });
    }
    let started = start.elapsed();
    while WAITING.load(Relaxed) < TASKS {
        yield_now().await;
    }
    let each = report_one("tasks", TASKS, started, before);
    GATE.set();
    tasks.join_all().await;

    // Two that give way to each other.
    let give_way = || async {
        for _ in 0..SWITCHES / 2 {
            yield_now().await;
        }
    };
    let (start, pair) = (Instant::now(), [give_way(), give_way()]);
    pair.into_iter().collect::<JoinSet<_>>().join_all().await;
    report_switch("tasks", start);
    each
}

fn with_threads() -> Option<[usize; 2]> {
    let (waiting, gate) = (AtomicUsize::new(0), Event::new());
    let (before, start) = (memory(), Instant::now());
    let each = thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                waiting.fetch_add(1, Relaxed);
                gate.blocking_wait();
            });
        }
        let started = start.elapsed();
        while waiting.load(Relaxed) < THREADS {
            thread::yield_now();
        }
        let each = report_one("threads", THREADS, started, before);
        gate.set();
        each
    });

    let [(ping, pinged), (pong, ponged)] = [(); 2].map(|()| channel());
    thread::spawn(move || pinged.iter().try_for_each(|()| pong.send(())));
    let start = Instant::now();
    for _ in 0..SWITCHES / 2 {
        ping.send(()).expect("an echo");
        ponged.recv().expect("an echo");
    }
    report_switch("threads", start);
    each
}

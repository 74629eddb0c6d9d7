//! Event as a start-up gate: all wait until one says go; who comes later does not wait at all.
//!
//! *Shows*: workers that get ready and wait, the gate that lets all of them through at once, one that is late,
//! and `clear`, which shuts the gate again. Beside it a mere notification as a gate, which who is late misses:
//! it has no memory.
//!
//! *Run with*: `cargo run --example guide_event_gate`
//!
//! *Try this*: set the event before the workers are spawned.
//!
//! *Key line*: threads: 0 of 4 before the gate opens, 4 after it, late: true, shut: true

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use selvedge::sync::{Event, Notify};

const WORKERS: usize = 4;
const SHORT: Duration = Duration::from_millis(20);

fn main() {
    with_tasks();
    with_threads();
}

#[selvedge::main]
async fn with_tasks() {
    let (gate, started) = (Arc::new(Event::new()), Arc::new(AtomicUsize::new(0)));
    let all_ready = Arc::new(selvedge::sync::Barrier::new(WORKERS + 1));
    let workers = [(); WORKERS].map(|()| {
        let (gate, started) = (Arc::clone(&gate), Arc::clone(&started));
        let all_ready = Arc::clone(&all_ready);
        selvedge::spawn(async move {
            all_ready.wait().await;
            gate.wait().await;
            started.fetch_add(1, Relaxed);
        })
    });
    all_ready.wait().await;
    let before = started.load(Relaxed);
    gate.set();
    for worker in workers {
        worker.await.expect("a worker that ends");
    }
    let late = gate.wait_timeout(SHORT).await.is_ok();
    gate.clear();
    let shut = gate.wait_timeout(SHORT).await.is_err();
    report("tasks", before, started.load(Relaxed), late, shut);

    let notification = Notify::new();
    notification.notify_waiters();
    let missed = selvedge::time::timeout(SHORT, notification.notified())
        .await
        .is_err();
    println!("tasks, a notification instead: who is late misses it: {missed}");
    assert!(missed);
}

fn with_threads() {
    let (gate, started) = (Event::new(), AtomicUsize::new(0));
    let all_ready = std::sync::Barrier::new(WORKERS + 1);
    let before = thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                all_ready.wait();
                gate.blocking_wait();
                started.fetch_add(1, Relaxed);
            });
        }
        all_ready.wait();
        let before = started.load(Relaxed);
        gate.set();
        before
    });
    let late = gate.blocking_wait_timeout(SHORT).is_ok();
    gate.clear();
    let shut = gate.blocking_wait_timeout(SHORT).is_err();
    report("threads", before, started.load(Relaxed), late, shut);

    // std has no event: a flag, a lock and a condition variable make one. Without the flag:
    let (nothing, notification) = (Mutex::new(()), Condvar::new());
    notification.notify_all();
    let (_guard, result) = notification
        .wait_timeout(nothing.lock().unwrap(), SHORT)
        .unwrap();
    println!(
        "threads, a notification instead: who is late misses it: {}",
        result.timed_out()
    );
}

fn report(world: &str, before: usize, after: usize, late: bool, shut: bool) {
    println!(
        "{world}: {before} of {WORKERS} before the gate opens, {after} after it, late: {late}, shut: {shut}"
    );
    assert!(before == 0 && after == WORKERS && late && shut);
}

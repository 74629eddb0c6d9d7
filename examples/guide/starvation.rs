//! Starvation: who never gives way keeps all others from running.
//!
//! *Shows*: one that spins until another stops it, in a thread, in a task on a worker, where a stand-in runs the
//! other, and in a task on the only thread, where nobody can; and a task whose operations are always ready, which
//! its budget makes yield all the same.
//!
//! *Run with*: `cargo run --example guide_starvation`
//!
//! *Try this*: give the task on one thread more patience: it is in vain. Call `consume_budget` in its loop: it helps.
//!
//! *Key line*: stopped in time: thread true, task on a worker true, task on one thread false

use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use selvedge::runtime::{Builder, Runtime};
use selvedge::sync::mpsc;
use selvedge::task::{coop::unconstrained, yield_now};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(100);

fn main() {
    let mut builder = Builder::new_multi_thread();
    let on_worker = builder.worker_threads(1).build().expect("a runtime");
    let on_thread = Builder::new_current_thread().build().expect("a runtime");
    let (on_worker, on_thread) = (with_tasks(&on_worker, LONG), with_tasks(&on_thread, SHORT));
    let thread = with_threads();
    println!(
        "stopped in time: thread {thread}, task on a worker {on_worker}, task on one thread {on_thread}"
    );
    assert!(thread && on_worker && !on_thread);

    let [budget, unlimited] = [true, false].map(always_ready);
    println!(
        "turns of another task while one receives: {budget} with a budget, {unlimited} without"
    );
    assert!(budget > 50 && unlimited <= 1);
}

/// Computes without a pause, and says whether somebody came to stop it.
fn spin(stop: &AtomicBool, patience: Duration) -> bool {
    let start = Instant::now();
    while !stop.load(Relaxed) && start.elapsed() < patience {
        spin_loop();
    }
    stop.load(Relaxed)
}

/// The other task is behind this one, on a runtime with one thread or one worker.
fn with_tasks(runtime: &Runtime, patience: Duration) -> bool {
    let spinning = runtime.spawn(async move {
        let stop = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&stop);
        selvedge::spawn(async move { theirs.store(true, Relaxed) });
        spin(&stop, patience)
    });
    runtime.block_on(spinning).expect("a task that ends")
}

/// Threads need no help: the kernel lets each run for some milliseconds, also where there is one processor.
fn with_threads() -> bool {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let spinning = scope.spawn(|| spin(&stop, LONG));
        scope.spawn(|| stop.store(true, Relaxed));
        spinning.join().expect("a thread that ends")
    })
}

/// How many turns another task gets while one receives 10 000 messages that are all there. Between threads this
/// question does not come up: no operation of theirs has to give way.
#[selvedge::main(flavor = "current_thread")]
async fn always_ready(budget: bool) -> u64 {
    let (sender, mut messages) = mpsc::unbounded_channel();
    (0..10_000).for_each(|number| sender.send(number).expect("a receiver"));
    drop(sender);
    let done = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&done);
    let receiving = async move {
        while messages.recv().await.is_some() {}
        done.store(true, Relaxed);
    };
    let _receiving = match budget {
        true => selvedge::spawn(receiving),
        false => selvedge::spawn(unconstrained(receiving)),
    };
    let other = selvedge::spawn(async move {
        let mut turns = 0;
        while !seen.load(Relaxed) {
            turns += 1;
            yield_now().await;
        }
        turns
    });
    other.await.expect("a task that ends")
}

//! Several threads in `block_on` of one current-thread runtime: somebody always runs its tasks.

use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use selvedge_sync::Notify;

use super::*;
use crate::runtime::{Builder, Runtime};
use crate::task::yield_now;

fn runtime() -> Arc<Runtime> {
    let runtime = Builder::new_current_thread().build();
    Arc::new(runtime.expect("the system has a selector"))
}

/// Runs `body` on a thread of its own; what it returns arrives in the receiver.
fn beside<R: Send + 'static>(
    runtime: &Arc<Runtime>,
    body: impl FnOnce(&Runtime) -> R + Send + 'static,
) -> mpsc::Receiver<R> {
    let runtime = Arc::clone(runtime);
    let (send, receive) = mpsc::channel();
    thread::spawn(move || drop(send.send(body(&runtime))));
    receive
}

/// A guard against a hang, far beyond what the work takes.
fn arrives<R>(receiver: &mpsc::Receiver<R>) -> R {
    receiver
        .recv_timeout(Duration::from_secs(30))
        .expect("the thread hangs, or has panicked")
}

/// Calls `first` at the first poll of `future`.
async fn at_first_poll<F: Future>(first: impl FnOnce(), future: F) -> F::Output {
    first();
    future.await
}

/// Somebody who holds the worker until told to leave.
struct Driving {
    leave: Arc<Notify>,
    left: mpsc::Receiver<()>,
}

impl Driving {
    fn start(runtime: &Arc<Runtime>) -> Self {
        let (leave, (drives, driving)) = (Arc::new(Notify::new()), mpsc::channel());
        let told = Arc::clone(&leave);
        let left = beside(runtime, move |runtime| {
            // Nobody else is in `block_on` yet, so this thread has the worker.
            runtime.block_on(at_first_poll(|| drives.send(()).unwrap(), told.notified()));
        });
        arrives(&driving);
        Self { leave, left }
    }

    fn leave(self) {
        self.leave.notify_one();
        arrives(&self.left);
    }
}

/// Somebody, on a thread of its own, who waits in `block_on` without the worker, for a task.
struct WaitsForTask {
    go: Arc<Notify>,
    done: mpsc::Receiver<u32>,
}

impl WaitsForTask {
    fn start(runtime: &Arc<Runtime>) -> Self {
        let (go, (waits, waiting)) = (Arc::new(Notify::new()), mpsc::channel());
        let gone = Arc::clone(&go);
        let done = beside(runtime, move |runtime| {
            let task = runtime.spawn(async move {
                gone.notified().await;
                yield_now().await;
                7
            });
            let output = at_first_poll(|| waits.send(()).unwrap(), task);
            runtime.block_on(output).expect("the task ends by itself")
        });
        arrives(&waiting);
        Self { go, done }
    }

    /// Lets the task go on, now that nobody else is left to run it.
    fn assert_driving(self) {
        self.go.notify_one();
        assert_eq!(arrives(&self.done), 7);
    }
}

#[test]
fn who_leaves_hands_the_worker_over() {
    let runtime = runtime();
    for _ in 0..50 {
        let driving = Driving::start(&runtime);
        let other = WaitsForTask::start(&runtime);
        driving.leave();
        other.assert_driving();
    }
}

#[test]
fn who_leaves_without_the_worker_passes_its_turn_on() {
    let runtime = runtime();
    let driving = Driving::start(&runtime);
    // The first in the list wants nothing of the worker.
    let (waits, waiting) = mpsc::channel();
    let tell = Arc::new(Notify::new());
    let told = Arc::clone(&tell);
    let first = beside(&runtime, move |runtime| {
        runtime.block_on(at_first_poll(|| waits.send(()).unwrap(), told.notified()));
    });
    arrives(&waiting);
    let other = WaitsForTask::start(&runtime);
    // Both at once: whichever of the two the worker is offered to, the other is not forgotten.
    tell.notify_one();
    driving.leave();
    arrives(&first);
    other.assert_driving();
}

#[test]
fn a_panic_while_waiting_for_the_worker_leaves_no_gap() {
    let runtime = runtime();
    let driving = Driving::start(&runtime);
    let panicked = beside(&runtime, |runtime| {
        let future = poll_fn(|_| -> Poll<()> { panic::resume_unwind(Box::new("wanted")) });
        panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(future))).is_err()
    });
    assert!(arrives(&panicked));
    let other = WaitsForTask::start(&runtime);
    driving.leave();
    // The worker must not be offered to the thread that is gone.
    other.assert_driving();
}

#[test]
fn a_panic_while_driving_hands_the_worker_over() {
    let runtime = runtime();
    let (drives, driving) = mpsc::channel();
    let tell = Arc::new(Notify::new());
    let told = Arc::clone(&tell);
    let panicked = beside(&runtime, move |runtime| {
        let future = async move {
            drives.send(()).unwrap();
            told.notified().await;
            panic::resume_unwind(Box::new("wanted"));
        };
        panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(future))).is_err()
    });
    arrives(&driving);
    let other = WaitsForTask::start(&runtime);
    tell.notify_one();
    assert!(arrives(&panicked));
    other.assert_driving();
}

/// Threads come and go, each with a task that only goes on when its future is polled, in all orders
/// chance offers.
#[test]
fn threads_come_and_go() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 300;
    let runtime = runtime();
    let body = |runtime: &Runtime| {
        for round in 0..ROUNDS {
            let go = Arc::new(Notify::new());
            let gone = Arc::clone(&go);
            let task = runtime.spawn(async move {
                gone.notified().await;
                yield_now().await;
                round
            });
            let output = runtime.block_on(at_first_poll(|| go.notify_one(), task));
            assert_eq!(output.expect("the task ends by itself"), round);
        }
    };
    let threads: Vec<_> = (0..THREADS).map(|_| beside(&runtime, body)).collect();
    threads.iter().for_each(arrives);
}

//! Failures: a job that panics ends in its handle, and one that is cancelled never begins.
//!
//! *Shows*: `cancel`, which is true only for what has not begun; a panic, which whoever asks gets as an error, and
//! which harms neither the thread nor the worker it happened on; and a failure that nobody hears of, since nobody asked.
//!
//! *Run with*: `cargo run --example guide_failures` (the panic messages on standard error are wanted)
//!
//! *Try this*: `abort` the running task instead: it ends at its next `.await`. There is no such thing for a thread.
//!
//! *Key line*: threads: cancelled in the queue true, while it runs false

use std::sync::mpsc::channel;

use selvedge::pool::ThreadPool;
use selvedge::sync::oneshot;
use selvedge::task::JoinError;

fn main() {
    with_threads();
    with_tasks();
}

fn with_threads() {
    let pool = ThreadPool::new(1);
    let ((open, gate), (begin, begun)) = (channel::<()>(), channel());
    let running = pool.submit(move || (begin.send(()).is_ok(), gate.recv().is_err()));
    begun.recv().expect("it has begun");
    let queued = pool.submit(|| unreachable!("it was cancelled"));
    let [queue, run] = [queued.cancel(), running.cancel()];
    println!("threads: cancelled in the queue {queue}, while it runs {run}");
    assert!(queue && !run);
    drop(open);
    assert_eq!(running.result().expect("not cancelled"), (true, true));
    assert!(
        queued
            .result()
            .is_err_and(|error: JoinError| error.is_cancelled())
    );

    // Wrong: whoever drops the handle never learns that it failed. Right: ask.
    drop(pool.submit(|| panic!("nobody hears of this")));
    let failed = pool.submit(|| panic!("somebody asks"));
    assert!(
        failed
            .result()
            .is_err_and(|error: JoinError| error.is_panic())
    );
    let answer = pool.submit(|| 42).result().expect("no panic");
    println!("threads: two panics later, {answer} from the same thread");
}

#[selvedge::main(flavor = "current_thread")]
async fn with_tasks() {
    let (begin, begun) = oneshot::channel();
    let (open, gate) = oneshot::channel::<()>();
    let running = selvedge::spawn(async move { (begin.send(()).is_ok(), gate.await.is_err()) });
    begun.await.expect("it has begun");
    let queued = selvedge::spawn(async { unreachable!("it was cancelled") });
    let [queue, run] = [queued.cancel(), running.cancel()];
    println!("tasks: cancelled in the queue {queue}, while it runs {run}");
    assert!(queue && !run);
    drop(open);
    assert_eq!(running.await.expect("not cancelled"), (true, true));
    assert!(
        queued
            .await
            .is_err_and(|error: JoinError| error.is_cancelled())
    );

    drop(selvedge::spawn(async { panic!("nobody hears of this") }));
    let failed = selvedge::spawn(async { panic!("somebody asks") });
    assert!(failed.await.is_err_and(|error: JoinError| error.is_panic()));
    let answer = selvedge::spawn(async { 42 }).await.expect("no panic");
    println!("tasks: two panics later, {answer} from the same worker");
}

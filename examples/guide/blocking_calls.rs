//! Blocking calls: what they do to the others, on one thread, on workers, and where they belong.
//!
//! *Shows*: a call that blocks until another task answers, made in a task. On one thread the other never runs.
//! On a worker a stand-in takes over after some milliseconds; with `spawn_blocking` and `block_in_place` nobody
//! is held up at all. A thread blocks nobody but itself, and a call that does not block says `WouldBlock`.
//!
//! *Run with*: `cargo run --example guide_blocking_calls` (the panic message on standard error is wanted)
//!
//! *Try this*: raise `PATIENCE`. On one thread the answer still does not come.
//!
//! *Key line*: in the task, on 1 thread: no answer

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use selvedge::runtime::{Builder, Runtime};
use selvedge::task::{block_in_place, spawn_blocking};

const PATIENCE: Duration = Duration::from_secs(1);

/// Blocks its thread until somebody answers: stands for any call that knows nothing of tasks.
fn blocking_call(answer: Receiver<()>) -> bool {
    // Without the limit, a program on one thread would hang here for ever.
    answer.recv_timeout(PATIENCE).is_ok()
}

fn main() -> io::Result<()> {
    let thread = || Builder::new_current_thread().enable_all().build();
    let worker = || {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build()
    };
    let in_the_task = |answer| async move { blocking_call(answer) };
    let in_the_pool = |answer| async move {
        let call = spawn_blocking(move || blocking_call(answer));
        call.await.expect("a call that ends")
    };
    let in_place = |answer| async move { block_in_place(|| blocking_call(answer)) };

    // Wrong.
    assert!(!with_tasks("in the task, on 1 thread", thread()?, in_the_task).0);
    let (answered, stuck) = with_tasks("in the task, on 1 worker", worker()?, in_the_task);
    assert!(answered && stuck > 0, "a stand-in runs who answers");
    // Right.
    assert!(with_tasks("spawn_blocking, on 1 thread", thread()?, in_the_pool).0);
    assert!(with_tasks("block_in_place, on 1 worker", worker()?, in_place).0);

    // Calls that would hang or hold up others for sure are refused in tasks, with advice.
    let refused = thread()?.block_on(async {
        let inside = selvedge::spawn(async { selvedge::sync::Event::new().blocking_wait() });
        inside.await.expect_err("a panic").into_panic()
    });
    let advice = refused.downcast_ref::<String>().map_or("?", String::as_str);
    println!("blocking_wait in a task panics: {advice}");

    with_threads();
    would_block()
}

/// A task calls, another one answers. Whether the answer came, and in how many polls a stand-in was needed.
fn with_tasks<F>(
    place: &str,
    runtime: Runtime,
    call: impl FnOnce(Receiver<()>) -> F + Send + 'static,
) -> (bool, u64)
where
    F: Future<Output = bool> + Send,
{
    let start = Instant::now();
    let calling = runtime.spawn(async move {
        let (answers, answer) = channel();
        selvedge::spawn(async move { answers.send(()) });
        call(answer).await
    });
    let answered = runtime.block_on(calling).expect("a task that ends");
    let stuck = runtime.metrics().worker_stuck_poll_count(0);
    report(place, answered, start);
    (answered, stuck)
}

fn with_threads() {
    let start = Instant::now();
    let (answers, answer) = channel();
    let calling = thread::spawn(move || blocking_call(answer));
    let answering = thread::spawn(move || answers.send(()));
    let answered = calling.join().expect("a thread that ends");
    assert!(answered && answering.join().is_ok());
    report("in a thread", answered, start);
}

fn report(place: &str, answered: bool, start: Instant) {
    let [answer, took] = match answered {
        true => [
            "answered",
            &format!("after {:.1} ms", start.elapsed().as_secs_f64() * 1e3),
        ],
        false => ["no answer", "as long as it waits"],
    };
    println!("{place}: {answer} {took}");
}

/// What runtimes are made of: a read that says that there is nothing yet, and leaves the waiting to others.
fn would_block() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut ours = TcpStream::connect(listener.local_addr()?)?;
    let (mut theirs, _) = listener.accept()?;
    ours.set_nonblocking(true)?;
    let error = ours.read(&mut [0]).expect_err("nothing was sent");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    ours.set_nonblocking(false)?;
    theirs.write_all(b"x")?;
    assert_eq!(ours.read(&mut [0])?, 1);
    println!("a read that does not block: {error}");
    Ok(())
}

//! Both ways between blocking code and tasks, and what happens when a task simply blocks.
//!
//! *Shows*: sync calling async by `Runtime::block_on` and `Handle::block_on`; async calling sync by
//! `spawn_blocking` and `block_in_place`; a blocking call inside a task beside the same call where
//! it belongs.
//!
//! *Run with*: `cargo run --example blocking_bridge`
//!
//! *Try this*: change `WORKERS` to 1, then to 8. The wrong way gets worse, then hides;
//! `spawn_blocking` does not care.

use std::future::Future;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use selvedge::runtime::{Builder, Runtime};
use selvedge::task::{JoinSet, block_in_place, spawn_blocking};
use selvedge::time::sleep;

const WORKERS: usize = 2;
const JOBS: usize = 4;

fn main() -> io::Result<()> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()?;
    from_sync_to_async(&runtime)?;
    runtime.block_on(from_async_to_sync())?;

    println!("\n{JOBS} tasks that block for 100 ms each, on {WORKERS} workers:");
    runtime.block_on(beside_a_ticker("in the task (wrong)", || async {
        slow_sync_call()
    }))?;
    runtime.block_on(beside_a_ticker("in spawn_blocking", || async {
        // A pool thread sleeps; the worker runs other tasks meanwhile.
        spawn_blocking(slow_sync_call)
            .await
            .unwrap_or_else(|error| eprintln!("{error}"));
    }))?;
    runtime.block_on(beside_a_ticker("in block_in_place", || async {
        // The worker hands its other tasks to another thread first, then sleeps itself.
        block_in_place(slow_sync_call);
    }))
}

/// Plain code, in `main` and in a thread of its own, waits for futures.
fn from_sync_to_async(runtime: &Runtime) -> io::Result<()> {
    println!("main asked a task: {}", runtime.block_on(answer()));

    // A handle may go to any thread, and does not keep the runtime alive.
    let handle = runtime.handle().clone();
    let asking = thread::Builder::new().spawn(move || handle.block_on(answer()))?;
    match asking.join() {
        Ok(answer) => println!("a thread asked a task: {answer}"),
        Err(_) => eprintln!("the asking thread panicked"),
    }
    Ok(())
}

/// A task waits for plain code, here for a file, without keeping its worker waiting.
async fn from_async_to_sync() -> io::Result<()> {
    let folder = spawn_blocking(std::env::current_dir).await??;
    let entries = spawn_blocking(move || std::fs::read_dir(folder)).await??;
    println!(
        "a task asked the file system: {} entries here",
        entries.count()
    );
    Ok(())
}

async fn answer() -> u32 {
    sleep(Duration::from_millis(5)).await;
    42
}

/// Stands for any call that does not know about tasks: a driver, a parser, a system call.
fn slow_sync_call() {
    thread::sleep(Duration::from_millis(100));
}

/// Runs the jobs beside a task that wants to run every 5 ms, and says how long it could not.
async fn beside_a_ticker<F>(place: &str, job: impl Fn() -> F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let ticker = selvedge::spawn(longest_silence(Instant::now() + Duration::from_millis(300)));
    // Let the ticker find its rhythm first.
    sleep(Duration::from_millis(20)).await;

    let start = Instant::now();
    let mut jobs = JoinSet::new();
    for _ in 0..JOBS {
        jobs.spawn(job());
    }
    while let Some(ended) = jobs.join_next().await {
        ended?;
    }
    let total = start.elapsed().as_millis();
    let silence = ticker.await?.as_millis();
    println!("  {place:<20} jobs took {total:>3} ms, a 5 ms ticker was silent for {silence:>3} ms");
    Ok(())
}

/// The longest time between two ticks until `end`.
async fn longest_silence(end: Instant) -> Duration {
    let mut longest = Duration::ZERO;
    let mut before = Instant::now();
    while before < end {
        sleep(Duration::from_millis(5)).await;
        longest = longest.max(before.elapsed());
        before = Instant::now();
    }
    longest
}

//! How to stop waiting: for one operation, for several together, and what becomes of them.
//!
//! *Shows*: `timeout` around one future; one deadline over several steps; that a future that ran
//! out of time is dropped at the `await` where it stands, together with all it owns.
//!
//! *Run with*: `cargo run --example timeouts`
//!
//! *Try this*: raise `BUDGET` to one second, then all steps are completed.

use std::io;
use std::time::Duration;

use selvedge::time::{Instant, sleep, timeout};

/// What all steps together may take.
const BUDGET: Duration = Duration::from_millis(100);

#[selvedge::main]
async fn main() -> io::Result<()> {
    one_operation().await;
    one_deadline_over_steps().await;
    what_is_dropped().await;
    as_an_error().await
}

async fn one_operation() {
    for millis in [10, 500] {
        match timeout(Duration::from_millis(50), answer_after(millis)).await {
            Ok(answer) => println!("answer after {millis} ms: {answer}"),
            Err(_) => println!("answer after {millis} ms: not awaited, 50 ms is enough"),
        }
    }
}

/// A timeout per step would let slow steps add up. A deadline is fixed once.
async fn one_deadline_over_steps() {
    let start = Instant::now();
    let deadline = start + BUDGET;
    for step in 1..=5 {
        let left = deadline.saturating_duration_since(Instant::now());
        match timeout(left, sleep(Duration::from_millis(30))).await {
            Ok(()) => println!("step {step}: done, {} ms used", start.elapsed().as_millis()),
            Err(_) => {
                println!(
                    "step {step}: out of time after {} ms",
                    start.elapsed().as_millis()
                );
                break;
            }
        }
    }
}

/// Says when it is dropped: stands for a lock, a buffer, a connection.
struct Resource;

impl Drop for Resource {
    fn drop(&mut self) {
        println!("  the resource is released");
    }
}

async fn what_is_dropped() {
    let operation = async {
        let _resource = Resource;
        println!("  the operation has the resource and waits");
        sleep(Duration::from_secs(3600)).await;
        println!("  this line is never reached");
    };
    println!("an hour's work with a timeout of 20 ms:");
    let timed_out = timeout(Duration::from_millis(20), operation).await.is_err();
    println!("  back in the caller, timed out: {timed_out}");
}

/// In a function that returns `io::Result`, `?` turns a timeout into `ErrorKind::TimedOut`.
async fn as_an_error() -> io::Result<()> {
    async fn ask() -> io::Result<u32> {
        Ok(timeout(Duration::from_millis(10), answer_after(500)).await?)
    }
    match ask().await {
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            println!("as an error: {error}");
            Ok(())
        }
        other => other.map(drop),
    }
}

async fn answer_after(millis: u64) -> u32 {
    sleep(Duration::from_millis(millis)).await;
    42
}

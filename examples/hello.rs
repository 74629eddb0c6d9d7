//! Two tasks that take turns: the smallest program that needs a runtime.
//!
//! *Shows*: `#[selvedge::main]`, `spawn`, `sleep`, and that awaiting a `JoinHandle` gives back what
//! the task returned.
//!
//! *Run with*: `cargo run --example hello`
//!
//! *Try this*: make it `#[selvedge::main(flavor = "current_thread")]`, which has one worker, and
//! replace both `sleep(..).await` by `std::thread::sleep(..)`. The tasks no longer take turns.

use std::io;
use std::time::Duration;

use selvedge::time::sleep;

#[selvedge::main]
async fn main() -> io::Result<()> {
    // The task starts now, not when it is awaited.
    let counting = selvedge::spawn(count_to(3));

    for word in ["hello", "from", "main"] {
        println!("main: {word}");
        sleep(Duration::from_millis(20)).await;
    }

    let last = counting.await?;
    println!("main: the task counted to {last}");
    Ok(())
}

/// Counts aloud and returns the last number.
async fn count_to(last: u32) -> u32 {
    for number in 1..=last {
        println!("task: {number}");
        // While this task sleeps, its worker runs others.
        sleep(Duration::from_millis(20)).await;
    }
    last
}

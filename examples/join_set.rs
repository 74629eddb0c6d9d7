//! Many tasks at once, their results as they come, and none of them lost.
//!
//! *Shows*: a `JoinSet` with tasks of different length, one that panics, one that is aborted; each
//! ends as a value, so one failure does not take the others with it.
//!
//! *Run with*: `cargo run --example join_set` (the panic message on standard error is wanted)
//!
//! *Try this*: return from `main` before the loop. Dropping the set aborts what still runs.

use std::io;
use std::time::Duration;

use selvedge::task::{JoinError, JoinSet};
use selvedge::time::sleep;

#[selvedge::main]
async fn main() -> io::Result<()> {
    let mut pages = JoinSet::new();

    // Fan out: all run at the same time.
    for (name, millis) in [("slow", 600), ("quick", 20), ("middling", 300)] {
        pages.spawn(fetch(name, millis));
    }
    pages.spawn(async {
        sleep(Duration::from_millis(100)).await;
        panic!("the page is garbage")
    });
    let hopeless = pages.spawn(fetch("hopeless", 60_000));
    println!("{} tasks started", pages.len());

    // Fan in: in the order in which they end, not in which they were started.
    let mut bytes = 0;
    while let Some(ended) = pages.join_next().await {
        match ended {
            Ok((name, size)) => {
                bytes += size;
                println!(
                    "fetched   {name}: {size} bytes (tasks left: {})",
                    pages.len()
                );
                if name == "middling" {
                    // Nobody wants to wait a minute. An aborted task ends like any other.
                    hopeless.abort();
                }
            }
            Err(error) => println!("failed    {}", reason(error)),
        }
    }
    println!("{bytes} bytes in all");
    Ok(())
}

/// Pretends to fetch a page.
async fn fetch(name: &'static str, millis: u64) -> (&'static str, usize) {
    sleep(Duration::from_millis(millis)).await;
    (name, name.len() * 1000)
}

/// A task that gave no result either panicked or was aborted.
fn reason(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => match payload.downcast_ref::<&str>() {
            Some(message) => format!("panicked: {message}"),
            None => "panicked".to_owned(),
        },
        Err(_) => "aborted".to_owned(),
    }
}

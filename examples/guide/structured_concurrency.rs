//! Structured concurrency: a function that starts work does not return before that work is gone.
//!
//! *Shows*: a page that is loaded in parts, of which one fails. With `spawn` and `?` the others run on after
//! the function has failed, and nobody knows. A scope stops them, waits until they are gone, and fails
//! then; so does its deadline. `std::thread::scope` waits as well, but cannot stop anybody: threads have to look.
//!
//! *Run with*: `cargo run --example guide_structured_concurrency`
//!
//! *Try this*: give `within` in `with_tasks` a minute: the slow parts never end, so the program waits that long.
//!
//! *Key line*: scope, tasks: no such picture, parts left behind: 0

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::thread;

use selvedge::task::{self, ScopeError};
use selvedge::time::Duration;

const FAILURE: &str = "no such picture";

/// A part that is under way, counted until its future is dropped or its thread ends.
struct Part(Arc<AtomicUsize>);

impl Part {
    fn begin(parts: &Arc<AtomicUsize>) -> Self {
        parts.fetch_add(1, SeqCst);
        Self(Arc::clone(parts))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

fn main() {
    with_tasks();
    with_threads();
}

async fn load(what: &'static str, _part: Part) -> Result<(), &'static str> {
    match what {
        "picture" => Err(FAILURE),
        _ => pending().await, // The others are slow.
    }
}

#[selvedge::main]
async fn with_tasks() {
    // The wrong way: `?` leaves this block, and the tasks go on.
    let parts = Arc::new(AtomicUsize::new(0));
    let loose: Result<(), &str> = async {
        let text = task::spawn(load("text", Part::begin(&parts)));
        let picture = task::spawn(load("picture", Part::begin(&parts)));
        picture.await.expect("no panic")?;
        text.await.expect("no panic")
    }
    .await;
    let (why, left) = (loose.unwrap_err(), parts.load(SeqCst));
    println!("spawn, tasks: {why}, parts left behind: {left}");
    assert_eq!(left, 1);

    // The right way: the first error aborts the others, and the scope waits until they are gone.
    let parts = Arc::new(AtomicUsize::new(0));
    let scope = task::scope(async |scope| {
        scope.spawn(load("text", Part::begin(&parts)));
        scope.spawn(load("picture", Part::begin(&parts)));
        Ok(())
    });
    let (why, left) = (scope.await.unwrap_err(), parts.load(SeqCst));
    println!("scope, tasks: {why}, parts left behind: {left}");
    assert_eq!(left, 0);

    // The same for a limit of time, and for children of children.
    let scope = task::scope(async |scope| {
        let (inner, part) = (scope.clone(), Part::begin(&parts));
        scope.spawn(load("text", Part::begin(&parts)));
        scope.spawn(async move { inner.spawn(load("style", part)).await.or(Ok(())) });
        Ok(())
    });
    let why = scope.within(Duration::from_millis(20)).await.unwrap_err();
    let left = parts.load(SeqCst);
    println!("deadline, tasks: {why}, parts left behind: {left}");
    assert!(matches!(why, ScopeError::Elapsed(_)) && left == 0);
}

fn with_threads() {
    // The wrong way. The picture fails, and the text ends only with the process.
    let parts = Arc::new(AtomicUsize::new(0));
    let part = Part::begin(&parts);
    thread::spawn(move || {
        let _part = part;
        loop {
            thread::park();
        }
    });
    assert_eq!(parts.load(SeqCst), 1);
    println!("spawn, threads: {FAILURE}, parts left behind: 1");

    // The right way: the scope waits. But nobody can stop a thread: each has to look, again and again.
    let (parts, stop, why) = (Arc::default(), AtomicBool::new(false), OnceLock::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let _part = Part::begin(&parts);
            while !stop.load(SeqCst) {
                thread::sleep(Duration::from_millis(1)); // Stands for a piece of the work.
            }
        });
        scope.spawn(|| {
            let _ = why.set(FAILURE); // The first error counts.
            stop.store(true, SeqCst);
        });
    });
    let (why, left) = (why.into_inner().expect("a failure"), parts.load(SeqCst));
    println!("scope, threads: {why}, parts left behind: {left}");
    assert_eq!(left, 0);
}

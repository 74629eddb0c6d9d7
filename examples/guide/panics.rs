//! Panics: one ends its task or its thread, not the program. What it leaves behind is the question.
//!
//! *Shows*: how a panic comes back from a task and from a thread, with its message; that one of which nobody
//! asks for the result goes unnoticed; a transfer cut in half under a lock. std's lock is poisoned
//! then, and says so to all that come later; the one for tasks is just free again. The cure in both worlds: do
//! what can fail on a copy, then write it back in one go.
//!
//! *Run with*: `cargo run --example guide_panics` (the messages on standard error are wanted)
//!
//! *Try this*: let `convert` succeed.
//!
//! *Key line*: threads: the panic says "no such currency", half a transfer leaves 60 of 100, poisoned: true

use std::any::Any;
use std::sync::Arc;
use std::thread;

const ALL: i64 = 100;

fn main() {
    with_tasks();
    with_threads();
}

/// Fails in the middle of a transfer.
fn convert(_amount: i64) -> i64 {
    panic!("no such currency")
}

fn broken_transfer(accounts: &mut [i64; 2]) {
    accounts[0] -= 40;
    accounts[1] += convert(40);
}

fn safe_transfer(accounts: &mut [i64; 2]) {
    let mut changed = *accounts;
    changed[0] -= 40;
    changed[1] += convert(40);
    *accounts = changed;
}

#[selvedge::main]
async fn with_tasks() {
    use selvedge::sync::Mutex;
    for (transfer, left) in [
        (broken_transfer as fn(&mut [i64; 2]), 60),
        (safe_transfer, ALL),
    ] {
        let accounts = Arc::new(Mutex::new([ALL, 0]));
        let task = selvedge::spawn({
            let accounts = Arc::clone(&accounts);
            async move { transfer(&mut *accounts.lock().await) }
        });
        let error = task.await.expect_err("it panics");
        assert!(error.is_panic());
        let sum = accounts.lock().await.iter().sum();
        report("tasks", error.into_panic(), sum, left, false);
    }

    // Nobody awaits it: the message is all there is, and the runtime goes on.
    drop(selvedge::spawn(async { convert(1) }));
    let other = selvedge::spawn(async { "works" })
        .await
        .expect("a task that ends");
    println!("tasks: after a panic that nobody asked for, another task {other}");
}

fn with_threads() {
    use std::sync::Mutex;
    for (transfer, left) in [
        (broken_transfer as fn(&mut [i64; 2]), 60),
        (safe_transfer, ALL),
    ] {
        let accounts = Arc::new(Mutex::new([ALL, 0]));
        let thread = thread::spawn({
            let accounts = Arc::clone(&accounts);
            move || transfer(&mut accounts.lock().unwrap())
        });
        let payload = thread.join().expect_err("it panics");
        // Poisoned in both cases: the lock cannot know whether the value is whole. Who does takes it anyway.
        let accounts = accounts.lock().map_err(std::sync::PoisonError::into_inner);
        let poisoned = accounts.is_err();
        let sum = accounts.unwrap_or_else(|guard| guard).iter().sum();
        report("threads", payload, sum, left, poisoned);
        assert!(poisoned);
    }

    // A detached thread; a scope instead would wait for it, and panic in its turn.
    drop(thread::spawn(|| convert(1)));
    let other = thread::spawn(|| "works")
        .join()
        .expect("a thread that ends");
    println!("threads: after a panic that nobody asked for, another thread {other}");
}

fn report(world: &str, payload: Box<dyn Any + Send>, sum: i64, left: i64, poisoned: bool) {
    let message = payload.downcast_ref::<&str>().expect("a message");
    let how = if left == ALL {
        "a transfer on a copy"
    } else {
        "half a transfer"
    };
    println!(
        "{world}: the panic says {message:?}, {how} leaves {sum} of {ALL}, poisoned: {poisoned}"
    );
    assert_eq!(sum, left);
}

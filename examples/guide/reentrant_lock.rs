//! Reentrant lock: who holds it may take it again; all others wait.
//!
//! *Shows*: a function that locks and calls another one that locks the same. With a plain mutex it waits for
//! itself, which a time limit makes visible; with a reentrant one it goes through. In a task the owner is the
//! task, whatever thread runs it; in a plain thread it is the thread.
//!
//! *Run with*: `cargo run --example guide_reentrant_lock`
//!
//! *Try this*: change `lock_timeout` to `lock`, and see the program hang.
//!
//! *Key line*: threads, reentrant mutex: 40 left, another thread is kept out: true

use std::sync::Arc;
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use selvedge::sync::{Mutex, ReentrantMutex};

const SHORT: Duration = Duration::from_millis(20);

/// The guard of a reentrant lock gives `&T` only, as there may be several: so the balance is an atomic.
struct Account(ReentrantMutex<AtomicI64>);

fn main() {
    with_tasks();
    with_threads();
}

impl Account {
    async fn pay(&self, amount: i64) {
        self.0.lock().await.fetch_sub(amount, Relaxed);
    }

    /// Two payments that nobody else sees apart.
    async fn pay_twice(&self, amount: i64) -> u32 {
        let outer = self.0.lock().await;
        self.pay(amount).await;
        self.pay(amount).await;
        let _inner = self.0.lock().await;
        drop(outer); // The guards may go in any order: the lock is free after the last one.
        self.0.depth()
    }
}

#[selvedge::main]
async fn with_tasks() {
    let plain = Mutex::new(100);
    let held = plain.lock().await;
    let again = plain.lock_timeout(SHORT).await;
    println!(
        "tasks, plain mutex: the second lock times out: {}",
        again.is_err()
    );
    assert!(again.is_err());
    drop(held);

    let account = Arc::new(Account(ReentrantMutex::new(AtomicI64::new(100))));
    let depth = account.pay_twice(30).await;
    assert_eq!(depth, 1, "one guard was left");

    let held = account.0.lock().await;
    let other = selvedge::spawn({
        let account = Arc::clone(&account);
        async move { account.0.try_lock().is_err() }
    });
    let kept_out = other.await.expect("a task that ends");
    println!(
        "tasks, reentrant mutex: {} left, another task is kept out: {kept_out}",
        held.load(Relaxed)
    );
    assert!(kept_out && held.load(Relaxed) == 40);
}

fn with_threads() {
    // `lock` of std may deadlock or panic here; `try_lock` says that it would have to wait.
    let plain = StdMutex::new(100);
    let held = plain.lock().unwrap();
    println!(
        "threads, plain mutex: the second lock would wait: {}",
        plain.try_lock().is_err()
    );
    assert!(plain.try_lock().is_err());
    drop(held);

    let account = ReentrantMutex::new(AtomicI64::new(100));
    let pay = |amount| {
        account.blocking_lock().fetch_sub(amount, Relaxed);
    };
    let held = account.blocking_lock();
    pay(30);
    pay(30);
    let kept_out = thread::scope(|scope| {
        let other = scope.spawn(|| account.try_lock().is_err());
        other.join().expect("a thread that ends")
    });
    println!(
        "threads, reentrant mutex: {} left, another thread is kept out: {kept_out}",
        held.load(Relaxed)
    );
    assert!(kept_out && held.load(Relaxed) == 40);
}

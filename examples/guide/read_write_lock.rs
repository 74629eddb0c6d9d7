//! Read-write lock: many readers or one writer, and three answers to who goes first.
//!
//! *Shows*: the same requests, asked while somebody writes, and the order in which each policy lets them in;
//! then a writer that waits while readers overlap without a gap: how many of them pass it. One that prefers
//! readers starves the writer, one that prefers writers starves readers, the fair one nobody. The order of
//! std's lock is that of the operating system, and not to be chosen.
//!
//! *Run with*: `cargo run --example guide_read_write_lock`
//!
//! *Try this*: more requests in `REQUESTS`; readers that follow each other share the lock under each policy.
//!
//! *Key line*: threads, PreferReaders: order RRRWWW, 1000 readers passed the waiting writer

use std::sync::{Arc, Mutex};
use std::thread;

use selvedge::sync::{RwLock, RwLockPolicy, RwLockReadGuard};
use selvedge::task::{JoinSet, yield_now};

const POLICIES: [(RwLockPolicy, &str, u32); 3] = [
    (RwLockPolicy::Fair, "RWRWRW", 0),
    (RwLockPolicy::PreferReaders, "RRRWWW", READERS),
    (RwLockPolicy::PreferWriters, "WWWRRR", 0),
];
const REQUESTS: &str = "RWRWRW";
const READERS: u32 = 1000;

fn main() {
    for (policy, order, passed) in POLICIES {
        report("tasks", policy, with_tasks(policy), (order, passed));
        report("threads", policy, with_threads(policy), (order, passed));
    }
}

#[selvedge::main(flavor = "current_thread")]
async fn with_tasks(policy: RwLockPolicy) -> (String, u32) {
    let lock = Arc::new(RwLock::new(()).with_policy(policy));
    let order = Arc::new(Mutex::new(String::new()));
    let mut requests = JoinSet::new();
    let held = lock.write().await;
    for (queued, request) in REQUESTS.chars().enumerate() {
        let (shared, order) = (Arc::clone(&lock), Arc::clone(&order));
        requests.spawn(async move {
            // One of them is a guard, held until the request is written down.
            let _inside = match request {
                'W' => (Some(shared.write().await), None),
                _ => (None, Some(shared.read().await)),
            };
            order.lock().unwrap().push(request);
        });
        while lock.waiting().len() <= queued {
            yield_now().await;
        }
    }
    drop(held);
    requests.join_all().await;

    let reader = lock.read().await;
    let writer = selvedge::spawn(Arc::clone(&lock).write_owned());
    while lock.waiting().is_empty() {
        yield_now().await;
    }
    let passed = overlapping_readers(&lock, reader);
    drop(writer.await.expect("a writer that gets in at last"));
    let order = order.lock().unwrap().clone();
    (order, passed)
}

fn with_threads(policy: RwLockPolicy) -> (String, u32) {
    let (lock, order) = (
        RwLock::new(()).with_policy(policy),
        Mutex::new(String::new()),
    );
    let (lock, order) = (&lock, &order);
    let passed = thread::scope(|scope| {
        let held = lock.blocking_write();
        for (queued, request) in REQUESTS.chars().enumerate() {
            scope.spawn(move || {
                let _inside = match request {
                    'W' => (Some(lock.blocking_write()), None),
                    _ => (None, Some(lock.blocking_read())),
                };
                order.lock().unwrap().push(request);
            });
            while lock.waiting().len() <= queued {
                thread::yield_now();
            }
        }
        drop(held);
        while order.lock().unwrap().len() < REQUESTS.len() {
            thread::yield_now();
        }

        let reader = lock.blocking_read();
        scope.spawn(|| drop(lock.blocking_write()));
        while lock.waiting().is_empty() {
            thread::yield_now();
        }
        overlapping_readers(lock, reader)
    });
    (order.lock().unwrap().clone(), passed)
}

/// Each comes before the one before it leaves, if it is let in: `try_read` obeys the policy as well.
fn overlapping_readers<'a>(lock: &'a RwLock<()>, mut inside: RwLockReadGuard<'a, ()>) -> u32 {
    for passed in 0..READERS {
        match lock.try_read() {
            Ok(next) => inside = next,
            Err(_) => return passed,
        }
    }
    drop(inside);
    READERS
}

fn report(world: &str, policy: RwLockPolicy, shown: (String, u32), wanted: (&str, u32)) {
    let (order, passed) = &shown;
    println!("{world}, {policy:?}: order {order}, {passed} readers passed the waiting writer");
    assert_eq!((order.as_str(), *passed), wanted);
}

//! Deadlock, prevented: three ways to take two locks that cannot end in a circle. A fourth is `lock_hierarchy`.
//!
//! *Shows*: transfers between two accounts in both directions at once. By order: everybody takes locks in the
//! same one (`lock_all` sees to it). By back-off: who does not get the second in time gives the first back, and
//! tries again a little later. Without nesting: one lock at a time; what is on the way is in neither account
//! then, and who adds them up sees it missing.
//!
//! *Run with*: `cargo run --example guide_deadlock_prevention`
//!
//! *Try this*: a way that locks `from`, then `to`: the test with tasks fails after `PATIENCE`.
//!
//! *Key line*: threads, NoNesting: 200 transfers, balances [1000, 1000]

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use selvedge::sync::{Mutex, MutexGuard, blocking_lock_all, lock_all};
use selvedge::task::{JoinSet, yield_now};
use selvedge::time::{sleep, timeout};

const ROUNDS: u32 = 100;
const PATIENCE: Duration = Duration::from_secs(20);
const LIMIT: Duration = Duration::from_millis(1);
/// Not the same for both: see `livelock`.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(3)];

#[derive(Debug, Clone, Copy)]
enum Way {
    Order,
    BackOff,
    NoNesting,
}

type Account = Mutex<i64>;

fn main() {
    for way in [Way::Order, Way::BackOff, Way::NoNesting] {
        with_tasks(way);
        with_threads(way);
    }
}

fn transfer_one([mut from, mut to]: [MutexGuard<'_, i64>; 2]) {
    *from -= 1;
    *to += 1;
}

async fn task(way: Way, from: &Account, to: &Account, back_off: Duration) {
    match way {
        Way::Order => transfer_one(lock_all([from, to]).await),
        Way::BackOff => loop {
            let held = from.lock().await;
            yield_now().await; // Lets the other one in between.
            if let Ok(to) = to.lock_timeout(LIMIT).await {
                return transfer_one([held, to]);
            }
            drop(held);
            sleep(back_off).await;
        },
        Way::NoNesting => {
            *from.lock().await -= 1;
            *to.lock().await += 1;
        }
    }
}

fn thread(way: Way, from: &Account, to: &Account, back_off: Duration) {
    match way {
        Way::Order => transfer_one(blocking_lock_all([from, to])),
        Way::BackOff => loop {
            let held = from.blocking_lock();
            if let Ok(to) = to.blocking_lock_timeout(LIMIT) {
                return transfer_one([held, to]);
            }
            drop(held);
            thread::sleep(back_off);
        },
        Way::NoNesting => {
            *from.blocking_lock() -= 1;
            *to.blocking_lock() += 1;
        }
    }
}

#[selvedge::main]
async fn with_tasks(way: Way) {
    let accounts = Arc::new([Mutex::new(1000), Mutex::new(1000)]);
    let mut tasks = JoinSet::new();
    for me in 0..2 {
        let accounts = Arc::clone(&accounts);
        tasks.spawn(async move {
            for _ in 0..ROUNDS {
                task(way, &accounts[me], &accounts[1 - me], BACK_OFF[me]).await;
            }
        });
    }
    let ended = timeout(PATIENCE, tasks.join_all()).await;
    ended.expect("no deadlock");
    report("tasks", way, &accounts);
}

fn with_threads(way: Way) {
    let accounts = [Mutex::new(1000), Mutex::new(1000)];
    thread::scope(|scope| {
        let [one, other] = &accounts;
        scope.spawn(|| (0..ROUNDS).for_each(|_| thread(way, one, other, BACK_OFF[0])));
        scope.spawn(|| (0..ROUNDS).for_each(|_| thread(way, other, one, BACK_OFF[1])));
    });
    report("threads", way, &accounts);
}

fn report(world: &str, way: Way, accounts: &[Account; 2]) {
    let balances = accounts.each_ref().map(|one| *one.try_lock().unwrap());
    let count = 2 * ROUNDS;
    println!("{world}, {way:?}: {count} transfers, balances {balances:?}");
    assert_eq!(balances, [1000; 2]);
}

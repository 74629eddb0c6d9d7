//! Bank transfer: what belongs together happens under both locks, which all take in one order.
//!
//! *Shows*: transfers while auditors add all accounts up. With debit and credit in two sections money is missing
//! in between; with `lock_all` never.
//!
//! *Run with*: `cargo run --example guide_bank_transfer`
//!
//! *Try this*: in `transfer` take one lock after the other, `from`, then `to`. Sooner or later it hangs.
//!
//! *Key line*: both locks at once, threads: 0 of 2000 audits found money missing

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use selvedge::sync::{Mutex, MutexGuard, blocking_lock_all, lock_all};
use selvedge::task::{JoinSet, yield_now};

const CLIENTS: usize = 4;
const TRANSFERS: usize = 500;
const EACH: i64 = 100;

/// Accounts, and how many audits found money missing.
struct Bank([Mutex<i64>; CLIENTS], AtomicU64);

impl Bank {
    const fn new() -> Bank {
        let accounts = [const { Mutex::new(EACH) }; CLIENTS];
        Bank(accounts, AtomicU64::new(0))
    }

    /// Looks at all accounts at one moment.
    fn audit(&self, accounts: [MutexGuard<'_, i64>; CLIENTS]) {
        let total: i64 = accounts.iter().map(|balance| **balance).sum();
        self.1
            .fetch_add(u64::from(total != EACH * CLIENTS as i64), Relaxed);
    }

    fn report(&self, how: &str, wanted: impl Fn(u64) -> bool) {
        let (missing, audits) = (self.1.load(Relaxed), CLIENTS * TRANSFERS);
        println!("{how}: {missing} of {audits} audits found money missing");
        assert!(wanted(missing));
    }
}

/// From, to and how much. All directions; each client begins elsewhere.
fn orders(client: usize) -> impl Iterator<Item = (usize, usize, i64)> {
    (0..TRANSFERS).map(move |n| {
        let from = (client + n) % CLIENTS;
        (
            from,
            (from + 1 + n % (CLIENTS - 1)) % CLIENTS,
            1 + (n % 90) as i64,
        )
    })
}

fn main() {
    with_tasks();
    with_threads();
}

/// All or nothing: nobody sees the accounts while it has both, and it waits before it moves anything.
async fn transfer(Bank(accounts, _): &Bank, from: usize, to: usize, amount: i64) {
    let [mut from, mut to] = lock_all([&accounts[from], &accounts[to]]).await;
    yield_now().await; // Stands for any wait in between: the locks are kept.
    if *from >= amount {
        *from -= amount;
        *to += amount;
    }
}

#[selvedge::main]
async fn with_tasks() {
    static CARELESS: Bank = Bank::new();
    static SAFE: Bank = Bank::new();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(async move {
            for (from, to, amount) in orders(client) {
                *CARELESS.0[from].lock().await -= amount;
                CARELESS.audit(lock_all(CARELESS.0.each_ref()).await);
                *CARELESS.0[to].lock().await += amount;

                transfer(&SAFE, from, to, amount).await;
                SAFE.audit(lock_all(SAFE.0.each_ref()).await);
            }
        });
    }
    clients.join_all().await;
    CARELESS.report("two sections, tasks", |missing| missing > 0);
    SAFE.report("both locks at once, tasks", |missing| missing == 0);
}

fn with_threads() {
    let [careless, safe] = &[Bank::new(), Bank::new()];
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                for (from, to, amount) in orders(client) {
                    *careless.0[from].blocking_lock() -= amount;
                    careless.audit(blocking_lock_all(careless.0.each_ref()));
                    *careless.0[to].blocking_lock() += amount;

                    let [mut from, mut to] = blocking_lock_all([&safe.0[from], &safe.0[to]]);
                    if *from >= amount {
                        *from -= amount;
                        *to += amount;
                    }
                    drop((from, to));
                    safe.audit(blocking_lock_all(safe.0.each_ref()));
                }
            });
        }
    });
    careless.report("two sections, threads", |missing| missing > 0);
    safe.report("both locks at once, threads", |missing| missing == 0);
}

//! Race: check, then act. What was checked may be untrue by the time one acts on it.
//!
//! *Shows*: an account with 100, from which four draw 40 each if there is enough. Each step is safe in itself,
//! so no update is lost; but all have checked before anybody draws (made certain here by a barrier), and
//! the account is overdrawn. Check and act belong under one lock, or into one atomic step.
//!
//! *Run with*: `cargo run --example guide_check_then_act`
//!
//! *Try this*: remove the barrier from the threads. Mostly it goes well then, and sometimes not: the worst kind.
//!
//! *Key line*: threads, check and act in one: 2 of 4 draw, 20 left

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;

use selvedge::sync::{Barrier, Mutex};
use selvedge::task::{JoinSet, yield_now};

const BALANCE: i64 = 100;
const AMOUNT: i64 = 40;
const CUSTOMERS: usize = 4;

fn main() {
    with_tasks();
    with_threads();
}

#[selvedge::main]
async fn with_tasks() {
    let account = Arc::new((Mutex::new(BALANCE), Barrier::new(CUSTOMERS)));
    let mut customers = JoinSet::new();
    for _ in 0..CUSTOMERS {
        let account = Arc::clone(&account);
        customers.spawn(async move {
            let (balance, all_checked) = &*account;
            let enough = *balance.lock().await >= AMOUNT; // The lock is free again here.
            all_checked.wait().await; // Stands for any `.await`.
            if enough {
                *balance.lock().await -= AMOUNT;
            }
            enough
        });
    }
    let drawn = customers.join_all().await;
    report_broken("tasks", &drawn, *account.0.lock().await);

    let account = Arc::new(Mutex::new(BALANCE));
    let mut customers = JoinSet::new();
    for _ in 0..CUSTOMERS {
        let account = Arc::clone(&account);
        customers.spawn(async move {
            let mut balance = account.lock().await;
            let enough = *balance >= AMOUNT;
            yield_now().await; // The others run, and wait for the lock.
            if enough {
                *balance -= AMOUNT;
            }
            enough
        });
    }
    let drawn = customers.join_all().await;
    report_fixed("tasks", &drawn, *account.lock().await);
}

fn with_threads() {
    let balance = AtomicI64::new(BALANCE);
    let all_checked = std::sync::Barrier::new(CUSTOMERS);
    let drawn = on_each_thread(|| {
        let enough = balance.load(Relaxed) >= AMOUNT;
        all_checked.wait();
        if enough {
            balance.fetch_sub(AMOUNT, Relaxed); // Atomic, and wrong.
        }
        enough
    });
    report_broken("threads", &drawn, balance.into_inner());

    let balance = AtomicI64::new(BALANCE);
    let drawn = on_each_thread(|| {
        // Acts only if the balance is still the one that was checked; otherwise checks again.
        let rest = |balance| Some(balance - AMOUNT).filter(|rest| *rest >= 0);
        balance.fetch_update(Relaxed, Relaxed, rest).is_ok()
    });
    report_fixed("threads", &drawn, balance.into_inner());
}

fn on_each_thread(customer: impl Fn() -> bool + Sync) -> Vec<bool> {
    thread::scope(|scope| {
        let customers = [(); CUSTOMERS].map(|()| scope.spawn(&customer));
        customers
            .map(|customer| customer.join().expect("a customer that ends"))
            .to_vec()
    })
}

fn report_broken(world: &str, drawn: &[bool], left: i64) {
    let count = drawn.iter().filter(|drawn| **drawn).count();
    println!("{world}, check, then act: {count} of {CUSTOMERS} draw, {left} left");
    assert!(count == CUSTOMERS && left == BALANCE - AMOUNT * CUSTOMERS as i64);
}

fn report_fixed(world: &str, drawn: &[bool], left: i64) {
    let count = drawn.iter().filter(|drawn| **drawn).count();
    println!("{world}, check and act in one: {count} of {CUSTOMERS} draw, {left} left");
    assert!(count == 2 && left == BALANCE - 2 * AMOUNT);
}

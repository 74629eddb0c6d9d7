//! Lock hierarchy: each lock has a level, and who holds one takes only higher ones. So no circle can close.
//!
//! *Shows*: a bank (level 1) with accounts (level 2) that are used by two at once, upward; and one who holds an
//! account and wants the bank. The check refuses that at the first try, also when nobody else is there to
//! collide with. The deadlock it prevents would come one day, under load.
//!
//! *Run with*: `cargo run --example guide_lock_hierarchy`
//!
//! *Try this*: swap the levels of bank and account: now the others are refused.
//!
//! *Key line*: threads, downward: refused: holds level 2, may not take level 1

use std::sync::{Arc, Mutex as StdMutex};
use std::thread;

use selvedge::sync::Mutex;
use selvedge::task::JoinSet;

const ROUNDS: u32 = 1000;

/// A lock of this kind for each world.
struct Ranked<L> {
    level: u32,
    lock: L,
}

impl<L> Ranked<L> {
    /// The lock, for one who holds no other.
    fn first(&self) -> &L {
        &self.lock
    }

    /// The lock, for one who holds `held`.
    fn above<M>(&self, held: &Ranked<M>) -> Result<&L, String> {
        if self.level > held.level {
            return Ok(&self.lock);
        }
        let (held, wanted) = (held.level, self.level);
        Err(format!("holds level {held}, may not take level {wanted}"))
    }
}

struct Bank<L> {
    transfers: Ranked<L>,
    account: Ranked<L>,
}

impl<L> Bank<L> {
    fn new(transfers: L, account: L) -> Self {
        Self {
            transfers: Ranked {
                level: 1,
                lock: transfers,
            },
            account: Ranked {
                level: 2,
                lock: account,
            },
        }
    }
}

fn main() {
    with_tasks();
    with_threads();
}

#[selvedge::main]
async fn with_tasks() {
    let bank = Arc::new(Bank::new(Mutex::new(0), Mutex::new(0)));
    let mut workers = JoinSet::new();
    for _ in 0..2 {
        let bank = Arc::clone(&bank);
        workers.spawn(async move {
            for _ in 0..ROUNDS {
                let mut transfers = bank.transfers.first().lock().await;
                let mut account = bank.account.above(&bank.transfers).unwrap().lock().await;
                *transfers += 1;
                *account += 5;
            }
        });
    }
    workers.join_all().await;
    let account = bank.account.first().lock().await;
    let downward = bank.transfers.above(&bank.account).map(drop);
    report("tasks", *account, downward);
}

fn with_threads() {
    let bank = Bank::new(StdMutex::new(0), StdMutex::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    let mut transfers = bank.transfers.first().lock().unwrap();
                    let account = bank.account.above(&bank.transfers).unwrap();
                    *transfers += 1;
                    *account.lock().unwrap() += 5;
                }
            });
        }
    });
    let account = bank.account.first().lock().unwrap();
    let downward = bank.transfers.above(&bank.account).map(drop);
    report("threads", *account, downward);
}

fn report(world: &str, account: u32, downward: Result<(), String>) {
    println!("{world}, upward: 2 x {ROUNDS} times without a deadlock, {account} in the account");
    println!(
        "{world}, downward: refused: {}",
        downward.expect_err("it goes down")
    );
    assert_eq!(account, 2 * ROUNDS * 5);
}

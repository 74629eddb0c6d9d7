//! Dining philosophers: five at a round table, five forks, and each needs the two beside the plate.
//!
//! *Shows*: all take the fork on their left first, and wait for the other in a circle, which a time limit finds; and
//! three cures, with which all of them eat: both forks at once with `lock_all`, the fork with the lower number
//! first, and a waiter who lets four of them sit down.
//!
//! *Run with*: `cargo run --example guide_dining_philosophers`
//!
//! *Try this*: let the waiter seat five, in `Way::Waiter`: all of them hold their left fork for ever.
//!
//! *Key line*: Waiter, threads: 5 of 5 have eaten

use std::thread;
use std::time::Duration;

use selvedge::sync::{Barrier, Mutex, Semaphore, blocking_lock_all, lock_all};
use selvedge::task::{JoinSet, yield_now};

const SEATS: usize = 5;
const MEALS: usize = 50;
/// How long the first way waits for its second fork.
const PATIENCE: Duration = Duration::from_millis(100);

static FORKS: [Mutex<()>; SEATS] = [const { Mutex::new(()) }; SEATS];
static CHAIRS: Semaphore = Semaphore::const_new(SEATS - 1);
static ALL: Barrier = Barrier::new(SEATS);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    LeftFirst,
    BothAtOnce,
    LowerFirst,
    Waiter,
}
use Way::{BothAtOnce, LeftFirst, LowerFirst, Waiter};

fn main() {
    for way in [LeftFirst, BothAtOnce, LowerFirst, Waiter] {
        for (who, have_eaten) in [("tasks", with_tasks(way)), ("threads", with_threads(way))] {
            println!("{way:?}, {who}: {have_eaten} of {SEATS} have eaten");
            assert_eq!(have_eaten, if way == LeftFirst { 0 } else { SEATS });
        }
    }
}

/// The forks of a seat, in the order in which they are taken.
fn forks(seat: usize, way: Way) -> [&'static Mutex<()>; 2] {
    let (left, right) = (seat, (seat + 1) % SEATS);
    match way {
        LowerFirst => [&FORKS[left.min(right)], &FORKS[left.max(right)]],
        _ => [&FORKS[left], &FORKS[right]],
    }
}

#[selvedge::main]
async fn with_tasks(way: Way) -> usize {
    let mut philosophers = JoinSet::new();
    for seat in 0..SEATS {
        philosophers.spawn(async move {
            let forks @ [first, second] = forks(seat, way);
            if way == LeftFirst {
                let _first = first.lock().await;
                ALL.wait().await; // The worst moment, here made to happen.
                let second = second.lock_timeout(PATIENCE).await;
                ALL.wait().await; // Nobody lets go before.
                return second.is_ok();
            }
            for _ in 0..MEALS {
                let _chair = match way {
                    Waiter => CHAIRS.acquire().await.ok(),
                    _ => None,
                };
                if way == BothAtOnce {
                    let _both = lock_all(forks).await;
                    yield_now().await;
                } else {
                    let _first = first.lock().await;
                    yield_now().await;
                    let _second = second.lock().await;
                }
            }
            true
        });
    }
    let ended = philosophers.join_all().await;
    ended.into_iter().filter(|has_eaten| *has_eaten).count()
}

fn with_threads(way: Way) -> usize {
    let eat = |seat| {
        let forks @ [first, second] = forks(seat, way);
        if way == LeftFirst {
            let _first = first.blocking_lock();
            ALL.blocking_wait();
            let second = second.blocking_lock_timeout(PATIENCE);
            ALL.blocking_wait();
            return second.is_ok();
        }
        for _ in 0..MEALS {
            let _chair = (way == Waiter).then(|| CHAIRS.blocking_acquire());
            if way == BothAtOnce {
                let _both = blocking_lock_all(forks);
                thread::yield_now();
            } else {
                let _first = first.blocking_lock();
                thread::yield_now();
                let _second = second.blocking_lock();
            }
        }
        true
    };
    let eat = &eat;
    thread::scope(|scope| {
        let seats = (0..SEATS).map(|seat| scope.spawn(move || eat(seat)));
        let seats: Vec<_> = seats.collect();
        let ended = seats.into_iter().map(|seat| seat.join().expect("no panic"));
        ended.filter(|has_eaten| *has_eaten).count()
    })
}

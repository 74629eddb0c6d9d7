//! Livelock: all are busy giving way to each other, and nobody gets on.
//!
//! *Shows*: two that need both locks. Who does not get the second gives the first back and tries again: no
//! deadlock, and no progress either while both move at the same pace (made certain here by a barrier). The cure
//! is to be different: one insists, the other one gives way. Random pauses are another one, for equals.
//!
//! *Run with*: `cargo run --example guide_livelock`
//!
//! *Try this*: let both insist. That is the deadlock of `guide_deadlock`.
//!
//! *Key line*: threads, [Insists, GivesWay]: both get on: true

use std::sync::{self, Arc};
use std::thread;

use selvedge::sync::{Barrier, Mutex};
use selvedge::task::yield_now;

const LIMIT: u32 = 1000;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    InStep,   // Gives way, at the same pace as the other one.
    GivesWay, // At its own pace.
    Insists,  // Keeps what it has, and waits.
}
use Manner::{GivesWay, InStep, Insists};

type Locks = [Mutex<()>; 2];

fn main() {
    for manners in [[InStep, InStep], [Insists, GivesWay]] {
        report("tasks", manners, with_tasks(manners));
        report("threads", manners, with_threads(manners));
    }
}

/// Tries in vain until both locks were held; none if it gave up.
async fn task(locks: &Locks, me: usize, manner: Manner, pace: &Barrier) -> Option<u32> {
    let (own, other) = (&locks[me], &locks[1 - me]);
    for vain in 0.. {
        if manner == InStep && vain == LIMIT {
            break;
        }
        let mine = own.lock().await;
        if manner == InStep || vain == 0 {
            pace.wait().await; // Both hold one.
        }
        if manner == Insists {
            let _both = (mine, other.lock().await);
            return Some(vain);
        }
        if other.try_lock().is_ok() {
            return Some(vain);
        }
        if manner == InStep {
            pace.wait().await; // Both have tried.
        }
        drop(mine);
        yield_now().await;
    }
    None
}

#[selvedge::main]
async fn with_tasks(manners: [Manner; 2]) -> [Option<u32>; 2] {
    let shared = Arc::new((Locks::default(), Barrier::new(2)));
    let [one, other] = [0, 1].map(|me| {
        let shared = Arc::clone(&shared);
        selvedge::spawn(async move { task(&shared.0, me, manners[me], &shared.1).await })
    });
    [one.await.unwrap(), other.await.unwrap()]
}

/// As [`task`].
fn thread(locks: &Locks, me: usize, manner: Manner, pace: &sync::Barrier) -> Option<u32> {
    let (own, other) = (&locks[me], &locks[1 - me]);
    for vain in 0.. {
        if manner == InStep && vain == LIMIT {
            break;
        }
        let mine = own.blocking_lock();
        if manner == InStep || vain == 0 {
            pace.wait();
        }
        if manner == Insists {
            let _both = (mine, other.blocking_lock());
            return Some(vain);
        }
        if other.try_lock().is_ok() {
            return Some(vain);
        }
        if manner == InStep {
            pace.wait();
        }
        drop(mine);
        thread::yield_now();
    }
    None
}

fn with_threads(manners: [Manner; 2]) -> [Option<u32>; 2] {
    let (locks, pace) = (Locks::default(), sync::Barrier::new(2));
    thread::scope(|scope| {
        let run = |me: usize| thread(&locks, me, manners[me], &pace);
        let threads = [0, 1].map(|me| scope.spawn(move || run(me)));
        threads.map(|thread| thread.join().unwrap())
    })
}

fn report(world: &str, manners: [Manner; 2], vain: [Option<u32>; 2]) {
    if manners == [InStep; 2] {
        println!("{world}, {manners:?}: {LIMIT} tries each, all in vain");
        assert_eq!(vain, [None; 2]);
    } else {
        let both = vain.iter().all(Option::is_some);
        println!("{world}, {manners:?}: both get on: {both}, tries in vain: {vain:?}");
        assert!(both);
    }
}

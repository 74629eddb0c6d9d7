//! Models of the read-write lock. A waiter that is forgotten deadlocks its model; a word that is not
//! free at the end fails it (I2); a value that is written beside others, or not seen, fails it (I4).

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::thread::JoinHandle;

type Shared = Arc<RwLock<AtomicUsize>>;

fn shared(policy: RwLockPolicy) -> Shared {
    Arc::new(RwLock::new(AtomicUsize::new(0)).with_policy(policy))
}

/// A write that the model checks for being alone.
fn add(value: &mut AtomicUsize, n: usize) {
    value.with_mut(|value| *value += n);
}

/// Relaxed: the lock has to make the writes visible.
fn get(value: &AtomicUsize) -> usize {
    value.load(Ordering::Relaxed)
}

fn run<R: 'static>(
    lock: &Shared,
    body: impl FnOnce(&RwLock<AtomicUsize>) -> R + 'static,
) -> JoinHandle<R> {
    let lock = lock.clone();
    spawn(move || body(&lock))
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Nobody is inside or queued.
fn assert_free(lock: &RwLock<AtomicUsize>) {
    assert!(lock.try_write().is_ok(), "{:?}", lock.raw);
}

/// I4 and I1: each may find the other inside, and neither is forgotten.
///
/// Bound: none; executions: 2890.
#[test]
fn two_writers_race() {
    check("two_writers_race", UNBOUNDED, || {
        let lock = shared(RwLockPolicy::Fair);
        let other = run(&lock, |lock| add(&mut block_on(lock.write()), 1));
        start();
        add(&mut block_on(lock.write()), 1);
        other.join().unwrap();
        assert_eq!(get(&lock.try_read().unwrap()), 2);
        assert_free(&lock);
    });
}

/// I4: a writer among readers; the last reader lets it in, and it lets in readers.
///
/// Bound: 3; executions: 59368, with readers preferred 40410.
#[test]
fn readers_race_a_writer() {
    for policy in [
        RwLockPolicy::Fair,
        RwLockPolicy::PreferReaders,
        RwLockPolicy::PreferWriters,
    ] {
        check("readers_race_a_writer", THREE, move || {
            let lock = shared(policy);
            let writer = run(&lock, |lock| add(&mut block_on(lock.write()), 1));
            let reader = run(&lock, |lock| get(&block_on(lock.read())));
            start();
            let seen = get(&block_on(lock.read()));
            assert!(seen <= 1 && reader.join().unwrap() <= 1);
            writer.join().unwrap();
            assert_eq!(get(&lock.try_read().unwrap()), 1);
            assert_free(&lock);
        });
    }
}

/// the reader behind a writer that gives up is let in, whether or not the writer's turn comes at
/// the same moment.
///
/// Bound: none; executions: 395.
#[test]
fn cancel_of_a_pending_writer_races_the_last_reader() {
    for policy in [RwLockPolicy::Fair, RwLockPolicy::PreferWriters] {
        check(
            "cancel_of_a_pending_writer_races_the_last_reader",
            UNBOUNDED,
            move || {
                let lock = shared(policy);
                let inside = lock.clone().try_read_owned().unwrap();
                let mut leaves = Box::pin(lock.write());
                assert!(poll_once(leaves.as_mut()).is_pending());
                let mut behind = pin!(lock.read());
                assert!(poll_once(behind.as_mut()).is_pending());
                let reader = spawn(move || drop(inside));
                start();
                drop(leaves);
                drop(block_on(behind.as_mut()));
                reader.join().unwrap();
                assert_free(&lock);
            },
        );
    }
}

/// downgrading releases once: a writer that is queued, or comes, has to wait, and nobody writes in
/// between.
///
/// Bound: none; executions: 5391.
#[test]
fn downgrade_races_a_writer() {
    check("downgrade_races_a_writer", UNBOUNDED, || {
        let lock = shared(RwLockPolicy::Fair);
        let mut write = lock.clone().try_write_owned().unwrap();
        let writer = run(&lock, |lock| add(&mut block_on(lock.write()), 1));
        start();
        add(&mut write, 1);
        let read = write.downgrade();
        assert_eq!(get(&read), 1, "nobody writes in between");
        drop(read);
        writer.join().unwrap();
        assert_eq!(get(&lock.try_read().unwrap()), 2);
        assert_free(&lock);
    });
}

/// A reader that is queued, or comes, is let in by the downgrade, not only by what follows it, and sees
/// what was written.
///
/// Bound: none; executions: 964.
#[test]
fn downgrade_races_a_reader() {
    check("downgrade_races_a_reader", UNBOUNDED, || {
        let lock = shared(RwLockPolicy::Fair);
        let mut write = lock.clone().try_write_owned().unwrap();
        let reader = run(&lock, |lock| assert_eq!(get(&block_on(lock.read())), 1));
        start();
        add(&mut write, 1);
        let read = write.downgrade();
        reader.join().unwrap();
        drop(read);
        assert_free(&lock);
    });
}

/// the last other reader wakes the upgrade, ahead of a writer that was queued before.
///
/// Bound: none; executions: 3859.
#[test]
fn upgrade_races_the_other_reader_leaving() {
    for policy in [RwLockPolicy::Fair, RwLockPolicy::PreferReaders] {
        check(
            "upgrade_races_the_other_reader_leaving",
            UNBOUNDED,
            move || {
                let lock = shared(policy);
                let other = lock.clone().try_read_owned().unwrap();
                let upgradable = lock.try_upgradable_read().unwrap();
                let mut queued = pin!(lock.write());
                assert!(poll_once(queued.as_mut()).is_pending());
                let reader = spawn(move || drop(other));
                start();
                let mut write = block_on(upgradable.upgrade());
                add(&mut write, 1);
                drop(write);
                assert_eq!(get(&block_on(queued.as_mut())), 1);
                reader.join().unwrap();
            },
        );
    }
}

/// An upgrade that is dropped at the moment it is granted leaves nothing behind, and what it read was
/// read before others write.
///
/// Bound: none; executions: 42591.
#[test]
fn cancel_of_an_upgrade_races_the_other_reader_leaving() {
    check(
        "cancel_of_an_upgrade_races_the_other_reader_leaving",
        UNBOUNDED,
        || {
            let lock = shared(RwLockPolicy::Fair);
            let other = lock.clone().try_read_owned().unwrap();
            let upgradable = lock.clone().try_upgradable_read_owned().unwrap();
            let writer = run(&lock, move |lock| {
                drop(other);
                add(&mut block_on(lock.write()), 1);
            });
            start();
            assert_eq!(get(&upgradable), 0);
            let mut upgrade = Box::pin(upgradable.upgrade());
            if let Poll::Ready(write) = poll_once(upgrade.as_mut()) {
                assert_eq!(get(&write), 0);
            }
            drop(upgrade);
            writer.join().unwrap();
            assert_free(&lock);
        },
    );
}

/// The lock ends with the guard that another thread drops, after it has handed on.
///
/// Bound: none; executions: 1741.
#[test]
fn owned_guard_dropped_elsewhere_races_a_waiter() {
    check(
        "owned_guard_dropped_elsewhere_races_a_waiter",
        UNBOUNDED,
        || {
            let lock = shared(RwLockPolicy::Fair);
            let mut write = lock.clone().try_write_owned().unwrap();
            let elsewhere = spawn(move || {
                add(&mut write, 1);
                drop(write);
            });
            start();
            let mut write = block_on(lock.write_owned());
            assert_eq!(get(&write), 1);
            add(&mut write, 1);
            drop(write);
            elsewhere.join().unwrap();
        },
    );
}

/// There is never one reader too many, and the one that waits for its place gets it.
///
/// Bound: 3; executions: 92173.
#[test]
fn readers_race_for_the_last_place() {
    for policy in [RwLockPolicy::Fair, RwLockPolicy::PreferReaders] {
        check("readers_race_for_the_last_place", THREE, move || {
            let value = AtomicUsize::new(0);
            let lock = Arc::new(RwLock::with_max_readers(value, 1).with_policy(policy));
            let readers = [(); 2].map(|()| {
                run(&lock, |lock| {
                    let inside = block_on(lock.read());
                    assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
                    inside.fetch_sub(1, Ordering::Relaxed);
                })
            });
            start();
            if let Ok(inside) = lock.try_read() {
                assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
                inside.fetch_sub(1, Ordering::Relaxed);
            }
            for reader in readers {
                reader.join().unwrap();
            }
            assert_free(&lock);
        });
    }
}

/// A `try_write` that finds the lock free on its way from one to the next does not come between, and a
/// poll that finds itself let in sees what was written, also by chance and not by being woken.
///
/// Bound: none; executions: 1058.
#[test]
fn try_write_races_a_hand_over() {
    check("try_write_races_a_hand_over", UNBOUNDED, || {
        let lock = shared(RwLockPolicy::Fair);
        let mut write = lock.clone().try_write_owned().unwrap();
        let mut waits = Box::pin(lock.read());
        assert!(poll_once(waits.as_mut()).is_pending());
        let writer = spawn(move || {
            add(&mut write, 1);
            drop(write);
        });
        start();
        assert!(lock.try_write().is_err(), "the reader was first");
        if let Poll::Ready(read) = poll_once(waits.as_mut()) {
            assert_eq!(get(&read), 1);
        }
        writer.join().unwrap();
        drop(waits);
        assert_free(&lock);
    });
}

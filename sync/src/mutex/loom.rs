//! Models of the mutex: each attacks "no waiter is forgotten" (one that is deadlocks the model), I5, or
//! the exclusive access to the value, which loom watches.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};

type Waits = Pin<Box<LockOwned<u32>>>;

fn poll<F: Future>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

fn add_one(mutex: &Arc<Mutex<u32>>) -> crate::primitive::thread::JoinHandle<()> {
    let mutex = mutex.clone();
    spawn(move || *block_on(mutex.lock()) += 1)
}

fn total(mutex: &Mutex<u32>) -> u32 {
    *mutex.try_lock().expect("nobody holds it any more")
}

fn both_policies(f: impl Fn(fn(Mutex<u32>) -> Mutex<u32>)) {
    f(|mutex| mutex);
    f(Mutex::fair);
}

/// Exclusive access, and a wake for who waits. Unbounded: 324 executions barging, 1498
/// fair.
#[test]
fn lock_races_lock() {
    both_policies(|policy| {
        check("mutex: lock races lock", UNBOUNDED, move || {
            let mutex = Arc::new(policy(Mutex::new(0)));
            let other = add_one(&mutex);
            start();
            *block_on(mutex.lock()) += 1;
            other.join().unwrap();
            assert_eq!(total(&mutex), 2);
        });
    });
}

/// The same, with one more, so that a wake can meet a queue that is not empty. At bound 3: 15380
/// barging, 23595 fair.
#[test]
fn three_locks_race() {
    both_policies(|policy| {
        check("mutex: three locks race", THREE, move || {
            let mutex = Arc::new(policy(Mutex::new(0)));
            let others = [add_one(&mutex), add_one(&mutex)];
            start();
            *block_on(mutex.lock()) += 1;
            for other in others {
                other.join().unwrap();
            }
            assert_eq!(total(&mutex), 3);
        });
    });
}

/// What a cancelled wait was given, wake or lock, goes to the next (I3, I5). At bound 3: 5715 and 7797.
#[test]
fn unlock_races_cancel_with_a_waiter_behind() {
    both_policies(|policy| {
        check("mutex: unlock races cancel", THREE, move || {
            let mutex = Arc::new(policy(Mutex::new(0)));
            let held = mutex.clone().try_lock_owned().unwrap();
            let mut leaves = Box::pin(mutex.lock());
            assert!(poll(&mut leaves).is_pending());
            let behind = add_one(&mutex);
            let unlock = spawn(move || drop(held));
            start();
            drop(leaves);
            behind.join().unwrap();
            unlock.join().unwrap();
            assert_eq!(total(&mutex), 1);
        });
    });
}

/// A woken waiter is dropped while another one takes the lock and gives it back (I2, I3). Unbounded: 31176.
#[test]
fn barging_races_the_drop_of_a_woken_waiter() {
    check("mutex: barging races drop of the woken", UNBOUNDED, || {
        let mutex = Arc::new(Mutex::new(0));
        let held = mutex.try_lock().unwrap();
        let mut woken = Box::pin(mutex.lock());
        let mut behind = Box::pin(mutex.lock());
        assert!(poll(&mut woken).is_pending());
        assert!(poll(&mut behind).is_pending());
        drop(held);
        let barges = {
            let mutex = mutex.clone();
            spawn(move || drop(mutex.try_lock()))
        };
        start();
        drop(woken);
        *block_on(behind.as_mut()) += 1;
        barges.join().unwrap();
        drop(behind);
        assert_eq!(total(&mutex), 1);
    });
}

/// A woken waiter looks while another one takes the lock and gives it back (I2, I3). Unbounded: 1509.
#[test]
fn barging_races_the_look_of_a_woken_waiter() {
    check("mutex: barging races look", UNBOUNDED, || {
        let mutex = Arc::new(Mutex::new(0));
        let held = mutex.try_lock().unwrap();
        let mut woken = Box::pin(mutex.lock());
        assert!(poll(&mut woken).is_pending());
        drop(held);
        let barges = {
            let mutex = mutex.clone();
            spawn(move || drop(mutex.try_lock()))
        };
        start();
        *block_on(woken.as_mut()) += 1;
        barges.join().unwrap();
        drop(woken);
        assert_eq!(total(&mutex), 1);
    });
}

/// A waiter that has asked for the lock, and who holds it meanwhile.
fn impatient(mutex: &Arc<Mutex<u32>>) -> (MutexGuard<'_, u32>, Waits) {
    let mut held = mutex.try_lock().unwrap();
    let mut waits = Box::pin(mutex.clone().lock_owned());
    assert!(poll(&mut waits).is_pending());
    while !mutex.raw.state().hands_off() {
        drop(held);
        held = mutex.try_lock().unwrap();
        assert!(poll(&mut waits).is_pending());
    }
    (held, waits)
}

/// In transit the lock belongs to the first in the queue, who may be leaving (I3, I4). At bound 3: 55573.
#[test]
fn handoff_races_cancel_and_try_lock() {
    check("mutex: handoff races cancel", THREE, || {
        let mutex = Arc::new(Mutex::new(0));
        let (held, leaves) = impatient(&mutex);
        let mut behind = Box::pin(mutex.lock());
        assert!(poll(&mut behind).is_pending());
        let tries = {
            let mutex = mutex.clone();
            spawn(move || {
                if let Ok(mut guard) = mutex.try_lock() {
                    *guard += 1;
                }
            })
        };
        let leaver = spawn(move || drop(leaves));
        start();
        drop(held);
        drop(block_on(behind.as_mut()));
        tries.join().unwrap();
        leaver.join().unwrap();
        drop(behind);
        assert!(mutex.try_lock().is_ok());
    });
}

/// What the guard wrote is seen by the next, wherever it was dropped. Unbounded: 520 and 2699.
#[test]
fn an_owned_guard_dropped_elsewhere_races_lock() {
    both_policies(|policy| {
        check(
            "mutex: owned guard dropped elsewhere",
            UNBOUNDED,
            move || {
                let mutex = Arc::new(policy(Mutex::new(0)));
                let mut held = mutex.clone().try_lock_owned().unwrap();
                let other = spawn(move || {
                    *held += 1;
                    drop(held);
                });
                start();
                assert_eq!(*block_on(mutex.lock()), 1);
                other.join().unwrap();
            },
        );
    });
}

/// A lock seen by a poll that nobody woke comes with what its former holder wrote. Unbounded: 171 and 211.
#[test]
fn a_poll_that_gets_the_lock_sees_what_came_before() {
    both_policies(|policy| {
        check("mutex: spurious poll races unlock", UNBOUNDED, move || {
            let mutex = Arc::new(policy(Mutex::new(0)));
            let mut held = mutex.clone().try_lock_owned().unwrap();
            let mut waits = Box::pin(mutex.lock());
            assert!(poll(&mut waits).is_pending());
            let other = spawn(move || {
                *held += 1;
                drop(held);
            });
            start();
            if let Poll::Ready(guard) = poll(&mut waits) {
                assert_eq!(*guard, 1);
            }
            other.join().unwrap();
            drop(waits);
            assert_eq!(total(&mutex), 1);
        });
    });
}

//! Models of taking several locks: each attacks "nobody waits in a circle" (a circle deadlocks the
//! model), or a lock that is not given back.

use std::sync::Arc;
use std::task::Waker;

use ::loom::future::block_on;

use super::*;
use crate::Mutex;
use crate::model_check::{UNBOUNDED, check, spawn, start};

fn pair() -> Arc<[Mutex<u32>; 2]> {
    Arc::new([Mutex::new(0), Mutex::new(0)])
}

/// Two that name the locks in opposite order. Unbounded: 85028 executions.
#[test]
fn opposite_orders_race() {
    check("lock_all: opposite orders", UNBOUNDED, || {
        let locks = pair();
        let other = {
            let locks = locks.clone();
            spawn(move || {
                for mut guard in block_on(lock_all([&locks[1], &locks[0]])) {
                    *guard += 1;
                }
            })
        };
        start();
        for mut guard in block_on(lock_all([&locks[0], &locks[1]])) {
            *guard += 1;
        }
        other.join().unwrap();
        assert_eq!(try_lock_all(locks.each_ref()).unwrap().map(|n| *n), [2, 2]);
    });
}

/// A wait that holds one lock and waits for another is dropped. Unbounded: 362 executions.
#[test]
fn cancel_races_unlock() {
    check("lock_all: cancel races unlock", UNBOUNDED, || {
        let locks = pair();
        let [first, second] = &*locks;
        let held = second.try_lock().unwrap();
        let mut wait = Box::pin(lock_all([first, second]));
        let polled = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        drop(held);
        let other = {
            let locks = locks.clone();
            spawn(move || drop(block_on(locks[1].lock())))
        };
        start();
        drop(wait);
        other.join().unwrap();
        assert!(try_lock_all(locks.each_ref()).is_ok());
    });
}

/// A try gives back what it took when it does not get all. Unbounded: 189 executions.
#[test]
fn try_races_lock() {
    check("lock_all: try races lock", UNBOUNDED, || {
        let locks = pair();
        let other = {
            let locks = locks.clone();
            spawn(move || drop(try_lock_all([&locks[1], &locks[0]])))
        };
        start();
        drop(block_on(locks[1].lock()));
        other.join().unwrap();
        assert!(try_lock_all(locks.each_ref()).is_ok());
    });
}

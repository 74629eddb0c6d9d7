//! Models of the reentrant mutex. A waiter that is forgotten deadlocks its model; a lock that still has
//! an owner at the end fails it (I1).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::atomic::{AtomicUsize, Ordering};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Adds in two steps that only the lock holds together.
fn add(value: &AtomicUsize) {
    let before = value.load(Ordering::Relaxed);
    value.store(before + 1, Ordering::Relaxed);
}

/// Two owners, each inside twice: nobody is inside with another, and neither is forgotten.
///
/// Bound: none; executions: 3430.
#[test]
fn release_races_another_owner() {
    check("release_races_another_owner", UNBOUNDED, || {
        let lock = Arc::new(ReentrantMutex::new(AtomicUsize::new(0)));
        let twice = |lock: &ReentrantMutex<AtomicUsize>| {
            let owner = Owner::unique();
            let outer = block_on(lock.lock_as(owner));
            let inner = block_on(lock.lock_as(owner));
            add(&inner);
            drop(outer);
            add(&inner);
        };
        let other = {
            let lock = lock.clone();
            spawn(move || twice(&lock))
        };
        start();
        twice(&lock);
        other.join().unwrap();
        assert_eq!(lock.value.load(Ordering::Relaxed), 4);
        assert_eq!((lock.holder(), lock.depth()), (None, 0));
    });
}

/// Who is dropped at the moment it is granted the lock hands it on.
///
/// Bound: none; executions: 575.
#[test]
fn release_races_cancel() {
    check("release_races_cancel", UNBOUNDED, || {
        let lock = Arc::new(ReentrantMutex::new(()));
        let owners = [(); 3].map(|()| Owner::unique());
        let mut held = Some(block_on(lock.lock_as(owners[0])));
        let mut leaves = Box::pin(lock.lock_as(owners[1]));
        assert!(poll_once(leaves.as_mut()).is_pending());
        let mut heir = Box::pin(lock.lock_as(owners[2]));
        assert!(poll_once(heir.as_mut()).is_pending());
        std::mem::forget(held.take());
        let releases = {
            let lock = lock.clone();
            spawn(move || drop(ReentrantMutexGuard { lock: &*lock }))
        };
        start();
        drop(leaves);
        drop(block_on(heir.as_mut()));
        releases.join().unwrap();
        assert_eq!((lock.holder(), lock.depth()), (None, 0));
    });
}

/// Guards of one owner dropped on two threads at once, and a waiter: the last of them hands on, once.
///
/// Bound: 3; executions: 5899.
#[test]
fn two_releases_race_a_waiter() {
    check("two_releases_race_a_waiter", THREE, || {
        let lock = Arc::new(ReentrantMutex::new(AtomicUsize::new(0)));
        let (one, other) = (Owner::unique(), Owner::unique());
        for _ in 0..2 {
            std::mem::forget(lock.try_lock_as(one).unwrap());
        }
        let releases = [(); 2].map(|()| {
            let lock = lock.clone();
            spawn(move || {
                let guard = ReentrantMutexGuard { lock: &*lock };
                guard.fetch_add(1, Ordering::Relaxed);
            })
        });
        start();
        let guard = block_on(lock.lock_as(other));
        assert_eq!(
            guard.load(Ordering::Relaxed),
            2,
            "both have left, and it is seen"
        );
        drop(guard);
        for release in releases {
            release.join().unwrap();
        }
        assert_eq!((lock.holder(), lock.depth()), (None, 0));
    });
}

/// the owner enters again while another one tries and a third guard of it ends elsewhere.
///
/// Bound: 3; executions: 556.
#[test]
fn reentry_races_release_elsewhere_and_try_lock() {
    check(
        "reentry_races_release_elsewhere_and_try_lock",
        THREE,
        || {
            let lock = Arc::new(ReentrantMutex::new(()));
            let (one, other) = (Owner::unique(), Owner::unique());
            std::mem::forget(lock.try_lock_as(one).unwrap());
            let elsewhere = {
                let lock = lock.clone();
                spawn(move || drop(ReentrantMutexGuard { lock: &*lock }))
            };
            let tries = {
                let lock = lock.clone();
                spawn(move || {
                    if let Ok(guard) = lock.try_lock_as(other) {
                        assert_eq!(guard.lock.holder(), Some(other));
                    }
                })
            };
            start();
            let guard = block_on(lock.lock_as(one));
            assert_eq!(lock.holder(), Some(one));
            drop(guard);
            elsewhere.join().unwrap();
            tries.join().unwrap();
            assert_eq!((lock.holder(), lock.depth()), (None, 0));
        },
    );
}

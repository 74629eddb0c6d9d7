//! Models of the semaphore: each attacks "no waiter is forgotten" (one that is deadlocks the
//! model) or I3 (permits that appear or vanish are missing in the count).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::thread::JoinHandle;
use crate::primitive::{Arc, UnsafeCell};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A thread that starts from the line.
fn race<T: 'static>(
    semaphore: &Arc<Semaphore>,
    f: impl FnOnce(&Semaphore) -> T + 'static,
) -> JoinHandle<T> {
    let semaphore = semaphore.clone();
    spawn(move || f(&semaphore))
}

/// Unbounded: 4 008 executions.
#[test]
fn release_races_acquire() {
    check("release_races_acquire", UNBOUNDED, || {
        let semaphore = Arc::new(Semaphore::new(1));
        // Loom sees to it that accesses do not overlap and are ordered.
        let guarded = Arc::new(UnsafeCell::new(()));
        let other = {
            let guarded = guarded.clone();
            race(&semaphore, move |semaphore| {
                let permit = block_on(semaphore.acquire()).unwrap();
                guarded.with_mut(|_| ());
                drop(permit);
            })
        };
        start();
        let permit = block_on(semaphore.acquire()).unwrap();
        guarded.with_mut(|_| ());
        drop(permit);
        other.join().unwrap();
        assert_eq!(semaphore.available_permits(), 1);
    });
}

/// Bound 3: 26 804 executions.
#[test]
fn two_releases_race_an_acquire_of_both() {
    check("two_releases_race_an_acquire_of_both", THREE, || {
        let semaphore = Arc::new(Semaphore::new(0));
        let releases = [1, 1].map(|n| race(&semaphore, move |semaphore| semaphore.add_permits(n)));
        start();
        let permit = block_on(semaphore.acquire_many(2)).unwrap();
        assert_eq!(semaphore.available_permits(), 0);
        drop(permit);
        for release in releases {
            release.join().unwrap();
        }
        assert_eq!(semaphore.available_permits(), 2);
    });
}

/// Unbounded: 970 executions.
#[test]
fn release_races_cancel_of_a_wait_that_gathers() {
    check("release_races_cancel", UNBOUNDED, || {
        let semaphore = Arc::new(Semaphore::new(1));
        let mut leaves = Box::pin(semaphore.acquire_many(2));
        assert!(poll_once(leaves.as_mut()).is_pending());
        let mut heir = Box::pin(semaphore.acquire_many(2));
        assert!(poll_once(heir.as_mut()).is_pending());
        let release = race(&semaphore, |semaphore| semaphore.add_permits(1));
        start();
        drop(leaves);
        drop(block_on(heir.as_mut()).unwrap());
        release.join().unwrap();
        assert_eq!(semaphore.available_permits(), 2);
    });
}

/// Bound 3: 22 267 executions.
#[test]
fn close_races_acquire_and_release() {
    check("close_races_acquire_and_release", THREE, || {
        let semaphore = Arc::new(Semaphore::new(0));
        let closer = race(&semaphore, |semaphore| semaphore.close());
        let release = race(&semaphore, |semaphore| semaphore.add_permits(1));
        start();
        drop(block_on(semaphore.acquire_many(2)).unwrap_err());
        closer.join().unwrap();
        release.join().unwrap();
        assert_eq!(semaphore.available_permits(), 1, "what was gathered");
    });
}

/// Bound 3: 20 181 executions.
#[test]
fn try_acquire_races_a_waiter() {
    check("try_acquire_races_a_waiter", THREE, || {
        let semaphore = Arc::new(Semaphore::new(0));
        let release = race(&semaphore, |semaphore| semaphore.add_permits(1));
        let taken = race(&semaphore, |semaphore| {
            semaphore.try_acquire().map(drop).is_ok()
        });
        start();
        drop(block_on(semaphore.acquire()).unwrap());
        release.join().unwrap();
        let _ = taken.join().unwrap();
        assert_eq!(semaphore.available_permits(), 1);
    });
}

/// Unbounded: 44 executions.
#[test]
fn a_poll_that_gets_a_permit_sees_what_came_before_its_release() {
    // By chance of polling, not by being woken: waking would make it visible as well.
    for queued in [true, false] {
        check("a_poll_sees_what_came_before", UNBOUNDED, move || {
            let semaphore = Arc::new(Semaphore::new(0));
            let data = Arc::new(AtomicUsize::new(0));
            let mut wait = Box::pin(semaphore.acquire());
            if queued {
                assert!(poll_once(wait.as_mut()).is_pending());
            }
            let release = {
                let data = data.clone();
                race(&semaphore, move |semaphore| {
                    data.store(1, Ordering::Relaxed);
                    semaphore.add_permits(1);
                })
            };
            start();
            if poll_once(wait.as_mut()).is_ready() {
                assert_eq!(data.load(Ordering::Relaxed), 1);
            }
            release.join().unwrap();
        });
    }
}

/// L-65: permits are forgotten while one is taken and another added; none appears or vanishes.
/// Bound 3: 6 498 executions.
#[test]
fn forget_races_acquire_and_release() {
    check("forget_races_acquire_and_release", THREE, || {
        let semaphore = Arc::new(Semaphore::new(1));
        let forgets = race(&semaphore, |semaphore| semaphore.forget_permits(1));
        let release = race(&semaphore, |semaphore| semaphore.add_permits(1));
        start();
        drop(block_on(semaphore.acquire()).unwrap());
        release.join().unwrap();
        let left = 2 - forgets.join().unwrap();
        assert_eq!(semaphore.available_permits(), left);
    });
}

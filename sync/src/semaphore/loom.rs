//! Models of the semaphore: each attacks "no waiter is forgotten" (one that is deadlocks the
//! model) or I3 (permits that appear or vanish are missing in the count).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::primitive::{Arc, thread};

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn spawn<T: 'static>(
    semaphore: &Arc<Semaphore>,
    f: impl FnOnce(&Semaphore) -> T + 'static,
) -> thread::JoinHandle<T> {
    let semaphore = semaphore.clone();
    thread::spawn(move || f(&semaphore))
}

#[test]
fn release_races_acquire() {
    ::loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let other = spawn(&semaphore, |semaphore| {
            drop(block_on(semaphore.acquire()).unwrap());
        });
        drop(block_on(semaphore.acquire()).unwrap());
        other.join().unwrap();
        assert_eq!(semaphore.available_permits(), 1);
    });
}

#[test]
fn two_releases_race_an_acquire_of_both() {
    ::loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let releases = [1, 1].map(|n| spawn(&semaphore, move |semaphore| semaphore.add_permits(n)));
        let permit = block_on(semaphore.acquire_many(2)).unwrap();
        assert_eq!(semaphore.available_permits(), 0);
        drop(permit);
        for release in releases {
            release.join().unwrap();
        }
        assert_eq!(semaphore.available_permits(), 2);
    });
}

#[test]
fn release_races_cancel_of_a_wait_that_gathers() {
    ::loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let mut leaves = Box::pin(semaphore.acquire_many(2));
        assert!(poll_once(leaves.as_mut()).is_pending());
        let mut heir = Box::pin(semaphore.acquire_many(2));
        assert!(poll_once(heir.as_mut()).is_pending());
        let release = spawn(&semaphore, |semaphore| semaphore.add_permits(1));
        drop(leaves);
        drop(block_on(heir.as_mut()).unwrap());
        release.join().unwrap();
        assert_eq!(semaphore.available_permits(), 2);
    });
}

#[test]
fn close_races_acquire_and_release() {
    ::loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let closer = spawn(&semaphore, |semaphore| semaphore.close());
        let release = spawn(&semaphore, |semaphore| semaphore.add_permits(1));
        drop(block_on(semaphore.acquire_many(2)).unwrap_err());
        closer.join().unwrap();
        release.join().unwrap();
        assert_eq!(semaphore.available_permits(), 1, "what was gathered");
    });
}

#[test]
fn try_acquire_races_a_waiter() {
    ::loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let release = spawn(&semaphore, |semaphore| semaphore.add_permits(1));
        let taken = spawn(&semaphore, |semaphore| {
            semaphore.try_acquire().map(drop).is_ok()
        });
        drop(block_on(semaphore.acquire()).unwrap());
        release.join().unwrap();
        let _ = taken.join().unwrap();
        assert_eq!(semaphore.available_permits(), 1);
    });
}

#[test]
fn a_poll_that_gets_a_permit_sees_what_came_before_its_release() {
    // By chance of polling, not by being woken: waking would make it visible as well.
    for queued in [true, false] {
        ::loom::model(move || {
            let semaphore = Arc::new(Semaphore::new(0));
            let data = Arc::new(AtomicUsize::new(0));
            let mut wait = Box::pin(semaphore.acquire());
            if queued {
                assert!(poll_once(wait.as_mut()).is_pending());
            }
            let release = {
                let data = data.clone();
                spawn(&semaphore, move |semaphore| {
                    data.store(1, Ordering::Relaxed);
                    semaphore.add_permits(1);
                })
            };
            if poll_once(wait.as_mut()).is_ready() {
                assert_eq!(data.load(Ordering::Relaxed), 1);
            }
            release.join().unwrap();
        });
    }
}

//! Models of the bounded semaphore: each attacks I1 (a permit that appears or vanishes is missing in
//! the count), or a waiter that is forgotten (which deadlocks the model).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::thread::JoinHandle;

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn race<T: 'static>(
    semaphore: &Arc<BoundedSemaphore>,
    f: impl FnOnce(&BoundedSemaphore) -> T + 'static,
) -> JoinHandle<T> {
    let semaphore = semaphore.clone();
    spawn(move || f(&semaphore))
}

/// Two release one permit: one of them may, and who waits gets it. Bound 3: 9 072 executions.
#[test]
fn two_releases_race_acquire() {
    check("two_releases_race_acquire", THREE, || {
        let semaphore = Arc::new(BoundedSemaphore::new(1));
        semaphore.try_acquire().unwrap().forget();
        let releases = [(); 2].map(|()| race(&semaphore, |semaphore| semaphore.release().is_ok()));
        start();
        drop(block_on(semaphore.acquire()).unwrap());
        let [first, second] = releases.map(|release| release.join().unwrap());
        assert!(first != second);
        assert_eq!(semaphore.available_permits(), 1);
    });
}

/// A permit is forgotten while another thread tries to release it, and a waiter leaves. Unbounded:
/// 93 executions.
#[test]
fn forget_races_release_and_cancel() {
    check("forget_races_release_and_cancel", UNBOUNDED, || {
        let semaphore = Arc::new(BoundedSemaphore::new(1));
        let held = semaphore.try_acquire().unwrap();
        let mut leaves = Box::pin(semaphore.acquire());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let release = race(&semaphore, |semaphore| semaphore.release().is_ok());
        start();
        held.forget();
        drop(leaves);
        let released = release.join().unwrap();
        assert_eq!(semaphore.available_permits(), usize::from(released));
        assert_eq!(semaphore.release().is_ok(), !released);
    });
}

/// The semaphore is closed while a permit is released to a waiter. Bound 3: 21 783 executions.
#[test]
fn close_races_release_and_acquire() {
    check("close_races_release_and_acquire", THREE, || {
        let semaphore = Arc::new(BoundedSemaphore::new(1));
        semaphore.try_acquire().unwrap().forget();
        let closer = race(&semaphore, |semaphore| semaphore.close());
        let release = race(&semaphore, |semaphore| semaphore.release().is_ok());
        start();
        drop(block_on(semaphore.acquire()));
        closer.join().unwrap();
        assert!(release.join().unwrap());
        assert_eq!(semaphore.available_permits(), 1);
    });
}

//! What may be given back; the rest is tested with the semaphore below.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use super::*;
use crate::counting_waker::idle_context;
use crate::semaphore::{AcquireError, TryAcquireError};

fn granted<F, P>(future: Pin<&mut F>) -> Option<P>
where
    F: Future<Output = Result<P, AcquireError>>,
{
    match future.poll(&mut idle_context()) {
        Poll::Ready(permit) => Some(permit.expect("open")),
        Poll::Pending => None,
    }
}

#[test]
fn only_what_was_forgotten_is_released() {
    let semaphore = BoundedSemaphore::new(3).named("machines");
    assert_eq!(semaphore.release(), Err(ReleaseError(())));
    let held = semaphore.try_acquire().unwrap();
    assert!(semaphore.release().is_err(), "that one is its guard's");
    semaphore.try_acquire_many(2).unwrap().forget();
    assert!(semaphore.add_permits(3).is_err(), "all, or none");
    assert_eq!(semaphore.available_permits(), 0);
    assert!(semaphore.release().is_ok());
    drop(held);
    assert_eq!(semaphore.available_permits(), 2);
    assert!(semaphore.release().is_ok());
    assert!(semaphore.release().is_err());
    assert_eq!((semaphore.available_permits(), semaphore.bound()), (3, 3));
    assert_eq!(semaphore.name(), Some("machines"));
    assert_eq!(semaphore.created_at().file(), file!());
}

#[test]
fn what_is_released_goes_to_who_waits() {
    let semaphore = Arc::new(BoundedSemaphore::new(2));
    assert_eq!(semaphore.forget_permits(5), 2);
    let mut waits = pin!(semaphore.clone().acquire_many_owned(2));
    assert!(granted(waits.as_mut()).is_none());
    semaphore.release().unwrap();
    assert!(granted(waits.as_mut()).is_none());
    semaphore.release().unwrap();
    let mut both = granted(waits).unwrap();
    assert!(semaphore.release().is_err());
    let one = both.split(1).unwrap();
    one.forget();
    both.merge(semaphore.clone().try_acquire_many_owned(0).unwrap());
    assert!(both.semaphore().release().is_ok());
    drop(both);
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn a_wait_that_is_dropped_gives_back_what_it_gathered() {
    let semaphore = BoundedSemaphore::new(2);
    let held = semaphore.try_acquire().unwrap();
    let mut gathers = Box::pin(semaphore.acquire_many(2));
    assert!(granted(gathers.as_mut()).is_none());
    drop(gathers);
    assert_eq!(semaphore.available_permits(), 1);
    semaphore.close();
    assert!(semaphore.is_closed());
    drop(held);
    assert_eq!(
        semaphore.try_acquire().unwrap_err(),
        TryAcquireError::Closed
    );
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<BoundedSemaphore>();
    check::<BoundedSemaphoreAcquire<'_>>();
    check::<BoundedSemaphoreAcquireOwned>();
    check::<BoundedSemaphorePermit<'_>>();
    check::<OwnedBoundedSemaphorePermit>();
}

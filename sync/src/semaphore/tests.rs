//! Permits, the order of those who wait for them, and closing.

use std::future::Future;
use std::num::NonZeroU64;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use super::*;
use crate::context::{self, Budget, WaitKind, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};
use crate::wake_batch::WAKE_BATCH_CAP;

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

/// The permits, which come back when this is dropped.
fn granted<F, P>(future: Pin<&mut F>) -> Option<P>
where
    F: Future<Output = Result<P, AcquireError>>,
{
    match poll(future) {
        Poll::Ready(permit) => Some(permit.expect("open")),
        Poll::Pending => None,
    }
}

#[test]
fn permits_go_out_and_come_back() {
    let semaphore = Semaphore::new(3);
    let two = semaphore.try_acquire_many(2).unwrap();
    let one = granted(pin!(semaphore.acquire())).unwrap();
    assert_eq!(
        semaphore.try_acquire().unwrap_err(),
        TryAcquireError::NoPermits
    );
    drop(two);
    assert_eq!(semaphore.available_permits(), 2);
    drop(one);
    assert_eq!(semaphore.available_permits(), 3);
    assert!(granted(pin!(semaphore.acquire_many(0))).is_some());
}

#[test]
fn who_asks_for_many_is_not_overtaken() {
    let semaphore = Semaphore::new(2);
    let mut many = pin!(semaphore.acquire_many(4));
    assert!(granted(many.as_mut()).is_none());
    assert_eq!(semaphore.available_permits(), 0, "gathered by the first");
    let mut few = pin!(semaphore.acquire());
    assert!(granted(few.as_mut()).is_none());
    semaphore.add_permits(1);
    assert!(semaphore.try_acquire().is_err());
    assert!(granted(few.as_mut()).is_none());
    semaphore.add_permits(2);
    assert_eq!(granted(many).unwrap().num_permits(), 4);
    assert!(granted(few).is_some(), "one was left for the second");
}

#[test]
fn permits_reach_more_waiters_than_a_batch_holds() {
    let semaphore = Semaphore::new(0);
    let (count, waker) = CountingWaker::pair();
    let waits = 2 * WAKE_BATCH_CAP;
    let mut all: Vec<_> = (0..waits).map(|_| Box::pin(semaphore.acquire())).collect();
    for wait in &mut all {
        let mut cx = Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    semaphore.add_permits(waits + 1);
    assert_eq!(count.wakes(), waits);
    assert_eq!(semaphore.available_permits(), 1);
    drop(all);
    assert_eq!(semaphore.available_permits(), waits + 1, "none was seen");
}

#[test]
fn closing_ends_waits_and_permits_still_come_back() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire().unwrap();
    semaphore.add_permits(1);
    let mut gathers = pin!(semaphore.acquire_many(2));
    let mut waits = Box::pin(semaphore.acquire());
    assert!(granted(gathers.as_mut()).is_none());
    assert!(granted(waits.as_mut()).is_none());
    semaphore.close();
    assert!(semaphore.is_closed());
    assert!(matches!(poll(gathers), Poll::Ready(Err(AcquireError(())))));
    drop(waits);
    assert_eq!(semaphore.available_permits(), 1, "what was gathered");
    drop(held);
    assert_eq!(semaphore.available_permits(), 2);
    assert_eq!(
        semaphore.try_acquire().unwrap_err(),
        TryAcquireError::Closed
    );
    assert!(matches!(
        poll(pin!(semaphore.acquire())),
        Poll::Ready(Err(_))
    ));
}

#[test]
fn permits_can_be_forgotten_split_and_merged() {
    let semaphore = Arc::new(Semaphore::new(5));
    assert_eq!(semaphore.forget_permits(2), 2);
    let mut three = semaphore.clone().try_acquire_many_owned(3).unwrap();
    assert!(three.split(4).is_none());
    let one = three.split(1).unwrap();
    assert_eq!((one.num_permits(), three.num_permits()), (1, 2));
    one.forget();
    assert_eq!(semaphore.available_permits(), 0);
    three.merge(three.semaphore().clone().try_acquire_many_owned(0).unwrap());
    drop(three);
    assert_eq!(semaphore.forget_permits(9), 2);

    let semaphore = Semaphore::new(2);
    let mut both = semaphore.try_acquire().unwrap();
    both.merge(semaphore.try_acquire().unwrap());
    assert_eq!(both.split(1).unwrap().num_permits(), 1);
    assert_eq!(both.semaphore().available_permits(), 1);
}

#[test]
#[should_panic(expected = "merge only permits of the same semaphore")]
fn permits_of_two_semaphores_do_not_mix() {
    let (one, two) = (Semaphore::new(1), Semaphore::new(1));
    let mut permit = one.try_acquire().unwrap();
    permit.merge(two.try_acquire().unwrap());
}

#[test]
#[should_panic(expected = "give back each one once")]
fn too_many_permits_are_refused() {
    Semaphore::new(Semaphore::MAX_PERMITS).add_permits(1);
}

#[test]
fn owned_permits_keep_the_semaphore() {
    let semaphore = Arc::new(Semaphore::new(1));
    let permit = granted(pin!(semaphore.clone().acquire_owned())).unwrap();
    let mut wait = Box::pin(semaphore.clone().acquire_many_owned(1));
    assert!(granted(wait.as_mut()).is_none());
    drop(semaphore);
    drop(permit);
    let permit = granted(wait.as_mut()).unwrap();
    drop(wait);
    assert_eq!(Arc::strong_count(permit.semaphore()), 1);
}

#[test]
fn plain_threads_block_for_permits() {
    let semaphore = Arc::new(Semaphore::new(0));
    let waiter = {
        let semaphore = semaphore.clone();
        thread::spawn(move || semaphore.blocking_acquire_many_owned(2).map(drop))
    };
    semaphore.add_permits(1);
    semaphore.add_permits(1);
    assert!(waiter.join().unwrap().is_ok());
    assert_eq!(semaphore.blocking_acquire().unwrap().num_permits(), 1);
}

#[test]
fn regression_r82_a_task_without_budget_keeps_its_turn() {
    let semaphore = Semaphore::new(0);
    let (mut first, mut second) = (Box::pin(semaphore.acquire()), pin!(semaphore.acquire()));
    let exhausted = || {
        let mut spent = Budget::initial();
        context::enter(NonZeroU64::MIN, None, spent, || {
            while context::budget().has_remaining() {
                if let Poll::Ready(unit) = context::poll_proceed(&mut idle_context()) {
                    unit.made_progress();
                }
            }
            spent = context::budget();
        });
        spent
    };
    let spent = exhausted();
    context::enter(NonZeroU64::MIN, None, spent, || {
        assert!(granted(first.as_mut()).is_none());
    });
    assert!(granted(second.as_mut()).is_none());
    semaphore.add_permits(1);
    assert!(granted(second.as_mut()).is_none(), "not overtaken");
    let (count, waker) = CountingWaker::pair();
    context::enter(NonZeroU64::MIN, None, spent, || {
        let polled = first.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
    });
    assert_eq!(count.wakes(), 1, "it has the permit and comes again for it");
    drop(first);
    assert!(granted(second).is_some(), "and gave it back");
}

#[test]
fn a_wait_is_noted_and_charged_when_it_ends() {
    let (semaphore, note) = (Semaphore::new(0), WaitNote::new());
    let line = line!() + 1;
    let mut wait = pin!(semaphore.acquire());
    context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert!(granted(wait.as_mut()).is_none());
        assert_eq!(context::budget(), Budget::initial());
        semaphore.add_permits(1);
        assert!(granted(wait.as_mut()).is_some());
        assert_ne!(context::budget(), Budget::initial());
    });
    let (kind, place) = note.get().unwrap();
    assert_eq!((kind, place.line()), (WaitKind::Lock, line));
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<Semaphore>();
    check::<SemaphoreAcquire<'_>>();
    check::<SemaphoreAcquireOwned>();
    check::<SemaphorePermit<'_>>();
    check::<OwnedSemaphorePermit>();
}

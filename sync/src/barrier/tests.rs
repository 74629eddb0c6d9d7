//! Rounds, leaders, and arrivals that are taken back.

use std::num::NonZeroU64;
use std::pin::pin;

use super::*;
use crate::context::{Budget, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};

fn poll(future: Pin<&mut BarrierWait<'_>>) -> Option<bool> {
    match future.poll(&mut idle_context()) {
        Poll::Ready(result) => Some(result.is_leader()),
        Poll::Pending => None,
    }
}

#[test]
fn the_last_one_leads_and_releases_all() {
    let barrier = Barrier::new(3);
    for _ in 0..3 {
        let (count, waker) = CountingWaker::pair();
        let mut waits = [(); 2].map(|()| Box::pin(barrier.wait()));
        for wait in &mut waits {
            assert!(
                wait.as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
        }
        assert_eq!(format!("{barrier:?}"), "Barrier { arrived: 2, size: 3 }");
        assert_eq!(poll(pin!(barrier.wait())), Some(true));
        assert_eq!(count.wakes(), 2);
        for wait in &mut waits {
            assert_eq!(poll(wait.as_mut()), Some(false));
        }
    }
}

#[test]
fn nobody_waits_at_a_barrier_for_none_or_one() {
    for n in [0, 1] {
        let barrier = Barrier::new(n);
        for _ in 0..3 {
            assert_eq!(poll(pin!(barrier.wait())), Some(true));
        }
    }
}

#[test]
fn who_is_released_can_arrive_for_the_next_round_before_the_others_look() {
    let barrier = Barrier::new(2);
    let mut slow = pin!(barrier.wait());
    assert_eq!(poll(slow.as_mut()), None);
    assert_eq!(poll(pin!(barrier.wait())), Some(true));
    let mut next = pin!(barrier.wait());
    assert_eq!(poll(next.as_mut()), None);
    assert_eq!(poll(slow), Some(false), "of the round before");
    assert_eq!(poll(next.as_mut()), None);
    assert_eq!(poll(pin!(barrier.wait())), Some(true));
    assert_eq!(poll(next), Some(false));
}

#[test]
fn a_leader_without_budget_has_released_the_others() {
    let barrier = Barrier::new(2);
    let mut follows = pin!(barrier.wait());
    assert_eq!(poll(follows.as_mut()), None);
    let mut leads = Box::pin(barrier.wait());
    let (count, waker) = CountingWaker::pair();
    context::with_budget(Budget::initial(), || {
        while let Poll::Ready(unit) = context::poll_proceed(&mut idle_context()) {
            unit.made_progress();
        }
        let mut cx = Context::from_waker(&waker);
        assert!(leads.as_mut().poll(&mut cx).is_pending());
    });
    assert_eq!(count.wakes(), 1, "it comes again");
    assert_eq!(poll(follows), Some(false));
    assert_eq!(poll(leads.as_mut()), Some(true));
    assert_eq!(*barrier.waiters.lock().state(), 0, "one round");
}

#[test]
fn a_wait_is_noted_and_charged_when_it_ends() {
    let (barrier, note) = (Barrier::new(2), WaitNote::new());
    let line = line!() + 1;
    let mut wait = pin!(barrier.wait());
    context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert_eq!(poll(wait.as_mut()), None);
        assert_eq!(context::budget(), Budget::initial());
        assert_eq!(poll(pin!(barrier.wait())), Some(true));
        let charged = context::budget();
        assert_ne!(charged, Budget::initial());
        assert_eq!(poll(wait.as_mut()), Some(false));
        assert_ne!(context::budget(), charged);
    });
    let (kind, place) = note.get().unwrap();
    assert_eq!((kind, place.line()), (WaitKind::Notify, line));
}

#[test]
#[should_panic(expected = "polled after it had returned")]
fn a_wait_returns_once() {
    let barrier = Barrier::new(1);
    let mut wait = pin!(barrier.wait());
    assert_eq!(poll(wait.as_mut()), Some(true));
    poll(wait);
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<Barrier>();
    check::<BarrierWait<'_>>();
    check::<BarrierWaitResult>();
}

//! Permits, order, and what a dropped waiter passes on.

use std::num::NonZeroU64;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::pin;
use std::sync::Arc;

use super::*;
use crate::context::{self, Budget, WaitKind, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

#[test]
fn a_permit_is_kept_for_one_waiter() {
    let notify = Notify::new();
    notify.notify_one();
    notify.notify_last();
    let (mut first, mut second) = (pin!(notify.notified()), pin!(notify.notified()));
    assert!(poll(first.as_mut()).is_ready());
    assert!(poll(second.as_mut()).is_pending());
    assert!(poll(first).is_ready(), "complete futures stay complete");
}

#[test]
fn waiters_are_served_in_order_of_their_first_poll() {
    let notify = Notify::new();
    let mut waits: Vec<_> = (0..3).map(|_| Box::pin(notify.notified())).collect();
    for index in [2, 0, 1] {
        assert!(poll(waits[index].as_mut()).is_pending());
    }
    for index in [2, 0, 1] {
        notify.notify_one();
        for (other, wait) in waits.iter_mut().enumerate() {
            assert_eq!(poll(wait.as_mut()).is_ready(), other == index);
        }
        waits[index] = Box::pin(notify.notified());
        assert!(poll(waits[index].as_mut()).is_pending());
    }
}

#[test]
fn notify_last_wakes_the_last_one() {
    let notify = Notify::new();
    let (mut first, mut second) = (pin!(notify.notified()), pin!(notify.notified()));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    notify.notify_last();
    assert!(poll(first).is_pending());
    assert!(poll(second).is_ready());
}

#[test]
fn notify_waiters_reaches_futures_that_exist_and_leaves_no_permit() {
    let notify = Notify::new();
    let (mut polled, mut unpolled) = (pin!(notify.notified()), pin!(notify.notified()));
    assert!(poll(polled.as_mut()).is_pending());
    notify.notify_waiters();
    assert!(poll(polled).is_ready());
    assert!(poll(unpolled.as_mut()).is_ready());
    assert!(poll(pin!(notify.notified())).is_pending());
    assert_eq!(format!("{notify:?}"), "Notify(idle, 1 broadcasts)");
}

#[test]
fn regression_r101_a_covered_future_leaves_the_permit() {
    let notify = Notify::new();
    let mut covered = pin!(notify.notified());
    notify.notify_waiters();
    notify.notify_one();
    assert!(poll(covered.as_mut()).is_ready());
    assert!(poll(pin!(notify.notified())).is_ready(), "still there");
    assert!(poll(pin!(notify.notified())).is_pending());

    notify.notify_one();
    notify.notify_waiters();
    assert!(
        poll(pin!(notify.notified())).is_ready(),
        "a broadcast keeps it"
    );
}

#[test]
fn regression_r99_a_dropped_waiter_passes_its_notification_on() {
    for last in [false, true] {
        let notify = Notify::new();
        let (count, waker) = CountingWaker::pair();
        let mut waits: Vec<_> = (0..3).map(|_| Box::pin(notify.notified())).collect();
        for wait in &mut waits {
            let mut cx = Context::from_waker(&waker);
            assert!(wait.as_mut().poll(&mut cx).is_pending());
        }
        let (chosen, heir) = if last { (2, 0) } else { (0, 0) };
        if last {
            notify.notify_last();
        } else {
            notify.notify_one();
        }
        drop(waits.remove(chosen));
        assert_eq!(count.wakes(), 2, "the chosen one and the heir");
        let heir = if last { 1 } else { heir };
        assert!(poll(waits[heir].as_mut()).is_ready());
        assert!(poll(waits[1 - heir].as_mut()).is_pending());
    }
}

#[test]
fn the_last_waiter_that_is_dropped_leaves_the_permit() {
    let notify = Notify::new();
    let mut wait = Box::pin(notify.notified());
    assert!(poll(wait.as_mut()).is_pending());
    notify.notify_one();
    drop(wait);
    assert!(poll(pin!(notify.notified())).is_ready());
}

#[test]
fn a_dropped_waiter_that_nobody_chose_leaves_nothing() {
    let notify = Notify::new();
    for broadcast in [false, true] {
        let mut wait = Box::pin(notify.notified());
        assert!(poll(wait.as_mut()).is_pending());
        if broadcast {
            notify.notify_waiters();
        }
        drop(wait);
        assert!(poll(pin!(notify.notified())).is_pending());
    }
    notify.notify_one();
    assert!(poll(pin!(notify.notified())).is_ready());
}

#[test]
fn enable_takes_a_place_before_the_first_poll() {
    let notify = Notify::new();
    let (mut enabled, mut other) = (pin!(notify.notified()), pin!(notify.notified()));
    assert!(!enabled.as_mut().enable());
    assert!(!enabled.as_mut().enable());
    assert!(poll(other.as_mut()).is_pending());
    notify.notify_one();
    assert!(enabled.as_mut().enable());
    assert!(poll(enabled).is_ready());
    assert!(poll(other).is_pending());
}

#[test]
fn enable_after_a_poll_keeps_the_waker() {
    let notify = Notify::new();
    let (count, waker) = CountingWaker::pair();
    let mut wait = pin!(notify.notified());
    let mut cx = Context::from_waker(&waker);
    assert!(wait.as_mut().poll(&mut cx).is_pending());
    assert!(!wait.as_mut().enable());
    notify.notify_one();
    assert_eq!(count.wakes(), 1);
}

#[test]
fn an_owned_wait_keeps_the_notify_alive() {
    let notify = Arc::new(Notify::new());
    let mut wait = pin!(notify.clone().notified_owned());
    assert!(!wait.as_mut().enable());
    notify.notify_waiters();
    drop(notify);
    assert!(poll(wait).is_ready());
}

#[test]
fn a_wait_is_noted_where_it_was_made() {
    let (notify, note) = (Notify::new(), WaitNote::new());
    let line = line!() + 1;
    let mut wait = pin!(notify.notified());
    let task = NonZeroU64::MIN;
    context::enter(task, Some(&note), Budget::initial(), || {
        assert!(!wait.as_mut().enable());
        assert_eq!(note.get(), None, "taking a place is not waiting");
        assert!(poll(wait.as_mut()).is_pending());
        assert_eq!(context::budget(), Budget::initial(), "not charged");
    });
    let (kind, place) = note.get().unwrap();
    assert_eq!((kind, place.line()), (WaitKind::Notify, line));
    assert!(place.file().ends_with("tests.rs"));
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    fn check_unwind<T: UnwindSafe + RefUnwindSafe>() {}
    check::<Notify>();
    check::<Notified<'_>>();
    check::<OwnedNotified>();
    check_unwind::<Notify>();
}

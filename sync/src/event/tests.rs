//! Who is released by which `set`.

use std::num::NonZeroU64;
use std::pin::pin;

use super::*;
use crate::context::{self, Budget, WaitKind, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};
use crate::wake_batch::WAKE_BATCH_CAP;

fn is_over(wait: Pin<&mut EventWait<'_>>) -> bool {
    wait.poll(&mut idle_context()).is_ready()
}

#[test]
fn waits_follow_the_flag() {
    let event = Event::new();
    assert_eq!(format!("{event:?}"), "Event(clear)");
    let mut wait = pin!(event.wait());
    assert!(!is_over(wait.as_mut()));
    assert_eq!(format!("{event:?}"), "Event(waited for)");
    event.set();
    assert!(is_over(wait.as_mut()));
    assert!(is_over(pin!(event.wait())));
    assert!(event.clear());
    assert!(!event.clear());
    assert!(!is_over(pin!(event.wait())));
    assert!(is_over(wait), "complete futures stay complete");
    assert_eq!(format!("{event:?}"), "Event(clear)", "the last one left");
}

#[test]
fn set_then_clear_releases_all_who_waited_before() {
    let event = Event::new();
    let (count, waker) = CountingWaker::pair();
    let mut waits: Vec<_> = (0..2 * WAKE_BATCH_CAP + 1)
        .map(|_| Box::pin(event.wait()))
        .collect();
    for wait in &mut waits {
        let mut cx = Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    let mut unpolled = pin!(event.wait());
    event.set();
    event.clear();
    assert_eq!(count.wakes(), waits.len());
    assert!(!is_over(unpolled.as_mut()), "it did not wait yet");
    for wait in &mut waits {
        assert!(is_over(wait.as_mut()));
    }
    assert!(!is_over(unpolled));
}

#[test]
fn one_shot_events_are_set_once() {
    let event = OneShotEvent::new();
    let mut wait = pin!(event.wait());
    assert!(!is_over(wait.as_mut()));
    assert!(event.set());
    assert!(!event.set());
    assert!(event.is_set() && is_over(wait) && is_over(pin!(event.wait())));
    assert_eq!(format!("{event:?}"), "OneShotEvent(set)");
}

#[test]
fn a_wait_that_was_released_and_dropped_leaves_nothing() {
    let event = Event::new();
    let mut wait = Box::pin(event.wait());
    assert!(!is_over(wait.as_mut()));
    event.set();
    event.clear();
    drop(wait);
    assert_eq!(event.state(), Snapshot::CLEAR);
}

#[test]
fn a_wait_is_noted_and_charged_when_it_ends() {
    let (event, note) = (Event::new(), WaitNote::new());
    let line = line!() + 1;
    let mut wait = pin!(event.wait());
    context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert!(!is_over(wait.as_mut()));
        assert_eq!(context::budget(), Budget::initial());
        event.set();
        assert!(is_over(wait.as_mut()));
        assert_ne!(context::budget(), Budget::initial());
    });
    let (kind, place) = note.get().unwrap();
    assert_eq!((kind, place.line()), (WaitKind::Notify, line));
}

#[test]
fn a_wait_without_budget_is_over_when_it_comes_again() {
    let event = Event::new();
    event.set();
    let mut wait = pin!(event.wait());
    let (count, waker) = CountingWaker::pair();
    context::with_budget(Budget::initial(), || {
        while let Poll::Ready(unit) = context::poll_proceed(&mut idle_context()) {
            unit.made_progress();
        }
        let mut cx = Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    });
    assert_eq!(count.wakes(), 1);
    event.clear();
    assert!(is_over(wait), "it was set when it looked");
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<Event>();
    check::<OneShotEvent>();
    check::<EventWait<'_>>();
}

//! Handles and waits.

use std::pin::pin;

use super::*;
use crate::counting_waker::{CountingWaker, idle_context};

fn is_over(wait: Pin<&mut WaitGroupWait>) -> bool {
    wait.poll(&mut idle_context()).is_ready()
}

#[test]
fn a_wait_is_over_when_the_last_handle_is_gone() {
    let group = WaitGroup::new();
    let members = [group.clone(), group.clone()];
    assert_eq!(format!("{group:?}"), "WaitGroup { handles: 3 }");
    let (count, waker) = CountingWaker::pair();
    let mut wait = pin!(group.wait());
    assert_eq!(format!("{:?}", members[0]), "WaitGroup { handles: 2 }");
    assert!(
        wait.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    for (number, member) in members.into_iter().enumerate() {
        assert_eq!(count.wakes(), 0, "{number}");
        assert!(!is_over(wait.as_mut()));
        drop(member);
    }
    assert_eq!(count.wakes(), 0, "the waker of the last poll does nothing");
    assert!(is_over(wait.as_mut()));
    assert!(is_over(wait), "complete futures stay complete");
}

#[test]
fn several_wait() {
    let group = WaitGroup::default();
    let other = group.clone();
    let mut first = pin!(group.wait());
    assert!(!is_over(first.as_mut()));
    let mut second = pin!(other.into_future());
    assert!(is_over(second.as_mut()), "nobody is left");
    assert!(is_over(first));
}

#[test]
fn a_wait_that_is_dropped_was_no_member() {
    let group = WaitGroup::new();
    let member = group.clone();
    let waits = group.clone();
    drop(group.wait());
    let mut wait = pin!(waits.wait());
    assert!(!is_over(wait.as_mut()));
    drop(member);
    assert!(is_over(wait));
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<WaitGroup>();
    check::<WaitGroupWait>();
}

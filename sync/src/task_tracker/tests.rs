//! When a tracker is done.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::*;
use crate::counting_waker::{CountingWaker, idle_context};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

#[test]
fn a_tracker_is_done_when_closed_and_empty() {
    let tracker = TaskTracker::new();
    let (count, waker) = CountingWaker::pair();
    let mut wait = pin!(tracker.wait());
    let mut cx = Context::from_waker(&waker);
    assert!(wait.as_mut().poll(&mut cx).is_pending(), "empty, and open");
    let token = tracker.token();
    assert!(tracker.close());
    assert!(!tracker.close());
    assert!(tracker.is_closed() && !tracker.is_empty());
    assert!(
        wait.as_mut().poll(&mut cx).is_pending(),
        "closed, not empty"
    );
    let another = token.clone();
    assert_eq!(tracker.len(), 2);
    assert_eq!(format!("{tracker:?}"), "TaskTracker(2 tasks, closed)");
    drop(token);
    assert_eq!(count.wakes(), 0);
    drop(another);
    assert_eq!(count.wakes(), 1);
    assert!(poll(wait.as_mut()).is_ready());
    assert!(poll(wait).is_ready(), "complete futures stay complete");
    assert!(poll(pin!(tracker.wait())).is_ready());
}

#[test]
fn a_wait_remembers_that_the_tracker_was_done() {
    let tracker = TaskTracker::new();
    let (unpolled, mut polled) = (pin!(tracker.wait()), pin!(tracker.wait()));
    assert!(poll(polled.as_mut()).is_pending());
    tracker.close();
    assert!(tracker.reopen());
    assert!(!tracker.reopen());
    let _token = tracker.token();
    assert!(poll(unpolled).is_ready());
    assert!(poll(polled).is_ready());
    assert!(poll(pin!(tracker.wait())).is_pending());

    tracker.close();
    drop(_token);
    let created_while_done = tracker.wait();
    tracker.reopen();
    assert!(poll(pin!(created_while_done)).is_ready());
}

#[test]
fn a_future_is_tracked_until_it_is_dropped() {
    struct EndsTracked(TaskTracker);
    impl Drop for EndsTracked {
        fn drop(&mut self) {
            assert_eq!(self.0.len(), 1, "the future goes before its token");
        }
    }
    let tracker = TaskTracker::new();
    let ends = EndsTracked(tracker.clone());
    let mut future = Box::pin(tracker.track_future(async move {
        let _ends = ends;
        7
    }));
    assert_eq!(tracker.len(), 1);
    assert_eq!(poll(future.as_mut()), Poll::Ready(7));
    assert_eq!(tracker.len(), 1, "ready, not dropped");
    drop(future);
    assert!(tracker.is_empty());
    let ends = EndsTracked(tracker.clone());
    drop(tracker.track_future(async move { drop(ends) }));
}

#[test]
fn clones_are_one_tracker() {
    let tracker = TaskTracker::default();
    let token = tracker.clone().token();
    assert!(TaskTracker::ptr_eq(&tracker, token.task_tracker()));
    assert!(!TaskTracker::ptr_eq(&tracker, &TaskTracker::new()));
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<TaskTracker>();
    check::<TaskTrackerToken>();
    check::<TaskTrackerWaitFuture<'_>>();
    check::<TrackedFuture<std::future::Ready<()>>>();
}

//! Models of `Notify`: each attacks "no notification is lost" (a lost one deadlocks the model, or
//! is missing in the count) or I3.

use std::pin::pin;

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;
use crate::primitive::thread::JoinHandle;

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A thread that starts from the line.
fn race<T: 'static>(
    notify: &Arc<Notify>,
    f: impl FnOnce(&Arc<Notify>) -> T + 'static,
) -> JoinHandle<T> {
    let notify = notify.clone();
    spawn(move || f(&notify))
}

/// Unbounded: 879 executions.
#[test]
fn notify_one_races_wait() {
    check("notify_one_races_wait", UNBOUNDED, || {
        let notify = Arc::new(Notify::new());
        let notifier = race(&notify, |notify| notify.notify_one());
        start();
        block_on(notify.notified());
        notifier.join().unwrap();
        assert!(poll_once(pin!(notify.notified())).is_pending());
    });
}

/// Bound 3: 10 433 executions.
#[test]
fn two_notifications_race_two_waits() {
    check("two_notifications_race_two_waits", THREE, || {
        let notify = Arc::new(Notify::new());
        // One waits from the start, so the two notifications do not count as one.
        let mut queued = Box::pin(notify.notified());
        assert!(poll_once(queued.as_mut()).is_pending());
        let waiter = race(&notify, |notify| block_on(notify.notified()));
        let notifier = race(&notify, |notify| notify.notify_last());
        start();
        notify.notify_one();
        block_on(queued);
        waiter.join().unwrap();
        notifier.join().unwrap();
    });
}

/// Unbounded: 752 executions.
#[test]
fn notify_waiters_races_wait() {
    check("notify_waiters_races_wait", UNBOUNDED, || {
        let notify = Arc::new(Notify::new());
        let (mut first, second) = (Box::pin(notify.notified()), notify.notified());
        assert!(poll_once(first.as_mut()).is_pending());
        let notifier = race(&notify, |notify| notify.notify_waiters());
        start();
        block_on(second);
        block_on(first);
        notifier.join().unwrap();
        assert!(poll_once(pin!(notify.notified())).is_pending());
    });
}

/// Unbounded: 450 executions.
#[test]
fn notify_one_races_cancel_with_an_heir() {
    check("notify_one_races_cancel_with_an_heir", UNBOUNDED, || {
        let notify = Arc::new(Notify::new());
        let mut leaves = Box::pin(notify.notified());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let mut heir = pin!(notify.notified());
        assert!(poll_once(heir.as_mut()).is_pending());
        let notifier = race(&notify, |notify| notify.notify_one());
        start();
        drop(leaves);
        block_on(heir);
        notifier.join().unwrap();
        assert!(poll_once(pin!(notify.notified())).is_pending(), "one only");
    });
}

/// Unbounded: 25 executions.
#[test]
fn notify_one_races_cancel_without_heir() {
    check("notify_one_races_cancel_without_heir", UNBOUNDED, || {
        let notify = Arc::new(Notify::new());
        let mut leaves = Box::pin(notify.notified());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let notifier = race(&notify, |notify| notify.notify_one());
        start();
        drop(leaves);
        notifier.join().unwrap();
        assert!(poll_once(pin!(notify.notified())).is_ready(), "the permit");
    });
}

/// Bound 3: 2 096 executions.
#[test]
fn notify_waiters_races_notify_one_and_cancel() {
    check("notify_waiters_races_notify_one_and_cancel", THREE, || {
        let notify = Arc::new(Notify::new());
        let mut leaves = Box::pin(notify.notified());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let broadcaster = race(&notify, |notify| notify.notify_waiters());
        let notifier = race(&notify, |notify| notify.notify_one());
        start();
        drop(leaves);
        broadcaster.join().unwrap();
        notifier.join().unwrap();
        assert!(
            poll_once(pin!(notify.notified())).is_ready(),
            "a broadcast neither eats nor covers the permit"
        );
    });
}

/// Unbounded: 921 executions.
#[test]
fn the_first_poll_races_notify_one_and_notify_waiters() {
    check("the_first_poll_races_both", UNBOUNDED, || {
        let notify = Arc::new(Notify::new());
        let wait = notify.notified();
        let notifier = race(&notify, |notify| {
            notify.notify_waiters();
            notify.notify_one();
        });
        start();
        block_on(wait);
        notifier.join().unwrap();
        assert!(
            poll_once(pin!(notify.notified())).is_ready(),
            "the wait was over with the broadcast and took no permit (R-101)"
        );
    });
}

/// Unbounded: 44 executions.
#[test]
fn a_poll_that_sees_a_notification_sees_what_came_before_it() {
    // By chance of polling, not by being woken: waking would make it visible as well.
    for queued in [true, false] {
        check("a_poll_sees_what_came_before", UNBOUNDED, move || {
            let notify = Arc::new(Notify::new());
            let data = Arc::new(AtomicUsize::new(0));
            let mut wait = Box::pin(notify.notified());
            if queued {
                assert!(poll_once(wait.as_mut()).is_pending());
            }
            let notifier = {
                let data = data.clone();
                race(&notify, move |notify| {
                    data.store(1, Ordering::Relaxed);
                    notify.notify_one();
                })
            };
            start();
            if poll_once(wait.as_mut()).is_ready() {
                assert_eq!(data.load(Ordering::Relaxed), 1);
            }
            notifier.join().unwrap();
        });
    }
}

/// Who was covered before its first poll sees what came before the broadcast, also if it learns of it
/// from the word of a waiter that has left since. Bound 3: 24 712 executions.
#[test]
fn a_covered_poll_sees_what_came_before_though_another_one_left() {
    check("a_covered_poll_sees_what_came_before", THREE, || {
        let notify = Arc::new(Notify::new());
        let data = Arc::new(AtomicUsize::new(0));
        let late = notify.notified();
        let broadcaster = {
            let data = data.clone();
            race(&notify, move |notify| {
                data.store(1, Ordering::Relaxed);
                notify.notify_waiters();
            })
        };
        let leaves = race(&notify, |notify| {
            let _ = poll_once(pin!(notify.notified()));
        });
        start();
        if poll_once(pin!(late)).is_ready() {
            assert_eq!(data.load(Ordering::Relaxed), 1);
        }
        broadcaster.join().unwrap();
        leaves.join().unwrap();
    });
}

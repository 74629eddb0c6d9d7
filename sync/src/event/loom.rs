//! Models of events: each attacks "no waiter is forgotten" (one that is deadlocks the model) or I3.

use std::task::Waker;

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Unbounded: 869 executions.
#[test]
fn set_races_wait() {
    check("set_races_wait", UNBOUNDED, || {
        let event = Arc::new(Event::new());
        let data = Arc::new(AtomicUsize::new(0));
        let setter = {
            let (event, data) = (event.clone(), data.clone());
            spawn(move || {
                data.store(1, Ordering::Relaxed);
                event.set();
            })
        };
        start();
        block_on(event.wait());
        assert_eq!(data.load(Ordering::Relaxed), 1);
        setter.join().unwrap();
        assert!(event.is_set());
    });
}

/// Who waits before the `set` is released by it, though a `clear` follows at once (I3); who waits
/// after the `clear` is not. Unbounded: 509 executions.
#[test]
fn set_and_clear_race_a_queued_wait() {
    check("set_and_clear_race_a_queued_wait", UNBOUNDED, || {
        let event = Arc::new(Event::new());
        let mut queued = Box::pin(event.wait());
        assert!(poll_once(queued.as_mut()).is_pending());
        let setter = {
            let event = event.clone();
            spawn(move || {
                event.set();
                event.clear();
                poll_once(Box::pin(event.wait()).as_mut()).is_ready()
            })
        };
        start();
        block_on(queued);
        assert!(!setter.join().unwrap(), "cleared");
    });
}

/// A `set` while the last waiter leaves and another one comes. Bound 3: 6 761 executions.
#[test]
fn set_races_cancel_and_wait() {
    check("set_races_cancel_and_wait", THREE, || {
        let event = Arc::new(Event::new());
        let mut leaves = Box::pin(event.wait());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let comes = {
            let event = event.clone();
            spawn(move || block_on(event.wait()))
        };
        let setter = {
            let event = event.clone();
            spawn(move || event.set())
        };
        start();
        drop(leaves);
        comes.join().unwrap();
        setter.join().unwrap();
        assert_eq!(event.state(), Snapshot::CLEAR.set());
    });
}

/// A second `clear` comes while a `set` releases somebody: who waits after it is not released by
/// that `set`. Unbounded: 11 executions.
#[test]
fn clear_and_wait_race_set() {
    check("clear_and_wait_race_set", UNBOUNDED, || {
        let event = Arc::new(Event::new());
        let mut queued = Box::pin(event.wait());
        assert!(poll_once(queued.as_mut()).is_pending());
        let setter = {
            let event = event.clone();
            spawn(move || event.set())
        };
        start();
        // True: the `set` came before.
        if event.clear() {
            let mut late = Box::pin(event.wait());
            assert!(poll_once(late.as_mut()).is_pending());
            setter.join().unwrap();
            assert!(poll_once(late.as_mut()).is_pending(), "not for it");
        } else {
            setter.join().unwrap();
        }
        assert!(poll_once(queued.as_mut()).is_ready());
    });
}

/// Who clears, then looks, then waits: each `set` releases it or shows what came before. Unbounded:
/// 10 240 executions.
#[test]
fn a_second_set_races_clear() {
    check("a_second_set_races_clear", UNBOUNDED, || {
        let event = Arc::new(Event::new());
        let data = Arc::new(AtomicUsize::new(0));
        event.set();
        let setter = {
            let (event, data) = (event.clone(), data.clone());
            spawn(move || {
                data.store(1, Ordering::Relaxed);
                event.set();
            })
        };
        start();
        event.clear();
        if data.load(Ordering::Relaxed) == 0 {
            block_on(event.wait());
            assert_eq!(data.load(Ordering::Relaxed), 1);
        }
        setter.join().unwrap();
    });
}

/// Two set a one-shot event while somebody waits and another one leaves: one of them is the first,
/// and releases. Bound 3: 6 890 executions.
#[test]
fn two_sets_race_wait_and_cancel() {
    check("two_sets_race_wait_and_cancel", THREE, || {
        let event = Arc::new(OneShotEvent::new());
        let mut leaves = Box::pin(event.wait());
        assert!(poll_once(leaves.as_mut()).is_pending());
        let setters = [(); 2].map(|()| {
            let event = event.clone();
            spawn(move || event.set())
        });
        start();
        drop(leaves);
        block_on(event.wait());
        let first = setters.map(|setter| setter.join().unwrap());
        assert!(first[0] != first[1], "one is the first");
    });
}

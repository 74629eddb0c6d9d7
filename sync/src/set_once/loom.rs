//! Models of `SetOnce`: each attacks I1 or "no waiter is forgotten" (one that is deadlocks the model).

use std::task::Waker;

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;

type Tested = Arc<SetOnce<Arc<u8>>>;

fn tested() -> Tested {
    Arc::new(SetOnce::new())
}

/// No waiter is forgotten; the value is visible, and dropped once wherever the last owner ends.
/// Unbounded: 3079 executions.
#[test]
fn set_races_wait_and_drop() {
    check("set_once::set_races_wait_and_drop", UNBOUNDED, || {
        let once = tested();
        let setter = {
            let once = once.clone();
            spawn(move || once.set(Arc::new(1)).is_ok())
        };
        start();
        assert_eq!(**block_on(once.wait()), 1);
        drop(once);
        assert!(setter.join().unwrap());
    });
}

/// I1: who is refused finds the value.
/// Bound 3: 27355 executions.
#[test]
fn set_races_set_and_wait() {
    check("set_once::set_races_set_and_wait", THREE, || {
        let once = tested();
        let setters = [1, 2].map(|number| {
            let once = once.clone();
            spawn(move || {
                let set = once.set(Arc::new(number)).is_ok();
                let found = **once.get().expect("there is a value after `set`");
                assert_eq!(set, found == number);
                found
            })
        });
        start();
        let found = **block_on(once.wait());
        for setter in setters {
            assert_eq!(setter.join().unwrap(), found);
        }
    });
}

/// A waiter leaves while the broadcast is on its way to it and to the one behind it.
/// Bound 3: 2872 executions.
#[test]
fn cancel_races_set() {
    check("set_once::cancel_races_set", THREE, || {
        let once = tested();
        let mut leaves = Box::pin(once.wait());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(leaves.as_mut().poll(&mut cx).is_pending());
        let waiter = {
            let once = once.clone();
            spawn(move || **block_on(once.wait()))
        };
        let setter = {
            let once = once.clone();
            spawn(move || once.set(Arc::new(1)).is_ok())
        };
        start();
        drop(leaves);
        assert_eq!(waiter.join().unwrap(), 1);
        assert!(setter.join().unwrap());
    });
}

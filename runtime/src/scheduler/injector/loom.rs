//! A model of the injector.

use std::mem::ManuallyDrop;

use selvedge_sync::primitive::Arc;

use super::*;
use crate::scheduler::ledger::Ledger;
use selvedge_sync::model_check::{THREE, check, spawn, start};

/// L-06. Two pushes on one thread, a pop and a share on two others: each task is taken once, and
/// what the hint hides for a moment is still there in the end.
///
/// Bound 3: 10 464 executions.
#[test]
fn l06_pushes_against_pops() {
    check("L-06", THREE, || {
        let shared = Arc::new((ManuallyDrop::new(Injector::new()), Ledger::new(3)));
        let popper = {
            let shared = shared.clone();
            spawn(move || {
                // One at a time, so nothing comes to lie in it.
                let local = ManuallyDrop::new(LocalQueue::new());
                for _ in 0..2 {
                    let task = shared.0.pop_share(&local, 1, 1);
                    task.map(|task| shared.1.take(task));
                }
            })
        };
        let sharer = {
            let shared = shared.clone();
            spawn(move || {
                let local = ManuallyDrop::new(LocalQueue::new());
                shared
                    .0
                    .pop_share(&local, 2, usize::MAX)
                    .map(|task| shared.1.take(task));
                std::iter::from_fn(|| local.pop()).for_each(|task| {
                    shared.1.take(task);
                });
            })
        };
        start();
        shared.0.push(shared.1.give(0));
        shared.0.extend([1, 2].map(|number| shared.1.give(number)));
        popper.join().unwrap();
        sharer.join().unwrap();
        let left = shared.0.take_all().into_iter();
        left.for_each(|task| {
            shared.1.take(task);
        });
        shared.1.assert_all_taken();
        assert!(shared.0.is_empty());
    });
}

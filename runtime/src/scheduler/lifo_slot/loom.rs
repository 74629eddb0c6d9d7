//! A model of the LIFO slot.

use std::mem::ManuallyDrop;

use selvedge_sync::primitive::Arc;

use super::*;
use crate::scheduler::ledger::Ledger;
use selvedge_sync::model_check::{UNBOUNDED, check, spawn, start};

/// L-07. The owner replaces the slot's task twice and takes what is left, while a thief takes: each
/// task is taken once, with what was written before it was put there.
///
/// Unbounded: 1 567 executions.
#[test]
fn l07_replace_against_a_thief() {
    check("L-07", UNBOUNDED, || {
        let slot = Arc::new((ManuallyDrop::new(LifoSlot::new()), Ledger::new(3)));
        let thief = {
            let slot = slot.clone();
            spawn(move || {
                for _ in 0..2 {
                    slot.0.take().map(|task| slot.1.take(task));
                }
            })
        };
        start();
        for number in 0..3 {
            if let Some(former) = slot.0.replace(slot.1.give(number)) {
                assert_eq!(slot.1.take(former) + 1, number, "the one before comes back");
            }
        }
        slot.0.take().map(|task| slot.1.take(task));
        thief.join().unwrap();
        slot.1.assert_all_taken();
    });
}

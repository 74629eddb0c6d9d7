//! Models of the slot: a value read before it is written, or written by two, makes loom's cell panic.

use super::*;
use crate::model_check::{UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;

/// I1, I2.
/// Unbounded: 92 executions.
#[test]
fn set_races_set_and_get() {
    check("once_value::set_races_set_and_get", UNBOUNDED, || {
        let slot = Arc::new(OnceValue::new());
        let other = {
            let slot = slot.clone();
            spawn(move || slot.set(Arc::new(1)).is_ok())
        };
        start();
        let seen = slot.get().map(|value| **value);
        let ours = slot.set(Arc::new(2)).is_ok();
        let theirs = other.join().unwrap();
        assert!(seen.is_none_or(|value| value == 1 && theirs));
        assert!(ours != theirs, "exactly one has set it");
        assert_eq!(
            slot.get().map(|value| **value),
            Some(if ours { 2 } else { 1 })
        );
    });
}

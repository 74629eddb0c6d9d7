//! Registering and waking on one thread.

use std::sync::Arc;

use super::*;
use crate::counting_waker::CountingWaker;

#[test]
fn a_wake_takes_the_waker() {
    let (count, waker) = CountingWaker::pair();
    let cell = WakerCell::new();
    cell.wake();
    cell.register(&waker);
    assert_eq!(format!("{cell:?}"), "WakerCell(registered)");
    cell.wake();
    cell.wake();
    assert_eq!(count.wakes(), 1);
    assert_eq!(format!("{cell:?}"), "WakerCell(empty)");
    assert_eq!(Arc::strong_count(&count), 2, "nothing is left in the cell");
}

#[test]
fn the_last_registration_counts() {
    let (first, first_waker) = CountingWaker::pair();
    let (second, second_waker) = CountingWaker::pair();
    let cell = WakerCell::new();
    cell.register(&first_waker);
    cell.register(&second_waker);
    assert_eq!(Arc::strong_count(&first), 2, "the first one is given back");
    cell.wake();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn the_same_waker_is_not_cloned_again() {
    let (count, waker) = CountingWaker::pair();
    let cell = WakerCell::new();
    for _ in 0..3 {
        cell.register(&waker);
        assert_eq!(Arc::strong_count(&count), 3);
    }
    drop(cell);
    assert_eq!(Arc::strong_count(&count), 2);
}

#[test]
fn a_taken_waker_is_not_woken() {
    let (count, waker) = CountingWaker::pair();
    let cell = WakerCell::new();
    cell.register(&waker);
    assert!(cell.take().is_some());
    cell.wake();
    assert_eq!(count.wakes(), 0);
}

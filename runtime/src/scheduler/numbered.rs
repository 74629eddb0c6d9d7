//! For tests of queues: runnables that are numbers. They cost nothing, and must not be run or dropped.
#![allow(unsafe_code, reason = "makes runnables of pointers to nothing")]

use std::ptr::{self, NonNull};

use crate::task::{Header, Runnable};

/// A runnable that stands for `number`. Only queues may have it: they look at its address only.
pub(super) fn runnable(number: usize) -> Runnable {
    let address = (number + 1) * align_of::<Header>();
    let task = NonNull::new(ptr::without_provenance_mut(address)).expect("never zero");
    // SAFETY: never run nor dropped, so the pointer is not followed.
    unsafe { Runnable::from_raw(task) }
}

/// The number a runnable stands for.
pub(super) fn number(task: Runnable) -> usize {
    task.into_raw().addr().get() / align_of::<Header>() - 1
}

//! A small number for each thread: to spread threads over tables, and to name them as owners.
//!
//! Exempt from semver: for `selvedge-sync` and `selvedge-runtime` only.

use std::cell::Cell;
// From `std`, not from the loom switch: takes part in no protocol.
use std::sync::atomic::{AtomicUsize, Ordering};

const NONE: usize = usize::MAX;

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(NONE) };
}

/// The number of this thread, from 0. After `usize::MAX` threads numbers repeat.
#[inline]
pub fn get() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.get();
    if number != NONE {
        return number;
    }
    // Ordering: Relaxed; each thread gets another number, and nothing is published with it.
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % NONE;
    NUMBER.set(number);
    number
}

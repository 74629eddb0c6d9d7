//! Whether any clock of the process was ever paused.

// From `std`, not from the loom switch: a model's atomics cannot be static, and no model pauses.
use std::sync::atomic::{AtomicBool, Ordering};

static EVER_PAUSED: AtomicBool = AtomicBool::new(false);

/// Notes that a clock was paused.
pub(super) fn set() {
    // Ordering: Relaxed; see `get`.
    EVER_PAUSED.store(true, Ordering::Relaxed);
}

/// False if all clocks run in real time.
#[inline]
pub(in crate::time) fn get() -> bool {
    // Ordering: Relaxed; the thread that paused sees its own store, and whoever learns of the pause
    // from it sees it as well. The course of the clock itself is behind a lock.
    EVER_PAUSED.load(Ordering::Relaxed)
}

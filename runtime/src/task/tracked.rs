//! In a model: tells loom when the memory of a task is never freed, or freed too early.

use selvedge_sync::primitive::atomic::AtomicU64;

/// Reported as a leak unless it is dropped before the model's execution ends.
#[derive(Debug)]
pub(super) struct LeakCheck {
    _tracked: loom::alloc::Track<()>,
}

impl LeakCheck {
    pub(super) fn new() -> Self {
        Self {
            _tracked: loom::alloc::Track::new(()),
        }
    }
}

/// Reported unless every use of the atomic happened before.
pub(super) fn check_exclusive(word: &mut AtomicU64) {
    word.with_mut(|_| ());
}

//! In a model: tells loom when the memory of a task is never freed.

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

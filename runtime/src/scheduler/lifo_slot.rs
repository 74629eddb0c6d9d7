//! The slot for the task woken last: run next, while what it needs is in the cache.
//!
//! A worker puts the task it wakes here and runs it right after the current one. A push wakes no
//! other worker: the owner will run the task at once. Should the owner be stuck in a long poll, any
//! thread may take the task, hence an atomic pointer.

use std::ptr::{self, NonNull};

use selvedge_sync::primitive::atomic::{AtomicPtr, Ordering};

use crate::task::{Header, Runnable};

#[derive(Debug)]
pub(crate) struct LifoSlot(AtomicPtr<Header>);

impl LifoSlot {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Puts `task` in the slot and returns the one that was there.
    pub(crate) fn replace(&self, task: Runnable) -> Option<Runnable> {
        self.swap(task.into_raw().as_ptr())
    }

    /// Takes the task, if there is one.
    pub(crate) fn take(&self) -> Option<Runnable> {
        if self.is_empty() {
            None
        } else {
            self.swap(ptr::null_mut())
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        // Ordering: Relaxed; a hint, the swap decides.
        self.0.load(Ordering::Relaxed).is_null()
    }

    #[allow(unsafe_code, reason = "the slot holds a runnable as a pointer")]
    fn swap(&self, task: *mut Header) -> Option<Runnable> {
        // Ordering: AcqRel; Release hands our task to whoever swaps next, Acquire takes theirs.
        let former = NonNull::new(self.0.swap(task, Ordering::AcqRel))?;
        // SAFETY: put there through `into_raw` by `replace`; the swap took it out, so it is used once.
        Some(unsafe { Runnable::from_raw(former) })
    }
}

impl Drop for LifoSlot {
    fn drop(&mut self) {
        drop(self.take());
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;

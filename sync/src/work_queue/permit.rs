//! Room in a work queue that somebody has reserved.

use std::fmt;

use super::error::PutError;
use super::ledger::Wanted;
use super::shared::QueueShared;
use crate::wake_batch::FirstPanic;

/// Room for one item in a [`WorkQueue`](super::WorkQueue), for the next in line when this is dropped unused.
#[must_use = "the room is given back when the permit is dropped"]
pub struct PutPermit<'a, T> {
    /// None once the room is used.
    shared: Option<&'a QueueShared<T>>,
}

impl<'a, T> PutPermit<'a, T> {
    pub(super) fn new(shared: &'a QueueShared<T>) -> Self {
        Self {
            shared: Some(shared),
        }
    }

    /// Puts the item in; never waits.
    ///
    /// # Errors
    ///
    /// If the queue was shut down meanwhile, the item comes back.
    pub fn put(mut self, item: T) -> Result<(), PutError<T>> {
        let Some(shared) = self.shared else {
            unreachable!("a permit is used once");
        };
        // If this panics the room is given back.
        let rank = shared.rank(&item);
        self.shared = None;
        shared.put_claimed(item, rank)
    }
}

impl<T> Drop for PutPermit<'_, T> {
    /// A panic of the waker of the next in line goes on here, unless the thread panics already.
    fn drop(&mut self) {
        if let Some(shared) = self.shared {
            let mut panic = FirstPanic::default();
            panic.catch(|| shared.unclaim(Wanted::Room));
            panic.resume_in_drop();
        }
    }
}

impl<T> fmt::Debug for PutPermit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutPermit").finish_non_exhaustive()
    }
}

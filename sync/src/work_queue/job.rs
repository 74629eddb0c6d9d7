//! An item that was taken out of a work queue, and counts as unfinished until it is done.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::error::PutError;
use super::shared::QueueShared;
use crate::wake_batch::FirstPanic;

/// An item of a [`WorkQueue`](super::WorkQueue), to be worked on; it is done when this is dropped.
///
/// Also when it is dropped by a panic of the worker: nobody waits for ever for a job whose worker is gone.
/// A worker that wants such a job done by another one [retries](Self::retry) it.
///
/// One that is forgotten with [`mem::forget`](std::mem::forget) is never done: `join` waits for ever.
#[must_use = "the job counts as done when it is dropped"]
pub struct Job<T> {
    // The order matters: the item ends before the job is done.
    item: T,
    duty: JobDuty<T>,
}

/// That a job is unfinished, apart from its item; it is done when this is dropped.
#[must_use = "the job counts as done when it is dropped"]
pub struct JobDuty<T> {
    /// None if the job went back.
    queue: Option<Arc<QueueShared<T>>>,
}

impl<T> Job<T> {
    pub(super) fn new(item: T, queue: Arc<QueueShared<T>>) -> Self {
        Self {
            item,
            duty: JobDuty { queue: Some(queue) },
        }
    }

    /// The item alone; the job counts as done.
    pub fn into_inner(self) -> T {
        self.item
    }

    /// The item, and the duty to finish the job: it is done when that is dropped.
    pub fn into_parts(self) -> (T, JobDuty<T>) {
        (self.item, self.duty)
    }

    /// Puts the item back into the queue, as the newest one, whether there is room or not.
    ///
    /// It goes on counting as unfinished. Also possible while the queue drains; who retries then comes back
    /// for it, since others may have left.
    ///
    /// # Errors
    ///
    /// If the queue was shut down at once, the item comes back; the job counts as done.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::WorkQueue;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = WorkQueue::new(2);
    /// queue.put("fragile").await.unwrap();
    /// let job = queue.get().await.unwrap();
    /// job.retry().unwrap();
    /// assert_eq!(*queue.get().await.unwrap(), "fragile");
    /// queue.join().await;
    /// # }
    /// ```
    pub fn retry(self) -> Result<(), PutError<T>> {
        let Self { item, mut duty } = self;
        // If this panics the job is done.
        let rank = duty.queue.as_ref().map_or(0, |queue| queue.rank(&item));
        let Some(queue) = duty.queue.take() else {
            unreachable!("the duty of a job has its queue until it ends");
        };
        queue
            .put_back(item, rank)
            .inspect_err(|_refused| queue.job_done())
    }
}

impl<T> Deref for Job<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.item
    }
}

impl<T> DerefMut for Job<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.item
    }
}

impl<T> Drop for JobDuty<T> {
    /// A panic of a waker of somebody who joins goes on here, unless the thread panics already.
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            let mut panic = FirstPanic::default();
            panic.catch(|| queue.job_done());
            panic.resume_in_drop();
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Job<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Job").field(&self.item).finish()
    }
}

impl<T> fmt::Debug for JobDuty<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobDuty").finish_non_exhaustive()
    }
}

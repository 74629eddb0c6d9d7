//! Permits of a bounded semaphore for plain threads, which block for them.

use std::sync::Arc;
use std::time::Duration;

use super::{BoundedSemaphore, BoundedSemaphorePermit, OwnedBoundedSemaphorePermit};
use crate::semaphore::AcquireError;
use crate::thread_block::{block_thread_for, block_thread_on};
use crate::time_limit::Elapsed;

/// For plain threads.
impl BoundedSemaphore {
    /// Blocks the thread until it has a permit; for plain threads.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<BoundedSemaphorePermit<'_>, AcquireError> {
        block_thread_on(self.acquire(), "blocking_acquire", "await `acquire`")
    }

    /// Blocks the thread until it has `n` permits; for plain threads.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire_many(
        &self,
        n: u32,
    ) -> Result<BoundedSemaphorePermit<'_>, AcquireError> {
        let wait = self.acquire_many(n);
        block_thread_on(wait, "blocking_acquire_many", "await `acquire_many`")
    }

    /// As [`blocking_acquire`](Self::blocking_acquire), with a permit that keeps the semaphore
    /// alive.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire_owned(
        self: Arc<Self>,
    ) -> Result<OwnedBoundedSemaphorePermit, AcquireError> {
        let wait = self.acquire_owned();
        block_thread_on(wait, "blocking_acquire_owned", "await `acquire_owned`")
    }

    /// As [`blocking_acquire_many`](Self::blocking_acquire_many), with permits that keep the
    /// semaphore alive.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedBoundedSemaphorePermit, AcquireError> {
        let wait = self.acquire_many_owned(n);
        block_thread_on(
            wait,
            "blocking_acquire_many_owned",
            "await `acquire_many_owned`",
        )
    }

    /// As [`blocking_acquire`](Self::blocking_acquire), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first; inside, if the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire_timeout(
        &self,
        limit: Duration,
    ) -> Result<Result<BoundedSemaphorePermit<'_>, AcquireError>, Elapsed> {
        block_thread_for(
            self.acquire(),
            limit,
            "blocking_acquire_timeout",
            "await `acquire_timeout`",
        )
    }

    /// As [`blocking_acquire_many`](Self::blocking_acquire_many), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first; inside, if the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block; if `n` is more than
    /// [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn blocking_acquire_many_timeout(
        &self,
        n: u32,
        limit: Duration,
    ) -> Result<Result<BoundedSemaphorePermit<'_>, AcquireError>, Elapsed> {
        block_thread_for(
            self.acquire_many(n),
            limit,
            "blocking_acquire_many_timeout",
            "await `acquire_many_timeout`",
        )
    }

    /// As [`blocking_acquire_owned`](Self::blocking_acquire_owned), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first; inside, if the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_acquire_owned_timeout(
        self: Arc<Self>,
        limit: Duration,
    ) -> Result<Result<OwnedBoundedSemaphorePermit, AcquireError>, Elapsed> {
        block_thread_for(
            self.acquire_owned(),
            limit,
            "blocking_acquire_owned_timeout",
            "await `acquire_owned_timeout`",
        )
    }

    /// As [`blocking_acquire_many_owned`](Self::blocking_acquire_many_owned), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first; inside, if the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block; if `n` is more than
    /// [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn blocking_acquire_many_owned_timeout(
        self: Arc<Self>,
        n: u32,
        limit: Duration,
    ) -> Result<Result<OwnedBoundedSemaphorePermit, AcquireError>, Elapsed> {
        block_thread_for(
            self.acquire_many_owned(n),
            limit,
            "blocking_acquire_many_owned_timeout",
            "await `acquire_many_owned_timeout`",
        )
    }
}

//! The ways into a read-write lock for plain threads.

use std::time::Duration;

use super::RwLock;
use super::guard::{RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard};
use crate::thread_block::{block_thread_for, block_thread_on};
use crate::time_limit::Elapsed;

impl<T: ?Sized> RwLock<T> {
    /// Blocks the thread until it may read; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        block_thread_on(self.read(), "blocking_read", "await `read`")
    }

    /// Blocks the thread until it may write; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        block_thread_on(self.write(), "blocking_write", "await `write`")
    }

    /// Blocks the thread until it may read with the right to upgrade; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_upgradable_read(&self) -> RwLockUpgradableReadGuard<'_, T> {
        let wait = self.upgradable_read();
        block_thread_on(wait, "blocking_upgradable_read", "await `upgradable_read`")
    }

    /// As [`blocking_read`](Self::blocking_read), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_read_timeout(
        &self,
        limit: Duration,
    ) -> Result<RwLockReadGuard<'_, T>, Elapsed> {
        let wait = self.read();
        block_thread_for(wait, limit, "blocking_read_timeout", "await `read_timeout`")
    }

    /// As [`blocking_write`](Self::blocking_write), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_write_timeout(
        &self,
        limit: Duration,
    ) -> Result<RwLockWriteGuard<'_, T>, Elapsed> {
        let wait = self.write();
        block_thread_for(
            wait,
            limit,
            "blocking_write_timeout",
            "await `write_timeout`",
        )
    }
}

//! The ways into an owned read-write lock, with guards that keep it alive.

use std::panic::Location;
use std::sync::Arc;

use super::RwLock;
use super::acquire::{RwLockReadOwned, RwLockUpgradableReadOwned, RwLockWriteOwned};
use super::guard::{OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard};
use super::held::Held;
use super::state::Wish;
use crate::try_lock_error::TryLockError;

impl<T: ?Sized> RwLock<T> {
    /// As [`read`](Self::read), with a guard that keeps the lock alive.
    ///
    /// # Cancel safety
    ///
    /// As [`read`](Self::read).
    #[inline]
    #[track_caller]
    pub fn read_owned(self: Arc<Self>) -> RwLockReadOwned<T> {
        RwLockReadOwned::new(self, Location::caller())
    }

    /// As [`write`](Self::write), with a guard that keeps the lock alive.
    ///
    /// # Cancel safety
    ///
    /// As [`write`](Self::write).
    #[inline]
    #[track_caller]
    pub fn write_owned(self: Arc<Self>) -> RwLockWriteOwned<T> {
        RwLockWriteOwned::new(self, Location::caller())
    }

    /// As [`upgradable_read`](Self::upgradable_read), with a guard that keeps the lock alive.
    ///
    /// # Cancel safety
    ///
    /// As [`upgradable_read`](Self::upgradable_read).
    #[inline]
    #[track_caller]
    pub fn upgradable_read_owned(self: Arc<Self>) -> RwLockUpgradableReadOwned<T> {
        RwLockUpgradableReadOwned::new(self, Location::caller())
    }

    /// As [`try_read`](Self::try_read), with a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// As [`try_read`](Self::try_read).
    #[inline]
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        if !self.raw.try_enter(Wish::Read) {
            return Err(TryLockError(()));
        }
        Ok(OwnedRwLockReadGuard::new(Held::new(self)))
    }

    /// As [`try_write`](Self::try_write), with a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// As [`try_write`](Self::try_write).
    #[inline]
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        if !self.raw.try_enter(Wish::Write) {
            return Err(TryLockError(()));
        }
        Ok(OwnedRwLockWriteGuard::new(Held::new(self)))
    }

    /// As [`try_upgradable_read`](Self::try_upgradable_read), with a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// As [`try_upgradable_read`](Self::try_upgradable_read).
    #[inline]
    pub fn try_upgradable_read_owned(
        self: Arc<Self>,
    ) -> Result<OwnedRwLockUpgradableReadGuard<T>, TryLockError> {
        if !self.raw.try_enter(Wish::Upgradable) {
            return Err(TryLockError(()));
        }
        Ok(OwnedRwLockUpgradableReadGuard::new(Held::new(self)))
    }
}

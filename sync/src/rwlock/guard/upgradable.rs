//! Guards to read, and perhaps to write later.
#![allow(
    unsafe_code,
    reason = "whoever has the access to read may see the value"
)]

use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use super::{
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLockReadGuard, RwLockWriteGuard, shown_as_value,
};
use crate::rwlock::RwLock;
use crate::rwlock::acquire::{RwLockUpgrade, RwLockUpgradeOwned};
use crate::rwlock::held::{Held, Upgradable};
use crate::rwlock::raw::RawRwLock;
use crate::rwlock::state::Wish;
use crate::thread_block::block_thread_on;
use crate::wait_list::HostRef;

/// Shared access to the value of an [`RwLock`], with the right to become the writer.
///
/// Others may read meanwhile, but only one guard of a lock is upgradable: two that wait for each other
/// to leave would wait for ever.
///
/// # Examples
///
/// ```
/// use selvedge::sync::RwLock;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let names = RwLock::new(vec!["ada"]);
/// let known = names.upgradable_read().await;
/// if !known.contains(&"grace") {
///     // Nobody adds the name between the look and this.
///     known.upgrade().await.push("grace");
/// }
/// assert_eq!(names.read().await.len(), 2);
/// # }
/// ```
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwLockUpgradableReadGuard<'a, T: ?Sized> {
    held: Held<&'a RawRwLock, Upgradable>,
    lock: &'a RwLock<T>,
}

/// As [`RwLockUpgradableReadGuard`], and keeps the lock alive.
#[must_use = "the lock is released when the guard is dropped"]
pub struct OwnedRwLockUpgradableReadGuard<T: ?Sized> {
    held: Held<Arc<RwLock<T>>, Upgradable>,
}

impl<'a, T: ?Sized> RwLockUpgradableReadGuard<'a, T> {
    /// `held` is of `lock`.
    #[inline]
    pub(in crate::rwlock) fn new(
        held: Held<&'a RawRwLock, Upgradable>,
        lock: &'a RwLock<T>,
    ) -> Self {
        Self { held, lock }
    }

    /// Waits until the other readers have left, and becomes the writer.
    ///
    /// It goes before all that are queued, so nobody writes in between: what was read is still true.
    /// Whether further readers are let in meanwhile is up to the
    /// [policy](super::super::RwLockPolicy).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the lock: the read access too, if it is dropped while it waits. To
    /// try without that risk there is [`try_upgrade`](Self::try_upgrade).
    #[track_caller]
    #[inline]
    pub fn upgrade(self) -> RwLockUpgrade<'a, T> {
        RwLockUpgrade::new(self.held.into_lock(), self.lock, Location::caller())
    }

    /// Blocks the thread until it writes; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_upgrade(self) -> RwLockWriteGuard<'a, T> {
        block_thread_on(self.upgrade(), "blocking_upgrade", "await `upgrade`")
    }

    /// Becomes the writer if nobody else reads; never waits.
    ///
    /// # Errors
    ///
    /// If somebody else reads: the guard as it was.
    #[inline]
    pub fn try_upgrade(self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        if self.lock.raw.try_enter(Wish::Upgrade) {
            let held = Held::new(self.held.into_lock());
            Ok(RwLockWriteGuard::new(held, self.lock))
        } else {
            Err(self)
        }
    }

    /// Gives up the right to become the writer, and goes on reading.
    #[inline]
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::new(self.held.downgrade(), self.lock)
    }
}

impl<T: ?Sized> OwnedRwLockUpgradableReadGuard<T> {
    #[inline]
    pub(in crate::rwlock) fn new(held: Held<Arc<RwLock<T>>, Upgradable>) -> Self {
        Self { held }
    }

    /// As [`RwLockUpgradableReadGuard::upgrade`].
    ///
    /// # Cancel safety
    ///
    /// As [`RwLockUpgradableReadGuard::upgrade`].
    #[track_caller]
    #[inline]
    pub fn upgrade(self) -> RwLockUpgradeOwned<T> {
        RwLockUpgradeOwned::new(self.held.into_lock(), Location::caller())
    }

    /// As [`RwLockUpgradableReadGuard::try_upgrade`].
    ///
    /// # Errors
    ///
    /// If somebody else reads: the guard as it was.
    #[inline]
    pub fn try_upgrade(self) -> Result<OwnedRwLockWriteGuard<T>, Self> {
        if self.held.lock().host().try_enter(Wish::Upgrade) {
            let held = Held::new(self.held.into_lock());
            Ok(OwnedRwLockWriteGuard::new(held))
        } else {
            Err(self)
        }
    }

    /// As [`RwLockUpgradableReadGuard::downgrade`].
    #[inline]
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard::new(self.held.downgrade())
    }

    /// The lock that is read.
    #[inline]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.held.lock()
    }
}

impl<T: ?Sized> Deref for RwLockUpgradableReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: nobody writes while `held` lives.
        unsafe { self.lock.value() }
    }
}

impl<T: ?Sized> Deref for OwnedRwLockUpgradableReadGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: nobody writes while `held` lives.
        unsafe { self.held.lock().value() }
    }
}

shown_as_value!([T: ?Sized] RwLockUpgradableReadGuard<'_, T>, T);
shown_as_value!([T: ?Sized] OwnedRwLockUpgradableReadGuard<T>, T);

//! `RwLock`: many readers or one writer, with a choice of who goes first.
//!
//! # States
//!
//! | From | To | By |
//! |---|---|---|
//! | free | writer | `write` |
//! | free, or readers, as long as there is a place | one reader more | `read` |
//! | the same, with nobody upgradable | one reader more, upgradable | `upgradable_read` |
//! | one reader, upgradable | writer | `upgrade` |
//! | writer | one reader, upgradable or not | `downgrade`, `downgrade_to_upgradable` |
//! | any | without the one who leaves | drop of a guard |
//!
//! Each step is one addition to the [state word](state::Snapshot). To enter is an exchange that checks
//! for the room; to leave, or to keep less, never has to ask.
//!
//! # Invariants
//!
//! I1. `QUEUED` in the word is set while somebody is queued, and `BARRED` while somebody is queued
//! whom readers that arrive may not pass. Both change only under the lock of the queue, and are
//! exact whenever [`RawRwLock::hand_on`](raw::RawRwLock::hand_on) has run after the last departure.
//!
//! I2. A waiter departs only when the word has been changed for it: it has the access from then on.
//! A waiter that is dropped with an access it has not handed out gives it up.
//!
//! I3. If there is room for who comes next, and nobody is about to call `hand_on`, the queue is empty.
//!
//! I4. The value is written only with `WRITER` set by who writes, and read only by who is counted as
//! a reader, or is the writer. A valid state has no readers beside a writer.
//!
//! # Why no waiter is forgotten
//!
//! Who leaves and who starts to wait both change the word, so one comes first. Either the waiter finds
//! the room, or who leaves finds `QUEUED`; it then takes the lock, and with it finds the waiter
//! queued: the lock is held from setting the bit until the waiter is linked. Who leaves without making
//! room for anybody ([`makes_room`](state::Snapshot::makes_room)) need not look: some other one is
//! inside still, and will. A waiter that is dropped may have stood in the way of those behind it, so it
//! looks as well. So does who downgrades.
//!
//! # Rejected
//!
//! Readers that enter with an addition, and take it back if they may not: a writer would have to
//! leave with an addition too and never find the word as it left it, an undoing reader that happens
//! to be the last would have to hand on, and the count could overflow.
//!
//! Letting who arrives overtake a woken waiter: cheaper under contention, but then a promise about
//! starvation needs a clock.

mod acquire;
mod blocking;
mod guard;
mod held;
mod owned;
mod policy;
mod raw;
mod state;
mod value;
mod wait;

use std::fmt;
use std::panic::Location;
use std::time::Duration;

pub use self::acquire::{
    RwLockRead, RwLockReadOwned, RwLockUpgradableRead, RwLockUpgradableReadOwned, RwLockUpgrade,
    RwLockUpgradeOwned, RwLockWrite, RwLockWriteOwned,
};
pub use self::guard::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard,
    OwnedRwLockWriteGuard, RwLockMappedWriteGuard, RwLockReadGuard, RwLockUpgradableReadGuard,
    RwLockWriteGuard,
};
use self::held::Held;
pub use self::policy::RwLockPolicy;
use self::raw::RawRwLock;
use self::state::{READERS_MAX, Wish};
use crate::owner::Owner;
use crate::primitive::UnsafeCell;
use crate::time_limit::TimeLimit;
use crate::try_lock_error::TryLockError;
use crate::waiting::Waiting;

/// A value that many may read, or one may write.
///
/// Who cannot have the lock at once waits without blocking its thread. The lock is held by a guard,
/// across `.await`s too, until that is dropped; also by a panic, which leaves the lock usable and the
/// value as it was at the time.
///
/// # Fairness
///
/// By default the lock is fair: it is given in the order in which it was asked for, and readers that
/// follow each other share it. Who reads already and asks to read again may therefore wait for
/// itself, behind a writer that waits for it. Nobody starves as long as each guard is dropped at some
/// time and each future that was polled is polled when it is woken, or dropped.
///
/// Other [policies](RwLockPolicy) prefer readers, or writers, and starve the others:
/// [`with_policy`](Self::with_policy). `try_*` methods pass nobody whom the others may not pass. A
/// future asks for the lock when it is first polled.
///
/// # Forgotten guards and futures
///
/// A guard that is [forgotten](std::mem::forget) holds the lock for ever. So does a future that is
/// forgotten when it waits and its turn comes.
///
/// # Examples
///
/// ```
/// use selvedge::sync::RwLock;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let lock = RwLock::new(5);
/// {
///     let (one, other) = (lock.read().await, lock.read().await);
///     assert_eq!((*one, *other), (5, 5));
/// }
/// *lock.write().await += 1;
/// assert_eq!(*lock.read().await, 6);
/// # }
/// ```
pub struct RwLock<T: ?Sized> {
    raw: RawRwLock,
    value: UnsafeCell<T>,
}

impl<T> RwLock<T> {
    /// A free lock around `value`.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self::const_new(value)
    }

    /// A free lock that so many may read at once.
    ///
    /// # Panics
    ///
    /// If `max_reads` is 0 or more than `u32::MAX >> 3`.
    #[track_caller]
    pub fn with_max_readers(value: T, max_reads: u32) -> Self {
        Self::const_with_max_readers(value, max_reads)
    }

    crate::primitive::const_fn! {
        /// As [`new`](Self::new), for statics.
        ///
        /// # Examples
        ///
        /// ```
        /// use selvedge::sync::RwLock;
        ///
        /// static LIMIT: RwLock<u32> = RwLock::const_new(5).named("limit");
        /// ```
        #[track_caller]
        pub const fn const_new(value: T) -> Self {
            Self::const_with_max_readers(value, READERS_MAX)
        }
    }

    crate::primitive::const_fn! {
        /// As [`with_max_readers`](Self::with_max_readers), for statics.
        ///
        /// # Panics
        ///
        /// If `max_reads` is 0 or more than `u32::MAX >> 3`.
        #[track_caller]
        pub const fn const_with_max_readers(value: T, max_reads: u32) -> Self {
            Self {
                raw: RawRwLock::new(max_reads),
                value: UnsafeCell::new(value),
            }
        }
    }

    /// The same lock with another policy.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::{RwLock, RwLockPolicy};
    ///
    /// static CONFIG: RwLock<u32> = RwLock::const_new(5).with_policy(RwLockPolicy::PreferWriters);
    /// ```
    #[must_use]
    pub const fn with_policy(mut self, policy: RwLockPolicy) -> Self {
        self.raw.set_policy(policy);
        self
    }

    /// The same lock with a name, for reports.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.raw.identity = self.raw.identity.named(name);
        self
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// The name, if it was [given](Self::named) one.
    pub fn name(&self) -> Option<&'static str> {
        self.raw.identity.name()
    }

    /// Where the lock was made.
    pub fn created_at(&self) -> &'static Location<'static> {
        self.raw.identity.created_at()
    }

    /// Who goes first.
    pub fn policy(&self) -> RwLockPolicy {
        self.raw.policy()
    }

    /// Who writes now; none while the lock is free or read.
    ///
    /// It is a snapshot for reports, and may be of the past already.
    pub fn holder(&self) -> Option<Owner> {
        self.raw.holder()
    }

    /// Who waits for the lock now, first who is served first.
    ///
    /// It is a snapshot for reports, and may be of the past already.
    pub fn waiting(&self) -> Vec<Waiting> {
        self.raw.waiting()
    }

    /// Waits until it may read.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue.
    #[inline]
    #[track_caller]
    pub fn read(&self) -> RwLockRead<'_, T> {
        RwLockRead::new(&self.raw, self, Location::caller())
    }

    /// Waits until it may write.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue. Readers that waited only behind it come in.
    #[inline]
    #[track_caller]
    pub fn write(&self) -> RwLockWrite<'_, T> {
        RwLockWrite::new(&self.raw, self, Location::caller())
    }

    /// Waits until it may read with the right to [upgrade](RwLockUpgradableReadGuard::upgrade).
    ///
    /// There is one such guard at a time; it counts as one of the readers.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue.
    #[inline]
    #[track_caller]
    pub fn upgradable_read(&self) -> RwLockUpgradableRead<'_, T> {
        RwLockUpgradableRead::new(&self.raw, self, Location::caller())
    }

    /// As [`read`](Self::read), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Cancel safety
    ///
    /// As [`read`](Self::read).
    #[inline]
    #[track_caller]
    pub fn read_timeout(&self, limit: Duration) -> TimeLimit<RwLockRead<'_, T>> {
        TimeLimit::new(self.read(), limit)
    }

    /// As [`write`](Self::write), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Cancel safety
    ///
    /// As [`write`](Self::write).
    #[inline]
    #[track_caller]
    pub fn write_timeout(&self, limit: Duration) -> TimeLimit<RwLockWrite<'_, T>> {
        TimeLimit::new(self.write(), limit)
    }

    /// As [`upgradable_read`](Self::upgradable_read), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Cancel safety
    ///
    /// As [`upgradable_read`](Self::upgradable_read).
    #[inline]
    #[track_caller]
    pub fn upgradable_read_timeout(
        &self,
        limit: Duration,
    ) -> TimeLimit<RwLockUpgradableRead<'_, T>> {
        TimeLimit::new(self.upgradable_read(), limit)
    }

    /// Reads, if it may at once; never waits.
    ///
    /// # Errors
    ///
    /// If somebody writes, or the policy puts somebody who waits first, or there are as many readers as
    /// the lock allows.
    #[inline]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        if !self.raw.try_enter(Wish::Read) {
            return Err(TryLockError(()));
        }
        Ok(RwLockReadGuard::new(Held::new(&self.raw), self))
    }

    /// Writes, if it may at once; never waits.
    ///
    /// # Errors
    ///
    /// If somebody reads, writes or waits.
    #[inline]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        if !self.raw.try_enter(Wish::Write) {
            return Err(TryLockError(()));
        }
        Ok(RwLockWriteGuard::new(Held::new(&self.raw), self))
    }

    /// Reads with the right to upgrade, if it may at once; never waits.
    ///
    /// # Errors
    ///
    /// If somebody writes or waits, or has that right, or there are as many readers as the lock allows.
    #[inline]
    pub fn try_upgradable_read(&self) -> Result<RwLockUpgradableReadGuard<'_, T>, TryLockError> {
        if !self.raw.try_enter(Wish::Upgradable) {
            return Err(TryLockError(()));
        }
        Ok(RwLockUpgradableReadGuard::new(Held::new(&self.raw), self))
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(value) => fields.field("data", &&*value),
            Err(_) => fields.field("data", &format_args!("<locked>")),
        };
        fields
            .field("identity", &self.raw.identity)
            .field("holder", &self.holder())
            .finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

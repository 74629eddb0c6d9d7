//! `Mutex`: one at a time gets at a value, and may keep it over an `.await`.
//!
//! # Picture
//!
//! ```text
//!            1 ───────────►           2 ────────────►
//!   free                     held                      held, will be handed over
//!    ▲  ◄──────────── 3                                  │ 4
//!    └─────────────────────── 6  in transit ◄────────────┘
//!                                    │ 5
//!                                    ▼
//!                                  held, by the first in the queue
//! ```
//! 1 `try_lock`, or a waiter's look · 2 the first in the queue has lost for too long; in a fair mutex,
//! anybody queues · 3, 4 `unlock` · 5 `settle` grants the lock · 6 all waiters have gone
//!
//! # Invariants
//!
//! I1. `WAITERS` in the [state word](state::Snapshot) says that somebody is queued. It changes only
//! under the lock of the queue, and is exact whenever that is free.
//!
//! I2. `WOKEN` says that the first in the queue was woken and has not looked since; its entry says the
//! same. Who is woken keeps its place.
//!
//! I3. While the word is free or in transit, somebody is queued, and nobody is `WOKEN`, an unlocker or
//! a leaving waiter is on its way to the queue, where it [settles](raw::RawMutex::settle) what is owed.
//!
//! I4. `HANDOFF` says that the first in the queue asked for it or, in a fair mutex, that somebody is
//! queued.
//!
//! I5. Who was granted the lock and is dropped unlocks it.
//!
//! # Why no waiter is forgotten
//!
//! Unlocking and starting to wait both change the word, so one comes first. Either the waiter finds the
//! lock free, or the unlocker finds `WAITERS`, takes the lock of the queue, and with it finds the waiter
//! queued. If somebody took the lock before the unlocker came to the queue, there is a holder again, who
//! will unlock it.
//!
//! An unlocker that finds `WOKEN` does nothing: the woken one will look at the lock. If it finds it taken,
//! it clears `WOKEN` in the same exchange that finds `LOCKED`, so the unlock that follows finds nobody
//! woken, and wakes it again. If it is dropped before it looks, it settles in its stead. What it takes to be
//! overtaken for ever is thus to lose again and again, and that ends with `HANDOFF`: nobody else can
//! take the lock then, so the next unlocker grants it.
//!
//! # Rejected
//!
//! Handing over always: every contended section then costs a switch of tasks, two to three times the
//! time. Unlinking who is woken: it would queue behind those who came later when it loses.
#![allow(unsafe_code, reason = "the value is behind the lock")]

mod guard;
mod lock;
mod lock_guard;
mod owned_guard;
mod raw;
mod state;
mod wait;

use std::fmt;
use std::panic::Location;
// Users own their mutexes through this one, in models too.
use std::sync::Arc;
use std::time::Duration;

pub use self::guard::{MappedMutexGuard, MutexGuard};
pub use self::lock::{Lock, LockOwned};
pub use self::lock_guard::LockGuard;
pub(crate) use self::lock_guard::Relockable;
pub use self::owned_guard::{OwnedMappedMutexGuard, OwnedMutexGuard};
pub(crate) use self::raw::{Call, RawMutex, wake};
pub(crate) use self::wait::LockWait;
use crate::owner::Owner;
use crate::primitive::UnsafeCell;
use crate::thread_block::{Looking, block_thread_for, block_thread_on, check_may_block};
use crate::time_limit::{Elapsed, TimeLimit};
use crate::try_lock_error::TryLockError;
use crate::waiting::Waiting;

/// A value that one at a time may use, for as long as it likes, also over an `.await`.
///
/// For a value that is used without waiting in between, `std::sync::Mutex` is enough.
///
/// # Fairness
///
/// The lock *barges*, unless it is [`fair`](Self::fair): who comes when it is free takes it, also past
/// those who wait. So a task that uses the lock often does not have to stop for others each time.
/// Waiting is bounded all the same: waiters are woken in the order in which they came, and the first of
/// them keeps its place when it was overtaken. Half a millisecond after that happened for the first time
/// it asks for the lock, and the next holder who gives it back hands it over. (Under a clock that stands
/// still, a virtual one, it asks after 256 times.) This needs that who holds the lock gives it back,
/// and that waiters that are woken are polled. A thread in a blocking call tries for some microseconds
/// before it queues.
///
/// A fair mutex serves strictly in the order of first polls. It is slower when contended: each time
/// the next task has to be switched to before anybody can go on.
///
/// # Panics while it is locked
///
/// They give the lock back. There is no poisoning: the next one finds the value as it was left.
///
/// # Lock futures that are no longer polled
///
/// A future of [`lock`](Self::lock) that was polled has a place in the queue, until it is ready or
/// dropped. A task that keeps one, as a branch of `select!` does by reference, but awaits something else
/// meanwhile, holds up others: if it is woken it has to look at the lock, and those behind it are not
/// woken before it did; if it was handed the lock, as it always is by a fair mutex, the lock stays
/// taken. When what the task awaits meanwhile is this same lock, that may wait for ever. Drop such a
/// future, or poll it to the end. The same goes for one that is forgotten with `mem::forget`: a wake
/// that it had is lost to those behind it, and a lock it was handed stays taken, as with a guard that is
/// forgotten.
///
/// # Examples
///
/// ```
/// use selvedge::sync::Mutex;
/// use std::sync::Arc;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let log = Arc::new(Mutex::new(Vec::new()));
/// let tasks: Vec<_> = (0..3)
///     .map(|number| {
///         let log = log.clone();
///         selvedge::spawn(async move {
///             let mut log = log.lock().await;
///             log.push(number);
///             selvedge::task::yield_now().await;
///             log.push(number);
///         })
///     })
///     .collect();
/// for task in tasks {
///     task.await.unwrap();
/// }
/// let log = log.lock().await;
/// assert!(log.chunks(2).all(|pair| pair[0] == pair[1]));
/// # }
/// ```
pub struct Mutex<T: ?Sized> {
    raw: RawMutex,
    value: UnsafeCell<T>,
}

// SAFETY: who has the mutex has the value, no more.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: sharing the mutex gives one at a time the value, on any thread, and exclusively: this needs
// `T: Send` and no `T: Sync`.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    crate::primitive::const_fn! {
        /// A free mutex around `value`.
        #[track_caller]
        pub const fn new(value: T) -> Self {
            Self {
                raw: RawMutex::new(),
                value: UnsafeCell::new(value),
            }
        }
    }

    crate::primitive::const_fn! {
        /// As [`new`](Self::new), which is `const` as well.
        #[track_caller]
        pub const fn const_new(value: T) -> Self {
            Self::new(value)
        }
    }

    /// The same mutex, served strictly in the order of arrival: see [Fairness](Self#fairness).
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::Mutex;
    ///
    /// static TURNS: Mutex<u32> = Mutex::new(0).fair().named("turns");
    /// assert!(TURNS.is_fair());
    /// ```
    #[must_use]
    pub const fn fair(mut self) -> Self {
        self.raw.fair();
        self
    }

    /// The same mutex with a name, for reports and `Debug`.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.raw.named(name);
        self
    }

    /// The value; nobody can hold the lock any more.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the lock.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue; a lock it was handed goes to the next, and
    /// so does a wake.
    #[track_caller]
    #[inline]
    pub fn lock(&self) -> Lock<'_, T> {
        Lock::new(self, Location::caller())
    }

    /// As [`lock`](Self::lock), with a guard that keeps the mutex alive.
    ///
    /// # Cancel safety
    ///
    /// As [`lock`](Self::lock).
    #[track_caller]
    #[inline]
    pub fn lock_owned(self: Arc<Self>) -> LockOwned<T> {
        LockOwned::new(self, Location::caller())
    }

    /// Waits for the lock, for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Cancel safety
    ///
    /// As [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::Mutex;
    /// use std::time::Duration;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let busy = Mutex::new(());
    /// let _guard = busy.lock().await;
    /// assert!(busy.lock_timeout(Duration::from_millis(1)).await.is_err());
    /// # }
    /// ```
    #[track_caller]
    pub fn lock_timeout(&self, limit: Duration) -> TimeLimit<Lock<'_, T>> {
        TimeLimit::new(self.lock(), limit)
    }

    /// As [`lock_timeout`](Self::lock_timeout), with a guard that keeps the mutex alive.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Cancel safety
    ///
    /// As [`lock`](Self::lock).
    #[track_caller]
    pub fn lock_owned_timeout(self: Arc<Self>, limit: Duration) -> TimeLimit<LockOwned<T>> {
        TimeLimit::new(self.lock_owned(), limit)
    }

    /// Blocks the thread until it has the lock; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    #[doc(alias = "lock_blocking")]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        let (what, instead) = ("blocking_lock", "await `lock`");
        check_may_block(what, instead);
        match self.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError(())) => block_thread_on(Looking::new(self.lock()), what, instead),
        }
    }

    /// As [`blocking_lock`](Self::blocking_lock), with a guard that keeps the mutex alive.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let wait = Looking::new(self.lock_owned());
        block_thread_on(wait, "blocking_lock_owned", "await `lock_owned`")
    }

    /// Blocks the thread until it has the lock, for at most `limit`; for plain threads.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_lock_timeout(&self, limit: Duration) -> Result<MutexGuard<'_, T>, Elapsed> {
        let (wait, instead) = (Looking::new(self.lock()), "await `lock_timeout`");
        block_thread_for(wait, limit, "blocking_lock_timeout", instead)
    }

    /// Takes the lock if it is free; never waits.
    ///
    /// # Errors
    ///
    /// If it is taken, or about to be handed to a waiter.
    #[inline]
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        if self.raw.try_lock() {
            Ok(MutexGuard::of_locked(self))
        } else {
            Err(TryLockError(()))
        }
    }

    /// As [`try_lock`](Self::try_lock), with a guard that keeps the mutex alive.
    ///
    /// # Errors
    ///
    /// If it is taken, or about to be handed to a waiter.
    #[inline]
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        if self.raw.try_lock() {
            Ok(OwnedMutexGuard::of_locked(self))
        } else {
            Err(TryLockError(()))
        }
    }

    /// The lock without the value.
    pub(crate) fn raw(&self) -> &RawMutex {
        &self.raw
    }

    /// The value, for who has the mutex to itself.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: the exclusive borrow of the mutex is one of its value, and no guard borrows it.
        self.value.with_mut(|value| unsafe { &mut *value })
    }

    /// True if the mutex is served strictly in the order of arrival.
    pub fn is_fair(&self) -> bool {
        self.raw.is_fair()
    }

    /// The name it was [given](Mutex::named).
    pub fn name(&self) -> Option<&'static str> {
        self.raw.name()
    }

    /// Where it was made.
    pub fn created_at(&self) -> &'static Location<'static> {
        self.raw.created_at()
    }

    /// Who holds the lock now, or was handed it.
    ///
    /// A guard that was sent elsewhere counts as held by who took the lock.
    pub fn holder(&self) -> Option<Owner> {
        self.raw.holder()
    }

    /// Who waits for the lock now, first come first.
    ///
    /// It is a snapshot for reports, and may be of the past already.
    pub fn waiting(&self) -> Vec<Waiting> {
        self.raw.waiting()
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

/// Shows the value, if the lock is free; of a mutex with a name also that, its place and its holder.
impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Before it is our own lock that is seen.
        let holder = self.holder();
        let mut shown = f.debug_struct("Mutex");
        if self.name().is_some() {
            shown.field("lock", self.raw.identity());
        }
        match self.try_lock() {
            Ok(value) => shown.field("data", &&*value),
            Err(_) => shown.field("data", &format_args!("<locked>")),
        };
        if let Some(holder) = holder.filter(|_| self.name().is_some()) {
            shown.field("holder", &holder);
        }
        shown.finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

//! `ReentrantMutex`: a lock that its holder may take again.
//!
//! # Picture
//!
//! ```text
//!           lock by A            lock by A            lock by A
//!   free ────────────► A, once ────────────► A, twice ─────────► ...
//!        ◄──────────── │       ◄────────────          ◄─────────
//!          drop of the │         drop of any guard of A
//!          last guard  ▼
//!                B, once         if B waits longest
//! ```
//!
//! # Invariants
//!
//! I1. Owner and depth change only under the lock of the queue. The depth is the number of guards of
//! the owner, and of futures that were granted the lock and have not handed it out.
//!
//! I2. If somebody is queued, the lock is held: who gives up the last guard hands it to the first in
//! the queue under the same lock.
//!
//! # Why no waiter is forgotten
//!
//! All is decided under one lock. A waiter that finds the lock held is queued before it lets go of it,
//! so who gives up the last guard finds it (I2), and wakes it. A waiter that is dropped with the lock
//! gives it up in the same way.
//!
//! # What identifies the owner, and what keeps it sound
//!
//! A guard held over an `.await` moves between threads with its task, so the thread cannot be the
//! owner inside a task, and the guard has to be [`Send`]. Then it can be sent to another task as
//! well. Also, nothing but good manners keeps a runtime from
//! [entering](crate::context::enter) one task on two threads. So memory safety must not depend on who
//! the owner is: two threads may have a `&T` at the same time, which is fine for `T: Sync`. The compiler
//! sees to that: the type holds a plain `T`, and lock and guard are `Sync` and `Send` if `T` is `Sync`.
//! There is no unsafe code here. What the owner decides is only who has to wait.
//!
//! # Rejected
//!
//! Lock and guard for `T: Send` that is not `Sync`, such as a `RefCell`, as in libraries for threads:
//! a task that leaves a guard on one thread, moves to another and enters again there, would use the
//! cell from both.
//!
//! A word and an owner apart from it, without the lock of the queue: the last guard may be dropped by
//! another task, between the look at the owner and the count. It would need both in one exchange.

mod state;
mod wait;

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use self::wait::{RawReentrant, Wait};
use crate::owner::Owner;
use crate::thread_block::{block_thread_for, block_thread_on};
use crate::time_limit::{Elapsed, TimeLimit};
use crate::try_lock_error::TryLockError;
use crate::waiting::Waiting;

/// A lock that one task holds at a time, as often as it likes.
///
/// For functions that lock and call each other. The lock is released when as many guards were dropped
/// as were given out. A guard gives `&T` only: there may be several. To change what is inside, put
/// atomics or an (uncontended) [`std::sync::Mutex`] there.
///
/// # Who is the owner
///
/// The task, inside one; otherwise the thread: [`Owner::current`], when a future is first polled.
///
/// - Branches of one task (`join!`, `select!`) have one owner: the lock does not keep them apart.
/// - A guard that is sent elsewhere still counts for the owner that took it. It may be read there, and
///   dropped there; but who received it is not the owner, and waits like others if it locks.
/// - Under an executor that does not [tell which task it polls](crate::context::enter), the owner is
///   the thread. Then tasks on the same thread are not kept apart, and a task that moves to another
///   thread with a guard waits for itself when it locks again. There, make an owner for each task, with
///   [`Owner::unique`], and use [`lock_as`](Self::lock_as).
///
/// # Fairness
///
/// First come, first served, except that the owner never waits. Nobody starves as long as each guard
/// is dropped at some time and each future that was polled is polled when it is woken, or dropped. A
/// guard that is forgotten, or a future that is forgotten when its turn comes, keeps the lock for ever.
///
/// # Examples
///
/// ```
/// use selvedge::sync::ReentrantMutex;
/// use std::sync::atomic::{AtomicI64, Ordering};
///
/// struct Account(ReentrantMutex<AtomicI64>);
///
/// impl Account {
///     async fn add(&self, amount: i64) -> i64 {
///         let balance = self.0.lock().await;
///         balance.fetch_add(amount, Ordering::Relaxed) + amount
///     }
///
///     async fn move_to(&self, other: &Account, amount: i64) {
///         let _both_changes_at_once = self.0.lock().await;
///         self.add(-amount).await;
///         other.add(amount).await;
///     }
/// }
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let (one, other) = (Account(ReentrantMutex::default()), Account(ReentrantMutex::default()));
/// one.move_to(&other, 5).await;
/// assert_eq!(other.add(0).await, 5);
/// # }
/// ```
pub struct ReentrantMutex<T: ?Sized> {
    raw: RawReentrant,
    value: T,
}

impl<T> ReentrantMutex<T> {
    /// A free lock around `value`.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self::const_new(value)
    }

    crate::primitive::const_fn! {
        /// As [`new`](Self::new), for statics.
        #[track_caller]
        pub const fn const_new(value: T) -> Self {
            Self {
                raw: RawReentrant::new(),
                value,
            }
        }
    }

    /// The same lock with a name, for reports.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.raw.identity = self.raw.identity.named(name);
        self
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: ?Sized> ReentrantMutex<T> {
    /// The name, if it was [given](Self::named) one.
    pub fn name(&self) -> Option<&'static str> {
        self.raw.identity.name()
    }

    /// Where the lock was made.
    pub fn created_at(&self) -> &'static Location<'static> {
        self.raw.identity.created_at()
    }

    /// Who holds the lock.
    pub fn holder(&self) -> Option<Owner> {
        self.raw.lock().state().owner()
    }

    /// Who waits for the lock now, first come first.
    ///
    /// It is a snapshot for reports, and may be of the past already.
    pub fn waiting(&self) -> Vec<Waiting> {
        self.raw.lock().waiting_in(0)
    }

    /// How many guards the holder has.
    pub fn depth(&self) -> u32 {
        self.raw.lock().state().depth()
    }

    /// The value, which nobody else can reach.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Waits for the lock; does not wait if the owner has it already.
    ///
    /// The owner is who polls the future first, see [above](Self#who-is-the-owner).
    ///
    /// # Panics
    ///
    /// The future panics if the owner has `u32::MAX` guards.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue.
    #[track_caller]
    pub fn lock(&self) -> ReentrantLock<'_, T> {
        self.start(None, Location::caller())
    }

    /// As [`lock`](Self::lock), for an owner that the caller names.
    ///
    /// # Panics
    ///
    /// As [`lock`](Self::lock).
    ///
    /// # Cancel safety
    ///
    /// As [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::{Owner, ReentrantMutex};
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let lock = ReentrantMutex::new(());
    /// let (me, you) = (Owner::unique(), Owner::unique());
    /// let _once = lock.lock_as(me).await;
    /// let _twice = lock.lock_as(me).await;
    /// assert!(lock.try_lock_as(you).is_err());
    /// # }
    /// ```
    #[track_caller]
    pub fn lock_as(&self, owner: Owner) -> ReentrantLock<'_, T> {
        self.start(Some(owner), Location::caller())
    }

    fn start(
        &self,
        owner: Option<Owner>,
        place: &'static Location<'static>,
    ) -> ReentrantLock<'_, T> {
        ReentrantLock {
            wait: Wait::new(&self.raw, owner, place),
            lock: self,
        }
    }

    /// As [`lock`](Self::lock), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Cancel safety
    ///
    /// As [`lock`](Self::lock).
    #[track_caller]
    pub fn lock_timeout(&self, limit: Duration) -> TimeLimit<ReentrantLock<'_, T>> {
        TimeLimit::new(self.lock(), limit)
    }

    /// Takes the lock if it is free or the owner has it; never waits.
    ///
    /// # Errors
    ///
    /// If another one holds it.
    ///
    /// # Panics
    ///
    /// If the owner has `u32::MAX` guards.
    #[track_caller]
    pub fn try_lock(&self) -> Result<ReentrantMutexGuard<'_, T>, TryLockError> {
        self.try_lock_as(Owner::current())
    }

    /// As [`try_lock`](Self::try_lock), for an owner that the caller names.
    ///
    /// # Errors
    ///
    /// If another one holds it.
    ///
    /// # Panics
    ///
    /// If the owner has `u32::MAX` guards.
    #[track_caller]
    pub fn try_lock_as(&self, owner: Owner) -> Result<ReentrantMutexGuard<'_, T>, TryLockError> {
        if self.raw.try_enter(owner) {
            Ok(ReentrantMutexGuard { lock: self })
        } else {
            Err(TryLockError(()))
        }
    }

    /// Blocks the thread until it has the lock; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block; and if the owner has `u32::MAX` guards.
    #[track_caller]
    pub fn blocking_lock(&self) -> ReentrantMutexGuard<'_, T> {
        block_thread_on(self.lock(), "blocking_lock", "await `lock`")
    }

    /// As [`blocking_lock`](Self::blocking_lock), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time was up first.
    ///
    /// # Panics
    ///
    /// As [`blocking_lock`](Self::blocking_lock).
    #[track_caller]
    pub fn blocking_lock_timeout(
        &self,
        limit: Duration,
    ) -> Result<ReentrantMutexGuard<'_, T>, Elapsed> {
        let wait = self.lock();
        block_thread_for(wait, limit, "blocking_lock_timeout", "await `lock_timeout`")
    }
}

impl<T> From<T> for ReentrantMutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for ReentrantMutex<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for ReentrantMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = *self.raw.lock().state();
        let mut fields = f.debug_struct("ReentrantMutex");
        match state.owner() {
            Some(owner) if owner != Owner::current() => {
                fields.field("data", &format_args!("<locked>"))
            }
            _ => fields.field("data", &&self.value),
        };
        fields
            .field("identity", &self.raw.identity)
            .field("holder", &state.owner())
            .field("depth", &state.depth())
            .finish()
    }
}

/// The lock, held once; dropping it gives up that once.
#[must_use = "the lock is released when the guard is dropped"]
pub struct ReentrantMutexGuard<'a, T: ?Sized> {
    lock: &'a ReentrantMutex<T>,
}

impl<T: ?Sized> Deref for ReentrantMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.lock.value
    }
}

impl<T: ?Sized> Drop for ReentrantMutexGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.raw.leave();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for ReentrantMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for ReentrantMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

pin_project! {
    /// The future of [`ReentrantMutex::lock`] and [`ReentrantMutex::lock_as`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ReentrantLock<'a, T: ?Sized> {
        #[pin]
        wait: Wait<'a>,
        lock: &'a ReentrantMutex<T>,
    }
}

impl<'a, T: ?Sized> Future for ReentrantLock<'a, T> {
    type Output = ReentrantMutexGuard<'a, T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        ready!(this.wait.poll_lock(cx));
        Poll::Ready(ReentrantMutexGuard { lock: this.lock })
    }
}

impl<T: ?Sized> fmt::Debug for ReentrantLock<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReentrantLock").field(&self.wait).finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

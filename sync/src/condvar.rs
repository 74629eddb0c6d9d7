//! `Condvar`: gives up a mutex until somebody says that it is worth looking at the value again.
//!
//! # Picture
//!
//! ```text
//!   Condvar   ⇄ [told] ⇄ [told] ⇄ [waits] ⇄ [waits]       who is told, in order
//!                   ·        ·         ·         ·         each waiter is in both
//!   Mutex     ⇄ [dormant] ⇄ [dormant] ⇄ ...                who may be called up
//!                   │ call_up
//!                   ▼
//!             ⇄ [competes] ⇄ ...                           who waits for the lock
//! ```
//!
//! `notify_one` picks the first, and wakes it; it competes for the lock when it is polled. `notify_all`
//! tells everybody and wakes the first of them only: when that one is polled, or dropped, it calls up
//! the others at the mutex, where they are woken one by one, as the lock becomes free.
//!
//! # Invariants
//!
//! I1. A waiter is queued here and dormant at the mutex before it gives up the guard.
//!
//! I2. Here it is in the order in which it is there, and all who wait here wait with one mutex.
//!
//! I3. `WAITING` is set while somebody waits who was not told. It changes only under the lock.
//!
//! I4. Who was told by `notify_one` returns with the guard, or tells the next one when it is dropped.
//!
//! I5. Of those told by one `notify_all`, the first was woken, and calls up the others. A call counts:
//! who began to wait before it carries a smaller number.
//!
//! # Why nobody is forgotten
//!
//! A notifier that changes the value under the mutex comes after the waiter gave it up, so it finds the
//! waiter queued (I1), and sees `WAITING`. Who is told alone is woken. Who is told with all is woken or
//! called up (I5): the lock of this queue is held while a waiter joins both, so one that was told is
//! there when the first calls, whenever that is. Once it competes the mutex takes care of it.
//!
//! # Rejected
//!
//! Moving waiters to the mutex in `notify_all` itself: it would have to reach the mutex through what a
//! waiter left behind, and a future that is forgotten leaves that behind longer than the mutex lives.
//! A waiter that is polled has the mutex for certain.

mod futures;
mod wait;

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

pub use self::futures::{Wait, WaitTimeout, WaitWhile, WaitWhileTimeout};
use crate::mutex::{Call, LockGuard, wake};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::thread_block::block_thread_on;
use crate::wait_list::{Departure, LockedQueue, WaitQueue, Waiter, has_wait_queue};

/// Somebody waits who was not told.
const WAITING: usize = 1;
/// One call of `notify_all`; the upper bits count them.
const CALL: usize = 1 << 1;

/// Waits for a change of the value of a [`Mutex`](crate::Mutex).
///
/// Waiting takes a guard of the mutex, gives the lock up, and gives a guard back when there is
/// something to look at. Between the check of the value and the wait nothing is missed, if who changes
/// the value holds the mutex meanwhile. The notification itself may come after the guard was dropped.
///
/// Use [`wait_while`](Self::wait_while): by the time a waiter has the lock again, another one may have
/// changed the value back.
///
/// All who wait at the same time do so with guards of the same mutex, of the kind
/// [`MutexGuard`](crate::MutexGuard) or [`OwnedMutexGuard`](crate::OwnedMutexGuard).
///
/// # Fairness
///
/// Notifications go to the waiters in the order in which they began to wait. Who gets the lock first
/// after that is up to the [mutex](crate::Mutex#fairness).
///
/// `notify_all` does not wake everybody at once, only to let all but one wait for the lock: it wakes one
/// waiter, and the others line up at the mutex. This needs that waiters that were woken are polled or
/// dropped: one that is kept without being polled, or is forgotten with `mem::forget`, loses the
/// notification it was given, and holds up those who were told together with it, as a
/// [lock future](crate::Mutex#lock-futures-that-are-no-longer-polled) does. A wait that is forgotten
/// also keeps the condition variable to the mutex it has.
///
/// # Examples
///
/// ```
/// use selvedge::sync::{Condvar, Mutex};
/// use std::sync::Arc;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let stock = Arc::new((Mutex::new(0), Condvar::new()));
/// let buyer = selvedge::spawn({
///     let stock = stock.clone();
///     async move {
///         let (apples, arrival) = &*stock;
///         let mut apples = arrival.wait_while(apples.lock().await, |apples| *apples == 0).await;
///         *apples -= 1;
///     }
/// });
/// *stock.0.lock().await += 1;
/// stock.1.notify_one();
/// buyer.await.unwrap();
/// assert_eq!(*stock.0.lock().await, 0);
/// # }
/// ```
pub struct Condvar {
    word: AtomicUsize,
    /// The lock also protects the address of the mutex of those who wait.
    waiters: Waiters,
}

type Waiters = WaitQueue<(), usize>;

has_wait_queue!([] Condvar, waiters: ((), usize, 1));

/// Was a wait over because its time was?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// True if the time was up; of a wait with a condition, if that still held then.
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    crate::primitive::const_fn! {
        /// A condition variable nobody waits at.
        pub const fn new() -> Self {
            Self {
                word: AtomicUsize::new(0),
                waiters: WaitQueue::with_state(0),
            }
        }
    }

    /// Waits while the condition holds; gives the guard back when it does not.
    ///
    /// Looks at the condition first, and does not wait if it does not hold. It runs with the lock held,
    /// so it must not take the same lock.
    ///
    /// # Panics
    ///
    /// When polled, if others wait with another mutex. If the condition panics; the lock is then given
    /// back.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the lock or the place in the queue. A notification that this waiter
    /// alone was given goes to the next.
    #[track_caller]
    pub fn wait_while<G, F>(&self, guard: G, condition: F) -> WaitWhile<'_, G, F>
    where
        G: LockGuard,
        F: FnMut(&mut <G as Deref>::Target) -> bool,
    {
        WaitWhile::new(self, guard, condition, Location::caller())
    }

    /// Waits for one notification.
    ///
    /// Check what you wait for again after it, in a loop; [`wait_while`](Self::wait_while) does that.
    /// There are no wake-ups without a notification.
    ///
    /// # Panics
    ///
    /// When polled, if others wait with another mutex.
    ///
    /// # Cancel safety
    ///
    /// As [`wait_while`](Self::wait_while).
    #[track_caller]
    pub fn wait<G: LockGuard>(&self, guard: G) -> Wait<'_, G> {
        Wait::new(self, guard, Location::caller())
    }

    /// As [`wait_while`](Self::wait_while), until `limit` has passed.
    ///
    /// The guard comes back in any case, and waiting for the lock has no limit. The condition is looked
    /// at once more when the time is up.
    ///
    /// # Panics
    ///
    /// As [`wait_while`](Self::wait_while).
    ///
    /// # Cancel safety
    ///
    /// As [`wait_while`](Self::wait_while).
    #[track_caller]
    pub fn wait_while_timeout<G, F>(
        &self,
        guard: G,
        limit: Duration,
        condition: F,
    ) -> WaitWhileTimeout<'_, G, F>
    where
        G: LockGuard,
        F: FnMut(&mut <G as Deref>::Target) -> bool,
    {
        WaitWhileTimeout::new(self.wait_while(guard, condition), limit)
    }

    /// As [`wait`](Self::wait), until `limit` has passed.
    ///
    /// The guard comes back in any case, and waiting for the lock has no limit.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Cancel safety
    ///
    /// As [`wait_while`](Self::wait_while).
    #[track_caller]
    pub fn wait_timeout<G: LockGuard>(&self, guard: G, limit: Duration) -> WaitTimeout<'_, G> {
        WaitTimeout::new(self.wait(guard), limit)
    }

    /// Blocks the thread while the condition holds; for plain threads.
    ///
    /// # Panics
    ///
    /// As [`wait_while`](Self::wait_while); and in a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait_while<G, F>(&self, guard: G, condition: F) -> G
    where
        G: LockGuard,
        F: FnMut(&mut <G as Deref>::Target) -> bool,
    {
        let wait = self.wait_while(guard, condition);
        block_thread_on(wait, "blocking_wait_while", "await `wait_while`")
    }

    /// Blocks the thread until one notification; for plain threads.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait); and in a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait<G: LockGuard>(&self, guard: G) -> G {
        block_thread_on(self.wait(guard), "blocking_wait", "await `wait`")
    }

    /// As [`blocking_wait_while`](Self::blocking_wait_while), until `limit` has passed.
    ///
    /// # Panics
    ///
    /// As [`wait_while`](Self::wait_while); and in a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait_while_timeout<G, F>(
        &self,
        guard: G,
        limit: Duration,
        condition: F,
    ) -> (G, WaitTimeoutResult)
    where
        G: LockGuard,
        F: FnMut(&mut <G as Deref>::Target) -> bool,
    {
        let wait = self.wait_while_timeout(guard, limit, condition);
        let instead = "await `wait_while_timeout`";
        block_thread_on(wait, "blocking_wait_while_timeout", instead)
    }

    /// As [`blocking_wait`](Self::blocking_wait), until `limit` has passed.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait); and in a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait_timeout<G: LockGuard>(
        &self,
        guard: G,
        limit: Duration,
    ) -> (G, WaitTimeoutResult) {
        let wait = self.wait_timeout(guard, limit);
        block_thread_on(wait, "blocking_wait_timeout", "await `wait_timeout`")
    }

    /// Tells the one who has waited longest; nothing happens if nobody waits.
    pub fn notify_one(&self) {
        // Ordering: Acquire, only so that what follows starts from here. A waiter that the caller means
        // is seen because both held the mutex.
        if self.word.load(Ordering::Acquire) & WAITING == 0 {
            return;
        }
        let mut waiters = self.waiters.lock();
        let waker = match waiters.has_open() {
            true => waiters.depart(Departure::Front),
            false => None,
        };
        self.note_departure(&mut waiters);
        drop(waiters);
        wake(waker);
    }

    /// Tells all who wait now.
    ///
    /// They take the lock one after the other.
    pub fn notify_all(&self) {
        // Ordering: Acquire, as in `notify_one`.
        if self.word.load(Ordering::Acquire) & WAITING == 0 {
            return;
        }
        let mut waiters = self.waiters.lock();
        let mut waker = None;
        if waiters.has_open() {
            // Before anybody is covered; both under the lock.
            // Ordering: AcqRel; Release pairs with the Acquire in `call`, of who calls up the others.
            self.word.fetch_add(CALL, Ordering::AcqRel);
            waker = waiters.cover();
        }
        self.note_departure(&mut waiters);
        drop(waiters);
        wake(waker);
    }

    /// Restores I3 after somebody left, or was told.
    fn note_departure(&self, waiters: &mut LockedQueue<'_, (), usize>) {
        if !waiters.has_open() {
            // Ordering: Relaxed; the bit changes under the lock, and publishes nothing.
            self.word.fetch_and(!WAITING, Ordering::Relaxed);
        }
    }

    /// Notes one who waits; the queue is locked. Gives the number it carries.
    fn note_waiter(&self) -> Call {
        // Ordering: Relaxed, as in `note_departure`.
        self.numbered(self.word.fetch_or(WAITING, Ordering::Relaxed))
    }

    /// The latest call of everybody.
    fn call(&self) -> Call {
        // Ordering: Acquire; pairs with the Release in `notify_all`.
        self.numbered(self.word.load(Ordering::Acquire))
    }

    fn numbered(&self, word: usize) -> Call {
        Call {
            condvar: std::ptr::from_ref(self).addr(),
            calls: word / CALL,
        }
    }

    /// Takes a waiter out, or learns that it was told before. `learn` is called with that before a waker
    /// is dropped, which may panic.
    fn withdraw(&self, waiter: Pin<&mut Waiter<&Self>>, learn: impl FnOnce(Option<Departure>)) {
        let mut guard = waiter.lock();
        learn(guard.withdraw());
        self.note_departure(guard.queue());
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ordering: Relaxed; for display only.
        let word = self.word.load(Ordering::Relaxed);
        f.debug_struct("Condvar")
            .field("waited_for", &(word & WAITING != 0))
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

//! `Notify`: wakes tasks, one at a time or all at once, and remembers at most one notification.
//!
//! # Picture
//!
//! ```text
//!               1 ───────────►              2 ────────────►
//!   waited for                    idle                       notified
//!               ◄─────────── 3              ◄──────────── 4
//! ```
//! 1 the last open waiter leaves, or `notify_waiters` · 2 `notify_one`, `notify_last` ·
//! 3 `Notified` joins the queue · 4 `Notified` takes the permit
//!
//! # Invariants
//!
//! I1. `WAITERS` in the [state word](state::Snapshot) says that the queue has an open waiter. It
//! changes only under the lock, and is exact whenever the lock is free.
//!
//! I2. While `WAITERS` is set, the whole word changes only under the lock.
//!
//! I3. A notification of `notify_one` is a permit, a departure at the front or back that its
//! waiter has not seen yet, or was received. A waiter that is dropped with an unseen one passes it
//! on.
//!
//! # Why no notification is lost
//!
//! `notify_one` and a waiter that starts to wait both change the word, so one comes first. Either
//! the waiter finds the permit, or the notifier finds `WAITERS`, takes the lock, and with it finds
//! the waiter queued: the lock is held from setting the bit until the waiter is linked.
//! `notify_waiters` counts its calls in the same word: who was created before is queued and
//! covered, or sees another count on its first poll.
//!
//! # Rejected
//!
//! Charging the budget: a notification that is received was paid for by who sent it, and a loop
//! around `notified` that never waits needs somebody else who keeps notifying.

mod state;
mod wait;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use self::state::{PERMIT, Snapshot, WAITERS};
use self::wait::NotifyWait;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::wait_list::{Departure, LockedQueue, WaitQueue, has_wait_queue};

/// Wakes waiting tasks, one or all, without passing a value.
///
/// A `Notify` is a permit that starts out absent. [`notify_one`](Self::notify_one) wakes one task
/// that waits in [`notified`](Self::notified), or leaves the permit for the next one that comes.
/// There is never more than one permit: many calls while nobody waits count as one. So a waiter
/// checks in a loop what it waits for.
///
/// [`notify_waiters`](Self::notify_waiters) wakes all that wait now and leaves nothing behind.
///
/// # Fairness
///
/// [`notify_one`](Self::notify_one) wakes in the order in which futures were first polled or enabled;
/// so everybody's turn comes, provided that notifications go on and nobody uses
/// [`notify_last`](Self::notify_last). A future that is forgotten (`mem::forget`) after it was notified
/// keeps the notification for good.
///
/// # Examples
///
/// A queue whose consumer sleeps while it is empty:
///
/// ```
/// use selvedge::sync::Notify;
/// use std::collections::VecDeque;
/// use std::sync::Mutex;
///
/// #[derive(Default)]
/// struct Jobs {
///     jobs: Mutex<VecDeque<u32>>,
///     arrival: Notify,
/// }
///
/// impl Jobs {
///     fn add(&self, job: u32) {
///         self.jobs.lock().unwrap().push_back(job);
///         self.arrival.notify_one();
///     }
///
///     async fn next(&self) -> u32 {
///         loop {
///             if let Some(job) = self.jobs.lock().unwrap().pop_front() {
///                 return job;
///             }
///             self.arrival.notified().await;
///         }
///     }
/// }
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let jobs = Jobs::default();
/// jobs.add(7);
/// assert_eq!(jobs.next().await, 7);
/// # }
/// ```
pub struct Notify {
    word: AtomicUsize,
    waiters: WaitQueue<()>,
}

has_wait_queue!(Notify, waiters: ());

impl Notify {
    /// A `Notify` without a permit.
    pub fn new() -> Self {
        Self::const_new()
    }

    crate::primitive::const_fn! {
        /// As [`new`](Self::new), for statics.
        ///
        /// # Examples
        ///
        /// ```
        /// use selvedge::sync::Notify;
        ///
        /// static CONFIG_CHANGED: Notify = Notify::const_new();
        /// ```
        pub const fn const_new() -> Self {
            Self {
                word: AtomicUsize::new(0),
                waiters: WaitQueue::new(),
            }
        }
    }

    /// Waits for a notification.
    ///
    /// Takes the permit if there is one, else waits for the next
    /// [`notify_one`](Self::notify_one) that reaches it, in order of arrival. The place in the
    /// queue is taken by the first poll, or by [`Notified::enable`].
    ///
    /// [`notify_waiters`](Self::notify_waiters) reaches the future from its creation on, polled or
    /// not.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue. A notification that it was given but
    /// did not return yet goes to the next waiter, or becomes the permit.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::Notify;
    /// use std::sync::Arc;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let ready = Arc::new(Notify::new());
    /// let task = selvedge::spawn({
    ///     let ready = ready.clone();
    ///     async move { ready.notified().await }
    /// });
    /// ready.notify_one();
    /// task.await.unwrap();
    /// # }
    /// ```
    #[inline]
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        Notified {
            wait: NotifyWait::new(self, Location::caller()),
        }
    }

    /// As [`notified`](Self::notified), with a future that keeps the `Notify` alive.
    ///
    /// # Cancel safety
    ///
    /// As [`notified`](Self::notified).
    #[inline]
    #[track_caller]
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        OwnedNotified {
            wait: NotifyWait::new(self, Location::caller()),
        }
    }

    /// Wakes the task that waits longest, or leaves the permit if nobody waits.
    ///
    /// What happened before this call is visible to who receives the notification.
    #[inline]
    pub fn notify_one(&self) {
        self.notify(Departure::Front);
    }

    /// Wakes the task that came last, or leaves the permit if nobody waits.
    ///
    /// The last one to sleep has the warmest caches: a pool of equal workers is served best so.
    #[inline]
    pub fn notify_last(&self) {
        self.notify(Departure::Back);
    }

    /// Wakes all that wait now, and all whose [`notified`](Self::notified) future exists; leaves
    /// no permit, and leaves a permit that exists.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn notify_waiters(&self) {
        // Ordering: Acquire, so that the exchange below starts from what we saw.
        let mut current = Snapshot(self.word.load(Ordering::Acquire));
        while !current.has_waiters() {
            // Ordering: AcqRel; Release publishes what came before us to futures that see the new
            // count, Acquire lets other notifiers' Releases pass on through this change.
            match self.word.compare_exchange_weak(
                current.0,
                current.broadcast().0,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return,
                Err(actual) => current = Snapshot(actual),
            }
        }
        let waiters = self.waiters.lock();
        // Ordering: AcqRel, as above.
        let _ = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                Some(Snapshot(word).broadcast().0)
            });
        waiters.broadcast();
    }

    fn notify(&self, whom: Departure) {
        // Ordering: Acquire, so that the exchange below starts from what we saw.
        let mut current = Snapshot(self.word.load(Ordering::Acquire));
        while !current.has_waiters() {
            // Also done if the permit is there: who takes it has to see what came before *this*
            // call too.
            // Ordering: AcqRel; Release pairs with the Acquire of who takes the permit, Acquire
            // lets other notifiers' Releases pass on through this change.
            match self.word.compare_exchange_weak(
                current.0,
                current.store_permit().0,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return,
                Err(actual) => current = Snapshot(actual),
            }
        }
        let mut waiters = self.waiters.lock();
        let waker = self.notify_locked(&mut waiters, whom);
        drop(waiters);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Gives a notification to an open waiter, or leaves the permit. Wake the waker after the lock
    /// is released.
    fn notify_locked(&self, waiters: &mut LockedQueue<'_, ()>, whom: Departure) -> Option<Waker> {
        if !waiters.has_open() {
            // Ordering: AcqRel, as in `notify`. The bit is clear (I1) and stays so under the lock.
            let before = Snapshot(self.word.fetch_or(PERMIT, Ordering::AcqRel));
            debug_assert!(!before.has_waiters(), "I1");
            return None;
        }
        let waker = waiters.depart(whom);
        self.note_departure(waiters);
        waker
    }

    /// Restores I1 after an open waiter left.
    fn note_departure(&self, waiters: &mut LockedQueue<'_, ()>) {
        if !waiters.has_open() {
            // Ordering: Relaxed; the last change was under the lock, and nobody changes the word now (I2).
            let state = Snapshot(self.word.load(Ordering::Relaxed));
            debug_assert!(state.has_waiters(), "I1");
            // Ordering: Release; passes on what others have published, which the lock has shown us. The
            // notification itself is published by the departure.
            self.word.store(state.0 & !WAITERS, Ordering::Release);
        }
    }
}

impl Default for Notify {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ordering: Relaxed; for display only.
        let state = Snapshot(self.word.load(Ordering::Relaxed));
        f.debug_tuple("Notify").field(&state).finish()
    }
}

pin_project! {
    /// The future of [`Notify::notified`].
    ///
    /// Once it is complete it stays so: polling it again gives `Ready`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Notified<'a> {
        #[pin]
        wait: NotifyWait<&'a Notify>,
    }
}

pin_project! {
    /// The future of [`Notify::notified_owned`].
    ///
    /// Once it is complete it stays so: polling it again gives `Ready`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct OwnedNotified {
        #[pin]
        wait: NotifyWait<Arc<Notify>>,
    }
}

impl Notified<'_> {
    /// Takes the place in the queue now, before the first poll; true if the future is complete.
    ///
    /// For a condition that is checked *after* starting to wait, so that a notification between
    /// the check and the wait is not missed when several tasks wait. Polling after `true` gives
    /// `Ready`.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::Notify;
    /// use std::pin::pin;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// async fn wait_for(flag: &AtomicBool, raised: &Notify) {
    ///     loop {
    ///         let mut notified = pin!(raised.notified());
    ///         notified.as_mut().enable();
    ///         if flag.load(Ordering::Acquire) {
    ///             return;
    ///         }
    ///         notified.await;
    ///     }
    /// }
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// wait_for(&AtomicBool::new(true), &Notify::new()).await;
    /// # }
    /// ```
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.project().wait.poll_notified(None).is_ready()
    }
}

impl OwnedNotified {
    /// As [`Notified::enable`].
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.project().wait.poll_notified(None).is_ready()
    }
}

impl Future for Notified<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll_notified(Some(cx.waker()))
    }
}

impl Future for OwnedNotified {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll_notified(Some(cx.waker()))
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

//! `TaskTracker`: waits until all tracked tasks are gone and no more are to come.
//!
//! # Invariants
//!
//! I1. The [state word](state::Snapshot) comes to be closed and empty only under the lock, which also
//! counts how often that was. Everything else changes it without the lock.
//!
//! I2. Who comes to wait and finds neither the word closed and empty nor the count changed is queued
//! under the same lock.
//!
//! # Why no waiter is forgotten
//!
//! By I1 the moment for which everybody waits is under the lock, and a broadcast starts there; so it
//! covers all that are queued. Who is not queued yet finds the word or, if the tracker was reopened
//! meanwhile, the count. And who was created after the reopening finds neither.
//!
//! # Rejected
//!
//! A notification after the word has changed, without the lock: it would also reach those who were
//! created after the tracker was reopened, whose tasks still run.

mod future;
mod state;

use std::fmt;
use std::future::Future;
use std::panic::Location;
// Users own their primitives through this one, in models too.
use std::sync::Arc;

pub use self::future::{TaskTrackerWaitFuture, TrackedFuture};
use self::state::Snapshot;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::thread_block::block_thread_on;
use crate::wait_list::{WaitQueue, has_wait_queue};

/// Waits for a changing number of tasks, such as those of a server that shuts down.
///
/// A task is tracked while its [`TrackedFuture`] or [`TaskTrackerToken`] exists. [`wait`](Self::wait)
/// is over once the tracker is both [closed](Self::close) and empty. Closing does not keep tasks from
/// being added; it says that a tracker without tasks is done, and not only idle.
///
/// When a wait is over, the tracked futures have been dropped, and what they did is visible. A tracker
/// keeps nothing of a task that is gone. Clones refer to the same tracker.
///
/// # Fairness
///
/// All that wait are released together, and woken in the order in which they came.
///
/// # Examples
///
/// ```
/// use selvedge::sync::{CancellationToken, TaskTracker};
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
/// for _ in 0..4 {
///     let stop = stop.clone();
///     selvedge::spawn(tracker.track_future(async move { stop.cancelled().await }));
/// }
/// stop.cancel();
/// tracker.close();
/// tracker.wait().await;
/// assert!(tracker.is_empty());
/// # }
/// ```
#[derive(Clone)]
pub struct TaskTracker {
    tracked: Arc<Tracked>,
}

/// What the clones of a tracker share.
struct Tracked {
    word: AtomicUsize,
    /// The lock protects how often the tracker was closed and empty.
    waiters: WaitQueue<(), usize>,
}

has_wait_queue!([] Tracked, waiters: ((), usize, 1));

impl Tracked {
    fn state(&self) -> Snapshot {
        // Ordering: Acquire; pairs with the Release of the tasks that are gone, and of who closed it.
        Snapshot(self.word.load(Ordering::Acquire))
    }

    /// Changes the word; gives what it was. Takes the lock if the tracker comes to be closed and empty.
    fn change(&self, change: impl Fn(Snapshot) -> Snapshot) -> Snapshot {
        let mut current = self.state();
        loop {
            let next = change(current);
            if next.is_over() && !current.is_over() {
                break;
            }
            // Ordering: AcqRel; Release pairs with the Acquire of who sees the tracker closed and
            // empty, Acquire lets others' Releases pass on through this change.
            match self.word.compare_exchange_weak(
                current.0,
                next.0,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return current,
                Err(actual) => current = Snapshot(actual),
            }
        }
        self.change_locked(change)
    }

    #[cold]
    fn change_locked(&self, change: impl Fn(Snapshot) -> Snapshot) -> Snapshot {
        let mut waiters = self.waiters.lock();
        // Ordering: AcqRel and Acquire, as in `change`.
        let before = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                Some(change(Snapshot(word)).0)
            });
        let (Ok(before) | Err(before)) = before.map(Snapshot).map_err(Snapshot);
        if change(before).is_over() && !before.is_over() {
            let times = waiters.state();
            *times = times.wrapping_add(1);
            waiters.broadcast();
        }
        before
    }
}

impl TaskTracker {
    /// A tracker without tasks, open.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tracked: Arc::new(Tracked {
                word: AtomicUsize::new(Snapshot::OPEN.0),
                waiters: WaitQueue::with_state(0),
            }),
        }
    }

    /// Waits until the tracker is closed and empty.
    ///
    /// It is enough if it was so at any time since the future was created.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        TaskTrackerWaitFuture::new(&self.tracked, Location::caller())
    }

    /// Blocks the thread until the tracker is closed and empty; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait(&self) {
        block_thread_on(self.wait(), "blocking_wait", "await `wait`");
    }

    /// Lets waits be over when the tracker is empty; true if it was open.
    ///
    /// Tasks can still be added.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn close(&self) -> bool {
        !self.tracked.change(Snapshot::close).is_closed()
    }

    /// Keeps waits from being over, also when the tracker is empty; true if it was closed.
    pub fn reopen(&self) -> bool {
        self.tracked.change(Snapshot::reopen).is_closed()
    }

    /// True while the tracker is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.tracked.state().is_closed()
    }

    /// How many tasks are tracked.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tracked.state().tasks()
    }

    /// True while no task is tracked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tracks a task until the token is dropped.
    pub fn token(&self) -> TaskTrackerToken {
        self.tracked.change(Snapshot::add_task);
        TaskTrackerToken {
            tracker: self.clone(),
        }
    }

    /// Tracks a future until it is dropped, which may be later than its last poll.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::TaskTracker;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let tracker = TaskTracker::new();
    /// let task = selvedge::spawn(tracker.track_future(async { 1 }));
    /// assert_eq!(tracker.len(), 1);
    /// assert_eq!(task.await.unwrap(), 1);
    /// # }
    /// ```
    pub fn track_future<F: Future>(&self, future: F) -> TrackedFuture<F> {
        TrackedFuture::new(future, self.token())
    }

    /// True if both are clones of one tracker.
    #[must_use]
    pub fn ptr_eq(left: &Self, right: &Self) -> bool {
        Arc::ptr_eq(&left.tracked, &right.tracked)
    }
}

impl Default for TaskTracker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TaskTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TaskTracker")
            .field(&self.tracked.state())
            .finish()
    }
}

/// A task tracked by a [`TaskTracker`], until this is dropped.
#[derive(Debug)]
#[must_use = "the task is tracked until this is dropped"]
pub struct TaskTrackerToken {
    tracker: TaskTracker,
}

impl TaskTrackerToken {
    /// The tracker.
    #[must_use]
    pub fn task_tracker(&self) -> &TaskTracker {
        &self.tracker
    }
}

/// Tracks one more task.
impl Clone for TaskTrackerToken {
    fn clone(&self) -> Self {
        self.tracker.token()
    }
}

impl Drop for TaskTrackerToken {
    fn drop(&mut self) {
        self.tracker.tracked.change(Snapshot::remove_task);
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

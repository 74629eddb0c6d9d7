//! `WorkQueue`: producers put items in, workers get them out, and somebody waits until all are done.
//!
//! ```text
//!                   ┌───────────── unfinished ─────────────┐
//!    put            │                             get       │  job dropped
//!   ─────► waits ───┼─►  items, at most `capacity` ─────►  jobs ──────────► done
//!          for room │            ▲                          │               `join` waits for all
//!                   │            └──────── retry ───────────┘
//!                   └───────────────────────────────────────┘
//! ```
//!
//! All is under one lock: `work_queue/shared.rs` has the invariants and why no waiter is forgotten,
//! `work_queue/ledger.rs` the counts as a plain value.
//!
//! # Rejected
//!
//! Two semaphores around a locked list, as channels have them: three locks and words to reason about, and a
//! shutdown that has to be seen in all of them at once. Moving an item straight into the future of a waiting
//! worker: if that future is dropped the item has to find its way back, in front of those that came later,
//! past those who wait by then. Here who is let go has only a claim, and fetches the item when it runs. `T:
//! Ord` for priorities: comparing is foreign code, and would run under the lock.

mod error;
mod job;
mod ledger;
mod order;
mod permit;
mod shared;
mod wait;

use std::fmt;
use std::panic::Location;
// Users hold their handles through this one, in models too.
use std::sync::Arc;
use std::time::Duration;

pub use self::error::{PutError, PutTimeoutError, QueueShutDown, TryGetError, TryPutError};
pub use self::job::{Job, JobDuty};
use self::ledger::Phase;
use self::order::Items;
pub use self::permit::PutPermit;
use self::shared::QueueShared;
pub use self::wait::{Get, Join, Put, PutTimeout, Reserve};
use crate::thread_block::{block_thread_for, block_thread_on};
use crate::time_limit::{Elapsed, TimeLimit};

/// A queue between those who have work and those who do it; a clone is a handle on the same queue.
///
/// | | waits | at once | for some time | blocks a thread |
/// |---|---|---|---|---|
/// | put in | [`put`](Self::put), [`reserve`](Self::reserve) | [`try_put`](Self::try_put) | [`put_timeout`](Self::put_timeout) | [`blocking_put`](Self::blocking_put), [`blocking_put_timeout`](Self::blocking_put_timeout) |
/// | get out | [`get`](Self::get) | [`try_get`](Self::try_get) | [`get_timeout`](Self::get_timeout) | [`blocking_get`](Self::blocking_get), [`blocking_get_timeout`](Self::blocking_get_timeout) |
/// | until all is done | [`join`](Self::join) | [`unfinished`](Self::unfinished) | [`join_timeout`](Self::join_timeout) | [`blocking_join`](Self::blocking_join), [`blocking_join_timeout`](Self::blocking_join_timeout) |
///
/// Tasks and threads may use the same queue at the same time.
///
/// An item that was got is a [`Job`]; it counts as unfinished until the job is dropped. The queue does not
/// end when its producers do: [`shutdown`](Self::shutdown) ends it.
///
/// # Fairness
///
/// Those who wait for room are served in the order in which they came, and so are those who wait for an
/// item; nobody who comes later overtakes. In which order the *items* come out is chosen when the queue is
/// made.
///
/// # Forgetting
///
/// If a future is forgotten with [`mem::forget`](std::mem::forget) when it was granted room or an item, that
/// much room is lost, or one item stays in the queue.
///
/// # Examples
///
/// ```
/// use selvedge::sync::WorkQueue;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let queue = WorkQueue::new(4);
/// for _ in 0..2 {
///     let queue = queue.clone();
///     selvedge::spawn(async move {
///         while let Ok(job) = queue.get().await {
///             println!("working on {}", *job);
///             // Done at the end of the block.
///         }
///     });
/// }
/// for number in 0..10 {
///     queue.put(number).await.unwrap();
/// }
/// queue.join().await;
/// queue.shutdown(false);
/// # }
/// ```
pub struct WorkQueue<T> {
    shared: Arc<QueueShared<T>>,
}

impl<T> WorkQueue<T> {
    #[track_caller]
    fn with(capacity: usize, items: Items<T>, rank: Option<shared::Rank<T>>) -> Self {
        assert!(
            capacity > 0,
            "a work queue without room cannot be used, give it a capacity of at least one"
        );
        Self {
            shared: Arc::new(QueueShared::new(capacity, items, rank)),
        }
    }

    /// A queue for so many items: first in, first out.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self::with(capacity, Items::fifo(), None)
    }

    /// As [`new`](Self::new), for any number of items: putting never waits.
    pub fn unbounded() -> Self {
        Self::new(usize::MAX)
    }

    /// A queue for so many items: last in, first out.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    #[track_caller]
    pub fn lifo(capacity: usize) -> Self {
        Self::with(capacity, Items::lifo(), None)
    }

    /// As [`lifo`](Self::lifo), for any number of items.
    pub fn unbounded_lifo() -> Self {
        Self::lifo(usize::MAX)
    }

    /// A queue for so many items: the one with the smallest rank first, of the same rank the oldest.
    ///
    /// `rank` is called once for each item when it is put in, with no lock held.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::WorkQueue;
    ///
    /// let queue = WorkQueue::priority(8, |task: &(i64, &str)| task.0);
    /// queue.try_put((2, "water the plants")).unwrap();
    /// queue.try_put((1, "put out the fire")).unwrap();
    /// assert_eq!(queue.try_get().unwrap().1, "put out the fire");
    /// ```
    #[track_caller]
    pub fn priority(capacity: usize, rank: impl Fn(&T) -> i64 + Send + Sync + 'static) -> Self {
        Self::with(capacity, Items::ranked(), Some(Box::new(rank)))
    }

    /// As [`priority`](Self::priority), for any number of items.
    pub fn unbounded_priority(rank: impl Fn(&T) -> i64 + Send + Sync + 'static) -> Self {
        Self::priority(usize::MAX, rank)
    }

    /// How many items are in the queue now; jobs do not count.
    pub fn len(&self) -> usize {
        self.shared.ledger().items
    }

    /// True if no item is in the queue now.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if there is no room for another item now.
    pub fn is_full(&self) -> bool {
        self.shared.ledger().free(ledger::Wanted::Room) == 0
    }

    /// How many items have room; none if there is no limit.
    pub fn capacity(&self) -> Option<usize> {
        let capacity = self.shared.ledger().capacity;
        (capacity != usize::MAX).then_some(capacity)
    }

    /// How many items were put and are not done: those in the queue, and the jobs.
    pub fn unfinished(&self) -> usize {
        self.shared.ledger().unfinished
    }

    /// True after [`shutdown`](Self::shutdown).
    pub fn is_shut_down(&self) -> bool {
        self.shared.ledger().phase != Phase::Open
    }

    /// Puts an item in; waits for room.
    ///
    /// # Errors
    ///
    /// If the queue is or becomes shut down, the item comes back.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the line, and drops the item: it was not put. To keep the
    /// item, [`reserve`](Self::reserve) room first.
    #[track_caller]
    pub fn put(&self, item: T) -> Put<'_, T> {
        Put::new(&self.shared, item, Location::caller())
    }

    /// Waits for room for one item, which is then kept for it.
    ///
    /// # Errors
    ///
    /// If the queue is or becomes shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the line; room that it had goes to the next.
    #[track_caller]
    pub fn reserve(&self) -> Reserve<'_, T> {
        Reserve::new(&self.shared, Location::caller())
    }

    /// Puts an item in if there is room; never waits.
    ///
    /// # Errors
    ///
    /// If there is none, or the queue is shut down, the item comes back.
    pub fn try_put(&self, item: T) -> Result<(), TryPutError<T>> {
        self.shared.try_put(item)
    }

    /// As [`put`](Self::put), waiting for at most so long.
    ///
    /// # Errors
    ///
    /// If the time is up first, or the queue is or becomes shut down, the item comes back.
    ///
    /// # Cancel safety
    ///
    /// As [`put`](Self::put).
    #[track_caller]
    pub fn put_timeout(&self, item: T, limit: Duration) -> PutTimeout<'_, T> {
        PutTimeout::new(TimeLimit::new(self.reserve(), limit), item)
    }

    /// Puts an item in; blocks the thread until there is room; for plain threads.
    ///
    /// # Errors
    ///
    /// If the queue is or becomes shut down, the item comes back.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_put(&self, item: T) -> Result<(), PutError<T>> {
        block_thread_on(self.put(item), "blocking_put", "await `put`")
    }

    /// As [`blocking_put`](Self::blocking_put), for at most so long.
    ///
    /// # Errors
    ///
    /// If the time is up first, or the queue is or becomes shut down, the item comes back.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_put_timeout(&self, item: T, limit: Duration) -> Result<(), PutTimeoutError<T>> {
        let (what, instead) = ("blocking_put_timeout", "await `put_timeout`");
        match block_thread_for(self.reserve(), limit, what, instead) {
            Ok(Ok(permit)) => permit.put(item).map_err(PutTimeoutError::from),
            Ok(Err(QueueShutDown(()))) => Err(PutTimeoutError::ShutDown(item)),
            Err(Elapsed(())) => Err(PutTimeoutError::Timeout(item)),
        }
    }

    /// Gets the next item; waits for one.
    ///
    /// # Errors
    ///
    /// If the queue is shut down and nothing is left in it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the line; an item that it was granted goes to the next, or
    /// stays in the queue.
    #[track_caller]
    pub fn get(&self) -> Get<'_, T> {
        Get::new(&self.shared, Location::caller())
    }

    /// Gets the next item if there is one; never waits.
    ///
    /// # Errors
    ///
    /// If there is none, or all are granted to others who wait, or the queue is shut down and empty.
    pub fn try_get(&self) -> Result<Job<T>, TryGetError> {
        self.shared.try_get()
    }

    /// As [`get`](Self::get), for at most so long.
    ///
    /// # Errors
    ///
    /// The outer one if the time is up first, the inner one as for [`get`](Self::get).
    ///
    /// # Cancel safety
    ///
    /// As [`get`](Self::get).
    #[track_caller]
    pub fn get_timeout(&self, limit: Duration) -> TimeLimit<Get<'_, T>> {
        TimeLimit::new(self.get(), limit)
    }

    /// Gets the next item; blocks the thread until there is one; for plain threads.
    ///
    /// # Errors
    ///
    /// If the queue is shut down and nothing is left in it.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_get(&self) -> Result<Job<T>, QueueShutDown> {
        block_thread_on(self.get(), "blocking_get", "await `get`")
    }

    /// As [`blocking_get`](Self::blocking_get), for at most so long.
    ///
    /// # Errors
    ///
    /// The outer one if the time is up first, the inner one as for [`get`](Self::get).
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_get_timeout(
        &self,
        limit: Duration,
    ) -> Result<Result<Job<T>, QueueShutDown>, Elapsed> {
        let instead = "await `get_timeout`";
        block_thread_for(self.get(), limit, "blocking_get_timeout", instead)
    }

    /// Waits until all items that were put are done.
    ///
    /// At once if nothing is unfinished. Items that are put meanwhile count as well, until the moment when
    /// nothing is unfinished for the first time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the wait, and nothing else.
    #[track_caller]
    pub fn join(&self) -> Join<'_, T> {
        Join::new(&self.shared, Location::caller())
    }

    /// As [`join`](Self::join), for at most so long.
    ///
    /// # Errors
    ///
    /// If the time is up first.
    ///
    /// # Cancel safety
    ///
    /// As [`join`](Self::join).
    #[track_caller]
    pub fn join_timeout(&self, limit: Duration) -> TimeLimit<Join<'_, T>> {
        TimeLimit::new(self.join(), limit)
    }

    /// Blocks the thread until all items that were put are done; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_join(&self) {
        block_thread_on(self.join(), "blocking_join", "await `join`");
    }

    /// As [`blocking_join`](Self::blocking_join), for at most so long.
    ///
    /// # Errors
    ///
    /// If the time is up first.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_join_timeout(&self, limit: Duration) -> Result<(), Elapsed> {
        let instead = "await `join_timeout`";
        block_thread_for(self.join(), limit, "blocking_join_timeout", instead)
    }

    /// Lets nothing in any more: from now on putting fails, also for those who wait for room.
    ///
    /// Without `immediate` the items that are there can still be got. When the last one is out, getting
    /// fails. With `immediate` they are dropped here and count as done, so that [`join`](Self::join) waits
    /// for the jobs that are out only; getting fails at once.
    ///
    /// May be called again, with `immediate` to hurry.
    ///
    /// # Panics
    ///
    /// If a waker, or the drop of an item, panics, the first panic goes on here after all were woken.
    pub fn shutdown(&self, immediate: bool) {
        self.shared.shut_down(immediate);
    }
}

impl<T> Clone for WorkQueue<T> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<T> fmt::Debug for WorkQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ledger = self.shared.ledger();
        f.debug_struct("WorkQueue")
            .field("items", &ledger.items)
            .field("unfinished", &ledger.unfinished)
            .field("capacity", &self.capacity())
            .field("phase", &ledger.phase)
            .finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

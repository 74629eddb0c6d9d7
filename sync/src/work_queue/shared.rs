//! What the handles of a work queue share: the items, the counts, and who waits, under one lock.
//!
//! # Invariants
//!
//! I1. While somebody waits for room, none is free; while somebody waits for an item, none is free, and one
//! may still come free or in. Every change of the counts is followed, under the same lock, by
//! [`grant`], which lets the first in line go with a claim on what came free; each change frees at most one.
//!
//! I2. A claim is used, or given back when its future or permit is dropped. A claim of an item is not for a
//! certain item: who uses it gets the one whose turn it is then. The end of the queue takes back all claims
//! of items.
//!
//! I3. Nothing of the user's runs under the lock: items are moved, and dropped after it; they are ranked
//! before it.
//!
//! # Why no waiter is forgotten
//!
//! A waiter looks at the counts under the lock before it queues (I1), and whoever changes them later finds
//! it. What ends a wait for good, the shutdown and the last job, is followed by a broadcast.

use std::mem;
use std::panic::RefUnwindSafe;
use std::sync::Arc;
use std::task::Waker;

use super::error::{PutError, QueueShutDown, TryGetError, TryPutError};
use super::job::Job;
use super::ledger::{Ledger, Phase, Wanted};
use super::order::Items;
use crate::wait_list::{Departure, LockedHost, WaitList, WaitQueue, has_wait_queue};
use crate::wake_batch::FirstPanic;

/// The list of those who wait until all is done; the others have that of what they want.
pub(super) const JOINERS: u8 = 2;
const LISTS: usize = 3;

impl Wanted {
    /// The list of those who wait for it.
    pub(super) const fn list(self) -> u8 {
        match self {
            Self::Room => 0,
            Self::Item => 1,
        }
    }
}

/// What the lock protects.
pub(super) struct Stock<T> {
    pub(super) ledger: Ledger,
    items: Items<T>,
}

/// How a ranked queue ranks.
pub(super) type Rank<T> = Box<dyn Fn(&T) -> i64 + Send + Sync>;

/// The one allocation of a work queue.
pub(super) struct QueueShared<T> {
    rank: Option<Rank<T>>,
    queue: WaitQueue<(), Stock<T>, [WaitList<()>; LISTS]>,
}

has_wait_queue!([T] QueueShared<T>, queue: ((), Stock<T>, LISTS));

// A ranking that panics leaves the queue as it was.
impl<T> RefUnwindSafe for QueueShared<T> {}

type Locked<'q, T> = LockedHost<'q, QueueShared<T>>;

/// Lets the first in line go who waits for what came free; wake it after the lock is released.
fn grant<T>(locked: &mut Locked<'_, T>) -> Option<Waker> {
    for wanted in [Wanted::Room, Wanted::Item] {
        let list = usize::from(wanted.list());
        if locked.has_open_in(list) {
            let ledger = &mut locked.state().ledger;
            if !ledger.is_over(wanted) && ledger.free(wanted) > 0 {
                ledger.claim(wanted);
                return locked.depart_in(list, Departure::Front);
            }
        }
    }
    None
}

/// Releases the lock, wakes whom the change concerns.
fn unlock<T>(mut locked: Locked<'_, T>) {
    let next = grant(&mut locked);
    let ledger = locked.state().ledger;
    let list = usize::from(Wanted::Item.list());
    if ledger.is_over(Wanted::Item) && locked.has_open_in(list) {
        // The last item went out of a queue that was shut down.
        debug_assert!(next.is_none(), "nothing comes free in it");
        locked.broadcast_in(list);
        return;
    }
    drop(locked);
    if let Some(next) = next {
        next.wake();
    }
}

impl<T> QueueShared<T> {
    pub(super) fn new(capacity: usize, items: Items<T>, rank: Option<Rank<T>>) -> Self {
        Self {
            rank,
            queue: WaitQueue::with_state(Stock {
                ledger: Ledger::new(capacity),
                items,
            }),
        }
    }

    /// The counts at this moment.
    pub(super) fn ledger(&self) -> Ledger {
        self.queue.lock().state().ledger
    }

    /// How the queue ranks an item: foreign code, so asked for before the lock is taken (I3).
    pub(super) fn rank(&self, item: &T) -> i64 {
        self.rank.as_ref().map_or(0, |rank| rank(item))
    }

    pub(super) fn try_put(&self, item: T) -> Result<(), TryPutError<T>> {
        let rank = self.rank(&item);
        let mut locked = self.queue.lock();
        let stock = locked.state();
        if stock.ledger.is_over(Wanted::Room) {
            return Err(TryPutError::ShutDown(item));
        }
        if stock.ledger.free(Wanted::Room) == 0 {
            return Err(TryPutError::Full(item));
        }
        stock.ledger.put();
        stock.items.push(item, rank);
        unlock(locked);
        Ok(())
    }

    /// Puts an item into room that was claimed for it; uses up the claim.
    pub(super) fn put_claimed(&self, item: T, rank: i64) -> Result<(), PutError<T>> {
        let mut locked = self.queue.lock();
        let stock = locked.state();
        stock.ledger.unclaim(Wanted::Room);
        if stock.ledger.is_over(Wanted::Room) {
            return Err(PutError(item));
        }
        stock.ledger.put();
        stock.items.push(item, rank);
        unlock(locked);
        Ok(())
    }

    /// Puts a job back that is out.
    pub(super) fn put_back(&self, item: T, rank: i64) -> Result<(), PutError<T>> {
        let mut locked = self.queue.lock();
        let stock = locked.state();
        if stock.ledger.phase == Phase::Ended {
            return Err(PutError(item));
        }
        stock.ledger.put_back();
        stock.items.push(item, rank);
        unlock(locked);
        Ok(())
    }

    pub(super) fn try_get(self: &Arc<Self>) -> Result<Job<T>, TryGetError> {
        let mut locked = self.queue.lock();
        let ledger = &mut locked.state().ledger;
        if ledger.is_over(Wanted::Item) {
            return Err(TryGetError::ShutDown);
        }
        if ledger.free(Wanted::Item) == 0 {
            return Err(TryGetError::Empty);
        }
        Ok(self.hand_out(locked))
    }

    /// Gets the item that was claimed; uses up the claim.
    pub(super) fn get_claimed(self: &Arc<Self>) -> Result<Job<T>, QueueShutDown> {
        let mut locked = self.queue.lock();
        let ledger = &mut locked.state().ledger;
        ledger.unclaim(Wanted::Item);
        if ledger.is_over(Wanted::Item) {
            return Err(QueueShutDown(()));
        }
        Ok(self.hand_out(locked))
    }

    /// Takes out a free item.
    fn hand_out(self: &Arc<Self>, mut locked: Locked<'_, T>) -> Job<T> {
        let stock = locked.state();
        stock.ledger.get();
        let item = stock.items.pop().expect("the ledger counts the items");
        // Before anything can panic: the item is a job from now on.
        let job = Job::new(item, self.clone());
        unlock(locked);
        job
    }

    /// Gives a claim back, for the next in line.
    pub(super) fn unclaim(&self, wanted: Wanted) {
        let mut locked = self.queue.lock();
        locked.state().ledger.unclaim(wanted);
        unlock(locked);
    }

    /// A job is done.
    pub(super) fn job_done(&self) {
        let mut locked = self.queue.lock();
        let ledger = &mut locked.state().ledger;
        ledger.done();
        if ledger.unfinished == 0 {
            locked.broadcast_in(JOINERS.into());
        }
    }

    /// Lets nothing in any more, and at once also nothing out; drops what is discarded.
    pub(super) fn shut_down(&self, at_once: bool) {
        let mut panic = FirstPanic::default();
        let mut locked = self.queue.lock();
        let stock = locked.state();
        stock.ledger.shut_down(at_once);
        let discarded = at_once.then(|| mem::replace(&mut stock.items, Items::fifo()));
        let Ledger { unfinished, .. } = stock.ledger;
        let no_items = stock.ledger.is_over(Wanted::Item);
        // Nobody queues for what is over, so nobody comes to these lists after they were released.
        panic.catch(|| locked.broadcast_in(Wanted::Room.list().into()));
        if no_items {
            panic.catch(|| self.queue.lock().broadcast_in(Wanted::Item.list().into()));
        }
        if unfinished == 0 {
            panic.catch(|| self.queue.lock().broadcast_in(JOINERS.into()));
        }
        panic.catch(|| drop(discarded));
        panic.resume();
    }
}

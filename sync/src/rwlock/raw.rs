//! The lock without the value: the state word, who waits, and who comes next.

use std::fmt;

use super::policy::{LISTS, RwLockPolicy};
use super::state::{Access, READERS_MAX, Snapshot, Wish};
use crate::identity::Identity;
use crate::owner::{Holder, Owner};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::thread;
use crate::wait_list::{Departure, LockedQueue, WaitList, WaitQueue, has_wait_queue};
use crate::waiting::Waiting;
use crate::wake_batch::{FirstPanic, WakeBatch};

/// All of a read-write lock that does not depend on the type of its value.
pub(crate) struct RawRwLock {
    word: AtomicUsize,
    readers_max: u32,
    policy: RwLockPolicy,
    waiters: WaitQueue<Wish, (), [WaitList<Wish>; LISTS]>,
    writer: Holder,
    pub(super) identity: Identity,
}

has_wait_queue!([] RawRwLock, waiters: (Wish, (), LISTS));

/// The queue of a lock, locked.
type Queue<'q> = LockedQueue<'q, Wish, (), [WaitList<Wish>; LISTS]>;

impl RawRwLock {
    crate::primitive::const_fn! {
        #[track_caller]
        pub(super) const fn new(readers_max: u32) -> Self {
            assert!(readers_max != 0, "a RwLock may not be created with 0 readers");
            assert!(
                readers_max <= READERS_MAX,
                "a RwLock may not be created with more than `u32::MAX >> 3` readers"
            );
            Self {
                word: AtomicUsize::new(0),
                readers_max,
                policy: RwLockPolicy::Fair,
                waiters: WaitQueue::new(),
                writer: Holder::new(),
                identity: Identity::new(),
            }
        }
    }

    pub(super) const fn set_policy(&mut self, policy: RwLockPolicy) {
        self.policy = policy;
    }

    pub(super) fn policy(&self) -> RwLockPolicy {
        self.policy
    }

    #[inline]
    fn state(&self) -> Snapshot {
        // Ordering: Relaxed; a first guess for an exchange, or for display.
        Snapshot(self.word.load(Ordering::Relaxed))
    }

    /// Who waits for the lock, list by list in the order in which they are served.
    pub(super) fn waiting(&self) -> Vec<Waiting> {
        let mut queue = self.waiters.lock();
        let lists = self.policy.order().into_iter();
        lists
            .flat_map(|list| queue.waiting_in(list.into()))
            .collect()
    }

    /// Who writes now.
    pub(super) fn holder(&self) -> Option<Owner> {
        self.writer.get().filter(|_| self.state().has_writer())
    }

    /// Notes who writes; called by who has the access to write.
    #[inline]
    pub(super) fn note_writer(&self) {
        self.writer.set_current();
    }

    /// Changes the word as long as `next` allows it; true if it did.
    #[inline]
    fn change(&self, mut next: impl FnMut(Snapshot) -> Option<Snapshot>) -> bool {
        let mut current = self.state();
        while let Some(next) = next(current) {
            // Ordering: Acquire; pairs with the Release in `give_up`, also through further changes, so
            // that who enters sees what those did who left. Relaxed to look again.
            match self.word.compare_exchange_weak(
                current.0,
                next.0,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(actual) => current = Snapshot(actual),
            }
        }
        false
    }

    /// Enters without waiting, if the policy and those inside allow it.
    #[inline]
    pub(super) fn try_enter(&self, wish: Wish) -> bool {
        self.change(|state| state.arrive(wish, self.readers_max))
    }

    /// Enters, or announces that somebody queues, and says in which list.
    ///
    /// Call it with the queue locked, and queue before it is unlocked.
    pub(super) fn enter_or_queue(&self, wish: Wish) -> Result<(), u8> {
        let list = self.policy.list(wish);
        let mut enters = false;
        self.change(|state| {
            let inside = state.arrive(wish, self.readers_max);
            enters = inside.is_some();
            inside.or_else(|| Some(state.queue(self.policy.bars_readers(list))))
        });
        if enters { Ok(()) } else { Err(list) }
    }

    /// Gives up an access.
    #[inline]
    pub(super) fn give_up(&self, access: Access) {
        // Ordering: Release; pairs with the Acquire of who enters next.
        let before = self.word.fetch_sub(access.weight(), Ordering::Release);
        if Snapshot(before).is_queued() {
            self.gave_up(Snapshot(before), access);
        }
    }

    #[cold]
    #[inline(never)]
    fn gave_up(&self, before: Snapshot, access: Access) {
        if before.makes_room(access, self.readers_max) {
            self.hand_on();
        }
    }

    /// Gives up an access for a lesser one, in one step.
    #[inline]
    pub(super) fn downgrade(&self, from: Access, to: Access) {
        let change = to.weight().wrapping_sub(from.weight());
        // Ordering: Release; pairs with the Acquire of who enters next.
        let before = self.word.fetch_add(change, Ordering::Release);
        if Snapshot(before).is_queued() {
            self.hand_on();
        }
    }

    /// Somebody left the queue, and gives up the access it had, if any.
    pub(super) fn leave_queue(&self, access: Option<Access>) {
        if let Some(access) = access {
            // Ordering: Release; pairs with the Acquire of who enters next.
            self.word.fetch_sub(access.weight(), Ordering::Release);
        }
        self.hand_on();
    }

    /// Lets in those who are first in the queue, as long as there is room, and wakes them.
    #[cold]
    #[inline(never)]
    pub(super) fn hand_on(&self) {
        let mut batch = WakeBatch::new();
        let mut panic = FirstPanic::default();
        loop {
            let mut queue = self.waiters.lock();
            while !batch.is_full() && self.admit_next(&mut queue, &mut batch) {}
            let more = batch.is_full();
            self.note_queue(&mut queue);
            drop(queue);
            batch.wake_all_into(&mut panic);
            if !more {
                break;
            }
        }
        // A second panic during unwinding would abort the process.
        if thread::panicking() {
            panic.swallow();
        } else {
            panic.resume();
        }
    }

    /// Lets in who is next by the policy; false if nobody is, or there is no room.
    fn admit_next(&self, queue: &mut Queue<'_>, batch: &mut WakeBatch) -> bool {
        for list in self.policy.order().map(usize::from) {
            let Some(wish) = queue.with_front_in(list, |wish| *wish) else {
                continue;
            };
            if self.change(|state| state.admit(wish, self.readers_max)) {
                if wish.writes() {
                    // It holds the lock before it knows.
                    self.writer.set(queue.front_owner_in(list));
                }
                if let Some(waker) = queue.depart_in(list, Departure::Front) {
                    batch.push(waker);
                }
                return true;
            }
            if !self.policy.passes() {
                return false;
            }
        }
        false
    }

    /// Makes the word tell the truth about the queue (I1).
    fn note_queue(&self, queue: &mut Queue<'_>) {
        let (mut queued, mut barred) = (false, false);
        for list in self.policy.order() {
            if queue.has_open_in(list.into()) {
                queued = true;
                barred |= self.policy.bars_readers(list);
            }
        }
        self.change(|state| {
            let next = state.with_queue(queued, barred);
            (next != state).then_some(next)
        });
    }
}

impl fmt::Debug for RawRwLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRwLock")
            .field("state", &self.state())
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

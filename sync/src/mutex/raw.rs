//! The lock of a mutex without its value: the word, the queue, and what applies the transitions.
//!
//! The protocol and its argument are in the [parent](super).

use std::panic::Location;
use std::task::Waker;

use super::state::{Duty, LOCKED, Left, OnLook, Snapshot};
use crate::identity::Identity;
use crate::owner::{Holder, Owner};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::thread;
use crate::wait_list::{Departure, LockedQueue, WaitList, WaitQueue, has_wait_queue};
use crate::waiting::Waiting;
use crate::wake_batch::FirstPanic;

/// The list of those who wait for the lock.
const COMPETING: u8 = 0;
/// The list of those who wait at a condition variable, and will wait for the lock when it tells them.
pub(super) const DORMANT: u8 = 1;

/// What the lock notes about a waiter.
#[derive(Debug, Default)]
pub(crate) struct LockEntry {
    /// It was woken to look, and has not done so.
    pub(super) woken: bool,
    /// What it is dormant for.
    pub(super) call: Call,
}

/// Which call of a condition variable a dormant waiter waits for, or who is called.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Call {
    /// The address of the condition variable.
    pub(crate) condvar: usize,
    /// How often it had called everybody.
    pub(crate) calls: usize,
}

/// A mutex without a value.
#[derive(Debug)]
pub(crate) struct RawMutex {
    word: AtomicUsize,
    waiters: WaitQueue<LockEntry, (), Lists>,
    holder: Holder,
    identity: Identity,
    fair: bool,
}

has_wait_queue!([] RawMutex, waiters: (LockEntry, (), 2));

type Lists = [WaitList<LockEntry>; 2];
type Queue<'q> = LockedQueue<'q, LockEntry, (), Lists>;

impl RawMutex {
    crate::primitive::const_fn! {
        /// A free lock that barges.
        #[track_caller]
        pub(super) const fn new() -> Self {
            Self {
                word: AtomicUsize::new(Snapshot::FREE.0),
                waiters: WaitQueue::new(),
                holder: Holder::new(),
                identity: Identity::new(),
                fair: false,
            }
        }
    }

    pub(super) const fn fair(&mut self) {
        self.fair = true;
    }

    pub(super) const fn named(&mut self, name: &'static str) {
        self.identity = self.identity.named(name);
    }

    pub(super) const fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) const fn is_fair(&self) -> bool {
        self.fair
    }

    pub(super) const fn name(&self) -> Option<&'static str> {
        self.identity.name()
    }

    pub(super) const fn created_at(&self) -> &'static Location<'static> {
        self.identity.created_at()
    }

    pub(super) fn state(&self) -> Snapshot {
        // Ordering: Relaxed; for display and hints only.
        Snapshot(self.word.load(Ordering::Relaxed))
    }

    /// Who holds the lock, or was handed it.
    pub(super) fn holder(&self) -> Option<Owner> {
        self.holder.get().filter(|_| self.state().is_locked())
    }

    /// Who waits for the lock, in order.
    pub(super) fn waiting(&self) -> Vec<Waiting> {
        self.waiters.lock().waiting_in(usize::from(COMPETING))
    }

    /// Takes the lock if it is free for all.
    #[inline]
    pub(crate) fn try_lock(&self) -> bool {
        self.try_lock_free() || self.try_barge()
    }

    /// Takes the lock if it is free and nobody waits.
    #[inline]
    pub(super) fn try_lock_free(&self) -> bool {
        // Ordering: Acquire; pairs with the Release in `unlock`, whose holder's changes become visible.
        let free = self.word.compare_exchange(
            Snapshot::FREE.0,
            LOCKED,
            Ordering::Acquire,
            Ordering::Relaxed,
        );
        let taken = free.is_ok();
        if taken {
            self.note_holder();
        }
        taken
    }

    /// As [`try_lock`](Self::try_lock), past those who wait.
    #[cold]
    pub(super) fn try_barge(&self) -> bool {
        let mut taken = false;
        self.change(|state| {
            let next = state.take();
            taken = next.is_some();
            next
        });
        if taken {
            self.note_holder();
        }
        taken
    }

    /// Gives the lock back, to the first in the queue if it is to be handed over.
    ///
    /// The caller holds it.
    #[inline]
    pub(crate) fn unlock(&self) {
        // Ordering: Release; pairs with the Acquire of who takes the lock. Whoever hands it over
        // instead acquires it in `settle`.
        let before = self.word.fetch_sub(LOCKED, Ordering::Release);
        if before != LOCKED {
            self.unlock_waited_for(Snapshot(before - LOCKED));
        }
    }

    /// The part of [`unlock`](Self::unlock) for a lock that others wait for.
    #[cold]
    fn unlock_waited_for(&self, seen: Snapshot) {
        if seen.settle().1 == Duty::None {
            return;
        }
        let mut queue = self.waiters.lock();
        let waker = self.settle(&mut queue);
        drop(queue);
        wake(waker);
    }

    /// Does what is owed to the first in the queue. Wake the waker after the lock is released.
    pub(super) fn settle(&self, queue: &mut Queue<'_>) -> Option<Waker> {
        let mut duty = Duty::None;
        self.change(|state| {
            let (next, owed) = state.settle();
            duty = owed;
            (owed != Duty::None).then_some(next)
        });
        match duty {
            Duty::None => None,
            Duty::Wake => {
                queue.with_front(|entry| entry.woken = true);
                queue.wake_front()
            }
            Duty::Grant => {
                self.holder.set(queue.front_owner());
                let waker = queue.depart(Departure::Front);
                // A handoff is for the one that asked, unless everybody has it (I4).
                self.note_left(queue, false, true);
                waker
            }
        }
    }

    /// Takes the lock, or says that somebody will wait, who then joins the queue under the same lock.
    pub(super) fn take_or_wait(&self) -> OnLook {
        let mut found = OnLook::Waits;
        self.change(|state| {
            let (next, came) = state.take_or_wait(self.fair);
            found = came;
            Some(next)
        });
        found
    }

    /// Takes the lock for a waiter in the queue, or answers its wake; the queue is locked.
    pub(super) fn look(&self, woken: bool, ask_for_handoff: bool) -> OnLook {
        let mut found = OnLook::Waits;
        self.change(|state| {
            let (next, came) = state.look(woken, ask_for_handoff);
            found = came;
            Some(next)
        });
        found
    }

    /// Restores I1 to I4 after a waiter has left the locked queue.
    pub(super) fn note_left(&self, queue: &mut Queue<'_>, woken: bool, asked_for_handoff: bool) {
        let left = Left {
            woken,
            asked_for_handoff,
            last: !queue.has_open(),
        };
        self.change(|state| Some(state.leave(left, self.fair)));
    }

    /// Lets dormant waiters compete: those of earlier calls than `now`, of the same condition variable.
    ///
    /// Wake the waker after the lock is released.
    pub(super) fn call_up(&self, queue: &mut Queue<'_>, now: Call) -> Option<Waker> {
        let is_called =
            |entry: &LockEntry| entry.call.condvar == now.condvar && entry.call.calls < now.calls;
        if !queue.call_up(DORMANT, COMPETING, is_called) {
            return None;
        }
        self.change(|state| Some(state.join(self.fair)));
        self.settle(queue)
    }

    /// Notes that the lock was taken by who runs here.
    #[inline]
    pub(super) fn note_holder(&self) {
        self.holder.set_current();
    }

    fn change(&self, f: impl FnMut(Snapshot) -> Option<Snapshot>) {
        let mut f = f;
        // Ordering: AcqRel; Acquire pairs with the Release in `unlock`, for who takes the lock or hands
        // it over; Release lets those before us pass on through this change.
        let _ = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                f(Snapshot(word)).map(|next| next.0)
            });
    }
}

/// Wakes a waiter with no lock held.
///
/// Guards are dropped by panics as well, where the panic of a waker would end the process.
pub(crate) fn wake(waker: Option<Waker>) {
    let Some(waker) = waker else { return };
    if thread::panicking() {
        let mut panic = FirstPanic::default();
        panic.catch(|| waker.wake());
        panic.swallow();
    } else {
        waker.wake();
    }
}

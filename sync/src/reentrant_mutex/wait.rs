//! The lock of a reentrant mutex without its value, and the waits for it.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::state::{Holding, Refused};
use crate::context::{self, WaitKind};
use crate::identity::Identity;
use crate::owner::Owner;
use crate::wait_list::{Departure, LockedQueue, WaitList, WaitQueue, Waiter, has_wait_queue};

type Queue<'q> = LockedQueue<'q, Owner, Holding, [WaitList<Owner>; 1]>;

/// All of a reentrant mutex that does not depend on the type of its value.
///
/// Each waiter's datum is who will hold the lock.
pub(super) struct RawReentrant {
    waiters: WaitQueue<Owner, Holding, [WaitList<Owner>; 1]>,
    pub(super) identity: Identity,
}

has_wait_queue!([] RawReentrant, waiters: (Owner, Holding, 1));

impl RawReentrant {
    crate::primitive::const_fn! {
        #[track_caller]
        pub(super) const fn new() -> Self {
            Self {
                waiters: WaitQueue::with_state(Holding::new()),
                identity: Identity::new(),
            }
        }
    }

    pub(super) fn lock(&self) -> Queue<'_> {
        self.waiters.lock()
    }

    /// Enters without waiting; false if another one holds the lock.
    #[track_caller]
    pub(super) fn try_enter(&self, owner: Owner) -> bool {
        // The lock of the queue is free again when this panics.
        let entered = self.lock().state().enter(owner);
        check_depth(entered)
    }

    /// Gives up one guard; after the last the lock belongs to who waits longest.
    pub(super) fn leave(&self) {
        let mut queue = self.lock();
        let mut waker = None;
        if queue.state().leave() {
            if let Some(next) = queue.with_front(|owner| *owner) {
                let entered = queue.state().enter(next);
                debug_assert_eq!(entered, Ok(()), "it was free");
                waker = queue.depart(Departure::Front);
            }
        }
        drop(queue);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// True if somebody entered.
#[track_caller]
fn check_depth(entered: Result<(), Refused>) -> bool {
    match entered {
        Ok(()) => true,
        Err(Refused::Taken) => false,
        Err(Refused::TooDeep) => panic!(
            "a reentrant mutex is held `u32::MAX` times by one owner: guards are forgotten, or a \
             recursion has no end"
        ),
    }
}

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not looked at yet.
    Created,
    /// In the queue, or released from it with the lock.
    Queued,
    /// Has the lock, not handed out yet.
    Granted,
    /// Has handed out the lock.
    Done,
}

pin_project! {
    /// One wait for the lock.
    pub(super) struct Wait<'a> {
        #[pin]
        waiter: Option<Waiter<&'a RawReentrant>>,
        lock: &'a RawReentrant,
        phase: Phase,
        owner: Option<Owner>,
        place: &'static Location<'static>,
    }

    impl PinnedDrop for Wait<'_> {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl<'a> Wait<'a> {
    /// Without an owner it is for who polls it first.
    pub(super) fn new(
        lock: &'a RawReentrant,
        owner: Option<Owner>,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            waiter: None,
            lock,
            phase: Phase::Created,
            owner,
            place,
        }
    }

    /// `Ready` hands the lock to the caller.
    ///
    /// The place in the queue is taken before the budget is asked: a task without budget keeps its
    /// turn, and gets what it waited for when it comes again.
    ///
    /// It is woken: by who gives up the lock, or at once without budget.
    pub(super) fn poll_lock(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.phase {
            Phase::Created => ready!(self.as_mut().start(cx.waker())),
            Phase::Queued => ready!(self.as_mut().poll_queued(cx.waker())),
            Phase::Granted => {}
            Phase::Done => panic!("a lock future was polled after it had returned"),
        }
        let this = self.project();
        *this.phase = Phase::Granted;
        ready!(context::poll_proceed(cx)).made_progress();
        *this.phase = Phase::Done;
        Poll::Ready(())
    }

    /// The first poll: enters, or joins the queue.
    fn start(self: Pin<&mut Self>, waker: &Waker) -> Poll<()> {
        let mut this = self.project();
        let owner = *this.owner.get_or_insert_with(Owner::current);
        if this.lock.try_enter(owner) {
            return Poll::Ready(());
        }
        // Cloned before the lock: it is foreign code.
        let waker = waker.clone();
        let waiter = Waiter::new(*this.lock, owner, this.place);
        this.waiter.set(Some(waiter));
        let Some(waiter) = this.waiter.as_pin_mut() else {
            unreachable!("it was just set")
        };
        let mut guard = waiter.lock();
        let entered = guard.queue().state().enter(owner);
        if entered == Err(Refused::Taken) {
            guard.enqueue(Some(waker));
            drop(guard);
            *this.phase = Phase::Queued;
            context::note_wait(WaitKind::Lock, this.place);
            return Poll::Pending;
        }
        drop(guard);
        if check_depth(entered) {
            // Dropping the waker may panic.
            *this.phase = Phase::Granted;
        }
        Poll::Ready(())
    }

    fn poll_queued(self: Pin<&mut Self>, waker: &Waker) -> Poll<()> {
        let this = self.project();
        let Some(mut waiter) = this.waiter.as_pin_mut() else {
            unreachable!("set before the phase")
        };
        // Not queued: it has the lock, and the drop of a waker panicked when it learned so.
        if !waiter.is_queued() || waiter.as_mut().poll_departure(Some(waker)).is_ready() {
            return Poll::Ready(());
        }
        if reenter(waiter) {
            return Poll::Ready(());
        }
        context::note_wait(WaitKind::Lock, this.place);
        Poll::Pending
    }

    /// Ends the wait; gives up the lock that nobody will use.
    fn cancel(self: Pin<&mut Self>) {
        let this = self.project();
        let granted = match *this.phase {
            Phase::Created | Phase::Done => false,
            Phase::Granted => true,
            Phase::Queued => match this.waiter.as_pin_mut() {
                // Not queued: as in `poll_queued`. A waker is dropped only if nothing was granted.
                Some(waiter) => !waiter.is_queued() || waiter.lock().withdraw().is_some(),
                None => false,
            },
        };
        if granted {
            this.lock.leave();
        }
    }
}

/// Enters past the queue if the owner has come to hold the lock by another way; true if it did.
fn reenter(waiter: Pin<&mut Waiter<&RawReentrant>>) -> bool {
    let mut guard = waiter.lock();
    let owner = guard.with_data(|owner| *owner);
    if guard.queue().state().owner() != Some(owner) {
        return false;
    }
    let mut state = *guard.queue().state();
    // Before it leaves the queue, since this may panic.
    let entered = check_depth(state.enter(owner));
    // If it was granted the lock just now, it is inside by that.
    if guard.withdraw().is_none() {
        *guard.queue().state() = state;
    }
    entered
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.phase, f)
    }
}

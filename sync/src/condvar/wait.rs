//! One wait at a condition variable, from the guard that is given up to the guard that is given back.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::Condvar;
use crate::context::{self, WaitKind};
use crate::mutex::{LockGuard, LockWait, Relockable};
use crate::wait_list::{Departure, Waiter};
use crate::wake_batch::FirstPanic;

/// Why a wait went on to take the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// By `notify_one`.
    Alone,
    /// By `notify_all`.
    WithAll,
    /// By nobody: its time was up.
    ByNobody,
}

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Has the guard it was made with.
    Created,
    /// In both queues.
    Waiting,
    /// Told to take the lock.
    Notified(Told),
    /// Waits for the lock; others have been called up.
    Locking(Told),
    /// Has handed out a guard.
    Done,
}

pin_project! {
    /// One wait. It is queued twice: at the condition variable, to be told, and dormant at the mutex, to
    /// be called up by another one that was told.
    pub(super) struct CondWait<'c, G>
    where
        G: LockGuard,
    {
        #[pin]
        waiter: Waiter<&'c Condvar>,
        #[pin]
        lock: LockWait<<G as Relockable>::Host>,
        condvar: &'c Condvar,
        guard: Option<G>,
        phase: Phase,
        place: &'static Location<'static>,
    }

    impl<G> PinnedDrop for CondWait<'_, G>
    where
        G: LockGuard,
    {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl<'c, G: LockGuard> CondWait<'c, G> {
    pub(super) fn new(condvar: &'c Condvar, guard: G, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(condvar, (), place),
            lock: LockWait::new(guard.host(), place),
            condvar,
            guard: Some(guard),
            phase: Phase::Created,
            place,
        }
    }

    /// Waits to be told or, once its time is up, for the lock alone.
    ///
    /// It is woken: by who tells it, or by who gives the lock back after another one that was told the
    /// same has called it up, see the argument in the [module](super).
    pub(super) fn poll_wait(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        time_is_up: bool,
    ) -> Poll<(G, Told)> {
        if self.phase == Phase::Created {
            self.as_mut().start(cx.waker());
            context::note_wait(WaitKind::Notify, self.place);
            return Poll::Pending;
        }
        if self.phase == Phase::Waiting {
            self.as_mut().look(cx.waker(), time_is_up);
            if self.phase == Phase::Waiting {
                context::note_wait(WaitKind::Notify, self.place);
                return Poll::Pending;
            }
        }
        if let Phase::Notified(told) = self.phase {
            let this = self.as_mut().project();
            let with_others = (told == Told::WithAll).then(|| this.condvar.call());
            this.lock.compete(cx.waker(), with_others);
            *this.phase = Phase::Locking(told);
        }
        let Phase::Locking(told) = self.phase else {
            panic!("a wait was polled after it had returned");
        };
        let this = self.project();
        let host = ready!(this.lock.poll_lock(cx));
        *this.phase = Phase::Done;
        Poll::Ready((G::relocked(host), told))
    }

    /// Joins both queues, then gives up the guard.
    fn start(self: Pin<&mut Self>, waker: &Waker) {
        // Cloned before the locks: it is foreign code.
        let (waker, dormant) = (waker.clone(), waker.clone());
        let this = self.project();
        let mutex = this.lock.address();
        let mut queued = this.waiter.lock();
        let others = !queued.queue().is_empty();
        let bound_to = queued.queue().state();
        if others && *bound_to != mutex {
            drop(queued);
            panic!(
                "others wait at this condition variable with another mutex: use one condition \
                 variable per mutex (the wait began at {})",
                this.place
            );
        }
        *bound_to = mutex;
        let call = this.condvar.note_waiter();
        this.lock.lie_dormant(call, dormant);
        queued.enqueue(Some(waker));
        drop(queued);
        *this.phase = Phase::Waiting;
        drop(this.guard.take());
    }

    /// Looks whether it was told. If not, leaves the waker in both queues.
    fn look(self: Pin<&mut Self>, waker: &Waker, time_is_up: bool) {
        let mut this = self.project();
        if let Poll::Ready(departure) = this.waiter.as_mut().poll_departure(Some(waker)) {
            *this.phase = Phase::Notified(told_by(Some(departure)));
        } else if time_is_up || this.lock.is_called_up(waker) {
            let learn = |departure| *this.phase = Phase::Notified(told_by(departure));
            this.condvar.withdraw(this.waiter, learn);
        }
    }

    /// Passes on what it was told and nobody will act upon. The lock is passed on as that wait is
    /// dropped.
    fn cancel(self: Pin<&mut Self>) {
        let this = self.project();
        let mut panic = FirstPanic::default();
        if *this.phase == Phase::Waiting {
            let learn = |departure| *this.phase = Phase::Notified(told_by(departure));
            panic.catch(|| this.condvar.withdraw(this.waiter, learn));
        }
        let (told, called_up) = match *this.phase {
            Phase::Created | Phase::Waiting | Phase::Done => return,
            Phase::Notified(told) => (told, false),
            Phase::Locking(told) => (told, true),
        };
        panic.catch(|| match told {
            Told::Alone => this.condvar.notify_one(),
            // Those who were told the same may count on it.
            Told::WithAll if !called_up => this.lock.call_up(this.condvar.call()),
            Told::WithAll | Told::ByNobody => {}
        });
        panic.resume_in_drop();
    }
}

fn told_by(departure: Option<Departure>) -> Told {
    match departure {
        None => Told::ByNobody,
        Some(Departure::Broadcast) => Told::WithAll,
        Some(Departure::Front | Departure::Back) => Told::Alone,
    }
}

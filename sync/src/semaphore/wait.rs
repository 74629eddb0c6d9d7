//! The waiting side of a semaphore, for both kinds of future.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::state::{OnWait, Snapshot};
use super::{AcquireError, Semaphore};
use crate::context::{self, WaitKind};
use crate::primitive::atomic::Ordering;
use crate::wait_list::{Departure, HostRef, Waiter};

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not looked at yet.
    Created,
    /// In the queue, or released from it, with a part of the permits or all.
    Queued,
    /// Has the permits, not handed out yet.
    Granted,
    /// Has handed out the permits, or an error.
    Done,
}

pin_project! {
    /// One wait for permits; each waiter's datum is how many it misses.
    #[derive(Debug)]
    pub(super) struct PermitWait<R>
    where
        R: HostRef<Host = Semaphore>,
    {
        #[pin]
        waiter: Waiter<R>,
        phase: Phase,
        permits: usize,
        place: &'static Location<'static>,
    }

    impl<R> PinnedDrop for PermitWait<R>
    where
        R: HostRef<Host = Semaphore>,
    {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl<R: HostRef<Host = Semaphore>> PermitWait<R> {
    pub(super) fn new(host: R, permits: usize, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(host, 0, place),
            phase: Phase::Created,
            permits,
            place,
        }
    }

    /// How many permits it waits for.
    pub(super) fn permits(&self) -> usize {
        self.permits
    }

    /// `Ok` hands the permits to the caller.
    ///
    /// The place in the queue is taken before the budget is asked: a task without budget keeps its
    /// turn, and gets what it waited for when it comes again.
    ///
    /// It is woken: by who grants the last permit it misses, by who closes the semaphore, or at
    /// once without budget.
    pub(super) fn poll_acquire(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), AcquireError>> {
        let closed = match self.phase {
            Phase::Granted => false,
            Phase::Done => panic!("an acquire future was polled after it had returned"),
            Phase::Created => ready!(self.as_mut().start(cx.waker())).is_err(),
            Phase::Queued => ready!(self.as_mut().poll_queued(cx.waker())).is_err(),
        };
        let this = self.project();
        if closed {
            *this.phase = Phase::Done;
            return Poll::Ready(Err(AcquireError(())));
        }
        *this.phase = Phase::Granted;
        ready!(context::poll_proceed(cx)).made_progress();
        *this.phase = Phase::Done;
        Poll::Ready(Ok(()))
    }

    /// The first poll: takes what is there, and joins the queue for the rest.
    fn start(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), AcquireError>> {
        let this = self.project();
        let count = *this.permits;
        if this.waiter.host().try_take(count).is_ok() {
            return Poll::Ready(Ok(()));
        }
        // Cloned before the lock: it is foreign code.
        let waker = waker.clone();
        let mut guard = this.waiter.lock();
        let mut outcome = None;
        // Ordering: AcqRel; Acquire pairs with the Release of who gave the permits back, Release
        // lets those before us pass on through this change.
        let _ = guard
            .host()
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                let (next, duty) = Snapshot(word).take_or_wait(count).unzip();
                outcome = duty;
                next.map(|next: Snapshot| next.0)
            });
        match outcome {
            None => Poll::Ready(Err(AcquireError(()))),
            Some(OnWait::Granted) => Poll::Ready(Ok(())),
            Some(OnWait::Enqueue { missing }) => {
                guard.with_data(|data| *data = missing);
                guard.enqueue(Some(waker));
                drop(guard);
                *this.phase = Phase::Queued;
                context::note_wait(WaitKind::Lock, this.place);
                Poll::Pending
            }
        }
    }

    fn poll_queued(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), AcquireError>> {
        let mut this = self.project();
        match this.waiter.as_mut().poll_departure(Some(waker)) {
            Poll::Pending => {
                context::note_wait(WaitKind::Lock, this.place);
                Poll::Pending
            }
            Poll::Ready(Departure::Front | Departure::Back) => Poll::Ready(Ok(())),
            Poll::Ready(Departure::Broadcast) => {
                // Closed: what was gathered so far goes back.
                let missing = this.waiter.as_mut().lock().with_data(|missing| *missing);
                this.waiter.host().add_permits(*this.permits - missing);
                Poll::Ready(Err(AcquireError(())))
            }
        }
    }

    /// Ends the wait; gives back the permits that nobody will use.
    fn cancel(self: Pin<&mut Self>) {
        let mut this = self.project();
        let granted = match *this.phase {
            Phase::Created | Phase::Done => return,
            Phase::Granted => *this.permits,
            Phase::Queued => {
                let mut guard = this.waiter.as_mut().lock();
                let _departure = guard.withdraw();
                let semaphore = guard.host();
                semaphore.note_departure(guard.queue());
                *this.permits - guard.with_data(|missing| *missing)
            }
        };
        this.waiter.host().add_permits(granted);
    }
}

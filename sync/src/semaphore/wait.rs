//! The waiting side of a semaphore, for both kinds of future.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::state::{OnWait, Snapshot};
use super::{AcquireError, Semaphore};
use crate::context::{self, WaitKind};
use crate::primitive::atomic::Ordering;
use crate::wait_list::{Departure, HasWaitQueue, HostRef, WaitList, Waiter};
use crate::wake_batch::FirstPanic;

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

/// What has a semaphore in it, with the waiters of that semaphore as its own.
pub(crate) trait HasSemaphore:
    HasWaitQueue<Data = usize, State = (), Lists = [WaitList<usize>; 1]>
{
    /// The semaphore.
    fn semaphore(&self) -> &Semaphore;
}

impl HasSemaphore for Semaphore {
    #[inline]
    fn semaphore(&self) -> &Semaphore {
        self
    }
}

pin_project! {
    /// One wait for permits; each waiter's datum is how many it misses.
    #[derive(Debug)]
    pub(crate) struct PermitWait<R>
    where
        R: HostRef,
        R::Host: HasSemaphore,
    {
        #[pin]
        waiter: Waiter<R>,
        phase: Phase,
        permits: usize,
        place: &'static Location<'static>,
    }

    impl<R> PinnedDrop for PermitWait<R>
    where
        R: HostRef,
        R::Host: HasSemaphore,
    {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl<R> PermitWait<R>
where
    R: HostRef,
    R::Host: HasSemaphore,
{
    #[inline]
    pub(crate) fn new(host: R, permits: usize, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(host, 0, place),
            phase: Phase::Created,
            permits,
            place,
        }
    }

    /// How many permits it waits for.
    #[inline]
    pub(crate) fn permits(&self) -> usize {
        self.permits
    }

    /// What it waits at.
    #[inline]
    pub(crate) fn host(&self) -> &R {
        self.waiter.host_ref()
    }

    #[inline]
    fn semaphore(&self) -> &Semaphore {
        self.waiter.host().semaphore()
    }

    /// `Ok` hands the permits to the caller.
    ///
    /// The place in the queue is taken before the budget is asked: a task without budget keeps its
    /// turn, and gets what it waited for when it comes again.
    ///
    /// It is woken: by who grants the last permit it misses, by who closes the semaphore, or at
    /// once without budget.
    #[inline]
    pub(crate) fn poll_acquire(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), AcquireError>> {
        if self.phase != Phase::Created || !self.semaphore().take_at_once(self.permits) {
            ready!(self.as_mut().poll_slowly(cx.waker()))?;
        }
        let phase = self.project().phase;
        *phase = Phase::Granted;
        ready!(context::poll_proceed(cx)).made_progress();
        *phase = Phase::Done;
        Poll::Ready(Ok(()))
    }

    /// As [`poll_acquire`](Self::poll_acquire), without regard to the budget.
    #[cold]
    fn poll_slowly(mut self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), AcquireError>> {
        let acquired = match self.phase {
            Phase::Granted => Ok(()),
            Phase::Done => panic!("an acquire future was polled after it had returned"),
            Phase::Created => ready!(self.as_mut().start(waker)),
            Phase::Queued => ready!(self.as_mut().poll_queued(waker)),
        };
        if acquired.is_err() {
            *self.project().phase = Phase::Done;
        }
        Poll::Ready(acquired)
    }

    /// The first poll: takes what is there, and joins the queue for the rest.
    fn start(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), AcquireError>> {
        let this = self.project();
        let count = *this.permits;
        if this.waiter.host().semaphore().try_take(count).is_ok() {
            return Poll::Ready(Ok(()));
        }
        // Cloned before the lock: it is foreign code.
        let waker = waker.clone();
        let mut guard = this.waiter.lock();
        let mut outcome = None;
        // Ordering: AcqRel; Acquire pairs with the Release of who gave the permits back, Release
        // lets those before us pass on through this change.
        let _ = guard.host().semaphore().word.fetch_update(
            Ordering::AcqRel,
            Ordering::Acquire,
            |word| {
                let (next, duty) = Snapshot(word).take_or_wait(count).unzip();
                outcome = duty;
                next.map(|next: Snapshot| next.0)
            },
        );
        match outcome {
            None => Poll::Ready(Err(AcquireError(()))),
            Some(OnWait::Granted) => {
                // Before the waker is dropped, which may panic.
                *this.phase = Phase::Granted;
                Poll::Ready(Ok(()))
            }
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
                let semaphore = this.waiter.host().semaphore();
                semaphore.add_permits(*this.permits - missing);
                Poll::Ready(Err(AcquireError(())))
            }
        }
    }

    /// Ends the wait; gives back the permits that nobody will use.
    #[inline]
    fn cancel(self: Pin<&mut Self>) {
        if matches!(self.phase, Phase::Queued | Phase::Granted) {
            self.give_back();
        }
    }

    #[cold]
    fn give_back(self: Pin<&mut Self>) {
        let mut this = self.project();
        let mut gathered = *this.permits;
        let mut panic = FirstPanic::default();
        if *this.phase == Phase::Queued {
            let mut guard = this.waiter.as_mut().lock();
            let _departure = guard.withdraw();
            let semaphore = guard.host().semaphore();
            semaphore.note_departure(guard.queue());
            gathered -= guard.with_data(|missing| *missing);
            // Drops a waker.
            panic.catch(|| drop(guard));
        }
        panic.catch(|| this.waiter.host().semaphore().add_permits(gathered));
        panic.resume_in_drop();
    }
}

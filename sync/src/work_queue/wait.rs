//! The futures that wait at a work queue.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::error::{PutError, PutTimeoutError, QueueShutDown, TryGetError, TryPutError};
use super::job::Job;
use super::ledger::Wanted;
use super::permit::PutPermit;
use super::shared::{JOINERS, QueueShared};
use crate::context::{self, WaitKind};
use crate::time_limit::TimeLimit;
use crate::wait_list::{Departure, Waiter};

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not looked at yet.
    Created,
    /// In the queue, or released from it.
    Queued,
    /// Has the claim, not handed out yet.
    Granted,
    /// Has handed out the claim, or an error.
    Done,
}

pin_project! {
    /// A wait for a claim on room or an item.
    struct ClaimWait<'a, T> {
        #[pin]
        waiter: Waiter<&'a QueueShared<T>>,
        wanted: Wanted,
        phase: Phase,
        place: &'static Location<'static>,
    }

    impl<T> PinnedDrop for ClaimWait<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl<'a, T> ClaimWait<'a, T> {
    fn new(shared: &'a QueueShared<T>, wanted: Wanted, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(shared, (), place),
            wanted,
            phase: Phase::Created,
            place,
        }
    }

    /// True before the first poll of a task that may complete an operation: no queueing is needed if what it
    /// wants is there.
    fn may_try(&self) -> bool {
        self.phase == Phase::Created && context::budget().has_remaining()
    }

    /// Marks the wait as over: what it wants was got without it.
    fn finish(self: Pin<&mut Self>) {
        *self.project().phase = Phase::Done;
    }

    /// `Ok` hands the claim to the caller.
    ///
    /// The place in the queue is taken before the budget is asked: a task without budget keeps its turn.
    ///
    /// It is woken: by who grants the claim, by the shutdown, by who takes the last item after it, or at once
    /// without budget.
    fn poll_claim(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), QueueShutDown>> {
        let granted = match self.phase {
            Phase::Granted => Poll::Ready(true),
            Phase::Done => panic!("a future of a work queue was polled after it had returned"),
            Phase::Created => self.as_mut().start(cx.waker()),
            Phase::Queued => self.as_mut().poll_queued(cx.waker()),
        };
        let this = self.project();
        let Poll::Ready(granted) = granted else {
            *this.phase = Phase::Queued;
            context::note_wait(WaitKind::Channel, this.place);
            return Poll::Pending;
        };
        *this.phase = if granted { Phase::Granted } else { Phase::Done };
        if granted {
            ready!(context::poll_proceed(cx)).made_progress();
            *this.phase = Phase::Done;
        }
        Poll::Ready(if granted {
            Ok(())
        } else {
            Err(QueueShutDown(()))
        })
    }

    /// The first poll: takes what is free, or a place in the queue.
    fn start(self: Pin<&mut Self>, waker: &Waker) -> Poll<bool> {
        // Cloned before the lock: it is foreign code.
        let waker = waker.clone();
        let this = self.project();
        let wanted = *this.wanted;
        let mut guard = this.waiter.lock();
        let ledger = &mut guard.queue().state().ledger;
        if ledger.is_over(wanted) {
            return Poll::Ready(false);
        }
        if ledger.free(wanted) > 0 {
            ledger.claim(wanted);
            // Before the waker is dropped, which may panic.
            *this.phase = Phase::Granted;
            return Poll::Ready(true);
        }
        guard.enqueue_in(wanted.list(), Some(waker));
        Poll::Pending
    }

    fn poll_queued(self: Pin<&mut Self>, waker: &Waker) -> Poll<bool> {
        let departure = self.project().waiter.poll_departure(Some(waker));
        departure.map(|departure| departure != Departure::Broadcast)
    }

    /// Ends the wait; gives back a claim that nobody will use.
    fn cancel(self: Pin<&mut Self>) {
        let mut this = self.project();
        let granted = match *this.phase {
            Phase::Created | Phase::Done => return,
            Phase::Granted => true,
            Phase::Queued => {
                let departure = this.waiter.as_mut().lock().withdraw();
                departure == Some(Departure::Front)
            }
        };
        if granted {
            this.waiter.host().unclaim(*this.wanted);
        }
    }
}

impl<T> fmt::Debug for ClaimWait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} for {:?}", self.phase, self.wanted)
    }
}

pin_project! {
    /// The future of [`WorkQueue::put`](super::WorkQueue::put).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Put<'a, T> {
        #[pin]
        room: ClaimWait<'a, T>,
        shared: &'a QueueShared<T>,
        item: Option<T>,
    }
}

impl<'a, T> Put<'a, T> {
    pub(super) fn new(
        shared: &'a QueueShared<T>,
        item: T,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            room: ClaimWait::new(shared, Wanted::Room, place),
            shared,
            item: Some(item),
        }
    }
}

impl<T> Future for Put<'_, T> {
    type Output = Result<(), PutError<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.room.may_try() {
            let unit = ready!(context::poll_proceed(cx));
            let item = this.item.take().expect("it was not put yet");
            match this.shared.try_put(item) {
                Err(TryPutError::Full(item)) => *this.item = Some(item),
                outcome => {
                    unit.made_progress();
                    this.room.finish();
                    let outcome = outcome.map_err(|refused| PutError(refused.into_inner()));
                    return Poll::Ready(outcome);
                }
            }
        }
        let claimed = ready!(this.room.as_mut().poll_claim(cx));
        let item = this.item.take().expect("it is put once");
        Poll::Ready(match claimed {
            Ok(()) => PutPermit::new(this.shared).put(item),
            Err(QueueShutDown(())) => Err(PutError(item)),
        })
    }
}

pin_project! {
    /// The future of [`WorkQueue::put_timeout`](super::WorkQueue::put_timeout).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct PutTimeout<'a, T> {
        #[pin]
        room: TimeLimit<Reserve<'a, T>>,
        item: Option<T>,
    }
}

impl<'a, T> PutTimeout<'a, T> {
    pub(super) fn new(room: TimeLimit<Reserve<'a, T>>, item: T) -> Self {
        Self {
            room,
            item: Some(item),
        }
    }
}

impl<T> Future for PutTimeout<'_, T> {
    type Output = Result<(), PutTimeoutError<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let room = ready!(this.room.poll(cx));
        let item = this.item.take().expect("it is put once");
        Poll::Ready(match room {
            Ok(Ok(permit)) => permit.put(item).map_err(PutTimeoutError::from),
            Ok(Err(QueueShutDown(()))) => Err(PutTimeoutError::ShutDown(item)),
            Err(_elapsed) => Err(PutTimeoutError::Timeout(item)),
        })
    }
}

pin_project! {
    /// The future of [`WorkQueue::reserve`](super::WorkQueue::reserve).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Reserve<'a, T> {
        #[pin]
        room: ClaimWait<'a, T>,
        shared: &'a QueueShared<T>,
    }
}

impl<'a, T> Reserve<'a, T> {
    pub(super) fn new(shared: &'a QueueShared<T>, place: &'static Location<'static>) -> Self {
        Self {
            room: ClaimWait::new(shared, Wanted::Room, place),
            shared,
        }
    }
}

impl<'a, T> Future for Reserve<'a, T> {
    type Output = Result<PutPermit<'a, T>, QueueShutDown>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let claimed = ready!(this.room.poll_claim(cx));
        Poll::Ready(claimed.map(|()| PutPermit::new(this.shared)))
    }
}

pin_project! {
    /// The future of [`WorkQueue::get`](super::WorkQueue::get).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Get<'a, T> {
        #[pin]
        item: ClaimWait<'a, T>,
        shared: &'a Arc<QueueShared<T>>,
    }
}

impl<'a, T> Get<'a, T> {
    pub(super) fn new(shared: &'a Arc<QueueShared<T>>, place: &'static Location<'static>) -> Self {
        Self {
            item: ClaimWait::new(shared, Wanted::Item, place),
            shared,
        }
    }
}

impl<T> Future for Get<'_, T> {
    type Output = Result<Job<T>, QueueShutDown>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.item.may_try() {
            let unit = ready!(context::poll_proceed(cx));
            let got = this.shared.try_get();
            if !matches!(got, Err(TryGetError::Empty)) {
                unit.made_progress();
                this.item.finish();
                return Poll::Ready(got.map_err(|_shut_down| QueueShutDown(())));
            }
        }
        ready!(this.item.as_mut().poll_claim(cx))?;
        Poll::Ready(this.shared.get_claimed())
    }
}

pin_project! {
    /// The future of [`WorkQueue::join`](super::WorkQueue::join).
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Join<'a, T> {
        #[pin]
        waiter: Waiter<&'a QueueShared<T>>,
        over: bool,
        place: &'static Location<'static>,
    }
}

impl<'a, T> Join<'a, T> {
    pub(super) fn new(shared: &'a QueueShared<T>, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(shared, (), place),
            over: false,
            place,
        }
    }

    /// It is woken: by who finishes or discards the last item.
    fn poll_over(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if this.waiter.is_queued() {
            ready!(this.waiter.poll_departure(Some(cx.waker())));
            return Poll::Ready(());
        }
        // Cloned before the lock: it is foreign code.
        let waker = cx.waker().clone();
        let mut guard = this.waiter.as_mut().lock();
        if guard.queue().state().ledger.unfinished == 0 {
            return Poll::Ready(());
        }
        guard.enqueue_in(JOINERS, Some(waker));
        Poll::Pending
    }
}

impl<T> Future for Join<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.over && self.as_mut().poll_over(cx).is_pending() {
            context::note_wait(WaitKind::Channel, self.place);
            return Poll::Pending;
        }
        // It stays so, whatever is put later.
        *self.as_mut().project().over = true;
        ready!(context::poll_proceed(cx)).made_progress();
        Poll::Ready(())
    }
}

impl<T> fmt::Debug for Put<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Put").field(&self.room).finish()
    }
}

impl<T> fmt::Debug for PutTimeout<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PutTimeout").field(&self.room).finish()
    }
}

impl<T> fmt::Debug for Reserve<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reserve").field(&self.room).finish()
    }
}

impl<T> fmt::Debug for Get<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Get").field(&self.item).finish()
    }
}

impl<T> fmt::Debug for Join<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Join").field(&self.waiter).finish()
    }
}

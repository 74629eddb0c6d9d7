//! Waiting for room in the buffer: the wait itself, and the futures that hand out permits.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::error::{SendError, TrySendError};
use super::state::OnReserve;
use super::{Channel, Permit, PermitIterator, SENDERS, announce};
use crate::context::{self, WaitKind};
use crate::wait_list::{Departure, HostRef, Waiter};
use crate::wake_batch::FirstPanic;

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not looked at yet.
    Created,
    /// In the queue, or released from it, with a part of the places or all.
    Queued,
    /// Has the places, not handed out yet.
    Granted,
    /// Has handed out the places, or learnt that there will be none.
    Done,
}

/// When places were granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Granted {
    /// In this poll.
    Now,
    /// In another, or between two.
    Before,
}

pin_project! {
    /// One wait for places in the buffer; the waiter's datum is how many it misses.
    pub(crate) struct RoomWait<T, R>
    where
        R: HostRef<Host = Channel<T>>,
    {
        #[pin]
        waiter: Waiter<R>,
        phase: Phase,
        count: usize,
        place: &'static Location<'static>,
    }

    impl<T, R> PinnedDrop for RoomWait<T, R>
    where
        R: HostRef<Host = Channel<T>>,
    {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl<T, R: HostRef<Host = Channel<T>>> RoomWait<T, R> {
    #[inline]
    pub(crate) fn new(host: R, count: usize, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(host, 0, place),
            phase: Phase::Created,
            count,
            place,
        }
    }

    /// As [`poll_room`](Self::poll_room), and looks whether the channel was closed since.
    pub(crate) fn poll_confirmed(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), SendError<()>>> {
        let granted = ready!(self.as_mut().poll_room(cx))?;
        Poll::Ready(match granted {
            Granted::Now => Ok(()),
            Granted::Before => self.waiter.host().confirm(self.count),
        })
    }

    /// How many places it waits for.
    fn count(&self) -> usize {
        self.count
    }

    /// `Ok` hands the places to the caller; an error says that the channel is closed.
    ///
    /// The place in the queue is taken before the budget is asked: a task without budget keeps its
    /// turn, and gets what it waited for when it comes again. Room that was granted in an earlier poll, or
    /// between two, counts as not granted if the channel was closed since: the caller looks.
    ///
    /// It is woken: by who gives it the last place it misses, by who closes the channel, or at once
    /// without budget.
    pub(crate) fn poll_room(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Granted, SendError<()>>> {
        let granted = match self.phase {
            Phase::Granted => Ok(Granted::Before),
            Phase::Done => panic!("a future of a channel was polled after it had returned"),
            Phase::Created => ready!(self.as_mut().start(cx.waker())),
            Phase::Queued => ready!(self.as_mut().poll_queued(cx.waker())),
        };
        let this = self.project();
        if granted.is_err() {
            *this.phase = Phase::Done;
            return Poll::Ready(granted);
        }
        *this.phase = Phase::Granted;
        ready!(context::poll_proceed(cx)).made_progress();
        *this.phase = Phase::Done;
        Poll::Ready(granted)
    }

    /// The first poll: takes what is free, and joins the queue for the rest.
    fn start(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<Granted, SendError<()>>> {
        let this = self.project();
        match this.waiter.host().try_reserve(*this.count) {
            Ok(()) => return Poll::Ready(Ok(Granted::Now)),
            Err(TrySendError::Closed(())) => return Poll::Ready(Err(SendError(()))),
            Err(TrySendError::Full(())) => {}
        }
        // Cloned before the lock: it is foreign code.
        let waker = waker.clone();
        let mut guard = this.waiter.lock();
        let channel = guard.host();
        match channel.reserve_or_wait(guard.queue(), *this.count) {
            OnReserve::Closed => Poll::Ready(Err(SendError(()))),
            OnReserve::Granted => {
                // Before the waker is dropped, which may panic.
                *this.phase = Phase::Granted;
                Poll::Ready(Ok(Granted::Now))
            }
            OnReserve::Enqueue { missing } => {
                guard.with_data(|data| *data = missing);
                guard.enqueue_in(SENDERS as u8, Some(waker));
                drop(guard);
                *this.phase = Phase::Queued;
                context::note_wait(WaitKind::Channel, this.place);
                Poll::Pending
            }
        }
    }

    /// The first poll of a wait for one message, which is there: sends it, or joins the queue.
    ///
    /// It is woken: as in [`poll_room`](Self::poll_room), which is to be polled then.
    pub(crate) fn send_or_wait(
        self: Pin<&mut Self>,
        message: &mut Option<T>,
        waker: &Waker,
    ) -> Poll<Result<(), SendError<T>>> {
        // Cloned before the lock: it is foreign code.
        let waker = waker.clone();
        let this = self.project();
        let mut guard = this.waiter.lock();
        let channel = guard.host();
        let reserved = channel.put_or_wait(guard.queue());
        if let OnReserve::Enqueue { missing } = reserved {
            guard.with_data(|data| *data = missing);
            guard.enqueue_in(SENDERS as u8, Some(waker));
            drop(guard);
            *this.phase = Phase::Queued;
            context::note_wait(WaitKind::Channel, this.place);
            return Poll::Pending;
        }
        *this.phase = Phase::Done;
        let message = message.take().expect("the message is there");
        if reserved == OnReserve::Closed {
            return Poll::Ready(Err(SendError(message)));
        }
        let core = guard.queue().state();
        core.messages.push(message);
        channel.level.note(&core.state);
        let receiver = announce(guard.queue());
        drop(guard);
        if let Some(receiver) = receiver {
            receiver.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_queued(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<Granted, SendError<()>>> {
        let mut this = self.project();
        match this.waiter.as_mut().poll_departure(Some(waker)) {
            Poll::Pending => {
                context::note_wait(WaitKind::Channel, this.place);
                Poll::Pending
            }
            Poll::Ready(Departure::Front | Departure::Back) => Poll::Ready(Ok(Granted::Before)),
            Poll::Ready(Departure::Broadcast) => {
                // Closed: what was gathered so far goes back.
                *this.phase = Phase::Done;
                let missing = this.waiter.as_mut().lock().with_data(|missing| *missing);
                this.waiter.host().release(*this.count - missing);
                Poll::Ready(Err(SendError(())))
            }
        }
    }

    /// Ends the wait; gives back the places that nobody will use.
    fn cancel(self: Pin<&mut Self>) {
        let mut this = self.project();
        let mut panic = FirstPanic::default();
        let gathered = match *this.phase {
            Phase::Created | Phase::Done => return,
            Phase::Granted => *this.count,
            Phase::Queued => {
                let mut guard = this.waiter.as_mut().lock();
                let _departure = guard.withdraw();
                let gathered = *this.count - guard.with_data(|missing| *missing);
                // Drops a waker.
                panic.catch(|| drop(guard));
                gathered
            }
        };
        panic.catch(|| this.waiter.host().release(gathered));
        panic.resume_in_drop();
    }
}

impl<T, R: HostRef<Host = Channel<T>>> fmt::Debug for RoomWait<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomWait")
            .field("phase", &self.phase)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of `reserve`: waits for room for one message.
    #[must_use = "futures do nothing unless polled"]
    pub struct Reserve<'a, T> {
        #[pin]
        wait: RoomWait<T, &'a Channel<T>>,
        channel: &'a Channel<T>,
    }
}

impl<'a, T> Reserve<'a, T> {
    pub(crate) fn new(channel: &'a Channel<T>, place: &'static Location<'static>) -> Self {
        Self {
            wait: RoomWait::new(channel, 1, place),
            channel,
        }
    }
}

impl<'a, T> Future for Reserve<'a, T> {
    type Output = Result<Permit<'a, T>, SendError<()>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        ready!(this.wait.poll_confirmed(cx))?;
        Poll::Ready(Ok(Permit::new(this.channel)))
    }
}

impl<T> fmt::Debug for Reserve<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reserve").field(&self.wait).finish()
    }
}

pin_project! {
    /// The future of `reserve_many`: waits for room for some messages.
    #[must_use = "futures do nothing unless polled"]
    pub struct ReserveMany<'a, T> {
        #[pin]
        wait: RoomWait<T, &'a Channel<T>>,
        channel: &'a Channel<T>,
    }
}

impl<'a, T> ReserveMany<'a, T> {
    pub(crate) fn new(
        channel: &'a Channel<T>,
        count: usize,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            wait: RoomWait::new(channel, count, place),
            channel,
        }
    }
}

impl<'a, T> Future for ReserveMany<'a, T> {
    type Output = Result<PermitIterator<'a, T>, SendError<()>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // More than the channel can ever have would wait for ever.
        let count = this.wait.count();
        if this.channel.max_capacity().is_some_and(|most| count > most) {
            return Poll::Ready(Err(SendError(())));
        }
        ready!(this.wait.as_mut().poll_confirmed(cx))?;
        Poll::Ready(Ok(PermitIterator::new(this.channel, count)))
    }
}

impl<T> fmt::Debug for ReserveMany<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReserveMany").field(&self.wait).finish()
    }
}

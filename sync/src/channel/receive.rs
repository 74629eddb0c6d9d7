//! Waiting for a message as one receiver of many, in a queue.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::error::TryRecvError;
use super::state::OnTake;
use super::{Channel, RECEIVERS};
use crate::context::{self, WaitKind};
use crate::wait_list::{Departure, HostRef, Waiter};

impl<T> Channel<T> {
    /// Moves at most `limit` messages that are promised to nobody to the end of `buffer`; gives how many.
    pub(crate) fn try_recv_many(
        &self,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Result<usize, TryRecvError> {
        if limit == 0 {
            return Ok(0);
        }
        self.take_many(buffer, limit, false)
    }
}

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Neither queued nor promised anything.
    Idle,
    /// In the queue, or released from it.
    Queued,
    /// Was promised a message, and has not taken it.
    Promised,
}

pin_project! {
    /// The wait of one receiver of many; can be used for one message after the other.
    pub(crate) struct MessageWait<T, R>
    where
        R: HostRef<Host = Channel<T>>,
    {
        #[pin]
        waiter: Waiter<R>,
        phase: Phase,
        place: &'static Location<'static>,
    }

    impl<T, R> PinnedDrop for MessageWait<T, R>
    where
        R: HostRef<Host = Channel<T>>,
    {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl<T, R: HostRef<Host = Channel<T>>> MessageWait<T, R> {
    #[inline]
    pub(crate) fn new(host: R, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(host, 0, place),
            phase: Phase::Idle,
            place,
        }
    }

    /// Receives a message; `None` says that none will come.
    ///
    /// The place in the queue is taken before the budget is asked: a task without budget keeps its turn.
    ///
    /// It is woken: by who promises it a message, or ends the channel, or at once without budget.
    pub(crate) fn poll_message(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.phase == Phase::Idle && context::budget().has_remaining() {
            match self.waiter.host().try_recv() {
                Ok(message) => return charged(cx, Some(message)),
                Err(TryRecvError::Disconnected) => return charged(cx, None),
                Err(TryRecvError::Empty) => {}
            }
        }
        if !ready!(self.as_mut().poll_promise(cx)) {
            return charged(cx, None);
        }
        ready!(context::poll_proceed(cx)).made_progress();
        let this = self.project();
        *this.phase = Phase::Idle;
        let channel = this.waiter.host();
        let mut queue = channel.queue.lock();
        let core = queue.state();
        core.state.end_promise();
        match core.state.take() {
            OnTake::Message => Poll::Ready(Some(channel.finish_take(queue))),
            OnTake::Wait | OnTake::Over => unreachable!("a message was promised"),
        }
    }

    /// Receives at most `limit` messages; zero says that none will come.
    ///
    /// It is woken: as [`poll_message`](Self::poll_message).
    pub(crate) fn poll_messages(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        if limit == 0 {
            return charged(cx, 0);
        }
        if self.phase == Phase::Idle && context::budget().has_remaining() {
            match self.waiter.host().take_many(buffer, limit, false) {
                Ok(count) => return charged(cx, count),
                Err(TryRecvError::Disconnected) => return charged(cx, 0),
                Err(TryRecvError::Empty) => {}
            }
        }
        if !ready!(self.as_mut().poll_promise(cx)) {
            return charged(cx, 0);
        }
        ready!(context::poll_proceed(cx)).made_progress();
        let this = self.project();
        *this.phase = Phase::Idle;
        let taken = this.waiter.host().take_many(buffer, limit, true);
        Poll::Ready(taken.expect("a message was promised"))
    }

    /// Waits until a message is promised; false if none will come.
    fn poll_promise(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let mut this = self.project();
        let promised = match *this.phase {
            Phase::Promised => true,
            Phase::Queued => match this.waiter.as_mut().poll_departure(Some(cx.waker())) {
                Poll::Ready(Departure::Front | Departure::Back) => true,
                Poll::Ready(Departure::Broadcast) => false,
                Poll::Pending => {
                    context::note_wait(WaitKind::Channel, this.place);
                    return Poll::Pending;
                }
            },
            Phase::Idle => {
                // Cloned before the lock: it is foreign code.
                let waker = cx.waker().clone();
                let mut guard = this.waiter.as_mut().lock();
                let state = &mut guard.queue().state().state;
                if state.has_free_message() {
                    state.promise();
                    // Before the waker is dropped, which may panic.
                    *this.phase = Phase::Promised;
                    drop(guard);
                    true
                } else if state.is_over() {
                    drop(guard);
                    false
                } else {
                    guard.enqueue_in(RECEIVERS as u8, Some(waker));
                    drop(guard);
                    *this.phase = Phase::Queued;
                    context::note_wait(WaitKind::Channel, this.place);
                    return Poll::Pending;
                }
            }
        };
        *this.phase = if promised {
            Phase::Promised
        } else {
            Phase::Idle
        };
        Poll::Ready(promised)
    }

    /// Ends the wait; a message that was promised goes to the next.
    fn cancel(self: Pin<&mut Self>) {
        let mut this = self.project();
        let promised = match *this.phase {
            Phase::Idle => return,
            Phase::Promised => true,
            Phase::Queued => matches!(
                this.waiter.as_mut().lock().withdraw(),
                Some(Departure::Front | Departure::Back)
            ),
        };
        if promised {
            let channel = this.waiter.host();
            let mut queue = channel.queue.lock();
            queue.state().state.end_promise();
            channel.settle(queue);
        }
    }
}

impl<T, R: HostRef<Host = Channel<T>>> fmt::Debug for MessageWait<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageWait")
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

/// The operation is complete and costs a unit; only if there is one left, since it is not undone.
#[inline]
fn charged<R>(cx: &mut Context<'_>, result: R) -> Poll<R> {
    if context::budget().has_remaining() {
        ready!(context::poll_proceed(cx)).made_progress();
    }
    Poll::Ready(result)
}

//! The wait for a message.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
// Shared with users' code, in models too.
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::error::RecvError;
use super::receiver::Receiver;
use super::ring::{Position, Ring};
use super::slot::Read;
use crate::context::{self, WaitKind};
use crate::wait_list::{HostRef, Waiter};

pin_project! {
    /// The future of [`Receiver::recv`].
    ///
    /// Polling it again after it is complete receives the next message.
    #[must_use = "futures do nothing unless polled"]
    pub struct Recv<'a, T> {
        #[pin]
        waiter: Waiter<&'a Ring<T>>,
        next: &'a mut u64,
        place: &'static Location<'static>,
    }
}

impl<'a, T> Recv<'a, T> {
    #[inline]
    pub(super) fn new(receiver: &'a mut Receiver<T>, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(&*receiver.ring, (), place),
            next: &mut receiver.next,
            place,
        }
    }
}

impl<T: Clone> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        poll_recv(this.waiter, this.next, this.place, cx)
    }
}

impl<T> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recv")
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}

/// A wait for one message after the other that may move: for streams.
pub(crate) struct MessageWait<T> {
    waiter: Pin<Box<Waiter<Arc<Ring<T>>>>>,
    place: &'static Location<'static>,
}

impl<T: Clone> MessageWait<T> {
    pub(crate) fn new(receiver: &Receiver<T>, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Box::pin(Waiter::new(receiver.ring.clone(), (), place)),
            place,
        }
    }

    /// Polls for the next message of `receiver`, the one this was made for.
    pub(crate) fn poll_message(
        &mut self,
        receiver: &mut Receiver<T>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<T, RecvError>> {
        poll_recv(self.waiter.as_mut(), &mut receiver.next, self.place, cx)
    }
}

/// Receives the message `next`, or waits for it.
///
/// It is woken: by who sends, ends the channel, or at once: without budget, and while another
/// receiver clones the message. See the argument in the [module](super).
#[inline]
pub(super) fn poll_recv<R, T>(
    mut waiter: Pin<&mut Waiter<R>>,
    next: &mut u64,
    place: &'static Location<'static>,
    cx: &mut Context<'_>,
) -> Poll<Result<T, RecvError>>
where
    R: HostRef<Host = Ring<T>>,
    T: Clone,
{
    if waiter.is_queued() {
        let departed = waiter.as_mut().poll_departure(Some(cx.waker()));
        if departed.is_pending() {
            context::note_wait(WaitKind::Channel, place);
            return Poll::Pending;
        }
    }
    loop {
        let budget = ready!(context::poll_proceed(cx));
        match waiter.host().clone_next(next) {
            Read::Done(value) => {
                budget.made_progress();
                return Poll::Ready(Ok(value));
            }
            Read::Busy => {
                context::note_wait(WaitKind::Channel, place);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Read::Absent => match wait_at_end(waiter.as_mut(), *next, cx.waker()) {
                // It came just now.
                Position::Behind => {}
                Position::AtEnd => {
                    context::note_wait(WaitKind::Channel, place);
                    return Poll::Pending;
                }
                Position::Lagged(missed) => {
                    budget.made_progress();
                    *next = next.wrapping_add(missed);
                    return Poll::Ready(Err(RecvError::Lagged(missed)));
                }
                Position::Ended => {
                    budget.made_progress();
                    return Poll::Ready(Err(RecvError::Closed));
                }
            },
        }
    }
}

/// Looks where the receiver stands, and queues it if that is at the end.
#[inline(never)]
fn wait_at_end<R, T>(waiter: Pin<&mut Waiter<R>>, next: u64, waker: &Waker) -> Position
where
    R: HostRef<Host = Ring<T>>,
{
    // Cloned before the lock: it is foreign code.
    let waker = waker.clone();
    let mut guard = waiter.lock();
    let capacity = guard.host().capacity();
    let position = guard.queue().state().position(next, capacity);
    if position == Position::AtEnd {
        guard.enqueue(Some(waker));
    }
    position
}

//! Waiting for the end of the receiving side.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::{CLOSED, Channel};
use crate::context::{self, WaitKind};
use crate::wait_list::Waiter;

pin_project! {
    /// The future of `closed`: waits until the receiving side has closed the channel, or is gone.
    #[must_use = "futures do nothing unless polled"]
    pub struct Closed<'a, T> {
        #[pin]
        waiter: Waiter<&'a Channel<T>>,
        closed: bool,
        place: &'static Location<'static>,
    }
}

impl<'a, T> Closed<'a, T> {
    pub(crate) fn new(channel: &'a Channel<T>, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(channel, 0, place),
            closed: false,
            place,
        }
    }

    fn poll_closed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if *this.closed {
            return Poll::Ready(());
        }
        if this.waiter.is_queued() {
            return this.waiter.poll_departure(Some(cx.waker())).map(drop);
        }
        if this.waiter.host().state().is_closed() {
            return Poll::Ready(());
        }
        // Cloned before the lock: it is foreign code.
        let waker = cx.waker().clone();
        let mut guard = this.waiter.as_mut().lock();
        if guard.queue().state().state.is_closed() {
            drop(guard);
            return Poll::Ready(());
        }
        guard.enqueue_in(CLOSED as u8, Some(waker));
        Poll::Pending
    }
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    /// It is woken: by who closes the channel, or at once without budget.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.as_mut().poll_closed(cx).is_pending() {
            context::note_wait(WaitKind::Channel, self.place);
            return Poll::Pending;
        }
        *self.as_mut().project().closed = true;
        ready!(context::poll_proceed(cx)).made_progress();
        Poll::Ready(())
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Closed").field(&self.waiter).finish()
    }
}

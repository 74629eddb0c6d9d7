//! The futures that wait for a promise.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::shared::{PromiseShared, QUIET, ResultRef, SETTLED};
use super::{PromiseError, PromiseFuture};
use crate::context::{self, WaitKind};
use crate::wait_list::{HostRef, Waiter};

pin_project! {
    /// A wait for a phase of the promise.
    struct PhaseWait<R>
    where
        R: HostRef,
    {
        #[pin]
        waiter: Waiter<R>,
        list: u8,
        place: &'static Location<'static>,
    }
}

impl<T, E, R: HostRef<Host = PromiseShared<T, E>>> PhaseWait<R> {
    fn new(host: R, list: u8, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(host, (), place),
            list,
            place,
        }
    }

    /// There is no turn to lose without budget: a phase that was reached does not go away.
    fn poll_phase(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.as_mut().poll_reached(cx).is_pending() {
            context::note_wait(WaitKind::Channel, self.place);
            return Poll::Pending;
        }
        ready!(context::poll_proceed(cx)).made_progress();
        Poll::Ready(())
    }

    /// It is woken: by the broadcast that follows the step into the phase.
    fn poll_reached(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if this.waiter.is_queued() {
            return this
                .waiter
                .poll_departure(Some(cx.waker()))
                .map(|_broadcast| ());
        }
        if *this.list == SETTLED && this.waiter.host().is_done() {
            return Poll::Ready(());
        }
        // Cloned before the lock: it is foreign code.
        let waker = cx.waker().clone();
        let mut guard = this.waiter.as_mut().lock();
        if guard.queue().state().is_over(*this.list) {
            return Poll::Ready(());
        }
        guard.enqueue_in(*this.list, Some(waker));
        Poll::Pending
    }
}

pin_project! {
    /// The future of [`PromiseFuture::wait`], and of `&PromiseFuture`.
    ///
    /// Once it is complete it stays so: polling it again gives the result again.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct PromiseWait<'a, T, E> {
        #[pin]
        wait: PhaseWait<&'a PromiseShared<T, E>>,
        shared: &'a PromiseShared<T, E>,
    }
}

impl<'a, T, E> PromiseWait<'a, T, E> {
    pub(super) fn new(shared: &'a PromiseShared<T, E>, place: &'static Location<'static>) -> Self {
        Self {
            wait: PhaseWait::new(shared, SETTLED, place),
            shared,
        }
    }
}

impl<'a, T, E> Future for PromiseWait<'a, T, E> {
    type Output = ResultRef<'a, T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        ready!(this.wait.poll_phase(cx));
        let result = this.shared.result();
        Poll::Ready(result.expect("it is set before anybody is released"))
    }
}

pin_project! {
    /// The future of [`Promise::cancelled`](super::Promise::cancelled).
    ///
    /// Once it is complete it stays so: polling it again gives `Ready`.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct PromiseCancelled<'a, T, E> {
        #[pin]
        wait: PhaseWait<&'a PromiseShared<T, E>>,
    }
}

impl<'a, T, E> PromiseCancelled<'a, T, E> {
    pub(super) fn new(shared: &'a PromiseShared<T, E>, place: &'static Location<'static>) -> Self {
        Self {
            // While its producer waits the promise can only be settled as cancelled.
            wait: PhaseWait::new(shared, SETTLED, place),
        }
    }
}

impl<T, E> Future for PromiseCancelled<'_, T, E> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll_phase(cx)
    }
}

pin_project! {
    /// What the futures that own their handle are made of.
    struct OwnedWait<T, E> {
        #[pin]
        wait: PhaseWait<Arc<PromiseShared<T, E>>>,
        handle: Option<PromiseFuture<T, E>>,
    }
}

impl<T, E> OwnedWait<T, E> {
    fn new(handle: PromiseFuture<T, E>, list: u8, place: &'static Location<'static>) -> Self {
        Self {
            wait: PhaseWait::new(handle.shared().clone(), list, place),
            handle: Some(handle),
        }
    }

    fn poll_handle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<PromiseFuture<T, E>> {
        let this = self.project();
        assert!(
            this.handle.is_some(),
            "the future of a promise was polled after it had returned its result"
        );
        ready!(this.wait.poll_phase(cx));
        Poll::Ready(this.handle.take().expect("looked at above"))
    }
}

pin_project! {
    /// The future of a [`PromiseFuture`] that is awaited by value.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct PromiseResult<T, E> {
        #[pin]
        wait: OwnedWait<T, E>,
    }
}

impl<T, E> PromiseResult<T, E> {
    pub(super) fn new(handle: PromiseFuture<T, E>, place: &'static Location<'static>) -> Self {
        Self {
            wait: OwnedWait::new(handle, SETTLED, place),
        }
    }
}

impl<T: Clone, E: Clone> Future for PromiseResult<T, E> {
    type Output = Result<T, PromiseError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let handle = ready!(self.project().wait.poll_handle(cx));
        Poll::Ready(match handle.try_take() {
            Ok(result) => result,
            Err(shared) => {
                let result = shared.try_result().expect("it is done");
                result.cloned().map_err(Clone::clone)
            }
        })
    }
}

pin_project! {
    /// The future of [`PromiseFuture::take`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct PromiseTake<T, E> {
        #[pin]
        wait: OwnedWait<T, E>,
    }
}

impl<T, E> PromiseTake<T, E> {
    pub(super) fn new(handle: PromiseFuture<T, E>, place: &'static Location<'static>) -> Self {
        Self {
            wait: OwnedWait::new(handle, QUIET, place),
        }
    }
}

impl<T, E> Future for PromiseTake<T, E> {
    type Output = Result<Result<T, PromiseError<E>>, PromiseFuture<T, E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let handle = ready!(self.project().wait.poll_handle(cx));
        Poll::Ready(handle.try_take())
    }
}

impl<R: HostRef> fmt::Debug for PhaseWait<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.waiter, f)
    }
}

impl<T, E> fmt::Debug for PromiseWait<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PromiseWait").field(&self.wait).finish()
    }
}

impl<T, E> fmt::Debug for PromiseCancelled<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PromiseCancelled").field(&self.wait).finish()
    }
}

impl<T, E> fmt::Debug for PromiseResult<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wait = &self.wait.wait;
        f.debug_tuple("PromiseResult").field(wait).finish()
    }
}

impl<T, E> fmt::Debug for PromiseTake<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PromiseTake").field(&self.wait.wait).finish()
    }
}

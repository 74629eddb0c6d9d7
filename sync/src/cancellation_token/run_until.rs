//! The futures that run another one until a token is cancelled.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::wait::{CancellationWait, WaitForCancellationFuture, WaitForCancellationFutureOwned};

pin_project! {
    /// A future that ends early when a token is cancelled.
    struct RunUntil<W, F> {
        #[pin]
        wait: W,
        #[pin]
        future: F,
        polled: bool,
    }
}

impl<W, F> RunUntil<W, F> {
    fn new(wait: W, future: F) -> Self {
        Self {
            wait,
            future,
            polled: false,
        }
    }
}

impl<W: CancellationWait, F: Future> RunUntil<W, F> {
    /// The wait has no part in the budget: a future that always uses it up must still be cancelled.
    ///
    /// It is woken: by what wakes the future, or by who cancels the token.
    fn poll_either(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = self.project();
        let first = !std::mem::replace(this.polled, true);
        if first && this.wait.is_cancelled() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Some(output));
        }
        this.wait.poll_cancelled(cx.waker()).map(|()| None)
    }
}

pin_project! {
    /// The future of [`CancellationToken::run_until_cancelled`].
    ///
    /// [`CancellationToken::run_until_cancelled`]: crate::CancellationToken::run_until_cancelled
    #[must_use = "futures do nothing unless polled"]
    pub struct RunUntilCancelledFuture<'a, F> {
        #[pin]
        run: RunUntil<WaitForCancellationFuture<'a>, F>,
    }
}

pin_project! {
    /// The future of [`CancellationToken::run_until_cancelled_owned`].
    ///
    /// [`CancellationToken::run_until_cancelled_owned`]: crate::CancellationToken::run_until_cancelled_owned
    #[must_use = "futures do nothing unless polled"]
    pub struct RunUntilCancelledFutureOwned<F> {
        #[pin]
        run: RunUntil<WaitForCancellationFutureOwned, F>,
    }
}

impl<'a, F> RunUntilCancelledFuture<'a, F> {
    pub(super) fn new(wait: WaitForCancellationFuture<'a>, future: F) -> Self {
        Self {
            run: RunUntil::new(wait, future),
        }
    }
}

impl<F> RunUntilCancelledFutureOwned<F> {
    pub(super) fn new(wait: WaitForCancellationFutureOwned, future: F) -> Self {
        Self {
            run: RunUntil::new(wait, future),
        }
    }
}

impl<F: Future> Future for RunUntilCancelledFuture<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().run.poll_either(cx)
    }
}

impl<F: Future> Future for RunUntilCancelledFutureOwned<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().run.poll_either(cx)
    }
}

impl<F> fmt::Debug for RunUntilCancelledFuture<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunUntilCancelledFuture")
            .field("wait", &self.run.wait)
            .finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for RunUntilCancelledFutureOwned<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunUntilCancelledFutureOwned")
            .field("wait", &self.run.wait)
            .finish_non_exhaustive()
    }
}

//! The futures that wait for a token to be cancelled.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use super::{CancellationToken, TokenNode};
use crate::event::wait::SetWait;

pin_project! {
    /// The future of [`CancellationToken::cancelled`].
    ///
    /// Once it is complete it stays so: polling it again gives `Ready`.
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFuture<'a> {
        token: &'a CancellationToken,
        #[pin]
        wait: SetWait<&'a TokenNode>,
    }
}

pin_project! {
    /// The future of [`CancellationToken::cancelled_owned`].
    ///
    /// Once it is complete it stays so: polling it again gives `Ready`.
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitForCancellationFutureOwned {
        // Counts as a handle.
        token: CancellationToken,
        #[pin]
        wait: SetWait<Arc<TokenNode>>,
    }
}

/// A wait for a token, borrowed or owned.
pub(super) trait CancellationWait: Future<Output = ()> {
    /// The token.
    fn is_cancelled(&self) -> bool;

    /// Waits without regard to the budget.
    fn poll_cancelled(self: Pin<&mut Self>, waker: &Waker) -> Poll<()>;
}

impl<'a> WaitForCancellationFuture<'a> {
    pub(super) fn new(token: &'a CancellationToken, place: &'static Location<'static>) -> Self {
        Self {
            token,
            wait: SetWait::new(&*token.node, place),
        }
    }
}

impl WaitForCancellationFutureOwned {
    pub(super) fn new(token: CancellationToken, place: &'static Location<'static>) -> Self {
        Self {
            wait: SetWait::new(token.node.clone(), place),
            token,
        }
    }
}

impl CancellationWait for WaitForCancellationFuture<'_> {
    fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    fn poll_cancelled(self: Pin<&mut Self>, waker: &Waker) -> Poll<()> {
        self.project().wait.poll_released(waker)
    }
}

impl CancellationWait for WaitForCancellationFutureOwned {
    fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    fn poll_cancelled(self: Pin<&mut Self>, waker: &Waker) -> Poll<()> {
        self.project().wait.poll_released(waker)
    }
}

impl Future for WaitForCancellationFuture<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll_set(cx)
    }
}

impl Future for WaitForCancellationFutureOwned {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll_set(cx)
    }
}

impl fmt::Debug for WaitForCancellationFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFuture")
            .field("token", self.token)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WaitForCancellationFutureOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFutureOwned")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

//! A limit of time for a whole scope.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use selvedge_sync::context::{Budget, with_budget};

use super::ScopeFuture;
use super::error::ScopeError;
use crate::time::error::Elapsed;
use crate::time::{Duration, Instant, Sleep, sleep, sleep_until};

impl<B, T, E> ScopeFuture<B, T, E> {
    /// Ends the scope, as an error would, if it is not over at `deadline`.
    ///
    /// Body and children are aborted then, and the scope waits until they are gone: a child that does
    /// not reach an await, or blocking work, holds it up beyond the deadline.
    ///
    /// # Panics
    ///
    /// If there is no runtime here to watch the clock.
    ///
    /// ```
    /// use std::future::pending;
    /// use selvedge::task::{self, ScopeError};
    /// use selvedge::time::{Duration, Instant};
    ///
    /// # #[selvedge::main(flavor = "current_thread")] async fn main() {
    /// let deadline = Instant::now() + Duration::from_millis(5);
    /// let ended = task::scope(async |scope| {
    ///     scope.spawn(pending::<Result<(), String>>());
    ///     Ok(())
    /// })
    /// .deadline(deadline)
    /// .await;
    /// assert!(matches!(ended, Err(ScopeError::Elapsed(_))));
    /// # }
    /// ```
    #[track_caller]
    pub fn deadline(self, deadline: Instant) -> ScopeDeadline<B, T, E> {
        ScopeDeadline {
            scope: self,
            delay: Some(sleep_until(deadline)),
        }
    }

    /// As [`deadline`](Self::deadline), `duration` from now.
    ///
    /// # Panics
    ///
    /// As [`deadline`](Self::deadline).
    #[track_caller]
    pub fn within(self, duration: Duration) -> ScopeDeadline<B, T, E> {
        ScopeDeadline {
            scope: self,
            delay: Some(sleep(duration)),
        }
    }
}

pin_project! {
    /// The future of a scope with a [deadline](ScopeFuture::deadline).
    #[must_use = "futures do nothing unless polled"]
    pub struct ScopeDeadline<B, T, E> {
        #[pin]
        scope: ScopeFuture<B, T, E>,
        // `None` once it has passed.
        #[pin]
        delay: Option<Sleep>,
    }
}

impl<B, T, E> Future for ScopeDeadline<B, T, E>
where
    B: Future<Output = Result<T, E>>,
{
    type Output = Result<T, ScopeError<E>>;

    /// It is woken: by what the scope waits for, or by the timer; both know the waker.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(ended) = this.scope.as_mut().poll(cx) {
            return Poll::Ready(ended);
        }
        let Some(delay) = this.delay.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        // A body that uses up the budget in each poll must not keep the limit from being seen.
        if with_budget(Budget::unlimited(), || delay.poll_elapsed(cx)).is_pending() {
            return Poll::Pending;
        }
        this.delay.set(None);
        this.scope.core().fail(ScopeError::Elapsed(Elapsed::new()));
        this.scope.poll(cx)
    }
}

impl<B, T, E> std::fmt::Debug for ScopeDeadline<B, T, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScopeDeadline")
            .field("scope", &self.scope)
            .field("delay", &self.delay)
            .finish()
    }
}

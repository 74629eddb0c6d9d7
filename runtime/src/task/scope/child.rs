//! The future of a child: what it was spawned with, watched for its error or panic.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use selvedge_sync::primitive::Arc;

use super::ScopeCore;
use super::children::{self, Hold};
use super::error::ScopeError;
use crate::task::error::JoinError;
use crate::task::{JoinHandle, id};

pin_project! {
    /// Ends with the output of `future`. If that fails, the scope has the failure, and the child waits
    /// here until the scope's abort reaches it.
    pub(super) struct Child<F, E> {
        // `None`: it failed, or was refused.
        #[pin]
        future: Option<F>,
        core: Arc<ScopeCore<E>>,
        // Dropped last: the scope waits for it. `None` if the child was refused.
        hold: Option<Hold>,
    }
}

impl<F, E> Child<F, E> {
    /// `future` and `hold`: `None` if the scope refuses the child.
    pub(super) fn new(future: Option<F>, core: Arc<ScopeCore<E>>, hold: Option<Hold>) -> Self {
        Self { future, core, hold }
    }
}

impl<F, U, E> Future for Child<F, E>
where
    F: Future<Output = Result<U, E>>,
{
    type Output = U;

    /// It is woken: by what the future waits for. One that failed has had all of the scope aborted,
    /// itself among them; one that was refused is aborted by who spawned it.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<U> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = children::within(this.hold, || {
            catch_unwind(AssertUnwindSafe(|| future.poll(cx)))
        });
        let failure = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(output))) => return Poll::Ready(output),
            Ok(Poll::Ready(Err(error))) => ScopeError::Failed(error),
            Err(payload) => ScopeError::Panicked(JoinError::panicked(id(), payload)),
        };
        this.core.fail(failure);
        this.future.set(None);
        Poll::Pending
    }
}

/// Blocking work whose task is aborted with the child that waits for it, if it has not begun.
pub(super) struct Work<R>(pub(super) JoinHandle<R>);

impl<R> Future for Work<R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        match Pin::new(&mut self.0).poll(cx) {
            Poll::Ready(Ok(output)) => Poll::Ready(output),
            Poll::Ready(Err(error)) => match error.try_into_panic() {
                Ok(payload) => resume_unwind(payload),
                Err(_) => panic!("the runtime shut down before this work of a scope began"),
            },
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<R> Drop for Work<R> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

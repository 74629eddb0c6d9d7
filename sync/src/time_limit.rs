//! A wait that gives up after some time.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::clock::{self, Alarm};
use crate::context;

/// The time was up before the wait was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed(pub(crate) ());

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time was up before the wait was over")
    }
}

impl Error for Elapsed {}

pin_project! {
    /// The future of every `*_timeout` method: the wait, and when to give it up.
    ///
    /// The time runs from the first poll that has to wait: a wait that is over at once reads no clock.
    /// When the time is up the place in the queue is lost. What arrives in the same moment wins over the
    /// time limit. The timer is allocated when there is something to wait for.
    ///
    /// # Cancel safety
    ///
    /// That of the wait.
    #[must_use = "futures do nothing unless polled"]
    pub struct TimeLimit<F> {
        #[pin]
        wait: F,
        limit: Duration,
        alarm: Option<Alarm>,
    }
}

impl<F> TimeLimit<F> {
    #[inline]
    pub(crate) fn new(wait: F, limit: Duration) -> Self {
        Self {
            wait,
            limit,
            alarm: None,
        }
    }
}

impl<F: Future> Future for TimeLimit<F> {
    type Output = Result<F::Output, Elapsed>;

    /// It is woken: by what wakes the wait, or by the alarm.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.wait.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let alarm = this.alarm.get_or_insert_with(|| clock::alarm(*this.limit));
        // A wait without budget must not keep its limit from being looked at, and what the task waits for
        // is not the time.
        let elapsed = context::aside(|| alarm.as_mut().poll(cx));
        elapsed.map(|()| Err(Elapsed(())))
    }
}

impl<F: fmt::Debug> fmt::Debug for TimeLimit<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeLimit")
            .field("wait", &self.wait)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

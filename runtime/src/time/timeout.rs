//! Bounding how long a future may take.

use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use selvedge_sync::context::{self as task_context, Budget};

use super::error::Elapsed;
use super::{Instant, Sleep};
use crate::context;

/// Waits for `future`, for `duration` at most.
///
/// The time runs from this call. The future is polled first: if it is ready, the time does not
/// matter, and a timeout of zero polls it once. A future that blocks its thread cannot be
/// interrupted. A duration the platform cannot add to the present means no limit.
///
/// # Errors
///
/// [`Elapsed`] if the time was up first. The future is dropped with the returned one.
///
/// # Cancel safety
///
/// As safe as that of `future`: dropping this one drops it.
///
/// # Panics
///
/// If there is no runtime here to watch the clock. The returned future panics if that runtime has
/// shut down.
///
/// # Examples
///
/// ```
/// use std::future::pending;
/// use selvedge::time::{Duration, timeout};
///
/// # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let answer = timeout(Duration::from_millis(1), pending::<()>()).await;
/// assert!(answer.is_err());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    let delay = match Instant::now().checked_add(duration) {
        Some(deadline) => Some(Sleep::new(deadline, Location::caller())),
        None => {
            // Panics where a shorter timeout would.
            context::timers();
            None
        }
    };
    Timeout {
        value: future.into_future(),
        delay,
    }
}

/// Waits for `future`, until `deadline` at most.
///
/// As [`timeout`], but with a point in time.
///
/// # Errors
///
/// [`Elapsed`] if the time was up first.
///
/// # Cancel safety
///
/// As safe as that of `future`: dropping this one drops it.
///
/// # Panics
///
/// As [`timeout`].
///
/// # Examples
///
/// Two steps that share one limit:
///
/// ```
/// use selvedge::time::{Duration, Instant, sleep, timeout_at};
///
/// # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let deadline = Instant::now() + Duration::from_secs(60);
/// timeout_at(deadline, sleep(Duration::from_millis(1))).await?;
/// timeout_at(deadline, sleep(Duration::from_millis(1))).await?;
/// # Ok::<(), selvedge::time::error::Elapsed>(())
/// # }).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    Timeout {
        value: future.into_future(),
        delay: Some(Sleep::new(deadline, Location::caller())),
    }
}

pin_project! {
    /// The future of [`timeout`] and [`timeout_at`].
    #[must_use = "a timeout does nothing unless it is awaited"]
    #[derive(Debug)]
    pub struct Timeout<T> {
        #[pin]
        value: T,
        // `None`: no limit.
        #[pin]
        delay: Option<Sleep>,
    }
}

impl<T> Timeout<T> {
    /// The future inside.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The future inside.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The future inside, without limit.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: Future> Future for Timeout<T> {
    type Output = Result<T::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // It is woken: by whatever the value waits for, or by the timer; both know the waker now.
        let this = self.project();
        let had_budget = task_context::budget().has_remaining();
        if let Poll::Ready(value) = this.value.poll(cx) {
            return Poll::Ready(Ok(value));
        }
        match this.delay.as_pin_mut() {
            Some(delay) => poll_delay(delay, had_budget, cx).map(Err),
            None => Poll::Pending,
        }
    }
}

/// Polls the delay. What the value noted as its wait stays: it says more than "a timer".
///
/// A value that uses up the budget in each poll must not keep the limit from being seen: then the
/// delay is polled without budget.
fn poll_delay(delay: Pin<&mut Sleep>, had_budget: bool, cx: &mut Context<'_>) -> Poll<Elapsed> {
    let value_used_it_up = had_budget && !task_context::budget().has_remaining();
    let poll = || delay.poll_elapsed(cx).map(|()| Elapsed::new());
    if value_used_it_up {
        task_context::with_budget(Budget::unlimited(), poll)
    } else {
        poll()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

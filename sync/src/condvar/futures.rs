//! The futures of the waits at a condition variable.

use std::fmt;
use std::future::{Future, Pending, pending};
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::wait::{CondWait, Told};
use super::{Condvar, WaitTimeoutResult};
use crate::mutex::LockGuard;
use crate::time_limit::TimeLimit;

/// When a wait gives up.
struct Deadline {
    alarm: TimeLimit<Pending<()>>,
    is_over: bool,
}

impl Deadline {
    fn new(limit: Duration) -> Self {
        Self {
            alarm: TimeLimit::new(pending(), limit),
            is_over: false,
        }
    }

    /// It is woken: by the alarm.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> bool {
        self.is_over = self.is_over || Pin::new(&mut self.alarm).poll(cx).is_ready();
        self.is_over
    }
}

pin_project! {
    /// The future of [`Condvar::wait`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Wait<'c, G>
    where
        G: LockGuard,
    {
        #[pin]
        wait: CondWait<'c, G>,
    }
}

pin_project! {
    /// The future of [`Condvar::wait_timeout`].
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitTimeout<'c, G>
    where
        G: LockGuard,
    {
        #[pin]
        wait: CondWait<'c, G>,
        deadline: Deadline,
    }
}

pin_project! {
    /// The future of [`Condvar::wait_while`].
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitWhile<'c, G, F>
    where
        G: LockGuard,
    {
        #[pin]
        rounds: Rounds<'c, G, F>,
    }
}

pin_project! {
    /// The future of [`Condvar::wait_while_timeout`].
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitWhileTimeout<'c, G, F>
    where
        G: LockGuard,
    {
        #[pin]
        rounds: Rounds<'c, G, F>,
        deadline: Deadline,
    }
}

pin_project! {
    /// Waits, one after the other, until a condition is over.
    struct Rounds<'c, G, F>
    where
        G: LockGuard,
    {
        condvar: &'c Condvar,
        condition: F,
        // Between two waits.
        guard: Option<G>,
        #[pin]
        wait: Option<CondWait<'c, G>>,
        place: &'static Location<'static>,
    }
}

impl<'c, G, F> Rounds<'c, G, F>
where
    G: LockGuard,
    F: FnMut(&mut <G as Deref>::Target) -> bool,
{
    /// True with the guard if the condition holds all the same, because the time is up.
    ///
    /// It is woken: as each of the waits.
    fn poll_rounds(self: Pin<&mut Self>, cx: &mut Context<'_>, is_over: bool) -> Poll<(G, bool)> {
        let mut this = self.project();
        loop {
            if let Some(mut guard) = this.guard.take() {
                let holds = (this.condition)(&mut guard);
                if !holds || is_over {
                    return Poll::Ready((guard, holds));
                }
                let wait = CondWait::new(this.condvar, guard, this.place);
                this.wait.set(Some(wait));
            }
            let Some(wait) = this.wait.as_mut().as_pin_mut() else {
                panic!("a wait was polled after it had returned");
            };
            let (guard, _told) = ready!(wait.poll_wait(cx, is_over));
            this.wait.set(None);
            *this.guard = Some(guard);
        }
    }
}

impl<'c, G: LockGuard> Wait<'c, G> {
    pub(super) fn new(condvar: &'c Condvar, guard: G, place: &'static Location<'static>) -> Self {
        Self {
            wait: CondWait::new(condvar, guard, place),
        }
    }
}

impl<'c, G: LockGuard> WaitTimeout<'c, G> {
    pub(super) fn new(wait: Wait<'c, G>, limit: Duration) -> Self {
        Self {
            wait: wait.wait,
            deadline: Deadline::new(limit),
        }
    }
}

impl<'c, G: LockGuard, F> WaitWhile<'c, G, F> {
    pub(super) fn new(
        condvar: &'c Condvar,
        guard: G,
        condition: F,
        place: &'static Location<'static>,
    ) -> Self {
        let rounds = Rounds {
            condvar,
            condition,
            guard: Some(guard),
            wait: None,
            place,
        };
        Self { rounds }
    }
}

impl<'c, G: LockGuard, F> WaitWhileTimeout<'c, G, F> {
    pub(super) fn new(wait: WaitWhile<'c, G, F>, limit: Duration) -> Self {
        Self {
            rounds: wait.rounds,
            deadline: Deadline::new(limit),
        }
    }
}

impl<G: LockGuard> Future for Wait<'_, G> {
    type Output = G;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<G> {
        let polled = self.project().wait.poll_wait(cx, false);
        polled.map(|(guard, _told)| guard)
    }
}

impl<G: LockGuard> Future for WaitTimeout<'_, G> {
    type Output = (G, WaitTimeoutResult);

    /// It is woken: by what wakes the wait, or by the alarm.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut polled = this.wait.as_mut().poll_wait(cx, this.deadline.is_over);
        if polled.is_pending() && !this.deadline.is_over && this.deadline.poll_over(cx) {
            polled = this.wait.poll_wait(cx, true);
        }
        polled.map(|(guard, told)| (guard, WaitTimeoutResult(told == Told::ByNobody)))
    }
}

impl<G, F> Future for WaitWhile<'_, G, F>
where
    G: LockGuard,
    F: FnMut(&mut <G as Deref>::Target) -> bool,
{
    type Output = G;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<G> {
        let polled = self.project().rounds.poll_rounds(cx, false);
        polled.map(|(guard, _holds)| guard)
    }
}

impl<G, F> Future for WaitWhileTimeout<'_, G, F>
where
    G: LockGuard,
    F: FnMut(&mut <G as Deref>::Target) -> bool,
{
    type Output = (G, WaitTimeoutResult);

    /// It is woken: by what wakes the waits, or by the alarm.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut polled = this.rounds.as_mut().poll_rounds(cx, this.deadline.is_over);
        if polled.is_pending() && !this.deadline.is_over && this.deadline.poll_over(cx) {
            polled = this.rounds.poll_rounds(cx, true);
        }
        polled.map(|(guard, holds)| (guard, WaitTimeoutResult(holds)))
    }
}

impl<G: LockGuard> fmt::Debug for Wait<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").finish_non_exhaustive()
    }
}

impl<G: LockGuard> fmt::Debug for WaitTimeout<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitTimeout").finish_non_exhaustive()
    }
}

impl<G: LockGuard, F> fmt::Debug for WaitWhile<'_, G, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitWhile").finish_non_exhaustive()
    }
}

impl<G: LockGuard, F> fmt::Debug for WaitWhileTimeout<'_, G, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitWhileTimeout").finish_non_exhaustive()
    }
}

//! The futures of a task tracker: what is tracked, and who waits.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::{TaskTrackerToken, Tracked};
use crate::context::{self, WaitKind};
use crate::wait_list::Waiter;

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not looked at yet; created after the tracker was closed and empty so many times.
    Created { times: usize },
    /// In the queue, or released from it.
    Queued,
    /// The tracker was closed and empty; not returned yet.
    Released,
    /// Has returned.
    Done,
}

pin_project! {
    /// The future of [`TaskTracker::wait`](super::TaskTracker::wait).
    ///
    /// Once it is complete it stays so: polling it again gives `Ready`.
    #[must_use = "futures do nothing unless polled"]
    pub struct TaskTrackerWaitFuture<'a> {
        #[pin]
        waiter: Waiter<&'a Tracked>,
        phase: Phase,
        place: &'static Location<'static>,
    }
}

impl<'a> TaskTrackerWaitFuture<'a> {
    pub(super) fn new(tracked: &'a Tracked, place: &'static Location<'static>) -> Self {
        // Under the lock, so that the word and the count belong together (I1).
        let mut waiters = tracked.waiters.lock();
        let phase = if tracked.state().is_over() {
            Phase::Released
        } else {
            Phase::Created {
                times: *waiters.state(),
            }
        };
        drop(waiters);
        Self {
            waiter: Waiter::new(tracked, (), place),
            phase,
            place,
        }
    }
}

/// The first poll: joins the queue, unless what it waits for has happened.
fn start(waiter: Pin<&mut Waiter<&Tracked>>, times: usize, waker: &Waker) -> Poll<()> {
    // Cloned before the lock: it is foreign code.
    let waker = waker.clone();
    let mut guard = waiter.lock();
    if guard.host().state().is_over() || *guard.queue().state() != times {
        drop(guard);
        return Poll::Ready(());
    }
    guard.enqueue(Some(waker));
    Poll::Pending
}

impl Future for TaskTrackerWaitFuture<'_> {
    type Output = ();

    /// It is woken: by who takes the last task or closes the tracker, see the argument in the
    /// module.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let polled = match *this.phase {
            Phase::Done => return Poll::Ready(()),
            Phase::Released => Poll::Ready(()),
            Phase::Queued => this.waiter.poll_departure(Some(cx.waker())).map(drop),
            Phase::Created { times } => start(this.waiter, times, cx.waker()),
        };
        if polled.is_pending() {
            *this.phase = Phase::Queued;
            context::note_wait(WaitKind::Notify, this.place);
            return Poll::Pending;
        }
        *this.phase = Phase::Released;
        ready!(context::poll_proceed(cx)).made_progress();
        *this.phase = Phase::Done;
        Poll::Ready(())
    }
}

impl fmt::Debug for TaskTrackerWaitFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTrackerWaitFuture")
            .field("phase", &self.phase)
            .field("tracker", &self.waiter.host().state())
            .finish()
    }
}

pin_project! {
    /// The future of [`TaskTracker::track_future`](super::TaskTracker::track_future): tracked until it
    /// is dropped.
    #[must_use = "futures do nothing unless polled"]
    pub struct TrackedFuture<F> {
        // Dropped before the token, which ends the tracking.
        #[pin]
        future: F,
        token: TaskTrackerToken,
    }
}

impl<F> TrackedFuture<F> {
    pub(super) fn new(future: F, token: TaskTrackerToken) -> Self {
        Self { future, token }
    }
}

impl<F: Future> Future for TrackedFuture<F> {
    type Output = F::Output;

    /// It is woken: by what wakes the tracked future.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F: fmt::Debug> fmt::Debug for TrackedFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackedFuture")
            .field("future", &self.future)
            .field("task_tracker", self.token.task_tracker())
            .finish()
    }
}
